package models_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"gorm.io/gorm"

	"duban/models"
	"duban/models/modelstest"
)

// roadSteps is how long the walk is. What it may come upon it has come upon well
// before.
const roadSteps = 10_000

// oracle is what a careful clerk with a pencil knows of an item: no more than the
// road's own rules, in the simplest words.
type oracle struct {
	status   models.Status
	first    models.Day
	due      models.Day
	pending  models.Day // the date asked for
	stood    models.Day // from when the unit's clock stands still
	granted  int
	events   int
	doers    map[int64]bool // who had a hand in what waits or was struck off
	verifier int64          // who struck it off
	voiding  int64          // who asked for it
	done     int
	measures int
}

// walk is people doing what comes to their minds to a handful of items.
type walk struct {
	t      *testing.T
	r      *modelstest.Register
	chance *rand.Rand
	people []models.User
	items  []models.Item
	known  map[int64]*oracle
	acts   map[models.Act]int
	day    models.Day
}

// TestTheRoadHoldsWhateverPeopleDo lets random people do random things, most of them
// not allowed, in random order, and holds the register to the oracle after each.
func TestTheRoadHoldsWhateverPeopleDo(t *testing.T) {
	if testing.Short() {
		t.Skip("a long walk")
	}
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		w := &walk{t: t, r: r, chance: rand.New(rand.NewPCG(20260302, 7)), known: map[int64]*oracle{}, acts: map[models.Act]int{}, day: "2026-03-02"}
		rules := r.As(r.Office).Rules()
		rules.VerifyElse, rules.ExtensionTimes = models.ByBoth, 3
		if err := r.As(r.Office).ChangeRules(rules, "两家都要核验"); err != nil {
			t.Fatal(err)
		}
		second, err := r.As(r.Admin).SaveUser(models.User{Name: "office2", FullName: "office2", Role: models.Office}, modelstest.Password)
		if err != nil {
			t.Fatal(err)
		}
		w.people = []models.User{r.Wu, r.Wu, r.Leng, r.Leng, r.Hai, r.Hai, r.Supervisor, r.Supervisor, r.Dangqun(), r.Office, second, r.Shen, r.Principal, r.Admin, {}}
		w.people = append(w.people, w.people[8])
		for range 6 {
			w.register()
		}
		for n := range roadSteps {
			w.step()
			if n%50 == 49 {
				w.tomorrow()
			}
			if t.Failed() {
				t.Fatalf("at step %d", n)
			}
		}
		for _, a := range []models.Act{models.SubmitItem, models.CloseItem, models.ReturnItem, models.StageItem, models.VerifyItem, models.GrantExtension, models.RefuseExtension,
			models.VoidItem, models.ReopenItem, models.WithdrawItem, models.SignItem, models.UnsignItem} {
			if w.acts[a] == 0 {
				t.Errorf("nobody came to %s in %d steps: %v", a, roadSteps, w.acts)
			}
		}
	})
}

func (w *walk) register() {
	item := w.r.Registered(w.day.Plus(5 + w.chance.IntN(60)))
	w.items = append(w.items, item)
	w.known[item.ID] = &oracle{status: models.Underway, first: item.DueOn, due: item.DueOn, events: 1, doers: map[int64]bool{}, measures: 1}
}

// tomorrow is another day: the clerk flags what became overdue in the night. What is
// off the road, or has seen all that can be seen, makes room for something new.
func (w *walk) tomorrow() {
	w.day = w.day.Plus(1 + w.chance.IntN(3))
	w.r.Today(w.day)
	before := map[int64]int{}
	for _, item := range w.items {
		before[item.ID] = w.events(item)
	}
	if _, err := w.r.As(models.TheClerk).FlagOverdue(); err != nil {
		w.t.Fatal(err)
	}
	for _, item := range w.items {
		told := w.events(item) - before[item.ID]
		if k := w.known[item.ID]; told > 1 || told == 1 && (k.due >= w.day || !k.status.InHand()) {
			w.t.Errorf("%s, %s, due %s, was called overdue %d times on %s", item.Number, k.status, k.due, told, w.day)
		}
		w.known[item.ID].events += told
	}
	w.items = slices.DeleteFunc(w.items, func(item models.Item) bool {
		k := w.known[item.ID]
		return k.status == models.Voided || k.status == models.Closed && w.chance.IntN(4) == 0 || k.events > 50
	})
	for len(w.items) < 6 {
		w.register()
	}
}

func (w *walk) events(item models.Item) int {
	trail, err := w.r.As(w.r.Office).Trail(item)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(trail)
}

// deed is one of them; its act is what it is called when nothing else comes of it.
type deed struct {
	act models.Act
	do  func(w *walk, b *models.Board, item models.Item, m models.Measure) (models.Item, error)
}

// deeds are what may come to somebody's mind.
var deeds = []deed{
	{models.ReportProgress, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Report(i, "又办了一些", nil)
	}},
	{models.CompleteMeasure, func(w *walk, b *models.Board, i models.Item, m models.Measure) (models.Item, error) {
		return b.CompleteMeasure(i, m.ID, "已办结")
	}},
	{models.CompleteMeasure, func(w *walk, b *models.Board, i models.Item, m models.Measure) (models.Item, error) {
		return b.CompleteMeasure(i, m.ID, "已办结")
	}},
	{models.ReopenMeasure, func(w *walk, b *models.Board, i models.Item, m models.Measure) (models.Item, error) {
		if w.chance.IntN(6) > 0 {
			return b.Report(i, "想了想", nil)
		}
		return b.ReopenMeasure(i, m.ID)
	}},
	{models.AddEvidence, func(w *walk, b *models.Board, i models.Item, m models.Measure) (models.Item, error) {
		return b.AddEvidence(i, models.Evidence{MeasureID: &m.ID, DocNo: "〔2026〕1 号"})
	}},
	{models.AddMeasures, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		if w.chance.IntN(8) > 0 {
			return b.Acknowledge(i)
		}
		return b.Plan(i, []models.PlannedMeasure{{Text: "再加一条", Owner: "李慧", DueOn: i.DueOn}})
	}},
	{models.AskExtension, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.AskExtension(i, i.DueOn.Plus(w.chance.IntN(40)-2), "须公示")
	}},
	{models.WithdrawExtension, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.WithdrawExtension(i, asked(w.t, w.r, i))
	}},
	{models.GrantExtension, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.GrantExtension(i, asked(w.t, w.r, i), "同意", "")
	}},
	{models.RefuseExtension, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.RefuseExtension(i, asked(w.t, w.r, i), "理由不足")
	}},
	{models.SignItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Sign(i, agreed)
	}},
	{models.SignItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Sign(i, agreed)
	}},
	{models.UnsignItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		if w.chance.IntN(5) > 0 {
			return b.Submit(i)
		}
		return b.Unsign(i, "请补附件")
	}},
	{models.SubmitItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Submit(i)
	}},
	{models.WithdrawItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Withdraw(i, "材料有误")
	}},
	{models.ReturnItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Return(i, "evidence", "缺回单")
	}},
	{models.StageItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Stage(i, "已见成效", "")
	}},
	{models.CloseItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Close(i, "属实")
	}},
	{models.CloseItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Close(i, "属实")
	}},
	{models.ReopenItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Reopen(i, "问题反弹", w.day.Plus(20))
	}},
	{models.AskVoiding, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		if w.chance.IntN(5) > 0 {
			return b.SetStanding(i, "")
		}
		return b.AskVoiding(i, "重复登记")
	}},
	{models.RefuseVoiding, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.RefuseVoiding(i, voiding(w.t, w.r, i), "并非重复")
	}},
	{models.VoidItem, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.Void(i, voiding(w.t, w.r, i))
	}},
	{models.SetStanding, func(w *walk, b *models.Board, i models.Item, _ models.Measure) (models.Item, error) {
		return b.SetStanding(i, "")
	}},
}

// forward is what would bring an item on, and who would do it: without somebody who
// means to get done, chance alone hardly ever gets anything signed.
func (w *walk) forward(item models.Item, measures []models.Measure) (models.User, models.Act, models.Measure) {
	gaps, err := w.r.As(w.r.Office).Gate(item)
	if err != nil {
		w.t.Fatal(err)
	}
	any := measures[w.chance.IntN(len(measures))]
	supervisors := []models.User{w.r.Supervisor, w.people[8]}
	switch item.Status {
	case models.Submitted:
		return supervisors[w.chance.IntN(2)], []models.Act{models.CloseItem, models.CloseItem, models.CloseItem, models.StageItem, models.ReturnItem}[w.chance.IntN(5)], any
	case models.Closed:
		return supervisors[0], models.ReopenItem, any
	}
	for _, gap := range gaps {
		switch {
		case gap.Done:
		case gap.Role != "":
			return map[models.Role]models.User{models.Handler: w.r.Wu, models.Leader: w.r.Leng, models.Head: w.r.Hai}[gap.Role], models.SignItem, any
		case gap.Key == "gate.measures_done":
			for _, m := range measures {
				if !m.Done() {
					return w.r.Wu, models.CompleteMeasure, m
				}
			}
		case gap.Key == "gate.evidence":
			return w.r.Wu, models.AddEvidence, any
		}
	}
	return w.r.Hai, models.SubmitItem, any
}

// step is one person's one idea; sometimes about a page left open too long.
func (w *walk) step() {
	item := w.items[w.chance.IntN(len(w.items))]
	who := w.people[w.chance.IntN(len(w.people))]
	idea := deeds[w.chance.IntN(len(deeds))]
	k := w.known[item.ID]
	seen := w.r.Read(item)
	measures, err := w.r.As(w.r.Office).Measures(item)
	if err != nil {
		w.t.Fatal(err)
	}
	m := measures[w.chance.IntN(len(measures))]
	if w.chance.IntN(5) < 2 {
		var act models.Act
		who, act, m = w.forward(seen, measures)
		idea = deeds[slices.IndexFunc(deeds, func(d deed) bool { return d.act == act })]
	}
	version := seen.Version
	if w.chance.IntN(20) == 0 {
		seen.Version--
	}
	got, err := idea.do(w, w.r.As(who), seen, m)
	is := w.r.Read(item)
	if err != nil {
		var refused models.Refused
		var problems models.Problems
		if !errors.As(err, &refused) && !errors.As(err, &problems) && !errors.Is(err, models.ErrForbidden) && !errors.Is(err, models.ErrNotFound) && !errors.Is(err, models.ErrStale) {
			w.t.Fatalf("%s by %q: %v", idea.act, who.Name, err)
		}
		// An event too many would be found after the next act that is done.
		if is.Version != version || is.Status != k.status || is.DueOn != k.due {
			w.t.Fatalf("%s by %q was refused (%v) and changed the item", idea.act, who.Name, err)
		}
		return
	}
	if got.Version != is.Version || got.Status != is.Status {
		w.t.Fatalf("%s: told %s, is %s", idea.act, got.Status, is.Status)
	}
	trail, err := w.r.As(w.r.Office).Trail(item)
	if err != nil {
		w.t.Fatal(err)
	}
	k.events++
	event := trail[0]
	w.acts[event.Act]++
	if len(trail) != k.events || event.ActorID != who.ID || event.To != is.Status || event.From != k.status {
		w.t.Fatalf("%s by %q: %d events for %d acts, the last %+v", idea.act, who.Name, len(trail), k.events, event)
	}
	if problem := k.follow(event, who, is, w.day); problem != "" {
		w.t.Fatalf("%s by %q on %s (%s, due %s): %s", event.Act, who.Name, item.Number, k.status, k.due, problem)
	}
	w.hold(is, k)
}

// follow is the oracle's own idea of what this act makes of the item; it says what
// should not have been.
func (k *oracle) follow(e models.Event, who models.User, is models.Item, today models.Day) string {
	unit := who.Role.OfUnit() && who.Name != "shen"
	open := k.status == models.Registered || k.status == models.Underway
	hand := func() { k.doers[who.ID] = true }
	leave := func(from models.Status, to models.Status) string {
		if k.status != from {
			return "not from here"
		}
		k.status = to
		return ""
	}
	goOn := func() { // the clock stood still, and goes on
		k.due = k.due.Plus(k.stood.DaysUntil(today))
		if k.pending <= k.due && k.stood != today {
			k.pending = ""
		}
	}
	switch e.Act {
	case models.ReportProgress, models.CompleteMeasure, models.ReopenMeasure, models.AddEvidence, models.AddMeasures, models.AcknowledgeItem, models.SignItem, models.UnsignItem:
		if !unit || !open {
			return "only the unit's, and only while it is in hand"
		}
		switch e.Act {
		case models.CompleteMeasure:
			k.done++
		case models.ReopenMeasure:
			k.done--
		case models.AddMeasures:
			k.measures++
		}
		if e.Act != models.AcknowledgeItem && e.Act != models.UnsignItem && e.Act != models.AddMeasures && e.Act != models.ReopenMeasure {
			hand()
		}
	case models.AskExtension:
		if !unit || !open || k.pending != "" || k.due < today || k.granted >= 3 {
			return "not now"
		}
		k.pending = is.AskedUntil
		if k.pending <= k.due {
			return "to an earlier date"
		}
	case models.WithdrawExtension, models.RefuseExtension:
		if k.pending == "" {
			return "nothing was asked"
		}
		k.pending = ""
	case models.GrantExtension:
		if who.Role != models.Supervisor || k.pending == "" {
			return "nothing was asked, or not theirs to grant"
		}
		k.due, k.pending, k.stood = k.pending, "", today
		k.granted++
	case models.SubmitItem:
		if !unit || k.done != k.measures || k.measures == 0 {
			return "the gate was open"
		}
		hand()
		k.stood = today
		return leave(models.Underway, models.Submitted)
	case models.WithdrawItem:
		if !unit || who.Role == models.Handler {
			return "not theirs"
		}
		goOn()
		return leave(models.Submitted, models.Underway)
	case models.VerifyItem:
		if who.Role != models.Supervisor || k.doers[who.ID] || k.status != models.Submitted {
			return "not theirs"
		}
	case models.ReturnItem, models.StageItem:
		if who.Role != models.Supervisor || k.doers[who.ID] {
			return "not theirs"
		}
		if e.Act == models.StageItem {
			k.due, k.pending = is.ReviewOn, ""
		} else {
			goOn()
		}
		return leave(models.Submitted, models.Underway)
	case models.CloseItem:
		if who.Role != models.Supervisor || k.doers[who.ID] {
			return "struck off by who did the work"
		}
		k.verifier, k.pending = who.ID, ""
		return leave(models.Submitted, models.Closed)
	case models.ReopenItem:
		if who.Role != models.Supervisor {
			return "not theirs"
		}
		k.due, k.verifier = today.Plus(20), 0
		return leave(models.Closed, models.Underway)
	case models.AskVoiding:
		if k.voiding != 0 || k.status == models.Closed {
			return "asked twice"
		}
		k.voiding = who.ID
	case models.RefuseVoiding:
		k.voiding = 0
	case models.VoidItem:
		if k.voiding == 0 || k.voiding == who.ID {
			return "one person voided it"
		}
		k.status, k.pending = models.Voided, ""
	case models.SetStanding:
	default:
		return "an act nobody thought of"
	}
	return ""
}

// hold is what must be so after every act.
func (w *walk) hold(is models.Item, k *oracle) {
	w.t.Helper()
	b := w.r.As(w.r.Office)
	changes, err := b.ExtensionsOf(is)
	if err != nil {
		w.t.Fatal(err)
	}
	verdicts, err := b.VerificationsOf(is)
	if err != nil {
		w.t.Fatal(err)
	}
	card := is.Card()
	wrong := ""
	switch {
	case is.Status != k.status:
		wrong = fmt.Sprintf("is %s, should be %s", is.Status, k.status)
	case is.FirstDueOn != k.first || is.DueOn != k.due || models.DerivedDue(is.FirstDueOn, changes) != k.due:
		wrong = fmt.Sprintf("due %s, derived %s, should be %s", is.DueOn, models.DerivedDue(is.FirstDueOn, changes), k.due)
	case is.AskedUntil != k.pending || is.Extended != k.granted:
		wrong = fmt.Sprintf("asked %q, granted %d, should be %q, %d", is.AskedUntil, is.Extended, k.pending, k.granted)
	case is.Measures != k.measures || is.MeasuresDone != k.done:
		wrong = fmt.Sprintf("measures %d/%d, should be %d/%d", is.MeasuresDone, is.Measures, k.done, k.measures)
	case is.Status == models.Submitted && card.Overdue(w.day):
		wrong = "overdue while it is under review"
	case (is.Status == models.Closed) != (is.ClosedOn != "") || (is.Status == models.Submitted) != (is.SubmittedOn != "" && is.ClosedOn == ""):
		wrong = fmt.Sprintf("%s, submitted on %q, closed on %q", is.Status, is.SubmittedOn, is.ClosedOn)
	case is.Status == models.Closed && (k.verifier == 0 || len(verdicts) < 2 || verdicts[0].ByID != k.verifier || k.doers[verdicts[1].ByID]):
		wrong = fmt.Sprintf("closed without the verdicts of two others: %+v", verdicts)
	}
	if wrong != "" {
		w.t.Errorf("%s: %s", is.Number, wrong)
	}
}

// Each act of the road has somebody who may do it, and whoever may do something may do
// it from somewhere; an act that has no line is refused to all.
func TestAnActWithoutALineIsRefusedToAll(t *testing.T) {
	for _, l := range models.Road() {
		if len(l.From) == 0 || len(l.Roles) == 0 {
			t.Errorf("%s leads from %v, by %v", l.Act, l.From, l.Roles)
		}
	}
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		for _, u := range []models.User{r.Office, r.Supervisor, r.Principal, r.Admin, r.Wu, r.Leng, r.Hai, r.Shen, {}, models.TheClerk} {
			if b := r.As(u); b.May("made_up", item) || !errors.Is(b.WhyNot("made_up", item), models.ErrForbidden) {
				t.Errorf("%q may do what nobody wrote down", u.Name)
			}
		}
	})
}

// The statement that writes an item asks once more whether it is as it was seen: what
// changed under an act is left as it became, and nothing of the act is written.
func TestAnItemThatChangedUnderAnActIsStale(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		item := r.Registered("2026-03-20")
		for _, changed := range []string{"version = version + 1", "status = 'closed'"} {
			_, err := r.As(r.Wu).Meanwhile(models.AcknowledgeItem, item, func(tx *gorm.DB) error {
				return tx.Exec("UPDATE items SET "+changed+" WHERE id = ?", item.ID).Error
			})
			if !errors.Is(err, models.ErrStale) {
				t.Errorf("%s: %v", changed, err)
			}
			if now := r.Read(item); now.Version != item.Version || now.Status != item.Status || now.AcknowledgedOn != "" {
				t.Errorf("%s: it is %+v", changed, now)
			}
		}
		events, err := r.As(r.Wu).Trail(item)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Act == models.AcknowledgeItem && e.Result != "stale" {
				t.Errorf("it stands in the trail as done: %+v", e)
			}
		}
	})
}
