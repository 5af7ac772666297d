package jobs_test

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"duban/jobs"
	"duban/models"
	"duban/models/modelstest"
	"duban/views/text"
)

// mostPoints is how many points SpamAssassin's stock rules may give a mail of ours; a
// server turns mail away from five on.
const mostPoints = 0.5

// rated are the points that SpamAssassin's stock rules give each of these mails, and
// which rules those were. It asks nobody on the network, and has learned nothing.
func rated(t *testing.T, mails []string) (points []float64, rules []string) {
	t.Helper()
	root := serversFolder(t)
	var box bytes.Buffer
	for _, m := range mails {
		fmt.Fprintf(&box, "From duban Mon Jan  1 00:00:00 2024\n%s\n", strings.ReplaceAll(strings.ReplaceAll(m, "\r\n", "\n"), "\nFrom ", "\n>From "))
	}
	check := exec.Command("/usr/bin/perl", "-T", "/usr/bin/spamassassin", "--local", "--test-mode", "--mbox", "--cf=use_bayes 0")
	check.Dir, check.Env, check.Stdin = "/", []string{"PATH=/usr/bin", "HOME=/tmp", "LC_ALL=C"}, &box
	check.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	said, err := check.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, report := range strings.Split(string(said), "Content analysis details:")[1:] {
		found := regexp.MustCompile(`^\s+\((-?[0-9.]+) points`).FindStringSubmatch(report)
		if found == nil {
			t.Fatalf("no points in\n%.300s", report)
		}
		n, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		table, _, _ := strings.Cut(strings.TrimLeft(report[strings.Index(report, "----"):], "- \n"), "\n\n")
		points, rules = append(points, n), append(rules, table)
	}
	if len(points) != len(mails) {
		t.Fatalf("%d of %d mails were rated\n%.2000s", len(points), len(mails), said)
	}
	return points, rules
}

// Each kind of mail, in each language, costs nearly nothing with the stock rules at a
// server whose clock is right.
func TestNoMailLooksLikeJunk(t *testing.T) {
	serversFolder(t)
	url := modelstest.URL(t, "sqlite")
	store := demonstrationAt(t, url)
	modelstest.Tamper(t, url, "UPDATE items SET title = '改过的' WHERE id = 1") // of which the auditors are told
	o := openOffice(t)
	m := o.mailer()
	m.TitleDomains = []string{"duban.example"}
	ctx := context.Background()
	people, err := store.Board(ctx, models.TheClerk).DigestPeople()
	if err != nil || len(people) < 10 {
		t.Fatal(len(people), err)
	}
	admin, err := store.Board(ctx, models.TheClerk).Named("admin")
	if err != nil {
		t.Fatal(err)
	}
	admin.Email = "admin@duban.example"
	auditor, err := store.Board(ctx, admin).SaveUser(models.User{Name: "auditor9", FullName: "审计", Role: models.Auditor, Email: "auditor@duban.example"}, modelstest.Password)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = store.Board(ctx, admin).SaveUser(admin, ""); err != nil {
		t.Fatal(err)
	}
	o.answers(func(to string, _ int) error { // of which the administrator is told
		if to == people[0].Email {
			return refusal(550, smtp.EnhancedCode{5, 1, 1}, "no such user")
		}
		return nil
	})
	for _, language := range append(text.Languages(), text.Chinese) { // what failed is told a week later
		for _, u := range append(people, admin, auditor) {
			if err := store.Board(ctx, u).ChooseLanguage(string(language)); err != nil {
				t.Fatal(err)
			}
		}
		p, err := jobs.NewRunner(store, m, jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range []string{"digest", "remind", "verify", "deliver"} {
			if _, _, err := p.Now(job); err != nil {
				t.Fatal(job, err)
			}
		}
		if _, err := p.TryMail(ctx, admin.Email, language); err != nil {
			t.Fatal(err)
		}
		at(t, store, store.Now().In(store.Zone).AddDate(0, 0, 7).Format("2006-01-02 15:04"))
	}
	kinds := map[string]int{}
	var mails, names []string
	now := "Date: " + time.Now().Format(time.RFC1123Z)
	for _, each := range o.got() {
		kind, _, _ := strings.Cut(strings.TrimPrefix(each.id, "<"), ".")
		if kinds[kind]++; kinds[kind] <= 40 {
			mails = append(mails, regexp.MustCompile(`(?m)^Date: [^\r\n]*`).ReplaceAllString(each.body, now))
			names = append(names, each.id+" "+each.subject)
		}
	}
	for _, kind := range []string{"digest", "reminder", "trouble", "trial", "findings"} {
		if kinds[kind] < 2 {
			t.Errorf("there is no %s among %v", kind, kinds)
		}
	}
	points, rules := rated(t, mails)
	for n, p := range points {
		if p > mostPoints {
			t.Errorf("%s: %.1f points\n%s", names[n], p, rules[n])
		}
	}
	t.Logf("%v, at most %.1f points", kinds, slices.Max(points))
}
