package jobs

import (
	_ "embed" // the words of Chinese servers
	"errors"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"duban/models"
)

// stage is how far a conversation with a mail server has come when it answers.
type stage string

// The stages of a conversation, in their order.
const (
	stageConnect stage = "connect" // the line itself
	stageGreet   stage = "greet"   // the server's first word
	stageHello   stage = "hello"   // EHLO
	stageTLS     stage = "tls"     // STARTTLS, and agreeing on the encryption
	stageAuth    stage = "auth"    // AUTH
	stageSender  stage = "sender"  // MAIL FROM
	stageReader  stage = "reader"  // RCPT TO
	stageData    stage = "data"    // DATA
	stageBody    stage = "body"    // the mail itself
)

// about is what an answer is about, and so what is to be done.
type about int

// What answers are about.
const (
	aboutNothing about = iota // the server has the mail
	aboutAddress              // this address: the mail fails, and the address is remembered
	aboutMail                 // this mail: it fails, and says nothing of its reader
	aboutUs                   // us: the whole outbox is held, and nothing fails
	aboutNow                  // this mail for now: it is tried again, later each time
	aboutPace                 // how fast or how many: the outbox goes on at the server's pace
	aboutLine                 // the line: it broke
)

// sendAnswer is what a server said, or what became of the line to it.
type sendAnswer struct {
	stage stage
	code  int    // 0 when the server said nothing
	words string // for people: the server's own, or the line's
	about about
	sure  bool // the words leave no doubt what it is about
	cause models.MailCause
	ended bool // the conversation is over
	whole bool // all of the mail had been said: the server may have it
}

// answerRow is one line of the table: an answer that is given at one of these stages,
// with one of these codes, with this enhanced code and these words, is about that.
// What is left empty is anything. The first line that fits is the one.
type answerRow struct {
	stages   []stage
	codes    []int  // 5 and 4 stand for all that begin so
	enhanced string // its beginning, such as "5.1." or "5.7.1"; "-" for none
	words    string // a regular expression, of small letters
	about    about
	cause    models.MailCause
	source   string // where it is laid down, or who says it
	doubtful bool   // servers say this of other things as well
}

// Where mails are refused one by one: who reads, DATA, the mail. What is said before
// is said to us.
var (
	ofOne   = []stage{stageReader, stageData, stageBody}
	ofUs    = []stage{stageGreet, stageHello, stageTLS, stageAuth, stageSender}
	ofAny   []stage
	rejects = []int{5}
	forNow  = []int{4}
)

// answers is the table. RFC 5321 gives the codes, RFC 3463 and its registry the
// enhanced ones, and both leave it to the server at which stage it says what: Postfix
// keeps what it has against the client, its name or the sender until RCPT TO
// (smtpd_delay_reject), where it looks like a word about the reader. So words come
// first, then enhanced codes, then the stage.
var answers = []answerRow{
	// How fast and how many.
	{ofAny, []int{421}, "", `too many (concurrent )?(smtp )?(connections|sessions)|concurrent connections|hl:icc|too much mail|connection rate|rate limit|submission rate|hl:ifc|frequency limited|too many (messages|recipients|mails)`, aboutPace, models.CausePace, "RFC 5321 §3.8, Postfix smtpd_client_*_limit, Exim smtp_accept_max, Exchange 4.3.2 and 4.4.2, NetEase HL:ICC, HL:IFC", false},
	{ofAny, []int{4}, "", `too much mail|too many (mails|messages|connections|recipients from|new recipients)|rate limit|ratelimit|sending rate|frequency limited|throttl|over the rate|exceeded the (configured|message) |sender rate|overlimit|hl:ifc|mi:dmc|mi:sfq|mi:ccl|rp:drc|rp:ccl|rp:qrc|rp:cel|too fast|slow down`, aboutPace, models.CausePace, "Postfix anvil 450 4.7.1, Exim ratelimit, RFC 5321 §4.5.3.1.10, NetEase MI:DMC, MI:SFQ, RP:QRC, Exchange", false},
	{ofAny, []int{5}, "", `\b(connection|ip|domain|sender) frequency limited|sender rate|overlimit|too many (messages|mails) (from|in)`, aboutPace, models.CausePace, "Tencent 550 Ip frequency limited", false},
	{ofAny, []int{4, 5}, "", `mi:stc|daily (sending |message |user )?(sending )?(quota|limit)|exceeded.{0,20}(daily|24.hour|hourly)|sending quota|quota exceed.{0,20}(sender|sending)|{quota}`, aboutPace, models.CauseQuota, "NetEase 554 MI:STC, Aliyun, Tencent: the day's share", false},
	{[]stage{stageData, stageBody}, []int{4}, "4.5.3", ``, aboutNow, models.CauseLater, "RFC 5321 §4.5.3.1.10", false},

	// Who may send, and from where.
	{ofAny, []int{530, 550, 553, 554, 503}, "", `starttls (command )?first|must issue a starttls|encryption (is )?(needed|required)|requires? tls|tls (is )?(needed|required)|5\.7\.10`, aboutUs, models.CauseWantsTLS, "RFC 3207 §4: 530; OpenSMTPD, Postfix smtpd_tls_security_level=encrypt", false},
	{ofAny, []int{5}, "", `authentication (is )?required|must (first )?authenticate|authenticate first|auth (command )?first|must issue an auth|not authenticated|authentication is required|need(s)? authentication|5\.7\.57|not logged in|smtp auth.{0,12}required|{signin}`, aboutUs, models.CauseNeedsAuth, "RFC 4954 §6: 530 5.7.0; OpenSMTPD 5.5.1, Exchange 5.7.57, NetEase 553", false},
	{ofAny, []int{530}, "", ``, aboutUs, models.CauseNeedsAuth, "RFC 4954 §6", false},
	{ofAny, []int{4, 5}, "", `sender (address )?rejected|sender verif|verification failed for .{0,80}sender|mail from must|must equal authori|must be (the )?same as|not owned by user|not own(ed)? |send as this sender|5\.7\.60|bad (outbound )?sender|sender (is )?(not|denied|refused|unknown|rejected)|invalid sender|doesn't conform with authentication|not allowed to send|sender address.{0,30}(denied|refused|invalid|does not exist)|unauthori[sz]ed sender|null sender|dt:sum|mi:spb|wm:blu|domain of sender`, aboutUs, models.CauseSender, "Postfix reject_sender_login_mismatch, reject_unknown_sender_domain; Exim sender verify; Exchange 5.7.60, 5.1.8; Aliyun 440, NetEase and Tencent 553", false},
	{ofAny, []int{4, 5}, "5.1.8", ``, aboutUs, models.CauseSender, "RFC 3463 §3.2 X.1.8", false},
	{ofAny, []int{5}, "5.1.7", ``, aboutUs, models.CauseSender, "RFC 3463 §3.2 X.1.7", false},
	{ofAny, []int{4, 5}, "", `helo command rejected|(helo|ehlo).{0,40}(reject|invalid|not |bad|denied|refused|syntactically|fully|hostname)|invalid (helo|ehlo)|fully.qualified (hostname|host name|domain)`, aboutUs, models.CauseName, "Postfix reject_non_fqdn_helo_hostname 504 5.5.2, reject_unknown_helo_hostname 450 4.7.1; Exim 501, 550", false},
	{ofAny, []int{4, 5}, "", `relay(ing)? (not permitted|access denied|denied|is not|not allowed|prohibited)|relay access|unable to relay|not permitted to relay|no relay|we do not relay|5\.7\.54|5\.7\.64|rcpthosts|local user only|not (a )?local (domain|user)|only.{0,20}local (domain|user)s?`, aboutUs, models.CauseRelay, "Postfix 554 5.7.1 and 454 4.7.1 Relay access denied, Exim 550 relay not permitted, Exchange 5.7.54 and 5.7.64, NetEase 553 Local user only", false},
	{ofAny, []int{4, 5}, "", `\brbl\b|blacklist|black list|blocklist|block list|block(ed)? using|spamhaus|\blisted (at|in|by)\b|reputation|\bip\b.{0,24}(blocked|rejected|banned|suspended)|hl:(rep|ihu|ipb|mep|itc)|dt:rbl|behaviou?r spam|smtp auth error limit`, aboutUs, models.CauseBlocked, "Postfix reject_rbl_client 554 5.7.1, NetEase HL:REP, HL:IHU, HL:IPB, Aliyun 554 behaviour spam", false},
	{ofAny, []int{4, 5}, "", `client host rejected|client (address|host).{0,20}(rejected|denied)|cannot find your (reverse )?hostname|no reverse|reverse dns|ptr record|host (is )?(not allowed|denied|refused|rejected)|connection (denied|refused|rejected)|wm:bli|your (ip|host|address).{0,40}(not |denied|refused|reject)|not allowed to connect|go away`, aboutUs, models.CauseClient, "Postfix reject_unknown_client_hostname 450 4.7.25, check_client_access 554 5.7.1; NetEase WM:BLI; Tencent 550 Connection denied", false},
	{ofAny, []int{4, 5}, "4.7.25", ``, aboutUs, models.CauseClient, "RFC 7372 X.7.25", false},
	{ofAny, []int{5}, "5.7.25", ``, aboutUs, models.CauseClient, "RFC 7372 X.7.25", false},

	// Signing in.
	{[]stage{stageAuth}, []int{504, 534, 538}, "", ``, aboutUs, models.CauseMechanism, "RFC 4954 §6: 504, 534, 538; Exchange 504 5.7.4", false},
	{[]stage{stageAuth}, []int{503}, "", ``, aboutUs, models.CauseNoAuth, "Exim 503 AUTH command used when not advertised", false},
	{[]stage{stageAuth}, forNow, "", `fail authentication|too many|later`, aboutUs, models.CausePassword, "NetEase 451 too much fail authentication", false},
	{[]stage{stageAuth}, forNow, "", ``, aboutUs, models.CauseServer, "RFC 4954 §6: 454 4.7.0", false},
	{[]stage{stageAuth}, rejects, "", ``, aboutUs, models.CausePassword, "RFC 4954 §6: 535 5.7.8; Aliyun 526", false},

	// Whom it is for. RFC 5321 §4.2.3: 550 no such mailbox, 551 not local, 553 not allowed;
	// it is the same number for what is forbidden to us, so words or an enhanced code must
	// say that it is the mailbox.
	{[]stage{stageReader, stageBody}, rejects, "", `mailbox (is )?(disabled|suspended|inactive|frozen|locked|closed)|(user|account|recipient).{0,12}(disabled|suspended|inactive|frozen|locked|closed)|disable(d)? user|{closed}`, aboutAddress, models.CauseClosed, "RFC 3463 §3.3 X.2.1; NetEase 550 User suspended, Aliyun 517", false},
	{[]stage{stageReader, stageBody}, rejects, "5.2.1", ``, aboutAddress, models.CauseClosed, "RFC 3463 §3.3 X.2.1: disabled, not accepting", false},
	{[]stage{stageReader, stageBody}, []int{4, 5}, "", `(mailbox|inbox|quota|storage).{0,30}(full|exceeded|over)|over quota|quota exceed|insufficient .{0,12}storage|{full}`, aboutNow, models.CauseFull, "RFC 3463 §3.3 X.2.2; RFC 5321 §4.2.2: 452, 552; Dovecot, Exchange 5.2.2", false},
	{[]stage{stageReader, stageBody}, []int{5}, "5.2.2", ``, aboutNow, models.CauseFull, "RFC 3463 §3.3 X.2.2", false},
	{[]stage{stageReader, stageBody}, []int{4}, "4.2.2", ``, aboutNow, models.CauseFull, "RFC 3463 §3.3 X.2.2", false},
	{[]stage{stageReader, stageData, stageBody}, rejects, "", `no such (user|mailbox|recipient|address|local user|person)|(user|mailbox|recipient|account|address|rcptto|local user|addressee).{0,40}(unknown|not found|not exist|does ?n.t exist|unavailable in|no longer|invalid)|(unknown|invalid|nonexistent|non-existent) (local |or invalid )?(user|mailbox|recipient|address|rcptto|local part|local-part|addressee)|unknown in (local|relay|virtual)|unrouteable address|recipientnotfound|recipient not found|not a (known|valid) (user|mailbox|recipient)|isn.t a (known|valid) user|{address}`, aboutAddress, models.CauseAddress, "Postfix 550 5.1.1 User unknown in … table, Exim 550 Unrouteable address, OpenSMTPD 550 Invalid recipient, Coremail and Tencent 550 User not found, Aliyun 559 Invalid rcptto, Exchange 5.1.10", false},
	{ofOne, rejects, "5.1.10", ``, aboutAddress, models.CauseAddress, "RFC 7505 §4.2 beside Exchange's use of it", false},
	{ofOne, rejects, "5.1.1", ``, aboutAddress, models.CauseAddress, "RFC 3463 §3.2 X.1.1", false},
	{ofOne, rejects, "5.1.2", ``, aboutAddress, models.CauseDomain, "RFC 3463 §3.2 X.1.2; RFC 7505", false},
	{ofOne, rejects, "5.1.3", ``, aboutAddress, models.CauseAddress, "RFC 3463 §3.2 X.1.3", false},
	{ofOne, rejects, "5.1.6", ``, aboutAddress, models.CauseAddress, "RFC 3463 §3.2 X.1.6: moved", false},
	{ofOne, []int{556}, "", ``, aboutAddress, models.CauseDomain, "RFC 7504 §2.2: the domain takes no mail", false},
	{ofOne, []int{551}, "", ``, aboutAddress, models.CauseAddress, "RFC 5321 §4.2.3: user not local", true},
	{ofOne, rejects, "5.1.", ``, aboutAddress, models.CauseAddress, "RFC 3463 §3.2", true},
	{ofOne, rejects, "", `domain (not found|does ?n.t exist)|host (not found|or domain name not found)|\bno mx\b`, aboutAddress, models.CauseDomain, "Postfix reject_unknown_recipient_domain", false},

	// What it says.
	{[]stage{stageSender, stageReader, stageData, stageBody}, []int{552, 554, 523}, "", `(message|mail|maximum|max).{0,20}size|too (large|big)|size exceed|exceed.{0,24}size`, aboutMail, models.CauseSize, "RFC 1870 §6: 552; Exim 552, NetEase 552", false},
	{[]stage{stageSender, stageReader, stageData, stageBody}, rejects, "5.3.4", ``, aboutMail, models.CauseSize, "RFC 3463 §3.4 X.3.4", false},
	{[]stage{stageSender, stageReader, stageData, stageBody}, rejects, "5.2.3", ``, aboutMail, models.CauseSize, "RFC 3463 §3.3 X.2.3", false},
	{[]stage{stageData, stageBody}, rejects, "", `spam|junk|virus|content (denied|rejected|refused)|mail content|message content|dt:spm|illegal attachment|policy reasons|{junk}`, aboutMail, models.CauseContent, "NetEase 554 DT:SPM, Tencent 550 Mail content denied, Exim 550 content", false},
	{[]stage{stageData, stageBody}, rejects, "5.6.", ``, aboutMail, models.CauseContent, "RFC 3463 §3.7", false},
	{[]stage{stageData, stageBody}, rejects, "5.7.1", ``, aboutMail, models.CauseContent, "RFC 3463 §3.8 X.7.1", true},
	{[]stage{stageData, stageBody}, rejects, "", ``, aboutMail, models.CauseContent, "RFC 5321 §4.2.5", true},

	// For now. A server that asks everybody to come again, as greylisting does, has to be
	// asked by everybody: it holds nothing up.
	{[]stage{stageReader, stageData, stageBody}, forNow, "", `greylist|graylist|grey-list|try again|later|4\.2\.0`, aboutNow, models.CauseLater, "RFC 6647; Postfix postgrey 450 4.2.0, NetEase 451 DT:SPM please try again", false},
	{[]stage{stageReader, stageData, stageBody}, []int{451, 452}, "4.3.", ``, aboutNow, models.CauseServer, "RFC 3463 §3.4; Exchange 452 4.3.1", false},
	{ofOne, []int{421}, "", ``, aboutPace, models.CausePace, "RFC 5321 §3.8", false},
	{ofOne, forNow, "", ``, aboutNow, models.CauseLater, "RFC 5321 §4.2.5", false},

	// What is said before it is known whom a mail is for, is said to us.
	{[]stage{stageGreet}, []int{421}, "", ``, aboutPace, models.CausePace, "RFC 5321 §3.8", false},
	{[]stage{stageGreet}, []int{521}, "", ``, aboutUs, models.CauseTurnedAway, "RFC 7504 §2.1: the host takes no mail", false},
	{[]stage{stageGreet}, rejects, "", ``, aboutUs, models.CauseTurnedAway, "RFC 5321 §3.1: 554", false},
	{[]stage{stageHello}, []int{421}, "", ``, aboutPace, models.CausePace, "RFC 5321 §3.8", false},
	{[]stage{stageHello}, []int{4, 5}, "", ``, aboutUs, models.CauseName, "RFC 5321 §4.1.4: 550, 504", false},
	{[]stage{stageTLS}, []int{4, 5}, "", ``, aboutUs, models.CauseTLS, "RFC 3207 §4: 454", false},
	{[]stage{stageSender}, []int{421}, "", ``, aboutPace, models.CausePace, "RFC 5321 §3.8", false},
	{[]stage{stageSender}, forNow, "", ``, aboutPace, models.CauseServer, "RFC 5321 §4.2.2: 450, 451, 452", false},
	{[]stage{stageSender}, []int{550, 551, 553, 555, 556, 501, 504, 510, 512}, "", ``, aboutUs, models.CauseSender, "RFC 5321 §3.3: 550, 553 to MAIL", false},
	{ofUs, rejects, "", ``, aboutUs, models.CauseRefused, "RFC 5321 §4.2.5", false},
	{ofUs, forNow, "", ``, aboutPace, models.CauseServer, "RFC 5321 §4.2.5", false},

	// And what is left: a refusal for good that does not say of what.
	{ofOne, rejects, "5.7.", ``, aboutUs, models.CauseRefused, "RFC 3463 §3.8: security or policy", true},
	{ofOne, []int{500, 501, 502, 503, 504, 555}, "", ``, aboutUs, models.CauseRefused, "RFC 5321 §4.2.4: of syntax, which is ours", true},
	{ofOne, rejects, "", ``, aboutMail, models.CauseRefused, "RFC 5321 §4.2.3: 550 may be access denied or no such mailbox", true},
}

// chineseWords are what servers say in Chinese, by the names that the table gives them.
//
//go:embed mail_words.tsv
var chineseWords string

// answerWords are the expressions of the table, read once.
var answerWords = func() []*regexp.Regexp {
	var names []string
	for line := range strings.Lines(chineseWords) {
		if name, words, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			names = append(names, "{"+name+"}", words)
		}
	}
	named := strings.NewReplacer(names...)
	read := make([]*regexp.Regexp, len(answers))
	for n, row := range answers {
		if row.words != "" {
			read[n] = regexp.MustCompile(named.Replace(row.words))
		}
	}
	return read
}()

// addressIn is an address that an answer repeats: its letters say nothing.
var addressIn = regexp.MustCompile(`<?[^\s<>]+@[^\s<>:;,]+>?`)

// rowOf is the line of the table that fits an answer.
func rowOf(at stage, code int, enhanced, words string) (answerRow, bool) {
	words = strings.ToLower(addressIn.ReplaceAllString(words, "<>"))
	for n, row := range answers {
		switch {
		case row.stages != nil && !slices.Contains(row.stages, at):
		case row.codes != nil && !slices.Contains(row.codes, code) && !slices.Contains(row.codes, code/100):
		case row.enhanced == "-" && enhanced != "":
		case row.enhanced != "-" && !hasEnhanced(enhanced, row.enhanced):
		case answerWords[n] != nil && !answerWords[n].MatchString(words):
		default:
			return row, true
		}
	}
	return answerRow{}, false
}

// hasEnhanced says whether an enhanced code is that of a line: all of it, or, where the
// line's ends with a point, a beginning.
func hasEnhanced(code, want string) bool {
	return want == "" || code == want || strings.HasSuffix(want, ".") && strings.HasPrefix(code, want)
}

// evidence is what is known of a server beside one of its answers.
type evidence int

// What is known: nothing yet; that others' mails are taken; or that everybody gets
// this same answer, and nobody anything else.
const (
	nothingKnown evidence = iota
	othersTaken
	everybodys
)

// outcome is what becomes of a mail, or of the outbox.
type outcome int

// What may become of it.
const (
	mailFails     outcome = iota // this mail fails for good
	addressFails                 // and its address is remembered
	mailWaits                    // this mail is tried again, later each time
	outboxIsHeld                 // nothing leaves until the server takes something from us
	outboxIsSlow                 // the outbox goes on at the server's pace
	mailIsDoubted                // this mail is tried once more, and fails when it is so again
)

// verdicts is what becomes of a mail by what the answer is about, and what is known
// beside it. What everybody is told is about us, whatever it says of each: a server
// that has lost its list of users knows nobody. What is about us while others' mails
// are taken is about this mail after all, and yet nobody's fault: it waits.
var verdicts = map[about]map[evidence]outcome{
	aboutAddress: {nothingKnown: addressFails, othersTaken: addressFails, everybodys: outboxIsHeld},
	aboutMail:    {nothingKnown: mailFails, othersTaken: mailFails, everybodys: outboxIsHeld},
	aboutUs:      {nothingKnown: outboxIsHeld, othersTaken: mailWaits, everybodys: outboxIsHeld},
	aboutNow:     {nothingKnown: mailWaits, othersTaken: mailWaits, everybodys: mailWaits},
	aboutPace:    {nothingKnown: outboxIsSlow, othersTaken: outboxIsSlow, everybodys: outboxIsSlow},
}

// doubtfulVerdicts is the same for answers that may be about something else.
var doubtfulVerdicts = map[about]map[evidence]outcome{
	aboutAddress: {nothingKnown: mailWaits, othersTaken: mailIsDoubted, everybodys: outboxIsHeld},
	aboutMail:    {nothingKnown: mailWaits, othersTaken: mailIsDoubted, everybodys: outboxIsHeld},
	aboutUs:      {nothingKnown: mailWaits, othersTaken: mailIsDoubted, everybodys: outboxIsHeld},
}

// verdict is what becomes of a mail that was answered so.
func (a sendAnswer) verdict(known evidence) outcome {
	if !a.sure {
		if v, ok := doubtfulVerdicts[a.about]; ok {
			return v[known]
		}
	}
	return verdicts[a.about][known]
}

// same says whether two answers are one: the words may name each reader.
func (a sendAnswer) same(z sendAnswer) bool {
	return a.stage == z.stage && a.code == z.code && a.cause == z.cause && a.about == z.about
}

// enhancedCode is a code of RFC 3463 at the beginning of a line.
var enhancedCode = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(?:[ \n]|$)`)

// readAnswer reads what came of a step of the conversation; nil is that it was taken.
func readAnswer(at stage, err error) sendAnswer {
	if err == nil {
		return sendAnswer{stage: at}
	}
	var said *textproto.Error
	if !errors.As(err, &said) {
		return readTrouble(at, err)
	}
	words := legible(said.Msg)
	var enhanced string
	var lines []string
	for line := range strings.SplitSeq(words, "\n") {
		if found := enhancedCode.FindStringSubmatch(line); found != nil {
			enhanced = found[1]
			line = strings.TrimPrefix(line[len(found[1]):], " ")
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	plain := strings.TrimSpace(strings.Join(lines, " "))
	a := sendAnswer{stage: at, code: said.Code, about: aboutUs, cause: models.CauseRefused, ended: said.Code == 421 || said.Code == 521 || at == stageGreet}
	a.words = strings.Join(strings.Fields(strconv.Itoa(said.Code)+" "+enhanced+" "+plain), " ")
	if row, ok := rowOf(at, said.Code, enhanced, plain); ok {
		a.about, a.cause, a.sure = row.about, row.cause, !row.doubtful
	} else if said.Code/100 <= 3 { // a yes where none was asked for: the two speak at cross purposes
		a.about, a.cause, a.ended = aboutLine, models.CauseProtocol, true
	}
	return a
}

// legible is what a server said in letters: many here answer in the old code page.
func legible(words string) string {
	if !utf8.ValidString(words) {
		if read, err := simplifiedchinese.GB18030.NewDecoder().String(words); err == nil {
			return read
		}
	}
	return words
}
