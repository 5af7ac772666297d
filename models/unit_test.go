package models_test

import (
	"errors"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// A place is a number that an order can have, and one that was stored beyond it keeps
// nobody from adding units.
func TestAUnitHasAPlaceInTheOrder(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		b := r.As(r.Admin)
		for _, seq := range []int{-1, 10000, 1<<31 - 1} {
			_, err := b.SaveUnit(models.Unit{Name: "教育局", Code: "jyj", Seq: seq})
			if p := (models.Problems)(nil); !errors.As(err, &p) || p.Of("seq") == nil {
				t.Errorf("%d: %v", seq, err)
			}
		}
		r.SQL("UPDATE units SET seq = 2147483647 WHERE code = 'czj'")
		for n, code := range []string{"jyj", "wjj"} {
			u, err := b.SaveUnit(models.Unit{Name: code, Code: code})
			if err != nil || u.Seq != n+2 { // after the one that has a place
				t.Fatalf("%+v %v", u, err)
			}
		}
		last, err := b.SaveUnit(models.Unit{Name: "最后", Code: "zh", Seq: 9999})
		if err != nil {
			t.Fatal(err)
		}
		if u, err := b.SaveUnit(models.Unit{Name: "再后", Code: "zh2"}); err != nil || u.Seq > 9999 {
			t.Fatalf("%+v %v", u, err)
		}
		last.Name, last.Seq = "改名", 0 // a form that leaves it empty
		if _, err := b.SaveUnit(last); err != nil {
			t.Fatal(err)
		}
		if u, err := b.Unit("zh"); err != nil || u.Seq != 9999 || u.Name != "改名" {
			t.Errorf("%+v %v", u, err)
		}
		units, err := b.Units()
		if err != nil || units[len(units)-1].Code != "czj" {
			t.Errorf("%+v %v", units, err)
		}
	})
}

// A reference is to something that there is and that this person may see: what is
// neither has one answer, at its field.
func TestAUnitThatIsNamedIsOneThatIsSeen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		admin, office := r.As(r.Admin), r.As(r.Office)
		rows := r.Rows()
		was := rows.Now()
		for _, id := range []int64{0, -1, 4711, 1<<63 - 1} {
			_, account := admin.SaveUser(models.User{Name: "zhangsan", FullName: "张三", Role: models.Handler, UnitID: &id}, modelstest.Password)
			_, officer := admin.SaveUser(models.User{Name: "lisi", FullName: "李四", Role: models.Office, UnitID: &id}, modelstest.Password)
			_, robot := admin.SaveWebhook(models.Webhook{Name: "群", Maker: models.WeCom, Address: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", UnitID: &id}, models.WebhookHosts{})
			_, ledger := office.StartImport(models.Import{Tier: models.PostFeedback, RoundID: r.Round.ID, UnitID: &id}, []byte("x"))
			for name, err := range map[string]error{
				"account": account, "officer": officer, "robot": robot, "ledger": ledger,
				"scope": office.Assign(r.Supervisor, models.Scopes{{UnitID: &id}}), "days": office.SaveRoundUnit(models.RoundUnit{RoundID: r.Round.ID, UnitID: id}),
			} {
				if p := (models.Problems)(nil); !errors.As(err, &p) || p.Of("unit") == nil || p.Of("unit").Key != "unit.choose" {
					t.Errorf("%s of unit %d: %v", name, id, err)
				}
			}
		}
		for _, line := range rows.Since(was) {
			t.Error(line)
		}
	})
}
