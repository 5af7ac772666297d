package models_test

import (
	"net/url"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// keyAsked is a value of each key that leaves items out.
var keyAsked = map[string]string{
	"round": "2026-1", "tier": "lx", "unit": "jfj", "leader": "leng", "owner": "wu", "status": "todo", "light": "overdue", "overdue": "1-7",
	"due": "2026-03-01..2026-06-30", "closed": "2026-03-01..2026-03-31", "kept": "no", "week": "2026-W09", "since": "2026-W09", "review": "mine", "duty": "week",
	"ext": "pending", "letter": "none", "idle": "14", "late": "review", "standing": "all", "cat": "八项规定", "import": "1", "no": "FK-2026-001", "q": "问题",
}

// A key of a filter is read and written alike, leaves something out, and is counted
// alike in memory and by the database.
func TestAKeyOfAFilterIsOneRow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		ledgerOf(t, r)
		handedIn(t, r, "八项规定")
		r.Today("2026-03-09")
		for _, key := range models.FilterKeys() {
			value, has := keyAsked[key]
			if !has {
				t.Errorf("%s: name a value of it", key)
				continue
			}
			for _, who := range []models.User{r.Office, r.Supervisor, r.Wu} {
				b := r.As(who)
				f, ignored := models.ParseFilter(url.Values{key: {value}}, b.Today())
				if ignored != nil || f.Values().Get(key) != value {
					t.Fatalf("%s=%s is ignored as %v, and written as %q", key, value, ignored, f.Encode())
				}
				if f.Narrow() != (key != "round") {
					t.Errorf("%s leaves nothing out", key)
				}
				count, err := b.Count(f)
				same(t, err, nil)
				tally, err := b.Tally(f)
				same(t, err, nil)
				cards, err := b.List(f)
				same(t, err, nil)
				if int(count) != tally.N() || int(count) != len(cards) {
					t.Errorf("%s of %s: %d are counted, the figure is %d, and %d are listed", key, who.Name, count, tally.N(), len(cards))
				}
			}
		}
	})
}
