package app

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/trail"
)

// auditor is somebody who reads the trail, on a register that keeps one.
func (s *site) auditor(t *testing.T) *visitor {
	t.Helper()
	if err := s.KeepTrail(t.Context(), t.TempDir(), ""); err != nil {
		t.Fatal(err)
	}
	u, err := s.As(s.Admin).SaveUser(models.User{Name: "shenji", FullName: "审计员", Role: models.Auditor}, modelstest.Password)
	if err != nil {
		t.Fatal(err)
	}
	s.passwords[u.Name] = modelstest.Password
	return s.as(u)
}

// signTrail takes all events into the tree and signs its head.
func (s *site) signTrail(t *testing.T) models.Checkpoint {
	t.Helper()
	clerk := s.As(models.TheClerk)
	if _, err := clerk.GrowTrail("one"); err != nil {
		t.Fatal(err)
	}
	c, _, err := clerk.SignTrail()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The auditor comes in by the trail's doors and those of their own account, and no
// other: no word of the ledger but what the trail itself says.
func TestTheAuditorsDoors(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.shown(s.Wu, s.Registered("2026-03-20"))
		v := s.auditor(t)
		s.signTrail(t)
		v.get("/me")
		for _, r := range s.server.routes() {
			if r.path == "/sign-out" {
				continue
			}
			a := v.send(r.method, s.named(t, r.path, item, 1), forms[routeName(r)])
			trail := strings.HasPrefix(r.path, "/audit")
			own := r.who(models.User{Role: models.Nobody}) || r.who(models.User{Role: models.SysAdmin}) && strings.HasPrefix(r.path, "/me") || r.path == "/help/rules" || r.path == "/drafts" // their own
			if got := a.outcome(); (got == http.StatusForbidden) == (trail || own) {
				t.Errorf("%s: %s", routeName(r), outcomeName(got))
			}
			if !trail && strings.Contains(a.body, item.Title) {
				t.Errorf("%s: it says what the item is about", routeName(r))
			}
		}
		v.get("/").wantGoTo("/audit")
	})
}

func TestTheTrailIsReadFilteredAndProved(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-20")
		first := s.auditor(t)
		older := s.signTrail(t)
		item, err := s.As(s.Office).SetStanding(item, "2026-04-05")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.As(s.Office).SetStanding(item, "2026-06-05"); err != nil {
			t.Fatal(err)
		}
		s.as(s.Wu).post("/items/"+item.Number+"/closure", "version", "1", "words", "自己销号").want(http.StatusForbidden)
		u := s.Wu
		u.Role, u.UnitID, u.BodyCode = models.Supervisor, nil, models.Jiwei
		if _, err := s.As(s.Admin).SaveUser(u, ""); err != nil {
			t.Fatal(err)
		}
		s.signTrail(t)
		page := func(query string) *answer { return first.get("/audit?" + query).want(http.StatusOK) }

		all := page("")
		for _, want := range []string{"<del>2026-04-05</del>", "<ins>2026-06-05</ins>", "<del>经办人</del>", "<ins>督办</ins>", "无权", item.Number, s.store.TrailKey(), older.Root} {
			if !strings.Contains(all.body, want) {
				t.Errorf("the page does not say %q\n%s", want, all.words())
			}
		}
		if refused := page("result=refused"); strings.Contains(refused.body, "<ins>2026-06-05</ins>") || !strings.Contains(refused.body, "无权") {
			t.Errorf("refused: %s", refused.words())
		}
		if of := page("item=" + item.Number + "&act=set_standing"); strings.Count(of.body, "/audit/events/") != 2 {
			t.Errorf("of an item and an act: %s", of.words())
		}
		if by := page("person=" + url.QueryEscape(s.Admin.FullName) + "&from=2026-03-02&to=2026-03-02"); !strings.Contains(by.body, "<ins>督办</ins>") || strings.Contains(by.body, "<ins>2026-06-05</ins>") {
			t.Errorf("by a person: %s", by.words())
		}
		if none := page("to=2026-03-01"); strings.Contains(none.body, "/audit/events/") {
			t.Errorf("before anything happened: %s", none.words())
		}
		// That it was read stands in it.
		if reads := page("act=read_trail"); !strings.Contains(reads.body, "审计员") {
			t.Errorf("reading: %s", reads.words())
		}

		history, err := s.As(s.Office).Trail(item)
		if err != nil {
			t.Fatal(err)
		}
		event := "/audit/events/" + fmt.Sprint(history[0].ID)
		if a := first.get(event).want(http.StatusOK); !strings.Contains(a.body, history[0].Leaf) {
			t.Errorf("the event: %s", a.words())
		}
		proof := first.get(event + "/proof.json").want(http.StatusOK)
		if p, head, err := trail.CheckProof([]byte(proof.body), s.store.TrailKey()); err != nil || p.Record != history[0].Record || head.Size <= older.Size {
			t.Errorf("proof: %v", err)
		}
		growth := first.get("/audit/heads/" + fmt.Sprint(older.Size) + "/growth.json").want(http.StatusOK)
		if _, _, err := trail.CheckProof([]byte(growth.body), s.store.TrailKey()); err != nil {
			t.Errorf("growth: %v", err)
		}
		if head := first.get("/audit/heads/" + fmt.Sprint(older.Size) + "/head.txt").want(http.StatusOK); head.body != older.Note {
			t.Errorf("head: %q", head.body)
		}
		export := first.get("/audit/export.jsonl?item=" + item.Number).want(http.StatusOK)
		if n, err := trail.CheckExport([]byte(export.body), s.store.TrailKey()); err != nil || n != 3 { // registered, twice set
			t.Errorf("export: %d events, %v", n, err)
		}
		if _, err := trail.CheckExport([]byte(strings.Replace(export.body, "2026-06-05", "2026-06-06", 1)), s.store.TrailKey()); err == nil {
			t.Error("an export that was changed is taken")
		}
		for _, path := range []string{"/audit/events/0", "/audit/events/x", "/audit/events/99999/proof.json", "/audit/heads/3/head.txt", "/audit/heads/x/growth.json"} {
			first.get(path).want(http.StatusNotFound)
		}
	})
}

func TestAFindingIsABannerForTheAuditor(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		s := siteOn(t, modelstest.Open(t, database), Options{})
		item := s.Registered("2026-03-20")
		v := s.auditor(t)
		if a := v.get("/audit").want(http.StatusOK); strings.Contains(a.body, `notice--bad`) {
			t.Error("nothing was found, and there is an alarm")
		}
		modelstest.Tamper(t, database, "UPDATE items SET due_on = '2026-12-31'")
		if _, _, err := s.As(models.TheClerk).CheckTrail(); err != nil {
			t.Fatal(err)
		}
		a := v.get("/audit").want(http.StatusOK)
		for _, want := range []string{`notice--bad`, item.Number, "2026-12-31", "2026-03-20"} {
			if !strings.Contains(a.body, want) {
				t.Errorf("the banner does not say %q: %s", want, a.words())
			}
		}
	})
}

// Everybody who sees the item sees all that happened to it, with what was there before
// struck through; nobody else sees any of it.
func TestTheWholeHistoryOfAnItemIsForWhoeverSeesIt(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item, err := s.As(s.Office).SetStanding(s.Registered("2026-03-20"), "2026-04-05")
		if err != nil {
			t.Fatal(err)
		}
		if item, err = s.As(s.Office).SetStanding(item, "2026-06-05"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.As(s.Wu).Report(item, "已拨付 31 笔", nil); err != nil {
			t.Fatal(err)
		}
		for _, u := range []models.User{s.Wu, s.Supervisor, s.Office, s.Principal} {
			a := s.as(u).get("/items/" + item.Number + "/history").want(http.StatusOK)
			for _, want := range []string{"<del>2026-04-05</del>", "<ins>2026-06-05</ins>", "已拨付 31 笔", s.Wu.FullName, "共 4 条"} {
				if !strings.Contains(a.body, want) {
					t.Errorf("%s: it does not say %q\n%s", u.Name, want, a.words())
				}
			}
		}
		s.as(s.Shen).get("/items/" + item.Number + "/history").want(http.StatusNotFound)
		if a := s.as(s.Wu).get("/items/" + item.Number); !strings.Contains(a.body, "/items/"+item.Number+"/history") {
			t.Error("the item's page does not lead there")
		}
	})
}

// Whatever leaves the register leaves a line in its trail: who took it, and what.
func TestWhateverLeavesTheRegisterIsInTheTrail(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, database string) {
		s := siteOn(t, modelstest.Open(t, database), Options{})
		db := modelstest.Behind(t, database)
		newest := func() (id, by int64, act models.Act) {
			if err := db.QueryRow("SELECT id, actor_id, act FROM events ORDER BY id DESC LIMIT 1").Scan(&id, &by, &act); err != nil {
				t.Fatal(err)
			}
			return id, by, act
		}
		item := s.shown(s.Wu, s.Registered("2026-03-20"))
		evidence := fmt.Sprintf("/items/%s/evidence/%d", item.Number, s.evidence[item.Number])
		office, supervisor, auditor := s.as(s.Office), s.as(s.Supervisor), s.auditor(t)
		s.signTrail(t)
		event, _, _ := newest()
		head := s.signTrail(t)
		for _, of := range []struct {
			v    *visitor
			path string
			act  models.Act
		}{
			{office, "/items.xlsx", "export"},
			{office, "/items.csv", "export"},
			{office, "/items.json", "export"},
			{office, "/rounds/" + s.Round.Code + "/bulletin.docx", "download"},
			{supervisor, evidence + "/file", models.DownloadEvidence},
			{supervisor, evidence + "/picture", models.ViewEvidence},
			{supervisor, "/items/" + item.Number + "/evidence.zip", models.DownloadEvidence},
			{auditor, "/audit", "read_trail"},
			{auditor, "/audit/export.jsonl", "export"},
			{auditor, fmt.Sprintf("/audit/events/%d/proof.json", event), "prove"},
			{auditor, fmt.Sprintf("/audit/heads/%d/growth.json", head.Size), "prove"},
		} {
			before, _, _ := newest()
			of.v.get(of.path).want(http.StatusOK)
			if id, by, act := newest(); id == before || act != of.act || by == 0 {
				t.Errorf("%s: %d, then %d, %s by %d", of.path, before, id, act, by)
			}
		}
	})
}
