package modelstest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"duban/models"
	"duban/models/deadline"
)

// Fill makes the register as full as a region's is: n items of fifty units in the
// three tiers, with problem texts of the usual length. Half are closed, one in
// twelve is under review, one in seven is late, the rest are due within half a
// year; all of it through the doors that people use, and the same each time.
func (r *Register) Fill(n int) {
	r.t.Helper()
	const units = 50
	chance := rand.New(rand.NewPCG(1, 2))
	today := r.As(r.Office).Today()
	admin := r.As(r.Admin)
	all := []models.Unit{r.Unit, r.Other}
	dangqun := r.Dangqun()
	heads := map[int64]models.User{r.Unit.ID: r.Hai}
	for k := len(all); k < units; k++ {
		all = append(all, r.unit(admin, fmt.Sprintf("第%d局", k), fmt.Sprintf("u%d", k)))
	}
	for _, u := range all[1:] {
		heads[u.ID] = r.person(admin, "head-"+u.Code, models.Head, &u.ID)
	}
	tiers := deadline.Tiers()
	var news []models.NewItem
	for k := range n {
		u := all[k%units]
		due := today.Plus(1 + chance.IntN(180))
		if k%7 == 0 {
			due = today.Plus(-1 - chance.IntN(90))
		}
		news = append(news, models.NewItem{
			Tier: tiers[k%3], RoundID: r.Round.ID, UnitID: u.ID, LedgerNo: fmt.Sprint(r.n + k + 1),
			Category: []string{"八项规定", "选人用人", "工程项目", "民主集中制"}[k%4],
			Problem:  fmt.Sprintf("第 %d 个问题：%s", k+1, text(chance, 200+chance.IntN(200))),
			Standard: text(chance, 60), Department: "综合处",
			Measures: []models.Measure{{Text: text(chance, 80), Leader: fmt.Sprintf("副局长%d", k%5), Owners: []string{fmt.Sprintf("经办人%d", k%9)}, DueOn: due}},
		})
	}
	r.n += n
	r.Today(today.Plus(-100))
	items, err := r.As(r.Office).Register(news...)
	r.must(err)
	for k, item := range items {
		if k%7 == 0 || k%12 > 6 { // late, or still in hand
			continue
		}
		r.Today(today.Plus(-90 + k%80))
		head := r.As(heads[item.UnitID])
		measures, err := head.Measures(item)
		r.must(err)
		item, err = head.CompleteMeasure(item, measures[0].ID, "已办结")
		r.must(err)
		item, err = head.AddEvidence(item, models.Evidence{MeasureID: &measures[0].ID, DocNo: fmt.Sprintf("〔2026〕%d 号", k+1)})
		r.must(err)
		signers := map[int64][]models.User{r.Unit.ID: {r.Wu, r.Leng}, r.Other.ID: {r.Shen}}[item.UnitID]
		item = r.SignedBy(item, append(signers, heads[item.UnitID])...)
		item, err = head.Submit(item)
		r.must(err)
		if k%12 != 0 {
			by := r.Supervisor
			if slices.Equal(r.As(by).Rules().VerifiedBy(item.Category).Bodies(), []models.Body{models.Dangqun}) {
				by = dangqun
			}
			_, err = r.As(by).Close(item, "核实无误")
			r.must(err)
		}
	}
	r.Today(today)
}

// text is Chinese words of that many characters.
func text(chance *rand.Rand, length int) string {
	words := []rune("企业奖补资金拨付不及时平均滞后差旅费超标准报销未清退工程项目招投标不规范党组会议记录不完整干部档案审核把关不严固定资产台账更新制度执行有偏差")
	out := make([]rune, length)
	for n := range out {
		out[n] = words[chance.IntN(len(words))]
		if n%23 == 22 {
			out[n] = '，'
		}
	}
	return string(out)
}
