// Package headway says how far something long has come: the reading of a ledger, its
// writing, the verifying of the trail. Who waits for it puts a listener into the context;
// who does it says now and then how many rows are done. It is a leaf and knows nothing of
// what is done.
package headway

import "context"

// Step is what is being done.
type Step string

// The steps that say how far they are.
const (
	Reading   Step = "reading"
	Writing   Step = "writing"
	Verifying Step = "verifying"
)

// Headway is how far a step has come: so many rows are done, of so many, 0 where nobody
// knows yet.
type Headway struct {
	Step     Step
	Done, Of int
}

type listenerKey struct{}

// Heard is a context in which listen hears of what is under way. It is called by who does
// the work, some hundred rows apart, and is to return at once.
func Heard(ctx context.Context, listen func(Headway)) context.Context {
	return context.WithValue(ctx, listenerKey{}, listen)
}

// Say says how far a step is to whoever listens.
func Say(ctx context.Context, s Step, done, of int) {
	if listen, ok := ctx.Value(listenerKey{}).(func(Headway)); ok {
		listen(Headway{s, done, of})
	}
}
