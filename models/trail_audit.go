package models

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"duban/models/trail"
)

// AuditFilter is which events an auditor wants to see. The zero value is all.
type AuditFilter struct {
	Person string // name or sign-in name
	Item   string // number
	Act    Act
	Result string // "done", "refused", or both
	From   Day
	To     Day
	Before int64 // events before this one
}

// AuditRow is an event as the trail's page has it.
type AuditRow struct {
	Event  Event
	Record Record
	Place  int64 // in the tree, from 1; 0 while it waits
}

// acts beside those on items, letters and the register.
var otherActs = []Act{
	signIn, signOut, "set_up", "change_password", "export", "download", OpenPage, SendForm, "read_trail", "prove", "trail_key", "fill_demo", "demo_password",
	ViewEvidence, DownloadEvidence,
}

// AuditActs are the acts that may stand in a trail, in the order of their names.
func AuditActs() []Act {
	var acts []Act
	for a := range road {
		acts = append(acts, a)
	}
	for a := range letterRoad {
		acts = append(acts, a)
	}
	for r := range governors {
		if r != ReadTrail {
			acts = append(acts, Act(r))
		}
	}
	acts = append(acts, otherActs...)
	acts = append(acts, RegisterItem, UndoImport, DraftLetter)
	slices.Sort(acts)
	return slices.Compact(acts)
}

// Audit is a page of the trail, the newest first, at most limit events, and whether
// there are more. That it was read is an event as well.
func (b *Board) Audit(f AuditFilter, limit int) (rows []AuditRow, more bool, err error) {
	if !b.MayGovern(ReadTrail) {
		return nil, false, ErrForbidden
	}
	q, err := b.audited(f)
	if err != nil {
		return nil, false, err
	}
	if f.Before > 0 {
		q = q.Where("events.id < ?", f.Before)
	}
	var events []Event
	if err := q.Order("events.id DESC").Limit(limit + 1).Find(&events).Error; err != nil {
		return nil, false, err
	}
	if more = len(events) > limit; more {
		events = events[:limit]
	}
	if rows, err = b.auditRows(events); err != nil {
		return nil, false, err
	}
	return rows, more, b.note("read_trail", f.particulars())
}

// particulars is what was looked for.
func (f AuditFilter) particulars() Particulars {
	p := Particulars{}
	for name, value := range map[string]string{"person": f.Person, "item": f.Item, "act": string(f.Act), "result": f.Result, "from": string(f.From), "until": string(f.To)} {
		if value != "" {
			p[name] = value
		}
	}
	return p
}

// audited are the events of a filter.
func (b *Board) audited(f AuditFilter) (*gorm.DB, error) {
	q := b.db.Model(&Event{})
	if f.Person != "" {
		var ids []int64
		name := strings.TrimSpace(f.Person)
		if err := b.db.Model(&User{}).Where("name = ? OR full_name = ?", strings.ToLower(name), name).Pluck("id", &ids).Error; err != nil {
			return nil, err
		}
		// Somebody whose account is gone stands in the records still.
		bytes, _ := json.Marshal(name)
		q = q.Where("(actor_id IN ? AND actor_id > 0) OR record LIKE ? OR record LIKE ?", append(ids, 0), `%"name":`+string(bytes)+`,%`, `%"full":`+string(bytes)+`,%`)
	}
	if f.Item != "" {
		var ids []int64
		if err := b.db.Model(&Item{}).Where("number = ?", strings.TrimSpace(f.Item)).Pluck("id", &ids).Error; err != nil {
			return nil, err
		}
		bytes, _ := json.Marshal(strings.TrimSpace(f.Item))
		q = q.Where("item_id IN ? OR record LIKE ?", append(ids, 0), `%"object":`+string(bytes)+`%`)
	}
	if f.Act != "" {
		q = q.Where("act = ?", f.Act)
	}
	switch f.Result {
	case "done":
		q = q.Where("result = ''")
	case "refused":
		q = q.Where("result <> ''")
	}
	if f.From.Valid() {
		q = q.Where("at >= ?", b.midnight(f.From))
	}
	if f.To.Valid() {
		q = q.Where("at < ?", b.midnight(f.To.Plus(1)))
	}
	return q, nil
}

// auditRows adds to events what their records say and their places in the tree.
func (b *Board) auditRows(events []Event) ([]AuditRow, error) {
	rows, ids := make([]AuditRow, len(events)), make([]int64, len(events))
	for n, e := range events {
		rows[n].Event, ids[n] = e, e.ID
		if err := json.Unmarshal([]byte(e.Record), &rows[n].Record); err != nil {
			rows[n].Record = Record{At: e.At.Format(time.RFC3339), Act: e.Act, Result: "unreadable"} // verifying says so
		}
	}
	var leaves []trailLeaf
	if err := b.db.Where("event_id IN ?", ids).Find(&leaves).Error; err != nil {
		return nil, err
	}
	places := map[int64]int64{}
	for _, l := range leaves {
		places[l.EventID] = l.Seq + 1
	}
	for n := range rows {
		rows[n].Place = places[rows[n].Event.ID]
	}
	return rows, nil
}

// AuditEvent is one event of the trail.
func (b *Board) AuditEvent(id int64) (AuditRow, error) {
	if !b.MayGovern(ReadTrail) {
		return AuditRow{}, ErrForbidden
	}
	var e Event
	if err := orNotFound(b.db.Take(&e, id).Error); err != nil {
		return AuditRow{}, err
	}
	rows, err := b.auditRows([]Event{e})
	if err != nil {
		return AuditRow{}, err
	}
	return rows[0], nil
}

// AskForCheck notes that an auditor has the trail verified out of its turn.
func (b *Board) AskForCheck() error {
	if !b.MayGovern(ReadTrail) {
		return ErrForbidden
	}
	return b.note("read_trail", Particulars{"verify": "true"})
}

// NoteProof notes that an auditor takes a proof away.
func (b *Board) NoteProof(of string) error { return b.note("prove", Particulars{"of": of}) }

// ExportTrail writes the events of a filter, the oldest first, a line each with its
// canonical bytes, and below them what signs the lines: whoever has the public key sees
// that none was changed since. That it was taken is an event as well. It refuses
// "audit.foreign" to sign for an event that no program of ours wrote.
func (b *Board) ExportTrail(f AuditFilter, to io.Writer) error {
	if !b.MayGovern(ReadTrail) {
		return ErrForbidden
	}
	if b.store.key == nil {
		return ErrNoKey
	}
	p := f.particulars()
	p["file"] = "trail"
	if err := b.note("export", p); err != nil {
		return err
	}
	out := trail.NewExport(to)
	if err := b.atOneMoment(func(b *Board) error { return b.writeTrail(f, out) }); err != nil {
		return err
	}
	return out.Sign(b.store.key, b.store.seals.After, b.now.In(b.zone))
}

// trailTogether is how many events are read at once.
const trailTogether = 1000

// writeTrail writes the events of a filter, the oldest first, a line each.
func (b *Board) writeTrail(f AuditFilter, out *trail.Export) error {
	for last := int64(leastNumber); ; {
		q, err := b.audited(f)
		if err != nil {
			return err
		}
		var events []Event
		if err := q.Where("events.id > ?", last).Order("events.id").Limit(trailTogether).Find(&events).Error; err != nil || len(events) == 0 {
			return err
		}
		rows, err := b.auditRows(events)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if b.foreign(r.Event, r.Place) {
				return Refused{Key: "audit.foreign", Args: []any{r.Event.ID}}
			}
			if err := out.Add(trail.ExportLine{Place: r.Place, Event: r.Event.ID, Leaf: r.Event.Leaf, Record: r.Event.Record}); err != nil {
				return err
			}
		}
		last = events[len(events)-1].ID
	}
}
