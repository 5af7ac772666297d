package views

import (
	"context"
	"strconv"

	"duban/models"
	"duban/views/text"
)

// saying says particulars of an event in sentences, none when the event has none of
// them.
type saying func(ctx context.Context, p models.Particulars) []string

// actShown is what the timeline shows of an act beside its name.
type actShown struct {
	words string // the particular that holds what the person wrote
	facts []saying
}

// shownOf is what the timeline shows of each act; one that is not here has its name
// alone.
var shownOf = map[models.Act]actShown{
	models.RegisterItem:        {"", []saying{dayFact("fact.due", "due"), valueFact("fact.status_word", "status_word"), valueFact("fact.stated", "stated")}},
	models.ReviseItem:          {"words", []saying{revisedFacts, correctedFacts}},
	models.UndoEdit:            {"", []saying{correctedFacts, revisedFacts}},
	models.CorrectItem:         {"words", []saying{correctedFacts}},
	models.SetStandard:         {"words", []saying{valueFact("fact.standard_was", "was")}},
	models.AssignItem:          {"", []saying{fixedFact("fact.assigned", "leader", "handler"), valueFact("fact.assisting", "assistants")}},
	models.PlanItem:            {"", []saying{valueFact("fact.measures_added", "measures")}},
	models.AddMeasures:         {"", []saying{valueFact("fact.measures_added", "measures")}},
	models.ReviseMeasure:       {"", []saying{measureFacts}},
	models.CompleteMeasure:     {"", []saying{fixedFact("fact.measure_done", "measure", "result")}},
	models.ReopenMeasure:       {"", []saying{fixedFact("fact.measure_reopened", "measure", "result")}},
	models.AddEvidence:         {"", []saying{sentFacts}},
	models.ReplaceEvidence:     {"", []saying{sentFacts}},
	models.RecordAchievement:   {"words", []saying{achievementFact}},
	models.WithdrawAchievement: {"words", []saying{achievementFact}},

	models.SetDate:           {"words", []saying{dayFact("fact.due", "due")}},
	models.ProposeDate:       {"words", nil},
	models.AskExtension:      {"words", []saying{untilFact, valueFact("fact.asked_late", "asked_late")}},
	models.WithdrawExtension: {"words", []saying{untilFact}},
	models.GrantExtension:    {"words", []saying{ownFact("doc_no")}},
	models.RefuseExtension:   {"words", []saying{untilFact}},

	models.SignItem:      {"", []saying{signedFacts}},
	models.UnsignItem:    {"words", nil},
	models.WithdrawItem:  {"words", []saying{valueFact("fact.late", "late")}},
	models.VerifyItem:    {"words", nil},
	models.ReturnItem:    {"words", []saying{reasonFact}},
	models.StageItem:     {"words", nil},
	models.CloseItem:     {"words", []saying{valueFact("fact.late", "late")}},
	models.ReopenItem:    {"words", nil},
	models.DrawStated:    {"", []saying{valueFact("fact.by_draw", "draw")}},
	models.VerifyStated:  {"words", nil},
	models.AcceptStated:  {"words", nil},
	models.PassStated:    {"words", []saying{valueFact("fact.by_draw", "draw")}},
	models.RejectStated:  {"words", nil},
	models.DropStated:    {"", []saying{valueFact("fact.by_draw", "draw"), valueFact("fact.sample_failed", "failed")}},
	models.AskVoiding:    {"words", nil},
	models.AnswerSignal:  {"words", []saying{signalFact}},
	models.RefuseVoiding: {"words", nil},
	models.VoidItem:      {"words", nil},
	models.HandOver:      {"words", []saying{handedFacts}},

	models.SetStanding:    {"", []saying{dayFact("fact.review_on", "review_on"), dayFact("fact.review_was", "was")}},
	models.ReviewStanding: {"words", []saying{dayFact("fact.review_on", "review_on")}},
	models.EndStanding:    {"words", nil},
	models.FlagReview:     {"", []saying{dayFact("fact.review_due", "review_on")}},
	models.DrawRecheck:    {"", []saying{dayFact("fact.recheck_due", "due")}},
	models.FlagRecheck:    {"", []saying{dayFact("fact.recheck_due", "due")}},
	models.RecheckHolds:   {"words", nil},
	models.RecheckFails:   {"words", []saying{dayFact("fact.recheck_reopened", "due")}},

	models.FlagOverdue: {"", []saying{dayFact("fact.overdue", "due")}},
	models.RemindDue:   {"", []saying{dayFact("fact.due", "about")}},
	models.RemindIdle:  {"", []saying{dayFact("fact.idle", "about")}},
	models.UrgeItem:    {"", []saying{fixedFact("fact.urged", "people")}},

	models.OfferLetter:       {"", []saying{offeredFact}},
	models.SignLetter:        {"", []saying{letterFact, dayFact("letter.answer_by", "answer_by")}},
	models.AcknowledgeLetter: {"words", []saying{letterFact, valueFact("letter.answered_late", "late")}},
	models.AnswerLetter:      {"words", []saying{letterFact, valueFact("letter.answered_late", "late")}},
	models.AcceptAnswer:      {"words", []saying{letterFact, valueFact("letter.answered_late", "late")}},
	models.RejectAnswer:      {"words", []saying{letterFact, valueFact("letter.answered_late", "late")}},
	models.WithdrawLetter:    {"words", []saying{letterFact, valueFact("letter.answered_late", "late")}},
}

// plainActs are the acts whose name says all that the timeline has to say.
var plainActs = []models.Act{
	models.AcknowledgeItem, models.UnplanItem, models.ReportProgress, models.SubmitItem, models.TakeIn, models.UndoImport, models.RemindReview,
	models.ViewEvidence, models.DownloadEvidence, models.DraftLetter, models.ReviseLetter, models.DropLetter,
}

// sharedFacts stand with whatever act has the particulars.
var sharedFacts = []saying{ledgerFact, valueFact("fact.held", "held"), movedFact, voidedFact, dayFact("fact.proposed", "proposed"), fileFacts}

// Facts are the particulars of an event, as sentences for the timeline. What an
// act's words are stands in its text; what changed stands here.
func Facts(ctx context.Context, e models.Event) (words string, facts []string) {
	shown := shownOf[e.Act]
	if shown.words != "" {
		words = e.Particulars[shown.words]
	}
	if e.Act == models.RecordAchievement || e.Act == models.WithdrawAchievement {
		words = or(words, e.Particulars["basis"])
	}
	for _, say := range shown.facts {
		facts = append(facts, say(ctx, e.Particulars)...)
	}
	for _, say := range sharedFacts {
		facts = append(facts, say(ctx, aboutAct(e))...)
	}
	return words, facts
}

// aboutAct are the particulars that the shared facts are told: an act that says a date
// or its signatures itself does not say them twice.
func aboutAct(e models.Event) models.Particulars {
	hidden := map[models.Act]string{models.ReviseItem: "due_before", models.UnsignItem: "voided"}[e.Act]
	if hidden == "" {
		return e.Particulars
	}
	p := models.Particulars{}
	for key, value := range e.Particulars {
		if key != hidden {
			p[key] = value
		}
	}
	return p
}

// valueFact says a sentence of one particular, where the event has it.
func valueFact(key, of string) saying {
	return func(ctx context.Context, p models.Particulars) []string {
		if p[of] == "" {
			return nil
		}
		return []string{text.T(ctx, key, p[of])}
	}
}

// fixedFact says a sentence of particulars that every event of the act has.
func fixedFact(key string, of ...string) saying {
	return func(ctx context.Context, p models.Particulars) []string {
		args := make([]any, len(of))
		for n, one := range of {
			args[n] = p[one]
		}
		return []string{text.T(ctx, key, args...)}
	}
}

// dayFact says a sentence of a day, where the event has it.
func dayFact(key, of string) saying {
	return func(ctx context.Context, p models.Particulars) []string {
		if p[of] == "" {
			return nil
		}
		return []string{text.T(ctx, key, dateOf(ctx, models.Day(p[of])))}
	}
}

// ownFact is a particular as it is.
func ownFact(of string) saying {
	return func(_ context.Context, p models.Particulars) []string {
		if p[of] == "" {
			return nil
		}
		return []string{p[of]}
	}
}

func revisedFacts(ctx context.Context, p models.Particulars) (facts []string) {
	for _, field := range []string{"due", "leader", "handler", "department", "status_word"} {
		if p[field] != "" {
			facts = append(facts, text.T(ctx, "fact.revised", text.T(ctx, "fact.field."+field), p[field]))
		}
	}
	return facts
}

func correctedFacts(ctx context.Context, p models.Particulars) (facts []string) {
	for _, f := range models.Corrected() {
		if was, is := p[string(f)+"_before"], p[string(f)]; was != "" || is != "" {
			facts = append(facts, text.T(ctx, "fact.corrected", text.T(ctx, "ledger.field."+string(f)), cellText(ctx, f, was), cellText(ctx, f, is)))
		}
	}
	return facts
}

func measureFacts(ctx context.Context, p models.Particulars) (facts []string) {
	for _, field := range []string{"text", "owner", "measure_due"} {
		if p[field] != "" {
			facts = append(facts, text.T(ctx, "fact.measure_changed", p["measure"], p[field+"_before"], p[field]))
		}
	}
	return facts
}

func sentFacts(ctx context.Context, p models.Particulars) []string {
	return []string{evidenceFact(ctx, p)}
}

func achievementFact(ctx context.Context, p models.Particulars) []string {
	n, _ := strconv.ParseInt(p["n"], 10, 64) // written by the program itself
	kind := models.AchievementKind(p["kind"])
	return []string{text.T(ctx, "achievement."+string(kind)) + " " + AchievementWords(ctx, kind, n)}
}

func untilFact(ctx context.Context, p models.Particulars) []string {
	if p["until"] == "" {
		return nil
	}
	return []string{text.T(ctx, "fact.until_asked", dateOf(ctx, models.Day(p["until"])), dateOf(ctx, models.Day(p["due"])))}
}

func signedFacts(ctx context.Context, p models.Particulars) []string {
	facts := []string{text.T(ctx, "fact.signed_as", text.T(ctx, "role."+p["role"]))}
	if p["pledge"] != "" {
		facts = append(facts, text.T(ctx, "fact.pledged"))
	}
	return facts
}

func reasonFact(ctx context.Context, p models.Particulars) []string {
	return []string{text.T(ctx, "return.reason."+p["reason"])}
}

func handedFacts(ctx context.Context, p models.Particulars) (facts []string) {
	for _, role := range []string{"leader", "handler"} {
		if p[role] != "" {
			facts = append(facts, text.T(ctx, "fact.handed_over", text.T(ctx, "item."+role), p["from"], p["to"]))
		}
	}
	return facts
}

func letterFact(ctx context.Context, p models.Particulars) []string {
	return []string{LetterName(ctx, models.LetterKind(p["kind"])) + " " + p["number"]}
}

func offeredFact(ctx context.Context, p models.Particulars) []string {
	return []string{text.T(ctx, "letter.do.write", LetterName(ctx, models.LetterKind(p["kind"])))}
}

// ledgerFact says of what an import brought that it is what the ledger said.
func ledgerFact(ctx context.Context, p models.Particulars) []string {
	if p["import"] == "" || p["progress"] == "" {
		return nil
	}
	return []string{text.T(ctx, "fact.ledger_said")}
}

func movedFact(ctx context.Context, p models.Particulars) []string {
	if p["due_before"] == "" || p["due"] == "" {
		return nil
	}
	return []string{text.T(ctx, "fact.date_moved", dateOf(ctx, models.Day(p["due_before"])), dateOf(ctx, models.Day(p["due"])))}
}

func voidedFact(ctx context.Context, p models.Particulars) []string {
	return valueFact("fact.voided_signatures", "voided")(ctx, p)
}

func fileFacts(ctx context.Context, p models.Particulars) (facts []string) {
	if p["file"] == "" {
		return nil
	}
	if p["import"] != "" {
		facts = append(facts, text.T(ctx, "fact.from_file", p["file"]))
	}
	if p["undone_import"] != "" {
		facts = append(facts, text.T(ctx, "fact.undone_file", p["file"]))
	}
	return facts
}

// signalFact names the signal that was answered.
func signalFact(ctx context.Context, p models.Particulars) []string {
	if p["signal"] == "" {
		return nil
	}
	return []string{text.T(ctx, "signal.name."+p["signal"])}
}
