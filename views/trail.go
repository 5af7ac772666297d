package views

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/models"
	"duban/views/text"
)

// FindingWords is what verifying found, as a sentence.
func FindingWords(ctx context.Context, f models.Finding) string {
	args := make([]any, len(f.Args))
	for n, arg := range f.Args {
		switch v := arg.(type) {
		case float64: // as a kept finding comes back
			args[n] = fmt.Sprintf("%.0f", v)
		case string:
			args[n] = v
			if words := []rune(v); len(words) > longestFinding {
				args[n] = string(words[:longestFinding]) + "…"
			}
		default:
			args[n] = fmt.Sprint(v)
		}
	}
	if code, ok := findingCodes[f.Kind]; ok && code.arg < len(args) {
		args[code.arg] = text.T(ctx, code.key+fmt.Sprint(args[code.arg]))
	}
	if f.Kind == "item_changed" && len(args) > 1 {
		args[1] = columnName(ctx, fmt.Sprint(args[1]))
	}
	if strings.HasPrefix(f.Kind, "row_") && len(args) > 0 {
		args[0] = rowName(ctx, fmt.Sprint(args[0]))
	}
	return text.T(ctx, "verify."+f.Kind, args...)
}

// columnName is what people call a column of the database.
func columnName(ctx context.Context, column string) string {
	if key := "column." + column; text.Has(key) {
		return text.T(ctx, key)
	}
	return column
}

// findingCodes are the arguments of findings that are codes and not words.
var findingCodes = map[string]struct {
	arg int
	key string
}{
	"head_unsigned": {0, "verify.where."},
	"seals_head":    {0, "verify.where."},
	"seals_other":   {0, "verify.where."},
	"column":        {1, "verify.column."},
	"file":          {2, "verify.file."},
}

// longestFinding is how much of a text a finding quotes.
const longestFinding = 80

// FindingsMail is what an auditor is told of a check that found something. It quotes no
// word of the ledger: what was found stands on the page.
func FindingsMail(ctx context.Context, c models.TrailCheck, u models.User, to MailReader) MailView {
	v := MailView{
		Language: text.Of(ctx).Tag(), Title: text.T(ctx, "findings.title"), Greeting: u.FullName,
		Button: MailLink{text.T(ctx, "findings.button"), to.BaseURL + AuditLink},
		Foot:   []string{text.T(ctx, "findings.foot")},
	}
	said := text.Count(ctx, "findings.say", len(c.Findings))
	v.Subject = said
	v.Sentence = []MailWord{{Text: said, Bad: true}, {Text: text.T(ctx, "findings.look")}}
	v.Preheader = v.Words()
	return v
}

// headLines are the lines of a signed head, as a digest prints it.
func headLines(c models.Checkpoint) []string {
	if c.Note == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(c.Note, "\n"), "\n")
}

// changesShown is how many changes a row of the trail shows, and findingsShown how many
// findings its page does; the event's page and the command have them all.
const (
	changesShown  = 4
	findingsShown = 20
)

// Change is what an act changed, in words: of what, from what, to what.
type Change struct{ Name, Before, After string }

// unsaidColumns change with every act and tell nobody anything.
var unsaidColumns = []string{"flagged_due", "flagged_review", "progress_on", "measures", "measures_done", "submitted_by", "leader_id", "handler_id"}

// ItemChanges are the changes of an item that an event made, for who sees the item.
func ItemChanges(ctx context.Context, e models.Event) []Change {
	var r models.Record
	if err := json.Unmarshal([]byte(e.Record), &r); err != nil || e.Act == models.RegisterItem {
		return nil
	}
	for _, column := range append([]string{"status"}, unsaidColumns...) {
		delete(r.Changed, column)
	}
	for key := range r.Changed {
		if strings.Contains(key, " ") { // of a row, which the event's words tell of
			delete(r.Changed, key)
		}
	}
	// What was nothing before is in the event's own words.
	return slices.DeleteFunc(RecordChanges(ctx, r), func(c Change) bool { return c.Before == "" })
}

// toldChanges are the changes that a row of the trail tells of: numbers of accounts are for the
// event's own page.
func toldChanges(ctx context.Context, r models.Record) []Change {
	some := r
	some.Changed = maps.Clone(r.Changed)
	maps.DeleteFunc(some.Changed, func(key string, _ [2]string) bool {
		column := key[strings.LastIndexByte(key, ' ')+1:]
		return slices.Contains(unsaidColumns[2:], key) || strings.HasSuffix(column, "ed_by") || column == "done_by"
	})
	return RecordChanges(ctx, some)
}

// objectName is what an act was done to, in words: FK-2024-003, or an account.
func objectName(ctx context.Context, object string) string {
	kind, name, ok := strings.Cut(object, " ")
	if key := "audit.object." + kind; ok && text.Has(key) {
		return text.T(ctx, key) + " " + name
	}
	return object
}

// RecordChanges are all changes that a record tells of.
func RecordChanges(ctx context.Context, r models.Record) []Change {
	var all []Change
	zone := time.UTC
	if at, err := time.Parse(time.RFC3339, r.At); err == nil {
		zone = at.Location() // of the place, as it was written down
	}
	for _, key := range slices.Sorted(maps.Keys(r.Changed)) {
		change := r.Changed[key]
		table, column := "items", key // due_on, or measures 12 result
		name := ""
		if at := strings.LastIndexByte(key, ' '); at > 0 {
			column = key[at+1:]
			table, _, _ = strings.Cut(key, " ")
			name = rowName(ctx, key[:at]) + " "
		}
		if column == "version" { // it counts, and tells nobody anything
			continue
		}
		name += columnName(ctx, column)
		all = append(all, Change{name, valueName(ctx, table, column, change[0], zone), valueName(ctx, table, column, change[1], zone)})
	}
	return all
}

// rowName is what people call a row that the trail vouches for: measures 12.
func rowName(ctx context.Context, row string) string {
	table, id, _ := strings.Cut(row, " ")
	if key := "audit.row." + table; text.Has(key) {
		return text.T(ctx, key) + " " + id
	}
	return row
}

// valueWords say, by column or by table and column, how the codes in it are told.
var valueWords = map[string]string{
	"status": "status.", "role": "role.", "tier": "tier.", "kind": "measure.kind.", "state": "audit.state.",
	"letters status": "letter.status.", "letters verdict": "letter.status.", "verifications verdict": "verdict.", "rechecks outcome": "recheck.",
	"submissions outcome": "act.", "signatures voided_act": "act.",
}

// valueName is a value of a column in words.
func valueName(ctx context.Context, table, column, value string, zone *time.Location) string {
	if value == "" {
		return ""
	}
	for _, of := range []string{table + " " + column, column} {
		if key := valueWords[of]; key != "" && text.Has(key+value) {
			return text.T(ctx, key+value)
		}
	}
	if value == "true" {
		return text.T(ctx, "audit.yes")
	}
	if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
		return at.In(zone).Format("2006-01-02 15:04")
	}
	if words := []rune(value); len(words) > longestFinding {
		return string(words[:longestFinding]) + "…"
	}
	return value
}

// actName is what people call an act.
func actName(ctx context.Context, a models.Act) string {
	if key := "act." + string(a); text.Has(key) {
		return text.T(ctx, key)
	}
	return string(a)
}

// resultName is why something was not done.
func resultName(ctx context.Context, result string) string {
	for _, key := range []string{"audit.result." + result, result} {
		if text.Has(key) && !strings.Contains(text.T(ctx, key), "%") {
			return text.T(ctx, key)
		}
	}
	return result
}

// recordPerson is who it was, as they were then.
func recordPerson(ctx context.Context, r models.Record) string {
	role := string(r.Person.Role)
	if key := "role." + role; text.Has(key) {
		role = text.T(ctx, key)
	}
	switch {
	case r.Person.Full != "":
		return r.Person.Full + " " + role
	case r.Person.Name == models.TheClerk.Name:
		return text.T(ctx, "trail.clerk")
	case r.Person.Name != "":
		return r.Person.Name + " " + role
	}
	return text.T(ctx, "audit.nobody")
}

// recordMoment is when it was, by the clock of the place.
func recordMoment(r models.Record) string {
	at, err := time.Parse(time.RFC3339, r.At)
	if err != nil {
		return r.At
	}
	return at.Format("2006-01-02 15:04:05")
}

// recordLine is when it was, who, and from where.
func recordLine(ctx context.Context, r models.Record) string {
	words := []string{recordMoment(r), recordPerson(ctx, r)}
	if from := recordOrigin(r); from != "" {
		words = append(words, from)
	}
	return strings.Join(words, " · ")
}

func recordOrigin(r models.Record) string {
	if r.Origin == nil {
		return ""
	}
	return r.Origin.Address
}

func auditActs(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "audit.any")}}
	for _, a := range models.AuditActs() {
		choices = append(choices, Choice{string(a), actName(ctx, a)})
	}
	return choices
}

func auditResults(ctx context.Context) []Choice {
	return []Choice{{"", text.T(ctx, "audit.any")}, {"done", text.T(ctx, "audit.done")}, {"refused", text.T(ctx, "audit.refused")}}
}

func (v AuditView) moment(ctx context.Context, at time.Time) string {
	return at.In(v.Zone).Format("2006-01-02 15:04:05")
}

// older is the page of what came before.
func (v AuditView) older() string {
	q := auditQuery(v.Filter)
	q.Set("before", strconv.FormatInt(v.Rows[len(v.Rows)-1].Event.ID, 10))
	return AuditLink + "?" + q.Encode()
}

func auditQuery(f models.AuditFilter) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"person": f.Person, "item": f.Item, "act": string(f.Act), "result": f.Result, "from": string(f.From), "to": string(f.To)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// Where the trail's pages and files are.
const AuditChecksLink = AuditLink + "/checks"

// AuditExportLink is a filter's events as a signed file.
func AuditExportLink(f models.AuditFilter) string {
	return AuditLink + "/export.jsonl?" + auditQuery(f).Encode()
}

// AuditEventLink is one event's page, and EventProofLink its proof.
func AuditEventLink(id int64) string { return AuditLink + "/events/" + strconv.FormatInt(id, 10) }
func EventProofLink(id int64) string { return AuditEventLink(id) + "/proof.json" }

// HeadLink is a signed head, and GrowthLink the proof of growth since.
func HeadLink(size int64) string {
	return AuditLink + "/heads/" + strconv.FormatInt(size, 10) + "/head.txt"
}
func GrowthLink(size int64) string {
	return AuditLink + "/heads/" + strconv.FormatInt(size, 10) + "/growth.json"
}

// HistoryLink is all that ever happened to an item.
func HistoryLink(number string) string { return ItemLink(number) + "/history" }
