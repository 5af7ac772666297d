package jobs

import (
	"mime"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/models"
	"duban/views/text"
)

// saying is what a server says at a stage, and what it is about.
type saying struct {
	at    stage
	code  int
	words string
	about about
	cause models.MailCause
}

// sayings are what servers say: one line of each of them at least.
var sayings = []saying{
	// Postfix
	{stageReader, 553, "5.7.1 <duban@example.gov.cn>: Sender address rejected: not owned by user x", aboutUs, models.CauseSender},
	{stageReader, 504, "5.5.2 <duban>: Helo command rejected: need fully-qualified hostname", aboutUs, models.CauseName},
	{stageReader, 554, "5.7.1 <unknown[127.0.0.1]>: Client host rejected: Access denied", aboutUs, models.CauseClient},
	{stageReader, 554, "5.7.1 <x@example.gov.cn>: Recipient address rejected: Access denied", aboutUs, models.CauseRefused},
	{stageReader, 554, "5.7.1 <x@example.com>: Relay access denied", aboutUs, models.CauseRelay},
	{stageReader, 454, "4.7.1 <x@example.com>: Relay access denied", aboutUs, models.CauseRelay},
	{stageReader, 450, "4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", aboutUs, models.CauseClient},
	{stageReader, 554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", aboutUs, models.CauseBlocked},
	{stageReader, 550, "5.1.1 <x@example.gov.cn>: Recipient address rejected: User unknown in relay recipient table", aboutAddress, models.CauseAddress},
	{stageReader, 450, "4.2.0 <x@example.gov.cn>: Recipient address rejected: Greylisted, see http://example.org", aboutNow, models.CauseLater},
	{stageReader, 450, "4.1.8 <duban@nowhere.test>: Sender address rejected: Domain not found", aboutUs, models.CauseSender},
	{stageReader, 450, "4.7.1 Error: too much mail from 192.0.2.1", aboutPace, models.CausePace},
	{stageGreet, 421, "4.7.0 mail.test Error: too many connections from 192.0.2.1", aboutPace, models.CausePace},
	{stageSender, 530, "5.7.0 Must issue a STARTTLS command first", aboutUs, models.CauseWantsTLS},
	{stageAuth, 535, "5.7.8 Error: authentication failed: UGFzc3dvcmQ6", aboutUs, models.CausePassword},
	{stageBody, 552, "5.3.4 Error: message file too big", aboutMail, models.CauseSize},
	{stageBody, 550, "5.7.1 message content rejected", aboutMail, models.CauseContent},
	// Exim
	{stageReader, 550, "relay not permitted", aboutUs, models.CauseRelay},
	{stageReader, 550, "Unrouteable address", aboutAddress, models.CauseAddress},
	{stageReader, 550, "Verification failed for <duban@example.gov.cn>\nUnrouteable address\nSender verify failed", aboutUs, models.CauseSender},
	{stageReader, 550, "Administrative prohibition", aboutMail, models.CauseRefused},
	{stageHello, 501, "Syntactically invalid HELO argument(s)", aboutUs, models.CauseName},
	{stageAuth, 535, "Incorrect authentication data", aboutUs, models.CausePassword},
	{stageSender, 552, "Message size exceeds maximum permitted", aboutMail, models.CauseSize},
	{stageGreet, 421, "mail.test: Too many concurrent SMTP connections; please try again later", aboutPace, models.CausePace},
	// OpenSMTPD
	{stageReader, 550, "Invalid recipient: <x@example.gov.cn>", aboutAddress, models.CauseAddress},
	{stageSender, 530, "5.5.1 Invalid command: Must issue an AUTH command first", aboutUs, models.CauseNeedsAuth},
	// Exchange
	{stageBody, 550, "5.7.60 SMTP; Client does not have permissions to send as this sender", aboutUs, models.CauseSender},
	{stageReader, 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain", aboutUs, models.CauseRelay},
	{stageSender, 530, "5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", aboutUs, models.CauseNeedsAuth},
	{stageBody, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", aboutAddress, models.CauseAddress},
	{stageReader, 550, "5.2.2 mailbox full", aboutNow, models.CauseFull},
	{stageSender, 421, "4.4.2 Message submission rate for this client has exceeded the configured limit", aboutPace, models.CausePace},
	{stageData, 452, "4.3.1 Insufficient system resources", aboutNow, models.CauseServer},
	// Coremail, NetEase, Tencent, Aliyun
	{stageReader, 550, "User not found: x@example.gov.cn", aboutAddress, models.CauseAddress},
	{stageReader, 550, "5.1.1 用户不存在", aboutAddress, models.CauseAddress},
	{stageReader, 550, "User suspended", aboutAddress, models.CauseClosed},
	{stageSender, 553, "Mail from must equal authorized user", aboutUs, models.CauseSender},
	{stageSender, 553, "authentication is required,163 smtp1,D9GowAB3", aboutUs, models.CauseNeedsAuth},
	{stageSender, 501, "mail from address must be same as authorization user", aboutUs, models.CauseSender},
	{stageSender, 440, "mail from account doesn't conform with authentication (Auth Account:a|Mail Account:b)", aboutUs, models.CauseSender},
	{stageAuth, 526, "Authentication failure[0]", aboutUs, models.CausePassword},
	{stageReader, 559, "Invalid rcptto [@sm010101]", aboutAddress, models.CauseAddress},
	{stageBody, 554, "DT:SPM 163 smtp2,EsmowAA", aboutMail, models.CauseContent},
	{stageBody, 451, "DT:SPM please try again later", aboutNow, models.CauseLater},
	{stageGreet, 421, "HL:ICC 163 mx9,HMCowA", aboutPace, models.CausePace},
	{stageSender, 451, "MI:SFQ 163 smtp10,DsCowA", aboutPace, models.CausePace},
	{stageSender, 554, "MI:STC 163 smtp5", aboutPace, models.CauseQuota},
	{stageReader, 550, "Ip frequency limited", aboutPace, models.CausePace},
	{stageReader, 550, "Connection denied", aboutUs, models.CauseClient},
	{stageBody, 550, "Mail content denied", aboutMail, models.CauseContent},
	// the standard
	{stageReader, 556, "5.1.10 <x@example.com>: Recipient address has null MX", aboutAddress, models.CauseAddress},
	{stageGreet, 521, "host does not accept mail", aboutUs, models.CauseTurnedAway},
	{stageReader, 550, "5.2.1 mailbox disabled, not accepting messages", aboutAddress, models.CauseClosed},
	// what else the table knows
	{stageBody, 452, "4.5.3 too many recipients", aboutNow, models.CauseLater},
	{stageReader, 530, "not yet", aboutUs, models.CauseNeedsAuth},
	{stageReader, 550, "Access denied: connections from this network are not authenticated", aboutUs, models.CauseNeedsAuth},
	{stageAuth, 451, "too much fail authentication", aboutUs, models.CausePassword},
	{stageReader, 450, "domain not found", aboutNow, models.CauseLater},
	{stageReader, 554, "host or domain name not found", aboutAddress, models.CauseDomain},
	{stageReader, 550, "Sender rate overlimit - 10.0 / 2s", aboutPace, models.CausePace},
	{stageReader, 450, "Sender rate overlimit - 10.0 / 2s", aboutPace, models.CausePace},
	{stageSender, 571, "5.7.1 delivery not authorized", aboutUs, models.CauseRefused},
	{stageReader, 552, "mailbox full", aboutNow, models.CauseFull},
}

func TestWhatServersSayIsAboutWhatItIsAbout(t *testing.T) {
	for _, tt := range sayings {
		a := readAnswer(tt.at, &textproto.Error{Code: tt.code, Msg: tt.words})
		if a.about != tt.about || a.cause != tt.cause {
			t.Errorf("%s %d %s: about %d %s, want %d %s", tt.at, tt.code, tt.words, a.about, a.cause, tt.about, tt.cause)
		}
		if first, _, _ := strings.Cut(tt.words, "\n"); !strings.Contains(a.words, strings.Fields(first)[0]) {
			t.Errorf("%q became %q", tt.words, a.words)
		}
	}
}

// An address says nothing by its letters: somebody may be called spam or relay.
func TestAnAddressSaysNothingByItsLetters(t *testing.T) {
	for _, address := range []string{"spam.relay@rbl.example.gov.cn", "<sender.rejected@helo.example>", "auth.required@example.gov.cn"} {
		a := readAnswer(stageReader, &textproto.Error{Code: 550, Msg: "5.1.1 " + address + ": user unknown"})
		if a.about != aboutAddress || a.cause != models.CauseAddress {
			t.Errorf("%s: %+v", address, a)
		}
	}
}

// Every line of the table says where it is from, means a cause that there is, and can be
// reached: no line before it fits all that it fits.
func TestTheTableOfAnswersIsWhole(t *testing.T) {
	for n, row := range answers {
		if row.source == "" || row.about == aboutNothing || !text.Has("mail.reason.cause."+string(row.cause)) || !text.Has("mail.reason.remedy."+string(row.cause)) {
			t.Errorf("line %d: %+v", n, row)
		}
		for k, before := range answers[:n] {
			if before.words == "" && row.words == "" && before.enhanced == row.enhanced && slices.Equal(before.stages, row.stages) && slices.Equal(before.codes, row.codes) {
				t.Errorf("line %d is never reached: line %d fits first", n, k)
			}
		}
	}
	for _, at := range stageOrder[1:] {
		for _, code := range []int{400, 421, 450, 451, 452, 500, 501, 504, 530, 535, 550, 551, 552, 553, 554, 556, 571} {
			if _, ok := rowOf(at, code, "", "xyzzy"); !ok && at != stageConnect {
				t.Errorf("%s %d means nothing", at, code)
			}
		}
	}
}

// What becomes of a mail by the answer and what is known beside it.
func TestTheVerdict(t *testing.T) {
	tests := []struct {
		a     sendAnswer
		known evidence
		want  outcome
	}{
		{sendAnswer{about: aboutAddress, sure: true}, nothingKnown, addressFails},
		{sendAnswer{about: aboutAddress, sure: true}, everybodys, outboxIsHeld},
		{sendAnswer{about: aboutAddress}, othersTaken, mailIsDoubted},
		{sendAnswer{about: aboutMail, sure: true}, othersTaken, mailFails},
		{sendAnswer{about: aboutMail}, nothingKnown, mailWaits},
		{sendAnswer{about: aboutUs, sure: true}, othersTaken, mailWaits},
		{sendAnswer{about: aboutUs, sure: true}, nothingKnown, outboxIsHeld},
		{sendAnswer{about: aboutUs}, nothingKnown, mailWaits},
		{sendAnswer{about: aboutUs}, everybodys, outboxIsHeld},
		{sendAnswer{about: aboutNow, sure: true}, everybodys, mailWaits},
		{sendAnswer{about: aboutPace, sure: true}, everybodys, outboxIsSlow},
	}
	for _, tt := range tests {
		if got := tt.a.verdict(tt.known); got != tt.want {
			t.Errorf("%+v, %d known: %d, want %d", tt.a, tt.known, got, tt.want)
		}
	}
}

// A subject is folded between words, and its first line is never empty.
func TestASubjectIsNeverAnEmptyLineFirst(t *testing.T) {
	for _, subject := range []string{
		"【整改督办】第 27 周：超期 9 项（比上周 +2），本周到期 14 项，待核验 6 项", "Rectification, week 27: 9 overdue (+2), 14 due this week, 6 waiting for review, and then some more words", "短", "=?utf-8?q?x?=",
		strings.Repeat("很长的一行没有空格", 20),
	} {
		folded := foldSubject(subject)
		for n, line := range strings.Split(folded, "\r\n") {
			if n == 0 {
				line = "Subject: " + line
			}
			if len(line) > 78 || strings.TrimSpace(strings.TrimPrefix(line, "Subject:")) == "" {
				t.Errorf("%q: line %q", subject, line)
			}
		}
		read, err := wordDecoder.DecodeHeader(strings.ReplaceAll(folded, "\r\n", ""))
		if err != nil || read != subject {
			t.Errorf("%q is read as %q, %v", subject, read, err)
		}
	}
}

// Limits are learned from what the server takes before it says no.
func TestThePaceIsTheServers(t *testing.T) {
	s := &pace{}
	now := base
	begun := 0
	for {
		if _, ok := s.begin(now); !ok || begun == 10 {
			break
		}
		begun++
		s.ended(true)
	}
	if learned := s.tooFast(now); learned != 10 {
		t.Errorf("learned %d", learned)
	}
	if _, ok := s.begin(now.Add(30e9)); ok {
		t.Error("begun within the same minute")
	}
	now = now.Add(s.waits(now) + 1e6)
	if now.Sub(base) > 62e9 {
		t.Errorf("waited %s", now.Sub(base))
	}
	for n := range 10 {
		if _, ok := s.begin(now); !ok {
			t.Fatalf("only %d in the second minute", n)
		}
		s.ended(true)
	}
	if wait, ok := s.begin(now); ok || wait > 62e9 {
		t.Errorf("an eleventh is begun, or waits %s", wait)
	}
	// Nothing taken after a wait: the span is longer, and the waits grow.
	now = now.Add(62e9)
	var last int64
	for range 5 {
		if _, ok := s.begin(now); !ok {
			t.Fatal("not begun")
		}
		s.ended(false)
		s.tooFast(now)
		wait := s.waits(now)
		if int64(wait) <= last {
			t.Errorf("waits %s after %d", wait, last)
		}
		last, now = int64(wait), now.Add(wait)
	}
}

var (
	wordDecoder = new(mime.WordDecoder)
	base        = time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC)
)
