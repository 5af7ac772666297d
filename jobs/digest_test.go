package jobs_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
	"duban/models/password"
	"duban/views/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

// demonstration is the demonstration round on Monday, 8 July 2024.
func demonstration(t testing.TB, engine string) *models.Store {
	t.Helper()
	return demonstrationAt(t, modelstest.URL(t, engine))
}

// demonstrationAt is one at that address.
func demonstrationAt(t testing.TB, url string) *models.Store {
	t.Helper()
	store, err := models.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	at(t, store, "2024-07-08 08:30")
	store.Hashing = password.Cost{Memory: 8, Passes: 1}
	if _, err := store.FillDemo(context.Background(), modelstest.Password); err != nil {
		t.Fatal(err)
	}
	return store
}

func at(t testing.TB, store *models.Store, minute string) {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", minute, store.Zone)
	if err != nil {
		t.Fatal(err)
	}
	store.Now = func() time.Time { return moment }
}

// drawn is the digest of a person of the demonstration, as a mail.
func drawn(t *testing.T, store *models.Store, name string, language text.Language) (models.Digest, models.DigestReport) {
	t.Helper()
	b := store.Board(context.Background(), models.TheClerk)
	u, err := b.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	u.Language = string(language)
	m := jobs.Mailer{BaseURL: "https://duban.example.gov.cn", TitleDomains: []string{"duban.example"}}
	var d models.Digest
	var report models.DigestReport
	err = b.DigestReports([]models.User{u}, func(r models.DigestReport) error {
		report = r
		d, _, err = m.Digest(context.Background(), r)
		return err
	})
	if err != nil || d.Subject == "" {
		t.Fatalf("%s gets no digest: %v", name, err)
	}
	return d, report
}

// Each edition in each language is what the golden files hold: laid beside the
// prototype's, and read.
func TestTheEditionsOfTheDigest(t *testing.T) {
	for _, engine := range modelstest.Engines {
		t.Run(engine, func(t *testing.T) {
			store := demonstration(t, engine)
			for name, edition := range map[string]string{"jiwei": "supervisor", "jfj-leader": "unit", "zhuguan": "principal"} {
				for _, language := range text.Languages() {
					d, _ := drawn(t, store, name, language)
					golden(t, edition+"."+string(language)+".txt", d.Text)
					golden(t, edition+"."+string(language)+".html", d.HTML)
				}
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "digest", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs (go test ./jobs -run Editions -update writes it anew):\n%s", name, got)
	}
}

func TestTheSubjectsCarryTheNumbers(t *testing.T) {
	store := demonstration(t, "sqlite")
	for name, want := range map[string]string{
		"jiwei":      "【巡察整改周报】07-01 至 07-07：超期 9 项（+3），本周到期 5 项，待审核 5 项",
		"jfj-leader": "【巡察整改】经济发展局：超期 1 项，本周 2 项到期",
		"zhuguan":    "【巡察整改周报】07-01 至 07-07：完成 37.5%，超期 9 项",
	} {
		if d, _ := drawn(t, store, name, text.Chinese); d.Subject != want {
			t.Errorf("%s: %s, want %s", name, d.Subject, want)
		}
	}
}

// What a mail client shows: no more than 60 KB, no picture, no script, no address
// but ours, and of a unit's digest nothing of another unit.
func TestADigestGivesNothingAway(t *testing.T) {
	store := demonstration(t, "sqlite")
	units, err := store.Board(context.Background(), models.TheClerk).UnitsByID()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"jiwei", "jfj-leader", "zhuguan"} {
		d, report := drawn(t, store, name, text.Chinese)
		if len(d.HTML) > 60<<10 {
			t.Errorf("%s: %d bytes", name, len(d.HTML))
		}
		for _, never := range []string{"<img", "<script", "url(", "<link", "@import", "http://"} {
			if strings.Contains(strings.ToLower(d.HTML), never) {
				t.Errorf("%s: has %s", name, never)
			}
		}
		for _, link := range regexp.MustCompile(`https?://[^/"\s]+`).FindAllString(d.HTML+d.Text, -1) {
			if link != "https://duban.example.gov.cn" {
				t.Errorf("%s: leads to %s", name, link)
			}
		}
		if report.Edition == models.EditionUnit {
			for _, u := range units {
				if u.Name != report.Unit.Name && strings.Contains(d.HTML+d.Text, u.Name) {
					t.Errorf("the unit's digest names %s", u.Name)
				}
			}
		}
	}
	b := store.Board(context.Background(), models.TheClerk)
	u, err := b.Named("jiwei")
	if err != nil {
		t.Fatal(err)
	}
	err = b.DigestReports([]models.User{u}, func(r models.DigestReport) error {
		d, titled, err := jobs.Mailer{BaseURL: "https://duban.example.gov.cn"}.Digest(context.Background(), r)
		if titled || strings.Contains(d.HTML+d.Text, r.Overdue[0].Title[:12]) {
			t.Error("an address outside the listed domains gets titles")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The digest goes out once a week, to everybody who is to get it, and to nobody for
// whom there is nothing.
func TestTheDigestIsMadeOnceAWeek(t *testing.T) {
	for _, engine := range modelstest.Engines {
		t.Run(engine, func(t *testing.T) {
			store := demonstration(t, engine)
			o := openOffice(t)
			p, err := jobs.NewRunner(store, o.mailer(), jobs.All)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if _, err := p.Rehearse("digest"); err != nil {
					t.Fatal(err)
				}
			}
			at(t, store, "2024-07-09 08:30")
			if n, err := p.Rehearse("digest"); n != 0 || err != nil {
				t.Errorf("on Tuesday %d more were made, %v", n, err)
			}
			if _, err := p.Rehearse("deliver"); err != nil {
				t.Fatal(err)
			}
			got := o.count()
			for to, n := range got {
				if n != 1 {
					t.Errorf("%s got %d", to, n)
				}
			}
			for _, name := range []string{"jiwei", "dangqun", "xuncha", "zhuguan", "jfj-handler"} {
				if got[name+"@duban.example"] != 1 {
					t.Errorf("%s got none", name)
				}
			}
			if got["admin@duban.example"] != 0 {
				t.Error("who sees no ledger got a digest")
			}
			at(t, store, "2024-07-15 08:30")
			if n, err := p.Rehearse("digest"); n == 0 || err != nil {
				t.Errorf("the next Monday: %d, %v", n, err)
			}
		})
	}
}

// A holiday Monday moves the digest; a program that was down from Friday to Tuesday
// makes it when it is back.
func TestAHolidayMondayMovesTheDigest(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-02-27")
		p := runner(t, r, jobs.All)
		made := func() int {
			weeks, err := r.As(r.Office).DigestWeeks(10)
			if err != nil {
				t.Fatal(err)
			}
			return len(weeks)
		}
		r.At("2026-04-03 18:00") // Friday; Monday the 6th is Qingming
		p.Wake()
		begun := made()
		for _, minute := range []string{"2026-04-06 08:30", "2026-04-06 12:00"} {
			r.At(minute)
			p.Wake()
			if made() != begun {
				t.Errorf("%s is a holiday, and a digest was made", minute)
			}
		}
		r.At("2026-04-07 08:30")
		p.Wake()
		if made() != begun+1 {
			t.Error("none was made on the Tuesday after")
		}
		own, err := r.As(r.Supervisor).Digests(1)
		if err != nil || len(own) != 1 || own[0].Week != "2026-W14" {
			t.Errorf("%+v %v", own, err)
		}
		// The next holiday Monday, 4 May: down from Thursday to Wednesday noon.
		r.At("2026-04-30 18:00")
		p.Wake()
		begun = made()
		r.At("2026-05-06 12:00")
		p.Wake()
		p.Wake()
		if made() != begun+1 {
			t.Errorf("back on Wednesday: %d digests more", made()-begun)
		}
	})
}

// The archive is everybody's own; what was sent can be sent again, the very same.
func TestADigestIsKeptAsItWasSent(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-02-27")
		o := openOffice(t)
		p, err := jobs.NewRunner(r.Store, o.mailer(), jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range []string{"digest", "deliver"} {
			if _, err := p.Rehearse(job); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := r.As(r.Supervisor).Digest("2026-W09")
		if err != nil || !strings.Contains(kept.Text, item.Number) {
			t.Fatalf("%q %v", kept.Subject, err)
		}
		if _, err := r.As(r.Shen).Digest("2026-W09"); err == nil {
			t.Error("the stranger, to whom nothing was due, has a digest")
		}
		deliveries, err := r.As(r.Office).Deliveries("2026-W09")
		if err != nil || len(deliveries) == 0 {
			t.Fatal(deliveries, err)
		}
		for _, d := range deliveries {
			if d.State != models.MailSent {
				t.Errorf("%+v", d)
			}
		}
		if _, err := r.As(r.Wu).Deliveries("2026-W09"); err == nil {
			t.Error("a handler reads the delivery list")
		}
		r.Today("2026-03-04")
		if err := r.As(r.Office).ResendDigest(kept.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Rehearse("deliver"); err != nil {
			t.Fatal(err)
		}
		var bodies []string
		for _, m := range o.got() {
			if m.to == r.Supervisor.Email {
				_, body, _ := strings.Cut(m.body, "\r\n\r\n")
				bodies = append(bodies, regexp.MustCompile(`(?m)^--.*$`).ReplaceAllString(body, ""))
			}
		}
		if len(bodies) != 2 || bodies[0] != bodies[1] {
			t.Errorf("%d copies, not the same", len(bodies))
		}
	})
}

func BenchmarkDigest(b *testing.B) {
	for _, engine := range modelstest.Engines {
		b.Run(engine, func(b *testing.B) {
			r := modelstest.Open(b, modelstest.URL(b, engine))
			r.Fill(5000)
			for k := range 450 {
				u := models.User{Name: fmt.Sprintf("s%d", k), FullName: "S", Role: models.Supervisor, Email: fmt.Sprintf("s%d@example.gov.cn", k)}
				if _, err := r.As(r.Admin).SaveUser(u, modelstest.Password); err != nil {
					b.Fatal(err)
				}
			}
			p, err := jobs.NewRunner(r.Store, jobs.Mailer{BaseURL: "https://duban.example.gov.cn"}, jobs.All)
			if err != nil {
				b.Fatal(err)
			}
			day := models.Day("2026-03-09")
			made := 0
			for b.Loop() {
				b.StopTimer()
				r.Today(day)
				day = day.Plus(7)
				b.StartTimer()
				if made, err = p.Rehearse("digest"); err != nil || made < 450 {
					b.Fatal(made, err)
				}
			}
			b.ReportMetric(float64(made), "people")
		})
	}
}

// mailed is the digest of a person of the cast, as a mail in Chinese.
func mailed(t *testing.T, r *modelstest.Register, u models.User) (models.Digest, models.DigestReport) {
	t.Helper()
	var d models.Digest
	var report models.DigestReport
	err := r.As(models.TheClerk).DigestReports([]models.User{u}, func(drawn models.DigestReport) (err error) {
		report = drawn
		d, _, err = jobs.Mailer{BaseURL: "https://duban.example.gov.cn"}.Digest(t.Context(), drawn)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, report
}

// A unit's digest says that there is nothing else to do where its own page says so, and
// what there is where there is something.
func TestAUnitsDigestSaysNothingElseOnlyWhenNothingIs(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		zh := text.In(t.Context(), text.Chinese)
		nothing := strings.TrimPrefix(text.T(zh, "digest.say.nothing_else"), "。")
		says := func(when string, u models.User, want ...string) {
			t.Helper()
			d, report := mailed(t, r, u)
			waits, err := r.As(u).Waiting(r.Unit)
			if err != nil {
				t.Fatal(err)
			}
			_, whole, err := r.As(u).Duties(r.Unit)
			if err != nil {
				t.Fatal(err)
			}
			else_ := waits.N() + whole - report.Tally.Overdue() - report.DueWeek
			if got := strings.Contains(d.Text, nothing); got != (else_ == 0) || got != (len(want) == 0) {
				t.Errorf("%s: says nothing %v, and %d wait\n%s", when, got, else_, d.Text)
			}
			for _, w := range want {
				if !strings.Contains(d.Text, w) {
					t.Errorf("%s: does not say %q\n%s", when, w, d.Text)
				}
			}
		}
		late := r.Registered("2026-02-20")
		for range 2 {
			r.Registered("2026-06-30")
		}
		says("an import of three items", r.Wu, text.Count(zh, "digest.also.items", 3))
		if _, err := r.As(r.Wu).Acknowledge(late); err != nil {
			t.Fatal(err)
		}
		cards, err := r.As(r.Wu).List(models.ReceiptsOf(r.Unit))
		if err != nil || len(cards) != 2 {
			t.Fatal(len(cards), err)
		}
		for _, c := range cards {
			item, err := r.As(r.Wu).Item(c.Number)
			if err == nil {
				_, err = r.As(r.Wu).Acknowledge(item)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		says("all is received", r.Wu)

		// Next Monday is in the duties' seven days, and not in this week.
		next := r.Registered("2026-03-09")
		if _, err := r.As(r.Wu).Acknowledge(next); err != nil {
			t.Fatal(err)
		}
		says("something is due next Monday", r.Wu, text.Count(zh, "digest.also.duties", 1))

		// What waits for the head's signature waits for the head alone.
		ready := r.Ready("2026-06-30")
		if _, err := r.As(r.Wu).Acknowledge(r.Read(ready)); err != nil {
			t.Fatal(err)
		}
		r.SignedBy(r.Read(ready), r.Wu, r.Leng)
		says("the head is to sign", r.Hai, text.Count(zh, "digest.also.sign", 1))
		if d, _ := mailed(t, r, r.Wu); strings.Contains(d.Text, text.Count(zh, "digest.also.sign", 1)) {
			t.Errorf("the handler is told of the head's signature\n%s", d.Text)
		}
	})
}

// A digest of one week compares with one day, on whichever day of the week it is made.
func TestADigestComparesWithTheSameDayAllWeek(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.At("2026-02-22 20:00")
		r.Registered("2026-02-20")
		r.At("2026-02-23 00:05")
		nights, err := r.As(models.TheClerk).RecordNights()
		if err != nil || nights == 0 {
			t.Fatal(nights, err)
		}
		r.At("2026-02-24 09:00")
		r.Registered("2026-02-25")
		r.At("2026-03-02 00:05")
		if _, err := r.As(models.TheClerk).RecordNights(); err != nil {
			t.Fatal(err)
		}
		var first models.DigestReport
		for n, day := range []models.Day{"2026-03-02", "2026-03-03", "2026-03-06"} {
			r.Today(day)
			d, report := mailed(t, r, r.Supervisor)
			if n == 0 {
				first = report
			}
			if report.Since != "2026-02-22" || report.Gap || report.Change != 1 || report.Week != first.Week {
				t.Errorf("%s: since %s %+d (gap %v) of %s, want since 2026-02-22 +1", day, report.Since, report.Change, report.Gap, report.Week)
			}
			if !strings.Contains(d.Text, "比 02-22 多 1 项") || !strings.Contains(d.Subject, "02-23 至 03-01") {
				t.Errorf("%s: %s\n%s", day, d.Subject, d.Text)
			}
		}
	})
}
