package app

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

func (s *Server) showItem(c echo.Context, b *models.Board, item models.Item) error {
	return s.showItemPage(c, b, item, http.StatusOK, views.Typed{})
}

// from is the list the reader came from, as the item's address carries it.
func from(c echo.Context, b *models.Board) models.Filter {
	q, err := url.ParseQuery(c.FormValue("from"))
	if err != nil {
		return models.Filter{}
	}
	f, _ := models.ParseFilter(q, b.Today())
	return f
}

func (s *Server) showItemPage(c echo.Context, b *models.Board, item models.Item, status int, typed views.Typed) error {
	v := views.ItemView{Item: item, May: once(b.May), From: from(c, b), Typed: typed, MayImport: b.MayImport(item.UnitID), Me: b.Me().ID, SeesDraws: b.MayGovern(models.GovernRechecks), Role: b.Me().Role, WhyNot: b.WhyNot}
	var err error
	if v.Measures, err = b.Measures(item); err != nil {
		return err
	}
	if v.Evidence, err = s.evidenceView(c, b, item, v.Measures, typed.Evidence); err != nil {
		return err
	}
	units, err := b.UnitsByID()
	if err != nil {
		return err
	}
	v.Unit = units[item.UnitID]
	if v.Round, err = roundOf(b, item); err != nil {
		return err
	}
	if v.Head, err = b.HeadOf(item); err != nil {
		return err
	}
	if v.Lines, err = trailLines(c, b, item, units); err != nil {
		return err
	}
	if v.Rechecks, v.Names, err = recheckedBy(b, item); err != nil {
		return err
	}
	if v.Signals, v.SignalNames, err = signalsOn(b, item); err != nil {
		return err
	}
	if v.SelfCheck, err = b.SelfCheck(item); err != nil {
		return err
	}
	if v.Road, err = roadOf(b, item); err != nil {
		return err
	}
	if v.Letters, err = b.LettersOf(item); err != nil {
		return err
	}
	if v.LetterNames, err = signersOf(b, v.Letters); err != nil {
		return err
	}
	if typed.Stale {
		v.Meanwhile = meanwhile(v.Lines, item.Version-typed.Seen)
	}
	v.Lines, v.Kind, v.Earlier = shownLines(c, v.Lines)
	if v.Before, v.After, v.Place, v.Of, err = b.Neighbours(v.From, item); err != nil {
		return err
	}
	return s.show(c, b, status, "items", item.Number+" "+item.Title, views.ItemPage(v))
}

// once asks each question of an item once for a page that asks it in many places.
func once(may func(models.Act, models.Item) bool) func(models.Act, models.Item) bool {
	told := map[models.Act]bool{}
	return func(a models.Act, item models.Item) bool {
		answer, ok := told[a]
		if !ok {
			answer = may(a, item)
			told[a] = answer
		}
		return answer
	}
}

// roadOf is where an item stands on its road: what is missing, who signed, who is to
// verify, how its date was moved.
func roadOf(b *models.Board, item models.Item) (r views.Road, err error) {
	if item.Status.InHand() {
		if r.Gate, err = b.Gate(item); err != nil {
			return r, err
		}
	}
	if item.Status == models.Submitted || item.StatedOn != "" {
		if r.Awaited, err = b.Awaited(item); err != nil {
			return r, err
		}
	}
	if r.Extensions, err = b.ExtensionsOf(item); err != nil {
		return r, err
	}
	if r.Verifications, err = b.VerificationsOf(item); err != nil {
		return r, err
	}
	if r.Closures, err = b.ClosuresOf(item); err != nil {
		return r, err
	}
	if r.Voiding, err = b.PendingVoiding(item); err != nil {
		return r, err
	}
	if r.Assistants, err = b.AssistantsOf(item); err != nil {
		return r, err
	}
	if b.May(models.AssignItem, item) {
		if r.Assignable, err = b.Assignable(item); err != nil {
			return r, err
		}
	}
	if item.StatedOn != "" {
		if r.Sample, err = b.SampleOf(item); err != nil {
			return r, err
		}
	}
	submissions, err := b.SubmissionsOf(item)
	if err != nil {
		return r, err
	}
	if len(submissions) > 0 {
		r.Spans = b.SpansOf(item, submissions)
	}
	var ids []int64
	for _, e := range r.Extensions {
		ids = append(ids, e.AskedBy, e.DecidedBy)
	}
	for _, v := range r.Verifications {
		ids = append(ids, v.ByID)
	}
	for _, gap := range r.Gate {
		if gap.Signature != nil {
			ids = append(ids, gap.Signature.ByID)
		}
	}
	if r.Voiding != nil {
		ids = append(ids, r.Voiding.AskedBy)
	}
	r.Names, err = b.NamesOf(ids)
	r.LatestDue = b.LatestDue(item)
	return r, err
}

// linesShown is how far back the timeline goes unless all of it is asked for.
const linesShown = 30

// shownLines are the lines that the address asks for: of one kind, and all of them
// or the newest.
func shownLines(c echo.Context, lines []views.Line) (shown []views.Line, kind string, earlier int) {
	kind = c.QueryParam("show")
	acts, ok := views.Kinds[kind]
	if !ok {
		kind = ""
	}
	for _, line := range lines {
		if !ok || slices.Contains(acts, line.Act) {
			shown = append(shown, line)
		}
	}
	if len(shown) > linesShown && c.QueryParam("all") == "" {
		shown, earlier = shown[:linesShown], len(shown)-linesShown
	}
	return shown, kind, earlier
}

// meanwhile are the last n lines that people wrote: what happened since a page was
// opened, for each of them made one version.
func meanwhile(lines []views.Line, n int) []views.Line {
	var since []views.Line
	for _, line := range lines {
		if n > len(since) && !line.Act.Quiet() {
			since = append(since, line)
		}
	}
	return since
}

// trailLines are the trail as people read it, with the words of each progress note.
func trailLines(c echo.Context, b *models.Board, item models.Item, units map[int64]models.Unit) ([]views.Line, error) {
	trail, err := b.Trail(item)
	if err != nil {
		return nil, err
	}
	notes, err := b.ProgressOf(item)
	if err != nil {
		return nil, err
	}
	var ids []int64
	trail = slices.DeleteFunc(trail, func(e models.Event) bool { return e.Act.Looks() }) // who looked at what is for the auditor
	for _, e := range trail {
		ids = append(ids, e.ActorID)
	}
	names, err := b.NamesOf(ids)
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	for _, n := range notes {
		words[strconv.FormatInt(n.ID, 10)] = n.Text
	}
	ctx := views.For(c.Request().Context(), views.Reader{Today: b.Today(), Calendar: b.Calendar(), Rules: b.Rules()})
	var all []views.Line
	for _, e := range trail {
		who := names[e.ActorID]
		line := views.Line{Who: who.FullName, Of: who.Body, Act: e.Act, At: text.Moment(ctx, e.At.In(b.Now().Location()), string(b.Today()))}
		switch {
		case who.UnitID != nil:
			line.Of = units[*who.UnitID].Name
		case who.Body == "" && who.Role == models.Supervisor:
			line.Of = text.T(ctx, "body."+string(who.BodyCode))
		}
		if e.ActorID == 0 {
			line.Who, line.Clerk = text.T(ctx, "trail.clerk"), true
		}
		line.Text, line.Facts = views.Facts(ctx, e)
		if line.Text == "" {
			line.Text = words[e.Particulars["progress"]]
		}
		all = append(all, line)
	}
	return all, nil
}

// done ends a deed on an item: with the page of the item as it now is, with the
// form again and all that was typed when it was refused, or with the error.
func (s *Server) done(c echo.Context, b *models.Board, item models.Item, err error, typed views.Typed, said string) error {
	return endDeed(err, &typed.NotDone, func() error {
		s.session.say(c, said)
		return goTo(c, withSaved(views.ItemFromLink(item.Number, from(c, b))))
	}, func(status int) error { return s.again(c, b, item, status, typed) })
}

func withSaved(to string) string {
	u, _ := url.Parse(to)
	q := u.Query()
	q.Set("saved", "1")
	u.RawQuery = q.Encode()
	return u.String()
}

// again is the item's page as the register has it now, with what was typed.
func (s *Server) again(c echo.Context, b *models.Board, item models.Item, status int, typed views.Typed) error {
	fresh, err := b.Item(item.Number)
	if err != nil {
		return err
	}
	if typed.Stale {
		typed.Seen = item.Version
	}
	return s.showItemPage(c, b, fresh, status, typed)
}

func (s *Server) report(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.Typed{Of: models.ReportProgress, Text: c.FormValue("text")}
	_, err := b.Report(item, typed.Text, nil)
	return s.done(c, b, item, err, typed, "progress.saved")
}

func (s *Server) completeMeasure(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "measure")
	if err != nil {
		return err
	}
	typed := views.Typed{Of: models.CompleteMeasure, Measure: id, Text: c.FormValue("result")}
	_, err = b.CompleteMeasure(item, id, typed.Text)
	return s.done(c, b, item, err, typed, "measure.saved")
}

func (s *Server) reopenMeasure(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "measure")
	if err != nil {
		return err
	}
	_, err = b.ReopenMeasure(item, id)
	return s.done(c, b, item, err, views.Typed{Of: models.ReopenMeasure}, "measure.reopened")
}
