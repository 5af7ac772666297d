package jobs

import (
	"context"
	"errors"

	"duban/models"
)

// sweep removes what has had its time: expired sessions, drafts nobody came back to, files of imports, old mails,
// old runs, and bytes in the vault that no evidence speaks of.
func sweep(_ context.Context, r *Run) (gone int, err error) {
	var failed []error
	for _, old := range []func(*models.Board) (int, error){
		(*models.Board).SweepSessions, (*models.Board).SweepDrafts, (*models.Board).SweepImports, (*models.Board).SweepMails, (*models.Board).SweepRuns, (*models.Board).SweepFiles,
	} {
		n, err := old(r.Board)
		gone += n
		failed = append(failed, err)
	}
	return gone, errors.Join(failed...)
}
