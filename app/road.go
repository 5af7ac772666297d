package app

import (
	"fmt"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/ledger"
	"duban/views"
	"duban/views/text"
)

func (s *Server) setStandard(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.SetStandard, Text: c.FormValue("words")}
	_, err := b.SetStandard(item, typed.Text)
	return s.done(c, b, item, err, typed, "standard.saved")
}

func (s *Server) assignItem(c echo.Context, b *models.Board, item models.Item) error {
	to := models.Assignment{LeaderID: referred(c, "leader"), HandlerID: referred(c, "handler")}
	for _, id := range chosenRows(c, "assistants") {
		if id != nil {
			to.Assistants = append(to.Assistants, *id)
		}
	}
	_, err := b.AssignItem(item, to)
	return s.done(c, b, item, err, views.Typed{Of: models.AssignItem, Assigned: &to}, "assignment.saved")
}

func (s *Server) acknowledge(c echo.Context, b *models.Board, item models.Item) error {
	_, err := b.Acknowledge(item)
	return s.done(c, b, item, err, views.Typed{Of: models.AcknowledgeItem}, "receipt.saved")
}

// planned is one row of a plan's form; row is "_1" and so on, "" for a form of one.
func planned(c echo.Context, row string) models.PlannedMeasure {
	return models.PlannedMeasure{
		Text: c.FormValue("text" + row), Kind: c.FormValue("kind" + row), Owner: c.FormValue("owner" + row), DueOn: models.Day(c.FormValue("due_on" + row)),
	}
}

func (s *Server) plan(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.AddMeasures}
	for n := range views.PlanRows {
		typed.Plan = append(typed.Plan, planned(c, fmt.Sprintf("_%d", n+1)))
	}
	_, err := b.Plan(item, typed.Plan)
	return s.done(c, b, item, err, typed, "measure.planned_saved")
}

func (s *Server) reviseMeasure(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "measure")
	if err != nil {
		return err
	}
	typed := views.Typed{Of: models.ReviseMeasure, Measure: id, Plan: []models.PlannedMeasure{planned(c, "")}}
	_, err = b.ReviseMeasure(item, id, typed.Plan[0])
	return s.done(c, b, item, err, typed, "measure.revised")
}

func (s *Server) setDate(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.SetDate, Day: c.FormValue("due_on"), Text: c.FormValue("words")}
	_, err := b.SetDate(item, models.Day(typed.Day), typed.Text)
	return s.done(c, b, item, err, typed, "date.set.saved")
}

func (s *Server) proposeDate(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.ProposeDate, Day: c.FormValue("due_on"), Text: c.FormValue("words")}
	_, err := b.ProposeDate(item, models.Day(typed.Day), typed.Text)
	return s.done(c, b, item, err, typed, "date.proposed.saved")
}

func (s *Server) correctDate(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.CorrectItem, Day: c.FormValue("deadline"), Text: c.FormValue("words")}
	_, err := b.CorrectItem(item, []models.Correction{{Field: ledger.FieldDeadline, To: typed.Day}}, typed.Text)
	return s.done(c, b, item, err, typed, "date.corrected.saved")
}

func (s *Server) askExtension(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.AskExtension, Day: c.FormValue("until"), Text: c.FormValue("words")}
	_, err := b.AskExtension(item, models.Day(typed.Day), typed.Text)
	return s.done(c, b, item, err, typed, "extension.asked")
}

func (s *Server) withdrawExtension(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "extension")
	if err != nil {
		return err
	}
	_, err = b.WithdrawExtension(item, id)
	return s.done(c, b, item, err, views.Typed{Of: models.WithdrawExtension}, "extension.withdrawn")
}

func (s *Server) grantExtension(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "extension")
	if err != nil {
		return err
	}
	typed := views.Typed{Of: models.GrantExtension, Text: c.FormValue("words"), DocNo: c.FormValue("doc_no")}
	_, err = b.GrantExtension(item, id, typed.Text, typed.DocNo)
	return s.done(c, b, item, err, typed, "extension.granted")
}

func (s *Server) refuseExtension(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "extension")
	if err != nil {
		return err
	}
	typed := views.Typed{Of: models.RefuseExtension, Text: c.FormValue("words")}
	_, err = b.RefuseExtension(item, id, typed.Text)
	return s.done(c, b, item, err, typed, "extension.refused")
}

func (s *Server) sign(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.SignItem, Agreed: c.FormValue("pledge") != ""}
	_, err := b.Sign(item, models.Pledge{Agreed: typed.Agreed, Password: c.FormValue("password")})
	return s.done(c, b, item, err, typed, "signature.saved")
}

func (s *Server) unsign(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.UnsignItem, Text: c.FormValue("words")}
	_, err := b.Unsign(item, typed.Text)
	return s.done(c, b, item, err, typed, "signature.sent_back")
}

func (s *Server) submit(c echo.Context, b *models.Board, item models.Item) error {
	_, err := b.Submit(item)
	return s.done(c, b, item, err, views.Typed{Of: models.SubmitItem}, "submission.saved")
}

func (s *Server) withdraw(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.WithdrawItem, Text: c.FormValue("words")}
	_, err := b.Withdraw(item, typed.Text)
	return s.done(c, b, item, err, typed, "withdrawal.saved")
}

func (s *Server) sendBack(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.ReturnItem, Reason: c.FormValue("reason"), Text: c.FormValue("words")}
	_, err := b.Return(item, typed.Reason, typed.Text)
	return s.done(c, b, item, err, typed, "return.saved")
}

func (s *Server) close(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.CloseItem, Text: c.FormValue("words")}
	done, err := b.Close(item, typed.Text)
	said := "closure.saved"
	if done.Status != models.Closed {
		said = "verification.saved"
	}
	return s.done(c, b, item, err, typed, said)
}

func (s *Server) stage(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.StageItem, Text: c.FormValue("words"), Day: c.FormValue("review_on")}
	done, err := b.Stage(item, typed.Text, models.Day(typed.Day))
	said := "stage.saved"
	if done.Status == models.Submitted {
		said = "verification.saved"
	}
	return s.done(c, b, item, err, typed, said)
}

func (s *Server) reopen(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.ReopenItem, Text: c.FormValue("words"), Day: c.FormValue("until")}
	_, err := b.Reopen(item, typed.Text, models.Day(typed.Day))
	return s.done(c, b, item, err, typed, "reopening.saved")
}

func (s *Server) askVoiding(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.AskVoiding, Text: c.FormValue("words")}
	_, err := b.AskVoiding(item, typed.Text)
	return s.done(c, b, item, err, typed, "voiding.asked")
}

func (s *Server) void(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "voiding")
	if err != nil {
		return err
	}
	_, err = b.Void(item, id)
	return s.done(c, b, item, err, views.Typed{Of: models.VoidItem}, "voiding.saved")
}

func (s *Server) refuseVoiding(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "voiding")
	if err != nil {
		return err
	}
	typed := views.Typed{Of: models.RefuseVoiding, Text: c.FormValue("words")}
	_, err = b.RefuseVoiding(item, id, typed.Text)
	return s.done(c, b, item, err, typed, "voiding.refused")
}

// showSheet is the closing sheet 销号单 of an item, to be printed.
func (s *Server) showSheet(c echo.Context, b *models.Board, item models.Item) error {
	v, err := s.sheet(c, b, item)
	if err != nil {
		return err
	}
	return s.show(c, b, 200, "items", item.Number, views.SheetPage(v))
}

// sheet is all that stands on it. The signatures are those under what was handed in
// last, or under what is about to be.
func (s *Server) sheet(c echo.Context, b *models.Board, item models.Item) (v views.Sheet, err error) {
	v = views.Sheet{Item: item}
	units, err := b.UnitsByID()
	if err != nil {
		return v, err
	}
	v.Unit = units[item.UnitID]
	if v.Round, err = roundOf(b, item); err != nil {
		return v, err
	}
	if v.Measures, err = b.Measures(item); err != nil {
		return v, err
	}
	if v.Evidence, err = b.EvidenceOf(item); err != nil {
		return v, err
	}
	submissions, err := b.SubmissionsOf(item)
	if err != nil {
		return v, err
	}
	if len(submissions) > 0 {
		v.Spans = b.SpansOf(item, submissions)
	}
	signatures, err := b.SignaturesOf(item)
	if err != nil {
		return v, err
	}
	verdicts, err := b.VerificationsOf(item)
	if err != nil {
		return v, err
	}
	closures, err := b.ClosuresOf(item)
	if err != nil {
		return v, err
	}
	waiting := len(submissions) > 0 && (submissions[0].Outcome == "" || item.Status == models.Closed)
	var ids []int64
	for _, given := range slices.Backward(signatures) {
		if given.Stands() && (!waiting || given.SHA256 == submissions[0].SHA256) {
			v.Signatures, ids = append(v.Signatures, given), append(ids, given.ByID)
		}
	}
	for _, given := range slices.Backward(verdicts) {
		if waiting && given.SubmissionID == submissions[0].ID {
			v.Verdicts, ids = append(v.Verdicts, given), append(ids, given.ByID)
		}
	}
	if item.Status == models.Closed && len(closures) > 0 {
		v.Closure = &closures[0]
	}
	ctx, zone := c.Request().Context(), b.Now().Location()
	v.When = func(at time.Time) string { return text.Moment(ctx, at.In(zone), string(b.Today())) }
	v.Names, err = b.NamesOf(ids)
	return v, err
}

// roundOf is the round an item was found in.
func roundOf(b *models.Board, item models.Item) (models.Round, error) {
	rounds, err := b.Rounds()
	if n := slices.IndexFunc(rounds, func(r models.Round) bool { return r.ID == item.RoundID }); n >= 0 {
		return rounds[n], err
	}
	return models.Round{}, err
}
