package app

import (
	"strings"
	"testing"

	"duban/models"
)

// The good news: nothing is overdue, and what is due next takes the table's place; and
// when there is not even that, it is said.
func TestWhenNothingIsOverdueThePageSaysSoAndListsWhatIsDueNext(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.Registered("2026-06-30")
		v := s.as(s.Supervisor)
		none := v.get("/overdue").want(200).wantWords(says("overdue.none"))
		if len(none.rows()) != 0 {
			t.Errorf("and yet lists %v", none.rows())
		}
		soon := s.Registered("2026-03-05")
		good := v.get("/overdue").want(200).wantWords(says("overdue.good", 1))
		if rows := good.rows(); len(rows) != 1 || rows[0] != soon.Number {
			t.Errorf("it lists %v, want %s", rows, soon.Number)
		}
		if rows := v.get("/overdue?light=overdue").want(200).rows(); len(rows) != 0 {
			t.Errorf("asked for what is overdue it lists %v", rows)
		}
		late := s.Registered("2026-02-20")
		bad := v.get("/overdue").want(200)
		if rows := bad.rows(); len(rows) != 1 || rows[0] != late.Number || strings.Contains(bad.words(), says("overdue.good", 1)) {
			t.Errorf("once something is overdue it lists %v", rows)
		}
	})
}

// The longest overdue stand at the top, each bucket has the ladder's step beside it, and
// each row its one next step: what the page says of a row is what the letters call for.
func TestTheOverduePageNamesTheNextStep(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.Today("2025-12-01")
		s.Registered("2026-02-27")            // three days
		s.Registered("2026-02-20")            // ten
		longest := s.Registered("2025-12-20") // more than sixty
		s.Today("2026-03-02")
		v := s.as(s.Supervisor)
		a := v.get("/overdue").want(200)
		if rows := a.rows(); len(rows) != 3 || rows[0] != longest.Number {
			t.Errorf("%v", rows)
		}
		for n, kind := range []models.LetterKind{models.LetterReminder, models.LetterNotice, models.LetterTalk, models.LetterReport} {
			age := models.Preset().Ages()[n]
			_, bucket, _ := strings.Cut(a.body, `href="/overdue?overdue=`+age.String()+`"`)
			if bucket, _, _ = strings.Cut(bucket, "</a>"); !strings.Contains(bucket, says("letter."+string(kind))) {
				t.Errorf("beside %s stands %q", age, bucket)
			}
		}
		a.wantWords("起草报领导小组", "起草督办通知书", "起草提醒函")
		l := s.letter(t, longest)
		v.get("/overdue").want(200).wantWords("1 份", says("letter."+string(l.Kind)), "等待答复")
	})
}

// An extension that waits is the next step of its row, and a line of the gate that is
// another's to give leads nowhere.
func TestNoRowAndNoLineLeadsToAnEmptyPlace(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		item := s.Registered("2026-03-05")
		if _, err := s.As(s.Wu).AskExtension(item, "2026-03-20", "待财政批复"); err != nil {
			t.Fatal(err)
		}
		decide := says("overdue.step.decide", "03-20")
		v := s.as(s.Supervisor)
		v.get("/overdue?ext=pending").want(200).wantWords(decide)
		v.get("/items/" + item.Number).want(200).wantWords(says("do.grant_extension"))
		s.Today("2026-03-06") // and it is overdue
		v = s.as(s.Supervisor)
		v.get("/overdue").want(200).wantWords(decide, "起草提醒函")
		s.as(s.Wu).get("/overdue").want(200).wantWords(says("overdue.step.asked", "03-20")).wantNone(decide)

		// Why no other date may be asked for is said where the button stands.
		s.as(s.Wu).get("/items/" + item.Number).want(200).wantWords(says("extension.too_late"))

		ready := s.Ready("2026-06-30")
		for who, links := range map[models.User]bool{s.Wu: true, s.Leng: false, s.Hai: false, s.Supervisor: false} {
			page := s.as(who).get("/items/" + ready.Number).want(200).body
			if got := strings.Contains(page, `href="#sign"`); got != links {
				t.Errorf("%s: a link to the signature %v, want %v", who.Name, got, links)
			}
			if links && !strings.Contains(page, `action="/items/`+ready.Number+`/signatures`) {
				t.Errorf("%s: a link to a form that is not there", who.Name)
			}
		}
	})
}
