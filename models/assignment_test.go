package models_test

import (
	"fmt"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// asSupervisor is that person when they have become a supervisor.
func asSupervisor(r *modelstest.Register, u models.User) models.User {
	r.SQL("UPDATE users SET role = 'supervisor', unit_id = NULL, body_code = 'jiwei' WHERE id = ?", u.ID)
	u.Role, u.UnitID, u.BodyCode = models.Supervisor, nil, models.Jiwei
	return u
}

// Who answered for an item before another did gives no verdict on it. A row says so, and
// verifying holds the rows beside the trail.
func TestWhoAnsweredForAnItemBeforeGivesNoVerdict(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		item := s.items[2]
		assign := func(leader, handler models.User) {
			t.Helper()
			var err error
			item, err = s.As(s.Hai).AssignItem(item, models.Assignment{LeaderID: leader.ID, HandlerID: handler.ID})
			s.must(err)
		}
		ghost, err := s.As(s.Admin).SaveUser(models.User{Name: "former", FullName: "前任", Role: models.Handler, UnitID: &s.Unit.ID}, modelstest.Password)
		s.must(err)
		assign(s.Leng, ghost)
		assign(s.Leng, s.Wu)
		item = s.HandedIn(item)
		s.sign()
		if report := s.verify(models.VerifyAsk{}); !report.Sound() {
			t.Errorf("%+v", report.Findings)
		}
		// What the trail says of it in words is of no account to the rule.
		said := func() bool { return s.As(asSupervisor(s.Register, ghost)).May(models.CloseItem, item) }
		if said() {
			t.Error("who handled it may close it")
		}
		s.exec("DELETE FROM past_assignments")
		if !said() {
			t.Error("the rule asks something else than the rows")
		}
		if report := s.verify(models.VerifyAsk{}); !has(report, "past_removed", item.Number, ghost.ID, "former") {
			t.Errorf("taken out: %+v", report.Findings)
		}
		// What the register of an earlier build knows by its records alone is taken over.
		for _, statement := range must(s.Statements("0091_past_assignments.sql"))[1:] {
			s.exec(statement)
		}
		if said() {
			t.Error("it is not taken over from the records")
		}
		s.exec(fmt.Sprintf("INSERT INTO past_assignments (item_id, user_id) VALUES (%d, %d)", item.ID, s.Supervisor.ID))
		if report := s.verify(models.VerifyAsk{}); !has(report, "past_inserted", item.Number, s.Supervisor.ID) || has(report, "past_removed") {
			t.Errorf("slipped in: %+v", report.Findings)
		}
	})
}
