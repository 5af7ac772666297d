package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/views"
)

// The office may look at the digest of anybody; everybody else at their own alone,
// and a name that is not theirs is as good as none.
func TestADigestIsPreviewedAsThatPerson(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		late := s.Registered("2026-02-27")
		other := s.RegisteredFor(s.Other, models.PostFeedback, "2026-02-26")
		office := s.as(s.Office)
		for name, want := range map[string][2]bool{"wu": {true, false}, "shen": {false, true}, "supervisor": {true, true}} {
			a := office.get("/digest/preview?as=" + name)
			if a.status != http.StatusOK || strings.Contains(a.body, late.Number) != want[0] || strings.Contains(a.body, other.Number) != want[1] {
				t.Errorf("as %s: %d, names the first %v and the other %v", name, a.status, !want[0], !want[1])
			}
			mail := office.get("/digest/preview/mail?as=" + name)
			if csp := mail.header.Get("Content-Security-Policy"); mail.status != http.StatusOK || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") {
				t.Errorf("the mail's own document: %d %s", mail.status, csp)
			}
		}
		for _, u := range []models.User{s.Wu, s.Hai, s.Shen, s.Supervisor, s.Principal} {
			v := s.as(u)
			if a := v.get("/digest/preview?as=office"); a.status != http.StatusNotFound {
				t.Errorf("%s looks at the office's digest: %d", u.Name, a.status)
			}
			if a := v.get("/digest/preview"); a.status != http.StatusOK {
				t.Errorf("%s does not see their own: %d", u.Name, a.status)
			}
		}
		if a := s.as(s.Shen).get("/digest/preview"); strings.Contains(a.body, late.Number) {
			t.Error("the stranger's digest names the unit's item")
		}
	})
}

// A person has their own digest mailed to look at: in no archive, once a minute, and
// nobody else's.
func TestADigestIsMailedToLookAt(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		late := s.Registered("2026-02-27")
		v := s.as(s.Supervisor)
		v.get("/digest/preview").want(200).wantWords(says("digest.try"))
		for range 2 {
			v.post("/digest/preview", "as", "wu").wantGoTo("/digest/preview")
		}
		mails, err := s.As(models.TheClerk).ClaimMails("test", 10)
		if err != nil || len(mails) != 1 || mails[0].UserID != s.Supervisor.ID || !strings.Contains(mails[0].HTML, late.Number) || mails[0].Kind != models.MailDigestTry {
			t.Fatalf("%d mails %v", len(mails), err)
		}
		if _, err := s.As(s.Supervisor).Digest(models.DigestWeek("2026-03-02")); err == nil {
			t.Error("it is in the archive")
		}
		s.as(s.Office).get("/digest/preview?as=wu").want(200).wantNone(says("digest.try"))
	})
}

// An address that refuses mail is shown where somebody can mend it: to the
// administrator, to its person and on the unit's page; until it is another.
func TestAnAddressThatRefusesMailIsShown(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.as(s.Hai).get("/units/jfj").want(200).wantNone(says("unit.mail_error", s.Wu.FullName))
		clerk := s.As(models.TheClerk)
		for day := range 2 { // one refusal may be the server's mood; on a second day it is the address
			if posted, err := clerk.PostReminder(models.Reminder{User: s.Wu}, models.Mail{Subject: "s", Text: "t"}); err != nil || !posted {
				t.Fatal(posted, err)
			}
			mails, err := clerk.ClaimMails("test", 1)
			if err != nil || len(mails) != 1 {
				t.Fatal(len(mails), err)
			}
			if _, err := clerk.NoteTries(models.MailTry{Mail: mails[0], To: s.Wu, Came: models.CameNobody, Why: "550 5.1.1 no such user", Proven: true}); err != nil {
				t.Fatal(err)
			}
			if day == 0 {
				s.as(s.Hai).get("/units/jfj").want(200).wantNone(says("unit.mail_error", s.Wu.FullName))
				s.At("2026-03-03 09:00")
				clerk = s.As(models.TheClerk)
			}
		}
		s.as(s.Hai).get("/units/jfj").want(200).wantWords(says("unit.mail_error", s.Wu.FullName))
		s.as(s.Admin).get("/users").want(200).wantWords(says("user.mail_error"))
		s.as(s.Wu).get("/me").want(200).wantWords(says("user.mail_error"))
		s.as(s.Admin).get("/jobs").want(200).wantWords("no such user")
		u := s.Wu
		u.Email = "wu.new@example.gov.cn"
		if _, err := s.As(s.Admin).SaveUser(u, ""); err != nil {
			t.Fatal(err)
		}
		s.as(s.Hai).get("/units/jfj").want(200).wantNone(says("unit.mail_error", s.Wu.FullName))
	})
}

// Each edition, as a mail program shows it from the narrowest telephone on: nothing
// sticks out at the side, what it says can be read, nothing is asked of anybody; and on
// a telephone the sentence, the button and the figures are on the first screen.
func TestTheDigestsMailFitsEveryWidth(t *testing.T) {
	t.Parallel()
	s := demonstration(t, modelstest.URL(t, "sqlite"))
	s.server.options.MailReader = func(models.User) views.MailReader {
		return views.MailReader{BaseURL: s.server.options.BaseURL, Titles: true}
	}
	mails := map[string]string{}
	inbox := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, mails[r.URL.Path])
	}))
	defer inbox.Close()
	for name, edition := range map[string]string{"jiwei": "supervisor", "jfj-leader": "unit", "zhuguan": "principal"} {
		for _, language := range []string{"zh", "en"} {
			v := s.signedIn(name)
			v.cookies[languageCookie] = language
			mails["/"+edition+"-"+language] = strings.Replace(v.get("/digest/preview/mail").want(200).body, `<base target="_top">`, "", 1)
		}
	}
	b := newTab(t, s, inbox.URL, "").withAxe()
	for path := range mails {
		b.open(path)
		b.axe(rulesOfTheLook)
		for _, width := range []int64{320, 360, 390, 480, 640, 1024} {
			b.fits(width)
			b.picture("mail-" + strings.Trim(path, "/") + "-" + fmt.Sprint(width))
		}
		b.size(390, 844)
		b.want(`(e => e && e.getBoundingClientRect().bottom <= innerHeight ? "on the first screen" : "further down")(document.querySelectorAll("td[width='25%']")[3])`, "on the first screen")
	}
	b.quiet()
}
