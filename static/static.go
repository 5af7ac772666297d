// Package static holds the style sheet, the scripts and the pictures, embedded,
// so that one binary serves everything and no request leaves the host.
package static
