package models_test

import (
	"strings"
	"testing"

	"duban/models"
	"duban/models/match"
	"duban/models/modelstest"
)

const numberedLedger = `序号,反馈问题,整改措施,责任人,整改时限
1,企业奖补资金拨付不及时,逐笔核实并拨付,处长,2026年6月30日前
2,差旅费超标准报销1.28万元未清退,清退超标部分,处长,2026年9月30日前
3,党组会议记录不完整,补齐记录,主任,2026年底前
`

// hows are by what the lines were known.
func hows(p models.ImportPreview) string {
	var all []string
	for _, l := range p.Lines {
		words := string(l.Match.How) + " " + l.Number
		if len(l.Refused) > 0 {
			words = l.Refused[0].Key
		}
		all = append(all, strings.TrimSpace(words))
	}
	return strings.Join(all, "; ")
}

// However a unit writes its numbers, whatever tier and file: the same problems are the
// same items.
func TestALedgerIsKnownAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, numberedLedger)
		for name, tt := range map[string]struct{ ledger, want string }{
			"leading zeros":      {strings.NewReplacer("\n1,", "\n01,", "\n2,", "\n02,", "\n3,", "\n03,").Replace(numberedLedger), "0 new, 0 changed, 3 same, 0 refused, 0 asked"},
			"Chinese numerals":   {strings.NewReplacer("\n1,", "\n（一）,", "\n2,", "\n二,", "\n3,", "\n三、,").Replace(numberedLedger), "0 new, 0 changed, 3 same, 0 refused, 0 asked"},
			"other punctuation":  {strings.NewReplacer("及时", "及时。", "完整", "完整；").Replace(numberedLedger), "0 new, 0 changed, 3 same, 0 refused, 0 asked"},
			"no numbers":         {strings.NewReplacer("序号,", "", "\n1,", "\n", "\n2,", "\n", "\n3,", "\n").Replace(numberedLedger), "0 new, 0 changed, 3 same, 0 refused, 0 asked"},
			"one word corrected": {strings.NewReplacer("不及时", "很不及时").Replace(numberedLedger), "0 new, 1 changed, 2 same, 0 refused, 0 asked"},
			"corrected, without numbers": {strings.NewReplacer("序号,", "", "\n1,", "\n", "\n2,", "\n", "\n3,", "\n", "不及时", "很不及时").Replace(numberedLedger),
				"0 new, 1 changed, 2 same, 0 refused, 1 asked"},
			"other problems under the numbers": {"序号,反馈问题,整改措施,整改时限\n1,基层党组织建设存在短板,学习,2026年底前\n2,工程使用金额超标,核查,2026年底前\n",
				"2 new, 0 changed, 0 same, 0 refused, 2 asked"},
		} {
			for _, tier := range []models.Tier{models.PostFeedback, models.OnTheSpot} {
				_, _, p := brought(t, r, r.Office, tt.ledger, func(i *models.Import) { i.Tier, i.FileName = tier, "别的台账.csv" })
				if got := counts(p); got != tt.want {
					t.Errorf("%s, %s: %s; %s", name, tier, got, hows(p))
				}
			}
		}
	})
}

// Another ledger with the same numbers does not overwrite the first, unless somebody
// says that it is the same problem.
func TestAnotherLedgerUnderTheSameNumbers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, numberedLedger)
		second := "序号,反馈问题,整改措施,整改时限\n1,基层党组织建设存在短板,学习,2026年10月底前\n2,工程使用金额超标,核查,2026年11月底前\n"
		i, _, p := brought(t, r, r.Office, second)
		who := p.Lines[1].Who
		if who == nil || !who.SameNumber || who.This || who.Number != "FK-2026-002" || who.Theirs != "工程使用金额超标" || !strings.Contains(who.Ours, "差旅费") {
			t.Fatalf("%+v", who)
		}
		b := r.As(r.Office)
		i, err := b.Answer(i, map[string]models.ImportAnswer{who.Key: {Item: who.Number}})
		same(t, err, nil)
		i, _, p = looked(t, b, i)
		if got := counts(p); got != "1 new, 1 changed, 0 same, 0 refused, 1 asked" || p.Lines[1].Match.How != match.BySaying {
			t.Errorf("said to be the same: %s, %s", got, hows(p))
		}
		i, err = b.Answer(i, map[string]models.ImportAnswer{who.Key: {Item: who.Number, Another: true}})
		same(t, err, nil)
		i, reading, p := looked(t, b, i)
		if got := counts(p); got != "2 new, 0 changed, 0 same, 0 refused, 1 asked" {
			t.Errorf("said to be another: %s, %s", got, hows(p))
		}
		_, err = b.ConfirmImport(i, reading, p.Print)
		same(t, err, nil)
		if is := r.Read(models.Item{Number: "FK-2026-002"}); !strings.Contains(is.Problem, "差旅费") || is.DueOn != "2026-09-30" {
			t.Errorf("it was overwritten: %+v", is)
		}
		if _, _, p = brought(t, r, r.Office, numberedLedger); counts(p) != "0 new, 0 changed, 3 same, 0 refused, 0 asked" {
			t.Errorf("the first again: %s, %s", counts(p), hows(p))
		}
		if _, _, p = brought(t, r, r.Office, second); counts(p) != "0 new, 0 changed, 2 same, 0 refused, 0 asked" {
			t.Errorf("the second again: %s, %s", counts(p), hows(p))
		}
	})
}

// The register's number decides, in whatever column of numbers; one that is nobody's or
// another unit's is refused at the cell, and tells a unit nothing of the other.
func TestTheRegistersNumberInALedger(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		confirmed(t, r, r.Office, numberedLedger)
		other := r.RegisteredFor(r.Other, models.PostFeedback, "2026-06-30")
		ledger := "编号,序号,反馈问题,整改措施\nFK-2026-003,1,党组会议记录不完整,补齐记录\nｆｋ－２０２６－００１,2,企业奖补资金拨付不及时,逐笔核实并拨付\n" +
			"FK-2026-999,3,甲,做\n" + other.Number + ",4,乙,做\n"
		for _, u := range []models.User{r.Wu, r.Office} {
			_, _, p := brought(t, r, u, ledger)
			want := "number FK-2026-003; number FK-2026-001; import.number.unknown; import.number.unknown"
			if u.Role == models.Office {
				want = "number FK-2026-003; number FK-2026-001; import.number.unknown; import.number.foreign"
			}
			if got := hows(p); got != want {
				t.Errorf("%s: %s", u.Name, got)
			}
		}
		_, _, p := brought(t, r, r.Office, "序号,编号,反馈问题,整改措施\n7,FK-2026-003,党组会议记录不完整,补齐记录\n,,全新的问题,做\n")
		if got := hows(p); got != "number FK-2026-003; " {
			t.Errorf("in a column of its own: %q", got)
		}
		if l := p.Lines[1]; l.Ledger.Number != "" && l.Ledger.Number != "7-2" {
			t.Errorf("a row without a number is %q", l.Ledger.Number)
		}
		_, _, p = brought(t, r, r.Office, "编号,反馈问题,整改措施\nFK-2026-001,企业奖补资金拨付不及时,做\nFK-2026-001,别的问题,做\n")
		if p.RefusedN() != 2 {
			t.Errorf("two rows take one number: %s", hows(p))
		}
		_, _, p = brought(t, r, r.Office, "编号,反馈问题,整改措施\n"+other.Number+",第 1 个问题：企业奖补资金拨付不及时,做\n", func(i *models.Import) { i.UnitID = nil })
		if got := hows(p); got != "number "+other.Number {
			t.Errorf("a row that names no unit: %s", got)
		}
	})
}
