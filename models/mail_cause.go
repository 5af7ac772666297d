package models

// MailCause is why a mail did not leave, as people are told it and as mails that
// failed together are sent again together. Its words and its remedy stand in
// views/text under mail.reason.cause.… and mail.reason.remedy.….
type MailCause string

// The causes, from the first word to the server to the last. Those up to CauseRefused
// are about us: nothing leaves until somebody changes something.
const (
	CauseHost        MailCause = "host"         // no machine has that name
	CausePort        MailCause = "port"         // the machine takes no connection there
	CauseSilence     MailCause = "silence"      // it takes the connection and says nothing
	CauseImplicit    MailCause = "implicit"     // it waits for TLS from the first word on
	CauseNotImplicit MailCause = "not_implicit" // it does not speak TLS from the first word on
	CauseProtocol    MailCause = "protocol"     // it speaks, and it is not SMTP
	CauseTurnedAway  MailCause = "turned_away"  // it greets us with a refusal
	CauseName        MailCause = "name"         // it does not like the name of our EHLO
	CauseNoTLS       MailCause = "no_tls"       // it offers no TLS, and we want it
	CauseWantsTLS    MailCause = "wants_tls"    // it wants TLS, and we were told to do without
	CauseUnknownCert MailCause = "unknown_cert" // nobody we know vouches for its certificate
	CauseExpiredCert MailCause = "expired_cert" // its certificate is no longer, or not yet, good
	CauseOtherCert   MailCause = "other_cert"   // its certificate is for another name
	CausePin         MailCause = "pin"          // its certificate is not the one that was pinned
	CauseTLS         MailCause = "tls"          // TLS fails otherwise
	CausePassword    MailCause = "password"     // it refuses the user or the password
	CauseMechanism   MailCause = "mechanism"    // it offers no way to sign in that we know, or were told to use
	CauseNoAuth      MailCause = "no_auth"      // it offers no way to sign in at all
	CauseNeedsAuth   MailCause = "needs_auth"   // it takes nothing from who does not sign in
	CauseClearAuth   MailCause = "clear_auth"   // the password would go over an open line
	CauseFrom        MailCause = "from"         // our own sender's address cannot be read
	CauseSender      MailCause = "sender"       // it refuses our sender's address
	CauseClient      MailCause = "client"       // it refuses the address we come from
	CauseRelay       MailCause = "relay"        // it does not carry mail on for us
	CauseBlocked     MailCause = "blocked"      // it holds us for a sender of junk
	CauseRefused     MailCause = "refused"      // it refuses everybody's mail, and says no more
	CausePace        MailCause = "pace"         // too many at once, or in too short a time
	CauseQuota       MailCause = "quota"        // the day's or the hour's share is used up
	CauseLine        MailCause = "line"         // the line breaks
	CauseServer      MailCause = "server"       // it has trouble of its own
	CauseAddress     MailCause = "address"      // there is no such address
	CauseClosed      MailCause = "closed"       // the mailbox is closed
	CauseFull        MailCause = "full"         // the mailbox is full
	CauseDomain      MailCause = "domain"       // the address's own server takes no mail, or is not found
	CauseContent     MailCause = "content"      // it refuses what the mail says
	CauseSize        MailCause = "size"         // the mail is too large
	CauseLater       MailCause = "later"        // refused for now
)
