package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"duban/jobs"
	"duban/models"
)

// Settings are everything an operator may choose, read once from DUBAN_*; a secret
// may come from the file that DUBAN_*_FILE names instead. Commands' flags come
// before them.
type Settings struct {
	Database       string   `env:"DATABASE_URL" envDefault:"sqlite:data/duban.db"`
	DatabaseFile   string   `env:"DATABASE_URL_FILE"`
	Listen         string   `env:"LISTEN" envDefault:"127.0.0.1:8080"`
	BaseURL        string   `env:"BASE_URL"`
	Zone           string   `env:"ZONE" envDefault:"Asia/Shanghai"`
	Production     bool     `env:"PRODUCTION"`
	TrustedProxies []string `env:"TRUSTED_PROXIES"`
	DemoPassword   string   `env:"DEMO_PASSWORD"`
	LogLevel       string   `env:"LOG_LEVEL" envDefault:"info"`

	SMTPHost           string   `env:"SMTP_HOST"`
	SMTPPort           int      `env:"SMTP_PORT" envDefault:"25"`
	SMTPUser           string   `env:"SMTP_USER"`
	SMTPPassword       string   `env:"SMTP_PASSWORD"`
	SMTPPasswordFile   string   `env:"SMTP_PASSWORD_FILE"`
	SMTPTLS            string   `env:"SMTP_TLS" envDefault:"opportunistic"`
	SMTPEhlo           string   `env:"SMTP_EHLO"`
	SMTPCA             string   `env:"SMTP_CA"`
	SMTPPin            string   `env:"SMTP_PIN"`
	SMTPAuth           []string `env:"SMTP_AUTH"`
	SMTPAuthWithoutTLS bool     `env:"SMTP_AUTH_WITHOUT_TLS"`
	SMTPConnections    int      `env:"SMTP_CONNECTIONS" envDefault:"6"`
	MailFrom           string   `env:"MAIL_FROM"`
	MailReturn         string   `env:"MAIL_RETURN"`
	MailReturnBox      string   `env:"MAIL_RETURN_BOX"`
	MailReturnBoxFile  string   `env:"MAIL_RETURN_BOX_FILE"`
	MailTitleDomains   []string `env:"MAIL_TITLE_DOMAINS"`
	WebhookHosts       []string `env:"WEBHOOK_HOSTS"`
	WebhookHTTP        bool     `env:"WEBHOOK_HTTP"`

	ImportMaxMB   int `env:"IMPORT_MAX_MB" envDefault:"20"`
	ImportMaxRows int `env:"IMPORT_MAX_ROWS" envDefault:"20000"`

	Files              string   `env:"FILES" envDefault:"folder:data/files"`
	FilesAccessKey     string   `env:"FILES_ACCESS_KEY"`
	FilesSecretKey     string   `env:"FILES_SECRET_KEY"`
	FilesSecretKeyFile string   `env:"FILES_SECRET_KEY_FILE"`
	FilesRegion        string   `env:"FILES_REGION" envDefault:"us-east-1"`
	FileMaxMB          int      `env:"FILE_MAX_MB" envDefault:"50"`
	UnitFilesMaxMB     int      `env:"UNIT_FILES_MAX_MB" envDefault:"20480"`
	FileZip            bool     `env:"FILE_ZIP"`
	FileScan           []string `env:"FILE_SCAN" envSeparator:" "`

	TrailFolder  string `env:"TRAIL_FOLDER" envDefault:"data/trail"`
	TrailKey     string `env:"TRAIL_KEY"`
	TrailKeyFile string `env:"TRAIL_KEY_FILE"`
	LogMonths    int    `env:"LOG_MONTHS" envDefault:"36"`

	zone    *time.Location
	proxies []*net.IPNet
	way     jobs.Mailer
}

// readSettings reads them from an environment and reports every mistake at once,
// each by the variable's name and with what to write instead.
func readSettings(environment map[string]string) (Settings, error) {
	s, err := env.ParseAsWithOptions[Settings](env.Options{Prefix: settingPrefix, Environment: environment})
	wrong := append(unreadSettings(err), unknownSettings(environment)...)
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	for _, secret := range []struct {
		file string
		into *string
		name string
	}{{s.DatabaseFile, &s.Database, "DUBAN_DATABASE_URL_FILE"}, {s.SMTPPasswordFile, &s.SMTPPassword, "DUBAN_SMTP_PASSWORD_FILE"}, {s.MailReturnBoxFile, &s.MailReturnBox, "DUBAN_MAIL_RETURN_BOX_FILE"}, {s.FilesSecretKeyFile, &s.FilesSecretKey, "DUBAN_FILES_SECRET_KEY_FILE"}, {s.TrailKeyFile, &s.TrailKey, "DUBAN_TRAIL_KEY_FILE"}} {
		if secret.file == "" {
			continue
		}
		content, err := os.ReadFile(secret.file)
		if err != nil {
			say("%s: cannot be read: %w", secret.name, err)
			continue
		}
		*secret.into = strings.TrimSpace(string(content))
	}
	if s.zone, err = time.LoadLocation(s.Zone); err != nil {
		say("DUBAN_ZONE %q is no time zone; write a name such as Asia/Shanghai", s.Zone)
	}
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		say("DUBAN_LISTEN %q: write host:port, such as 127.0.0.1:8080 or 0.0.0.0:8080", s.Listen)
	}
	if s.BaseURL == "" && !s.Production {
		if _, port, err := net.SplitHostPort(s.Listen); err == nil {
			s.BaseURL = "http://localhost:" + port
		}
	}
	s.BaseURL = strings.TrimRight(s.BaseURL, "/")
	base, err := url.Parse(s.BaseURL)
	if s.BaseURL != "" && (err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || base.Path != "") {
		say("DUBAN_BASE_URL %q: write the address people open, such as https://duban.example.gov.cn, without a path", s.BaseURL)
	}
	for _, p := range s.TrustedProxies {
		if !strings.Contains(p, "/") {
			if strings.Contains(p, ":") {
				p += "/128"
			} else {
				p += "/32"
			}
		}
		_, network, err := net.ParseCIDR(p)
		if err != nil {
			say("DUBAN_TRUSTED_PROXIES %q is no address or network", p)
			continue
		}
		s.proxies = append(s.proxies, network)
	}
	s.way, err = s.readMail()
	wrong = append(wrong, err)
	for _, host := range s.WebhookHosts {
		if u, err := url.Parse("https://" + host); err != nil || u.Host != host || host == "" {
			say("DUBAN_WEBHOOK_HOSTS %q: write host or host:port, such as relay.example.gov.cn", host)
		}
	}
	if s.WebhookHTTP && len(s.WebhookHosts) == 0 {
		say("DUBAN_WEBHOOK_HTTP is set: name in DUBAN_WEBHOOK_HOSTS the hosts inside the network that are reached without encryption")
	}
	s.checkLimits(say)
	s.checkProduction(base, say)
	return s, errors.Join(wrong...)
}

// checkLimits looks at the sizes and spans.
func (s Settings) checkLimits(say func(format string, args ...any)) {
	if s.ImportMaxMB < 1 || s.ImportMaxMB > 200 {
		say("DUBAN_IMPORT_MAX_MB %d: between 1 and 200", s.ImportMaxMB)
	}
	if s.ImportMaxRows < 1 || s.ImportMaxRows > 1_000_000 {
		say("DUBAN_IMPORT_MAX_ROWS %d: between 1 and 1000000", s.ImportMaxRows)
	}
	if s.FileMaxMB < 1 || s.FileMaxMB > 500 {
		say("DUBAN_FILE_MAX_MB %d: between 1 and 500", s.FileMaxMB)
	}
	if s.UnitFilesMaxMB < s.FileMaxMB {
		say("DUBAN_UNIT_FILES_MAX_MB %d: at least DUBAN_FILE_MAX_MB, %d", s.UnitFilesMaxMB, s.FileMaxMB)
	}
	if s.LogMonths < models.LeastLogMonths || s.LogMonths > 1200 {
		say("DUBAN_LOG_MONTHS %d: between %d, which the law asks for, and 1200", s.LogMonths, models.LeastLogMonths)
	}
}

// checkProduction refuses what only a trial may do.
func (s Settings) checkProduction(base *url.URL, say func(format string, args ...any)) {
	if !s.Production {
		return
	}
	switch {
	case s.BaseURL == "":
		say("DUBAN_BASE_URL is missing: in production every link and cookie is made for it")
	case base != nil && base.Scheme != "https":
		say("DUBAN_BASE_URL %q: production needs https; let the proxy in front end the encryption and set DUBAN_TRUSTED_PROXIES", s.BaseURL)
	}
	if s.DemoPassword != "" {
		say("DUBAN_DEMO_PASSWORD is set: demonstration accounts have no place in production")
	}
}

// settingPrefix begins the name of every variable of ours.
const settingPrefix = "DUBAN_"

// settingNames are the variables there are, by the field they fill.
func settingNames() map[string]string {
	names := map[string]string{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Settings]()) {
		if name := field.Tag.Get("env"); name != "" {
			names[field.Name] = settingPrefix + name
		}
	}
	return names
}

// unreadSettings are those whose value is of no use, in the operator's words.
func unreadSettings(err error) (wrong []error) {
	var all env.AggregateError
	if !errors.As(err, &all) {
		if err != nil {
			wrong = append(wrong, err)
		}
		return wrong
	}
	names := settingNames()
	for _, err := range all.Errors {
		var unread env.ParseError
		if !errors.As(err, &unread) {
			wrong = append(wrong, err)
			continue
		}
		want := "a whole number"
		if unread.Type.Kind() == reflect.Bool {
			want = "true or false"
		}
		wrong = append(wrong, fmt.Errorf("%s: write %s", names[unread.Name], want))
	}
	return wrong
}

// othersSettings are names that begin like ours and are not: what an orchestrator sets
// for a service called duban, and what tests are told.
var othersSettings = regexp.MustCompile(`^DUBAN_(SERVICE_(HOST|PORT(_.*)?)|PORT(_.*)?|TEST_.*|PICTURES(_OF)?)$`)

// unknownSettings are variables that look like settings and are none: a name that is
// mistyped would otherwise leave its default in force without a word.
func unknownSettings(environment map[string]string) (wrong []error) {
	known := slices.Sorted(maps.Values(settingNames()))
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		if !strings.HasPrefix(name, settingPrefix) || othersSettings.MatchString(name) || slices.Contains(known, name) {
			continue
		}
		nearest := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(apart(name, a), apart(name, b)) })
		wrong = append(wrong, fmt.Errorf("%s is no setting; the nearest name is %s, and docs/operate.md lists them all", name, nearest))
	}
	return wrong
}

// apart is how many letters must be put in, taken out or changed to make one word of
// the other.
func apart(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before, row[j+1] = row[j+1], min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
