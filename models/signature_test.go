package models_test

import (
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

var agreed = models.Pledge{Agreed: true, Password: modelstest.Password}

func TestEachSignsInTurnAndOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Ready("2026-03-09")
		_, err := r.As(r.Hai).Sign(item, agreed)
		same(t, err, models.Refused{Key: "signature.turn.handler"})
		_, err = r.As(r.Leng).Sign(item, agreed)
		same(t, err, models.Refused{Key: "signature.turn.handler"})
		_, err = r.As(r.Supervisor).Sign(item, agreed)
		same(t, err, models.ErrForbidden)
		_, err = r.As(r.Shen).Sign(item, agreed)
		same(t, err, models.ErrNotFound)
		item, err = r.As(r.Wu).Sign(item, models.Pledge{})
		same(t, err, nil)
		_, err = r.As(r.Wu).Sign(item, models.Pledge{})
		same(t, err, models.Refused{Key: "signature.given"})
		_, err = r.As(r.Hai).Sign(item, agreed)
		same(t, err, models.Refused{Key: "signature.turn.leader"})
		item, err = r.As(r.Leng).Sign(item, models.Pledge{})
		same(t, err, nil)
		item, err = r.As(r.Hai).Sign(item, agreed)
		same(t, err, nil)
		_, err = r.As(r.Hai).Sign(item, agreed)
		same(t, err, models.Refused{Key: "signature.given"})
		signatures, err := r.As(r.Supervisor).SignaturesOf(item)
		if err != nil || len(signatures) != 3 || !signatures[0].Pledge || signatures[1].Pledge || signatures[0].SHA256 != signatures[2].SHA256 || len(signatures[0].SHA256) != 64 {
			t.Errorf("%+v, %v", signatures, err)
		}
		if of, err := r.As(r.Shen).SignaturesOf(item); err != nil || len(of) != 0 {
			t.Errorf("the stranger reads %v, %v", of, err)
		}
	})
}

// The pledge of truth is said with the password; wrong tries count as those at the
// door do.
func TestTheHeadsPledgeNeedsThePassword(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.SignedBy(r.Ready("2026-03-09"), r.Wu, r.Leng)
		hai := r.As(r.Hai)
		_, err := hai.Sign(item, models.Pledge{Password: modelstest.Password})
		same(t, err, problemOf("pledge"))
		for range 5 {
			_, err = hai.Sign(item, models.Pledge{Agreed: true, Password: "wrong"})
			same(t, err, problemOf("password"))
		}
		_, err = hai.Sign(item, agreed)
		same(t, err, models.Refused{Key: "session.locked"})
		r.At("2026-03-02 09:16")
		item, err = r.As(r.Hai).Sign(item, agreed)
		same(t, err, nil)
		if _, err := r.As(r.Hai).Submit(item); err != nil {
			t.Error(err)
		}
	})
}

// What was signed is what is handed in: whatever changes it afterwards voids every
// signature and says so; what does not change it leaves them.
func TestAChangeVoidsWhatWasSigned(t *testing.T) {
	changes := map[string]func(r *modelstest.Register, item models.Item, m models.Measure) (models.Item, error){
		"a progress note": func(r *modelstest.Register, item models.Item, _ models.Measure) (models.Item, error) {
			return r.As(r.Wu).Report(item, "补充", nil)
		},
		"a measure taken back": func(r *modelstest.Register, item models.Item, m models.Measure) (models.Item, error) {
			return r.As(r.Wu).ReopenMeasure(item, m.ID)
		},
		"a further measure": func(r *modelstest.Register, item models.Item, _ models.Measure) (models.Item, error) {
			return r.As(r.Wu).Plan(item, []models.PlannedMeasure{{Text: "举一反三", Owner: "李慧", DueOn: "2026-03-09"}})
		},
		"a further document": func(r *modelstest.Register, item models.Item, _ models.Measure) (models.Item, error) {
			return r.As(r.Wu).AddEvidence(item, models.Evidence{DocNo: "经发〔2026〕10 号"})
		},
		"another standard": func(r *modelstest.Register, item models.Item, _ models.Measure) (models.Item, error) {
			return r.As(r.Office).SetStandard(item, "全部拨付到位并公示")
		},
		"a number achieved": func(r *modelstest.Register, item models.Item, _ models.Measure) (models.Item, error) {
			return r.As(r.Wu).RecordAchievement(item, models.AchievementAsk{Kind: models.AchievementMoney, N: 460000, Basis: "缴款凭证"})
		},
		"the supervisor's standard": func(r *modelstest.Register, item models.Item, _ models.Measure) (models.Item, error) {
			return r.As(r.Supervisor).SetStandard(item, "全部拨付到位，并有回单")
		},
		"the leader sends it back": func(r *modelstest.Register, item models.Item, _ models.Measure) (models.Item, error) {
			return r.As(r.Leng).Unsign(item, "请补附件")
		},
	}
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for name, change := range changes {
			item := r.Signed("2026-03-09")
			measures, err := r.As(r.Wu).Measures(item)
			same(t, err, nil)
			item, err = change(r, item, measures[0])
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			_, err = r.As(r.Hai).Submit(item)
			same(t, err, models.Refused{Key: "submission.gate"})
			trail, err := r.As(r.Wu).Trail(item)
			if err != nil || trail[0].Particulars["voided"] != "3" {
				t.Errorf("%s: the trail says %v, %v", name, trail[0].Particulars, err)
			}
			signatures, err := r.As(r.Wu).SignaturesOf(item)
			same(t, err, nil)
			for _, s := range signatures {
				if s.Stands() || s.VoidedAct != trail[0].Act {
					t.Errorf("%s: %+v", name, s)
				}
			}
		}
		item := r.Signed("2026-03-09")
		item, err := r.As(r.Wu).AskExtension(item, "2026-03-20", "须公示")
		same(t, err, nil)
		item, err = r.As(r.Supervisor).GrantExtension(item, asked(t, r, item), "同意", "")
		same(t, err, nil)
		item, err = r.As(r.Wu).Acknowledge(item)
		same(t, err, nil)
		if _, err := r.As(r.Hai).Submit(item); err != nil {
			t.Errorf("an extension is no change of what was signed: %v", err)
		}
	})
}

// A row changed behind the program's back is not what was signed.
func TestWhatWasChangedBehindItIsNotHandedIn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Signed("2026-03-09")
		r.SQL("UPDATE measures SET result = '已拨付 430 笔' WHERE item_id = ?", item.ID)
		_, err := r.As(r.Hai).Submit(item)
		same(t, err, models.Refused{Key: "submission.changed"})
		item = r.Submitted("2026-03-09")
		r.SQL("UPDATE progress SET text = '别的' WHERE item_id = ?", item.ID)
		r.SQL("UPDATE evidence SET doc_no = '别的' WHERE item_id = ?", item.ID)
		_, err = r.As(r.Supervisor).Close(item, "属实")
		same(t, err, models.Refused{Key: "verification.changed"})
		if _, err := r.As(r.Supervisor).Return(item, "evidence", "材料与提交时不一致"); err != nil {
			t.Error(err)
		}
	})
}

// A place's rules say who signs; a role that nobody has is left to the next above, and
// the one whom the ledger names is the one who signs.
func TestWhoMustSignIsARule(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		roles := func(item models.Item) string {
			t.Helper()
			signings, err := r.As(r.Supervisor).Signings(item)
			same(t, err, nil)
			out := ""
			for _, s := range signings {
				out += string(s.Role) + " "
				for _, u := range s.By {
					out += u.Name + " "
				}
			}
			return out
		}
		if got := roles(r.Registered("2026-03-20")); got != "handler wu leader leng head hai " {
			t.Error(got)
		}
		if got := roles(r.RegisteredFor(r.Unit, models.OnTheSpot, "2026-03-20")); got != "leader leng head hai " {
			t.Error(got)
		}
		if got := roles(r.RegisteredFor(r.Other, models.PostFeedback, "2026-03-20")); got != "handler shen head " { // of which there is none yet
			t.Error(got)
		}
		item, err := r.As(r.Hai).AssignItem(r.Registered("2026-03-20"), models.Assignment{LeaderID: r.Hai.ID, HandlerID: r.Wu.ID})
		same(t, err, nil)
		if got := roles(item); got != "handler wu head hai " { // the head leads it himself
			t.Error(got)
		}
	})
}
