package jobs_test

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
)

// morning does what the timetable does from midnight to nine, by the clock of the day.
func morning(t *testing.T, r *modelstest.Register, p *jobs.Runner, day models.Day) {
	t.Helper()
	for _, tick := range []struct{ at, job string }{{"00:05", "flag"}, {"08:30", "digest"}, {"08:30", "remind"}, {"09:00", "escalate"}} {
		r.At(string(day) + " " + tick.at)
		now(t, p, tick.job)
		now(t, p, "deliver")
	}
}

// kinds are how many mails of each kind each address got.
func kinds(o *office) map[string]int {
	n := map[string]int{}
	for _, m := range o.got() {
		kind, _, _ := strings.Cut(strings.TrimPrefix(m.id, "<"), ".")
		n[kind+" "+m.to]++
	}
	return n
}

func sender(t *testing.T, r *modelstest.Register, m jobs.Mailer) *jobs.Runner {
	t.Helper()
	p, err := jobs.NewRunner(r.Store, m, jobs.All)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Two thousand items become overdue in one night: each person gets one mail about it,
// no longer than any other.
func TestTwoThousandOverdueInOneNight(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		const many = 2000
		var news []models.NewItem
		for n := range many {
			unit := r.Unit
			if n%2 == 1 {
				unit = r.Other
			}
			news = append(news, models.NewItem{
				Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: unit.ID, LedgerNo: fmt.Sprint(n + 1), Category: "八项规定",
				Problem: fmt.Sprintf("第 %d 个问题：差旅费超标准报销未清退", n+1), Standard: "清退到位", Department: "综合处",
				Measures: []models.Measure{{Text: "清退", Leader: "leng", Owners: []string{"wu"}, DueOn: "2026-03-05"}},
			})
		}
		if _, err := r.As(r.Office).Register(news...); err != nil {
			t.Fatal(err)
		}
		o := openOffice(t)
		p := sender(t, r, o.mailer())
		began := time.Now()
		r.At("2026-03-06 00:05")
		if n := now(t, p, "flag"); n != many {
			t.Errorf("%d were flagged", n)
		}
		flagged := time.Since(began)
		r.At("2026-03-06 08:30")
		began = time.Now()
		now(t, p, "remind")
		now(t, p, "remind")
		reminded := time.Since(began)
		now(t, p, "deliver")
		for _, name := range []string{"wu", "leng", "hai", "shen"} {
			if n := kinds(o)["reminder "+name+"@example.gov.cn"]; n != 1 {
				t.Errorf("%s got %d", name, n)
			}
		}
		longest := 0
		for _, m := range o.got() {
			longest = max(longest, len(m.body))
			if strings.HasPrefix(m.to, "wu@") && !strings.Contains(m.subject, "1000") {
				t.Errorf("the subject says %q", m.subject)
			}
		}
		if len(o.got()) != 4 || longest > 60<<10 {
			t.Errorf("%d mails, the longest of %d bytes", len(o.got()), longest)
		}
		morning(t, r, p, "2026-03-07") // a Saturday
		if n := len(o.got()); n != 4 {
			t.Errorf("%d mails on a Saturday", n-4)
		}
		// The supervisors are offered the ladder's next step for each: one mail on Monday.
		morning(t, r, p, "2026-03-09")
		if n := kinds(o)["reminder supervisor@example.gov.cn"]; n > 1 {
			t.Errorf("the supervisor got %d", n)
		}
		for who, n := range kinds(o) {
			if n != 1 {
				t.Errorf("%s: %d", who, n)
			}
		}
		t.Logf("%d items: flagged in %s, reminded in %s, the longest mail %d bytes", many, flagged.Round(time.Millisecond), reminded.Round(time.Millisecond), longest)
	})
}

// The clock steps back an hour after the morning's mails have left: nobody is told
// anything twice, and nothing that comes later is lost.
func TestAClockThatStepsBackAnHour(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-03-08")
		c := openChat(t, r)
		c.group(t, r, models.WeCom, nil, "")
		o := openOffice(t)
		p := sender(t, r, o.mailer())
		p.Webhooks = jobs.Webhooks{Hosts: c.hosts(), Patience: modelstest.Patience}
		all := func(moments ...string) {
			for _, at := range moments {
				r.At("2026-03-09 " + at)
				for _, job := range []string{"flag", "digest", "remind", "escalate", "deliver", "webhook"} {
					now(t, p, job)
				}
			}
		}
		all("00:05", "00:30", "08:30", "08:40")
		before := kinds(o)
		if before["reminder wu@example.gov.cn"] != 1 || before["digest supervisor@example.gov.cn"] != 1 || len(c.got()) != 1 {
			t.Fatalf("the morning's mails: %v, %d in the group", before, len(c.got()))
		}
		all("07:41", "07:59", "08:30", "08:40", "09:40") // at 08:41 it was 07:41 again
		for who, n := range kinds(o) {
			if n != 1 {
				t.Errorf("%s: %d", who, n)
			}
		}
		if len(c.got()) != 1 {
			t.Errorf("the group was told %d times", len(c.got()))
		}
		trail, err := r.As(r.Office).Trail(mustItem(t, r))
		if err != nil {
			t.Fatal(err)
		}
		flags := 0
		for _, e := range trail {
			if e.Act == models.FlagOverdue {
				flags++
			}
		}
		if flags != 1 {
			t.Errorf("flagged %d times", flags)
		}
		// A mail that failed for now before the step goes out after it.
		o.rcpt = func(_ string, n int) error {
			if n == 0 {
				return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "later"}
			}
			return nil
		}
		posted(t, r, 1)
		now(t, p, "deliver")
		all("08:41", "09:00", "09:40", "09:50", "10:30")
		if n := kinds(o)["digest s0@example.gov.cn"]; n != 1 {
			t.Errorf("the one that was put off: %d", n)
		}
	})
}

func mustItem(t *testing.T, r *modelstest.Register) models.Item {
	t.Helper()
	cards, err := r.As(r.Office).List(models.Filter{Size: 1})
	if err != nil || len(cards) == 0 {
		t.Fatal(len(cards), err)
	}
	item, err := r.As(r.Office).Item(cards[0].Number)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

// A server that refuses every third recipient for good keeps nobody else from theirs;
// the addresses are marked, shown to the administrator, and spared the next day's
// reminder.
func TestAServerThatRefusesEveryThird(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		people := posted(t, r, 30)
		refused := map[string]bool{}
		for n, u := range people {
			if n%3 == 2 {
				refused[u.Email] = true
			}
		}
		o.rcpt = func(to string, _ int) error {
			if refused[to] {
				return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
			}
			return nil
		}
		for range 3 {
			deliver(t, r, o.mailer())
			later(r, 60)
		}
		if got := o.count(); len(got) != 20 || len(o.got()) != 20 {
			t.Errorf("%d people got %d mails", len(got), len(o.got()))
		}
		if s := states(t, r); s[models.MailSent] != 20 || s[models.MailFailed] != 10 {
			t.Errorf("states %v", s)
		}
		rows, err := r.As(r.Office).Deliveries(models.DigestWeek("2026-03-02"))
		if err != nil || len(rows) != 30 {
			t.Fatal(len(rows), err)
		}
		for _, row := range rows {
			if want := refused[row.Address]; want != (row.State == models.MailFailed) || want != strings.Contains(row.Error, "no such user") {
				t.Errorf("%+v", row)
			}
		}
		if m := marks(t, r); len(m) != 0 {
			t.Errorf("marked on one day: %v", m)
		}
		r.At("2026-03-03 09:00")
		for n := range 30 {
			oneMore(t, r, fmt.Sprint("s", n))
		}
		deliver(t, r, o.mailer())
		m := marks(t, r)
		for n := range 30 {
			if name := fmt.Sprint("s", n); (m[name] != "") != refused[name+"@example.gov.cn"] {
				t.Errorf("%s is marked %q", name, m[name])
			}
		}
		if len(m) != 10 {
			t.Errorf("%d addresses are marked", len(m))
		}
	})
}

// Only a mail of which nothing is duty can be left, by the headers of RFC 8058; and
// the one click only over https.
func TestOnlyOptionalMailCanBeLeft(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		header := func(to, kind string) mail.Header {
			t.Helper()
			for _, m := range o.got() {
				if m.to == to+"@example.gov.cn" && strings.HasPrefix(m.id, "<"+kind) {
					read, err := mail.ReadMessage(strings.NewReader(m.body))
					if err != nil {
						t.Fatal(err)
					}
					return read.Header
				}
			}
			t.Fatalf("%s got no %s: %v", to, kind, kinds(o))
			return nil
		}
		if _, err := r.As(r.Supervisor).Close(r.Submitted("2026-03-20"), "属实"); err != nil {
			t.Fatal(err)
		}
		r.RegisteredFor(r.Other, models.PostFeedback, "2026-03-02") // Shen's becomes overdue
		morning(t, r, sender(t, r, o.mailer()), "2026-03-03")
		h := header("wu", "reminder")
		link := h.Get("List-Unsubscribe")
		if !strings.HasPrefix(link, "<https://duban.example.gov.cn/leave/") || !strings.HasSuffix(link, ">") || h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			t.Errorf("optional: %q %q", link, h.Get("List-Unsubscribe-Post"))
		}
		for _, duty := range []mail.Header{header("shen", "reminder"), header("supervisor", "digest")} {
			if duty.Get("List-Unsubscribe") != "" || duty.Get("List-Unsubscribe-Post") != "" {
				t.Errorf("duty can be left: %v", duty)
			}
		}
		if err := r.As(models.TheClerk).LeaveMail(strings.TrimSuffix(strings.TrimPrefix(link, "<https://duban.example.gov.cn/leave/"), ">")); err != nil {
			t.Fatal(err)
		}
		if _, err := r.As(r.Supervisor).Close(r.Submitted("2026-03-20"), "属实"); err != nil {
			t.Fatal(err)
		}
		morning(t, r, sender(t, r, o.mailer()), "2026-03-04")
		if n := kinds(o)["reminder wu@example.gov.cn"]; n != 1 {
			t.Errorf("who has left got %d", n)
		}
		if n := kinds(o)["reminder hai@example.gov.cn"]; n != 2 {
			t.Errorf("who has not got %d", n)
		}
		// Without encryption a mail program must not click by itself.
		if _, err := r.As(r.Supervisor).Close(r.Submitted("2026-03-20"), "属实"); err != nil {
			t.Fatal(err)
		}
		m := o.mailer()
		m.BaseURL = "http://duban.example.gov.cn"
		o.mu.Lock()
		o.taken = nil
		o.mu.Unlock()
		morning(t, r, sender(t, r, m), "2026-03-05")
		if h := header("hai", "reminder"); !strings.HasPrefix(h.Get("List-Unsubscribe"), "<http://duban") || h.Get("List-Unsubscribe-Post") != "" {
			t.Errorf("over http: %v", h)
		}
	})
}

// The digest that was missed is not made in the evening or at night, but on the next
// morning that is worked.
func TestADigestIsNotMadeAtNight(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		job, _ := jobs.Named("digest")
		byTimetable := job
		byTimetable.Do = func(ctx context.Context, run *jobs.Run) (int, error) {
			run.ByHand = false
			return job.Do(ctx, run)
		}
		p, err := jobs.NewRunner(r.Store, jobs.Mailer{BaseURL: "https://duban.example.gov.cn"}, []jobs.Job{byTimetable})
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []struct {
			moment string
			want   int
		}{{"2026-03-02 20:00", 0}, {"2026-03-02 23:00", 0}, {"2026-03-03 07:59", 0}, {"2026-03-03 08:30", 3}} {
			r.At(at.moment)
			n, err := p.Rehearse("digest")
			if err != nil || n != at.want {
				t.Errorf("%s: %d made, %v", at.moment, n, err)
			}
		}
	})
}

// What a supervisor urges goes out by itself, in seconds: one mail a person, of which
// program it may be, with what else there is to say; numbers and no problem texts.
func TestWhatIsUrgedGoesOutByItself(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.At("2026-02-27 10:00")
		item := r.Registered("2026-02-20")
		o := openOffice(t)
		programs := []*jobs.Runner{sender(t, r, o.mailer()), sender(t, r, o.mailer())}
		for _, p := range programs {
			if n := now(t, p, "urge"); n != 0 {
				t.Errorf("%d were told before anybody was urged", n)
			}
		}
		if _, err := r.As(r.Supervisor).Urge([]models.Item{item}); err != nil {
			t.Fatal(err)
		}
		told := 0
		for range 2 {
			for _, p := range programs {
				told += now(t, p, "urge")
				now(t, p, "deliver")
			}
		}
		if got := kinds(o); told != 2 || len(o.got()) != 2 || got["reminder wu@example.gov.cn"] != 1 || got["reminder leng@example.gov.cn"] != 1 {
			t.Errorf("told %d: %v", told, got)
		}
		for _, m := range o.got() {
			if !strings.Contains(m.subject, "1 项") || strings.Contains(m.body, "List-Unsubscribe") {
				t.Errorf("%s\n%s", m.subject, m.body)
			}
		}
	})
}

// From the first of November the office hears once, by mail, that the next year's days are
// to be entered or checked; nobody else does, and nobody twice.
func TestTheOfficeIsToldOfNextYearsDays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		o := openOffice(t)
		p := sender(t, r, o.mailer())
		calls := func() (n int) {
			for _, m := range o.got() {
				if strings.Contains(m.subject, "2027 年放假调休安排") {
					n++
				}
			}
			return n
		}
		for _, at := range []struct {
			moment string
			want   int
		}{{"2026-10-30 09:00", 0}, {"2026-11-02 09:00", 1}, {"2026-11-03 09:00", 1}, {"2026-12-01 09:00", 1}} {
			r.At(at.moment)
			now(t, p, "remind")
			now(t, p, "deliver")
			if n := calls(); n != at.want {
				t.Errorf("%s: %d mails, want %d", at.moment, n, at.want)
			}
		}
		for _, m := range o.got() {
			if strings.Contains(m.subject, "2027 年放假调休安排") && (!strings.Contains(m.body, "/calendar?year") || m.to != "office@example.gov.cn") {
				t.Errorf("to %s:\n%s", m.to, m.body)
			}
		}
	})
}
