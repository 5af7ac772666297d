// Package app answers the browser. It is the only room of the house that knows
// HTTP and Echo: it reads a form, asks a models.Board, and shows a page or sends
// the browser on. Who may do what is decided in models, never here.
package app
