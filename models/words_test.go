package models_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"duban/models"
	"duban/models/ledger"
	"duban/models/modelstest"
)

// numbersOf are the numbers of what a search finds, and how many that are by each way of
// counting.
func numbersOf(t *testing.T, b *models.Board, f models.Filter) []string {
	t.Helper()
	f.Size = 200
	cards, err := b.List(f)
	same(t, err, nil)
	n, err := b.Count(f)
	same(t, err, nil)
	tally, err := b.Tally(f)
	same(t, err, nil)
	if int(n) != len(cards) || tally.N() != len(cards) {
		t.Errorf("%s: %d listed, %d counted, %d in the tally", f.Query, len(cards), n, tally.N())
	}
	var numbers []string
	for _, c := range cards {
		numbers = append(numbers, c.Number)
	}
	slices.Sort(numbers)
	return numbers
}

// Whatever is written of an item is found by it, at once, by two characters, by one and by
// several words; and by nobody who does not see the item.
func TestWhatIsWrittenIsFound(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		made, err := r.As(r.Office).Register(
			models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Unit.ID, Problem: "氩弧焊设备購置未招標", Category: "八项规定",
				Measures: []models.Measure{{Text: "清退超标部分", Leader: "欧阳局长", Department: "综合处", Owners: []string{"单雄信"}, DueOn: "2026-05-01"}}},
			models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: r.Other.ID, Problem: "氩弧以外的問題", Measures: []models.Measure{{Text: "补收", DueOn: "2026-05-01"}}},
		)
		same(t, err, nil)
		one, two := made[0], made[1]
		_, err = r.As(r.Wu).Report(one, "已与供應商谈妥，ＡＢＣ-12 合同 终止", nil)
		same(t, err, nil)
		_, err = r.As(r.Hai).AddEvidence(r.Read(one), models.Evidence{DocNo: "成党发〔2026〕17 号", Note: "会议纪要"})
		same(t, err, nil)
		both := []string{one.Number, two.Number}
		slices.Sort(both)
		for query, want := range map[string][]string{
			"氩弧": both, "氩": both, "弧焊": {one.Number}, "购置": {one.Number}, "招标": {one.Number}, "焊": {one.Number}, "标": {one.Number}, "饕餮": nil, "饕": nil,
			"问题": {two.Number}, "清退": {one.Number}, "欧阳": {one.Number}, "单雄信": {one.Number}, "综合": {one.Number}, "雄 信": {one.Number},
			"供应商": {one.Number}, "abc-12": {one.Number}, "合同终止": {one.Number}, "同 终": {one.Number}, "17": {one.Number}, "〔2026〕17号": {one.Number}, "纪要": {one.Number},
			"经济发展": {one.Number}, "财政": {two.Number}, "氩弧 财政": {two.Number}, "氩弧 纪要 清退": {one.Number}, "氩弧 饕餮": nil, "局长综合": nil, one.Number: {one.Number}, strings.ToLower(one.Number): {one.Number},
			"%": nil, "_": nil, "——": nil, "12345": nil,
		} {
			if got := numbersOf(t, r.As(r.Office), models.Filter{Query: query}); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", query, got, want)
			}
			for _, number := range numbersOf(t, r.As(r.Shen), models.Filter{Query: query}) {
				if number != two.Number {
					t.Errorf("%q: the stranger finds %s", query, number)
				}
			}
		}
		if got := numbersOf(t, r.As(r.Office), models.Filter{Query: "氩弧", Units: []string{"czj"}}); !slices.Equal(got, []string{two.Number}) {
			t.Errorf("with a unit: %v", got)
		}
		_, err = r.As(r.Office).CorrectItem(r.Read(one), []models.Correction{{Field: ledger.FieldProblem, To: "会议室装修超标"}}, "台账有误")
		same(t, err, nil)
		for query, want := range map[string][]string{"弧焊": nil, "装修": {one.Number}, "氩弧": {two.Number}, "清退": {one.Number}} {
			if got := numbersOf(t, r.As(r.Office), models.Filter{Query: query}); !slices.Equal(got, want) {
				t.Errorf("corrected: %q finds %v, want %v", query, got, want)
			}
		}
		cards, err := r.As(r.Office).List(models.Filter{Query: "供应"})
		same(t, err, nil)
		where, err := r.As(r.Office).Matches("供应", cards)
		same(t, err, nil)
		equal(t, where[one.ID], models.Match{Kind: models.WordsOfProgress, Before: "已与", Word: "供应", After: "商谈妥,abc-12合同"})
		for _, who := range []models.User{r.Shen, r.Admin} {
			where, err := r.As(who).Matches("供应", cards)
			same(t, err, nil)
			equal(t, len(where), 0)
		}
		same(t, r.As(models.TheClerk).RebuildWords(nil), nil)
		equal(t, fmt.Sprint(numbersOf(t, r.As(r.Office), models.Filter{Query: "装修"})), fmt.Sprint([]string{one.Number}))
	})
}

// However many items a word is in, and whatever is done to them, in either of two programs,
// a search finds those in which it stands.
func TestASearchFindsWhereTheWordStands(t *testing.T) {
	modelstest.EachDatabase(t, func(t *testing.T, url string) {
		r := modelstest.Open(t, url)
		other, err := models.Open(t.Context(), url)
		same(t, err, nil)
		defer other.Close()
		other.Now = r.Store.Now
		chance := rand.New(rand.NewPCG(3, 5))
		alphabet := []rune("整改措施台账ab1，")
		text := func(n int) string {
			out := make([]rune, n)
			for k := range out {
				out[k] = alphabet[chance.IntN(len(alphabet))]
			}
			return "甲" + string(out) + "乙"
		}
		said := map[string][]string{} // by number, all that was written
		var news []models.NewItem
		for k := range 2300 { // more than are named one by one
			n := models.NewItem{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: []int64{r.Unit.ID, r.Other.ID}[k%2], Problem: text(6), Measures: []models.Measure{{Text: text(5), DueOn: "2026-05-01"}}}
			if k%9 == 0 {
				n.Progress = text(8)
			}
			news = append(news, n)
		}
		items, err := r.As(r.Office).Register(news...)
		same(t, err, nil)
		for k, item := range items {
			said[item.Number] = []string{item.Number, news[k].Problem, item.Title, news[k].Measures[0].Text, news[k].Progress}
		}
		programs := []*models.Store{r.Store, other}
		for k := range 30 {
			item := items[2*chance.IntN(len(items)/2)]
			note := text(4 + k%5)
			_, err := programs[k%2].Board(context.Background(), r.Wu).Report(r.Read(item), note, nil)
			same(t, err, nil)
			said[item.Number] = append(said[item.Number], note)
		}
		for k := range 60 {
			query := strings.Trim(string([]rune(text(1+k%4))), "甲乙")
			if k%5 == 0 {
				query += " " + strings.Trim(text(1), "甲乙")
			}
			if strings.Trim(query, "， ") == "" {
				continue
			}
			want := 0
			for _, texts := range said {
				all := true
				for word := range strings.FieldsSeq(query) {
					all = all && slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, word) })
				}
				if all {
					want++
				}
			}
			b := programs[k%2].Board(context.Background(), r.Office)
			n, err := b.Count(models.Filter{Query: strings.ReplaceAll(query, "，", ",")})
			same(t, err, nil)
			tally, err := b.Tally(models.Filter{Query: query})
			same(t, err, nil)
			cards, err := b.List(models.Filter{Query: query})
			same(t, err, nil)
			if int(n) != want || tally.N() != want || len(cards) != min(want, 50) {
				t.Errorf("%q: %d counted, %d in the tally, %d listed, stands in %d", query, n, tally.N(), len(cards), want)
			}
		}
	})
}

// A large ledger is found at once, and the same is found when its words are in the index;
// what was written meanwhile is not lost by it.
func TestALedgerIsFoundBeforeItIsIndexed(t *testing.T) {
	modelstest.InTurn(t, func(t *testing.T, r *modelstest.Register) {
		r.RegisteredFor(r.Other, models.PostFeedback, "2026-05-01")
		i, reading, p := brought(t, r, r.Office, big(150))
		if _, err := r.As(r.Office).ConfirmImport(i, reading, p.Print); err != nil {
			t.Fatal(err)
		}
		count := func(table string) (n int) {
			t.Helper()
			for row := range r.Rows().Now() {
				if strings.HasPrefix(row, table+" ") {
					n++
				}
			}
			return n
		}
		equal(t, count("item_words_due"), 150)
		queries := []string{"企业", "第7个问题", "第7个", "逐笔核实", "综合处", "已拨付148笔", "第7个 企业", "7", "没有这样的", "企业 没有这样的", r.Unit.Name, r.Unit.Name + " 第7个"}
		found := func() (all []string) {
			t.Helper()
			for _, query := range queries {
				b := r.As(r.Office)
				all = append(all, query+": "+fmt.Sprint(numbersOf(t, b, models.Filter{Query: query})))
				cards, err := b.List(models.Filter{Query: query})
				if err != nil {
					t.Fatal(err)
				}
				matches, err := b.Matches(query, cards)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, fmt.Sprint(matches))
			}
			return all
		}
		before := found()
		if !strings.Contains(before[2], "FK-") || strings.Contains(before[2], " FK-") {
			t.Errorf("a word of one row finds %s", before[2])
		}
		// Another has nothing of it.
		if got := numbersOf(t, r.As(r.Shen), models.Filter{Query: "第7个"}); len(got) > 0 {
			t.Errorf("another unit finds %v", got)
		}
		// Somebody writes while the index is being made.
		cards, err := r.As(r.Office).List(models.Filter{Query: "第9个问题"})
		if err != nil || len(cards) != 1 {
			t.Fatal(cards, err)
		}
		item := r.Read(models.Item{Number: cards[0].Number})
		if _, err := r.As(r.Wu).Report(item, "鎏金的一句", nil); err != nil {
			t.Fatal(err)
		}
		equal(t, fmt.Sprint(numbersOf(t, r.As(r.Office), models.Filter{Query: "鎏金"})), fmt.Sprint([]string{item.Number}))
		both := make(chan error, 2)
		for range 2 {
			go func() { both <- r.As(models.TheClerk).WordDue() }()
		}
		for range 2 {
			if err := <-both; err != nil {
				t.Fatal(err)
			}
		}
		equal(t, count("item_words_due"), 0)
		equal(t, strings.Join(found(), "\n"), strings.Join(before, "\n"))
		equal(t, fmt.Sprint(numbersOf(t, r.As(r.Office), models.Filter{Query: "鎏金"})), fmt.Sprint([]string{item.Number}))
		pieces := count("item_words")
		if err := r.As(models.TheClerk).RebuildWords(nil); err != nil {
			t.Fatal(err)
		}
		equal(t, count("item_words"), pieces)
	})
}
