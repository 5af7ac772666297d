package views

import (
	"context"
	"slices"
	"strings"

	"duban/models"
	"duban/views/text"
)

// LetterName is what a letter of that kind is called.
func LetterName(ctx context.Context, k models.LetterKind) string {
	return text.T(ctx, "letter."+string(k))
}

// StepWords are the next step of the ladder in words: 起草督办通知书, 等待答复 07-12 前.
// They are empty where there is nothing to do.
func StepWords(ctx context.Context, s models.Step) string {
	switch s.Do {
	case models.StepNone:
		return ""
	case models.StepAwait:
		return text.T(ctx, "letter.do.await", day(ctx, s.By))
	case models.StepWrite, models.StepSign:
		return text.T(ctx, "letter.do."+string(s.Do), LetterName(ctx, s.Kind))
	case models.StepWatch:
		if s.Kind == models.LetterReport {
			return text.T(ctx, "letter.do.reported")
		}
	}
	return text.T(ctx, "letter.do."+string(s.Do))
}

// ItemsMark stands in the text of a letter for the list of what it is about.
func ItemsMark(ctx context.Context) string { return text.T(ctx, "letter.items_mark") }

// letterLines are the lines of a text as a page shows them: what it is about stands
// in a table of its own there.
func letterLines(ctx context.Context, s string) []string {
	mark := ItemsMark(text.In(ctx, text.Chinese))
	lines := strings.Split(s, "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == mark })
}

// LetterText is what a letter of that kind says until somebody writes it otherwise.
// Letters are Chinese, whatever language their writer reads the pages in.
func LetterText(ctx context.Context, k models.LetterKind, unit models.Unit, items int, rules models.Rules) models.LetterAsk {
	ctx = text.In(ctx, text.Chinese)
	ask := models.LetterAsk{Kind: k, Title: text.T(ctx, "letter.title."+string(k), unit.Name)}
	name := unit.Name
	if k.ToUnit() {
		name = text.T(ctx, "letter.text.you")
	}
	body := []string{text.T(ctx, "letter.text."+string(k), name, items), text.T(ctx, "letter.text.items"), ItemsMark(ctx)}
	if days := k.AnswerDays(rules); days > 0 {
		body = append(body, text.T(ctx, "letter.text.demand"), text.T(ctx, "letter.demand."+string(k)), text.T(ctx, "letter.text.answer", days))
	} else {
		body = append(body, text.T(ctx, "letter.text.advice"), text.T(ctx, "letter.demand."+string(k)))
	}
	ask.Body = strings.Join(body, "\n")
	if !k.ToUnit() {
		ask.Copies = unit.Name
	}
	return ask
}

// LetterPaper is the letter as a Word file in the official layout. By is whose letter
// it is, and signer who signed it; a draft says that it is one.
func LetterPaper(ctx context.Context, l models.Letter, items []models.LetterItem, unit models.Unit, by, signer string) ([]byte, error) {
	ctx = text.In(ctx, text.Chinese)
	p := NewPaper(l.Title)
	number, date := l.Number, PaperDate(string(l.SignedOn))
	if l.SignedBy == 0 {
		p.Note(text.T(ctx, "letter.paper.draft"))
		number, date = text.T(ctx, "letter.paper.number"), text.T(ctx, "letter.paper.date")
	} else if l.Status == models.LetterWithdrawn {
		p.Note(text.T(ctx, "letter.paper.withdrawn"))
	}
	upwards := ""
	if l.Kind == models.LetterReport && signer != "" {
		upwards = text.T(ctx, "letter.paper.signer", signer)
	}
	p.Number(number, upwards)
	p.Title()
	if l.Kind.ToUnit() {
		p.Addressee(unit.Name)
	} else {
		p.Addressee(text.T(ctx, "letter.leading_group"))
	}
	before, after, _ := strings.Cut(l.Body, ItemsMark(ctx))
	p.Text(before)
	for n, item := range items {
		key := "letter.paper.item"
		if item.Days > 0 {
			key = "letter.paper.late_item"
		}
		p.Text(text.T(ctx, key, n+1, item.Title, item.Number, or(item.Leader, text.T(ctx, "letter.paper.nobody")), or(PaperDate(string(item.DueOn)), text.T(ctx, "letter.paper.undated")), item.Days))
	}
	if l.DemandOn != "" {
		after += "\n" + text.T(ctx, "letter.paper.demand", PaperDate(string(l.DemandOn)))
	}
	p.Text(after)
	p.Signature(by, date)
	if l.Copies != "" {
		p.Imprint(text.T(ctx, "letter.paper.copies", l.Copies))
	}
	return p.Bytes()
}
