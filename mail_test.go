package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/jobs"
)

// Each wrong value of mail's settings is named by its variable, with what to write.
func TestEachWrongSettingOfMailIsNamed(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	right := map[string]string{"DUBAN_SMTP_HOST": "mail.example.gov.cn", "DUBAN_MAIL_FROM": "duban@example.gov.cn", "DUBAN_SMTP_USER": "duban", "DUBAN_SMTP_PASSWORD": "geheim", "DUBAN_SMTP_TLS": "required"}
	for name, wrong := range map[string][]string{
		"DUBAN_SMTP_HOST":          {"mail.example.gov.cn:25", "smtp://mail", "a b", "x@mail"},
		"DUBAN_SMTP_PORT":          {"0", "70000", "smtp"},
		"DUBAN_SMTP_TLS":           {"yes", "ssl", "OFF"},
		"DUBAN_SMTP_EHLO":          {"a b", "https://duban.example.gov.cn", "192.0.2.1", "[x]"},
		"DUBAN_SMTP_CA":            {"/nowhere.pem", empty},
		"DUBAN_SMTP_PIN":           {"abc", strings.Repeat("0", 63), strings.Repeat("zz", 32)},
		"DUBAN_SMTP_AUTH":          {"ntlm", "plain,geheim"},
		"DUBAN_SMTP_CONNECTIONS":   {"0", "1000"},
		"DUBAN_SMTP_PASSWORD":      {""},
		"DUBAN_SMTP_USER":          {""},
		"DUBAN_MAIL_FROM":          {"", "duban", "duban@", "a@b, c@d"},
		"DUBAN_MAIL_TITLE_DOMAINS": {"a b", "x@y"},
		"DUBAN_MAIL_RETURN":        {"nobody", "a@b, c@d"},
		"DUBAN_MAIL_RETURN_BOX":    {"mail.example.gov.cn", "http://mail.example.gov.cn", "imaps://mail.example.gov.cn", "pop3s://mail.example.gov.cn", "pop3s://a:b%0D%0Ac@mail.example.gov.cn"},
	} {
		for _, value := range wrong {
			environment := map[string]string{name: value}
			for k, v := range right {
				if k != name {
					environment[k] = v
				}
			}
			if name == "DUBAN_MAIL_RETURN_BOX" {
				environment["DUBAN_MAIL_RETURN"] = "duban-bounces@example.gov.cn"
			}
			_, err := readSettings(environment)
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%q: %v", name, value, err)
			}
		}
	}
	if _, err := readSettings(right); err != nil {
		t.Errorf("what is right is refused: %v", err)
	}
	right["DUBAN_SMTP_TLS"] = "off"
	if _, err := readSettings(right); err == nil || !strings.Contains(err.Error(), "DUBAN_SMTP_AUTH_WITHOUT_TLS") {
		t.Errorf("a password over an open line: %v", err)
	}
	right["DUBAN_SMTP_AUTH_WITHOUT_TLS"] = "true"
	if _, err := readSettings(right); err != nil {
		t.Errorf("said on purpose: %v", err)
	}
	for _, pin := range []string{strings.Repeat("ab", 32), strings.TrimSuffix(strings.Repeat("AB:", 32), ":"), "SHA256:" + strings.Repeat("ab", 32)} {
		right["DUBAN_SMTP_TLS"], right["DUBAN_SMTP_PIN"] = "implicit", pin
		if s, err := readSettings(right); err != nil || len(s.mailer().Pin) != 32 {
			t.Errorf("pin %s: %v", pin, err)
		}
	}
}

// The mailbox of reports is read by the way and at the port that its address names.
func TestTheReturnBoxIsReadAsItsAddressSays(t *testing.T) {
	for address, want := range map[string]jobs.ReturnBox{
		"imaps://a:b@mail.example.gov.cn":               {Address: "mail.example.gov.cn:993", User: "a", Password: "b", Folder: "INBOX", TLS: true},
		"imap://a:b%40c@mail.example.gov.cn:1143/Other": {Address: "mail.example.gov.cn:1143", User: "a", Password: "b@c", Folder: "Other"},
		"pop3s://a:b@mail.example.gov.cn":               {POP: true, Address: "mail.example.gov.cn:995", User: "a", Password: "b", Folder: "INBOX", TLS: true},
		"pop3://a:b@mail.example.gov.cn":                {POP: true, Address: "mail.example.gov.cn:110", User: "a", Password: "b", Folder: "INBOX"},
	} {
		if box, err := readBox(address); err != nil || box != want {
			t.Errorf("%s: %+v, %v", address, box, err)
		}
	}
}
