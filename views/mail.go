package views

import (
	"context"
	"fmt"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/text/width"

	"duban/models"
	"duban/views/text"
)

// MailView is a mail ready to be set: what a digest and a reminder have in common.
// It is set twice, as HTML that the oldest clients show right, and as plain text.
type MailView struct {
	Language  string // of the document: zh-CN, en
	Subject   string
	Preheader string // the line a mailbox shows beside the subject
	Greeting  string
	Title     string
	Sentence  []MailWord
	Button    MailLink
	Figures   []MailFigure // four, or none
	Sections  []MailSection
	Units     *MailUnits
	Head      []string // the signed head of the trail, line by line, or none
	HeadSays  string   // what it is for
	Foot      []string
	FootLinks []MailLink
	Titled    bool // short titles stand in it
}

// MailWord is a piece of a sentence, set apart when Strong, in red when Bad.
type MailWord struct {
	Text        string
	Strong, Bad bool
}

// MailLink is a link in a mail: always to a page, which asks who reads it.
type MailLink struct{ Label, Link string }

// MailFigure is one of the figures at the top.
type MailFigure struct {
	N     string
	Label string
	Note  string
	Bad   bool
}

// MailSection is a list of items under a head.
type MailSection struct {
	Head string
	N    string // how many there are in all
	All  MailLink
	Rows []MailItem
	More MailLink // what does not stand here, "" when all does
}

// MailItem is one item in a mail: its light, its name, whose it is. Name is its
// number where the address may not have titles.
type MailItem struct {
	Light  models.Light
	Words  string
	Name   string
	Link   string
	Whose  string
	Number string // "" when it is the name
	Notes  []string
	Note   MailLink
}

// MailUnits is the table of units.
type MailUnits struct {
	Head    string
	Columns []string
	Rows    []MailUnitRow
}

// MailUnitRow is one unit's figures; Bad is which of them is red, -1 for none.
type MailUnitRow struct {
	Name, Link string
	Cells      []string
	Bad        int
}

// longestMailTitle is how many characters of a title leave by mail.
const longestMailTitle = 18

// mailTitle is a title as mails may carry it.
func mailTitle(title string) string {
	if r := []rune(title); len(r) > longestMailTitle {
		return string(r[:longestMailTitle]) + "…"
	}
	return title
}

// mailShape is the character of a light: mails show no pictures.
func mailShape(l models.Light) string {
	return map[models.Light]string{
		models.LightSevere: "■", models.LightOver: "▲", models.LightSoon: "◆", models.LightReview: "◔", models.LightDone: "✓", models.LightLook: "◉", models.LightStanding: "↻", models.LightStated: "☐",
	}[l]
}

var mailChips = map[models.Light]string{
	models.LightSevere:   "background:#8C1810;color:#FFFFFF",
	models.LightOver:     "background:#FCEBE9;color:#A61C12",
	models.LightSoon:     "background:#FFF3D6;color:#7A4B00",
	models.LightReview:   "background:#EDEBF9;color:#4A3A9C",
	models.LightDone:     "background:#EBEFF4;color:#46566B",
	models.LightOK:       "background:#E6F3EA;color:#1B6238",
	models.LightNone:     "background:#EBEFF4;color:#46566B",
	models.LightStated:   "background:#EDEBF9;color:#4A3A9C",
	models.LightLook:     "background:#EDEBF9;color:#4A3A9C",
	models.LightStanding: "background:#EBEFF4;color:#46566B",
}

func mailChip(l models.Light) templ.Attributes {
	return templ.Attributes{"style": "display:inline-block;padding:1px 6px;border-radius:3px;font-size:12px;line-height:18px;font-weight:bold;white-space:nowrap;" + mailChips[l]}
}

func mailFigure(f MailFigure) templ.Attributes {
	colour := "#18212F"
	if f.Bad {
		colour = "#A61C12"
	}
	return templ.Attributes{"style": "font-size:24px;line-height:28px;font-weight:bold;color:" + colour}
}

func mailCell(bad bool) templ.Attributes {
	style := "padding:6px 4px;border-top:1px solid #E3E7ED;font-size:13px;line-height:20px"
	if bad {
		style += ";color:#A61C12;font-weight:bold"
	}
	return templ.Attributes{"style": style}
}

// Words is the sentence as plain text.
func (v MailView) Words() string {
	var words strings.Builder
	for _, w := range v.Sentence {
		words.WriteString(w.Text)
	}
	return words.String()
}

// Text is the mail as plain text, its own shape and not the HTML's leavings: a list
// is numbered, a link stands on a line of its own.
func (v MailView) Text(ctx context.Context) string {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("%s", v.Subject)
	line("")
	if v.Greeting != "" {
		line("%s", text.T(ctx, "mail.greeting", v.Greeting))
		line("")
	}
	line("%s", v.Words())
	line("%s", v.Button.Label)
	line("%s", text.T(ctx, "mail.open", v.Button.Link))
	for n, s := range v.Sections {
		line("")
		line("%s", text.T(ctx, "mail.section", ordinal(ctx, n+1), s.Head, s.N))
		for k, item := range s.Rows {
			words := []string{fmt.Sprintf("%d. [%s]", k+1, item.Words), item.Name, item.Whose}
			words = append(append(words, item.Notes...), item.Number)
			line("%s", strings.Join(strings.Fields(strings.Join(words, " ")), " "))
			if item.Note.Link != "" {
				line("   %s %s", item.Note.Label, item.Note.Link)
			}
		}
		if s.More.Link != "" {
			line("   %s %s", s.More.Label, s.More.Link)
		}
	}
	if v.Units != nil && len(v.Units.Rows) > 0 {
		line("")
		line("%s", text.T(ctx, "mail.units", ordinal(ctx, len(v.Sections)+1), v.Units.Head))
		v.Units.text(&out)
	}
	if len(v.Head) > 0 {
		line("")
		line("%s", v.HeadSays)
		line("")
		for _, words := range v.Head {
			line("%s", words)
		}
	}
	line("")
	line("--")
	for _, words := range v.Foot {
		line("%s", words)
	}
	for _, l := range v.FootLinks {
		line("%s %s", l.Label, l.Link)
	}
	line("%s", text.T(ctx, "page.secrecy")) // as the HTML says it: parts that differ cost points with filters
	return out.String()
}

// text sets the table in columns that line up, a Chinese character being as wide as
// two others.
func (u MailUnits) text(out *strings.Builder) {
	rows := [][]string{u.Columns}
	for _, r := range u.Rows {
		rows = append(rows, append([]string{r.Name}, r.Cells...))
	}
	widths := make([]int, len(u.Columns))
	for _, row := range rows {
		for n, cell := range row {
			widths[n] = max(widths[n], displayWidth(cell))
		}
	}
	for _, row := range rows {
		var words strings.Builder
		for n, cell := range row {
			space := strings.Repeat(" ", widths[n]-displayWidth(cell))
			switch {
			case n == 0:
				words.WriteString(cell + space)
			default:
				words.WriteString("  " + space + cell)
			}
		}
		out.WriteString(strings.TrimRight(words.String(), " ") + "\n")
	}
}

// displayWidth is how wide a text is on a screen of even columns.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// ordinal counts the sections of a plain mail: 一、二、 or 1. 2.
func ordinal(ctx context.Context, n int) string {
	return text.T(ctx, "mail.ordinal."+fmt.Sprint(min(n, 6)))
}

// MailDocument is the mail as HTML.
func MailDocument(ctx context.Context, v MailView) (string, error) {
	var html strings.Builder
	err := MailHTML(v).Render(ctx, &html)
	return html.String(), err
}

// MailCauseWords is what a cause is called, and MailRemedy what to do about it.
func MailCauseWords(ctx context.Context, cause models.MailCause) string {
	return text.T(ctx, "mail.reason.cause."+string(cause))
}

// MailRemedy is what to do about a cause.
func MailRemedy(ctx context.Context, cause models.MailCause) string {
	return text.T(ctx, "mail.reason.remedy."+string(cause))
}

// MailDialogueLine is one line of a conversation with a mail server, as people read it.
type MailDialogueLine struct{ Who, Words string }

// MailDialogueLines is a conversation as people read it.
func MailDialogueLines(ctx context.Context, d models.MailDialogue) []MailDialogueLine {
	var lines []MailDialogueLine
	for _, s := range d.Steps {
		switch {
		case s.Note != "":
			lines = append(lines, MailDialogueLine{text.T(ctx, "mail.who.note"), text.T(ctx, s.Note, s.Args...)})
		case s.Ours:
			lines = append(lines, MailDialogueLine{text.T(ctx, "mail.who.we"), s.Words})
		default:
			lines = append(lines, MailDialogueLine{text.T(ctx, "mail.who.server"), s.Words})
		}
	}
	return lines
}

// TrialMail is a mail that says nothing but that it arrives.
func TrialMail(ctx context.Context, base, at string) MailView {
	v := MailView{
		Language: text.Of(ctx).Tag(), Subject: text.T(ctx, "mail.trial.subject"), Title: text.T(ctx, "mail.trial.subject"),
		Sentence: []MailWord{{Text: text.T(ctx, "mail.trial.words", at)}},
		Button:   MailLink{text.T(ctx, "mail.trial.button"), base + HomeLink},
		Foot:     []string{text.T(ctx, "mail.trial.foot")},
	}
	v.Preheader = v.Words()
	return v
}
