package models_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/trail"
)

func TestAProofHoldsWithoutTheRegisterAndOnlyOfWhatIsTrue(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		s := told(t, r)
		written := func(p models.Proof, err error) string {
			t.Helper()
			s.must(err)
			bytes, err := json.Marshal(p)
			s.must(err)
			return string(bytes)
		}
		closed := s.eventOf(models.CloseItem, 1)
		event, growth := written(s.clerk.ProveEvent(closed)), written(s.clerk.ProveGrowth(s.first))
		tests := map[string]struct {
			proof, key string
			holds      bool
		}{
			"an event":                {event, r.TrailKey(), true},
			"by the proof's own key":  {event, "", true},
			"growth":                  {growth, r.TrailKey(), true},
			"another text":            {strings.Replace(event, "核实无误", "未经核实", 1), "", false},
			"another place":           {strings.Replace(event, `"place":`, `"place":1`, 1), "", false},
			"another head":            {strings.Replace(event, s.head.Root, s.first.Root, 1), "", false},
			"another key":             {event, "duban-0a0b0c0d+4b9a3b5c+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false},
			"growth of another kind":  {strings.Replace(growth, `"kind":"growth"`, `"kind":"event"`, 1), "", false},
			"no proof at all":         {"{}", r.TrailKey(), false},
			"not even written as one": {"<html>", "", false},
		}
		for name, tt := range tests {
			p, head, err := trail.CheckProof([]byte(tt.proof), tt.key)
			if (err == nil) != tt.holds {
				t.Errorf("%s: %v", name, err)
			}
			if tt.holds && (head.Size != s.head.Size || p.Kind == "") {
				t.Errorf("%s: %+v", name, head)
			}
		}
		// What was not signed yet cannot be proved.
		item, err := r.As(r.Wu).Report(s.items[1], "又一次", nil)
		s.must(err)
		_, err = s.clerk.ProveEvent(s.eventOf(models.ReportProgress, 4))
		if no := (models.Refused{}); !errors.As(err, &no) || no.Key != "audit.unsigned" {
			t.Errorf("%s: %v", item.Number, err)
		}
		if _, err := r.As(r.Wu).ProveEvent(closed); !errors.Is(err, models.ErrForbidden) {
			t.Error(err)
		}
	})
}
