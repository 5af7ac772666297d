package jobs_test

import (
	"context"
	"strings"
	"testing"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
	"duban/models/trail"
)

// The head of the trail is signed within the hour when something happened, and not when
// nothing did.
func TestTheHeadIsSignedEachHourInWhichSomethingHappened(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if err := r.KeepTrail(t.Context(), t.TempDir(), ""); err != nil {
			t.Fatal(err)
		}
		p := runner(t, r, []jobs.Job{named(t, "checkpoint")})
		heads := func() int {
			t.Helper()
			p.Wake()
			all, err := r.As(models.TheClerk).Checkpoints(100)
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		heads() // the timetable begins
		r.At("2026-03-02 10:00")
		if n := heads(); n != 1 {
			t.Errorf("at ten: %d", n)
		}
		r.At("2026-03-02 13:05")
		if n := heads(); n != 1 {
			t.Errorf("when nothing happened: %d", n)
		}
		r.Registered("2026-03-20")
		r.At("2026-03-02 14:00")
		if n := heads(); n != 2 {
			t.Errorf("at two: %d", n)
		}
	})
}

func named(t *testing.T, name string) jobs.Job {
	t.Helper()
	j, ok := jobs.Named(name)
	if !ok {
		t.Fatal(name)
	}
	return j
}

// What the night's verification finds is on the auditor's page in the morning, and in
// one mail that quotes no word of the ledger.
func TestTheAuditorIsToldOfWhatTheNightFound(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		r := modelstest.Open(t, url)
		if err := r.KeepTrail(t.Context(), t.TempDir(), ""); err != nil {
			t.Fatal(err)
		}
		auditor, err := r.As(r.Admin).SaveUser(models.User{Name: "shenji", FullName: "审计", Role: models.Auditor, Email: "shenji@example.gov.cn"}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		item := r.Registered("2026-03-20")
		office := openOffice(t)
		p, err := jobs.NewRunner(r.Store, office.mailer(), jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		night := func() (int, models.TrailCheck) {
			t.Helper()
			found, _, err := p.Now("verify")
			if err != nil {
				t.Fatal(err)
			}
			c, err := r.As(auditor).LastTrailCheck()
			if err != nil {
				t.Fatal(err)
			}
			return found, c
		}
		if found, c := night(); found != 0 || len(c.Findings) != 0 || c.Events == 0 || c.Items != 1 {
			t.Errorf("a sound trail: %d, %+v", found, c)
		}
		modelstest.Tamper(t, url, "UPDATE items SET due_on = '2026-12-31'")
		r.At("2026-03-03 03:00")
		if found, c := night(); found != 1 || len(c.Findings) != 1 || c.Findings[0].Kind != "item_changed" {
			t.Errorf("%d, %+v", found, c)
		}
		r.At("2026-03-03 04:00")
		night()
		if _, _, err := p.Now("deliver"); err != nil {
			t.Fatal(err)
		}
		mails := office.got()
		if len(mails) != 1 || mails[0].to != "shenji@example.gov.cn" || strings.Contains(mails[0].body, item.Number) {
			t.Errorf("%+v", mails)
		}
	})
}

// Whoever holds a supervisor's digest holds a signed head; nobody else needs one.
func TestTheDigestOfASupervisorPrintsASignedHead(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if err := r.KeepTrail(t.Context(), t.TempDir(), ""); err != nil {
			t.Fatal(err)
		}
		r.Registered("2026-03-20")
		if _, _, err := runner(t, r, jobs.All).Now("digest"); err != nil {
			t.Fatal(err)
		}
		clerk := r.As(models.TheClerk)
		head, err := clerk.Checkpoints(1)
		if err != nil || len(head) != 1 {
			t.Fatal(head, err)
		}
		m := jobs.Mailer{BaseURL: "https://duban.example.gov.cn"}
		for u, want := range map[*models.User]int{&r.Supervisor: 1, &r.Office: 1, &r.Principal: 0, &r.Hai: 0} {
			err := clerk.DigestReports([]models.User{*u}, func(report models.DigestReport) error {
				d, _, err := m.Digest(context.Background(), report)
				found := trail.FindCheckpoints(d.Text)
				if len(found) != want || want == 1 && found[0].Note != head[0].Note {
					t.Errorf("%s: %+v in\n%s", u.Name, found, d.Text)
				}
				if printed := strings.Contains(d.HTML, head[0].Root[:20]); printed != (want == 1) {
					t.Errorf("%s: in the HTML part: %v", u.Name, printed)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
