package views

import (
	"context"
	"slices"
	"strconv"

	"duban/models"
	"duban/models/day"
	"duban/views/text"
)

// CalendarView is the page of the working calendar: one year, as a form with its days,
// and a place to take in another from a notice.
type CalendarView struct {
	Year     int
	Years    []models.CalendarYear
	Form     CalendarForm
	Who, At  string // who entered the year, and when; empty as the program brought it along
	Problems models.Problems
	Same     bool
}

// CalendarForm is what stands in the form, as it was typed.
type CalendarForm struct {
	Off, Work, Notice, Text string
	Checked                 bool
	Seen                    int // the version of the year that it was drawn from
}

// CalendarDraftView is what other days of a year would change, before they are saved.
type CalendarDraftView struct {
	Year   day.Year
	Form   CalendarForm
	Effect models.CalendarEffect
	Stale  bool
}

// movedShown is how many deadlines the page names one by one.
const movedShown = 100

// calendarMonth is a month of the year's sheet: blanks before its first day, and its days.
type calendarMonth struct {
	Month  int
	Blanks []int
	Days   []calendarDay
}

type calendarDay struct {
	Day       day.Day
	N         int
	Off, Work bool // by the notice
	Rest      bool // not worked
	Today     bool
}

// months are the twelve months of a year, as the calendar has them.
func (v CalendarView) months(ctx context.Context) []calendarMonth {
	c := readerOf(ctx).Calendar
	var months []calendarMonth
	for m := 1; m <= 12; m++ {
		d := day.Day(strconv.Itoa(v.Year) + "-" + twoDigits(m) + "-01")
		month := calendarMonth{Month: m, Blanks: slices.Repeat([]int{0}, (int(d.Weekday())+6)%7)}
		for ; int(d.Time().Month()) == m; d = d.Plus(1) {
			month.Days = append(month.Days, calendarDay{Day: d, N: d.Time().Day(), Off: c.Holidays[d], Work: c.MakeUp[d], Rest: !c.IsWorkday(d), Today: d == todayOf(ctx)})
		}
		months = append(months, month)
	}
	return months
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

func (d calendarDay) class() string {
	switch {
	case d.Work:
		return "cal__d cal__d--work"
	case d.Off:
		return "cal__d cal__d--off"
	case d.Rest:
		return "cal__d cal__d--rest"
	}
	return "cal__d"
}

// said is a day as one who does not see the colours reads it.
func (d calendarDay) said(ctx context.Context) string {
	date := dateOf(ctx, d.Day)
	switch {
	case d.Work:
		return text.T(ctx, "calendar.day.work", date)
	case d.Off:
		return text.T(ctx, "calendar.day.off", date)
	}
	return date
}

// daysOf are days in words, those in a row as one span.
func daysOf(ctx context.Context, days []day.Day, of int) string {
	if len(days) == 0 {
		return text.T(ctx, "calendar.no_days")
	}
	return day.Spans(days, of)
}

// doubtWords says of a year why what is counted over it may come out otherwise.
func doubtWords(ctx context.Context, of int, doubt day.Doubt) string {
	if doubt == day.NoDoubt {
		return text.T(ctx, "calendar.doubt.none", of)
	}
	return text.T(ctx, "calendar.doubt."+string(doubt), of)
}

// CalendarMail tells somebody of the office that a year's days are wanted, and why.
func CalendarMail(ctx context.Context, c models.CalendarCall, u models.User, to MailReader) MailView {
	said := doubtWords(ctx, c.Year, c.Why)
	v := MailView{
		Language: text.Of(ctx).Tag(), Title: text.T(ctx, "calendar.mail.title", c.Year), Greeting: u.FullName,
		Sentence: []MailWord{{Text: said}, {Text: text.T(ctx, "calendar.doubt.do")}},
		Button:   MailLink{text.T(ctx, "calendar.open"), to.BaseURL + string(CalendarYearLink(c.Year))},
		Foot:     []string{text.T(ctx, "calendar.mail.foot")},
	}
	v.Subject = v.Title
	v.Preheader = v.Words()
	return v
}

// How far back and on pages and mails count working days: those under review may have
// waited as long, and a reminder looks ahead as far.
const countsBack, countsOn = 31, 31

// CalendarDoubts says for the days around a day which years have no days, or none that
// were checked, so that no figure counted over them is taken for sure; empty when there
// is nothing to say. Every page and every mail carries it.
func CalendarDoubts(ctx context.Context, calendar models.Calendar, on models.Day) []string {
	if !on.Valid() || calendar.Years == nil {
		return nil
	}
	var said []string
	for _, one := range calendar.Doubted(on.Plus(-countsBack), on.Plus(countsOn)) {
		said = append(said, doubtWords(ctx, one, calendar.Doubt(one)))
	}
	return said
}
