package views

import (
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"duban/models"
)

// Every address is built here. A test checks that each leads to a route.

const (
	HomeLink    = "/"
	SignInLink  = "/sign-in"
	SignOutLink = "/sign-out"
	SetupLink   = "/setup"
	BoardPath   = "/board"
	ItemsPath   = "/items"
	NewItemLink = "/items/new"
	OverduePath = "/overdue"
	// StatisticsPath is the page of the whole.
	StatisticsPath = "/dashboard"
	ReviewsLink    = "/reviews"
	ImportLink     = "/import"
	TemplateLink   = "/import/template.xlsx"
	DigestsLink    = "/digests"
	NoticesLink    = "/notices"
	AuditLink      = "/audit"
	PreviewPath    = "/digest/preview"
	JobsLink       = "/jobs"

	MailPagePath      = "/mail"
	MailTrialsLink    = "/mail/trials"
	ResendMailsLink   = "/mail/resendings"
	LiftMailMarksLink = "/mail/marks/lifting"
	MeLink            = "/me"
	PasswordLink      = "/me/password"
	LanguageLink      = "/language"
	ThemeLink         = "/theme"
	UsersLink         = "/users"
	UnitsLink         = "/units"
	RoundsLink        = "/rounds"
	RulesLink         = "/help/rules"
	ExportPath        = "/items.xlsx"
)

func HandoversLink(code string) string { return UnitLink(code) + "/handovers" }
func ScopesLink(user int64) string     { return UserLink(user) + "/scopes" }

// SignalsLink is the page of signals.
const SignalsLink = "/signals"

func SignalAnswerLink(number string, signal int64) string {
	return ItemLink(number) + "/signals/" + idText(signal) + "/answer"
}

// Re-checks, their draws, and what is done to a standing item.
const (
	RechecksLink = "/rechecks"
	DrawsLink    = "/rechecks/draws"
)

func DrawLink(draw int64) string        { return DrawsLink + "/" + idText(draw) }
func DrawNumbersLink(draw int64) string { return DrawLink(draw) + "/numbers.txt" }
func RecheckLink(number string, recheck int64) string {
	return ItemLink(number) + "/rechecks/" + idText(recheck)
}
func StandingLink(number string) string        { return ItemLink(number) + "/standing" }
func StandingEndLink(number string) string     { return StandingLink(number) + "/end" }
func StandingReviewsLink(number string) string { return StandingLink(number) + "/reviews" }

// AchievementsLink is what an item has brought about, in numbers.
func AchievementsLink(number string) string { return ItemLink(number) + "/achievements" }
func AchievementWithdrawalLink(number string, achievement int64) string {
	return AchievementsLink(number) + "/" + idText(achievement) + "/withdrawal"
}

// Letters.
const (
	LettersPath    = "/letters"
	NewLettersPath = "/letters/new"
)

// LettersLink is the list of letters of a unit, or "" for all, that stand so, or "".
func LettersLink(unit string, status models.LetterStatus) string {
	q := url.Values{}
	if unit != "" {
		q.Set("unit", unit)
	}
	if status != "" {
		q.Set("status", string(status))
	}
	return withQuery(LettersPath, q.Encode())
}

// NewLettersLink begins letters about these items, one a unit.
func NewLettersLink(numbers ...string) string {
	return withQuery(NewLettersPath, url.Values{"item": numbers}.Encode())
}
func LetterLink(letter int64) string     { return LettersPath + "/" + idText(letter) }
func LetterFileLink(letter int64) string { return LetterLink(letter) + "/letter.docx" }

// Urging: what it would come to, and doing it.
const (
	UrgingsPath   = "/urgings"
	NewUrgingPath = "/urgings/new"
)

// The deeds on a letter.
func LetterSignatureLink(letter int64) string       { return LetterLink(letter) + "/signature" }
func LetterAcknowledgementLink(letter int64) string { return LetterLink(letter) + "/acknowledgement" }
func LetterAnswerLink(letter int64) string          { return LetterLink(letter) + "/answer" }
func LetterJudgementLink(letter int64) string       { return LetterLink(letter) + "/judgement" }
func LetterWithdrawalLink(letter int64) string      { return LetterLink(letter) + "/withdrawal" }

// Where the office changes the rules, and the step before that.
const (
	RulesEditLink   = "/rules"
	RulesDraftLink  = "/rules/draft"
	RulesPresetLink = "/rules?preset=1"
)

// Where the office keeps the working calendar, and the step before a change of it.
const (
	CalendarLink      = "/calendar"
	CalendarDraftLink = "/calendar/draft"
)

// CalendarYearLink is a year of the working calendar.
func CalendarYearLink(of int) templ.SafeURL {
	return templ.SafeURL(CalendarLink + "?year=" + strconv.Itoa(of))
}

// BoardLink, ItemsLink and OverdueLink are the pages in the state of a filter.
func BoardLink(f models.Filter) string   { return withQuery(BoardPath, f.Encode()) }
func ItemsLink(f models.Filter) string   { return withQuery(ItemsPath, f.Encode()) }
func OverdueLink(f models.Filter) string { return withQuery(OverduePath, f.Encode()) }

// ExportLink is the ledger as a sheet, in the state of a filter.
func ExportLink(f models.Filter) string { return withQuery(ExportPath, f.Encode()) }

// ExportLinkAs is the ledger in another form, by its ending: .csv, .json.
func ExportLinkAs(ending string, f models.Filter) string {
	return withQuery(ItemsPath+ending, f.Encode())
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// ItemLink is an item's page; ItemFromLink is the same, knowing the list one came
// from, so that previous and next stay within it.
func ItemLink(number string) string { return ItemsPath + "/" + url.PathEscape(number) }
func ItemFromLink(number string, f models.Filter) string {
	f.Page = 0
	if query := f.Encode(); query != "" {
		return ItemLink(number) + "?from=" + url.QueryEscape(query)
	}
	return ItemLink(number)
}

// The deeds on an item.
func ProgressLink(number string) string   { return ItemLink(number) + "/progress" }
func SubmissionLink(number string) string { return ItemLink(number) + "/submission" }
func WithdrawalLink(number string) string { return ItemLink(number) + "/withdrawal" }
func ReturnLink(number string) string     { return ItemLink(number) + "/return" }
func ClosureLink(number string) string    { return ItemLink(number) + "/closure" }
func CompletionLink(number string, measure int64) string {
	return ItemLink(number) + "/measures/" + idText(measure) + "/completion"
}
func ReopeningLink(number string, measure int64) string {
	return ItemLink(number) + "/measures/" + idText(measure) + "/reopening"
}

func StandardLink(number string) string   { return ItemLink(number) + "/standard" }
func AssignmentLink(number string) string { return ItemLink(number) + "/assignment" }

// CellsLink writes cells of an item's row, RowLink is the row as a form.
func CellsLink(number string) string { return ItemLink(number) + "/cells" }

// Blocks of cells: what they would change, writing them, and the form for many items.
const (
	BlocksLink      = "/items/blocks"
	BlocksDraftLink = "/items/blocks/draft"
	BulkPath        = "/items/bulk"
)

func RowLink(number string, f models.Filter) string {
	f.Page = 0
	if query := f.Encode(); query != "" {
		return ItemLink(number) + "/row?from=" + url.QueryEscape(query)
	}
	return ItemLink(number) + "/row"
}
func ReceiptLink(number string) string  { return ItemLink(number) + "/receipt" }
func MeasuresLink(number string) string { return ItemLink(number) + "/measures" }
func MeasureLink(number string, measure int64) string {
	return MeasuresLink(number) + "/" + idText(measure)
}
func StageLink(number string) string            { return ItemLink(number) + "/stage" }
func ItemReopeningLink(number string) string    { return ItemLink(number) + "/reopening" }
func SheetLink(number string) string            { return ItemLink(number) + "/sheet" }
func SignaturesLink(number string) string       { return ItemLink(number) + "/signatures" }
func SignaturesReturnLink(number string) string { return SignaturesLink(number) + "/return" }
func StatedLink(number string) string           { return ItemLink(number) + "/stated" }
func StatedDrawsLink(of int64) string           { return "/stated/" + idText(of) + "/draws" }
func DateLink(number string) string             { return ItemLink(number) + "/date" }
func DateProposalLink(number string) string     { return DateLink(number) + "/proposal" }
func DateCorrectionLink(number string) string   { return DateLink(number) + "/correction" }
func ExtensionsLink(number string) string       { return ItemLink(number) + "/extensions" }
func ExtensionLink(number string, extension int64, deed string) string {
	return ExtensionsLink(number) + "/" + idText(extension) + "/" + deed
}
func VoidingsLink(number string) string { return ItemLink(number) + "/voidings" }
func VoidingLink(number string, voiding int64, deed string) string {
	return VoidingsLink(number) + "/" + idText(voiding) + "/" + deed
}

// Evidence: all of an item's, one file of it, and the ways in which its bytes are sent.
func EvidenceLink(number string) string    { return ItemLink(number) + "/evidence" }
func EvidenceZipLink(number string) string { return ItemLink(number) + "/evidence.zip" }
func FileLink(number string, evidence int64) string {
	return EvidenceLink(number) + "/" + idText(evidence)
}
func FileDownloadLink(number string, evidence int64) string {
	return FileLink(number, evidence) + "/file"
}
func FileVersionsLink(number string, evidence int64) string {
	return FileLink(number, evidence) + "/versions"
}
func ThumbnailLink(number string, evidence int64) string {
	return FileLink(number, evidence) + "/thumbnail"
}
func PictureLink(number string, evidence int64) string {
	return FileLink(number, evidence) + "/picture"
}
func DocumentLink(number string, evidence int64) string {
	return FileLink(number, evidence) + "/document"
}

// The register's own pages, one thing each.
func UserLink(n int64) string      { return UsersLink + "/" + idText(n) }
func UnitLink(code string) string  { return UnitsLink + "/" + code }
func RoundLink(code string) string { return RoundsLink + "/" + code }

// BulletinLink is a round's bulletin, with what was closed since that day, or in the
// last month for "".
func BulletinLink(code string, since models.Day) string {
	q := url.Values{}
	if since != "" {
		q.Set("since", string(since))
	}
	return withQuery(RoundLink(code)+"/bulletin.docx", q.Encode())
}
func RoundUnitsLink(code string) string { return RoundLink(code) + "/units" }
func DigestLink(week string) string     { return DigestsLink + "/" + week }
func DigestMailLink(week string) string { return DigestLink(week) + "/mail" }
func DeliveriesLink(week string) string { return DigestLink(week) + "/deliveries" }
func ResendDigestLink(week string, digest int64) string {
	return DeliveriesLink(week) + "/" + idText(digest)
}
func PreviewMailLink(name string) string { return PreviewPath + "/mail?as=" + url.QueryEscape(name) }
func RunJobLink(job string) string       { return JobsLink + "/" + job + "/runs" }
func ResendMailLink(n int64) string      { return "/mails/" + idText(n) + "/resending" }

// Robots of chat groups, and the reader's live notices.
const (
	WebhooksLink      = "/webhooks"
	NoticeLiveLink    = "/notices/live"
	NoticeChoicesLink = "/notices/choices"
	LeavePath         = "/leave/"
	FeedLink          = "/me/feed"
	FeedEndLink       = "/me/feed/end"
	FeedPath          = "/feeds/"
)

func FeedAddress(word string) string    { return FeedPath + word + "/duban.ics" }
func ItemFeedLink(number string) string { return ItemLink(number) + "/calendar.ics" }
func LeaveLink(word string) string      { return LeavePath + word }

func WebhookLink(n int64) string    { return WebhooksLink + "/" + idText(n) }
func WebhookTryLink(n int64) string { return WebhookLink(n) + "/tries" }

func idText(n int64) string { return strconv.FormatInt(n, 10) }
