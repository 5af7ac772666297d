package app

import (
	"bytes"
	"fmt"
	"html"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"

	"duban/models"
)

var feedField = regexp.MustCompile(`id="f-feed" readonly value="([^"]*)"`)

// subscribed is the path of this visitor's calendar, made anew.
func (v *visitor) subscribed() string {
	v.t.Helper()
	v.get("/me").want(200)
	v.post("/me/feed").wantGoTo("/me#feed", "/me")
	found := feedField.FindStringSubmatch(v.get("/me").want(200).body)
	if found == nil {
		v.t.Fatal("the address is not shown")
	}
	return strings.TrimPrefix(html.UnescapeString(found[1]), v.server.options.BaseURL)
}

// calendar reads an answer as a calendar program does: lines of at most 75 bytes that
// end as they must, folded ones put together, each component closed.
func (a *answer) calendar() (events []map[string]string) {
	a.t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		a.t.Fatalf("%s: %d %s", a.asked, a.status, a.header.Get("Content-Type"))
	}
	var open []string
	for _, line := range strings.Split(strings.ReplaceAll(strings.TrimSuffix(a.body, "\r\n"), "\r\n ", "\x00"), "\r\n") {
		for _, part := range strings.Split(line, "\x00") {
			if len(part) > 75 || strings.ContainsAny(part, "\r\n") {
				a.t.Errorf("%s: a line of %d bytes: %q", a.asked, len(part), part)
			}
		}
		name, value, _ := strings.Cut(strings.ReplaceAll(line, "\x00", ""), ":")
		name, _, _ = strings.Cut(name, ";")
		switch {
		case name == "BEGIN":
			open = append(open, value)
			if value == "VEVENT" {
				events = append(events, map[string]string{})
			}
		case name == "END":
			if len(open) == 0 || open[len(open)-1] != value {
				a.t.Fatalf("%s: END:%s in %v", a.asked, value, open)
			}
			open = open[:len(open)-1]
		case slices.Equal(open, []string{"VCALENDAR", "VEVENT"}):
			events[len(events)-1][name] = value
		}
	}
	if len(open) != 0 || !strings.Contains(a.body, "\r\nVERSION:2.0\r\n") || !strings.Contains(a.body, "\r\nPRODID:") {
		a.t.Errorf("%s: not whole: %v", a.asked, open)
	}
	uids := map[string]bool{}
	for _, e := range events {
		if e["UID"] == "" || e["DTSTAMP"] == "" || e["DTSTART"] == "" || uids[e["UID"]] {
			a.t.Errorf("%s: %v", a.asked, e)
		}
		uids[e["UID"]] = true
	}
	return events
}

// A calendar holds the days of what its person sees, by number and unit, and no word
// of the problem; one that sums up a full day leads to its list.
func TestACalendarHoldsWhatItsPersonSees(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		mine := s.Registered("2026-03-20")
		other := s.RegisteredFor(s.Other, models.OnTheSpot, "2026-03-20")
		standing := s.Registered("2026-03-25")
		if _, err := s.As(s.Office).SetStanding(standing, "2026-06-25"); err != nil {
			t.Fatal(err)
		}
		waits := s.Submitted("2026-03-30")
		if _, err := s.As(s.Supervisor).Close(s.Submitted("2026-03-30"), "属实"); err != nil {
			t.Fatal(err)
		}
		path := s.as(s.Wu).subscribed()
		a := s.visitor().get(path)
		events := a.calendar()
		var said []string
		for _, e := range events {
			said = append(said, e["DTSTART"]+" "+e["SUMMARY"])
		}
		want := []string{
			"20260320 " + says("feed.kind.due") + " " + mine.Number + " 经济发展局",
			"20260325 " + says("feed.kind.due") + " " + standing.Number + " 经济发展局",
			"20260625 " + says("feed.kind.standing") + " " + standing.Number + " 经济发展局",
		}
		if !slices.Equal(said, want) {
			t.Errorf("the handler's holds %q, want %q", said, want)
		}
		if strings.Contains(a.body, "奖补") || strings.Contains(a.body, other.Number) || strings.Contains(a.body, "财政局") {
			t.Errorf("it gives away: %s", a.body)
		}
		if e := events[0]; e["URL"] != s.server.options.BaseURL+"/items/"+mine.Number || e["DTEND"] != "20260321" {
			t.Errorf("%v", e)
		}

		for range 6 {
			s.Registered("2026-04-10")
		}
		supervisor := s.as(s.Supervisor)
		var all []string
		for _, e := range s.visitor().get(supervisor.subscribed()).calendar() {
			all = append(all, e["DTSTART"]+" "+e["SUMMARY"])
			if strings.HasPrefix(e["DTSTART"], "20260410") {
				supervisor.get(strings.TrimPrefix(e["URL"], s.server.options.BaseURL)).want(200).wantWords("6")
			}
		}
		for _, one := range []string{
			"20260309 " + says("feed.kind.review") + " " + waits.Number + " 经济发展局",
			"20260320 " + says("feed.kind.due") + " " + other.Number + " 财政局",
			"20260410 " + says("feed.kind.due") + " 6 项",
		} {
			if !slices.Contains(all, one) {
				t.Errorf("the supervisor's does not hold %q: %q", one, all)
			}
		}

		// One item's own entry, for who sees the item.
		if own := s.as(s.Wu).get("/items/" + mine.Number + "/calendar.ics").calendar(); len(own) != 1 || own[0]["UID"] != events[0]["UID"] || own[0]["SEQUENCE"] != events[0]["SEQUENCE"] || own[0]["SEQUENCE"] != fmt.Sprint(s.Read(mine).Version) {
			t.Errorf("%v", own)
		}
		s.as(s.Wu).get("/items/" + mine.Number).want(200).wantWords(says("feed.item"))
		s.as(s.Shen).get("/items/" + mine.Number + "/calendar.ics").want(404)
	})
}

// The address is its own secret: shown once, kept as a hash, in no log, and at an end
// when its person wants, or may no longer see the ledger.
func TestACalendarsAddressIsASecret(t *testing.T) {
	inTurn(t, func(t *testing.T, s *site) {
		var log bytes.Buffer
		was := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		defer slog.SetDefault(was)
		s.Registered("2026-03-20")
		v := s.as(s.Wu)
		first := v.subscribed()
		word := strings.Split(first, "/")[2]
		v.get("/me").want(200).wantWords(says("feed.unused")).wantNone(word)
		if f, ok, err := s.As(s.Wu).Feed(); err != nil || !ok || strings.Contains(f.Token, word) {
			t.Errorf("kept as %+v %v", f, err)
		}
		s.visitor().get(first).calendar()
		v.get("/me").want(200).wantWords(says("feed.used", "03-02"))
		if strings.Contains(log.String(), word) || !strings.Contains(log.String(), "/feeds/…") {
			t.Error("the log holds the word, or nothing of it")
		}

		second := v.subscribed()
		s.visitor().get(first).want(404)
		s.visitor().get(second).calendar()
		s.visitor().get(strings.ToLower(second)).want(404)
		s.visitor().get("/feeds//duban.ics").want(404)

		// Who the person is decides, each time.
		admin := s.As(s.Admin)
		change := func(how func(u *models.User)) {
			u := s.Wu
			how(&u)
			if _, err := admin.SaveUser(u, ""); err != nil {
				t.Fatal(err)
			}
		}
		change(func(u *models.User) { u.UnitID = &s.Other.ID })
		if n := len(s.visitor().get(second).calendar()); n != 0 {
			t.Errorf("%d entries of the unit that was left", n)
		}
		change(func(u *models.User) { u.Role, u.UnitID = models.SysAdmin, nil })
		s.visitor().get(second).want(404)
		change(func(u *models.User) { u.Disabled = true })
		s.visitor().get(second).want(404)
		change(func(*models.User) {})
		s.visitor().get(second).calendar()

		v = s.as(s.Wu)
		v.get("/me")
		v.post("/me/feed/end").wantGoTo("/me#feed", "/me")
		s.visitor().get(second).want(404)
		v.post("/me/feed/end").wantGoTo("/me#feed", "/me") // twice is no harm
	})
}
