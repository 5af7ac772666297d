package views

import (
	"context"

	"duban/models"
	"duban/views/text"
)

// LetterName is what a letter of that kind is called.
func LetterName(ctx context.Context, k models.LetterKind) string {
	return text.T(ctx, "letter."+string(k))
}

// StepWords are the next step of the ladder in words: 起草督办通知书, 等待答复 07-12 前.
// They are empty where there is nothing to do.
func StepWords(ctx context.Context, s models.Step) string {
	switch s.Do {
	case models.StepNone:
		return ""
	case models.StepAwait:
		return text.T(ctx, "letter.do.await", day(ctx, s.By))
	case models.StepWrite, models.StepSign:
		return text.T(ctx, "letter.do."+string(s.Do), LetterName(ctx, s.Kind))
	case models.StepWatch:
		if s.Kind == models.LetterReport {
			return text.T(ctx, "letter.do.reported")
		}
	}
	return text.T(ctx, "letter.do."+string(s.Do))
}
