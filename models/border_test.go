package models_test

import (
	"fmt"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// Each border of each figure, on the day itself and on the day beside it, as it was
// decided: on the item, in lists, in the census and as the database counts.
func TestTheBordersOfTheFigures(t *testing.T) {
	const today = models.Day("2026-04-20") // a Monday
	const none = -1
	tests := map[string]struct {
		tier       models.Tier
		due        int // days from today
		registered int // days ago
		reported   int // days ago, none for not at all
		light      models.Light
		age        int // the bucket of days overdue
		idle       bool
	}{
		"due yesterday":                    {models.PostFeedback, -1, 100, none, models.LightOver, 0, true},
		"a week late":                      {models.PostFeedback, -7, 100, none, models.LightOver, 0, true},
		"a week and a day late":            {models.PostFeedback, -8, 100, none, models.LightOver, 1, true},
		"thirty days late":                 {models.PostFeedback, -30, 100, none, models.LightOver, 1, true},
		"thirty-one days late":             {models.PostFeedback, -31, 100, none, models.LightSevere, 2, true},
		"sixty days late":                  {models.PostFeedback, -60, 100, none, models.LightSevere, 2, true},
		"sixty-one days late":              {models.PostFeedback, -61, 100, none, models.LightSevere, 3, true},
		"due today":                        {models.PostFeedback, 0, 100, none, models.LightSoon, none, true},
		"after feedback, in ten days":      {models.PostFeedback, 10, 100, none, models.LightSoon, none, true},
		"after feedback, in eleven":        {models.PostFeedback, 11, 100, none, models.LightOK, none, true},
		"on the spot, in the last of soon": {models.OnTheSpot, models.Preset().Of(models.OnTheSpot).Soon, 100, none, models.LightSoon, none, true},
		"on the spot, the day after":       {models.OnTheSpot, models.Preset().Of(models.OnTheSpot).Soon + 1, 100, none, models.LightOK, none, true},
		"at once, in the last of soon":     {models.Immediate, models.Preset().Of(models.Immediate).Soon, 100, none, models.LightSoon, none, true},
		"at once, the day after":           {models.Immediate, models.Preset().Of(models.Immediate).Soon + 1, 100, none, models.LightOK, none, true},
		"thirteen days without a word":     {models.PostFeedback, 90, 13, none, models.LightOK, none, false},
		"fourteen days without a word":     {models.PostFeedback, 90, 14, none, models.LightOK, none, true},
		"heard of thirteen days ago":       {models.PostFeedback, 90, 100, 13, models.LightOK, none, false},
		"heard of fourteen days ago":       {models.PostFeedback, 90, 100, 14, models.LightOK, none, true},
	}
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		type placed struct {
			code   string
			number string
		}
		places := map[string]placed{}
		for name, tt := range tests {
			code := fmt.Sprintf("b%d", len(places))
			unit, err := r.As(r.Admin).SaveUnit(models.Unit{Name: name, Code: code})
			same(t, err, nil)
			handler, err := r.As(r.Admin).SaveUser(models.User{Name: code, FullName: code, Role: models.Handler, UnitID: &unit.ID}, modelstest.Password)
			same(t, err, nil)
			r.Today(today.Plus(-tt.registered))
			item := r.RegisteredFor(unit, tt.tier, today.Plus(tt.due))
			if tt.reported != none {
				r.Today(today.Plus(-tt.reported))
				item, err = r.As(handler).Report(item, "已核实", nil)
				same(t, err, nil)
			}
			places[name] = placed{code, item.Number}
		}
		r.Today(today)
		b := r.As(r.Office)
		for name, tt := range tests {
			of := models.Filter{Units: []string{places[name].code}}
			cards, err := b.List(of)
			if err != nil || len(cards) != 1 {
				t.Fatalf("%s: %d items, %v", name, len(cards), err)
			}
			if light, idle := cards[0].Light(today, b.Rules()), cards[0].Idle(today, b.Rules()); light != tt.light || idle != tt.idle {
				t.Errorf("%s: the item is %s, idle %v", name, light, idle)
			}
			for of, counted := range map[string]func(models.Filter) (models.Tally, error){"the census": b.Tally, "the database": b.TallyOfTheDatabase} {
				tally, err := counted(models.Filter{Units: []string{places[name].code}})
				same(t, err, nil)
				figures := map[models.Light]int{
					models.LightOver: tally.Overdue() - tally.Severe(), models.LightSevere: tally.Severe(), models.LightSoon: tally.Soon(), models.LightOK: tally.OK(),
				}
				for light, n := range figures {
					if (n == 1) != (light == tt.light) {
						t.Errorf("%s: %s counts %d %s", name, of, n, light)
					}
				}
				for n := range tally.Ages() {
					if (tally.Age(n).N() == 1) != (n == tt.age) {
						t.Errorf("%s: %s counts %d of age %d", name, of, tally.Age(n).N(), n)
					}
				}
				if (tally.Idle() == 1) != tt.idle {
					t.Errorf("%s: %s counts %d idle", name, of, tally.Idle())
				}
			}
			for _, light := range []models.Light{models.LightOver, models.LightSoon, models.LightOK} {
				asked := of
				asked.Lights = []models.Light{light}
				n, err := b.Count(asked)
				same(t, err, nil)
				if is := tt.light == light || tt.light == models.LightSevere && light == models.LightOver; (n == 1) != is {
					t.Errorf("%s: %d are listed as %s", name, n, light)
				}
			}
			for k, age := range models.Preset().Ages() {
				asked := of
				asked.Overdue = &age
				n, err := b.Count(asked)
				same(t, err, nil)
				if (n == 1) != (k == tt.age) {
					t.Errorf("%s: %d are listed as overdue by %v", name, n, age)
				}
			}
			asked := of
			asked.Idle = 14
			n, err := b.Count(asked)
			same(t, err, nil)
			if (n == 1) != tt.idle {
				t.Errorf("%s: %d are listed as idle", name, n)
			}
		}
	})
}

// What waits for the supervisors' word is in time on the fifth working day, and late on
// the one after: their clock, as long as which the unit's stands still.
func TestTheBordersOfAReview(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Today("2026-04-13") // a Monday
		item := r.Submitted("2026-04-14")
		for _, day := range []struct {
			on   models.Day
			late int
		}{{"2026-04-13", 0}, {"2026-04-17", 0}, {"2026-04-20", 0}, {"2026-04-21", 1}} {
			r.Today(day.on)
			b := r.As(r.Supervisor)
			cards, err := b.List(models.Filter{})
			if err != nil || len(cards) != 1 {
				t.Fatal(len(cards), err)
			}
			if c := cards[0]; c.Overdue(day.on) || c.Light(day.on, b.Rules()) != models.LightReview || c.ReviewLate(day.on, b.Rules(), b.Calendar()) != (day.late == 1) {
				t.Errorf("%s: %s, overdue %v, late %v", day.on, c.Light(day.on, b.Rules()), c.Overdue(day.on), c.ReviewLate(day.on, b.Rules(), b.Calendar()))
			}
			for of, counted := range map[string]func(models.Filter) (models.Tally, error){"the census": b.Tally, "the database": b.TallyOfTheDatabase} {
				tally, err := counted(models.Filter{})
				if err != nil || tally.Review() != 1 || tally.Overdue() != 0 || tally.ReviewLate() != day.late {
					t.Errorf("%s: %s counts %d for review, %d overdue, %d late, %v", day.on, of, tally.Review(), tally.Overdue(), tally.ReviewLate(), err)
				}
			}
			if n, late, err := b.Mine(); err != nil || n != 1 || late != day.late {
				t.Errorf("%s: %d wait for this supervisor, %d late, %v", day.on, n, late, err)
			}
			for f, want := range map[string]int{"late=review": day.late, "light=overdue": 0, "light=review": 1} {
				if n, err := b.Count(parse(t, f, day.on)); err != nil || int(n) != want {
					t.Errorf("%s: %s lists %d, %v", day.on, f, n, err)
				}
			}
		}
		// Struck off a week later, it was not late: it was handed in before its day.
		item, err := r.As(r.Supervisor).Close(item, "属实")
		same(t, err, nil)
		closures, err := r.As(r.Office).ClosuresOf(item)
		if err != nil || len(closures) != 1 || closures[0].LateDays != 0 {
			t.Errorf("%+v, %v", closures, err)
		}
	})
}
