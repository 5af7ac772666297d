package models

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// longestLetter is how many characters the text of a letter may have, and
	// longestAnswer that of its answer.
	longestLetter = 4000
	longestAnswer = 2000
	// longestLine is how many a line of it may have: its title, who gets a copy.
	longestLine = 120
	// letterItems is how many items one letter may be about.
	letterItems = 50
	// signTries is how often a signing begins anew when somebody works on one of
	// the items in the meantime.
	signTries = 5
)

// Letter is a letter of the ladder about items of one unit. While it is a draft it
// is the supervisors' own; signed by a person it has its number, and is the unit's
// as well. What was done with it is kept with who and when, and nothing is taken out
// of it again: a letter that was withdrawn stays, with the reason.
type Letter struct {
	ID             int64
	Kind           LetterKind
	UnitID         int64
	Status         LetterStatus
	Year           int
	Seq            int64
	Number         string // 督字〔2024〕9号, from the signature on
	Title          string
	Body           string
	Copies         string // 抄送
	DemandOn       Day    // by when the letter wants it done, "" when it names no day
	DraftedBy      int64
	DraftedAt      time.Time
	SignedBy       int64
	SignedAt       *time.Time
	SignedOn       Day
	AnswerBy       Day // "" when it asks for no answer
	AcknowledgedBy int64
	AcknowledgedAt *time.Time
	Answer         string
	AnswerDoc      string // the number of the document that proves it
	AnsweredBy     int64
	AnsweredAt     *time.Time
	Verdict        string
	JudgedBy       int64
	JudgedAt       *time.Time
	WithdrawnWhy   string
	WithdrawnBy    int64
	WithdrawnAt    *time.Time
	Version        int
}

// LetterItem is an item of a letter, as it stood when the letter was signed.
type LetterItem struct {
	LetterID int64 `gorm:"primaryKey;autoIncrement:false"`
	ItemID   int64 `gorm:"primaryKey;autoIncrement:false"`
	Place    int
	Number   string
	Title    string
	Leader   string
	DueOn    Day
	Days     int // overdue
}

// State is what the ladder needs to know of it.
func (l Letter) State() LetterState {
	return LetterState{ID: l.ID, Number: l.Number, Kind: l.Kind, Status: l.Status, SignedOn: l.SignedOn, AnswerBy: l.AnswerBy}
}

// AnswerLate says whether the unit owes an answer since before today.
func (l Letter) AnswerLate(today Day) bool { return l.State().AnswerLate(today) }

// People are all who did something with it.
func (l Letter) People() []int64 {
	return []int64{l.DraftedBy, l.SignedBy, l.AcknowledgedBy, l.AnsweredBy, l.JudgedBy, l.WithdrawnBy}
}

// The acts on a letter. Of those from the signature on each item it is about has a
// line in its trail.
const (
	DraftLetter       Act = "draft_letter"
	ReviseLetter      Act = "revise_letter"
	DropLetter        Act = "drop_letter" // a draft, before anybody got it
	SignLetter        Act = "sign_letter"
	AcknowledgeLetter Act = "acknowledge_letter"
	AnswerLetter      Act = "answer_letter"
	AcceptAnswer      Act = "accept_answer"
	RejectAnswer      Act = "reject_answer"
	WithdrawLetter    Act = "withdraw_letter"
	OfferLetter       Act = "offer_letter" // the clock names the next step of the ladder
)

// letterStep is one line of a letter's road. A silent act is the supervisors' own
// and leaves no line with the items.
type letterStep struct {
	from   []LetterStatus
	to     LetterStatus
	silent bool
}

// letterRoad is the whole life of a letter.
var letterRoad = map[Act]letterStep{
	ReviseLetter:      {[]LetterStatus{LetterDraft}, LetterDraft, true},
	DropLetter:        {[]LetterStatus{LetterDraft}, LetterWithdrawn, true},
	SignLetter:        {[]LetterStatus{LetterDraft}, LetterSigned, false},
	AcknowledgeLetter: {[]LetterStatus{LetterSigned}, LetterAcknowledged, false},
	AnswerLetter:      {[]LetterStatus{LetterAcknowledged}, LetterAnswered, false},
	AcceptAnswer:      {[]LetterStatus{LetterAnswered}, LetterAccepted, false},
	RejectAnswer:      {[]LetterStatus{LetterAnswered}, LetterRejected, false},
	WithdrawLetter:    {[]LetterStatus{LetterSigned, LetterAcknowledged, LetterAnswered}, LetterWithdrawn, false},
}

// letterWrites are the columns an act may change. What it is about, whose it is and
// who drafted it are not among them.
var letterWrites = []string{
	"kind", "status", "year", "seq", "number", "title", "body", "copies", "demand_on",
	"signed_by", "signed_at", "signed_on", "answer_by", "acknowledged_by", "acknowledged_at",
	"answer", "answer_doc", "answered_by", "answered_at", "verdict", "judged_by", "judged_at",
	"withdrawn_why", "withdrawn_by", "withdrawn_at", "version",
}

// MayLetter says whether this person may do this to this letter now.
func (b *Board) MayLetter(a Act, l Letter) bool { return b.checkLetter(a, l) == nil }

func (b *Board) checkLetter(a Act, l Letter) error {
	right, named := letterRights[a]
	switch {
	case !named || !right(b.me, l):
		return ErrForbidden
	case !slices.Contains(letterRoad[a].from, l.Status):
		return Refused{Key: "refused." + string(a), Args: []any{string(l.Status)}}
	}
	return nil
}

// actLetter is the one door for changing a letter, as act is for an item: sight,
// freshness, right, status, version, a line in the trail of each item, and one
// notice a person; all of that or nothing.
func (b *Board) actLetter(a Act, seen Letter, do func(b *Board, l *Letter) (Particulars, error)) (Letter, error) {
	var letter Letter
	err := b.db.Transaction(func(tx *gorm.DB) error {
		b, deed := b.in(tx).doing()
		tx = b.db
		if err := orNotFound(b.letters().Where("letters.id = ?", seen.ID).Take(&letter).Error); err != nil {
			return err
		}
		if letter.Version != seen.Version {
			return ErrStale
		}
		if err := b.checkLetter(a, letter); err != nil {
			return err
		}
		was := letter
		particulars, err := do(b, &letter)
		if err != nil {
			return err
		}
		letter.Status = letterRoad[a].to
		letter.Version++
		saved := tx.Model(&Letter{}).Where("id = ? AND version = ? AND status = ?", was.ID, was.Version, was.Status).Select(letterWrites).Updates(&letter)
		if saved.Error != nil {
			return saved.Error
		}
		if saved.RowsAffected == 0 {
			return ErrStale
		}
		return b.record(a, letter, particulars, deed)
	}, shortTurn)
	if err != nil {
		return Letter{}, fmt.Errorf("%s letter %d: %w", a, seen.ID, err)
	}
	return letter, nil
}

// record writes an act on a letter into the trail: of each of its items, with one
// notice for each person concerned; and of the letter itself, with what was written.
func (b *Board) record(a Act, l Letter, particulars Particulars, d *deedRows) error {
	all := Particulars{"letter": strconv.FormatInt(l.ID, 10), "kind": string(l.Kind)}
	for key, value := range particulars {
		all[key] = value
	}
	if a == DraftLetter || letterRoad[a].silent {
		return b.inscribeDeed(a, d, all)
	}
	all["number"] = l.Number
	items, err := b.itemsOf(l)
	if err != nil {
		return err
	}
	told := map[int64]bool{b.me.ID: true} // nobody is told of what they did
	for _, item := range items {
		item, err := b.step(a, item, func(*gorm.DB, *Item) (Particulars, error) { return all, nil })
		if err != nil {
			return fmt.Errorf("item %s: %w", item.Number, err)
		}
		var event Event
		if err := b.db.Where("item_id = ? AND act = ?", item.ID, a).Order("id DESC").Limit(1).Take(&event).Error; err != nil {
			return err
		}
		people, err := letterAudience[a](b, event, item)
		if err != nil {
			return err
		}
		people = slices.DeleteFunc(people, func(id int64) bool { return told[id] })
		for _, id := range people {
			told[id] = true
		}
		notices, err := b.noticesOf(event, item, people)
		if err != nil {
			return err
		}
		if err := b.createAll(&notices); err != nil {
			return err
		}
	}
	return b.inscribeDeed(a, d, all)
}

// letterAudience is who is told of which act on a letter; once for the letter,
// however many items it is about.
var letterAudience = map[Act]func(b *Board, event Event, item Item) ([]int64, error){
	SignLetter:        (*Board).unitPeople,
	AcknowledgeLetter: (*Board).supervisorsOf,
	AnswerLetter:      (*Board).supervisorsOf,
	AcceptAnswer:      (*Board).unitPeople,
	RejectAnswer:      (*Board).unitPeople,
	WithdrawLetter:    (*Board).unitPeople,
}

// LetterAsk is what a letter says.
type LetterAsk struct {
	Kind     LetterKind
	Title    string
	Body     string
	Copies   string
	DemandOn Day
}

func (a *LetterAsk) tidy() {
	a.Title, a.Copies = strings.TrimSpace(a.Title), strings.TrimSpace(a.Copies)
	a.Body = strings.TrimSpace(strings.ReplaceAll(a.Body, "\r\n", "\n"))
}

func (a LetterAsk) problems(today Day) error {
	var p Problems
	if !a.Kind.Valid() {
		p.Add("kind", "required")
	}
	textProblem(&p, "title", a.Title, longestLine)
	textProblem(&p, "body", a.Body, longestLetter)
	if a.Copies != "" {
		textProblem(&p, "copies", a.Copies, longestLine)
	}
	dayProblem(&p, "demand_on", a.DemandOn)
	if a.DemandOn != "" && a.DemandOn.Valid() && a.DemandOn < today {
		p.Add("demand_on", "letter.demand_past")
	}
	return p.Err()
}

func (a LetterAsk) into(l *Letter) {
	l.Kind, l.Title, l.Body, l.Copies, l.DemandOn = a.Kind, a.Title, a.Body, a.Copies, a.DemandOn
}

// DraftLetter begins a letter about these items, which are of one unit and still to
// be put right. It is seen by those who may sign, and by nobody else.
func (b *Board) DraftLetter(items []Item, ask LetterAsk) (Letter, error) {
	var letter Letter
	err := b.db.Transaction(func(tx *gorm.DB) (err error) {
		letter, err = b.in(tx).draft(items, ask)
		return err
	})
	if err != nil {
		return Letter{}, fmt.Errorf("draft letter: %w", err)
	}
	return letter, nil
}

// LetterDraftAsk is a letter to be drafted: what it says, and the items it is about.
type LetterDraftAsk struct {
	LetterAsk
	Items []Item
}

// DraftLetters begins several letters, all of them or none. One that stands as a draft
// already, of the same kind and about the same items, is not begun again: whoever
// presses twice, or begins where a colleague has begun, gets that one.
func (b *Board) DraftLetters(asked []LetterDraftAsk) ([]Letter, error) {
	var letters []Letter
	err := b.db.Transaction(func(tx *gorm.DB) error {
		b := b.in(tx)
		letters = nil
		var ids []int64
		for _, ask := range asked {
			for _, item := range ask.Items {
				ids = append(ids, item.ID)
			}
		}
		// Held until the end, so that of two presses at once the second sees what the
		// first has begun; in one order, so that neither waits for the other.
		var held []int64
		if err := b.items().Clauses(clause.Locking{Strength: "UPDATE"}).Where("items.id IN ?", ids).Order("items.id").Pluck("items.id", &held).Error; err != nil {
			return err
		}
		for _, ask := range asked {
			letter, begun, err := b.begun(ask)
			if err == nil && !begun {
				letter, err = b.draft(ask.Items, ask.LetterAsk)
			}
			if err != nil {
				return err
			}
			letters = append(letters, letter)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("draft letters: %w", err)
	}
	return letters, nil
}

// begun is the draft of that kind about the very same items, if there is one.
func (b *Board) begun(ask LetterDraftAsk) (Letter, bool, error) {
	var drafts []Letter
	err := b.letters().Where("letters.status = ? AND letters.kind = ?", LetterDraft, ask.Kind).
		Where("letters.id IN (?)", b.db.Model(&LetterItem{}).Select("letter_id").Where("item_id IN ?", idsOf(ask.Items))).
		Order("letters.id").Find(&drafts).Error
	if err != nil || len(drafts) == 0 {
		return Letter{}, false, err
	}
	want := distinct(idsOf(ask.Items))
	slices.Sort(want)
	for _, draft := range drafts {
		var about []int64
		if err := b.db.Model(&LetterItem{}).Where("letter_id = ?", draft.ID).Order("item_id").Pluck("item_id", &about).Error; err != nil {
			return Letter{}, false, err
		}
		if slices.Equal(about, want) {
			return draft, true, nil
		}
	}
	return Letter{}, false, nil
}

func idsOf(items []Item) []int64 {
	ids := make([]int64, len(items))
	for n, item := range items {
		ids[n] = item.ID
	}
	return ids
}

// draft writes a draft, inside a transaction.
func (b *Board) draft(items []Item, ask LetterAsk) (Letter, error) {
	ask.tidy()
	letter := Letter{Status: LetterDraft, DraftedBy: b.me.ID, DraftedAt: b.now, Version: 1}
	ask.into(&letter)
	if !officeOrSupervisor(b.me, Item{}) {
		return Letter{}, ErrForbidden
	}
	if err := ask.problems(b.Today()); err != nil {
		return Letter{}, err
	}
	rows, err := b.letterRows(items)
	if err != nil {
		return Letter{}, err
	}
	letter.UnitID = rows.unit
	b, deed := b.doing()
	if err := b.db.Create(&letter).Error; err != nil {
		return Letter{}, err
	}
	for n := range rows.items {
		rows.items[n].LetterID = letter.ID
	}
	if err := b.createAll(&rows.items); err != nil {
		return Letter{}, err
	}
	return letter, b.record(DraftLetter, letter, Particulars{"items": itoa(len(rows.items))}, deed)
}

// letterRows are the items of one letter and the unit whose they all are.
type letterRows struct {
	unit  int64
	items []LetterItem
}

// letterRows are the rows of a letter about these items, or why it cannot be about them.
func (b *Board) letterRows(items []Item) (rows letterRows, err error) {
	if len(items) == 0 || len(items) > letterItems {
		return rows, Refused{Key: "letter.items", Args: []any{letterItems}}
	}
	for n, seen := range items {
		var item Item
		if err := orNotFound(b.items().Where("items.id = ?", seen.ID).Take(&item).Error); err != nil {
			return rows, err
		}
		if rows.unit == 0 {
			rows.unit = item.UnitID
		}
		if item.UnitID != rows.unit {
			return rows, Refused{Key: "letter.one_unit"}
		}
		if !item.Status.allows(SignLetter) {
			return rows, Refused{Key: "letter.item_closed", Args: []any{item.Number}}
		}
		if !slices.ContainsFunc(rows.items, func(r LetterItem) bool { return r.ItemID == item.ID }) {
			rows.items = append(rows.items, letterItem(item, n+1, b.Today()))
		}
	}
	return rows, nil
}

func letterItem(item Item, place int, today Day) LetterItem {
	return LetterItem{ItemID: item.ID, Place: place, Number: item.Number, Title: item.Title, Leader: item.Leader, DueOn: item.DueOn, Days: item.Card().DaysOver(today)}
}

// ReviseLetter changes what a draft says.
func (b *Board) ReviseLetter(l Letter, ask LetterAsk) (Letter, error) {
	ask.tidy()
	return b.actLetter(ReviseLetter, l, func(b *Board, l *Letter) (Particulars, error) {
		if err := ask.problems(b.Today()); err != nil {
			return nil, err
		}
		ask.into(l)
		return nil, nil
	})
}

// SignLetter puts this person's name under a draft. It has its number from now on,
// the next of the year by the place's pattern, and its term for the answer runs; its
// items are kept as they stand today. Refused while another letter about one of them
// still waits for its answer in time.
func (b *Board) SignLetter(l Letter) (Letter, error) {
	var signed Letter
	var err error
	for range signTries {
		signed, err = b.signLetter(l)
		if !errors.Is(err, ErrStale) {
			break
		}
		// Stale may be the letter, which ends it, or an item of it.
		if fresh, again := b.Letter(l.ID); again != nil || fresh.Version != l.Version {
			break
		}
	}
	return signed, err
}

func (b *Board) signLetter(l Letter) (Letter, error) {
	return b.actLetter(SignLetter, l, func(b *Board, l *Letter) (Particulars, error) {
		year := b.Now().Year()
		seq, err := b.count("letter-"+itoa(year), 1) // whose row is held from here on: signers wait for each other
		if err != nil {
			return nil, err
		}
		items, err := b.itemsOf(*l)
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return nil, Refused{Key: "letter.items", Args: []any{letterItems}}
		}
		for n, item := range items {
			if !item.Status.allows(SignLetter) {
				return nil, Refused{Key: "letter.item_closed", Args: []any{item.Number}}
			}
			row := letterItem(item, n+1, b.Today())
			kept := b.db.Model(&LetterItem{}).Where("letter_id = ? AND item_id = ?", l.ID, item.ID).
				Select("title", "leader", "due_on", "days").Updates(&row)
			if err := oneRow(kept); err != nil {
				return nil, err
			}
		}
		if err := b.waitedFor(*l); err != nil {
			return nil, err
		}
		l.Year, l.Seq = year, seq
		l.Number = strings.NewReplacer("{year}", itoa(year), "{n}", strconv.FormatInt(seq, 10)).Replace(b.rules.LetterNumber)
		l.SignedBy, l.SignedAt, l.SignedOn = b.me.ID, &b.now, b.Today()
		if days := l.Kind.AnswerDays(b.rules); days > 0 {
			l.AnswerBy = b.calendar.After(b.Today(), days)
		}
		return Particulars{"answer_by": string(l.AnswerBy), "demand_on": string(l.DemandOn)}, nil
	})
}

// waitedFor refuses a letter about an item of which another letter's answer is still
// awaited, in time.
func (b *Board) waitedFor(l Letter) error {
	var other []Letter
	err := b.db.Where("status IN ? AND answer_by >= ? AND id <> ?", []LetterStatus{LetterSigned, LetterAcknowledged}, b.Today(), l.ID).
		Where("id IN (?)", b.db.Model(&LetterItem{}).Select("letter_id").
			Where("item_id IN (?)", b.db.Model(&LetterItem{}).Select("item_id").Where("letter_id = ?", l.ID))).
		Order("id").Limit(1).Find(&other).Error
	if err == nil && len(other) > 0 {
		return Refused{Key: "letter.waiting", Args: []any{other[0].Number, string(other[0].AnswerBy)}}
	}
	return err
}

// AcknowledgeLetter is 签收: the unit's head has it.
func (b *Board) AcknowledgeLetter(l Letter) (Letter, error) {
	return b.actLetter(AcknowledgeLetter, l, func(b *Board, l *Letter) (Particulars, error) {
		l.AcknowledgedBy, l.AcknowledgedAt = b.me.ID, &b.now
		return nil, nil
	})
}

// LetterAnswer is what a unit writes back, and the number of the document that
// proves it, if there is one.
type LetterAnswer struct {
	Text string
	Doc  string
}

// AnswerLetter is the unit's answer to a letter it has acknowledged.
func (b *Board) AnswerLetter(l Letter, answer LetterAnswer) (Letter, error) {
	answer.Text, answer.Doc = strings.TrimSpace(answer.Text), strings.TrimSpace(answer.Doc)
	return b.actLetter(AnswerLetter, l, func(b *Board, l *Letter) (Particulars, error) {
		var p Problems
		textProblem(&p, "answer", answer.Text, longestAnswer)
		if answer.Doc != "" {
			textProblem(&p, "doc", answer.Doc, longestLine)
		}
		if l.AnswerBy == "" {
			return nil, Refused{Key: "letter.no_answer"}
		}
		if p != nil {
			return nil, p
		}
		l.Answer, l.AnswerDoc, l.AnsweredBy, l.AnsweredAt = answer.Text, answer.Doc, b.me.ID, &b.now
		particulars := Particulars{}
		if l.AnswerBy < b.Today() {
			particulars["late"] = itoa(l.AnswerBy.DaysUntil(b.Today()))
		}
		return particulars, nil
	})
}

// JudgeAnswer accepts an answer, or does not: then the next letter is a rung higher.
// Either way with words.
func (b *Board) JudgeAnswer(l Letter, accepted bool, words string) (Letter, error) {
	words = strings.TrimSpace(words)
	a := RejectAnswer
	if accepted {
		a = AcceptAnswer
	}
	return b.actLetter(a, l, func(b *Board, l *Letter) (Particulars, error) {
		if err := wordsProblem(words); err != nil {
			return nil, err
		}
		l.Verdict, l.JudgedBy, l.JudgedAt = words, b.me.ID, &b.now
		return Particulars{"words": words}, nil
	})
}

// WithdrawLetter takes a letter back, with the reason: a draft unseen, one that was
// sent before its answer was judged. It stays in the list, with its number.
func (b *Board) WithdrawLetter(l Letter, why string) (Letter, error) {
	why = strings.TrimSpace(why)
	a := WithdrawLetter
	if l.Status == LetterDraft {
		a = DropLetter
	}
	return b.actLetter(a, l, func(b *Board, l *Letter) (Particulars, error) {
		if err := wordsProblem(why); err != nil {
			return nil, err
		}
		l.WithdrawnWhy, l.WithdrawnBy, l.WithdrawnAt = why, b.me.ID, &b.now
		return Particulars{"words": why}, nil
	})
}

// OfferLetters tells the supervisors of each overdue item for which the ladder has a
// new step: each rung of each date once, and nothing on a day that is not worked. A
// letter is written and signed by people; this only names it.
func (b *Board) OfferLetters() (offered int, err error) {
	if b.me.Role != clerk {
		return 0, ErrForbidden
	}
	if !b.calendar.IsWorkday(b.Today()) {
		return 0, nil
	}
	late := sqlOverdue(b.Today())
	var items []Item
	if err := b.items().Where(late.sql, late.args...).Order("items.due_on, items.id").Find(&items).Error; err != nil {
		return 0, err
	}
	var had []reminder
	if err := b.db.Where("act = ? AND item_id IN (?)", OfferLetter, b.items().Select("items.id").Where(late.sql, late.args...)).Find(&had).Error; err != nil {
		return 0, err
	}
	steps, err := b.steps(items)
	if err != nil {
		return 0, err
	}
	offer := func(item Item) reminder {
		return reminder{ItemID: item.ID, Act: OfferLetter, About: item.DueOn, Rung: steps[item.ID].Kind.place() + 1}
	}
	items = slices.DeleteFunc(items, func(item Item) bool {
		return steps[item.ID].Do != StepWrite || slices.ContainsFunc(had, func(r reminder) bool {
			o := offer(item)
			return r.ItemID == o.ItemID && r.About == o.About && r.Rung == o.Rung
		})
	})
	return b.actEach(OfferLetter, items, func(tx *gorm.DB, item *Item) (Particulars, error) {
		o := offer(*item)
		o.At = b.now
		made := tx.Create(&o)
		if errors.Is(made.Error, gorm.ErrDuplicatedKey) {
			return nil, Refused{Key: "refused.offer_letter"}
		}
		return Particulars{"kind": string(steps[item.ID].Kind), "days": itoa(item.Card().DaysOver(b.Today()))}, made.Error
	})
}

// letters is every letter this person may see. Drafts are the supervisors' and the
// office's; a supervisor who is assigned to a part of the ledger sees those that are
// about nothing else.
func (b *Board) letters() *gorm.DB {
	q := b.db.Model(&Letter{})
	seen, err := b.sight()
	if err != nil {
		_ = q.AddError(err)
		return q.Where("1 = 0")
	}
	switch {
	case b.me.Role == Supervisor && seen.all:
		return q
	case b.me.Role == Supervisor:
		return q.Where("NOT EXISTS (SELECT 1 FROM letter_items WHERE letter_items.letter_id = letters.id AND letter_items.item_id NOT IN (?))", b.items().Select("items.id"))
	case b.me.Role == Office, b.me.Role == clerk:
		return q
	case b.me.Role.SeesAll():
		return q.Where("letters.number <> ''")
	case b.me.Role.ofUnit() && b.me.UnitID != nil:
		return q.Where("letters.unit_id = ? AND letters.number <> ''", *b.me.UnitID)
	default:
		return q.Where("1 = 0")
	}
}

// Letter is one letter, if this person may see it.
func (b *Board) Letter(id int64) (Letter, error) {
	var l Letter
	return l, orNotFound(b.letters().Where("letters.id = ?", id).Take(&l).Error)
}

// LetterFilter is which letters a list shows; the zero value is all.
type LetterFilter struct {
	Unit   int64
	Kind   LetterKind
	Status LetterStatus
}

// lettersShown is how many a list shows at most.
const lettersShown = 300

// Letters are the letters of a filter: drafts first, then the newest. More says that
// there are older ones.
func (b *Board) Letters(f LetterFilter) (all []Letter, more bool, err error) {
	q := b.letters()
	if f.Unit != 0 {
		q = q.Where("letters.unit_id = ?", f.Unit)
	}
	if f.Kind != "" {
		q = q.Where("letters.kind = ?", f.Kind)
	}
	if f.Status != "" {
		q = q.Where("letters.status = ?", f.Status)
	}
	err = q.Order("CASE WHEN letters.status = 'draft' THEN 0 ELSE 1 END, letters.year DESC, letters.seq DESC, letters.id DESC").Limit(lettersShown + 1).Find(&all).Error
	if len(all) > lettersShown {
		return all[:lettersShown], true, err
	}
	return all, false, err
}

// LetterFit is where the letters about an item stand, as a filter asks it.
type LetterFit string

// What may be asked of an item's letters.
const (
	LetterNone  LetterFit = "none"  // none was sent
	LetterAwait LetterFit = "await" // an answer is owed
	LetterLate  LetterFit = "late"  // since before today, and of no later letter in time
	LetterJudge LetterFit = "judge" // an answer waits for a word
)

// letterSent is the reverse of LetterNone, which no address asks for.
const letterSent LetterFit = "sent"

// LetterFits are all of them, in the order menus offer them.
var LetterFits = []LetterFit{LetterNone, LetterAwait, LetterLate, LetterJudge}

// lettered narrows items to those whose letters, of the ones this person may see,
// stand so.
func (b *Board) lettered(q *gorm.DB, fit LetterFit) *gorm.DB {
	about := func(letters *gorm.DB) *gorm.DB {
		return letters.Select("letter_items.item_id").Joins("JOIN letter_items ON letter_items.letter_id = letters.id")
	}
	awaited := func() *gorm.DB {
		return b.letters().Where("letters.status IN ('signed', 'acknowledged') AND letters.answer_by <> ''")
	}
	switch fit {
	case LetterAwait:
		return q.Where("items.id IN (?)", about(awaited()))
	case LetterLate:
		return q.Where("items.id IN (?)", about(awaited().Where("letters.answer_by < ?", b.Today()))).
			Where("items.id NOT IN (?)", about(awaited().Where("letters.answer_by >= ?", b.Today())))
	case LetterJudge:
		return q.Where("items.id IN (?)", about(b.letters().Where("letters.status = 'answered'")))
	case letterSent:
		return q.Where("items.id IN (?)", about(b.letters().Where("letters.number <> '' AND letters.status <> 'withdrawn'")))
	default:
		return q.Where("items.id NOT IN (?)", about(b.letters().Where("letters.number <> '' AND letters.status <> 'withdrawn'")))
	}
}

// LettersOf are the letters about an item, the newest first.
func (b *Board) LettersOf(item Item) ([]Letter, error) {
	var all []Letter
	err := b.letters().Where("letters.id IN (?)", b.db.Model(&LetterItem{}).Select("letter_id").Where("item_id = ?", item.ID)).Order("letters.id DESC").Find(&all).Error
	return all, err
}

// LetterItems are what each of these letters is about, in its order.
func (b *Board) LetterItems(letters ...Letter) (map[int64][]LetterItem, error) {
	of := map[int64][]LetterItem{}
	for some := range slices.Chunk(letters, batch) {
		ids := make([]int64, len(some))
		for n, l := range some {
			ids[n] = l.ID
		}
		var rows []LetterItem
		err := b.db.Where("letter_id IN (?)", b.letters().Select("letters.id").Where("letters.id IN ?", ids)).Order("letter_id, place").Find(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			of[row.LetterID] = append(of[row.LetterID], row)
		}
	}
	return of, nil
}

// letterEvidence is how much of it a letter shows; the rest stands with its items.
const letterEvidence = 100

// LetterEvidence is what was handed in for the items of a letter between its signature
// and the word on its answer: what the answer rests on.
func (b *Board) LetterEvidence(l Letter) ([]Evidence, error) {
	if l.SignedAt == nil {
		return nil, nil
	}
	of := b.kept().Select("items.id").Joins("JOIN letter_items ON letter_items.item_id = items.id").Where("letter_items.letter_id = ?", l.ID)
	q := b.db.Where("item_id IN (?) AND at >= ?", of, *l.SignedAt)
	if l.JudgedAt != nil {
		q = q.Where("at <= ?", *l.JudgedAt)
	}
	var all []Evidence
	err := q.Where("NOT EXISTS (SELECT 1 FROM evidence AS later WHERE later.earlier_id = evidence.id)").Order("id").Limit(letterEvidence).Find(&all).Error
	return all, err
}

// itemsOf are the items of a letter as they are now, in the letter's order.
func (b *Board) itemsOf(l Letter) ([]Item, error) {
	var items []Item
	err := b.items().Joins("JOIN letter_items ON letter_items.item_id = items.id").Where("letter_items.letter_id = ?", l.ID).Order("letter_items.place").Find(&items).Error
	return items, err
}

// LetterStates are the letters about each of these items that this person may see,
// the oldest first.
func (b *Board) LetterStates(ids []int64) (map[int64][]LetterState, error) {
	states := map[int64][]LetterState{}
	for some := range slices.Chunk(ids, batch) {
		var rows []struct {
			ItemID int64
			LetterState
		}
		err := b.letters().Select("letter_items.item_id, letters.id, letters.number, letters.kind, letters.status, letters.signed_on, letters.answer_by").
			Joins("JOIN letter_items ON letter_items.letter_id = letters.id").Where("letter_items.item_id IN ?", some).Order("letters.year, letters.seq, letters.id").Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			states[row.ItemID] = append(states[row.ItemID], row.LetterState)
		}
	}
	return states, nil
}

// LetterPast is what happened about items until today: what a letter about them may speak of.
type LetterPast struct {
	Today   Day
	Items   int
	Late    int           // of them are overdue
	Days    int           // the longest, 0 while none is
	Letters []LetterState // that were sent about any of them, the oldest first, each once
	Urged   Day           // when a supervisor last urged one of them, "" for never
}

// LetterPast is what happened about these items.
func (b *Board) LetterPast(items []Item) (p LetterPast, err error) {
	p = LetterPast{Today: b.Today(), Items: len(items)}
	for _, item := range items {
		if days := item.Card().DaysOver(p.Today); item.Card().Overdue(p.Today) {
			p.Late, p.Days = p.Late+1, max(p.Days, days)
		}
	}
	states, err := b.LetterStates(idsOf(items))
	if err != nil {
		return p, err
	}
	for _, item := range items {
		for _, l := range states[item.ID] {
			if l.Sent() && !slices.ContainsFunc(p.Letters, func(had LetterState) bool { return had.ID == l.ID }) {
				p.Letters = append(p.Letters, l)
			}
		}
	}
	slices.SortFunc(p.Letters, func(a, z LetterState) int {
		return cmp.Or(cmp.Compare(a.SignedOn, z.SignedOn), cmp.Compare(a.ID, z.ID))
	})
	urged, err := b.urgedOn(idsOf(items))
	for _, on := range urged {
		p.Urged = max(p.Urged, on)
	}
	return p, err
}

// AnswerLate says whether an answer is owed to it since before today.
func (l LetterState) AnswerLate(today Day) bool { return l.awaits() && l.AnswerBy < today }

// Steps are the next step of the ladder for each of these rows, and the letters
// about it so far.
func (b *Board) Steps(cards []Card) (map[int64]Step, map[int64][]LetterState, error) {
	ids := make([]int64, len(cards))
	for n, c := range cards {
		ids[n] = c.ID
	}
	states, err := b.LetterStates(ids)
	if err != nil {
		return nil, nil, err
	}
	steps := make(map[int64]Step, len(cards))
	for _, c := range cards {
		steps[c.ID] = c.nextStep(b.rules, b.Today(), states[c.ID])
	}
	return steps, states, nil
}

func (b *Board) steps(items []Item) (map[int64]Step, error) {
	cards := make([]Card, len(items))
	for n, item := range items {
		cards[n] = item.Card()
	}
	steps, _, err := b.Steps(cards)
	return steps, err
}

// ItemsNamed are the items of these numbers, in their order, each once; ErrNotFound
// when this person sees not all of them. Of several hundred a letter is not written.
func (b *Board) ItemsNamed(numbers []string) ([]Item, error) {
	var named []string
	for _, number := range numbers {
		if number = strings.TrimSpace(number); number != "" && !slices.Contains(named, number) {
			named = append(named, number)
		}
	}
	if len(named) > batch {
		return nil, Refused{Key: "letter.items", Args: []any{batch}}
	}
	var items []Item
	if err := b.items().Where("items.number IN ?", named).Find(&items).Error; err != nil {
		return nil, err
	}
	if len(items) != len(named) {
		return nil, ErrNotFound
	}
	slices.SortFunc(items, func(a, z Item) int { return slices.Index(named, a.Number) - slices.Index(named, z.Number) })
	return items, nil
}
