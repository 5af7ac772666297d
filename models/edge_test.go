package models_test

import (
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// Each test stands on the border of a rule: the day itself, and the day after.

func TestToWhomEachLetterGoes(t *testing.T) {
	for kind, toUnit := range map[models.LetterKind]bool{
		models.LetterReminder: true, models.LetterNotice: true, models.LetterGuidance: true,
		models.LetterTalk: false, models.LetterWarning: true, models.LetterReport: false, "": false,
	} {
		if kind.ToUnit() != toUnit {
			t.Errorf("%q goes to the unit: %v", kind, !toUnit)
		}
	}
}

// An item is severe from the day after the rules' days on, in lists and in figures.
func TestTheDayOnWhichAnItemIsSevere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		b := r.As(r.Office)
		last := b.Today().Plus(-b.Rules().SevereDays)
		_ = r.Registered(last)
		severe := r.Registered(last.Plus(-1))
		cards, err := b.List(models.Filter{Overdue: &models.Age{From: b.Rules().SevereDays + 1}})
		same(t, err, nil)
		if len(cards) != 1 || cards[0].ID != severe.ID || cards[0].Light(b.Today(), b.Rules()) != models.LightSevere {
			t.Errorf("severe are %+v", cards)
		}
		for of, tally := range map[string]func(models.Filter) (models.Tally, error){"the census": b.Tally, "the database": b.TallyOfTheDatabase} {
			if figure, err := tally(models.Filter{}); err != nil || figure.Severe() != 1 || figure.Overdue() != 2 {
				t.Errorf("%s: %d of %d severe, %v", of, figure.Severe(), figure.Overdue(), err)
			}
		}
	})
}

// What became overdue since the end of a day is what fell due on that day or later, before
// today; what was overdue then is none of it.
func TestTheDaysOfWhatBecameOverdueSince(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Today("2026-03-08")
		end := models.Day("2026-03-08")
		for _, due := range []models.Day{end.Plus(-1), end, end.Plus(1), end.Plus(3), end.Plus(4)} {
			_ = r.Registered(due)
		}
		if n := night(t, r, "2026-03-09 00:05"); n == 0 {
			t.Fatal("no night was recorded")
		}
		for today, want := range map[models.Day]int{end.Plus(1): 1, end.Plus(2): 2, end.Plus(4): 3, end.Plus(5): 4} {
			r.Today(today)
			memory, database, err := r.As(r.Office).OverdueSinceTwice(end)
			if err != nil || memory != want || database != want {
				t.Errorf("on %s: %d in memory and %d of the database since, want %d (%v)", today, memory, database, want, err)
			}
		}
	})
}

// Nobody's own submission waits for their word, in memory and as lists have it.
func TestNobodysOwnSubmissionIsTheirs(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Submitted("2026-03-20")
		other := promoted(t, r, r.Hai)
		if item.SubmittedBy != other.ID {
			t.Fatalf("handed in by %d", item.SubmittedBy)
		}
		for who, want := range map[*models.User]int{&other: 0, &r.Supervisor: 1} {
			n, _, err := r.As(*who).Mine()
			same(t, err, nil)
			listed, err := r.As(*who).Count(models.Filter{Mine: true})
			same(t, err, nil)
			if n != want || int(listed) != want {
				t.Errorf("%s: %d in memory and %d in the list, want %d", who.Name, n, listed, want)
			}
		}
	})
}

// An extension goes as far as the rules' days from the first date, to that day itself; who
// is there already asks for none.
func TestTheLastDayThatMayBeAskedFor(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		last := r.As(r.Wu).LatestDue(item)
		if want := item.FirstDueOn.Plus(r.As(r.Wu).Rules().ExtensionDays); last != want {
			t.Fatalf("%s, want %s", last, want)
		}
		if _, err := r.As(r.Wu).AskExtension(item, last.Plus(1), "须公示"); err == nil {
			t.Errorf("the day after the last: %v", err)
		}
		grant := func(until models.Day) {
			t.Helper()
			asked, err := r.As(r.Wu).AskExtension(r.Read(item), until, "须公示")
			same(t, err, nil)
			e, err := r.As(r.Supervisor).PendingExtension(asked)
			same(t, err, nil)
			_, err = r.As(r.Supervisor).GrantExtension(asked, e.ID, "同意", "")
			same(t, err, nil)
		}
		grant(last)
		if err := r.As(r.Wu).WhyNot(models.AskExtension, r.Read(item)); refusal(err) != "extension.days" {
			t.Errorf("there already: %v", err)
		}
		item = r.Registered("2026-03-20")
		grant(last.Plus(-1))
		if err := r.As(r.Wu).WhyNot(models.AskExtension, r.Read(item)); err != nil {
			t.Errorf("a day is left: %v", err)
		}
	})
}

// What was voided is in no list and no figure; its own address has it.
func TestWhatWasVoidedIsCountedNowhere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item, err := r.As(r.Office).AskVoiding(r.Registered("2026-02-20"), "重复登记")
		same(t, err, nil)
		_, err = r.As(r.Supervisor).Void(item, voiding(t, r, item))
		same(t, err, nil)
		b := r.As(r.Office)
		for f, words := range map[string]models.Filter{"all": {}, "overdue": {Lights: []models.Light{models.LightOver}}, "not closed": {NotClosed: true}} {
			n, err := b.Count(words)
			same(t, err, nil)
			cards, err := b.List(words)
			same(t, err, nil)
			if n != 0 || len(cards) != 0 {
				t.Errorf("%s: %d counted, %d listed", f, n, len(cards))
			}
		}
		if flagged, err := r.As(models.TheClerk).FlagOverdue(); err != nil || flagged != 0 {
			t.Errorf("%d flagged, %v", flagged, err)
		}
		if got, err := b.Item(item.Number); err != nil || got.Status != models.Voided {
			t.Errorf("its address: %s, %v", got.Status, err)
		}
	})
}
