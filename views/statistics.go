package views

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"duban/models"
	"duban/models/deadline"
	"duban/views/text"
)

// StatisticsView is the whole at one look.
type StatisticsView struct {
	ListState
	models.StatisticsPage
	Order    []models.Unit // as the organisation has them, never by rank
	Keeper   bool          // the reader reviews, or sees who does
	AllUnits bool
}

// items is where the rows are that a figure of the page counts: those of its filter, narrowed.
func (v StatisticsView) items(narrow func(f *models.Filter)) string {
	f := v.Filter
	f.Sort, f.Group, f.Page = "", "", 0
	narrow(&f)
	return ItemsLink(f)
}

// statisticsPart is one part of a bar: items that are alike, and the rows of them.
type statisticsPart struct {
	key, class string
	tally      models.Tally
	narrow     func(f *models.Filter)
}

// statisticsParts are the parts of a bar, in the order they stand in: what is done first.
// Each item is in one of them.
func statisticsParts(t models.Tally) []statisticsPart {
	calm := []models.Light{models.LightSoon, models.LightOK, models.LightNone, models.LightLook, models.LightStanding}
	inHand := func(status models.Status) models.Tally {
		return t.Status(status).Of(func(c models.TallyCell) bool { return slices.Contains(calm, c.Light()) })
	}
	lit := func(lights ...models.Light) func(f *models.Filter) {
		return func(f *models.Filter) { // of those that the page shows
			if len(f.Lights) > 0 {
				lights = slices.DeleteFunc(slices.Clone(lights), func(l models.Light) bool { return !slices.Contains(f.Lights, l) })
			}
			f.Lights = lights
		}
	}
	of := func(status models.Status, lights ...models.Light) func(f *models.Filter) {
		return func(f *models.Filter) {
			f.Statuses = []models.Status{status}
			if len(lights) > 0 {
				lit(lights...)(f)
			}
		}
	}
	return []statisticsPart{
		{"status.closed", "part--done", t.Status(models.Closed), of(models.Closed)},
		{"status.submitted", "part--review", t.Status(models.Submitted), of(models.Submitted)},
		{"light.stated", "part--stated", t.Light(models.LightStated), lit(models.LightStated)},
		{"status.underway", "part--doing", inHand(models.Underway), of(models.Underway, calm...)},
		{"light.overdue", "part--over", t.Light(models.LightOver), lit(models.LightOver)},
		{"status.registered", "part--todo", inHand(models.Registered), of(models.Registered, calm...)},
	}
}

// shownUnits are the units that have items, in the order of the organisation.
func (v StatisticsView) shownUnits() []models.Unit {
	has := map[int64]bool{}
	for _, c := range v.Shown.Cells {
		has[c.UnitID] = has[c.UnitID] || c.N > 0
	}
	return slices.DeleteFunc(slices.Clone(v.Order), func(u models.Unit) bool { return !has[u.ID] })
}

func (v StatisticsView) unitLink(u models.Unit) string {
	return v.with("unit", u.Code, v.Today)
}

// counted is what a large number beside it counts, in the singular for one.
func counted(ctx context.Context, key string, n int) string {
	if n == 1 {
		key += ".one"
	}
	return text.T(ctx, key)
}

// percentOf is a share for a place in a picture.
func percentOf(part, whole int) string {
	if whole == 0 {
		return "0%"
	}
	return strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 2, 64) + "%"
}

// The picture of the course is so many units wide and high; its axes leave a margin.
const (
	courseWide, courseHigh     = 600, 230
	courseLeft, courseTop      = 44, 16
	courseRight, courseBottom  = 590, 200
	coursePoints, courseMonths = 60, 8
	courseBack, courseAhead    = 550, 400 // days that are shown at most
	courseTicks                = 4
)

// coursePicture is the course of the page, drawn: days are places from left to right and
// numbers of items from below.
type coursePicture struct {
	course        models.Course
	from, to, now models.Day
	most          int // the highest number of the axis
}

// picture is how the course is drawn; false when there is nothing to draw.
func (v StatisticsView) picture() (p coursePicture, drawn bool) {
	these := v.Course.Steps
	if len(these) == 0 {
		return p, false
	}
	p = coursePicture{course: v.Course, now: v.Today}
	p.from = max(these[0].Day, v.Today.Plus(-courseBack))
	p.to = min(max(these[len(these)-1].Day, v.Today.Plus(7)), v.Today.Plus(courseAhead))
	if p.from >= v.Today {
		p.from = v.Today.Plus(-7)
	}
	end := v.Course.At(p.to)
	p.most = courseTicks * courseTick((max(end.Registered, end.Due)+courseTicks-1)/courseTicks)
	return p, true
}

// courseTick is the least number that people count by and that is not less than n.
func courseTick(n int) int {
	for ten := 1; ; ten *= 10 {
		for _, of := range []int{10, 12, 15, 20, 25, 30, 40, 50, 60, 80} {
			if tick := of * ten / 10; tick >= n && 10*tick == of*ten {
				return max(tick, 1)
			}
		}
	}
}

func (p coursePicture) x(day models.Day) int {
	return courseLeft + p.from.DaysUntil(day)*(courseRight-courseLeft)/max(1, p.from.DaysUntil(p.to))
}

func (p coursePicture) y(n int) int {
	return courseBottom - n*(courseBottom-courseTop)/p.most
}

// days are those at which lines have a point, from one to another day.
func (p coursePicture) days(from, to models.Day) []models.Day {
	span := from.DaysUntil(to)
	step := max(1, (span+coursePoints-1)/coursePoints)
	var days []models.Day
	for n := 0; n < span; n += step {
		days = append(days, from.Plus(n))
	}
	return append(days, to)
}

// line is a line of one number through these days, as an SVG path.
func (p coursePicture) line(days []models.Day, of func(models.CourseStep) int) string {
	var path strings.Builder
	for n, day := range days {
		path.WriteString([]string{"L", "M"}[min(1, 1/(n+1))])
		path.WriteString(strconv.Itoa(p.x(day)) + " " + strconv.Itoa(p.y(of(p.course.At(day)))))
	}
	return path.String()
}

func stepRegistered(s models.CourseStep) int { return s.Registered }
func stepDue(s models.CourseStep) int        { return s.Due }
func stepClosed(s models.CourseStep) int     { return s.Closed }

// gap is the area between what was due and what was struck off, up to today, where less
// was struck off.
func (p coursePicture) gap() string {
	days := p.days(p.from, p.now)
	back := slices.Clone(days)
	slices.Reverse(back)
	lower := func(s models.CourseStep) int { return min(s.Due, s.Closed) }
	return p.line(days, stepDue) + strings.Replace(p.line(back, lower), "M", "L", 1) + "Z"
}

// months are the first days of the months in it, not more than have room.
func (p coursePicture) months() []models.Day {
	var months []models.Day
	for day := (p.from[:8] + "01").PlusMonths(1); day <= p.to; day = day.PlusMonths(1) {
		months = append(months, day)
	}
	for len(months) > courseMonths {
		var some []models.Day
		for n := 0; n < len(months); n += 2 {
			some = append(some, months[n])
		}
		months = some
	}
	return months
}

// ticks are the numbers at which the picture has a line across.
func (p coursePicture) ticks() []int {
	ticks := make([]int, courseTicks+1)
	for n := range ticks {
		ticks[n] = p.most * n / courseTicks
	}
	return ticks
}

// ends are the days of the table beside the picture: the last of each month, and today.
func (p coursePicture) ends() []models.Day {
	ends := []models.Day{p.now}
	for day := (p.from[:8] + "01").PlusMonths(1); day <= p.to; day = day.PlusMonths(1) {
		ends = append(ends, day.Plus(-1))
	}
	ends = append(ends, p.to)
	slices.Sort(ends)
	return slices.Compact(ends)
}

// dueBy and closedBy are where the rows are that the course counts by a day; "" where no
// address names them.
func (v StatisticsView) dueBy(day models.Day) string {
	f, named := v.Filter.DueBy(day)
	if !named {
		return ""
	}
	return v.items(func(of *models.Filter) { *of = f })
}

func (v StatisticsView) closedBy(day models.Day) string {
	return v.items(func(f *models.Filter) {
		if f.ClosedTo == "" || day < f.ClosedTo {
			f.ClosedTo = day
		}
	})
}

// courseWords say in a sentence how what was struck off stands against what was due.
func (v StatisticsView) courseWords(ctx context.Context) string {
	now := v.Course.At(v.Today)
	return text.T(ctx, "statistics.course.words", dateOf(ctx, v.Today), now.Due, now.Closed, v.Shown.Overdue(), v.Shown.Review())
}

// forecastWords say when the last item closes at today's pace, or that too little is known.
func (v StatisticsView) forecastWords(ctx context.Context) string {
	switch f := v.Forecast; {
	case v.Shown.NotClosed() == 0:
		return text.T(ctx, "statistics.forecast.done")
	case f.On == "":
		return text.T(ctx, "statistics.forecast.little", models.ForecastDays/7, f.N)
	default:
		return text.T(ctx, "statistics.forecast.words", models.ForecastDays/7, f.N, v.Shown.NotClosed(), dateOf(ctx, f.On), dateOf(ctx, f.From), dateOf(ctx, f.To))
	}
}

// mostOf is the greatest number of items of a category, for the length of bars.
func (v StatisticsView) mostOf() int {
	most := 1
	for _, c := range v.Categories {
		most = max(most, c.N())
	}
	return most
}

func (v StatisticsView) tiers() []models.Tier { return deadline.Tiers() }
