package app

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/day"
	"duban/views"
	"duban/views/text"
)

// longestCalendarFile is the most bytes of a notice or a table of a year's days.
const longestCalendarFile = 64 << 10

// showCalendar is the year asked for, or this one's.
func (s *Server) showCalendar(c echo.Context, b *models.Board) error {
	return s.showCalendarPage(c, b, http.StatusOK, yearAsked(c.QueryParam("year"), b.Today().Year()), nil, nil)
}

// yearAsked is the year of a form or an address, the other where it is none.
func yearAsked(typed string, other int) int {
	n, ok := wholeNumber(typed)
	if !ok || n < 1990 || n > 2100 {
		return other
	}
	return int(n)
}

// showCalendarPage is a year, with the form as it is stored or as it was typed.
func (s *Server) showCalendarPage(c echo.Context, b *models.Board, status, year int, typed *views.CalendarForm, problems models.Problems) error {
	years, err := b.CalendarYears()
	if err != nil {
		return err
	}
	v := views.CalendarView{Year: year, Years: years, Problems: problems}
	for _, y := range years {
		if y.Year.Year != year {
			continue
		}
		v.Form = views.CalendarForm{Off: day.Spans(y.Off, year), Work: day.Spans(y.Work, year), Notice: y.Notice, Checked: y.Checked, Seen: y.Version}
		if y.Version > 0 {
			names, err := b.NamesOf([]int64{y.ByID})
			if err != nil {
				return err
			}
			v.Who, v.At = names[y.ByID].FullName, text.Moment(c.Request().Context(), y.At.In(b.Now().Location()), string(b.Today()))
		}
	}
	if typed != nil {
		v.Form = *typed
	}
	return s.show(c, b, status, "calendar", "calendar.title", views.CalendarPage(v))
}

// typedCalendar is what the form of a year's days was filled in with.
func typedCalendar(c echo.Context) views.CalendarForm {
	return views.CalendarForm{Off: c.FormValue("days"), Work: c.FormValue("work"), Notice: strings.TrimSpace(c.FormValue("notice")),
		Text: c.FormValue("text"), Checked: c.FormValue("checked") != "", Seen: seenVersion(c)}
}

// draftCalendar is the first of two steps: it says what would change, and writes
// nothing. The days come from the form, or from a notice that was pasted or sent.
func (s *Server) draftCalendar(c echo.Context, b *models.Board) error {
	form, year := typedCalendar(c), yearAsked(c.FormValue("year"), b.Today().Year())
	if c.FormValue("again") != "" {
		return s.showCalendarPage(c, b, http.StatusOK, year, &form, nil)
	}
	if c.FormValue("take") != "" {
		return s.takeCalendar(c, b, form)
	}
	y, err := day.ReadDays(year, form.Off, form.Work)
	y.Notice, y.Checked = form.Notice, form.Checked
	return s.foretellCalendar(c, b, y, form, err, "days", http.StatusOK)
}

// takeCalendar reads a year's days from a notice's text or a small file.
func (s *Server) takeCalendar(c echo.Context, b *models.Board, form views.CalendarForm) error {
	words, field := form.Text, "text"
	if header, err := c.FormFile("file"); err == nil && header.Size > 0 {
		field = "file"
		file, err := header.Open()
		if err != nil {
			return err
		}
		defer file.Close()
		content, err := io.ReadAll(io.LimitReader(file, longestCalendarFile+1))
		if err != nil {
			return err
		}
		if words = string(content); !utf8.Valid(content) || len(content) > longestCalendarFile {
			return s.showCalendarPage(c, b, http.StatusUnprocessableEntity, b.Today().Year(), &form, models.Problems{{Field: "file", Key: "calendar.file.form"}})
		}
	}
	if strings.TrimSpace(words) == "" {
		return s.showCalendarPage(c, b, http.StatusUnprocessableEntity, b.Today().Year(), &form, models.Problems{{Field: "text", Key: "required"}})
	}
	if len(words) > longestCalendarFile {
		return s.showCalendarPage(c, b, http.StatusUnprocessableEntity, b.Today().Year(), &form, models.Problems{{Field: "text", Key: "calendar.file.form"}})
	}
	y, err := day.ReadNotice(words, 0)
	y.Checked = form.Checked
	if y.Notice == "" {
		y.Notice = text.T(c.Request().Context(), "calendar.taken", string(b.Today()))
	}
	years, yearsErr := b.CalendarYears()
	if yearsErr != nil {
		return yearsErr
	}
	form.Seen = 0
	for _, known := range years {
		if known.Year.Year == y.Year {
			form.Seen = known.Version
		}
	}
	return s.foretellCalendar(c, b, y, form, err, field, http.StatusOK)
}

// foretellCalendar shows what these days would change, or the form again with what is
// wrong with them.
func (s *Server) foretellCalendar(c echo.Context, b *models.Board, y day.Year, form views.CalendarForm, wrong error, field string, status int) error {
	var problems models.Problems
	var fault day.Fault
	switch {
	case errors.As(wrong, &fault):
		key, args := fault.Key, fault.Args
		if fault.Line > 0 {
			key, args = "calendar.line", []any{fault.Line, text.T(c.Request().Context(), fault.Key, fault.Args...)}
		}
		problems.Add(field, key, args...)
	case wrong != nil:
		return wrong
	}
	if field == "days" && y.Notice == "" {
		problems.Add("notice", "required")
	}
	if problems != nil {
		year := y.Year
		if field != "days" || year == 0 {
			year = b.Today().Year()
		}
		if field != "days" { // the other form keeps what is stored
			stored, err := b.CalendarYears()
			if err != nil {
				return err
			}
			for _, known := range stored {
				if known.Year.Year == year {
					form.Off, form.Work, form.Notice = day.Spans(known.Off, year), day.Spans(known.Work, year), known.Notice
					form.Checked, form.Seen = known.Checked, known.Version
				}
			}
		}
		return s.showCalendarPage(c, b, http.StatusUnprocessableEntity, year, &form, problems)
	}
	v := views.CalendarDraftView{Year: y, Form: form, Stale: status == http.StatusConflict}
	var err error
	if v.Effect, err = b.CalendarEffects(y); err != nil {
		return err
	}
	return s.show(c, b, status, "calendar", "calendar.title", views.CalendarDraftPage(v))
}

// changeCalendar is the second step. When somebody was first, what would change is shown
// anew, against the days as they are now.
func (s *Server) changeCalendar(c echo.Context, b *models.Board) error {
	form, year := typedCalendar(c), yearAsked(c.FormValue("year"), b.Today().Year())
	y, err := day.ReadDays(year, form.Off, form.Work)
	y.Notice, y.Checked = form.Notice, form.Checked
	if err == nil && y.Notice != "" {
		err = b.SetCalendarYear(y, form.Seen)
	}
	var refused models.Refused
	switch {
	case errors.As(err, new(day.Fault)), errors.As(err, new(models.Problems)), y.Notice == "":
		return s.foretellCalendar(c, b, y, form, err, "days", http.StatusUnprocessableEntity)
	case errors.Is(err, models.ErrStale):
		fresh := s.store.Board(c.Request().Context(), b.Me())
		years, yearsErr := fresh.CalendarYears()
		if yearsErr != nil {
			return yearsErr
		}
		form.Seen = 0
		for _, known := range years {
			if known.Year.Year == year {
				form.Seen = known.Version
			}
		}
		return s.foretellCalendar(c, fresh, y, form, nil, "days", http.StatusConflict)
	case errors.As(err, &refused):
		s.session.say(c, refused.Key)
		return goTo(c, string(views.CalendarYearLink(year)))
	case err != nil:
		return err
	}
	s.session.say(c, "calendar.saved", strconv.Itoa(year))
	return goTo(c, string(views.CalendarYearLink(year)))
}
