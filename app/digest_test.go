package app

import (
	"net/http"
	"strings"
	"testing"

	"duban/models"
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
