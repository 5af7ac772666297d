package views

import (
	"context"
	"strconv"

	"duban/models"
	"duban/views/text"
)

func returnReasons(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "return.choose")}}
	for _, reason := range models.ReturnReasons {
		choices = append(choices, Choice{reason, text.T(ctx, "return.reason."+reason)})
	}
	return choices
}

// Facts are the particulars of an event, as sentences for the timeline. What an
// act's words are stands in its text; what changed stands here.
func Facts(ctx context.Context, e models.Event) (words string, facts []string) {
	words, facts = actFacts(ctx, e)
	p := e.Particulars
	if e.Act == models.CorrectItem {
		words = p["words"]
		for _, f := range models.Corrected() {
			if was, is := p[string(f)+"_before"], p[string(f)]; was != "" || is != "" {
				facts = append(facts, text.T(ctx, "fact.corrected", text.T(ctx, "ledger.field."+string(f)), cellText(ctx, f, was), cellText(ctx, f, is)))
			}
		}
	}
	if p["proposed"] != "" {
		facts = append(facts, text.T(ctx, "fact.proposed", dateOf(ctx, models.Day(p["proposed"]))))
	}
	if p["file"] != "" && p["import"] != "" {
		facts = append(facts, text.T(ctx, "fact.from_file", p["file"]))
	}
	if p["file"] != "" && p["undone_import"] != "" {
		facts = append(facts, text.T(ctx, "fact.undone_file", p["file"]))
	}
	return words, facts
}

// actFacts are those of an act by itself.
func actFacts(ctx context.Context, e models.Event) (words string, facts []string) {
	p := e.Particulars
	switch e.Act {
	case models.RegisterItem:
		if p["due"] != "" {
			facts = append(facts, text.T(ctx, "fact.due", dateOf(ctx, models.Day(p["due"]))))
		}
		if p["status_word"] != "" {
			facts = append(facts, text.T(ctx, "fact.status_word", p["status_word"]))
		}
	case models.CompleteMeasure:
		facts = append(facts, text.T(ctx, "fact.measure_done", p["measure"], p["result"]))
	case models.ReopenMeasure:
		facts = append(facts, text.T(ctx, "fact.measure_reopened", p["measure"], p["result"]))
	case models.RecordAchievement, models.WithdrawAchievement:
		n, _ := strconv.ParseInt(p["n"], 10, 64)
		kind := models.AchievementKind(p["kind"])
		facts = append(facts, text.T(ctx, "achievement."+string(kind))+" "+AchievementWords(ctx, kind, n))
		words = or(p["words"], p["basis"])
	case models.FlagOverdue:
		facts = append(facts, text.T(ctx, "fact.overdue", dateOf(ctx, models.Day(p["due"]))))
	case models.RemindDue:
		facts = append(facts, text.T(ctx, "fact.due", dateOf(ctx, models.Day(p["about"]))))
	case models.UrgeItem:
		facts = append(facts, text.T(ctx, "fact.urged", p["people"]))
	case models.RemindIdle:
		facts = append(facts, text.T(ctx, "fact.idle", dateOf(ctx, models.Day(p["about"]))))
	case models.SetStandard, models.ReopenItem, models.AskVoiding, models.RefuseVoiding, models.VoidItem, models.UnsignItem, models.VerifyItem, models.StageItem, models.RefuseExtension:
		words = p["words"]
		if p["was"] != "" {
			facts = append(facts, text.T(ctx, "fact.standard_was", p["was"]))
		}
		if p["until"] != "" {
			facts = append(facts, text.T(ctx, "fact.until_asked", dateOf(ctx, models.Day(p["until"])), dateOf(ctx, models.Day(p["due"]))))
		}
	case models.AskExtension, models.WithdrawExtension:
		words = p["words"]
		facts = append(facts, text.T(ctx, "fact.until_asked", dateOf(ctx, models.Day(p["until"])), dateOf(ctx, models.Day(p["due"]))))
	case models.GrantExtension:
		words = p["words"]
		if p["doc_no"] != "" {
			facts = append(facts, p["doc_no"])
		}
	case models.SignItem:
		facts = append(facts, text.T(ctx, "fact.signed_as", text.T(ctx, "role."+p["role"])))
		if p["pledge"] != "" {
			facts = append(facts, text.T(ctx, "fact.pledged"))
		}
	case models.AssignItem:
		facts = append(facts, text.T(ctx, "fact.assigned", p["leader"], p["handler"]))
		if p["assistants"] != "" {
			facts = append(facts, text.T(ctx, "fact.assisting", p["assistants"]))
		}
	case models.PlanItem, models.AddMeasures:
		if p["measures"] != "" {
			facts = append(facts, text.T(ctx, "fact.measures_added", p["measures"]))
		}
	case models.ReviseMeasure:
		for _, field := range []string{"text", "owner", "measure_due"} {
			if p[field] != "" {
				facts = append(facts, text.T(ctx, "fact.measure_changed", p["measure"], p[field+"_before"], p[field]))
			}
		}
	case models.ReturnItem:
		facts = append(facts, text.T(ctx, "return.reason."+p["reason"]))
		words = p["words"]
	case models.CloseItem, models.WithdrawItem:
		words = p["words"]
		if p["late"] != "" {
			facts = append(facts, text.T(ctx, "fact.late", p["late"]))
		}
	case models.SetStanding:
		facts = append(facts, text.T(ctx, "fact.review_on", dateOf(ctx, models.Day(p["review_on"]))))
		if p["was"] != "" {
			facts = append(facts, text.T(ctx, "fact.review_was", dateOf(ctx, models.Day(p["was"]))))
		}
	case models.ReviewStanding:
		words = p["words"]
		facts = append(facts, text.T(ctx, "fact.review_on", dateOf(ctx, models.Day(p["review_on"]))))
	case models.FlagReview:
		facts = append(facts, text.T(ctx, "fact.review_due", dateOf(ctx, models.Day(p["review_on"]))))
	case models.EndStanding:
		words = p["words"]
	case models.DrawRecheck, models.FlagRecheck:
		facts = append(facts, text.T(ctx, "fact.recheck_due", dateOf(ctx, models.Day(p["due"]))))
	case models.RecheckHolds:
		words = p["words"]
	case models.RecheckFails:
		words = p["words"]
		facts = append(facts, text.T(ctx, "fact.recheck_reopened", dateOf(ctx, models.Day(p["due"]))))
	case models.SignLetter:
		facts = append(facts, LetterName(ctx, models.LetterKind(p["kind"]))+" "+p["number"])
		if p["answer_by"] != "" {
			facts = append(facts, text.T(ctx, "letter.answer_by", dateOf(ctx, models.Day(p["answer_by"]))))
		}
	case models.AcknowledgeLetter, models.AnswerLetter, models.AcceptAnswer, models.RejectAnswer, models.WithdrawLetter:
		words = p["words"]
		facts = append(facts, LetterName(ctx, models.LetterKind(p["kind"]))+" "+p["number"])
		if p["late"] != "" {
			facts = append(facts, text.T(ctx, "letter.answered_late", p["late"]))
		}
	case models.OfferLetter:
		facts = append(facts, text.T(ctx, "letter.do.write", LetterName(ctx, models.LetterKind(p["kind"]))))
	case models.HandOver:
		for _, role := range []string{"leader", "handler"} {
			if p[role] != "" {
				facts = append(facts, text.T(ctx, "fact.handed_over", text.T(ctx, "item."+role), p["from"], p["to"]))
			}
		}
	case models.AddEvidence, models.ReplaceEvidence:
		facts = append(facts, evidenceFact(ctx, p))
	case models.ReviseItem:
		for _, field := range []string{"due", "leader", "handler", "status_word"} {
			if p[field] != "" {
				facts = append(facts, text.T(ctx, "fact.revised", text.T(ctx, "fact.field."+field), p[field]))
			}
		}
	}
	if p["due_before"] != "" && p["due"] != "" && e.Act != models.ReviseItem {
		facts = append(facts, text.T(ctx, "fact.date_moved", dateOf(ctx, models.Day(p["due_before"])), dateOf(ctx, models.Day(p["due"]))))
	}
	if p["voided"] != "" && e.Act != models.UnsignItem {
		facts = append(facts, text.T(ctx, "fact.voided_signatures", p["voided"]))
	}
	return words, facts
}
