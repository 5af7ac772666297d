package models_test

import (
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

func TestWhatAnAccountNeeds(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		tests := map[string]struct {
			user     models.User
			password string
			want     error
		}{
			"a name of letters":        {models.User{Name: "李慧", FullName: "李", Role: models.Office}, "Correct-Horse-9", problemOf("name")},
			"a name not taken":         {models.User{Name: "wu", FullName: "吴", Role: models.Office}, "Correct-Horse-9", problemOf("name")},
			"a unit, when of a unit":   {models.User{Name: "new", FullName: "新", Role: models.Head}, "Correct-Horse-9", problemOf("unit")},
			"a role there is":          {models.User{Name: "new", FullName: "新", Role: "king"}, "Correct-Horse-9", problemOf("role")},
			"a plain address":          {models.User{Name: "new", FullName: "新", Role: models.Office, Email: "a@b.c\r\nBcc: d@e.f"}, "Correct-Horse-9", problemOf("email")},
			"one address":              {models.User{Name: "new", FullName: "新", Role: models.Office, Email: "a@b.cn, d@e.cn"}, "Correct-Horse-9", problemOf("email")},
			"a first password":         {models.User{Name: "new", FullName: "新", Role: models.Office}, "", problemOf("password")},
			"a password not guessed":   {models.User{Name: "new", FullName: "新", Role: models.Office}, "P@ssw0rd", problemOf("password")},
			"a password without name":  {models.User{Name: "zhang", FullName: "新", Role: models.Office}, "Zhang-2026!", problemOf("password")},
			"a name of 60 characters":  {models.User{Name: "new", FullName: strings.Repeat("名", 61), Role: models.Office}, "Correct-Horse-9", problemOf("full_name")},
			"nothing else":             {models.User{Name: "new", FullName: "新", Role: models.Office}, "Correct-Horse-9", nil},
			"or length instead of mix": {models.User{Name: "new2", FullName: "新", Role: models.Office}, "correct horse battery", nil},
		}
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				_, err := r.As(r.Admin).SaveUser(tt.user, tt.password)
				same(t, err, tt.want)
			})
		}
		for _, person := range []models.User{r.Office, r.Supervisor, r.Wu, r.Hai, {}} {
			_, err := r.As(person).SaveUser(models.User{Name: "sneak", FullName: "s", Role: models.SysAdmin}, "Correct-Horse-9")
			same(t, err, models.ErrForbidden)
		}
		me := r.Admin
		me.Disabled = true
		_, err := r.As(r.Admin).SaveUser(me, "")
		same(t, err, models.Refused{Key: "user.not_yourself"})
	})
}

func TestUnitsAndRoundsAreGoverned(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		_, err := r.As(r.Office).SaveUnit(models.Unit{Name: strings.Repeat("局", 300), Code: "局"})
		same(t, err, problemOf("name", "code"))
		_, err = r.As(r.Office).SaveUnit(models.Unit{Name: "经济发展局", Code: "new"})
		same(t, err, problemOf("name"))
		_, err = r.As(r.Wu).SaveUnit(models.Unit{Name: "新局", Code: "xin"})
		same(t, err, models.ErrForbidden)
		renamed := r.Unit
		renamed.Name = "经济和信息化局"
		_, err = r.As(r.Office).SaveUnit(renamed)
		same(t, err, nil)
		_, err = r.As(r.Office).SaveRound(models.Round{Code: "2026-2", Name: "第二轮", Year: 26, BeginsOn: "2026-02-30", EndsOn: "2026-01-01"})
		same(t, err, problemOf("year", "begins_on"))
		err = r.As(r.Office).SaveRoundUnit(models.RoundUnit{RoundID: r.Round.ID, UnitID: r.Unit.ID, FeedbackOn: "2026-02-01", WindowEnd: "2026-01-01"})
		same(t, err, problemOf("window_end"))
		err = r.As(r.Supervisor).SaveRoundUnit(models.RoundUnit{RoundID: r.Round.ID, UnitID: r.Unit.ID})
		same(t, err, models.ErrForbidden)
		if _, err := r.As(r.Shen).RoundUnit(r.Round.ID, r.Unit.ID); err == nil {
			t.Error("a stranger read another unit's dates")
		}
	})
}
