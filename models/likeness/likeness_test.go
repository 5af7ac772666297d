package likeness_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"duban/models/likeness"
)

// pairs are the labelled pairs: two texts and what they are to each other.
func pairs(t *testing.T) (out [][3]string) {
	t.Helper()
	content, err := os.ReadFile("testdata/likeness.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		if columns := strings.Split(line, "\t"); n > 0 {
			out = append(out, [3]string(columns[:3]))
		}
	}
	return out
}

func TestPairsAreJudgedRight(t *testing.T) {
	reader := likeness.NewReader(likeness.Customary, nil)
	right, all := 0, pairs(t)
	for _, pair := range all {
		got, back := reader.Judge(pair[0], pair[1]), reader.Judge(pair[1], pair[0])
		if got != back {
			t.Errorf("%s from one side and %s from the other: %s | %s", got, back, pair[0], pair[1])
		}
		if string(got) == pair[2] {
			right++
			continue
		}
		t.Logf("%s, not %s: %s | %s", pair[2], got, pair[0], pair[1])
	}
	t.Logf("%d of %d right", right, len(all))
	if share := float64(right) / float64(len(all)); share < 0.9 {
		t.Errorf("%.2f right", share)
	}
}

// A phrase by custom that the list does not have is known by standing in both word for
// word while all else differs.
func TestCustomIsKnownWithoutTheList(t *testing.T) {
	right, all := 0, 0
	reader := likeness.NewReader(nil, nil)
	for _, pair := range pairs(t) {
		if pair[2] == string(likeness.StockPhrase) {
			all++
			if reader.Judge(pair[0], pair[1]) == likeness.StockPhrase {
				right++
			}
		}
	}
	if share := float64(right) / float64(all); share < 0.9 {
		t.Errorf("%d of %d", right, all)
	}
}

// How well the measures that were tried part what is the same from what is not, each
// with the threshold that serves it best on these pairs; the index's measure is for
// longer texts.
func TestMeasuresOnPairs(t *testing.T) {
	reader := likeness.NewReader(likeness.Customary, nil)
	measures := map[string]func(a, z likeness.Text) float64{
		"pairs of characters (Dice)": likeness.Likeness,
		"runs of three (Jaccard)":    func(a, z likeness.Text) float64 { return likeness.InCommon(a.Grams(), z.Grams()) },
		"the one holds the other":    func(a, z likeness.Text) float64 { return max(likeness.Held(a, z), likeness.Held(z, a)) },
		"words, synonyms, and outcome": func(a, z likeness.Text) float64 {
			if reader.Judge(a.Source, z.Source) == likeness.Same {
				return 1
			}
			return 0
		},
	}
	for name, measure := range measures {
		best, at := 0, 0.0
		for step := range 100 {
			limit, right := float64(step)/100, 0
			for _, pair := range pairs(t) {
				if (measure(reader.Read(pair[0]), reader.Read(pair[1])) > limit) == (pair[2] == string(likeness.Same)) {
					right++
				}
			}
			if right > best {
				best, at = right, limit
			}
		}
		t.Logf("%-30s %d of 60 right, above %.2f", name, best, at)
	}
}

func TestDaysNumbersNamesAndCustomAreTakenOut(t *testing.T) {
	reader := likeness.NewReader(likeness.Customary, []string{"鼎川建设", "和顺商贸"})
	a := reader.Read("高度重视，第一时间召开专题会议研究部署。截至５月15日，3台借用車輛已退还鼎川建设，收回1.2万元。")
	z := reader.Read("截至12月3日,5台借用车辆已退还和顺商贸。收回30.8万元")
	if a.Substance() != z.Substance() || a.Substance() != "截至台借用车辆退还收回元" || len(a.Stock) != 1 {
		t.Errorf("%q %q, by custom %q", a.Substance(), z.Substance(), a.Stock)
	}
	if got := likeness.Likeness(a, z); got != 1 {
		t.Errorf("alike %v", got)
	}
}

func TestWhatIsCommonIsMarked(t *testing.T) {
	reader := likeness.NewReader(nil, nil)
	marked := func(text string, spans []likeness.Span) (out []string) {
		for _, s := range spans {
			out = append(out, text[s.From:s.To])
		}
		return out
	}
	a, z := "财务科收回多领的误餐补助2.4万元，涉及11人；缴款书已存档。", "缴款书已存档！9月17日，计财科收回多领的误餐补助0.9万元。"
	inA, inZ := likeness.Common(reader.Read(a), reader.Read(z))
	if got := marked(a, inA); !slices.Equal(got, []string{"财科收回多领的误餐补助2.4万元", "缴款书已存档"}) && !slices.Equal(got, []string{"科收回多领的误餐补助2.4万元", "缴款书已存档"}) {
		t.Errorf("marked %q", got)
	}
	if got := marked(z, inZ); !slices.Equal(got, []string{"缴款书已存档", "科收回多领的误餐补助0.9万元"}) {
		t.Errorf("marked %q", got)
	}
	if inA, inZ := likeness.Common(reader.Read(a), reader.Read("路灯全部换新")); len(inA)+len(inZ) > 0 {
		t.Errorf("marked %v %v", inA, inZ)
	}
}

func TestTheIndexFindsACopyAndNothingElse(t *testing.T) {
	reader := likeness.NewReader(likeness.Customary, nil)
	grams := func(text string) []uint32 { return reader.Read(text).Grams() }
	texts := []string{
		"3台借用车辆退回原单位，交接单双方盖章；油卡由一张分成8张，逐车绑定，次月油耗降了一成多。",
		"财务科逐笔核对三年来的接待凭证，收回无公函支出3.2万元，缴款书已存档，责任人写出说明。",
		"短文", "",
		"公开招聘5名，报名142人，成绩张榜；收回空饷45.51万元，剩下25.86万元签了还款书。",
	}
	x := likeness.NewIndex(2)
	ask := x.Asker()
	for n, text := range texts {
		if got := x.Add(grams(text)); got != n {
			t.Fatalf("number %d, want %d", got, n)
		}
	}
	find := func(text string) (out []int) {
		ask.Like(grams(text), 0.6, func(n int) { out = append(out, n) })
		return out
	}
	copied := "财务科逐笔核对三年来的接待凭证，收回无公函支出12.7万元；缴款书已存档；责任人写出说明"
	if got := find(copied); !slices.Equal(got, []int{1}) {
		t.Errorf("found %v", got)
	}
	if got := find("路灯32盏全部换新，7月20日夜间试亮，居民代表到场签字，维护协议签了三年。"); len(got) > 0 {
		t.Errorf("found %v", got)
	}
	x.Remove(1)
	if got := find(copied); len(got) > 0 {
		t.Errorf("found %v after it was removed", got)
	}
}

func FuzzTexts(f *testing.F) {
	for _, text := range []string{"", "一", "1", "。", "3台借用車輛已退还鼎川建设", "12月", strings.Repeat("整改", 40), "\xff\xfe", "ａｂｃ１２３", "👍👍👍👍👍👍"} {
		f.Add(text, "借用车辆3台退还")
	}
	reader := likeness.NewReader(likeness.Customary, []string{"鼎川建设", "", "一"})
	f.Fuzz(func(t *testing.T, a, z string) {
		ta, tz := reader.Read(a), reader.Read(z)
		for name, share := range map[string]float64{"Likeness": likeness.Likeness(ta, tz), "Held": likeness.Held(ta, tz), "InCommon": likeness.InCommon(ta.Grams(), tz.Grams())} {
			if !(share >= 0 && share <= 1) {
				t.Errorf("%s is %v", name, share)
			}
		}
		if one, other := reader.Judge(a, z), reader.Judge(z, a); one != other {
			t.Errorf("%s from one side and %s from the other", one, other)
		}
		inA, inZ := likeness.Common(ta, tz)
		for text, spans := range map[string][]likeness.Span{a: inA, z: inZ} {
			last := 0
			for _, s := range spans {
				if s.From < last || s.To > len(text) || s.From >= s.To || utf8.ValidString(text) && !utf8.ValidString(text[s.From:s.To]) {
					t.Fatalf("span %v of %q", s, text)
				}
				last = s.To
			}
		}
	})
}

// A text of twenty thousand characters is compared, marked and looked up like any other.
func TestLongTextsAreTaken(t *testing.T) {
	reader := likeness.NewReader(likeness.Customary, nil)
	for _, text := range []string{strings.Repeat("整", 20_000), strings.Repeat("整改", 10_000), strings.Repeat("逐笔核对接待凭证并收回多付的费用", 1_250)} {
		long := reader.Read(text)
		if got := likeness.Likeness(long, long); got != 1 {
			t.Errorf("alike %v", got)
		}
		if inA, _ := likeness.Common(long, long); len(inA) == 0 {
			t.Error("nothing is marked")
		}
		reader.Judge(text, text)
	}
}
