package match

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestNumbersThatAreWrittenInTwoWays(t *testing.T) {
	for want, typed := range map[string][]string{
		"1":     {"1", "01", "001", "１", "０１", "1.", "1、", "（1）", "(1)", "①", "⑴", "⒈", "一", "（一）", "㈠", "第1项", "第一条", "1号", " 1 ", "1.0", "壹"[:0] + "1"},
		"10":    {"10", "十", "（十）", "⑩", "010", "10."},
		"12":    {"十二", "12", "１２", "第十二项"},
		"23":    {"二十三", "23", "023"},
		"105":   {"一百零五", "105", "0105"},
		"2-3":   {"2-3", "2.3", "2—3", "02-03", "二、3", "２．３", "2_3", "二-三"},
		"a-7":   {"A-07", "a-7", "Ａ－7"},
		"10-20": {"10-20", "10.20"},
	} {
		for _, n := range typed {
			if got := Number(n); got != want {
				t.Errorf("%q is %q, want %q", n, got, want)
			}
		}
	}
	for _, two := range [][2]string{{"1", "10"}, {"11", "1-1"}, {"2-3", "23"}, {"100", "1"}, {"十一", "十"}, {"A-1", "B-1"}} {
		if Number(two[0]) == Number(two[1]) {
			t.Errorf("%q and %q are one number", two[0], two[1])
		}
	}
}

func TestWordsThatAreWrittenInTwoWays(t *testing.T) {
	for _, same := range [][2]string{
		{"“三超两乱”整治不彻底。", "\"三超两乱\"整治不彻底"},
		{"老旧小区因接电、费用等问题，\n安装路灯", "老旧小区因接电、费用等问题,安装路灯 "},
		{"ＡＢＣ１２３", "abc123"},
		{"超标 1,280 元", "超标1280元"},
		{"3～5人", "3-5人"},
		{"專項檢查發現的問題", "专项检查发现的问题"},
	} {
		if Words(same[0]) != Words(same[1]) {
			t.Errorf("%q and %q differ: %q %q", same[0], same[1], Words(same[0]), Words(same[1]))
		}
	}
	for _, other := range [][2]string{
		{"超标1.28万元", "超标128万元"}, {"完成50%", "完成50"}, {"3-5人", "35人"}, {"2024/3", "20243"}, {"未整改", "已整改"}, {"10‰", "10%"},
	} {
		if Words(other[0]) == Words(other[1]) {
			t.Errorf("%q and %q are one text", other[0], other[1])
		}
	}
}

// items are of one unit, as "number|own|text|kind".
func known(all ...[4]string) (items []Item) {
	for _, i := range all {
		items = append(items, Item{Unit: 1, Number: i[0], Own: i[1], Text: i[2], Kind: i[3]})
	}
	return items
}

const (
	lamps   = "社区2013年投资50余万元安装路灯131盏，因年久失修80余盏损坏不亮"
	lampsOf = "社区2013年投资50余万元安装路灯131盏，因年久失修90余盏损坏不亮"
	toilet  = "村里的公共厕所是个摆设"
	minutes = "部分支部会议记录存在要素不全（如未明确记录请假人员）"
)

func TestWhoIsWho(t *testing.T) {
	items := known([4]string{"FK-2024-001", "1", lamps, "fk"}, [4]string{"FK-2024-002", "2", toilet, "fk"}, [4]string{"LX-2024-001", "1", minutes, "lx"})
	row := func(number, own, text string) Row {
		return Row{Item: Item{Unit: 1, Number: number, Own: own, Text: text, Kind: "fk"}, Is: -1}
	}
	stranger := row("", "1", lamps)
	stranger.Unit = 2
	other, this := row("", "2", lampsOf), row("", "9", "别的话")
	other.Other, this.Is = true, 1
	for name, tt := range map[string]struct {
		rows []Row
		want string
	}{
		"by our number, whatever it says":                {[]Row{row("FK-2024-002", "9", "别的话")}, "number 1"},
		"by the same words under the same number":        {[]Row{row("", "01", lamps)}, "words 0"},
		"by the same words without a number":             {[]Row{row("", "", toilet)}, "words 1"},
		"by the same words under another number":         {[]Row{row("", "7", toilet+"。")}, "words 1"},
		"by the unit's number and like words":            {[]Row{row("", "（一）", lampsOf)}, "own_number 0"},
		"asked: like words and no number":                {[]Row{row("", "", lampsOf)}, "likeness 0"},
		"asked: like words under another number":         {[]Row{row("", "2", lampsOf)}, "likeness 0"},
		"asked: the number and other words":              {[]Row{row("", "2", "工程使用金额超标")}, "number_only 1"},
		"new":                                            {[]Row{row("", "3", "工程使用金额超标")}, " -1"},
		"another unit's":                                 {[]Row{stranger}, " -1"},
		"the second ledger's other tier, the same words": {[]Row{row("", "1", minutes)}, "words 2"},
		"no two rows take one":                           {[]Row{row("", "1", lamps), row("", "1", lamps)}, "words 0,number_only 2"},
		"the same words first, wherever they stand":      {[]Row{row("", "1", lampsOf), row("", "", lamps)}, "number_only 2,words 0"},
		"a number of ours is nobody else's":              {[]Row{row("", "1", lamps), row("FK-2024-001", "", "别的话")}, "number_only 2,number 0"},
		"said to be another":                             {[]Row{other}, " -1"},
		"said to be this":                                {[]Row{this}, "saying 1"},
	} {
		got := ""
		for n, f := range Find(tt.rows, items) {
			if n > 0 {
				got += ","
			}
			got += fmt.Sprintf("%s %d", f.How, f.Item)
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// Two items of the same words are told apart by the unit's number, else by the kind,
// and each is taken once.
func TestTheSameWordsTwice(t *testing.T) {
	items := known([4]string{"FK-2024-001", "3", toilet, "fk"}, [4]string{"LX-2024-001", "9", toilet, "lx"})
	row := func(own, kind string) Row {
		return Row{Item: Item{Unit: 1, Own: own, Text: toilet, Kind: kind}, Is: -1}
	}
	found := Find([]Row{row("9", "fk"), row("3", "lx"), row("", "fk")}, items)
	if found[0].Item != 1 || found[1].Item != 0 || found[2].Item != -1 {
		t.Errorf("%+v", found)
	}
	if found = Find([]Row{row("", "lx")}, items); found[0].Item != 1 {
		t.Errorf("%+v", found)
	}
}

// However rows and items are ordered, the same ones find each other: a sheet that was
// sorted is the same ledger.
func TestOrderIsNoPartOfIt(t *testing.T) {
	var items []Item
	var rows []Row
	for n := range 60 {
		text := fmt.Sprintf("第%d类问题：%s%c%c", n, "资金使用管理", rune(0x4e00+n*97), rune(0x5000+n*61))
		items = append(items, Item{Unit: 1, Number: fmt.Sprint(n), Own: fmt.Sprint(n % 20), Text: text})
		rows = append(rows, Row{Item: Item{Unit: 1, Own: fmt.Sprint(n % 20), Text: text}, Is: -1})
	}
	for shift := range 60 {
		turned := append(append([]Row{}, rows[shift:]...), rows[:shift]...)
		for n, f := range Find(turned, items) {
			if f.Item != (n+shift)%60 {
				t.Fatalf("turned by %d, row %d is item %d", shift, n, f.Item)
			}
		}
	}
}

// Texts that all repeat one phrase are found within bounded work, and right.
func TestAPhraseThatAllRepeat(t *testing.T) {
	var items []Item
	for n := range 3000 {
		items = append(items, Item{Unit: 1, Number: fmt.Sprint(n), Text: fmt.Sprintf("第 %d 个问题：企业奖补资金拨付不及时，平均滞后%d天", n, n*7)})
	}
	for _, n := range []int{17, 1234, 2999} {
		row := Row{Is: -1, Item: Item{Unit: 1, Text: fmt.Sprintf("第 %d 个问题：企业奖补资金拨付不够及时，平均滞后%d天", n, n*7)}}
		if f := Find([]Row{row}, items)[0]; f.How != ByLikeness || f.Item != n {
			t.Errorf("%d is %+v", n, f)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	han := func(seed, n int) string {
		out := make([]rune, n)
		for k := range out {
			seed = seed*1103515245 + 12345
			out[k] = rune(0x4e00 + (seed>>16)&0x3ff)
		}
		return string(out)
	}
	items := make([]Item, 100_000)
	for n := range items {
		items[n] = Item{Unit: 1, Number: fmt.Sprintf("FK-2024-%06d", n), Own: fmt.Sprint(n + 1), Text: han(n, 40)}
	}
	rows := func(change func(n int, i Item) Item) []Row {
		rows := make([]Row, 5000)
		for n := range rows {
			rows[n] = Row{Item: change(n, items[n*20]), Is: -1}
		}
		return rows
	}
	for name, change := range map[string]func(n int, i Item) Item{
		"numbers": func(_ int, i Item) Item { return i },
		"words":   func(_ int, i Item) Item { return Item{Unit: 1, Text: i.Text} },
		"like":    func(n int, i Item) Item { return Item{Unit: 1, Text: i.Text[3:] + han(-n, 2)} },
		"new":     func(n int, i Item) Item { return Item{Unit: 1, Own: i.Own, Text: han(-n-7, 40)} },
	} {
		of := rows(change)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Find(of, items)
			}
		})
	}
}

// problems are those of the sample ledgers, which are real ones.
func problems(t *testing.T) (all []string) {
	t.Helper()
	files, err := filepath.Glob("../ledger/testdata/ledgers/*.expected.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var ledger struct{ Items []struct{ Problem string } }
		if err := json.Unmarshal(content, &ledger); err != nil {
			t.Fatal(err)
		}
		for _, i := range ledger.Items {
			all = append(all, Words(i.Problem))
		}
	}
	return all
}

// The two bounds lie between what different problems have in common and what is left of
// a problem that was edited.
func TestHowAlikeProblemsAre(t *testing.T) {
	all := problems(t)
	most := 0.0
	for n, a := range all {
		for _, z := range all[:n] {
			most = max(most, Likeness(a, z))
		}
	}
	if most >= SameNumber {
		t.Errorf("two different problems are %.2f alike", most)
	}
	for what, edit := range map[string]func([]rune) []rune{
		"one character corrected": func(r []rune) []rune { r[len(r)/2] = '某'; return r },
		"one character dropped":   func(r []rune) []rune { return append(r[:len(r)/2:len(r)/2], r[len(r)/2+1:]...) },
		"a clause added":          func(r []rune) []rune { return append(r, []rune("仍然存在")...) },
		"the halves exchanged":    func(r []rune) []rune { return append(r[len(r)/2:len(r):len(r)], r[:len(r)/2]...) },
	} {
		least := 1.0
		for _, p := range all {
			if edited := edit([]rune(p)); len(edited) >= 6 {
				least = min(least, Likeness(p, string(edited)))
			}
		}
		if least < SameWords {
			t.Errorf("%s: only %.2f alike", what, least)
		}
	}
}
