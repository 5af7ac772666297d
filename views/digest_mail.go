package views

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"duban/models"
	"duban/models/day"
	"duban/views/text"
)

// MailReader is who a mail is written for, and what its address may carry.
type MailReader struct {
	BaseURL string // every link begins with it
	Titles  bool   // short titles may stand in it, else numbers only
}

// DigestMail is a week's digest as a mail, in the language of the context.
func DigestMail(ctx context.Context, r models.DigestReport, to MailReader) MailView {
	ctx = For(ctx, Reader{Today: r.Day, Rules: r.Tally.Rules()})
	week := WeekSpan(ctx, r.Week)
	overdue, review := r.Tally.Overdue(), r.Tally.Review()
	late := r.Tally.ReviewLate()
	v := MailView{Language: text.Of(ctx).Tag(), Titled: to.Titles, Title: text.T(ctx, "digest.title", week), Greeting: r.User.FullName}
	if of := r.User.Body; of != "" {
		v.Greeting = text.T(ctx, "mail.of", r.User.FullName, of)
	}
	switch r.Edition {
	case models.EditionUnit:
		v.Title = text.T(ctx, "digest.unit.title", r.Unit.Name, week)
		v.Greeting = text.T(ctx, "mail.of", r.User.FullName, r.Unit.Name)
		v.Subject = text.T(ctx, "digest.unit.subject", r.Unit.Name, overdue, r.DueWeek)
		v.Button = MailLink{text.T(ctx, "digest.unit.button"), to.BaseURL + UnitLink(r.Unit.Code)}
	case models.EditionPrincipal:
		v.Subject = text.T(ctx, "digest.principal.subject", week, text.Percent(r.Tally.Closed(), r.Tally.N()), overdue)
		v.Button = MailLink{text.T(ctx, "digest.principal.button"), to.BaseURL + BoardPath}
	default:
		v.Subject = text.T(ctx, "digest.subject", week, overdue, signed(r.Change), r.DueWeek, review)
		if r.Gap {
			v.Subject = text.T(ctx, "digest.subject.gap", week, overdue, r.DueWeek, review)
		}
		v.Button = MailLink{text.T(ctx, "digest.button"), to.BaseURL + OverduePath}
	}
	v.Sentence = digestSentence(ctx, r)
	v.Preheader = v.Words()
	v.Figures = digestFigures(ctx, r)
	item := func(c models.Card) MailItem { return to.item(ctx, c, r.UnitOf(c), r.Edition != models.EditionUnit) }
	if late > 0 && r.Edition == models.EditionSupervisor {
		s := to.section(ctx, "digest.needs", late, OverdueLink(models.Filter{ReviewLate: true}), len(r.Needs))
		for _, c := range r.Needs {
			row := item(c)
			row.Note = MailLink{text.T(ctx, "digest.review"), row.Link}
			s.Rows = append(s.Rows, row)
		}
		v.Sections = append(v.Sections, s)
	}
	if overdue > 0 {
		head := "digest.overdue"
		if r.Edition == models.EditionPrincipal {
			head = "digest.longest"
		}
		s := to.section(ctx, head, overdue, OverduePath, len(r.Overdue))
		for _, c := range r.Overdue {
			row := item(c)
			row.Notes = []string{dateOf(ctx, c.DueOn), text.T(ctx, "mail.measures", c.MeasuresDone, c.Measures)}
			s.Rows = append(s.Rows, row)
		}
		v.Sections = append(v.Sections, s)
	} else if r.Edition == models.EditionSupervisor {
		v.Sections = append(v.Sections, MailSection{Head: text.T(ctx, "digest.none_overdue"), N: text.Count(ctx, "items.n", 0)})
	}
	if r.DueWeek > 0 && r.Edition != models.EditionPrincipal {
		s := to.section(ctx, "digest.due", r.DueWeek, ItemsLink(models.Filter{}.With("due", "week", r.Day)), len(r.Due))
		for _, c := range r.Due {
			row := item(c)
			row.Notes = []string{text.T(ctx, "mail.due", dateOf(ctx, c.DueOn))}
			if left := c.Measures - c.MeasuresDone; left > 0 {
				row.Notes = append(row.Notes, text.Count(ctx, "mail.measures_left", left))
			}
			s.Rows = append(s.Rows, row)
		}
		v.Sections = append(v.Sections, s)
	}
	if r.ClosedN > 0 && r.Edition == models.EditionSupervisor {
		end, _ := day.WeekEnd(r.Week)
		s := to.section(ctx, "digest.closed", r.ClosedN, ItemsLink(models.Filter{ClosedFrom: end.Plus(-6), ClosedTo: end}), len(r.Closed))
		for _, c := range r.Closed {
			row := item(c)
			row.Notes = []string{dateOf(ctx, c.ClosedOn)}
			s.Rows = append(s.Rows, row)
		}
		v.Sections = append(v.Sections, s)
	}
	if len(r.Units) > 0 {
		v.Units = to.units(ctx, r)
	}
	if v.Head = headLines(r.Head); v.Head != nil {
		v.HeadSays = text.T(ctx, "digest.head")
	}
	v.Foot = append([]string{
		text.T(ctx, "digest.foot."+string(r.Edition)),
		text.T(ctx, "mail.foot.titles"),
		text.T(ctx, "digest.foot.formula", text.LongDay(ctx, string(r.Day))),
	}, CalendarDoubts(ctx, r.Calendar, r.Day)...)
	v.FootLinks = []MailLink{
		{text.T(ctx, "digest.foot.rules"), to.BaseURL + RulesLink},
		{text.T(ctx, "notices.choices"), to.BaseURL + NoticesLink + "#choices"},
	}
	return v
}

func digestSentence(ctx context.Context, r models.DigestReport) []MailWord {
	var words []MailWord
	say := func(key string, args ...any) { words = append(words, MailWord{Text: text.T(ctx, key, args...)}) }
	if n := r.Tally.Overdue(); n > 0 {
		say("digest.say.overdue")
		words = append(words, MailWord{Text: text.Count(ctx, "items.n", n), Bad: true})
	} else {
		say("digest.say.none_overdue")
	}
	if r.Edition != models.EditionUnit {
		switch {
		case r.Gap:
			say("digest.say.gap", dateOf(ctx, r.Since))
		case r.Change > 0:
			say("digest.say.more", dateOf(ctx, r.Since), r.Change)
		case r.Change < 0:
			say("digest.say.fewer", dateOf(ctx, r.Since), -r.Change)
		default:
			say("digest.say.same", dateOf(ctx, r.Since))
		}
	}
	if r.Edition == models.EditionPrincipal {
		say("digest.say.closed", r.Tally.Closed(), r.Tally.N(), text.Percent(r.Tally.Closed(), r.Tally.N()))
		return words
	}
	say("digest.say.due")
	words = append(words, MailWord{Text: text.Count(ctx, "items.n", r.DueWeek), Strong: true})
	say("digest.say.due_after")
	if r.Edition == models.EditionUnit {
		if also := alsoToDo(ctx, r); len(also) > 0 {
			say("digest.say.also", strings.Join(also, text.T(ctx, "comma")))
		} else {
			say("digest.say.nothing_else")
		}
		return words
	}
	if n := r.Tally.Review(); n > 0 {
		say("digest.say.and")
		words = append(words, MailWord{Text: text.Count(ctx, "items.n", n), Strong: true})
		say("digest.say.review")
		if late := r.Tally.Light(models.LightReview).ReviewLate(); late > 0 {
			say("digest.say.review_late", late)
		}
	}
	if n := r.Tally.Stated(); n > 0 {
		say("digest.say.stated", n)
		if late := r.Tally.Light(models.LightStated).ReviewLate(); late > 0 {
			say("digest.say.review_late", late)
		}
	}
	say("digest.say.end")
	return words
}

// alsoToDo is what else than the overdue and the due a unit's reader has to see to, as the
// page of their unit says it.
func alsoToDo(ctx context.Context, r models.DigestReport) (also []string) {
	for _, of := range []struct {
		key string
		n   int
	}{
		{"digest.also.sign", len(r.Waiting.Sign)}, {"digest.also.letters", len(r.Waiting.Letters)},
		{"digest.also.items", r.Waiting.Items}, {"digest.also.duties", r.More},
	} {
		if of.n > 0 {
			also = append(also, text.Count(ctx, of.key, of.n))
		}
	}
	return also
}

func digestFigures(ctx context.Context, r models.DigestReport) []MailFigure {
	figure := func(n int, label, note string) MailFigure {
		return MailFigure{N: strconv.Itoa(n), Label: text.T(ctx, label), Note: note}
	}
	overdue := figure(r.Tally.Overdue(), "digest.figure.overdue", text.T(ctx, "digest.figure.change", dateOf(ctx, r.Since), signed(r.Change)))
	if r.Gap {
		overdue.Note = text.T(ctx, "digest.figure.gap", dateOf(ctx, r.Since))
	}
	overdue.Bad = r.Tally.Overdue() > 0
	if r.Edition == models.EditionUnit {
		if overdue.Note = ""; len(r.Overdue) > 0 {
			overdue.Note = text.Count(ctx, "mail.days", r.Overdue[0].DaysOver(r.Day))
		}
	}
	next := ""
	if r.NextDue != "" {
		next = text.T(ctx, "digest.figure.from", dateOf(ctx, r.NextDue))
	}
	due := figure(r.DueWeek, "digest.figure.due", next)
	all := text.T(ctx, "digest.figure.of", r.Tally.N())
	share := text.Percent(r.Tally.Closed(), r.Tally.N())
	switch r.Edition {
	case models.EditionUnit:
		return []MailFigure{overdue, due, figure(r.Tally.NotClosed(), "digest.figure.open", all), figure(r.Tally.Closed(), "digest.figure.closed", share)}
	case models.EditionPrincipal:
		return []MailFigure{{N: share, Label: text.T(ctx, "digest.figure.rate"), Note: fmt.Sprintf("%d/%d", r.Tally.Closed(), r.Tally.N())},
			overdue, due, figure(r.Tally.Review(), "digest.figure.review", text.T(ctx, "digest.figure.late", r.Tally.Light(models.LightReview).ReviewLate()))}
	default:
		return []MailFigure{overdue, due, figure(r.Tally.Review(), "digest.figure.review", text.T(ctx, "digest.figure.late", r.Tally.Light(models.LightReview).ReviewLate())),
			figure(r.ClosedN, "digest.figure.closed_week", text.T(ctx, "digest.figure.total", r.Tally.Closed(), r.Tally.N()))}
	}
}

// section is a list's head, with what does not stand in it a link away.
func (to MailReader) section(ctx context.Context, head string, n int, link string, shown int) MailSection {
	s := MailSection{Head: text.T(ctx, head), N: text.Count(ctx, "items.n", n), All: MailLink{text.T(ctx, "mail.all"), to.BaseURL + link}}
	if n > shown {
		s.More = MailLink{text.T(ctx, "mail.more", n-shown), to.BaseURL + link}
	}
	return s
}

// item is an item as a mail may name it.
func (to MailReader) item(ctx context.Context, c models.Card, u models.Unit, withUnit bool) MailItem {
	m := MailItem{Light: c.Light(todayOf(ctx), rulesOf(ctx)), Words: lightWords(ctx, c), Name: c.Number, Link: to.BaseURL + ItemLink(c.Number)}
	var whose []string
	if withUnit {
		whose = append(whose, u.Name)
	}
	if c.Leader != "" {
		whose = append(whose, c.Leader)
	}
	m.Whose = strings.Join(whose, text.T(ctx, "comma"))
	if to.Titles {
		m.Name, m.Number = mailTitle(c.Title), c.Number
	}
	return m
}

func (to MailReader) units(ctx context.Context, r models.DigestReport) *MailUnits {
	t := &MailUnits{Head: text.T(ctx, "digest.units")}
	for _, key := range []string{"digest.column.unit", "digest.column.open", "digest.column.overdue", "digest.column.due", "digest.column.closed"} {
		t.Columns = append(t.Columns, text.T(ctx, key))
	}
	for _, u := range r.Units {
		of := r.Tally.Unit(u.ID)
		row := MailUnitRow{Name: u.Name, Link: to.BaseURL + BoardLink(models.Filter{Units: []string{u.Code}}), Bad: -1,
			Cells: []string{strconv.Itoa(of.NotClosed()), strconv.Itoa(of.Overdue()), strconv.Itoa(r.DueBy[u.ID]), fmt.Sprintf("%d/%d", of.Closed(), of.N())}}
		if of.Overdue() > 0 {
			row.Bad = 1
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// WeekSpan is a week written 2024-W27 by its days, as people name it: 07-01 至 07-07.
func WeekSpan(ctx context.Context, week string) string {
	end, ok := day.WeekEnd(week)
	if !ok {
		return week
	}
	return text.T(ctx, "day.span", dateOf(ctx, end.Plus(-6)), dateOf(ctx, end))
}

// ReminderMail is a day's reminder as a mail: what falls due, what has gone quiet,
// what waits for review, what happened.
func ReminderMail(ctx context.Context, r models.Reminder, units map[int64]models.Unit, to MailReader, now models.Day) MailView {
	ctx = For(ctx, Reader{Today: now, Rules: r.Rules})
	withUnit := r.User.UnitID == nil
	v := MailView{
		Language: text.Of(ctx).Tag(), Titled: to.Titles, Title: text.T(ctx, "reminder.title"), Greeting: r.User.FullName,
		Button:    MailLink{text.T(ctx, "reminder.button"), to.BaseURL + NoticesLink},
		Foot:      append([]string{text.T(ctx, "reminder.foot"), text.T(ctx, "mail.foot.titles")}, CalendarDoubts(ctx, r.Calendar, now)...),
		FootLinks: []MailLink{{text.T(ctx, "notices.choices"), to.BaseURL + NoticesLink + "#choices"}},
	}
	if r.Unit != "" {
		v.Greeting = text.T(ctx, "mail.of", r.User.FullName, r.Unit)
	}
	v.Subject = text.T(ctx, "reminder.subject", text.Count(ctx, "items.n", r.Items()))
	var parts []string
	add := func(head string, cards []models.Card) {
		if len(cards) == 0 {
			return
		}
		parts = append(parts, text.T(ctx, head)+" "+text.Count(ctx, "items.n", len(cards)))
		s := MailSection{Head: text.T(ctx, head), N: text.Count(ctx, "items.n", len(cards))}
		for n, c := range cards {
			if n == longestReminder {
				s.More = MailLink{text.T(ctx, "mail.more", len(cards)-n), to.BaseURL + ItemsPath}
				break
			}
			row := to.item(ctx, c, units[c.UnitID], withUnit)
			row.Notes = []string{text.T(ctx, "mail.due", dateOf(ctx, c.DueOn))}
			if c.DueOn == "" {
				row.Notes = nil
			}
			s.Rows = append(s.Rows, row)
		}
		v.Sections = append(v.Sections, s)
	}
	add("reminder.urged", r.Urged)
	add("reminder.due", r.Due)
	add("reminder.idle", r.Idle)
	add("reminder.review", r.Review)
	if n := len(r.Notices); n > 0 {
		parts = append(parts, text.T(ctx, "reminder.notices")+" "+text.Count(ctx, "items.n", n))
		s := MailSection{Head: text.T(ctx, "reminder.notices"), N: text.Count(ctx, "items.n", n)}
		for k, row := range r.Notices {
			if k == longestReminder {
				s.More = MailLink{text.T(ctx, "mail.more", n-k), to.BaseURL + NoticesLink}
				break
			}
			m := MailItem{Light: noticeLight(row.Act), Words: text.T(ctx, "notice."+string(row.Act)), Name: row.Number, Link: to.BaseURL + ItemLink(row.Number)}
			if withUnit {
				m.Whose = row.Unit
			}
			if to.Titles {
				m.Name, m.Number = mailTitle(row.Title), row.Number
			}
			s.Rows = append(s.Rows, m)
		}
		v.Sections = append(v.Sections, s)
	}
	v.Sentence = []MailWord{{Text: strings.Join(parts, text.T(ctx, "comma")) + text.T(ctx, "stop")}}
	v.Preheader = v.Words()
	return v
}

// longestReminder is how many items of a kind a reminder lists.
const longestReminder = 20

func noticeLight(act models.Act) models.Light {
	return map[models.Act]models.Light{
		models.FlagOverdue: models.LightOver, models.ReturnItem: models.LightSoon, models.CloseItem: models.LightDone, models.SubmitItem: models.LightReview,
	}[act]
}
