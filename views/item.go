package views

import (
	"context"

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
