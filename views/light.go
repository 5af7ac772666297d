package views

import (
	"context"

	"duban/models"
	"duban/views/text"
)

// lightWords are the words of an item's light: how many days, of what.
func lightWords(ctx context.Context, c models.Card) string {
	now := todayOf(ctx)
	switch c.Light(now, rulesOf(ctx)) {
	case models.LightSevere, models.LightOver:
		return text.Count(ctx, "light.days_over", c.DaysOver(now))
	case models.LightReview:
		if c.SubmittedOn >= now {
			return text.T(ctx, "light.review")
		}
		return text.Count(ctx, "light.days_review", c.SubmittedOn.DaysUntil(now))
	case models.LightDone:
		return text.T(ctx, "light.done")
	case models.LightVoid:
		return text.T(ctx, "light.void")
	case models.LightNone:
		return text.T(ctx, "light.none")
	case models.LightStated:
		return text.Count(ctx, "light.days_stated", c.StatedOn.DaysUntil(now))
	case models.LightLook:
		if c.ReviewOn == now {
			return text.T(ctx, "light.look_today")
		}
		return text.Count(ctx, "light.look_days", c.ReviewOn.DaysUntil(now))
	case models.LightStanding:
		return text.Count(ctx, "light.standing_days", now.DaysUntil(c.ReviewOn))
	default:
		if c.DueOn == now {
			return text.T(ctx, "light.today")
		}
		return text.Count(ctx, "light.days_left", now.DaysUntil(c.DueOn))
	}
}

// lightClass is the style of a card or a chip of that light.
func lightClass(ctx context.Context, c models.Card, of string) string {
	return of + " " + of + "--" + string(c.Light(todayOf(ctx), rulesOf(ctx)))
}
