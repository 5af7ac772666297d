package views

import (
	"context"
	"slices"
	"time"

	"duban/models"
	"duban/models/day"
	"duban/views/text"
)

// leaving are the people whose work may be handed over: also those who have left.
func (v HandoverView) leaving(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "handover.choose")}}
	for _, p := range v.People {
		label := v.person(ctx, p)
		if n, ok := v.Answering[p.ID]; ok {
			label = text.T(ctx, "handover.answers", label, n)
		}
		choices = append(choices, Choice{idText(p.ID), label})
	}
	return choices
}

// staying are the people who may be successors.
func (v HandoverView) staying(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "handover.choose")}}
	for _, p := range v.People {
		if !p.Disabled {
			choices = append(choices, Choice{idText(p.ID), v.person(ctx, p)})
		}
	}
	return choices
}

func (v HandoverView) person(ctx context.Context, p models.User) string {
	label := p.FullName + " " + text.T(ctx, "role."+string(p.Role))
	if p.Disabled {
		label += " " + text.T(ctx, "user.disabled")
	}
	return label
}

// dayOf is the day of a moment, in the place the reader is.
func dayOf(ctx context.Context, at time.Time) models.Day {
	if zone := readerOf(ctx).Zone; zone != nil {
		at = at.In(zone)
	}
	return day.Of(at)
}

// liaisons are whom one calls: the unit's handlers who are still there.
func (v UnitView) liaisons() []models.User {
	return slices.DeleteFunc(slices.Clone(v.People), func(p models.User) bool { return p.Role != models.Handler || p.Disabled })
}

// openByLeader are the open items under their leaders, as the ledger groups them.
func (v UnitView) openByLeader(ctx context.Context) []group {
	return ListState{Filter: models.Filter{Group: "leader"}, Shown: v.Tally.Of(func(c models.TallyCell) bool { return c.Status != models.Closed })}.groups(ctx, v.Open)
}
