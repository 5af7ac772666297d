package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
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
	SMTPConnections    int      `env:"SMTP_CONNECTIONS" envDefault:"16"`
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
// each with what to write instead.
func readSettings(environment map[string]string) (Settings, error) {
	s, err := env.ParseAsWithOptions[Settings](env.Options{Prefix: "DUBAN_", Environment: environment})
	var wrong []error
	if err != nil {
		var all env.AggregateError
		if errors.As(err, &all) {
			wrong = append(wrong, all.Errors...)
		} else {
			wrong = append(wrong, err)
		}
	}
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
	if s.way, err = s.readMail(); err != nil {
		wrong = append(wrong, err)
	}
	for _, host := range s.WebhookHosts {
		if u, err := url.Parse("https://" + host); err != nil || u.Host != host || host == "" {
			say("DUBAN_WEBHOOK_HOSTS %q: write host or host:port, such as relay.example.gov.cn", host)
		}
	}
	if s.WebhookHTTP && len(s.WebhookHosts) == 0 {
		say("DUBAN_WEBHOOK_HTTP is set: name in DUBAN_WEBHOOK_HOSTS the hosts inside the network that are reached without encryption")
	}
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
	if s.Production {
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
	return s, errors.Join(wrong...)
}
