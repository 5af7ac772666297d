package ledger

import (
	"duban/models/day"
	"duban/models/deadline"
	"encoding/json"
	"strconv"
)

// MarshalJSON writes the reading as the command prints it: the context and the
// items, and beside them the columns, what was refused, passed over and asked.
func (r Reading) MarshalJSON() ([]byte, error) {
	c := r.Context
	out := ledgerJSON{
		Context: ledgerJSONContext{
			FeedbackOn: c.FeedbackOn, FoundOn: c.FoundOn, NoticeOn: c.NoticeOn, WindowEnd: c.WindowEnd,
			Tier: c.Tier, Unit: c.Unit,
		},
		Items:    []ledgerJSONItem{},
		Columns:  []ledgerJSONColumn{},
		Refused:  []ledgerJSONRefused{},
		Passed:   []ledgerJSONPassed{},
		Assumed:  []ledgerJSONAssumed{},
		Problems: []ledgerJSONProblem{},
		Counts:   r.Counts(),
	}
	if year := c.year(); year != 0 {
		out.Context.Year = strconv.Itoa(year)
	}
	for _, said := range r.Said {
		if said.What == SaidFilledOn && out.Context.FilledOn == "" {
			out.Context.FilledOn = said.Text
		}
	}
	for _, t := range r.Tables {
		for _, col := range t.Columns {
			out.Columns = append(out.Columns, ledgerJSONColumn{t.Sheet, col.Letter, col.Heading, col.Field, col.Taken, col.Ask, col.Filled, col.Samples})
		}
		for _, p := range t.Passed {
			out.Passed = append(out.Passed, ledgerJSONPassed{t.Sheet, p.Row, p.Why, p.Text})
		}
	}
	for _, p := range r.Notes {
		out.Problems = append(out.Problems, p.json())
	}
	for _, item := range r.Items {
		out.Items = append(out.Items, item.json())
		for _, p := range item.Problems {
			out.Problems = append(out.Problems, p.json())
		}
		for _, m := range item.Measures {
			if len(m.Deadline.Assumed) > 0 {
				out.Assumed = append(out.Assumed, ledgerJSONAssumed{item.Sheet, m.Row, m.Deadline.Phrase, m.Deadline.Assumed})
			}
		}
	}
	for _, row := range r.Refused {
		refused := ledgerJSONRefused{Sheet: row.Sheet, Row: row.Row, Item: row.Item}
		for _, p := range row.Problems {
			refused.Problems = append(refused.Problems, p.json())
		}
		out.Refused = append(out.Refused, refused)
	}
	return json.Marshal(out)
}

func (i Item) json() ledgerJSONItem {
	out := ledgerJSONItem{
		Number: i.Number, Register: i.Register, Tier: i.Tier, Unit: i.Unit, Category: i.Category, Source: i.Source, Problem: i.Problem,
		Standard: i.Standard, Measures: []ledgerJSONMeasure{}, Progress: i.Progress, Status: i.StatusWord, Remark: i.Remark,
	}
	for _, m := range i.Measures {
		one := ledgerJSONMeasure{
			Text: m.Text, Kind: m.Kind, Leader: m.Leader, Department: m.Department, Owners: m.Owners,
			Phrase: m.Deadline.Phrase, Due: m.Deadline.DueOn, Standing: m.Deadline.Standing,
			Progress: m.Progress, Status: m.StatusWord, DoneOn: m.DoneOn,
		}
		if one.Phrase != "" { // nothing written is nothing to ask about it
			one.Ask = m.Deadline.Ask
		}
		out.Measures = append(out.Measures, one)
	}
	if own := i.Deadline; len(i.Measures) == 0 {
		out.Leader, out.Department, out.Owners = i.Leader, i.Department, i.Owners
		out.Phrase, out.Due, out.Standing = own.Phrase, own.DueOn, own.Standing
		if own.Phrase != "" {
			out.Ask = own.Ask
		}
	}
	return out
}

func (p CellProblem) json() ledgerJSONProblem {
	return ledgerJSONProblem{p.Sheet, p.Row, p.Column, p.Field, p.Weight, p.Key, p.Args}
}

type ledgerJSON struct {
	Context  ledgerJSONContext   `json:"context"`
	Items    []ledgerJSONItem    `json:"items"`
	Columns  []ledgerJSONColumn  `json:"columns"`
	Refused  []ledgerJSONRefused `json:"refused"`
	Passed   []ledgerJSONPassed  `json:"passed"`
	Assumed  []ledgerJSONAssumed `json:"assumed"`
	Problems []ledgerJSONProblem `json:"problems"`
	Counts   Counts              `json:"counts"`
}

type ledgerJSONContext struct {
	FeedbackOn day.Day       `json:"feedback_on,omitempty"`
	FilledOn   string        `json:"filled_on,omitempty"`
	FoundOn    day.Day       `json:"found_on,omitempty"`
	NoticeOn   day.Day       `json:"notice_on,omitempty"`
	Tier       deadline.Tier `json:"tier,omitempty"`
	Unit       string        `json:"unit,omitempty"`
	WindowEnd  day.Day       `json:"window_end,omitempty"`
	Year       string        `json:"year,omitempty"`
}

type ledgerJSONItem struct {
	Number     string              `json:"number,omitempty"`
	Register   string              `json:"register,omitempty"`
	Tier       deadline.Tier       `json:"tier,omitempty"`
	Unit       string              `json:"unit,omitempty"`
	Category   string              `json:"category,omitempty"`
	Source     string              `json:"source,omitempty"`
	Problem    string              `json:"problem"`
	Standard   string              `json:"standard,omitempty"`
	Leader     string              `json:"leader,omitempty"`
	Department string              `json:"department,omitempty"`
	Owners     []string            `json:"owners,omitempty"`
	Phrase     string              `json:"deadline_phrase,omitempty"`
	Due        day.Day             `json:"due,omitempty"`
	Standing   bool                `json:"standing,omitempty"`
	Ask        string              `json:"ask,omitempty"`
	Measures   []ledgerJSONMeasure `json:"measures"`
	Progress   string              `json:"progress,omitempty"`
	Status     string              `json:"status,omitempty"`
	Remark     string              `json:"remark,omitempty"`
}

type ledgerJSONMeasure struct {
	Text       string   `json:"text"`
	Kind       string   `json:"kind,omitempty"`
	Leader     string   `json:"leader,omitempty"`
	Department string   `json:"department,omitempty"`
	Owners     []string `json:"owners,omitempty"`
	Phrase     string   `json:"deadline_phrase,omitempty"`
	Due        day.Day  `json:"due,omitempty"`
	Standing   bool     `json:"standing,omitempty"`
	Ask        string   `json:"ask,omitempty"`
	Progress   string   `json:"progress,omitempty"`
	Status     string   `json:"status,omitempty"`
	DoneOn     day.Day  `json:"done_on,omitempty"`
}

type ledgerJSONColumn struct {
	Sheet   string  `json:"sheet,omitempty"`
	Column  string  `json:"column"`
	Heading string  `json:"heading"`
	Field   Field   `json:"field"`
	Taken   bool    `json:"taken"`
	Ask     []Field `json:"ask,omitempty"`

	Filled  int      `json:"filled"`
	Samples []string `json:"samples,omitempty"`
}

type ledgerJSONRefused struct {
	Sheet    string              `json:"sheet,omitempty"`
	Row      int                 `json:"row"`
	Item     int                 `json:"item"`
	Problems []ledgerJSONProblem `json:"problems,omitempty"`
}

// ledgerJSONAssumed is what a deadline's day rests on that its phrase does not say.
type ledgerJSONAssumed struct {
	Sheet   string   `json:"sheet,omitempty"`
	Row     int      `json:"row"`
	Phrase  string   `json:"deadline_phrase"`
	Assumed []string `json:"assumed"`
}

type ledgerJSONPassed struct {
	Sheet string `json:"sheet,omitempty"`
	Row   int    `json:"row"`
	Why   string `json:"why"`
	Text  string `json:"text,omitempty"`
}

type ledgerJSONProblem struct {
	Sheet  string `json:"sheet,omitempty"`
	Row    int    `json:"row,omitempty"`
	Column string `json:"column,omitempty"`
	Field  Field  `json:"field,omitempty"`
	Weight string `json:"weight"`
	Key    string `json:"key"`
	Args   []any  `json:"args,omitempty"`
}
