package app

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/signal"
	"duban/views"
)

// showSignals are the questions that wait: those of the query's items, of one signal or
// of all.
func (s *Server) showSignals(c echo.Context, b *models.Board) error {
	f, _ := models.ParseFilter(c.QueryParams(), b.Today())
	v := views.SignalsView{Ask: models.SignalAsk{Filter: f, Name: signal.Name(c.QueryParam("signal"))}}
	if len(f.Units) == 1 {
		v.Unit = f.Units[0]
	}
	var err error
	if v.Rows, v.More, err = b.Signals(v.Ask); err != nil {
		return err
	}
	if v.Units, err = b.Units(); err != nil {
		return err
	}
	if v.ByID, err = b.UnitsByID(); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "signals", "signal.title", views.SignalsPage(v))
}

// signalsOn are an item's signals, and who answered them.
func signalsOn(b *models.Board, item models.Item) ([]models.SignalRow, map[int64]models.User, error) {
	rows, err := b.SignalsOf(item)
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.AnsweredBy)
	}
	names, err := b.NamesOf(ids)
	return rows, names, err
}

func (s *Server) answerSignal(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "signal")
	if err != nil {
		return err
	}
	typed := views.Typed{Of: models.AnswerSignal, Measure: id, Text: c.FormValue("words")}
	_, err = b.AnswerSignal(item, id, typed.Text)
	return s.done(c, b, item, err, typed, "signal.saved")
}
