package models_test

import (
	"net/url"
	"slices"
	"testing"

	"duban/models"
)

func parse(t *testing.T, query string, today models.Day) models.Filter {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	f, ignored := models.ParseFilter(q, today)
	if len(ignored) > 0 {
		t.Fatalf("%s: ignored %v", query, ignored)
	}
	return f
}

func TestEqualFiltersHaveEqualAddresses(t *testing.T) {
	tests := map[string]struct{ query, want string }{
		"order of keys":     {"unit=czj,jfj&tier=fk,jz", "tier=jz,fk&unit=czj,jfj"},
		"twice the same":    {"unit=jfj,jfj", "unit=jfj"},
		"first page":        {"page=1&size=50&light=overdue", "light=overdue"},
		"an age":            {"overdue=61-", "overdue=61-"},
		"this week":         {"due=week", "due=week"},
		"a span":            {"due=2024-07-08..2024-07-14", "due=2024-07-08..2024-07-14"},
		"an ISO week":       {"due=2024-W28", "due=2024-W28"},
		"statuses in order": {"status=closed,todo", "status=todo,closed"},
		"chosen ones":       {"no=LX-2024-002,FK-2024-010,LX-2024-002", "no=FK-2024-010,LX-2024-002"},
		"columns":           {"cols=unit&cols=due", "cols=unit,due"},
		"another date":      {"ext=pending", "ext=pending"},
		"search words":      {"q=%E6%8B%A8%E4%BB%98", "q=%E6%8B%A8%E4%BB%98"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := parse(t, tt.query, "2024-07-08")
			if got := f.Encode(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			again := parse(t, f.Encode(), "2024-07-08")
			if again.Encode() != f.Encode() {
				t.Errorf("read again: %s", again.Encode())
			}
		})
	}
}

func TestWhatAFilterCannotReadItNames(t *testing.T) {
	for _, query := range []string{"colour=red", "tier=zz", "light=purple", "overdue=9-3", "overdue=x", "due=2024-13-01", "due=..",
		"week=2024-W54", "week=2021-W53", "idle=-1", "page=0", "size=7", "sort=items.id%3Bdrop", "status=done", "unit=%27or", "group=x", "rows=9", "no=FK-2024", "no=%27or", "ext=granted"} {
		q, _ := url.ParseQuery(query)
		f, ignored := models.ParseFilter(q, "2024-07-08")
		if !slices.Equal(ignored, []string{mustUnescape(query)}) {
			t.Errorf("%s: ignored %v", query, ignored)
		}
		if f.Encode() != "" {
			t.Errorf("%s left %s", query, f.Encode())
		}
	}
}

func mustUnescape(s string) string {
	u, err := url.QueryUnescape(s)
	if err != nil {
		panic(err)
	}
	return u
}

// The addresses of a menu are those that With gives.
func TestTheAddressesOfAMenuAreThoseOfWith(t *testing.T) {
	today := models.Day("2026-03-02")
	for _, query := range []string{"", "unit=jfj&q=%E5%A5%96+a%2Cb&page=3", "light=overdue,soon&tier=jz&leader=%E5%B1%80%E9%95%BF&sort=-due&size=100", "status=open&due=week&cat=x"} {
		f := parse(t, query, today)
		for key, values := range map[string][]string{"unit": {"jfj", "czj,jfj", "", "Ä"}, "leader": {"局长 a", "x&y=z", models.NoLeader}, "tier": {"fk", "fk,jz", "none"}, "status": {"open", "todo,closed"}, "round": {"2026-1"}, "letter": {"await"}, "cat": {"八项,规定"}, "page": {"2"}, "no": {"FK-2026-001"}, "nothing": {"x"}} {
			queries := f.Queries(key, today)
			for _, value := range values {
				if got, want := queries(value), f.With(key, value, today).Encode(); got != want {
					t.Errorf("%s with %s=%s: %s, want %s", query, key, value, got, want)
				}
			}
		}
	}
}
