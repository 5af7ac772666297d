package models_test

import (
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// What is struck off at today's pace, and when the last of it: by hand.
func TestTheForecastIsThePaceOfEightWeeks(t *testing.T) {
	today := models.Day("2026-06-01")
	closed := func(n int, day models.Day) models.Course {
		return models.Course{Steps: []models.CourseStep{{Day: "2026-01-05", Registered: 100}, {Day: day, Registered: 100, Closed: n}}}
	}
	for _, c := range []struct {
		of   string
		in   models.Course
		left int
		want models.Forecast
	}{
		{"sixteen in eight weeks, two a week: 32 are 16 weeks", closed(16, "2026-05-01"), 32, models.Forecast{N: 16, On: "2026-09-21", From: "2026-08-25", To: "2026-11-13"}},
		{"four say too little", closed(4, "2026-05-01"), 32, models.Forecast{N: 4}},
		{"what was struck off before that is no pace", closed(16, "2026-04-06"), 32, models.Forecast{N: 0}},
		{"the first day that counts", closed(16, "2026-04-07"), 0, models.Forecast{N: 16}},
	} {
		if got := c.in.Forecast(today, c.left); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.of, got, c.want)
		}
	}
	if at := closed(3, "2026-05-01").At("2026-04-30"); at != (models.CourseStep{Day: "2026-04-30", Registered: 100}) {
		t.Errorf("before the day on which three were struck off: %+v", at)
	}
}

// An item handed in by its deadline is in time, however long the answer took; a returned
// one says how long that answer took, and what came of it.
func TestAnswersAreTheSupervisorsOwnFigures(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := handedIn(t, r, "八项规定")
		since := item.SubmittedOn.Plus(-30)
		answers := func(f models.Filter, since models.Day, want models.Answers) {
			t.Helper()
			got, err := r.As(r.Supervisor).Answers(f, since)
			same(t, err, nil)
			if want.Since = since; got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		answers(models.Filter{}, since, models.Answers{})
		r.Today(item.SubmittedOn.Plus(7)) // five working days
		_, err := r.As(r.Supervisor).Return(item, "evidence", "附件不是整改后的照片，请补充。")
		same(t, err, nil)
		answers(models.Filter{}, since, models.Answers{N: 1, Returned: 1, Items: 1, Median: 5})
		answers(models.Filter{Category: "工程"}, since, models.Answers{})
		answers(models.Filter{}, item.SubmittedOn.Plus(8), models.Answers{})
	})
}
