package app

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// auditRows is how many events a page of the trail has.
const auditRows = 50

// auditFilter reads which events are wanted.
func auditFilter(q url.Values) models.AuditFilter {
	f := models.AuditFilter{
		Person: clip(q.Get("person"), 60), Item: clip(q.Get("item"), 40), Act: models.Act(clip(q.Get("act"), 40)), Result: clip(q.Get("result"), 10),
		From: models.Day(q.Get("from")), To: models.Day(q.Get("to")),
	}
	f.Before = reference(q.Get("before"))
	if !f.From.Valid() {
		f.From = ""
	}
	if !f.To.Valid() {
		f.To = ""
	}
	return f
}

// showAudit is the trail: how far it is, what verifying found, and its events.
func (s *Server) showAudit(c echo.Context, b *models.Board) error {
	v := views.AuditView{Filter: auditFilter(c.QueryParams()), Key: s.store.TrailKey(), LogMonths: s.store.LogMonths, Zone: b.Now().Location()}
	var err error
	if v.Rows, v.More, err = b.Audit(v.Filter, auditRows); err != nil {
		return err
	}
	if v.Standing, err = b.TrailStanding(); err != nil {
		return err
	}
	if v.Check, err = b.LastTrailCheck(); err != nil {
		return err
	}
	if v.Heads, err = b.Checkpoints(12); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "audit", "audit.title", views.AuditPage(v))
}

// verifyTrail has the program verify the trail now.
func (s *Server) verifyTrail(c echo.Context, b *models.Board) error {
	if s.options.Timetable == nil {
		return models.ErrNotFound
	}
	if err := b.AskForCheck(); err != nil {
		return err
	}
	if err := s.options.Timetable.Ask("verify"); err != nil {
		return err
	}
	s.session.say(c, "audit.verifying")
	return goTo(c, views.AuditLink)
}

func (s *Server) showAuditEvent(c echo.Context, b *models.Board) error {
	id, err := param(c, "event")
	if err != nil {
		return err
	}
	row, err := b.AuditEvent(id)
	if err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "audit", "audit.event", views.AuditEventPage(views.AuditEventView{Row: row, Zone: b.Now().Location()}))
}

// sendEventProof is the proof of one event, to be checked without the register.
func (s *Server) sendEventProof(c echo.Context, b *models.Board) error {
	id, err := param(c, "event")
	if err != nil {
		return err
	}
	p, err := b.ProveEvent(id)
	return sendProof(c, b, p, err, "event-"+strconv.FormatInt(id, 10))
}

// sendGrowthProof is the proof that the trail has only grown since a head.
func (s *Server) sendGrowthProof(c echo.Context, b *models.Board) error {
	head, err := headOf(c, b)
	if err != nil {
		return err
	}
	p, err := b.ProveGrowth(head)
	return sendProof(c, b, p, err, "growth-since-"+c.Param("size"))
}

func sendProof(c echo.Context, b *models.Board, p models.Proof, err error, name string) error {
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := b.NoteProof(name); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`.json"`)
	return c.Blob(http.StatusOK, "application/json", append(content, '\n'))
}

// headOf is the signed head of the address.
func headOf(c echo.Context, b *models.Board) (models.Checkpoint, error) {
	size, err := param(c, "size")
	if err != nil {
		return models.Checkpoint{}, err
	}
	return b.Checkpoint(size)
}

// sendHead is a signed head as a file.
func (s *Server) sendHead(c echo.Context, b *models.Board) error {
	head, err := headOf(c, b)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="checkpoint-`+strconv.FormatInt(head.Size, 10)+`.txt"`)
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(head.Note))
}

// exportTrail sends the events of the address's filter, signed. The file is made before
// it is sent, so that one that fails half-way is a clean error.
func (s *Server) exportTrail(c echo.Context, b *models.Board) error {
	f := auditFilter(c.QueryParams())
	f.Before = 0
	var out bytes.Buffer
	if err := b.ExportTrail(f, &out); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="trail-`+string(b.Today())+`.jsonl"`)
	return c.Blob(http.StatusOK, "application/x-ndjson", out.Bytes())
}

// showHistory is all that ever happened to an item, in words.
func (s *Server) showHistory(c echo.Context, b *models.Board, item models.Item) error {
	units, err := b.UnitsByID()
	if err != nil {
		return err
	}
	trail, err := b.Trail(item)
	if err != nil {
		return err
	}
	all, err := trailLines(c, b, item, units)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	v := views.HistoryView{Item: item, Lines: all, At: text.Moment(ctx, b.Now(), "")}
	n := 0
	for _, e := range trail { // in the order of the lines, which leave some out
		if e.Act.Looks() {
			continue
		}
		v.Lines[n].Changes = views.ItemChanges(ctx, e)
		n++
	}
	return s.show(c, b, http.StatusOK, "items", "history.title", views.HistoryPage(v))
}
