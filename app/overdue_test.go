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
		s.Registered("2026-02-27")            // three days
		s.Registered("2026-02-20")            // ten
		longest := s.Registered("2025-12-20") // more than sixty
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
