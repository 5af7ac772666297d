package app

import (
	"net/http"
	"strings"
	"testing"

	"duban/models/day"
)

const notice2028 = "国务院办公厅关于2028年部分节假日安排的通知\n国办发明电〔2027〕9号\n一、元旦：1月1日（周六）至3日（周一）放假，共3天。1月9日（周日）上班。\n"

// The office takes in a year from the notice, sees first what changes, and then it holds.
func TestTheOfficeTakesInAYear(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		v := s.as(s.Office)
		v.get("/calendar?year=2028").want(http.StatusOK).wantWords(says("calendar.doubt.unpublished", 2028))
		v.post("/calendar/draft", "take", "1", "checked", "1", "text", strings.Replace(notice2028, "周一", "周二", 1)).
			want(http.StatusUnprocessableEntity).wantWords(says("calendar.weekday", "2028-01-03", "周二"), "1月9日（周日）上班") // what was typed is kept
		v.upload("/calendar/draft", "file", "2028.csv", []byte("2028-01-01,off\n2028-01-02"), "take", "1").
			want(http.StatusUnprocessableEntity).wantWords(says("calendar.row", "2028-01-02"))
		v.post("/calendar/draft", "take", "1", "checked", "1", "text", notice2028).want(http.StatusOK).
			wantWords(says("calendar.draft.title", 2028), "01-01..01-03", "国办发明电〔2027〕9号")
		if s.As(s.Office).Calendar().Known(2028) {
			t.Fatal("it was only drafted")
		}
		days := []string{"year", "2028", "version", "0", "days", "01-01..01-03", "work", "01-09", "notice", "国办发明电〔2027〕9号", "checked", "1"}
		v.post("/calendar", days...).wantGoTo("/calendar")
		v.get("/calendar?year=2028").wantWords(says("calendar.saved", "2028"), s.Office.FullName)
		if c := s.As(s.Wu).Calendar(); c.Doubt(2028) != day.NoDoubt || !c.IsWorkday("2028-01-09") {
			t.Error("it does not hold")
		}
		v.post("/calendar", "year", "2028", "version", "0", "days", "01-01", "notice", "x").want(http.StatusConflict).wantWords(says("calendar.stale"))
		v.post("/calendar", "year", "2028", "version", "1", "days", "13-01", "notice", "x").want(http.StatusUnprocessableEntity).wantWords(says("calendar.span", "13-01"))
		v.post("/calendar/draft", "year", "99999999999999999999", "days", "01-01", "notice", "").want(http.StatusUnprocessableEntity)
	})
}

// Where days are counted over a year that is not sure, pages say so, and the office is
// asked for the year.
func TestPagesSayWhichYearIsNotSure(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		unchecked := says("calendar.doubt.unchecked", 2027)
		s.as(s.Wu).get("/items").wantNone(unchecked)
		s.as(s.Office).get("/items").wantNone(says("calendar.open"))
		s.Today("2026-12-07")
		s.as(s.Wu).get("/items").wantWords(unchecked).wantNone(says("calendar.open"))
		s.as(s.Office).get("/items").wantWords(unchecked, says("calendar.open"))
	})
}
