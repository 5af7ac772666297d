package views

import (
	"context"
	"errors"
	"slices"
	"strings"

	"duban/models"
	"duban/views/text"
)

// PlanRows is how many measures one form takes.
const PlanRows = 3

// Road is where an item stands on its road, for its page.
type Road struct {
	Gate          []models.Gap
	Awaited       []models.Body
	Extensions    []models.Extension    // the newest first
	Verifications []models.Verification // the newest first
	Closures      []models.Closure      // the newest first
	Voiding       *models.Voiding
	Assistants    []models.User
	Assignable    []models.User
	Names         map[int64]models.User
	LatestDue     models.Day
	Sample        int64        // the draw that it waits in to be checked
	Spans         models.Spans // of an item that was handed in; else nothing
}

// pending is the extension that waits to be decided.
func (r Road) pending() *models.Extension {
	for n, e := range r.Extensions {
		if e.State == models.ExtensionAsked {
			return &r.Extensions[n]
		}
	}
	return nil
}

// moved are the changes of date that came into force, the newest first.
func (r Road) moved() []models.Extension {
	return slices.DeleteFunc(slices.Clone(r.Extensions), func(e models.Extension) bool {
		return e.State != models.ExtensionGranted || e.Why == models.WhyProposed
	})
}

// askedWords names the sentence for a date that was asked for and waits.
func askedWords(why models.Why) string {
	switch why {
	case models.WhyProposed:
		return "extension.proposed"
	case models.WhyLate:
		return "extension.waits_late"
	}
	return "extension.waits"
}

// dateLabel names the label of the day in a form of dates.
func dateLabel(a models.Act) string {
	if a == models.CorrectItem {
		return "date.correct.on"
	}
	return "date.set.on"
}

// verdicts are those on the submission that waits, or that was last answered.
func (r Road) verdicts() []models.Verification {
	if len(r.Verifications) == 0 {
		return nil
	}
	last := r.Verifications[0].SubmissionID
	return slices.DeleteFunc(slices.Clone(r.Verifications), func(v models.Verification) bool { return v.SubmissionID != last })
}

// back names the word for why the unit has the item in hand again: sent back, or opened
// after the last verdict had closed it.
func (r Road) back() string {
	if len(r.Closures) > 0 && r.Closures[0].ReopenedOn != "" && len(r.Verifications) > 0 && r.Closures[0].SubmissionID == r.Verifications[0].SubmissionID {
		return "item.reopened"
	}
	return "item.returned"
}

// name is how a person is called here.
func (r Road) name(id int64) string { return r.Names[id].FullName }

// fullNames are people, by name.
func fullNames(ctx context.Context, people []models.User) string {
	var names []string
	for _, u := range people {
		names = append(names, u.FullName)
	}
	return strings.Join(names, text.T(ctx, "list.and"))
}

// gapLink is where on the page a line of the gate is mended.
func gapLink(g models.Gap) string {
	switch {
	case g.Role != "":
		return "#sign"
	case g.Key == "gate.standard":
		return "#p1"
	case g.Key == "gate.evidence":
		return "#evidence"
	}
	return "#p2"
}

// gapWords is the line; whose signature is wanted is said by name.
func (v ItemView) gapWords(ctx context.Context, g models.Gap) string {
	if g.Role == "" {
		if g.Key == "gate.standard" && !g.Done {
			return text.T(ctx, "gate.standard.open")
		}
		return text.T(ctx, g.Key, g.Args...)
	}
	role := text.T(ctx, "role."+string(g.Role))
	switch {
	case g.Signature != nil:
		return text.T(ctx, "gate.signed.done", role, v.Road.name(g.Signature.ByID))
	case len(g.By) == 0:
		return text.T(ctx, "gate.signed.nobody", role)
	}
	return text.T(ctx, "gate.signed.open", role, fullNames(ctx, g.By))
}

// verifierWords is who verifies items of this one's category.
func (v ItemView) verifierWords(ctx context.Context) string {
	return text.T(ctx, "rule.verify_by."+string(rulesOf(ctx).VerifiedBy(v.Item.Category)))
}

func bodies(ctx context.Context, all []models.Body) string {
	var names []string
	for _, b := range all {
		names = append(names, text.T(ctx, "body."+string(b)))
	}
	return strings.Join(names, text.T(ctx, "list.and"))
}

// measureKinds are the choices of what a measure is.
func measureKinds(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "measure.kind.choose")}}
	for _, k := range models.MeasureKinds {
		choices = append(choices, Choice{k, text.T(ctx, "measure.kind."+k)})
	}
	return choices
}

// itemPeople are choices among accounts, by their number.
func peopleChoices(ctx context.Context, people []models.User, allowed func(models.User) bool) []Choice {
	choices := []Choice{{"", text.T(ctx, "assignment.choose")}}
	for _, u := range people {
		if allowed(u) {
			choices = append(choices, Choice{idText(u.ID), u.FullName + " " + or(u.Post, text.T(ctx, "role."+string(u.Role)))})
		}
	}
	return choices
}

// assigned is what the form of an assignment shows as chosen.
func (v ItemView) assigned() models.Assignment {
	if v.Typed.Assigned != nil {
		return *v.Typed.Assigned
	}
	a := models.Assignment{}
	if v.Item.LeaderID != nil {
		a.LeaderID = *v.Item.LeaderID
	}
	if v.Item.HandlerID != nil {
		a.HandlerID = *v.Item.HandlerID
	}
	for _, u := range v.Road.Assistants {
		a.Assistants = append(a.Assistants, u.ID)
	}
	return a
}

// idOrNone is a person's number in a form, "" for nobody.
func idOrNone(n int64) string {
	if n == 0 {
		return ""
	}
	return idText(n)
}

// row is what a row of a plan's form shows.
func (v ItemView) row(n int) models.PlannedMeasure {
	if v.Typed.Of == models.AddMeasures && n < len(v.Typed.Plan) {
		return v.Typed.Plan[n]
	}
	return models.PlannedMeasure{}
}

// revised is what the form of one measure shows.
func (v ItemView) revised(m models.Measure) models.PlannedMeasure {
	if v.Typed.Of == models.ReviseMeasure && v.Typed.Measure == m.ID && len(v.Typed.Plan) == 1 {
		return v.Typed.Plan[0]
	}
	return models.PlannedMeasure{Text: m.Text, Kind: m.Kind, Owner: m.OwnersTyped(), DueOn: m.DueOn}
}

// shownFor is how many pieces of evidence a measure has.
func (v ItemView) shownFor(m models.Measure) int {
	n := 0
	for _, row := range v.Evidence.Rows {
		if row.MeasureID != nil && *row.MeasureID == m.ID {
			n++
		}
	}
	return n
}

// mayPlan says whether the reader may add measures.
func (v ItemView) mayPlan() bool {
	return v.May(models.PlanItem, v.Item) || v.May(models.AddMeasures, v.Item)
}

// why is the reason for which the reader may not do this now, in words.
func (v ItemView) why(ctx context.Context, a models.Act) string {
	var refused models.Refused
	if errors.As(v.WhyNot(a, v.Item), &refused) {
		return text.T(ctx, refused.Key, refused.Args...)
	}
	return text.T(ctx, "item.waits_review")
}
