package views

import (
	"context"
	"strconv"

	"duban/models"
	"duban/models/deadline"
	"duban/views/text"
)

// BulletinPaper is a round's bulletin as a Word file: the figures with their formula,
// the units in the organisation's order, and the four tables. It is a draft that
// itemPeople edit; it ranks nobody.
func BulletinPaper(ctx context.Context, v models.Bulletin, units []models.Unit, by string) ([]byte, error) {
	ctx = text.In(ctx, text.Chinese)
	p := NewPaper(text.T(ctx, "bulletin.title", v.Round.Name))
	t := v.Tally
	p.Title()
	p.Text(text.T(ctx, "bulletin.intro", PaperDate(string(v.On)), v.Round.Name, t.N(), t.Units(), t.Closed(), t.NotClosed(), t.Overdue(), t.Rules().SevereDays, t.Severe(), t.Soon(), t.Review()))
	p.Text(text.T(ctx, "bulletin.rate", text.Percent(t.Closed(), t.N()), t.Closed(), t.N()))
	p.Text(text.T(ctx, "bulletin.formula"))

	heads := func(keys ...string) []string {
		words := make([]string, len(keys))
		for n, key := range keys {
			words[n] = text.T(ctx, key)
		}
		return words
	}
	figures := func(name string, t models.Tally) []string {
		return []string{name, strconv.Itoa(t.N()), strconv.Itoa(t.Closed()), strconv.Itoa(t.NotClosed()), strconv.Itoa(t.Overdue()), text.Percent(t.Closed(), t.N())}
	}
	p.Text(text.T(ctx, "bulletin.by_tier"))
	var rows [][]string
	for _, tier := range deadline.Tiers() {
		rows = append(rows, figures(text.T(ctx, "tier."+string(tier)), t.Tier(tier)))
	}
	all := []int{30, 12, 12, 12, 12, 16}
	p.Table(heads("item.tier", "bulletin.n", "light.done", "bulletin.open", "light.overdue", "bulletin.share"), all, append(rows, figures(text.T(ctx, "bulletin.sum"), t)))

	p.Text(text.T(ctx, "bulletin.by_unit"))
	rows = nil
	names := map[int64]string{}
	for _, u := range units {
		names[u.ID] = u.Name
		if of := t.Unit(u.ID); of.N() > 0 {
			rows = append(rows, figures(u.Name, of))
		}
	}
	p.Table(heads("item.unit", "bulletin.n", "light.done", "bulletin.open", "light.overdue", "bulletin.share"), all, rows)

	due := func(d models.Day) string { return or(string(d), text.T(ctx, "letter.paper.undated")) }
	table := func(key string, cards []models.Card, last string, of func(models.Card) string) {
		p.Text(text.T(ctx, "bulletin."+key, len(cards), PaperDate(string(v.Since))))
		if len(cards) == 0 {
			p.Text(text.T(ctx, "bulletin.none"))
			return
		}
		rows := make([][]string, len(cards))
		for n, c := range cards {
			rows[n] = []string{strconv.Itoa(n + 1), names[c.UnitID], c.Title, c.Leader, due(c.DueOn), of(c)}
		}
		p.Table(heads("bulletin.no", "item.unit", "item.problem", "item.leader", "item.due", last), []int{6, 18, 29, 13, 17, 17}, rows)
	}
	table("in_hand", v.InHand, "bulletin.stands", func(c models.Card) string { return text.T(ctx, "status."+string(c.Status)) })
	table("closed", v.Closed, "bulletin.closed_on", func(c models.Card) string { return string(c.ClosedOn) })
	table("extended", v.Extended, "bulletin.first_due", func(c models.Card) string { return string(c.FirstDueOn) })
	table("overdue", v.Overdue, "letter.days", func(c models.Card) string { return strconv.Itoa(c.DaysOver(v.On)) })
	p.Signature(by, PaperDate(string(v.On)))
	return p.Bytes()
}
