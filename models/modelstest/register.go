// Package modelstest is a register for tests: a real database, a cast of people,
// and a clock that stands still until a test moves it.
package modelstest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"duban/models"
	"duban/models/password"
	"duban/models/vault"
)

// Password is the whole cast's.
const Password = "Open-Sesame-2026"

// Register is a fresh register. Wu (handler), Leng (leader) and Hai (head) are of
// the unit whose items the stories are about; Shen is of another unit, the
// stranger in every story about what must not be seen.
type Register struct {
	*models.Store
	Office, Supervisor, Principal, Admin models.User // the supervisor is of the 纪工委
	Wu, Leng, Hai, Shen                  models.User
	Unit, Other                          models.Unit
	Round                                models.Round
	Files                                string // the folder of its vault

	t   testing.TB
	url string
	now atomic.Pointer[time.Time] // a server's open pages look at it while a test moves it
	n   int
}

// Open is a register in the empty database of that URL. The day is Monday,
// 2 March 2026, nine in the morning in Shanghai.
func Open(t testing.TB, url string) *Register {
	t.Helper()
	store, err := models.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r := &Register{Store: store, t: t, url: url, Files: t.TempDir()}
	r.must(os.Chmod(r.Files, 0o700))
	store.Vault, err = vault.OpenFolder(r.Files)
	r.must(err)
	store.Now = func() time.Time { return *r.now.Load() }
	store.Hashing = password.Cost{Memory: 8, Passes: 1} // the cast signs in often
	r.Today("2026-03-02")

	code, err := store.SetupCode(context.Background())
	r.must(err)
	r.Admin, err = store.SetUp(context.Background(), code, models.User{Name: "admin", FullName: "Admin"}, Password)
	r.must(err)
	admin := r.As(r.Admin)
	r.Unit = r.unit(admin, "经济发展局", "jfj")
	r.Other = r.unit(admin, "财政局", "czj")
	r.Office = r.person(admin, "office", models.Office, nil)
	r.Supervisor = r.person(admin, "supervisor", models.Supervisor, nil)
	r.Principal = r.person(admin, "principal", models.Principal, nil)
	r.Wu = r.person(admin, "wu", models.Handler, &r.Unit.ID)
	r.Leng = r.person(admin, "leng", models.Leader, &r.Unit.ID)
	r.Hai = r.person(admin, "hai", models.Head, &r.Unit.ID)
	r.Shen = r.person(admin, "shen", models.Handler, &r.Other.ID)
	r.Round, err = r.As(r.Office).SaveRound(models.Round{Code: "2026-1", Name: "2026 年第一轮", Year: 2026, Team: "第一巡察组"})
	r.must(err)
	for _, u := range []models.Unit{r.Unit, r.Other} {
		r.must(r.As(r.Office).SaveRoundUnit(models.RoundUnit{
			RoundID: r.Round.ID, UnitID: u.ID, NoticeOn: "2026-01-12", FeedbackOn: "2026-01-26", WindowEnd: "2026-04-26",
		}))
	}
	return r
}

// Each runs a story on an empty register of each database.
func Each(t *testing.T, story func(t *testing.T, r *Register)) {
	EachDatabase(t, func(t *testing.T, url string) { story(t, Open(t, url)) })
}

func (r *Register) unit(b *models.Board, name, code string) models.Unit {
	u, err := b.SaveUnit(models.Unit{Name: name, Code: code})
	r.must(err)
	return u
}

func (r *Register) person(b *models.Board, name string, role models.Role, unit *int64) models.User {
	u := models.User{Name: name, FullName: name, Role: role, UnitID: unit, Email: name + "@example.gov.cn"}
	if role == models.Supervisor {
		u.BodyCode = models.Jiwei
	}
	u, err := b.SaveUser(u, Password)
	r.must(err)
	return u
}

func (r *Register) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// Today moves the clock to nine in the morning of that day, in Shanghai.
func (r *Register) Today(day models.Day) { r.At(string(day) + " 09:00") }

// At moves the clock to that minute, in Shanghai.
func (r *Register) At(minute string) {
	t, err := time.Parse("2006-01-02 15:04 -07:00", minute+" +08:00")
	if err != nil {
		r.t.Fatal(err)
	}
	r.now.Store(&t)
}

// As is the board in that person's hands.
func (r *Register) As(u models.User) *models.Board { return r.Board(context.Background(), u) }

// Dangqun is a supervisor of the 党群工作部, whom few stories need.
func (r *Register) Dangqun() models.User {
	r.t.Helper()
	u, err := r.As(r.Admin).SaveUser(models.User{Name: "dangqun", FullName: "dangqun", Role: models.Supervisor, BodyCode: models.Dangqun}, Password)
	r.must(err)
	return u
}

// Registered is a new item of the unit, under way, with one measure due that day.
func (r *Register) Registered(due models.Day) models.Item {
	return r.RegisteredFor(r.Unit, models.PostFeedback, due)
}

// RegisteredFor is the same for a unit and a tier.
func (r *Register) RegisteredFor(u models.Unit, tier models.Tier, due models.Day) models.Item {
	r.t.Helper()
	r.n++
	items, err := r.As(r.Office).Register(models.NewItem{
		Tier: tier, RoundID: r.Round.ID, UnitID: u.ID, LedgerNo: fmt.Sprint(r.n),
		Problem:  fmt.Sprintf("第 %d 个问题：企业奖补资金拨付不及时", r.n),
		Standard: "全部拨付到位",
		Measures: []models.Measure{{Text: "逐笔核实，全部拨付到位", Leader: "副局长", Owners: []string{"综合处处长"}, DueOn: due}},
	})
	r.must(err)
	return items[0]
}

// Read is the item as the register has it now.
func (r *Register) Read(item models.Item) models.Item {
	r.t.Helper()
	fresh, err := r.As(r.Office).Item(item.Number)
	r.must(err)
	return fresh
}

// Ready is an item with nothing missing but the signatures: its measure is done and
// shown by a document's number.
func (r *Register) Ready(due models.Day) models.Item {
	r.t.Helper()
	return r.Done(r.Registered(due))
}

// Done is an item of the unit with every measure ticked off by Wu and shown by a
// document's number.
func (r *Register) Done(item models.Item) models.Item {
	r.t.Helper()
	wu := r.As(r.Wu)
	measures, err := wu.Measures(item)
	r.must(err)
	if item.Standard == "" {
		item, err = wu.SetStandard(item, "全部拨付到位")
		r.must(err)
	}
	for _, m := range measures {
		if !m.Done() {
			item, err = wu.CompleteMeasure(item, m.ID, "已拨付 43 笔")
			r.must(err)
		}
		item, err = wu.AddEvidence(item, models.Evidence{MeasureID: &m.ID, DocNo: "经发〔2026〕9 号"})
		r.must(err)
	}
	return item
}

// HandedIn is an item of the unit, whatever was missing, after it was done, signed and
// handed in by Hai.
func (r *Register) HandedIn(item models.Item) models.Item {
	r.t.Helper()
	item, err := r.As(r.Hai).Submit(r.SignedBy(r.Done(item), r.Wu, r.Leng, r.Hai))
	r.must(err)
	return item
}

// Signed is an item that the handler, the leader and the head have signed.
func (r *Register) Signed(due models.Day) models.Item {
	r.t.Helper()
	return r.SignedBy(r.Ready(due), r.Wu, r.Leng, r.Hai)
}

// SignedBy is the item after those of these people signed it whose turn it is, one after
// the other.
func (r *Register) SignedBy(item models.Item, people ...models.User) models.Item {
	r.t.Helper()
	for _, u := range people {
		if !r.As(u).May(models.SignItem, item) {
			continue
		}
		var err error
		item, err = r.As(u).Sign(item, models.Pledge{Agreed: true, Password: Password})
		r.must(err)
	}
	return item
}

// Submitted is an item that was done, signed and handed in today, by Hai.
func (r *Register) Submitted(due models.Day) models.Item {
	r.t.Helper()
	return r.HandedIn(r.Registered(due))
}

// Stored is every file that lies in the vault, drafts included.
func (r *Register) Stored() (names []string) {
	r.t.Helper()
	r.must(filepath.WalkDir(r.Files, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	}))
	return names
}
