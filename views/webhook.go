package views

import (
	"context"

	"duban/models"
	"duban/views/text"
)

// WebhookMessage is what a chat group is told: a line an item, with its number, its
// unit, its days and its link, and never a word of the problem.
type WebhookMessage struct {
	Title string        `json:"title"`
	Lines []WebhookLine `json:"lines"`
}

// WebhookLine is one line; Label is what leads to Link, where it has one.
type WebhookLine struct {
	Label string `json:"label,omitempty"`
	Link  string `json:"link,omitempty"`
	Words string `json:"words,omitempty"`
}

// WebhookText is a group's message in the language of the context. Its last line
// leads to all of it.
func WebhookText(ctx context.Context, r models.WebhookReport, base string) WebhookMessage {
	ctx = For(ctx, Reader{Today: r.Today, Rules: r.Rules})
	whose := ""
	if r.Unit.ID != 0 {
		whose = r.Unit.Name
	}
	if r.Test {
		return WebhookMessage{Title: text.T(ctx, "webhook.try.title"), Lines: []WebhookLine{
			{Words: text.T(ctx, "webhook.try.words", r.Webhook.Name)}, {Label: text.T(ctx, "product.name"), Link: base + HomeLink}}}
	}
	m := WebhookMessage{Title: text.T(ctx, "webhook.title", r.OverdueN, r.SoonN)}
	if whose != "" {
		m.Title = whose + " " + m.Title
	}
	for _, cards := range [][]models.Card{r.Overdue, r.Soon} {
		for _, c := range cards {
			l := WebhookLine{Label: c.Number, Link: base + ItemLink(c.Number), Words: lightWords(ctx, c)}
			if whose == "" {
				l.Words = r.Units[c.UnitID].Name + " " + l.Words
			}
			m.Lines = append(m.Lines, l)
		}
	}
	for _, doubt := range CalendarDoubts(ctx, r.Calendar, r.Today) {
		m.Lines = append(m.Lines, WebhookLine{Words: doubt})
	}
	link := OverduePath
	if r.Unit.ID != 0 {
		link = OverdueLink(models.Filter{Units: []string{r.Unit.Code}})
	}
	return WebhookMessage{m.Title, append(m.Lines, WebhookLine{Label: text.T(ctx, "webhook.all"), Link: base + link})}
}

// WebhooksView are the robots of chat groups, and what became of their messages.
type WebhooksView struct {
	Hooks []models.Webhook
	Units []models.Unit
	Log   []models.MailRow
	When  func(models.MailRow) string
	Edit  WebhookForm
}

// unit is the name of the unit a webhook speaks of, "" for all.
func (v WebhooksView) unit(w models.Webhook) string {
	for _, u := range v.Units {
		if w.UnitID != nil && u.ID == *w.UnitID {
			return u.Name
		}
	}
	return ""
}

// WebhookForm is a webhook being made or changed; its address and its secret are
// shown to nobody.
type WebhookForm struct {
	Hook     models.Webhook
	Problems models.Problems
}
