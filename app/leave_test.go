package app

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"duban/models"
)

// Optional mail is left by the address it carries: a mail program's one click without
// a cookie or a page, as RFC 8058 has it. Looking changes nothing, a word that was made
// up is not found, and duties go on.
func TestOptionalMailIsLeftByItsAddress(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		clerk := s.As(models.TheClerk)
		// A mail of which nothing is duty, with the word that its header carries.
		posted, err := clerk.PostReminder(models.Reminder{User: s.Wu}, models.Mail{Subject: "已销号", Text: "t", Optional: true})
		if err != nil || !posted {
			t.Fatal(posted, err)
		}
		if posted, err := clerk.PostReminder(models.Reminder{User: s.Hai}, models.Mail{Subject: "转为超期", Text: "t"}); err != nil || !posted {
			t.Fatal(posted, err)
		}
		mails, err := clerk.ClaimMails("test", 10)
		if err != nil || len(mails) != 2 {
			t.Fatal(len(mails), err)
		}
		word := ""
		for _, m := range mails {
			if m.Optional != (m.Leave != "") {
				t.Errorf("%s: optional %v, word %q", m.Subject, m.Optional, m.Leave)
			}
			word += m.Leave
		}
		path := "/leave/" + word

		page := s.visitor().get(path).want(200).wantWords(says("leave.words")).wantNone(s.Wu.Name, s.Wu.Email)
		if page.header.Get("Referrer-Policy") != "same-origin" || page.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v", page.header)
		}
		if muted, err := s.As(s.Wu).Muted(); err != nil || len(muted) != 0 {
			t.Errorf("looking muted %v %v", muted, err)
		}
		if err := s.As(s.Wu).MuteNotices([]models.Act{models.DigestMail}); err != nil { // stays as it was
			t.Fatal(err)
		}
		for range 2 {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("List-Unsubscribe=One-Click"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			a := s.visitor().ask(r).want(200).wantWords(says("leave.done"))
			if a.goesTo() != "" {
				t.Error("sent on to", a.goesTo())
			}
		}
		muted, err := s.As(s.Wu).Muted()
		if err != nil || len(muted) != len(models.OptionalNotices())+1 || slices.Contains(muted, models.FlagOverdue) {
			t.Errorf("muted %v %v", muted, err)
		}
		for _, made := range []string{word + "x", strings.Replace(word, ".", "0.", 1), "1.", ".", "x", word[:len(word)-1] + "A"} {
			if made == word {
				continue
			}
			s.visitor().get("/leave/" + made).want(404)
			s.visitor().post("/leave/" + made).want(404)
		}
		if muted, err := s.As(s.Hai).Muted(); err != nil || len(muted) != 0 {
			t.Errorf("another's were muted: %v %v", muted, err)
		}
		gone := s.Wu
		gone.Disabled = true
		if _, err := s.As(s.Admin).SaveUser(gone, ""); err != nil {
			t.Fatal(err)
		}
		s.visitor().get(path).want(404)
	})
}
