package views

import (
	"context"
	"fmt"
	"strings"

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
