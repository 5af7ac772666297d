package models_test

import (
	"errors"
	"fmt"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// Rows are written each for itself; of another's items nothing changes, and nothing is
// learnt: what is said of them is what is said of numbers that nobody has.
func TestABlockOfCellsIsWrittenRowByRow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		mine, other, foreign := r.Registered("2026-03-20"), r.Registered("2026-03-25"), r.RegisteredFor(r.Other, models.PostFeedback, "2026-03-20")
		cells := one(models.CellDepartment, "综合处")
		rows := []models.CellRow{
			{Number: mine.Number, Version: 1, Edits: cells}, {Number: foreign.Number, Version: 1, Edits: cells}, {Number: "FK-2026-999", Version: 1, Edits: cells},
			{Number: other.Number, Version: 1, Edits: append(one(models.CellDepartment, "综合处"), one(models.CellTitle, "改写")...)},
		}
		for range 200 { // as many cells as somebody likes
			rows = append(rows, models.CellRow{Number: foreign.Number, Version: 1, Edits: one(models.CellTitle, "改写")})
		}
		wu := r.As(r.Wu)
		would, err := wu.WouldEditRows(rows, "-")
		if err != nil || r.Read(mine).Version != 1 {
			t.Fatal(err)
		}
		done, err := wu.EditRows(rows, "")
		if err != nil {
			t.Fatal(err)
		}
		for n := range rows {
			if fmt.Sprint(would[n].Err) != fmt.Sprint(done[n].Err) {
				if (would[n].Err == nil) != (done[n].Err == nil) {
					t.Errorf("row %d would be %v and is %v", n, would[n].Err, done[n].Err)
				}
			}
			if rows[n].Number == foreign.Number && (done[n].Err != done[2].Err || done[n].Item.ID != 0 || !errors.Is(done[n].Err, models.ErrNotFound)) {
				t.Errorf("a foreign row: %+v", done[n])
			}
		}
		if is := r.Read(mine); done[0].Err != nil || is.Department != "综合处" || is.Version != 2 {
			t.Errorf("%+v %v", is, done[0].Err)
		}
		if is := r.Read(other); refusal(done[3].Err) != "cell.inspectors" || is.Department != "" || is.Version != 1 {
			t.Errorf("half a row is written: %+v %v", is, done[3].Err)
		}
		if is := r.Read(foreign); is.Version != 1 {
			t.Errorf("%+v", is)
		}
		if _, err := wu.EditRows(make([]models.CellRow, models.MostRows+1), ""); refusal(err) != "block.rows" {
			t.Errorf("more rows than may be: %v", err)
		}

		// Whoever answers for many hears of it once.
		rows = nil
		for range 5 {
			item := r.Registered("2026-03-20")
			rows = append(rows, models.CellRow{Number: item.Number, Version: 1, Edits: one(models.CellHandler, r.Wu.FullName)})
		}
		if done, err = r.As(r.Office).EditRows(rows, ""); err != nil {
			t.Fatal(err)
		}
		notices, err := wu.Notices(20)
		told := 0
		for _, n := range notices {
			if n.Act == models.AssignItem {
				told++
			}
		}
		if err != nil || told != 1 || r.Read(done[4].Item).HandlerID == nil {
			t.Errorf("told %d times, %v", told, err)
		}
	})
}
