package app

// routes is every door of the house: where it is, who may knock, who answers. Who
// may do what to one particular item is decided behind it, by models.
func (s *Server) routes() []route {
	return []route{
		{"GET", "/", anyone, home},
		{"GET", "/sign-in", anyone, s.showSignIn},
		{"POST", "/sign-in", anyone, s.signIn},
		{"POST", "/sign-out", signedIn, s.signOut},
		{"GET", "/setup", anyone, s.showSetup},
		{"POST", "/setup", anyone, s.setUp},
		{"POST", "/language", anyone, s.chooseLanguage},
		{"POST", "/theme", anyone, s.chooseTheme},

		{"GET", "/board", ledger, s.showBoard},
		{"GET", "/items", ledger, s.showLedger},
		{"GET", "/overdue", ledger, s.showOverdue},
		{"GET", "/items.xlsx", ledger, s.export},

		{"GET", "/items/:item", ledger, ofItem(s.showItem)},
		{"POST", "/items/:item/progress", units, ofItem(s.report)},
		{"POST", "/items/:item/measures/:measure/completion", units, ofItem(s.completeMeasure)},
		{"POST", "/items/:item/measures/:measure/reopening", units, ofItem(s.reopenMeasure)},
		{"POST", "/items/:item/submission", units, ofItem(s.submit)},
		{"POST", "/items/:item/withdrawal", units, ofItem(s.withdraw)},
		{"POST", "/items/:item/return", supervisors, ofItem(s.sendBack)},
		{"POST", "/items/:item/closure", supervisors, ofItem(s.close)},

		{"GET", "/notices", ledger, s.showNotices},
		{"POST", "/notices", ledger, s.readNotices},
		{"GET", "/digests", ledger, s.showDigests},
		{"GET", "/digests/:week", ledger, s.showDigest},
		{"GET", "/digests/:week/mail", ledger, s.showDigestMail},
		{"GET", "/digests/:week/deliveries", mailers, s.showDeliveries},
		{"POST", "/digests/:week/deliveries/:digest", mailers, s.resendDigest},
		{"GET", "/digest/preview", ledger, s.previewDigest},
		{"GET", "/digest/preview/mail", ledger, s.previewDigestMail},
		{"GET", "/jobs", mailers, s.showJobs},
		{"POST", "/jobs/:job/runs", mailers, s.runJob},
		{"POST", "/mails/:mail/resending", mailers, s.resendMail},
		{"GET", "/me", signedIn, s.showMe},
		{"POST", "/me/password", signedIn, s.changePassword},
		{"GET", "/help/rules", signedIn, s.showRules},

		{"GET", "/users", administrators, s.showUsers},
		{"POST", "/users", administrators, s.saveUser},
		{"GET", "/users/:user", administrators, s.showUser},
		{"POST", "/users/:user", administrators, s.saveUser},
		{"GET", "/units", organisers, s.showUnits},
		{"POST", "/units", organisers, s.saveUnit},
		{"GET", "/units/:unit", organisers, s.showUnit},
		{"POST", "/units/:unit", organisers, s.saveUnit},
		{"GET", "/rounds", office, s.showRounds},
		{"POST", "/rounds", office, s.saveRound},
		{"GET", "/rounds/:round", office, s.showRound},
		{"POST", "/rounds/:round", office, s.saveRound},
		{"POST", "/rounds/:round/units", office, s.saveRoundUnit},
	}
}
