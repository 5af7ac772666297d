package main

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"duban/jobs"
	"duban/models/modelstest"
	"duban/views"
	"duban/views/text"
)

// strictServer is a mail server as offices have them: it wants TLS, somebody who signs in
// with PLAIN, a full name, and the sender that belongs to the account.
type strictServer struct{}

func (strictServer) NewSession(c *smtp.Conn) (smtp.Session, error) {
	if !strings.ContainsAny(c.Hostname(), ".[") {
		return nil, &smtp.SMTPError{Code: 504, EnhancedCode: smtp.EnhancedCode{5, 5, 2}, Message: "<" + c.Hostname() + ">: Helo command rejected: need fully-qualified hostname"}
	}
	return &strictSession{conn: c}, nil
}

type strictSession struct {
	conn   *smtp.Conn
	signed bool
}

func (s *strictSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *strictSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "duban" || password != "geheim" {
			return smtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}

func (s *strictSession) Mail(from string, _ *smtp.MailOptions) error {
	switch _, encrypted := s.conn.TLSConnectionState(); {
	case !encrypted:
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Must issue a STARTTLS command first"}
	case !s.signed:
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	case from != "duban@example.gov.cn":
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "<" + from + ">: Sender address rejected: not owned by user duban"}
	}
	return nil
}
func (s *strictSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *strictSession) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }
func (s *strictSession) Reset()                               {}
func (s *strictSession) Logout() error                        { return nil }

// openStrict is such a server, its certificate's file, and another authority's.
func openStrict(t *testing.T) (at *net.TCPAddr, own, other string) {
	t.Helper()
	folder := t.TempDir()
	certificate := func(name string) (tls.Certificate, string) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		cert := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
		der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, name+".pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
	}
	cert, own := certificate("own")
	_, other = certificate("other")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(strictServer{})
	server.Domain, server.TLSConfig, server.ErrorLog = "mail.test", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, log.New(io.Discard, "", 0)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().(*net.TCPAddr), own, other
}

// Who mistypes one of the settings of mail is told which and what to write: at the start,
// or by the first conversation with the server, which the start begins.
func TestWhoMistypesASettingIsToldWhichAndWhatToWrite(t *testing.T) {
	at, own, other := openStrict(t)
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = nobody.Close()
	closed := fmt.Sprint(nobody.Addr().(*net.TCPAddr).Port)
	right := map[string]string{
		"DUBAN_BASE_URL": "https://duban.example.gov.cn", "DUBAN_SMTP_HOST": "127.0.0.1", "DUBAN_SMTP_PORT": fmt.Sprint(at.Port), "DUBAN_SMTP_TLS": "required",
		"DUBAN_SMTP_CA": own, "DUBAN_SMTP_USER": "duban", "DUBAN_SMTP_PASSWORD": "geheim", "DUBAN_MAIL_FROM": "duban@example.gov.cn",
	}
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	tests := map[string][]struct {
		value string
		write string // what the sentence says to write or to look at
	}{
		"DUBAN_SMTP_HOST":             {{"mail.invalid", "resolve"}, {"mail.example.gov.cn:587", "DUBAN_SMTP_PORT"}, {"", "no mail server"}},
		"DUBAN_SMTP_PORT":             {{closed, "587"}, {"0", "465"}, {"smtp", "whole number"}},
		"DUBAN_SMTP_TLS":              {{"implicit", "required"}, {"off", "required"}, {"ssl", "implicit"}},
		"DUBAN_SMTP_CA":               {{other, "DUBAN_SMTP_PIN"}, {nowhere, "cannot be read"}, {"", "PEM"}},
		"DUBAN_SMTP_PIN":              {{strings.Repeat("ab", 32), "fingerprint"}, {"abc", "64"}},
		"DUBAN_SMTP_USER":             {{"dubna", "DUBAN_SMTP_PASSWORD"}, {"", "DUBAN_SMTP_PASSWORD"}},
		"DUBAN_SMTP_PASSWORD":         {{"gehiem", "authorisation code"}, {"", "DUBAN_SMTP_USER"}},
		"DUBAN_SMTP_PASSWORD_FILE":    {{nowhere, "cannot be read"}},
		"DUBAN_SMTP_AUTH":             {{"CRAM-MD5", "left empty"}, {"NTLM", "PLAIN"}},
		"DUBAN_SMTP_AUTH_WITHOUT_TLS": {{"ja", "true or false"}},
		"DUBAN_SMTP_EHLO":             {{"duban", "full name"}, {"a b", "full name"}},
		"DUBAN_SMTP_CONNECTIONS":      {{"0", "between 1 and 64"}, {"many", "whole number"}},
		"DUBAN_MAIL_FROM":             {{"dubna@example.gov.cn", "account that signs in"}, {"duban", "one address"}, {"", "duban@example.gov.cn"}},
		"DUBAN_MAIL_RETURN":           {{"bounces@example.gov.cn", "account that signs in"}, {"nobody", "one address"}},
		"DUBAN_MAIL_RETURN_BOX":       {{"imap.example.gov.cn", "imaps://"}, {"http://a:b@c", "imaps://"}},
		"DUBAN_MAIL_RETURN_BOX_FILE":  {{nowhere, "cannot be read"}},
		"DUBAN_MAIL_TITLE_DOMAINS":    {{"a b", "example.gov.cn"}},
	}
	r := modelstest.Open(t, modelstest.URL(t, "sqlite"))
	// What the remedies say to write, where it is words, in Chinese.
	chinese := map[string]string{"resolve": "域名解析", "fingerprint": "指纹", "authorisation code": "授权码", "left empty": "留空", "full name": "完整域名", "account that signs in": "登录账号"}
	// told is the sentence that somebody reads who starts the program so, "" for none; in
	// Chinese too where the server's answer brought it.
	told := func(environment map[string]string) (said, inChinese string) {
		s, err := readSettings(environment)
		if err != nil {
			return err.Error(), ""
		}
		if !s.mailer().Configured() {
			return mailTestCommand{Address: "x@example.gov.cn"}.Run(t.Context(), s).Error(), ""
		}
		p, err := jobs.NewRunner(r.Store, s.mailer(), jobs.All)
		if err != nil {
			t.Fatal(err)
		}
		p.Until(t.Context())
		heard, err := p.TryMail(t.Context(), "x@example.gov.cn", text.English)
		if err != nil {
			t.Fatal(err)
		}
		if heard.Cause == "" {
			return "", ""
		}
		return views.MailRemedy(text.In(t.Context(), text.English), heard.Cause), views.MailRemedy(text.In(t.Context(), text.Chinese), heard.Cause)
	}
	if said, _ := told(right); said != "" {
		t.Fatalf("what is right is told: %s", said)
	}
	byTheServer := 0
	for name := range tests {
		for _, tt := range tests[name] {
			environment := map[string]string{name: tt.value}
			for k, v := range right {
				if k != name {
					environment[k] = v
				}
			}
			said, inChinese := told(environment)
			if !strings.Contains(said, name) || !strings.Contains(said, tt.write) {
				t.Errorf("%s=%q: %q does not name it, or does not say %q", name, tt.value, said, tt.write)
			}
			if inChinese == "" {
				continue
			}
			byTheServer++
			if write := cmp.Or(chinese[tt.write], tt.write); !strings.Contains(inChinese, name) || !strings.Contains(inChinese, write) || inChinese == said {
				t.Errorf("%s=%q: %q does not name it, or does not say %q", name, tt.value, inChinese, write)
			}
		}
		// And its name with two letters changed about.
		for n := len("DUBAN_"); n+1 < len(name); n++ {
			if name[n] == name[n+1] {
				continue
			}
			wrong := name[:n] + name[n+1:n+2] + name[n:n+1] + name[n+2:]
			if said, _ := told(map[string]string{wrong: "x"}); !strings.Contains(said, wrong+" is no setting") || !strings.Contains(said, "DUBAN_") {
				t.Errorf("%s: %q", wrong, said)
			}
		}
	}
	if byTheServer < 8 {
		t.Errorf("only %d are told by what the server says", byTheServer)
	}
	for _, name := range settingNames() {
		if (strings.Contains(name, "SMTP") || strings.Contains(name, "DUBAN_MAIL")) && tests[name] == nil {
			t.Errorf("%s is mistyped nowhere here", name)
		}
	}
}
