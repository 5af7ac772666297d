package views

import (
	"context"
	"strings"

	"duban/models"
	"duban/views/text"
)

// LetterName is what a letter of that kind is called.
func LetterName(ctx context.Context, k models.LetterKind) string {
	return text.T(ctx, "letter."+string(k))
}

// letterNames are what letters of these kinds are called, one after the other.
func letterNames(ctx context.Context, kinds []models.LetterKind) string {
	names := make([]string, len(kinds))
	for n, k := range kinds {
		names[n] = LetterName(ctx, k)
	}
	return strings.Join(names, text.T(ctx, "list.and"))
}

// StepWords are the next step of the ladder in words: 起草督办通知书, 等待答复 07-12 前.
// They are empty where there is nothing to do.
func StepWords(ctx context.Context, s models.Step) string {
	switch s.Do {
	case models.StepNone:
		return ""
	case models.StepAwait:
		return text.T(ctx, "letter.do.await", dateOf(ctx, s.By))
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
// It is the same in every language, as the letters are.
func ItemsMark(ctx context.Context) string {
	return text.T(text.In(ctx, text.Chinese), "letter.items_mark")
}

// letterLines are the lines of a letter's text as its page shows them and its Word file has
// them: with what it is about in their place, and the date it asks for.
func letterLines(ctx context.Context, l models.Letter, items []models.LetterItem) []string {
	ctx = text.In(ctx, text.Chinese)
	before, after := letterParts(ctx, l)
	lines := strings.Split(strings.TrimSpace(before), "\n")
	for n, item := range items {
		lines = append(lines, itemLine(ctx, n+1, item))
	}
	return append(lines, strings.Split(strings.TrimSpace(after), "\n")...)
}

// letterParts are what stands before the list of items, and what after it: with the date by
// which the letter wants it done.
func letterParts(ctx context.Context, l models.Letter) (before, after string) {
	before, after, _ = strings.Cut(l.Body, ItemsMark(ctx))
	if l.DemandOn != "" {
		after += "\n" + text.T(ctx, "letter.paper.demand", PaperDate(string(l.DemandOn)))
	}
	return before, after
}

// itemLine is one of a letter's items: what, whose, by when, and how late it was.
func itemLine(ctx context.Context, n int, item models.LetterItem) string {
	line := text.T(ctx, "letter.paper.item", n, item.Title, item.Number, or(item.Leader, text.T(ctx, "letter.paper.nobody")), or(PaperDate(string(item.DueOn)), text.T(ctx, "letter.paper.undated")))
	if item.Days > 0 {
		line += text.T(ctx, "letter.paper.late", item.Days)
	}
	return line + text.T(ctx, "letter.paper.stop")
}

// copiesLine is who gets a copy of a letter, as its Word file ends.
func copiesLine(ctx context.Context, l models.Letter) string {
	return text.T(text.In(ctx, text.Chinese), "letter.paper.copies", l.Copies)
}

// numberOf is the number of one of the letter's items.
func (v LetterView) numberOf(item int64) string {
	for _, i := range v.Items {
		if i.ItemID == item {
			return i.Number
		}
	}
	return ""
}

// proofLink is where a piece of evidence is seen: a file on its own page, a number or a
// note on its item's.
func (v LetterView) proofLink(e models.Evidence) string {
	if e.FileID == nil {
		return ItemLink(v.numberOf(e.ItemID))
	}
	return FileLink(v.numberOf(e.ItemID), e.ID)
}

// LetterText is what a letter of that kind says until somebody writes it otherwise: how many
// items are late and for how long, what was sent about them before and what came of it, and
// what is asked. It speaks of nothing that did not happen.
// Letters are Chinese, whatever language their writer reads the pages in.
func LetterText(ctx context.Context, k models.LetterKind, unit models.Unit, past models.LetterPast, rules models.Rules) models.LetterAsk {
	ctx = text.In(ctx, text.Chinese)
	ask := models.LetterAsk{Kind: k, Title: text.T(ctx, "letter.title."+string(k), unit.Name)}
	name := unit.Name
	if k.ToUnit() {
		name = text.T(ctx, "letter.text.you")
	}
	stands := text.T(ctx, "letter.text.late", name, past.Late, past.Days)
	list, demand := "letter.text.items", "letter.demand."+string(k)
	if past.Late < past.Items { // which are then not called overdue
		list = "letter.text.items_any"
	}
	if past.Late == 0 {
		ask.Title = text.T(ctx, "letter.title.any", unit.Name, LetterName(ctx, k))
		stands, demand = text.T(ctx, "letter.text.any", name, past.Items), "letter.demand.any"
	}
	body := []string{stands + letterPast(ctx, past) + text.T(ctx, "letter.text."+string(k)), text.T(ctx, list), ItemsMark(ctx)}
	if days := k.AnswerDays(rules); days > 0 {
		body = append(body, text.T(ctx, "letter.text.demand"), text.T(ctx, demand), text.T(ctx, "letter.text.answer", days))
	} else {
		body = append(body, text.T(ctx, "letter.text.advice"), text.T(ctx, "letter.demand."+string(k)))
	}
	ask.Body = strings.Join(body, "\n")
	if !k.ToUnit() {
		ask.Copies = unit.Name
	}
	return ask
}

// lettersTold is how many earlier letters a letter names, the latest of them.
const lettersTold = 4

// letterPast says what was done before, "" when nothing was.
func letterPast(ctx context.Context, past models.LetterPast) string {
	var told []string
	if past.Urged != "" {
		told = append(told, text.T(ctx, "letter.past.urged", PaperDate(string(past.Urged))))
	}
	for _, l := range past.Letters[max(0, len(past.Letters)-lettersTold):] {
		said := text.T(ctx, "letter.past.sent", PaperDate(string(l.SignedOn)), LetterName(ctx, l.Kind), l.Number)
		switch {
		case l.AnswerLate(past.Today):
			said += text.T(ctx, "letter.past.late")
		case l.Status == models.LetterAccepted, l.Status == models.LetterRejected, l.Status == models.LetterAnswered:
			said += text.T(ctx, "letter.past."+string(l.Status))
		}
		told = append(told, said)
	}
	if len(told) == 0 {
		return ""
	}
	return text.T(ctx, "letter.past", strings.Join(told, text.T(ctx, "letter.past.and")))
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
	before, after := letterParts(ctx, l)
	p.Text(before)
	for n, item := range items {
		p.Text(itemLine(ctx, n+1, item))
	}
	p.LastText(after)
	p.Signature(by, date)
	if l.Copies != "" {
		p.Imprint(copiesLine(ctx, l))
	}
	return p.Bytes()
}
