// Package host asks the machine what Go's standard library does not, and each
// system says differently: to hold a file for one program alone, how much room a
// disk has, what a full disk is called, whether others may look into a folder, and
// how the names in a folder are brought to the disk. It knows nothing of the
// register.
package host

import "errors"

// ErrHeld is the answer of Hold when another program, or another part of this one,
// holds the file.
var ErrHeld = errors.New("another program holds it")
