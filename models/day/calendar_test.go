package day_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"duban/models/day"

	"github.com/6tail/lunar-go/HolidayUtil"
)

func TestTheStateCouncilsCalendar(t *testing.T) {
	c := day.StateCouncil()
	for year, want := range map[string]struct{ off, work int }{"2024": {28, 8}, "2025": {28, 5}, "2026": {33, 6}, "2027": {29, 5}} {
		off, work := 0, 0
		for d := range c.Holidays {
			if strings.HasPrefix(string(d), year) {
				off++
			}
		}
		for d := range c.MakeUp {
			if strings.HasPrefix(string(d), year) {
				work++
				if wd := d.Weekday(); wd != 0 && wd != 6 {
					t.Errorf("%s is a weekday; there is nothing to make up", d)
				}
			}
		}
		if off != want.off || work != want.work {
			t.Errorf("%s: %d days off and %d worked, want %d and %d", year, off, work, want.off, want.work)
		}
	}
	if c.IsWorkday("2026-02-16") || !c.IsWorkday("2026-02-14") || !c.IsWorkday("2026-03-02") || c.IsWorkday("2026-03-01") {
		t.Error("2026: a holiday, a Saturday at work, a Monday, a Sunday")
	}
	if c.Known(2028) || !c.Known(2026) || c.Doubt(2026) != day.NoDoubt || c.Doubt(2027) != day.Unchecked || c.Doubt(2028) != day.Unpublished {
		t.Error("2026 is checked, 2027 is not yet, 2028 has not been published")
	}
	if got := c.Doubted("2026-12-20", "2028-01-02"); len(got) != 2 || got[0] != 2027 || got[1] != 2028 {
		t.Errorf("doubted years: %v", got)
	}
}

// The table agrees with the almanac, in which others keep the same notices: two slips of
// the pen would have to be the same.
func TestTheTableAgreesWithTheAlmanac(t *testing.T) {
	c := day.StateCouncil()
	for _, y := range c.Years {
		held := HolidayUtil.GetHolidaysByYear(y.Year)
		theirs := map[day.Day]bool{}
		for at := held.Front(); at != nil; at = at.Next() {
			h := at.Value.(*HolidayUtil.Holiday)
			d := day.Day(h.GetDay())
			if theirs[d] = true; c.IsWorkday(d) != h.IsWork() {
				t.Errorf("%s: work %v there", d, h.IsWork())
			}
		}
		for _, d := range slices.Concat(y.Off, y.Work) {
			if !theirs[d] {
				t.Errorf("%s is a day like any other there", d)
			}
		}
		// Each feast lies within its days off.
		for _, feast := range []string{"元旦", "春节", "清明", "五一", "端午", "中秋", "国庆"} {
			if d, ok := day.Festival(feast, y.Year); !ok || !c.Holidays[d] {
				t.Errorf("%s %d, %s, is worked", feast, y.Year, d)
			}
		}
	}
}

// A notice as the State Council writes it, and a table, give the year's days.
func TestANoticeIsRead(t *testing.T) {
	notice := `国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
国务院办公厅
2025年11月4日`
	want := day.StateCouncil().Years[2026]
	got, err := day.ReadNotice(notice, 0)
	if err != nil || !slices.Equal(got.Off, want.Off) || !slices.Equal(got.Work, want.Work) || got.Year != 2026 || got.Notice != "国办发明电〔2025〕7号" {
		t.Errorf("%v: %+v", err, got)
	}
	table := "day,kind,name\n2026-01-01..2026-01-03,off,元旦\n2026-01-04,work,元旦\n"
	if got, err := day.ReadNotice(table, 0); err != nil || len(got.Off) != 3 || len(got.Work) != 1 {
		t.Errorf("a table: %v %+v", err, got)
	}
	off, work := day.Spans(want.Off, 2026), day.Spans(want.Work, 2026)
	if again, err := day.ReadDays(2026, off, work); err != nil || !slices.Equal(again.Off, want.Off) || !slices.Equal(again.Work, want.Work) {
		t.Errorf("%s / %s: %v", off, work, err)
	}
	for key, wrong := range map[string]string{
		"calendar.weekday":        strings.Replace(notice, "1月1日（周四）", "1月1日（周五）", 1),
		"calendar.count":          strings.Replace(notice, "共9天", "共8天", 1),
		"calendar.weekday_worked": strings.Replace(notice, "1月4日（周日）上班", "1月5日上班", 1),
		"calendar.no_year":        "一、元旦：1月1日放假1天。",
		"calendar.none":           "国务院办公厅关于2026年部分节假日安排的通知",
		"calendar.span":           strings.Replace(notice, "6月19日", "6月31日", 1),
		"calendar.kind":           "2026-01-01,maybe",
		"calendar.row":            "2026-01-01,off\n2026-01-02",
		"calendar.years_differ":   "2026-01-01,off\n2024-01-02,off",
	} {
		_, err := day.ReadNotice(wrong, 0)
		var fault day.Fault
		if !errors.As(err, &fault) || fault.Key != key {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func FuzzReadNotice(f *testing.F) {
	f.Add("国务院办公厅关于2026年部分节假日安排的通知\n一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。", 2026)
	f.Add("2026-01-01,off", 0)
	f.Fuzz(func(t *testing.T, text string, year int) {
		y, err := day.ReadNotice(text, year)
		if err == nil && y.Check() != nil {
			t.Errorf("%q: taken, and then refused", text)
		}
	})
}
