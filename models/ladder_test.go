package models_test

import (
	"slices"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func TestTheNextStepOfTheLadder(t *testing.T) {
	const today = models.Day("2026-03-20")
	rules := models.Preset()
	letter := func(kind models.LetterKind, status models.LetterStatus, by models.Day) models.LetterState {
		return models.LetterState{ID: 7, Number: "督字〔2026〕7号", Kind: kind, Status: status, SignedOn: "2026-03-10", AnswerBy: by}
	}
	of := func(l ...models.LetterState) []models.LetterState { return l }
	tests := map[string]struct {
		days    int
		letters []models.LetterState
		do      models.StepDo
		kind    models.LetterKind
	}{
		"due today":                              {0, nil, models.StepNone, ""},
		"a day late":                             {1, nil, models.StepWrite, models.LetterReminder},
		"a week late":                            {7, nil, models.StepWrite, models.LetterReminder},
		"the day after":                          {8, nil, models.StepWrite, models.LetterNotice},
		"a fortnight":                            {15, nil, models.StepWrite, models.LetterGuidance},
		"a month":                                {31, nil, models.StepWrite, models.LetterTalk},
		"six weeks":                              {46, nil, models.StepWrite, models.LetterWarning},
		"two months":                             {61, nil, models.StepWrite, models.LetterReport},
		"a draft waits":                          {9, of(letter(models.LetterNotice, models.LetterDraft, "")), models.StepSign, models.LetterNotice},
		"sent, and time to answer":               {69, of(letter(models.LetterNotice, models.LetterSigned, "2026-03-23")), models.StepAwait, models.LetterNotice},
		"the last day to answer":                 {9, of(letter(models.LetterNotice, models.LetterAcknowledged, today)), models.StepAwait, models.LetterNotice},
		"the day after the last":                 {9, of(letter(models.LetterNotice, models.LetterAcknowledged, "2026-03-19")), models.StepWrite, models.LetterGuidance},
		"late with the answer and long overdue":  {69, of(letter(models.LetterNotice, models.LetterSigned, "2026-03-19")), models.StepWrite, models.LetterReport},
		"answered":                               {9, of(letter(models.LetterNotice, models.LetterAnswered, "2026-03-19")), models.StepJudge, models.LetterNotice},
		"accepted rests":                         {9, of(letter(models.LetterNotice, models.LetterAccepted, "2026-03-19")), models.StepWatch, models.LetterNotice},
		"accepted, until the days are more":      {15, of(letter(models.LetterNotice, models.LetterAccepted, "2026-03-19")), models.StepWrite, models.LetterGuidance},
		"not accepted, however few the days":     {2, of(letter(models.LetterReminder, models.LetterRejected, "2026-03-19")), models.StepWrite, models.LetterNotice},
		"withdrawn counts for nothing":           {2, of(letter(models.LetterReport, models.LetterWithdrawn, "")), models.StepWrite, models.LetterReminder},
		"with the leading group":                 {80, of(letter(models.LetterReport, models.LetterSigned, "")), models.StepWatch, models.LetterReport},
		"the newest letter decides":              {9, of(letter(models.LetterReminder, models.LetterRejected, "2026-03-01"), letter(models.LetterNotice, models.LetterSigned, "2026-03-23")), models.StepAwait, models.LetterNotice},
		"no longer overdue, and an answer owed":  {0, of(letter(models.LetterNotice, models.LetterSigned, "2026-03-23")), models.StepAwait, models.LetterNotice},
		"no longer overdue, and the answer late": {0, of(letter(models.LetterNotice, models.LetterSigned, "2026-03-19")), models.StepNone, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			step := models.NextStep(rules, today, tt.days, tt.letters)
			if step.Do != tt.do || step.Kind != tt.kind {
				t.Errorf("%+v, want %s %s", step, tt.do, tt.kind)
			}
		})
	}
}

func TestTheLadderFollowsTheRules(t *testing.T) {
	rules := models.Preset()
	rules.LetterDays = [6]int{3, 10, 10, 40, 50, 90}
	for days, want := range map[int]models.LetterKind{0: "", 2: "", 3: models.LetterReminder, 10: models.LetterGuidance, 89: models.LetterWarning, 90: models.LetterReport} {
		if got := rules.Rung(days); got != want {
			t.Errorf("%d days: %q, want %q", days, got, want)
		}
	}
	preset := models.Preset()
	for _, rules := range []models.Rules{preset, rules} {
		for _, age := range rules.Ages() {
			var named []models.LetterKind
			for day := age.From; day <= max(age.To, 365); day++ {
				if age.To > 0 && day > age.To {
					break
				}
				rung := rules.Rung(day)
				if rung != "" && !slices.Contains(rules.AgeRungs(age), rung) {
					t.Errorf("beside %v stand %v, and a row of %d days is to have %q", age, rules.AgeRungs(age), day, rung)
				}
				if rung != "" && !slices.Contains(named, rung) {
					named = append(named, rung)
				}
			}
			if !slices.Equal(named, rules.AgeRungs(age)) {
				t.Errorf("beside %v stand %v, and its days have %v", age, rules.AgeRungs(age), named)
			}
		}
	}
}

// What was overdue when it was taken in begins at the first rung and climbs one rung after
// the other, by the days since then and by what was sent; what became overdue here is where
// its days are.
func TestAnInheritedItemBeginsAtTheFirstRung(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2025-06-30")
		r.Today("2025-06-01")
		own := r.Registered("2025-12-30")
		step := func(day models.Day, item models.Item) models.Step {
			t.Helper()
			r.Today(day)
			steps, _, err := r.As(r.Supervisor).Steps([]models.Card{r.Read(item).Card()})
			same(t, err, nil)
			return steps[item.ID]
		}
		for _, day := range []models.Day{"2026-03-02", "2026-03-08", "2026-06-30"} {
			if s := step(day, item); s.Do != models.StepWrite || s.Kind != models.LetterReminder {
				t.Errorf("on %s: %+v", day, s)
			}
		}
		if s := step("2026-03-02", own); s.Kind != models.LetterReport {
			t.Errorf("overdue here: %+v", s)
		}
		r.Today("2026-03-02")
		letter, err := r.As(r.Supervisor).DraftLetter([]models.Item{r.Read(item)}, models.LetterAsk{Kind: models.LetterReminder, Title: "关于抓紧整改的提醒函", Body: "请抓紧整改。"})
		same(t, err, nil)
		_, err = r.As(r.Supervisor).SignLetter(letter)
		same(t, err, nil)
		if s := step("2026-03-03", item); s.Do != models.StepAwait {
			t.Errorf("sent: %+v", s)
		}
		if s := step("2026-06-30", item); s.Do != models.StepWrite || s.Kind != models.LetterNotice {
			t.Errorf("unanswered: %+v", s)
		}
	})
}
