package signal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"duban/models/day"
	"duban/models/deadline"
)

// Unit is a unit in a round with its whole history: what the signals read.
type Unit struct {
	Is       Organ     `json:"unit"`
	Round    Round     `json:"round"`
	Feedback Feedback  `json:"feedback"`
	Items    []Item    `json:"items"`
	Earlier  []Earlier `json:"earlier"`
}

// Organ is a unit as an organisation.
type Organ struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Place        string   `json:"place"`
	Leadership   []Leader `json:"leadership"`
	Departments  []string `json:"departments"`
	Subordinates []string `json:"subordinates"`
}

// Leader is one of a unit's leadership; one of them is its head.
type Leader struct {
	Name string `json:"name"`
	Post string `json:"post"`
	Head bool   `json:"head"`
}

// Round are the days of the unit's round. AsOf is the day on which the history is looked
// at; a day that is not known is empty.
type Round struct {
	Code       string  `json:"code"`
	NoticeOn   day.Day `json:"notice_on"`
	FeedbackOn day.Day `json:"feedback_on"`
	WindowEnd  day.Day `json:"window_end"`
	AsOf       day.Day `json:"as_of"`
}

// Feedback is what the inspectors named. Clauses are empty where only the number is
// known.
type Feedback struct {
	ProblemsNamed int      `json:"problems_named"`
	Clauses       []Clause `json:"clauses"`
}

// Clause is one problem of the feedback; PassedTo is the body that it went to by rule.
type Clause struct {
	Clause   string `json:"clause"`
	Problem  string `json:"problem"`
	PassedTo string `json:"passed_to"`
}

// Item is a problem with all that was done about it.
type Item struct {
	Number        string         `json:"number"`
	Tier          deadline.Tier  `json:"tier"`
	Source        string         `json:"source"`
	Category      string         `json:"category"`
	Problem       string         `json:"problem"`
	Standard      string         `json:"standard"`
	Leader        string         `json:"leader"`
	Handler       string         `json:"handler"`
	RegisteredAt  Instant        `json:"registered_at"`
	Imported      bool           `json:"imported"`
	Status        string         `json:"status"`
	Measures      []Measure      `json:"measures"`
	Progress      []Progress     `json:"progress"`
	Evidence      []Evidence     `json:"evidence"`
	Submissions   []Submission   `json:"submissions"`
	Verifications []Verification `json:"verifications"`
	Closures      []Closure      `json:"closures"`
	Extensions    []Extension    `json:"extensions"`
	Achieved      Numbers        `json:"achieved"` // by all of its measures together
}

// Measure is what was undertaken. Kind is as the office names it, or empty.
type Measure struct {
	Seq     int     `json:"seq"`
	Text    string  `json:"text"`
	Kind    string  `json:"kind"`
	Result  string  `json:"result"`
	Numbers Numbers `json:"numbers"`
}

// Numbers are what came of something: rules made, money recovered, people held to
// account.
type Numbers struct {
	Rules     float64 `json:"rules"`
	MoneyYuan float64 `json:"money_yuan"`
	People    float64 `json:"people"`
}

// Progress is an entry of progress.
type Progress struct {
	On   day.Day `json:"on"`
	By   string  `json:"by"`
	Text string  `json:"text"`
}

// Evidence is a file, or the number of a document that may not leave its network.
// FileDate is what the file says of itself; Measure the measure it proves, nil for the
// item.
type Evidence struct {
	Name       string  `json:"name"`
	DocNo      string  `json:"doc_no"`
	SHA256     string  `json:"sha256"`
	HandedInOn day.Day `json:"handed_in_on"`
	HandedInAt Instant `json:"handed_in_at"`
	FileDate   day.Day `json:"file_date"`
	Measure    *int    `json:"measure"`
}

// Submission is one request for closing and what came of it.
type Submission struct {
	At      Instant `json:"at"`
	Outcome string  `json:"outcome"`
}

// Verification is a supervisor's verdict, in words.
type Verification struct {
	Verdict string `json:"verdict"`
	Words   string `json:"words"`
}

// Closure is a closing.
type Closure struct {
	On day.Day `json:"on"`
	At Instant `json:"at"`
}

// Extension is one moving of the due day. Why is asked for the unit's wish; anything
// else is the supervisors' doing.
type Extension struct {
	FromOn  day.Day `json:"from_on"`
	ToOn    day.Day `json:"to_on"`
	Why     string  `json:"why"`
	Reason  string  `json:"reason"`
	AskedOn day.Day `json:"asked_on"`
	State   string  `json:"state"`
	DocNo   string  `json:"doc_no"`
}

// Earlier is a round before, with its items.
type Earlier struct {
	Round string        `json:"round"`
	Items []EarlierItem `json:"items"`
}

// EarlierItem is an item of a round before. CarriedTo is the number under which one that
// was not closed goes on.
type EarlierItem struct {
	Number    string   `json:"number"`
	Category  string   `json:"category"`
	Problem   string   `json:"problem"`
	Progress  []string `json:"progress"`
	Status    string   `json:"status"`
	CarriedTo string   `json:"carried_to"`
}

// statusClosed is the status of an item that was struck off.
const statusClosed = "closed"

// Instant is a moment; the zero one is unknown.
type Instant struct{ time.Time }

// UnmarshalJSON reads a moment. One that nobody can read is unknown, as one that is
// missing is: a signal says nothing of what it does not know.
func (i *Instant) UnmarshalJSON(raw []byte) error {
	var said string
	if err := json.Unmarshal(raw, &said); err != nil {
		return err
	}
	i.Time = time.Time{}
	if at, err := time.Parse(time.RFC3339, said); err == nil {
		i.Time = at
	}
	return nil
}

// day is the day of a moment where it was written down; "" when it is unknown.
func (i Instant) day() day.Day {
	if i.IsZero() {
		return ""
	}
	return day.Of(i.Time)
}

// closing is when an item that is closed was closed last; unknown for all others.
func (it *Item) closing() (c Closure, closed bool) {
	if it.Status != statusClosed || len(it.Closures) == 0 {
		return Closure{}, false
	}
	return it.Closures[len(it.Closures)-1], true
}

// onDay is the day of the closing; "" when it is unknown.
func (c Closure) onDay() day.Day {
	if c.On.Valid() {
		return c.On
	}
	return c.At.day()
}

// after says whether evidence was handed in after a closing. What is not known was not.
func (e Evidence) after(c Closure) bool {
	if !e.HandedInAt.IsZero() && !c.At.IsZero() {
		return e.HandedInAt.After(c.At.Time)
	}
	return e.HandedInOn.Valid() && c.onDay().Valid() && e.HandedInOn > c.onDay()
}

// inTime is the evidence that counts: all of it, or for an item that is closed what was
// there at the closing. A row that names neither a file nor a document is none.
func (it *Item) inTime() (out []Evidence) {
	c, closed := it.closing()
	for _, e := range it.Evidence {
		if e.SHA256 == "" && strings.TrimSpace(e.DocNo) == "" && strings.TrimSpace(e.Name) == "" || closed && e.after(c) {
			continue
		}
		out = append(out, e)
	}
	return out
}

// BrokenLine is a line of a file that is no history.
type BrokenLine struct {
	Line int
	Err  error
}

func (e BrokenLine) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap is what was wrong with it.
func (e BrokenLine) Unwrap() error { return e.Err }

// Histories reads a file with one unit in one round a line, as JSON. Lines that cannot be
// read are left out and named together in the error, each a BrokenLine; empty ones are
// nothing. Two lines may not be about the same unit and round.
func Histories(from io.Reader) ([]Unit, error) {
	var out []Unit
	var broken []error
	in := bufio.NewReader(from)
	told := map[[2]string]int{}
	for line := 1; ; line++ {
		raw, err := in.ReadBytes('\n')
		if text := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff"))); len(text) > 0 {
			var u Unit
			key := [2]string{}
			switch bad := json.Unmarshal(text, &u); {
			case bad != nil:
				broken = append(broken, BrokenLine{line, bad})
			case u.Is.ID == "":
				broken = append(broken, BrokenLine{line, errors.New("it names no unit")})
			default:
				key = [2]string{u.Is.ID, u.Round.Code}
				if before := told[key]; before > 0 {
					broken = append(broken, BrokenLine{line, fmt.Errorf("line %d is about unit %s in this round already", before, u.Is.ID)})
					break
				}
				told[key] = line
				out = append(out, u)
			}
		}
		if err == io.EOF {
			return out, errors.Join(broken...)
		}
		if err != nil {
			return out, errors.Join(append(broken, err)...)
		}
	}
}
