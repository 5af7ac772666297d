package views

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"duban/models"
	"duban/models/deadline"
	"duban/models/ledger"
	"duban/views/text"
)

// importDay is one of the four days of an import as its form has it. Hint says where it
// comes from when nobody typed it.
type importDay struct {
	Name, Label, Hint string
	Day               models.Day // as typed
	Counts            models.Day // that deadlines are counted from, wherever it comes from
}

// ImportOfLink takes what is said anew of an import's file.
func ImportOfLink(n int64) string { return ImportLinkOf(n) + "/of" }

// questions are the preview's questions, those that are open and those that are not.
func (v ImportView) questions() (open, answered []models.ImportQuestion) {
	for _, q := range v.Preview.Asks {
		if q.Answered {
			answered = append(answered, q)
		} else {
			open = append(open, q)
		}
	}
	return open, answered
}

func (v ImportView) unitCode() string { return ImportsView{Units: v.Units, Typed: v.Said}.unit() }

func (v ImportView) ofUnits(ctx context.Context) []Choice {
	return ImportsView{Units: v.Units}.units(ctx)
}

func (v ImportView) yearTyped() string {
	if v.Said.Year == 0 {
		return ""
	}
	return strconv.Itoa(v.Said.Year)
}

// days are the four days of the form, in the order in which they come about.
func (v ImportView) days(ctx context.Context) []importDay {
	known := v.Preview.Reading.Context
	all := []struct {
		name, label           string
		typed, register, file models.Day
	}{
		{"found_on", "ledger.field.found_at", v.Said.FoundOn, "", known.FoundOn},
		{"notice_on", "round.notice_on", v.Said.NoticeOn, v.Registered.NoticeOn, known.NoticeOn},
		{"feedback_on", "round.feedback_on", v.Said.FeedbackOn, v.Registered.FeedbackOn, known.FeedbackOn},
		{"window_end", "round.window_end", v.Said.WindowEnd, v.Registered.WindowEnd, known.WindowEnd},
	}
	days := make([]importDay, len(all))
	for n, d := range all {
		days[n] = importDay{Name: d.name, Label: text.T(ctx, d.label), Day: d.typed, Counts: cmp.Or(d.typed, d.register, d.file)}
		switch {
		case d.typed != "":
		case d.register != "":
			days[n].Hint = text.T(ctx, "import.day.registered", string(d.register))
		case d.file != "":
			days[n].Hint = text.T(ctx, "import.day.file", string(d.file))
		case v.Import.UnitID == nil && d.name != "found_on":
			days[n].Hint = text.T(ctx, "import.day.each")
		}
	}
	return days
}

// ofWords is the form's content in a line.
func (v ImportView) ofWords(ctx context.Context) string {
	words := []string{or(ImportsView{Units: v.Units}.unitName(v.Import), text.T(ctx, "import.several")), text.T(ctx, "tier."+string(v.Import.Tier))}
	if v.Import.Year != 0 {
		words = append(words, text.T(ctx, "import.of.year", v.Import.Year))
	}
	for _, d := range v.days(ctx) {
		if d.Counts != "" {
			words = append(words, d.Label+" "+string(d.Counts))
		}
	}
	return strings.Join(words, " · ")
}

// heading is what a table's column is called, of the cells of a refused row.
func (v ImportView) heading(table, column int) string {
	if table >= len(v.Preview.Reading.Tables) || column >= len(v.Preview.Reading.Tables[table].Columns) {
		return ""
	}
	return v.Preview.Reading.Tables[table].Columns[column].Heading
}

// questionWords is what a question asks, with the words of the ledger that it is about.
func questionWords(ctx context.Context, q models.ImportQuestion) string {
	switch q.Kind {
	case models.QuestionColumn:
		return text.T(ctx, "import.question.column", q.Name, fieldsNamed(ctx, q.Fields))
	case models.QuestionUnit:
		if q.Name == "" {
			return text.T(ctx, "import.which_unit.none")
		}
		return text.T(ctx, "import.which_unit", q.Name)
	case models.QuestionCheck:
		return text.Count(ctx, "import.question.check", len(q.Check))
	}
	var phrases []string
	for _, p := range q.Phrases[:min(phrasesShown, len(q.Phrases))] {
		phrases = append(phrases, text.T(ctx, "import.question.phrase", p))
	}
	named := strings.Join(phrases, text.T(ctx, "list.and"))
	if len(q.Phrases) > phrasesShown {
		named = text.T(ctx, "import.question.more", named, len(q.Phrases))
	}
	if named == "" {
		return text.T(ctx, "import.question.empty")
	}
	words := text.T(ctx, "import.question.of", named, askWords(ctx, q.Ask))
	if q.Name != "" {
		words = text.T(ctx, "import.question.of_unit", q.Name, words)
	}
	return words
}

// How many phrases, rows and sentences of its rows a question shows.
const phrasesShown, rowsShown, checksShown = 3, 6, 3

// fieldsNamed is what a column may be, in words: 责任单位 or 责任部门.
func fieldsNamed(ctx context.Context, fields []ledger.Field) string {
	var names []string
	for _, f := range fields {
		names = append(names, text.T(ctx, "import.question.phrase", text.T(ctx, "ledger.field."+string(f))))
	}
	return strings.Join(names, text.T(ctx, "list.or"))
}

// questionRows is where a question comes from: its rows, the first of them by number.
func questionRows(ctx context.Context, q models.ImportQuestion) string {
	var sheets []string
	rows := map[string][]string{}
	shown := 0
	for _, r := range q.Rows {
		if !slices.Contains(sheets, r.Sheet) {
			sheets = append(sheets, r.Sheet)
		}
		if r.Row > 0 && shown < rowsShown {
			rows[r.Sheet] = append(rows[r.Sheet], strconv.Itoa(r.Row))
			shown++
		}
	}
	var words []string
	for _, s := range sheets {
		if of := rows[s]; len(of) > 0 {
			words = append(words, strings.TrimSpace(s+" "+text.T(ctx, "import.rows", strings.Join(of, text.T(ctx, "list.and")))))
		} else if shown == 0 && s != "" {
			words = append(words, s)
		}
	}
	line := strings.Join(words, text.T(ctx, "list.and"))
	if len(q.Rows) > shown && shown > 0 {
		line = text.T(ctx, "import.rows.all", line, len(q.Rows))
	}
	return line
}

func firstChecks(q models.ImportQuestion) []ledger.CellProblem {
	return q.Check[:min(checksShown, len(q.Check))]
}

// askedDay is what the day is that a person types.
func askedDay(ctx context.Context, q models.ImportQuestion) string {
	if q.Kind == models.QuestionFrom {
		return askWords(ctx, q.Ask)
	}
	return text.T(ctx, "import.ask.day")
}

// choiceWords says by which reading a question offers a day: two days of one phrase are
// two ways to read it.
func choiceWords(ctx context.Context, q models.ImportQuestion, d models.Day) string {
	reading := ""
	asked, _ := deadline.QuestionKey(q.Ask)
	ends := func(d models.Day) bool { return strings.HasSuffix(string(d.Plus(1)), "-01") }
	switch {
	case q.Kind == models.QuestionFrom:
		reading = text.T(ctx, "import.reading.file")
	case asked == "deadline.ask.either" && len(q.Choices) == 2 && slices.ContainsFunc(q.Phrases, deadline.SaysBefore) && ends(q.Choices[0]) && ends(q.Choices[1]):
		reading = text.T(ctx, "import.reading.until_end")
		if d == min(q.Choices[0], q.Choices[1]) {
			reading = text.T(ctx, "import.reading.before_begin")
		}
	case q.Ask == deadline.AskNoDate, q.Ask == deadline.AskStatus:
		reading = text.T(ctx, "import.reading.term")
	case strings.HasPrefix(q.Ask, deadline.AskUnread):
		reading = text.T(ctx, "import.reading.without")
	}
	day := text.T(ctx, "weekday."+strconv.Itoa(int(d.Weekday())))
	if reading == "" {
		return day
	}
	return reading + text.T(ctx, "list.and") + day
}

// answerWords is what was said to a question.
func (v ImportView) answerWords(ctx context.Context, q models.ImportQuestion) string {
	a := q.Answer
	switch {
	case q.Kind == models.QuestionColumn:
		return text.T(ctx, "import.answered.column")
	case a.Unit != "":
		if n := slices.IndexFunc(v.Units, func(u models.Unit) bool { return u.Code == a.Unit }); n >= 0 {
			return v.Units[n].Name
		}
		return a.Unit
	case a.Seen:
		return text.T(ctx, "import.ask.seen")
	case a.Standing:
		return text.T(ctx, "import.ask.standing")
	case a.Undated:
		return text.T(ctx, "import.ask.undated")
	case a.Year != 0:
		return strconv.Itoa(a.Year)
	}
	return string(a.Due)
}
