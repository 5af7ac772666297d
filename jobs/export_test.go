package jobs

import "time"

// WaitsFor has the runner wait so long for its mail server from now on.
func (r *Runner) WaitsFor(patience time.Duration) { r.mail.Patience = patience }

// Told is closed when the runner has been told to end.
func (r *Runner) Told() <-chan struct{} { return r.ending.Done() }
