package models

import (
	"duban/models/day"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// How the outbox is emptied.
const (
	// mailLease is how long a claim of mails holds unless it is renewed. Whoever dies
	// with them in hand leaves them to the next after it.
	mailLease = 30 * time.Second
	// mailGivenUp is after how long a mail that only ever met passing refusals is
	// given up; a server that is down for a long weekend is none.
	mailGivenUp = 5 * 24 * time.Hour
	// reportsCome is within how many days the world's servers report that a mail did not
	// arrive: they give up after four or five (RFC 5321 §4.5.4.1).
	reportsCome = 7
	// mailWordsKept is how many days what a mail said is kept once nothing more comes of
	// it. That it was sent, to whom and when, stays as long as the other logs.
	mailWordsKept = 90
)

// Mail is a message in the outbox. Key makes it once, whoever writes it and however
// often: "digest:2026-W48:user:42". Role, UnitID and Titled are what its content was
// made for: it is not sent to who has become somebody else meanwhile.
type Mail struct {
	ID         int64
	Key        string
	Kind       string
	UserID     int64
	Role       Role
	UnitID     *int64
	Titled     bool   // it carries short titles, for an address that may have them
	Optional   bool   // nothing of it is duty: it may be left
	Leave      string `gorm:"-"` // of an optional one: the word by which it is left
	WebhookID  *int64
	DigestID   *int64
	Day        Day
	Subject    string
	Text       string
	HTML       string
	State      MailState
	Attempts   int
	Unclear    int // how often the line broke before the server said whether it has it
	Doubts     int // how often it was refused for a reason that may have been another's
	Holds      int // how often it was tried while the outbox was held: others go before it
	NextAt     time.Time
	Owner      string // whose claim it is in
	LeaseUntil *time.Time
	Error      string
	Cause      MailCause // what Error comes to, "" for our own reasons
	Address    string
	CreatedAt  time.Time
	SentAt     *time.Time
	FailedAt   *time.Time
	Told       bool // the administrators have heard that it failed
}

// The kinds of mails. A reminder speaks of its day and of no other.
const (
	MailDigest    = "digest"
	MailReminder  = "reminder"
	MailDigestTry = "digest_try" // a person's own digest as it would be now, to look at
	MailTrouble   = "trouble"    // to administrators: what did not go as it should

	MailWebhook    = "webhook"     // to a group's robot: what is late
	MailWebhookTry = "webhook_try" // that it arrives, and nothing else
	MailFindings   = "findings"    // to auditors: what verifying the trail found
	MailCalendar   = "calendar"    // to the office: a year whose days are wanted
)

// MailState is how far a mail is.
type MailState string

// A mail waits, is in somebody's hands, and is sent; or it failed for good, or was
// dropped because its reader may no longer have it.
const (
	MailWaiting MailState = "waiting"
	MailSending MailState = "sending"
	MailSent    MailState = "sent"
	MailFailed  MailState = "failed"
	MailDropped MailState = "dropped"
)

// MailStates are all of them, in the order a delivery list counts them.
func MailStates() []MailState {
	return []MailState{MailWaiting, MailSending, MailSent, MailFailed, MailDropped}
}

// Why a mail was dropped, or failed without a word of the server's.
const (
	DropDisabled  = "disabled"     // the account was disabled
	DropRight     = "right"        // its role or unit is another now
	DropNoAddress = "no_address"   // it has none
	DropAddress   = "address"      // another address, that may not have short titles
	DropReplaced  = "replaced"     // a later one says it all
	DropInPage    = "in_page"      // its reader chose to read it in the page
	DropStale     = "stale"        // it is older than its sense
	WebhookHost   = "webhook_host" // a host that webhooks may not lead to
	MailUnclear   = "unclear"      // the line broke before the server said whether it has it
)

// MailTry is what came of one try to send a claimed mail. Why is the server's word,
// or one of the reasons above. Proven says that the server takes mail from us all the
// same, so that what it says of an address is not its mood.
type MailTry struct {
	Mail   Mail
	To     User
	Came   MailCame
	Why    string
	Cause  MailCause
	Proven bool
}

// MailCame is how a try to send ended.
type MailCame int

// The ends of a try.
const (
	CameTaken   MailCame = iota // the server has it
	CamePutOff                  // refused for now, or the line broke before it was all said
	CameUnclear                 // the line broke before the server said whether it has it
	CameRefused                 // refused for good
	CameNobody                  // refused for good: there is no such address
	CameDoubted                 // refused, perhaps for another's sake: for good when it is so again
	CameHeld                    // refused, and so is everybody's: it waits behind those not tried yet
	CameDropped                 // not sent: it is no longer theirs
)

// post writes mails into the outbox, in this board's transaction, and returns how
// many that were: one whose key is there already is left as it is.
func (b *Board) post(mails ...Mail) (posted int, err error) {
	if len(mails) == 0 {
		return 0, nil
	}
	for n := range mails {
		m := &mails[n]
		m.State, m.NextAt, m.CreatedAt = MailWaiting, b.now, b.now
	}
	made := b.db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "key"}}, DoNothing: true}).CreateInBatches(&mails, batch)
	return int(made.RowsAffected), made.Error
}

// ClaimMails takes up to n mails that are due into this owner's hands: those that
// wait, and those whose last owner never came back. Each claim has an owner's name
// of its own. A reminder of a day that has passed stays: the next takes its place; and
// none leaves while it is quiet.
// Only the program itself may.
func (b *Board) ClaimMails(owner string, n int) ([]Mail, error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	which, args := b.sendable()
	mails, err := b.claim(owner, n, which, args...)
	if err == nil {
		err = b.fillDigests(mails)
	}
	if err == nil {
		err = b.fillLeaves(mails)
	}
	return mails, err
}

// sendable is a condition that mails meet which may leave now.
func (b *Board) sendable() (which string, args []any) {
	which, args = "kind NOT IN ?", []any{webhookKinds}
	for _, kind := range slices.Sorted(maps.Keys(mailKinds)) {
		if first := b.sensible(kind); first != "" {
			which, args = which+" AND NOT (kind = ? AND day < ?)", append(args, kind, first)
		}
	}
	if b.Quiet() {
		which, args = which+" AND kind <> ?", append(args, MailReminder)
	}
	return which, args
}

// mailKind is what is so of one kind of mails.
type mailKind struct {
	turn int // which goes first
	days int // after how many days it makes no sense any more, 0 for never
}

// mailKinds are they. What somebody waits for at this moment goes first, what is for many
// before what is for one: the digest before reminders. A reminder is of its day; its
// notices are in the next one (takeBackReminders). A digest is of its week: the next one
// says all that it says.
var mailKinds = map[string]mailKind{
	MailDigestTry: {turn: 0, days: 1},
	MailFindings:  {turn: 1},
	MailTrouble:   {turn: 2, days: 7},
	MailCalendar:  {turn: 2, days: 30},
	MailDigest:    {turn: 3, days: 7},
	MailReminder:  {turn: 4, days: 1},
}

// sensible is the first day of which a mail of this kind makes sense today, "" when any
// does.
func (b *Board) sensible(kind string) Day {
	switch is := mailKinds[kind]; {
	case is.days == 0:
		return ""
	case kind == MailDigest: // until its week is over
		monday, _ := day.WeekOf(b.Today())
		return monday
	default:
		return b.Today().Plus(1 - is.days)
	}
}

// DropStaleMails drops what waits and is older than its sense, and returns how many that
// were. Reminders are left to who makes them anew, for their notices are then given back.
func (b *Board) DropStaleMails() (dropped int, err error) {
	if b.me.Role != clerk {
		return 0, ErrForbidden
	}
	old, args := "1 = 0", []any{}
	for _, kind := range slices.Sorted(maps.Keys(mailKinds)) {
		if first := b.sensible(kind); first != "" && kind != MailReminder {
			old, args = old+" OR kind = ? AND day < ?", append(args, kind, first)
		}
	}
	gone := b.db.Model(&Mail{}).Where("state = ? AND next_at <= ?", MailWaiting, b.now).Where("("+old+")", args...).
		Updates(map[string]any{"state": MailDropped, "error": DropStale, "cause": ""})
	return int(gone.RowsAffected), gone.Error
}

// inTurn puts claimed mails in the order in which they leave, at most n of them: by
// kind, those first that were not tried while nothing left, and nobody's second mail
// before everybody has had their first.
func inTurn(mails []Mail, n int) []Mail {
	nth := map[int64]int{}
	order := make(map[int64][3]int, len(mails))
	for _, m := range mails { // by age
		order[m.ID] = [3]int{mailKinds[m.Kind].turn, m.Holds, nth[m.UserID]}
		nth[m.UserID]++
	}
	slices.SortStableFunc(mails, func(a, z Mail) int { o, p := order[a.ID], order[z.ID]; return slices.Compare(o[:], p[:]) })
	return mails[:min(n, len(mails))]
}

// claim takes what is due and meets a condition into this owner's hands.
func (b *Board) claim(owner string, n int, which string, args ...any) (mails []Mail, err error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	err = b.db.Transaction(func(tx *gorm.DB) error {
		due := func(q *gorm.DB) *gorm.DB {
			return q.Where("state IN ('waiting', 'sending') AND next_at <= ? AND (state = 'waiting' OR lease_until < ?)", b.now, b.now).
				Where("("+which+")", args...)
		}
		var some []Mail
		err := due(tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})).Select("id", "kind", "user_id", "holds").
			Order(mailTurns + ", holds, next_at, id").Limit(2 * n).Find(&some).Error
		if err != nil || len(some) == 0 {
			return err
		}
		some = inTurn(some, n)
		ids, place := make([]int64, len(some)), map[int64]int{}
		for k, m := range some {
			ids[k], place[m.ID] = m.ID, k
		}
		err = due(tx.Model(&mails).Clauses(claimedColumns).Where("id IN ?", ids)).
			Updates(map[string]any{"state": MailSending, "owner": owner, "lease_until": b.now.Add(mailLease), "attempts": gorm.Expr("attempts + 1")}).Error
		slices.SortFunc(mails, func(a, z Mail) int { return place[a.ID] - place[z.ID] })
		return err
	}, shortTurn)
	return mails, err
}

// claimedColumns are what has to be known of a mail to send it.
var claimedColumns = func() (c clause.Returning) {
	for _, name := range []string{"id", "key", "kind", "user_id", "role", "unit_id", "titled", "optional", "webhook_id", "digest_id", "day", "subject", "text", "html",
		"attempts", "unclear", "doubts", "holds", "owner", "created_at"} {
		c.Columns = append(c.Columns, clause.Column{Name: name})
	}
	return c
}()

// mailTurns orders mails by which kind goes first.
var mailTurns = func() string {
	turns := "CASE kind"
	for _, kind := range slices.Sorted(maps.Keys(mailKinds)) {
		turns += fmt.Sprintf(" WHEN '%s' THEN %d", kind, mailKinds[kind].turn)
	}
	return turns + " ELSE 9 END"
}()

// fillDigests gives the mails of digests what they say.
func (b *Board) fillDigests(mails []Mail) error {
	of := map[int64][]int{}
	var ids []int64
	for n, m := range mails {
		if m.DigestID != nil {
			of[*m.DigestID], ids = append(of[*m.DigestID], n), append(ids, *m.DigestID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var digests []Digest
	if err := b.db.Select("id", "text", "html").Where("id IN ?", ids).Find(&digests).Error; err != nil {
		return err
	}
	for _, d := range digests {
		for _, n := range of[d.ID] {
			mails[n].Text, mails[n].HTML = d.Text, d.HTML
		}
	}
	return nil
}

// HoldMails renews a claim of mails.
func (b *Board) HoldMails(owner string) error {
	return b.db.Model(&Mail{}).Where("state = 'sending' AND owner = ?", owner).Update("lease_until", b.now.Add(mailLease)).Error
}

// ReleaseMails gives back what of a claim was never begun, with why nothing leaves; ""
// when it is only somebody else's turn.
func (b *Board) ReleaseMails(owner, why string) error {
	changes := map[string]any{"state": MailWaiting, "attempts": gorm.Expr("attempts - 1"), "lease_until": nil}
	if why != "" {
		changes["error"] = printable(why, 500)
	}
	return b.db.Model(&Mail{}).Where("state = 'sending' AND owner = ?", owner).Updates(changes).Error
}

// Addressees are those whom claimed mails go to, as they are now.
func (b *Board) Addressees(mails []Mail) (map[int64]User, error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	ids := make([]int64, len(mails))
	for n, m := range mails {
		ids[n] = m.UserID
	}
	var people []User
	err := b.db.Select("id", "role", "unit_id", "email", "mail_error", "mail_refused_on", "mail_reported_on", "disabled").Where("id IN ?", ids).Find(&people).Error
	to := map[int64]User{}
	for _, u := range people {
		to[u.ID] = u
	}
	return to, err
}

// NotFor says why this person may no longer have the mail, "" when they may. allowed
// tells whether an address may have short titles.
func (m Mail) NotFor(u User, allowed func(address string) bool) string {
	switch {
	case u.Disabled:
		return DropDisabled
	case u.Role != m.Role, !sameUnit(u.UnitID, m.UnitID):
		return DropRight
	case u.Email == "":
		return DropNoAddress
	case m.Titled && !allowed(u.Email):
		return DropAddress
	default:
		return ""
	}
}

// NoteTries writes down what came of tries to send, all at once. What the server has is
// sent. A passing refusal is tried again after a while, longer each time; one for good
// fails the mail, and when nobody is there marks the address, for the administrator to
// see. An answer that never came is asked for once more: the mail may have arrived, and
// carries the same Message-ID. Lost is how many were no longer in this claim: another
// owner has taken them over. All are of one claim.
func (b *Board) NoteTries(tries ...MailTry) (lost int, err error) {
	if !slices.ContainsFunc(tries, func(try MailTry) bool { return try.Came != CameTaken || b.lifts(try) }) {
		return noteTaken(b.db, b.now, tries)
	}
	err = b.db.Transaction(func(tx *gorm.DB) error {
		taken := slices.DeleteFunc(slices.Clone(tries), func(try MailTry) bool { return try.Came != CameTaken })
		if lost, err = noteTaken(tx, b.now, taken); err != nil {
			return err
		}
		for _, try := range tries {
			if try.Came == CameTaken {
				if b.lifts(try) {
					if err := unmark(tx.Where("id = ? AND email = ?", try.To.ID, try.To.Email)); err != nil {
						return err
					}
				}
				continue
			}
			ended := tx.Model(&Mail{}).Where("id = ? AND state = 'sending' AND owner = ?", try.Mail.ID, try.Mail.Owner).Updates(b.after(try))
			if ended.Error != nil {
				return ended.Error
			}
			lost += 1 - int(ended.RowsAffected)
			if try.Came == CameNobody {
				if err := b.mark(tx, try); err != nil {
					return err
				}
			}
		}
		return nil
	}, shortTurn)
	return lost, err
}

// lifts says whether a mail that was taken takes a mark from its reader's address: where
// a report came later, that our own server takes it proves nothing for a while.
func (b *Board) lifts(try MailTry) bool {
	return (try.To.MailError != "" || try.To.MailRefusedOn != "") && try.To.MailReportedOn <= b.Today().Plus(-reportsCome)
}

// noteTaken notes what the server has, in one statement: it is most of all that is
// noted, and what was sent and is not yet noted is sent again after a kill.
func noteTaken(db *gorm.DB, now time.Time, tries []MailTry) (lost int, err error) {
	if len(tries) == 0 {
		return 0, nil
	}
	address, args, ids := "", []any{now}, make([]int64, len(tries))
	for n, try := range tries {
		address, args = address+" WHEN ? THEN ?", append(args, try.Mail.ID, try.To.Email)
		ids[n] = try.Mail.ID
	}
	ended := db.Exec("UPDATE mails SET state = 'sent', sent_at = ?, error = '', cause = '', lease_until = NULL, address = CASE id"+address+" END"+
		" WHERE id IN ? AND state = 'sending' AND owner = ?", append(args, ids, tries[0].Mail.Owner)...)
	return len(tries) - int(ended.RowsAffected), ended.Error
}

// mark notes that an address refuses mail. The first time is remembered; on another day,
// and from a server that takes mail from us, it is marked, and no more reminders go there.
func (b *Board) mark(tx *gorm.DB, try MailTry) error {
	of := func() *gorm.DB { return tx.Model(&User{}).Where("id = ? AND email = ?", try.To.ID, try.To.Email) }
	if try.Proven {
		err := of().Where("mail_refused_on <> '' AND mail_refused_on < ?", b.Today()).Update("mail_error", printable(try.Why, 200)).Error
		if err != nil {
			return err
		}
	}
	return of().Where("mail_refused_on = ''").Update("mail_refused_on", b.Today()).Error
}

// unmark notes that these people's addresses take mail.
func unmark(who *gorm.DB) error {
	return who.Model(&User{}).Updates(map[string]any{"mail_error": "", "mail_refused_on": "", "mail_reported_on": ""}).Error
}

// MailMarked is how many accounts' addresses are marked as refusing mail.
func (b *Board) MailMarked() (n int64, err error) {
	if !b.MayGovern(GovernMail) {
		return 0, ErrForbidden
	}
	err = b.db.Model(&User{}).Where("mail_error <> '' AND disabled = ?", false).Count(&n).Error
	return n, err
}

// LiftMailMarks takes the mark from all addresses at once: the server is right again.
func (b *Board) LiftMailMarks() (lifted int64, err error) {
	err = b.govern(GovernMail, func(tx *gorm.DB) (Particulars, error) {
		if err := tx.Model(&User{}).Where("mail_error <> ''").Count(&lifted).Error; err != nil {
			return nil, err
		}
		return Particulars{"marks": fmt.Sprint(lifted)}, unmark(tx.Where("mail_error <> '' OR mail_refused_on <> ''"))
	})
	return lifted, err
}

// MailArrived notes that a mail which is in no outbox was taken at this address.
func (b *Board) MailArrived(address string) error {
	if !b.MayGovern(GovernMail) {
		return ErrForbidden
	}
	return unmark(b.db.Where("email = ? AND (mail_error <> '' OR mail_refused_on <> '')", address))
}

// after is what a try makes of a mail.
func (b *Board) after(try MailTry) map[string]any {
	m := try.Mail
	changes := map[string]any{"lease_until": nil, "address": try.To.Email, "error": printable(try.Why, 500), "cause": try.Cause}
	failed := func() { changes["state"], changes["failed_at"] = MailFailed, b.now }
	again := func() { changes["state"], changes["next_at"] = MailWaiting, b.now.Add(patience(m.Attempts, m.ID)) }
	switch try.Came {
	case CameDropped:
		changes["state"] = MailDropped
	case CameUnclear:
		changes["unclear"], changes["error"] = m.Unclear+1, MailUnclear
		if again(); m.Unclear > 0 {
			failed()
		}
	case CameDoubted:
		changes["doubts"] = m.Doubts + 1
		if again(); m.Doubts > 0 {
			failed()
		}
	case CameHeld:
		changes["state"], changes["next_at"], changes["holds"], changes["attempts"] = MailWaiting, b.now, m.Holds+1, m.Attempts-1
	case CamePutOff:
		if try.Proven { // it is refused while others' mails are taken
			changes["doubts"] = max(m.Doubts, 1)
		}
		if again(); b.now.Sub(m.CreatedAt) > mailGivenUp {
			failed()
		}
	default:
		failed()
	}
	return changes
}

// printable is what a machine said, fit to be kept and shown: one line, and none of the
// bytes that only its own code page knows.
func printable(words string, most int) string {
	words = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, words)
	return clip(strings.Join(strings.Fields(words), " "), most)
}

// patience is how long to wait before another try: half a minute, doubled each
// time, four hours at most, and never the same for all of a batch.
func patience(attempts int, id int64) time.Duration {
	wait := min(30*time.Second<<min(max(attempts-1, 0), 12), 4*time.Hour)
	return wait + wait*time.Duration(id%16)/64
}

// MessageID is the mail's own name in the world, always the same: who is sent it
// twice can see that it is one. The installation's part keeps it apart from that of
// another register with the same sender.
func (m Mail) MessageID(installation, host string) string {
	return strings.NewReplacer(":", ".", "@", ".").Replace(m.Key) + "." + installation + "@" + host
}

// MailCounts are how many mails of each state there are, and the oldest that waits.
func (b *Board) MailCounts() (counts map[MailState]int, oldest *time.Time, err error) {
	if !b.MayGovern(GovernMail) {
		return nil, nil, ErrForbidden
	}
	var rows []struct {
		State MailState
		N     int
	}
	counts = map[MailState]int{}
	err = b.db.Model(&Mail{}).Select("state, COUNT(*) AS n").Group("state").Scan(&rows).Error
	for _, row := range rows {
		counts[row.State] = row.N
	}
	if err != nil || counts[MailWaiting] == 0 {
		return counts, nil, err
	}
	var first []Mail // none, if the last of them has left since they were counted
	err = b.db.Select("created_at").Where("state = ?", MailWaiting).Order("created_at").Limit(1).Find(&first).Error
	if err != nil || len(first) == 0 {
		return counts, nil, err
	}
	return counts, &first[0].CreatedAt, nil
}

// MailRow is a mail as the delivery list shows it: to whom, not what it says.
type MailRow struct {
	ID        int64
	Kind      string
	Day       Day
	Name      string
	FullName  string
	Email     string
	Address   string
	State     MailState
	Attempts  int
	Error     string
	CreatedAt time.Time
	NextAt    time.Time
	SentAt    *time.Time
}

// Mails are the newest mails of these states, at most limit.
func (b *Board) Mails(limit int, states ...MailState) ([]MailRow, error) {
	if !b.MayGovern(GovernMail) {
		return nil, ErrForbidden
	}
	var rows []MailRow
	err := b.mailRows().Where("mails.state IN ?", states).Order("mails.id DESC").Limit(limit).Scan(&rows).Error
	return rows, err
}

func (b *Board) mailRows() *gorm.DB {
	return b.db.Table("mails").
		Select("mails.id, mails.kind, mails.day, users.name, COALESCE(webhooks.name, users.full_name) AS full_name, CASE WHEN mails.webhook_id IS NULL THEN users.email ELSE '' END AS email, mails.address, mails.state, mails.attempts, mails.error, mails.created_at, mails.next_at, mails.sent_at").
		Joins("JOIN users ON users.id = mails.user_id").Joins("LEFT JOIN webhooks ON webhooks.id = mails.webhook_id")
}

// ResendMail puts a failed mail back into the outbox, as it is; not one that is older
// than its sense.
func (b *Board) ResendMail(id int64) error {
	return b.govern(GovernMail, func(tx *gorm.DB) (Particulars, error) {
		var m Mail
		if err := orNotFound(tx.Select("id", "kind", "day", "state").Take(&m, id).Error); err != nil || m.State != MailFailed {
			return nil, Refused{Key: "mail.not_failed"}
		}
		if m.Day < b.sensible(m.Kind) {
			return nil, Refused{Key: "mail.stale"}
		}
		n, err := b.resend(tx.Where("id = ?", id))
		if err == nil && n == 0 {
			err = Refused{Key: "mail.not_failed"}
		}
		return Particulars{"mail": fmt.Sprint(id)}, err
	})
}

// resend puts the failed ones of these mails back into the outbox.
func (b *Board) resend(which *gorm.DB) (int, error) {
	again := which.Model(&Mail{}).Where("state = ?", MailFailed).Updates(map[string]any{
		"state": MailWaiting, "attempts": 0, "unclear": 0, "doubts": 0, "holds": 0, "error": "", "cause": "", "failed_at": nil, "told": false, "next_at": b.now, "created_at": b.now,
	})
	return int(again.RowsAffected), again.Error
}

// MailFailure is how many mails failed for one cause, and the newest of them.
type MailFailure struct {
	Cause MailCause
	Mails int
	Last  int64  // the number of the newest
	Words string // what it was told
}

// MailFailures are the mails that failed, by their cause, the most first. Messages to
// robots are not among them.
func (b *Board) MailFailures() ([]MailFailure, error) {
	if !b.MayGovern(GovernMail) {
		return nil, ErrForbidden
	}
	var failures []MailFailure
	err := b.db.Model(&Mail{}).Select("cause, COUNT(*) AS mails, MAX(id) AS last").Where("state = ? AND kind NOT IN ?", MailFailed, webhookKinds).
		Group("cause").Order("COUNT(*) DESC, cause").Scan(&failures).Error
	for n := range failures {
		var m Mail
		if err == nil {
			err = b.db.Select("error").Take(&m, failures[n].Last).Error
			failures[n].Words = m.Error
		}
	}
	return failures, err
}

// ResendMails puts all mails that failed for one cause back into the outbox. Those older
// than their sense are not sent again: a digest's successor says it all, and what a
// reminder was to carry is in the next one. It returns how many there are of both.
func (b *Board) ResendMails(cause MailCause) (again, stale int, err error) {
	err = b.govern(GovernMail, func(tx *gorm.DB) (Particulars, error) {
		again, stale = 0, 0
		for kind := range mailKinds {
			of := func() *gorm.DB { return tx.Where("state = ? AND cause = ? AND kind = ?", MailFailed, cause, kind) }
			first := b.sensible(kind)
			if kind == MailReminder {
				if err := giveBackNotices(tx, "mails.kind = 'reminder' AND mails.state = 'failed' AND mails.cause = ? AND mails.day < ?", cause, first); err != nil {
					return nil, err
				}
			}
			old := of().Model(&Mail{}).Where("day < ?", first).Updates(map[string]any{"state": MailDropped, "error": DropStale, "cause": ""})
			if old.Error != nil {
				return nil, old.Error
			}
			n, err := b.resend(of().Where("day >= ?", first))
			if err != nil {
				return nil, err
			}
			again, stale = again+n, stale+int(old.RowsAffected)
		}
		if again+stale == 0 {
			return nil, Refused{Key: "mail.not_failed"}
		}
		return Particulars{"cause": string(cause), "mails": fmt.Sprint(again)}, nil
	})
	return again, stale, err
}

// giveBackNotices has the notices that these mails were to carry carried by the next.
func giveBackNotices(tx *gorm.DB, which string, args ...any) error {
	return tx.Exec("UPDATE notices SET mailed_on = '' WHERE mailed_on <> '' AND EXISTS (SELECT 1 FROM mails"+
		" WHERE mails.user_id = notices.user_id AND mails.day = notices.mailed_on AND "+which+")", args...).Error
}

// SweepMails removes what was sent, dropped or given up before the logs begin, and
// returns how many that were. What the newer ones said goes sooner.
func (b *Board) SweepMails() (int, error) {
	const over = "state IN ('sent', 'dropped', 'failed') AND created_at < ?"
	gone := b.db.Where(over, b.logsBegin()).Delete(&Mail{})
	if gone.Error != nil {
		return 0, gone.Error
	}
	hushed := b.db.Model(&Mail{}).Where(over+" AND (text <> '' OR html <> '')", b.now.AddDate(0, 0, -mailWordsKept)).
		Updates(map[string]any{"text": "", "html": ""})
	return int(gone.RowsAffected), hushed.Error
}
