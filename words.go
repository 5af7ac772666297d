package main

import (
	"context"
	"fmt"

	"duban/models"
)

type wordsCommand struct{}

// Run makes anew what a search looks in: for a database that was changed by hand, or put
// back without it. The program may go on meanwhile.
func (wordsCommand) Run(ctx context.Context, s Settings) error {
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	all := 0
	if err := store.Board(ctx, models.TheClerk).RebuildWords(func(items int) { all = items }); err != nil {
		return err
	}
	fmt.Printf("%d items can be searched.\n", all)
	return nil
}
