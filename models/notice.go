package models

import (
	"context"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Notice says that a person must be told of an event. It is written with the
// deed, shown in the page at once, and carried by the next reminder.
type Notice struct {
	ID       int64
	UserID   int64
	ItemID   int64
	EventID  int64
	Act      Act
	At       time.Time
	ReadAt   *time.Time
	MailedOn Day
}

// audience is who is told of which act; an act without a line tells nobody.
// An import tells each unit once, by itself (tellOfImport).
var audience = map[Act]func(b *Board, event Event, item Item) ([]int64, error){
	FlagOverdue:  (*Board).unitPeople,
	ReturnItem:   (*Board).unitPeople,
	CloseItem:    (*Board).unitPeople,
	AcceptStated: (*Board).unitPeople,
	PassStated:   (*Board).unitPeople,
	RejectStated: (*Board).unitPeople,
	DropStated:   (*Board).unitPeople,
	VerifyStated: (*Board).verifiersOf,
	SubmitItem:   (*Board).verifiersOf,
	RemindDue:    (*Board).dueRung,
	RemindIdle:   (*Board).handlers,
	RemindReview: (*Board).verifiersOf,
	UrgeItem:     (*Board).answerers,

	SetStanding:    (*Board).unitPeople,
	ReviewStanding: (*Board).unitPeople,
	FlagReview:     (*Board).bothSides,
	RecheckFails:   (*Board).unitPeople,
	FlagRecheck:    (*Board).supervisorsOf,
	HandOver:       (*Board).successorOf,
	OfferLetter:    (*Board).supervisorsOf,

	AssignItem:      (*Board).assignedTo,
	SignItem:        (*Board).nextSigners,
	UnsignItem:      (*Board).handlers,
	SetDate:         (*Board).unitPeople,
	ProposeDate:     (*Board).dateGranters,
	AskExtension:    (*Board).supervisorsOf,
	GrantExtension:  (*Board).unitPeople,
	RefuseExtension: (*Board).unitPeople,
	VerifyItem:      (*Board).verifiersOf,
	StageItem:       (*Board).unitPeople,
	ReopenItem:      (*Board).unitPeople,
	AskVoiding:      (*Board).voidersOf,
	RefuseVoiding:   (*Board).voidersOf,
	VoidItem:        (*Board).unitPeople,
}

// Nobody is told anything by mail or in a group between these hours of the place, nor
// on a day that is not worked.
const (
	quietFrom  = 20
	quietUntil = 8
)

// Quiet says whether it is an hour or a day on which nobody is told anything outside
// the page.
func (b *Board) Quiet() bool {
	hour := b.now.In(b.zone).Hour()
	return hour >= quietFrom || hour < quietUntil || !b.calendar.IsWorkday(b.Today())
}

// optional are the kinds of notices that a person may do without: nothing has to be
// done about them. All others are duty.
var optional = []Act{CloseItem, AcceptStated, PassStated, SetStanding, ReviewStanding, AcknowledgeLetter, AcceptAnswer, WithdrawLetter}

// OptionalNotices are the kinds of notices that a person may mute.
func OptionalNotices() []Act { return slices.Clone(optional) }

// DigestMail stands among the kinds that are muted for the mail of the weekly digest:
// who has muted it reads the digest in the page. The digest itself is duty and is made
// all the same.
const DigestMail Act = "digest_mail"

// noticeMute is that a person wants no word of a kind of notices.
type noticeMute struct {
	UserID int64 `gorm:"primaryKey"`
	Act    Act   `gorm:"primaryKey"`
}

// Muted are the kinds of notices this person wants no word of.
func (b *Board) Muted() ([]Act, error) {
	var acts []Act
	err := b.db.Model(&noticeMute{}).Where("user_id = ?", b.me.ID).Order("act").Pluck("act", &acts).Error
	return acts, err
}

// MuteNotices makes these, and no others, the kinds this person wants no word of. A
// duty cannot be muted: Refused "notices.duty".
func (b *Board) MuteNotices(acts []Act) error {
	var mutes []noticeMute
	for _, a := range acts {
		if a != DigestMail && !slices.Contains(optional, a) {
			return Refused{Key: "notices.duty"}
		}
		if m := (noticeMute{b.me.ID, a}); !slices.Contains(mutes, m) {
			mutes = append(mutes, m)
		}
	}
	return b.db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Where("user_id = ?", b.me.ID).Delete(&noticeMute{}).Error; err != nil || len(mutes) == 0 {
			return err
		}
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&mutes).Error
	}, shortTurn)
}

// mutedBy is who of these people wants no word of that act.
func (b *Board) mutedBy(a Act, people []int64) (ids []int64, err error) {
	if a != DigestMail && !slices.Contains(optional, a) || len(people) == 0 {
		return nil, nil
	}
	err = b.db.Model(&noticeMute{}).Where("act = ? AND user_id IN ?", a, people).Pluck("user_id", &ids).Error
	return ids, err
}

// tell writes the notices an event calls for. Nobody is told of what they did. A kind
// that somebody has muted stands in their list as read, and goes by no mail.
func (b *Board) tell(event Event, item Item) error {
	who, ok := audience[event.Act]
	if !ok {
		return nil
	}
	people, err := who(b, event, item)
	if err != nil {
		return err
	}
	notices, err := b.noticesOf(event, item, slices.DeleteFunc(people, func(id int64) bool { return id == b.me.ID }))
	if err != nil {
		return err
	}
	if b.told != nil {
		b.told.add(notices)
		return nil
	}
	return b.createAll(&notices)
}

// noticesOf are the notices of an event for these people.
func (b *Board) noticesOf(event Event, item Item, people []int64) ([]Notice, error) {
	muted, err := b.mutedBy(event.Act, people)
	if err != nil {
		return nil, err
	}
	var notices []Notice
	for _, id := range people {
		n := Notice{UserID: id, ItemID: item.ID, EventID: event.ID, Act: event.Act, At: b.now}
		if slices.Contains(muted, id) {
			n.ReadAt = &b.now
		}
		notices = append(notices, n)
	}
	return notices, nil
}

// answering are those who answer for an item: its handler and its leader where the
// ledger's names are accounts, else all of that role in its unit; and the head.
// Where nobody does the work the next above is told, and for a unit without any
// account the office.
type answering struct{ handlers, leaders, heads []int64 }

func (b *Board) answeringFor(item Item) (a answering, err error) {
	var people []User
	err = b.db.Select("id", "role").Where("unit_id = ? AND disabled = ?", item.UnitID, false).Order("id").Find(&people).Error
	if err != nil {
		return a, err
	}
	ids := map[Role][]int64{}
	for _, p := range people {
		ids[p.Role] = append(ids[p.Role], p.ID)
	}
	named := func(id *int64, role Role) []int64 {
		if id != nil {
			for _, p := range people {
				if p.ID == *id {
					return []int64{*id}
				}
			}
		}
		return ids[role]
	}
	a = answering{handlers: named(item.HandlerID, Handler), leaders: named(item.LeaderID, Leader), heads: ids[Head]}
	if len(people) == 0 {
		a.heads, err = b.peopleOf(Office)
	}
	if len(a.leaders) == 0 {
		a.leaders = a.heads
	}
	if len(a.handlers) == 0 {
		a.handlers = a.leaders
	}
	return a, err
}

// unitPeople are all who answer for an item.
func (b *Board) unitPeople(_ Event, item Item) ([]int64, error) {
	a, err := b.answeringFor(item)
	return distinct(slices.Concat(a.handlers, a.leaders, a.heads)), err
}

// handlers are those who do the work.
func (b *Board) handlers(_ Event, item Item) ([]int64, error) {
	a, err := b.answeringFor(item)
	return a.handlers, err
}

// dueRung is who hears that a date comes nearer: the handler, and from the second
// time on the leader as well.
func (b *Board) dueRung(event Event, item Item) ([]int64, error) {
	a, err := b.answeringFor(item)
	if event.Particulars["rung"] == "1" {
		return a.handlers, err
	}
	return distinct(slices.Concat(a.handlers, a.leaders)), err
}

// bothSides are the unit's people and the supervisors.
func (b *Board) bothSides(event Event, item Item) ([]int64, error) {
	unit, err := b.unitPeople(event, item)
	if err != nil {
		return nil, err
	}
	supervisors, err := b.supervisorsOf(event, item)
	return distinct(append(unit, supervisors...)), err
}

// successorOf is whom an item was handed over to.
func (b *Board) successorOf(event Event, _ Item) ([]int64, error) {
	id, err := strconv.ParseInt(event.Particulars["to_id"], 10, 64)
	return []int64{id}, err
}

// dateGranters are who may grant a first date: the supervisors of the item, and the office.
func (b *Board) dateGranters(event Event, item Item) ([]int64, error) {
	people, err := b.supervisorsOf(event, item)
	if err != nil {
		return nil, err
	}
	office, err := b.peopleOf(Office)
	return distinct(append(people, office...)), err
}

func (b *Board) peopleOf(r Role) ([]int64, error) {
	var ids []int64
	err := b.db.Model(&User{}).Where("role = ? AND disabled = ?", r, false).Order("id").Pluck("id", &ids).Error
	return ids, err
}

func distinct(ids []int64) []int64 {
	seen := map[int64]bool{}
	var once []int64
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return once
}

// NoticeRow is a notice as its page shows it, with the item's name.
type NoticeRow struct {
	Notice
	Number string
	Title  string
	Unit   string
}

// Notices are this person's notices of items they may still see, those they have not
// read first, each the newest first, at most limit.
func (b *Board) Notices(limit int) ([]NoticeRow, error) {
	var rows []NoticeRow
	err := b.noticeRows().Order("CASE WHEN notices.read_at IS NULL THEN 0 ELSE 1 END, notices.id DESC").Limit(limit).Scan(&rows).Error
	return rows, err
}

func (b *Board) noticeRows() *gorm.DB {
	return b.db.Table("notices").
		Select("notices.*, items.number, items.title, units.name AS unit").
		Joins("JOIN items ON items.id = notices.item_id").Joins("JOIN units ON units.id = items.unit_id").
		Where("notices.user_id = ? AND notices.item_id IN (?)", b.me.ID, b.kept().Select("items.id"))
}

// Unread is how many notices this person has not read, of items they still see.
func (b *Board) Unread() (int64, error) {
	var n int64
	err := b.db.Model(&Notice{}).Where("user_id = ? AND read_at IS NULL", b.me.ID).
		Where("EXISTS (?)", b.kept().Select("1").Where("items.id = notices.item_id")).Count(&n).Error
	return n, err
}

// ReadNotices marks all of this person's notices up to that one of theirs as read;
// none, when it is nobody's or another's.
func (b *Board) ReadNotices(upTo int64) error {
	own := b.db.Model(&Notice{}).Select("id").Where("id = ? AND user_id = ?", upTo, b.me.ID)
	return b.db.Model(&Notice{}).Where("user_id = ? AND read_at IS NULL AND id <= (?)", b.me.ID, own).
		Update("read_at", b.now).Error
}

// verifiersOf are the supervisors whose verdict on a submitted item is still to come.
// Where the rules ask for a body that has nobody, all supervisors are told, so that
// somebody notices.
func (b *Board) verifiersOf(event Event, item Item) ([]int64, error) {
	ids, err := b.supervisorsOf(event, item)
	if err != nil {
		return nil, err
	}
	awaited, err := b.Awaited(item)
	if err != nil || len(awaited) == 0 {
		return ids, err
	}
	people, err := b.NamesOf(ids)
	if err != nil {
		return nil, err
	}
	asked := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !slices.Contains(awaited, people[id].body()) })
	if len(asked) == 0 {
		return ids, nil
	}
	return asked, nil
}

// nextSigners are those whose turn it is to sign; and when all have, those who may now
// hand the item in.
func (b *Board) nextSigners(_ Event, item Item) ([]int64, error) {
	signings, err := b.Signings(item)
	if err != nil {
		return nil, err
	}
	for _, s := range signings {
		if s.Signature == nil {
			var ids []int64
			for _, u := range s.By {
				ids = append(ids, u.ID)
			}
			return ids, nil
		}
	}
	a, err := b.answeringFor(item)
	return a.handlers, err
}

// assignedTo are those who now answer for an item, and those who assist.
func (b *Board) assignedTo(_ Event, item Item) ([]int64, error) {
	var ids []int64
	for _, id := range []*int64{item.LeaderID, item.HandlerID} {
		if id != nil {
			ids = append(ids, *id)
		}
	}
	assistants, err := b.AssistantsOf(item)
	for _, u := range assistants {
		ids = append(ids, u.ID)
	}
	return distinct(ids), err
}

// voidersOf are those who may decide that an item is void.
func (b *Board) voidersOf(event Event, item Item) ([]int64, error) {
	ids, err := b.supervisorsOf(event, item)
	if err != nil {
		return nil, err
	}
	office, err := b.peopleOf(Office)
	return distinct(append(ids, office...)), err
}

// Watched is one open page that waits to hear of its reader's notices.
type Watched struct {
	Session string // its token
	User    User   // who they were when it began
}

// NoticeState is where a person's notices stand: when it differs, something came or
// was read.
type NoticeState struct {
	Unread int64
	Newest int64
}

// Watch says of each open page whether it may go on, which is when its session has
// not ended and its reader is who they were: neither disabled nor of another role or
// unit. And it says where the notices of each reader stand. It asks three times,
// however many pages are open.
func (s *Store) Watch(ctx context.Context, pages []Watched) (live []bool, states map[int64]NoticeState, err error) {
	live, states = make([]bool, len(pages)), map[int64]NoticeState{}
	if len(pages) == 0 {
		return live, states, nil
	}
	var tokens []string
	var ids []int64
	for _, p := range pages {
		tokens, ids = append(tokens, hashToken(p.Session)), append(ids, p.User.ID)
	}
	ids = distinct(ids)
	db := s.db.WithContext(ctx)
	sessions, people := map[string]bool{}, map[int64]User{}
	for from := 0; from < len(tokens); from += batch {
		var there []string
		err = db.Model(&session{}).Where("token IN ? AND expiry > ?", tokens[from:min(from+batch, len(tokens))], s.Now().UTC().Truncate(time.Second)).Pluck("token", &there).Error
		if err != nil {
			return nil, nil, err
		}
		for _, t := range there {
			sessions[t] = true
		}
	}
	for from := 0; from < len(ids); from += batch {
		some := ids[from:min(from+batch, len(ids))]
		var there []User
		if err = db.Select("id", "role", "unit_id").Where("id IN ? AND disabled = ?", some, false).Find(&there).Error; err != nil {
			return nil, nil, err
		}
		for _, u := range there {
			people[u.ID] = u
		}
		var rows []struct{ UserID, Unread, Newest int64 }
		err = db.Model(&Notice{}).Select("user_id, COUNT(*) AS unread, MAX(id) AS newest").Where("user_id IN ? AND read_at IS NULL", some).Group("user_id").Scan(&rows).Error
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			states[r.UserID] = NoticeState{r.Unread, r.Newest}
		}
	}
	for n, p := range pages {
		now, there := people[p.User.ID]
		live[n] = sessions[tokens[n]] && there && now.Role == p.User.Role && sameUnit(now.UnitID, p.User.UnitID)
	}
	return live, states, nil
}
