package views

import (
	"context"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"duban/models"
	"duban/views/text"
)

// FeedView is a calendar: its entries, and where its links lead.
type FeedView struct {
	Events  []models.FeedEvent
	Units   map[int64]models.Unit
	BaseURL string
	Now     time.Time
}

// FeedText is the calendar as programs read it (RFC 5545), in the language of the
// context. Like a mail it goes where nobody knows who reads it: it says number, unit
// and day, and never a word of the problem.
func FeedText(ctx context.Context, v FeedView) string {
	c := ics.NewCalendarFor("duban")
	c.SetMethod(ics.MethodPublish)
	c.SetXWRCalName(text.T(ctx, "feed.name"))
	c.SetRefreshInterval("PT6H")
	c.SetXPublishedTTL("PT6H")
	_, host, _ := strings.Cut(v.BaseURL, "://")
	host, _, _ = strings.Cut(host, ":")
	for _, e := range v.Events {
		day, err := time.Parse(time.DateOnly, string(e.Day))
		if err != nil {
			continue
		}
		kind := text.T(ctx, "feed.kind."+string(e.Kind))
		name, link := "item-"+idText(e.Card.ID), ItemLink(e.Card.Number)
		words := strings.TrimSpace(kind + " " + e.Card.Number + " " + v.Units[e.Card.UnitID].Name)
		if e.N > 1 {
			name, link, words = "day-"+string(e.Day), v.listOf(e), kind+" "+text.Count(ctx, "items.n", e.N)
		}
		event := c.AddEvent(name + "-" + string(e.Kind) + "@" + host)
		event.SetDtStampTime(v.Now.UTC())
		event.SetSequence(e.Version)
		event.SetAllDayStartAt(day)
		event.SetAllDayEndAt(day.AddDate(0, 0, 1))
		event.SetSummary(words)
		event.SetURL(v.BaseURL + link)
		event.SetDescription(v.BaseURL + link)
		event.SetTimeTransparency(ics.TransparencyTransparent) // nobody is busy all day by it
		alarm := event.AddAlarm()
		alarm.SetAction(ics.ActionDisplay)
		alarm.SetTrigger("-PT15H") // nine in the morning of the day before
		alarm.SetDescription(words)
	}
	return c.Serialize(ics.WithNewLineWindows)
}

// listOf is the list of what an entry sums up.
func (v FeedView) listOf(e models.FeedEvent) string {
	switch e.Kind {
	case models.FeedDue:
		return ItemsLink(models.Filter{DueFrom: e.Day, DueTo: e.Day})
	case models.FeedStanding:
		return ItemsLink(models.Filter{Standing: "all"})
	default:
		return ItemsLink(models.Filter{Lights: []models.Light{models.LightReview}})
	}
}
