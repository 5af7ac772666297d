package models

import (
	"cmp"
	"duban/models/deadline"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// longestTitle is how many characters of a problem stand on a card or in a row.
const longestTitle = 40

// Item is one problem to be put right. Its due date, status and counts are kept
// by act alone; the words of the problem are the inspectors' and never edited by
// the unit.
type Item struct {
	ID             int64
	Number         string // FK-2024-003: how people name it on the telephone
	Tier           Tier
	RoundID        int64
	UnitID         int64
	LedgerNo       string // the unit's own number in its sheet, as typed
	Source         string
	Category       string
	Title          string
	Problem        string
	Standard       string
	Leader         string // as the ledger names him: a person or a post
	LeaderID       *int64
	Department     string
	Handler        string
	HandlerID      *int64
	DueOn          Day // "" when no date is known
	FirstDueOn     Day
	FlaggedDue     Day // the due date the flag job has already spoken of
	Standing       bool
	ReviewOn       Day
	FlaggedReview  Day // the review day the recheck job has already spoken of
	Status         Status
	StatusWord     string // what the ledger said of it: 正在整改, 已完成
	RegisteredOn   Day
	ProgressOn     Day
	SubmittedOn    Day
	SubmittedBy    int64
	ClosedOn       Day
	StatedOn       Day // 台账载明已完成: taken in as done on that day, and not checked yet
	ReturnedReason string
	AcknowledgedOn Day // the unit has signed for it
	Extended       int // how often its date was moved by an extension
	AskedUntil     Day // the date of a request that waits for its answer
	Signed         int // signatures that stand under what is to be handed in
	Measures       int
	MeasuresDone   int
	ImportID       *int64
	Demo           bool
	Version        int
	Head           string // the leaf of its newest event, "" before its second
}

// Card is an item as lists show it: without its long texts.
type Card struct {
	ID           int64
	Number       string
	Tier         Tier
	UnitID       int64
	Category     string
	Title        string
	Leader       string
	LeaderID     *int64
	Department   string
	Handler      string
	HandlerID    *int64
	DueOn        Day
	FirstDueOn   Day
	Standing     bool
	ReviewOn     Day
	Status       Status
	StatusWord   string
	RegisteredOn Day
	ProgressOn   Day
	SubmittedOn  Day
	ClosedOn     Day
	StatedOn     Day
	Extended     int
	AskedUntil   Day
	Measures     int
	MeasuresDone int
	Version      int
}

// TableName says that a card is a row of items.
func (Card) TableName() string { return "items" }

// cardColumns are the columns of a card, for statements of several parts.
var cardColumns = func() []string {
	s, err := schema.Parse(&Card{}, &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		panic(err) // the type above cannot be read
	}
	columns := make([]string, len(s.DBNames))
	for n, name := range s.DBNames {
		columns[n] = "items." + name
	}
	return columns
}()

// Card is the item as lists show it.
func (i Item) Card() Card {
	return Card{
		ID: i.ID, Number: i.Number, Tier: i.Tier, UnitID: i.UnitID, Category: i.Category, Title: i.Title,
		Leader: i.Leader, LeaderID: i.LeaderID, Department: i.Department, Handler: i.Handler, HandlerID: i.HandlerID, DueOn: i.DueOn, FirstDueOn: i.FirstDueOn,
		Standing: i.Standing, ReviewOn: i.ReviewOn, Status: i.Status, StatusWord: i.StatusWord,
		RegisteredOn: i.RegisteredOn, ProgressOn: i.ProgressOn, SubmittedOn: i.SubmittedOn, ClosedOn: i.ClosedOn, StatedOn: i.StatedOn,
		Extended: i.Extended, AskedUntil: i.AskedUntil,
		Measures: i.Measures, MeasuresDone: i.MeasuresDone, Version: i.Version,
	}
}

// ShortNumber is the number as cards show it: FK-2024-003 is FK-003.
func (c Card) ShortNumber() string {
	if parts := strings.Split(c.Number, "-"); len(parts) == 3 {
		return parts[0] + "-" + parts[2]
	}
	return c.Number
}

// titleOf is the short name of a problem: its first clause, cut if need be. Of a long
// problem only the beginning is looked at.
func titleOf(problem string) string {
	title := make([]rune, 0, longestTitle+1)
	blank := false
	for _, r := range problem {
		if unicode.IsSpace(r) {
			blank = len(title) > 0
			continue
		}
		if blank {
			title = append(title, ' ')
		}
		if title, blank = append(title, r), false; len(title) > longestTitle {
			break
		}
	}
	if len(title) <= longestTitle {
		return strings.TrimRight(string(title), "。.；;")
	}
	if end := slices.IndexFunc(title, func(r rune) bool { return r == '。' || r == '；' || r == ';' }); end > 0 {
		return string(title[:end])
	}
	return string(title[:longestTitle-1]) + "…"
}

// NewItem is what registering an item asks for. Measures carry their own dates;
// the item's date is its own or, failing that, its last measure's.
type NewItem struct {
	Tier       Tier
	RoundID    int64
	UnitID     int64
	LedgerNo   string
	Source     string
	Category   string
	Title      string
	Problem    string
	Standard   string
	Leader     string
	Department string
	Handler    string
	DueOn      Day
	Standing   bool
	ReviewOn   Day
	StatusWord string
	Measures   []Measure
	Progress   string
	ImportID   *int64
	Demo       bool
	File       string // it was taken in from
	Proposed   bool   // its date is the unit's proposal, until somebody grants it
	Stated     bool   // its ledger says that it is done
}

// lastDay is the day of the last measure, "" where one has none yet: an earlier
// measure's day must not make the item late on its own.
func (n *NewItem) lastDay() (last Day) {
	for _, m := range n.Measures {
		if m.DueOn == "" && !m.Standing {
			return ""
		}
		last = max(last, m.DueOn)
	}
	return last
}

// settle works out what follows from the measures: the date, whether the item
// stands, its next review, its leader and handler.
func (n *NewItem) settle(today Day, rules Rules) {
	if n.Title == "" {
		n.Title = titleOf(n.Problem)
	}
	n.settleWho()
	for _, m := range n.Measures {
		n.Standing = n.Standing || m.Standing
	}
	n.DueOn = cmp.Or(n.DueOn, n.lastDay())
	if n.Standing && n.ReviewOn == "" {
		n.ReviewOn = max(today, n.DueOn).PlusMonths(rules.ReviewMonths)
	}
}

// settleWho works out who answers for the item where its measures alone say so.
func (n *NewItem) settleWho() {
	for _, m := range n.Measures {
		n.Leader, n.Department = cmp.Or(n.Leader, m.Leader), cmp.Or(n.Department, m.Department)
		if n.Handler == "" && len(m.Owners) > 0 {
			n.Handler = m.Owners[0]
		}
	}
}

// Register enters new items into the ledger, all or none, and numbers them in
// the order given. It returns them as registered.
func (b *Board) Register(items ...NewItem) ([]Item, error) {
	var registered []Item
	err := b.db.Transaction(func(tx *gorm.DB) (err error) {
		registered, err = b.in(tx).register(items)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	return registered, nil
}

// batch is how many rows one INSERT carries: SQLite and PostgreSQL both bound
// the parameters of a statement.
const batch = 200

// register is Register inside a transaction: items, measures, search words and
// trail, in batches, so that a ledger of thousands is a few hundred statements.
func (b *Board) register(news []NewItem) ([]Item, error) {
	if len(news) == 0 {
		return nil, nil
	}
	today := b.Today()
	items := make([]Item, len(news))
	for n := range news {
		nw := &news[n]
		nw.settle(today, b.rules)
		if err := nw.problems(b); err != nil {
			return nil, err
		}
		items[n] = Item{
			Tier: nw.Tier, RoundID: nw.RoundID, UnitID: nw.UnitID, LedgerNo: nw.LedgerNo, Source: nw.Source,
			Category: nw.Category, Title: nw.Title, Problem: nw.Problem, Standard: nw.Standard, Leader: nw.Leader,
			Department: nw.Department, Handler: nw.Handler, DueOn: nw.DueOn, FirstDueOn: nw.DueOn,
			Standing: nw.Standing, ReviewOn: nw.ReviewOn, Status: Registered, StatusWord: nw.StatusWord,
			RegisteredOn: today, ImportID: nw.ImportID, Demo: nw.Demo, Version: 1, Measures: len(nw.Measures),
		}
		if len(nw.Measures) > 0 {
			items[n].Status = Underway
		}
		if nw.Stated {
			items[n].Status, items[n].StatedOn = Underway, today
		}
		if nw.Progress != "" {
			items[n].ProgressOn = today
		}
		if nw.Proposed {
			items[n].AskedUntil, items[n].DueOn, items[n].FirstDueOn = nw.DueOn, "", ""
		}
	}
	if err := b.number(items); err != nil {
		return nil, err
	}
	if err := b.name(items); err != nil {
		return nil, err
	}
	drafts := make(chan []itemDraft, 1)
	go func(items []Item) { drafts <- draftItems(items) }(slices.Clone(items))
	if err := b.createAll(&items); err != nil {
		return nil, err
	}
	drafted := <-drafts
	b, deed := b.doing()
	var measures []Measure
	var events []*Event
	var progress []Progress
	var saidIn []*Event // by progress, the event it is read under
	var proposed []Extension
	var stated []Submission
	for n, item := range items {
		for m, measure := range news[n].Measures {
			measure.ItemID, measure.Seq = item.ID, m+1
			if measure.Owners == nil {
				measure.Owners = []string{} // a nil list would be written as NULL
			}
			measures = append(measures, measure)
		}
		if news[n].Progress != "" {
			progress = append(progress, Progress{ItemID: item.ID, Text: news[n].Progress, ByID: b.me.ID, At: b.now})
		}
		particulars := Particulars{"due": string(item.DueOn)}
		if item.StatedOn != "" {
			stated = append(stated, Submission{ItemID: item.ID, ByID: b.me.ID, At: b.now, DueOn: item.DueOn})
			particulars["stated"] = item.StatusWord
		}
		if item.AskedUntil != "" {
			proposed = append(proposed, b.proposal(item.ID, item.AskedUntil, ""))
			particulars["proposed"] = string(item.AskedUntil)
		}
		news[n].from(item, particulars)
		event := b.event(RegisterItem, particulars)
		event.ItemID, event.To = &items[n].ID, item.Status
		event.about = eventAbout{object: item.Number, changed: drafted[n].changed}
		events = append(events, &event)
		if news[n].Progress != "" {
			saidIn = append(saidIn, &event)
		}
	}
	for _, rows := range []any{&measures, &progress, &proposed, &stated} {
		if err := b.createAll(rows); err != nil {
			return nil, err
		}
	}
	for n, note := range progress {
		saidIn[n].Particulars["progress"] = itoa(int(note.ID))
	}
	if err := b.wordNew(items, deed.words); err != nil {
		return nil, err
	}
	rows := deed.byItem()
	for n, item := range items {
		events[n].about.rows = rows[item.ID]
	}
	return items, b.inscribe(events...)
}

// from says where an item comes from, in the particulars of its registration.
func (n NewItem) from(item Item, said Particulars) {
	if item.LedgerNo != "" {
		said["ledger_no"] = item.LedgerNo
	}
	if n.File != "" {
		said["import"], said["file"] = itoa(int(*item.ImportID)), n.File
	}
	if item.StatusWord != "" {
		said["status_word"] = item.StatusWord
	}
}

// itemDraft is what is said of a new item elsewhere, which its key has no part in: it is
// worked out while the items are written.
type itemDraft struct {
	changed map[string][2]string
}

func draftItems(items []Item) []itemDraft {
	drafts := make([]itemDraft, len(items))
	for n, item := range items {
		drafts[n] = itemDraft{itemChanges(Item{}, item, nil)}
	}
	return drafts
}

// problems is what forbids registering this: the rights and the form.
func (n NewItem) problems(b *Board) error {
	if !mayRegister(b.me, n.UnitID) {
		return ErrForbidden
	}
	var p Problems
	if strings.TrimSpace(n.Problem) == "" {
		p.Add("problem", "required")
	}
	if !slices.Contains(deadline.Tiers(), n.Tier) {
		p.Add("tier", "required")
	}
	dayProblem(&p, "due_on", n.DueOn)
	return p.Err()
}

// number gives each new item the next number of its tier and its round's year:
// FK-2024-003. The counter's row is locked by its update, so two imports at once
// never share a number.
func (b *Board) number(items []Item) error {
	years := map[int64]int{}
	type series struct {
		tier Tier
		year int
	}
	wanted := map[series][]int{}
	var order []series
	for n, item := range items {
		if _, ok := years[item.RoundID]; !ok {
			var r Round
			if err := orNotFound(b.db.Take(&r, item.RoundID).Error); err != nil {
				return fmt.Errorf("round %d: %w", item.RoundID, err)
			}
			years[item.RoundID] = r.Year
		}
		s := series{item.Tier, years[item.RoundID]}
		if wanted[s] == nil {
			order = append(order, s)
		}
		wanted[s] = append(wanted[s], n)
	}
	for _, s := range order {
		name := fmt.Sprintf("%s-%d", s.tier.Prefix(), s.year)
		last, err := b.count(name, len(wanted[s]))
		if err != nil {
			return err
		}
		for k, n := range wanted[s] {
			items[n].Number = fmt.Sprintf("%s-%03d", name, last-int64(len(wanted[s]))+int64(k)+1)
		}
	}
	return nil
}

// count raises a counter and returns its new value.
func (b *Board) count(name string, by int) (int64, error) {
	if err := b.db.Exec("INSERT INTO counters (name, value) VALUES (?, 0) ON CONFLICT (name) DO NOTHING", name).Error; err != nil {
		return 0, err
	}
	if err := b.db.Exec("UPDATE counters SET value = value + ? WHERE name = ?", by, name).Error; err != nil {
		return 0, err
	}
	var value int64
	err := b.db.Raw("SELECT value FROM counters WHERE name = ?", name).Scan(&value).Error
	return value, err
}

// name finds the accounts of those whom the ledger names as leader and handler.
func (b *Board) name(items []Item) error {
	people := map[int64][]User{}
	for n := range items {
		item := &items[n]
		if _, ok := people[item.UnitID]; !ok {
			var users []User
			if err := b.db.Where("unit_id = ? AND disabled = ?", item.UnitID, false).Find(&users).Error; err != nil {
				return err
			}
			people[item.UnitID] = users
		}
		item.LeaderID = accountOf(people[item.UnitID], item.Leader)
		item.HandlerID = accountOf(people[item.UnitID], item.Handler)
	}
	return nil
}

// accountOf is the one account whose name or post is this text; nil when there
// is none or more than one.
func accountOf(people []User, text string) *int64 {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	var found *int64
	for n := range people {
		if people[n].FullName == text || people[n].Post == text {
			if found != nil {
				return nil
			}
			found = &people[n].ID
		}
	}
	return found
}

// Item is one item by its number, if this person may see it; whatever else is
// ErrNotFound, the same for foreign and missing.
func (b *Board) Item(number string) (Item, error) {
	var item Item
	return item, orNotFound(b.kept().Where("items.number = ?", number).Take(&item).Error)
}
