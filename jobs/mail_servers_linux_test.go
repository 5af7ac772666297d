package jobs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"duban/jobs"
	"duban/models/modelstest"
)

// The servers of .ci/mail-servers.sh, as Debian builds them: each test starts its own in
// the folder they were unpacked into, on loopback, and ends it.

// serversFolder is where they were unpacked. A test that needs them says in one line where
// they are missing, and fails where they are required.
func serversFolder(t *testing.T) string {
	t.Helper()
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	found, _ := filepath.Glob(filepath.Join(cache, "duban-test", "mail-servers-*", "ready"))
	missing := ""
	switch {
	case len(found) == 0:
		missing = "no mail servers: run .ci/mail-servers.sh"
	case os.Getuid() != 0:
		missing = "mail servers have to be started as root"
	default:
		return filepath.Dir(found[len(found)-1])
	}
	if slices.Contains(strings.Split(os.Getenv("DUBAN_TEST_REQUIRE"), ","), "mailservers") {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// daemon is a server in the folder, with a place of its own there.
type daemon struct {
	t      *testing.T
	root   string
	place  string // as the server sees it
	port   int
	cmd    *exec.Cmd
	starts []string
}

func newDaemon(t *testing.T) *daemon {
	t.Helper()
	root := serversFolder(t)
	real, err := os.MkdirTemp(filepath.Join(root, "tmp"), "duban")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(real, 0o755); err != nil {
		t.Fatal(err)
	}
	d := &daemon{t: t, root: root, place: "/tmp/" + filepath.Base(real), port: freePort(t)}
	t.Cleanup(func() { d.stop(); _ = os.RemoveAll(real) })
	return d
}

func freePort(t *testing.T) int {
	t.Helper()
	port, err := modelstest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// write makes a file of the server's, and folder one that belongs to a user of it.
func (d *daemon) write(name, content string) string {
	d.t.Helper()
	if err := os.WriteFile(d.root+d.place+"/"+name, []byte(content), 0o644); err != nil {
		d.t.Fatal(err)
	}
	return d.place + "/" + name
}

func (d *daemon) folder(name string, owner, group int, mode os.FileMode) string {
	d.t.Helper()
	path := d.root + d.place + "/" + name
	if err := os.MkdirAll(path, 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Chown(path, owner, group); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		d.t.Fatal(err)
	}
	return d.place + "/" + name
}

// start runs it and waits until it takes connections.
func (d *daemon) start(command ...string) {
	d.t.Helper()
	d.starts = command
	log, err := os.OpenFile(d.root+d.place+"/output", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close()
	d.cmd = exec.Command(command[0], command[1:]...)
	d.cmd.Dir, d.cmd.Env = "/", []string{"PATH=/usr/sbin:/usr/bin", "MAIL_CONFIG=" + d.place}
	d.cmd.Stdout, d.cmd.Stderr = log, log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: d.root, Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	for until := time.Now().Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		line, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", d.port))
		if err == nil {
			_ = line.Close()
			return
		}
		if time.Now().After(until) {
			d.t.Fatalf("%s does not come up: %s", command[0], d.said())
		}
	}
}

// said is what it wrote, for a test that failed.
func (d *daemon) said() string {
	var all []byte
	for _, name := range []string{"output", "log", "mainlog", "paniclog"} {
		content, _ := os.ReadFile(d.root + d.place + "/" + name)
		all = append(all, content...)
	}
	return string(all)
}

func (d *daemon) stop() {
	if d.cmd == nil {
		return
	}
	_ = syscall.Kill(-d.cmd.Process.Pid, syscall.SIGKILL)
	_, _ = d.cmd.Process.Wait()
	d.cmd = nil
	for until := time.Now().Add(5 * time.Minute); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		line, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", d.port)) // its children have the port for a moment
		if err != nil {
			return
		}
		_ = line.Close()
	}
}

// mailer sends to this server.
func (d *daemon) mailer() jobs.Mailer {
	return jobs.Mailer{Host: "127.0.0.1", Port: d.port, TLS: jobs.TLSOpportunistic, From: "duban@example.gov.cn", BaseURL: "https://duban.example.gov.cn", Patience: 5 * time.Minute} // a busy machine must not seem to hang
}

// postfix is one that passes what it takes for example.gov.cn on to the office's server.
func postfix(t *testing.T, o *office, settings ...string) *daemon {
	t.Helper()
	d := newDaemon(t)
	d.postfixIs(o, settings...)
	return d
}

// postfixIs starts it with these lines of main.cf, anew where it runs already.
func (d *daemon) postfixIs(o *office, settings ...string) {
	d.t.Helper()
	d.stop()
	const user, drop = 3001, 3002
	queue := d.folder("queue", 0, 0, 0o755)
	for _, name := range []string{"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"} {
		d.folder("queue/"+name, user, 0, 0o700)
	}
	d.folder("queue/maildrop", user, drop, 0o730)
	d.folder("queue/public", user, drop, 0o710)
	d.folder("queue/pid", 0, 0, 0o755)
	main := []string{
		"compatibility_level = 3.6", "queue_directory = " + queue, "data_directory = " + d.folder("data", user, 0, 0o700),
		"mail_owner = postfix", "setgid_group = postdrop", "inet_interfaces = 127.0.0.1", "inet_protocols = ipv4", "myhostname = mail.test", "mydomain = test", "mydestination =", "alias_maps =", "alias_database =",
		"local_recipient_maps =", "relay_domains = example.gov.cn", "mynetworks = 127.0.0.0/8", "smtputf8_enable = no", "tls_random_source =",
		"maillog_file = " + d.place + "/log", "maillog_file_prefixes = /tmp", fmt.Sprintf("relay_transport = smtp:[127.0.0.1]:%d", o.addr.Port),
		"disable_dns_lookups = yes", "smtpd_error_sleep_time = 0", "smtpd_client_connection_rate_limit = 0", "smtp_tls_security_level = none", "smtpd_peername_lookup = no", "default_destination_concurrency_limit = 20",
	}
	d.write("main.cf", strings.Join(append(main, settings...), "\n")+"\n")
	services := []string{
		fmt.Sprintf("127.0.0.1:%d inet n - n - - smtpd", d.port), "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "rewrite unix - - n - - trivial-rewrite",
		"bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "anvil unix - - n - 1 anvil", "smtp unix - - n - - smtp", "relay unix - - n - - smtp",
		"proxymap unix - - n - - proxymap", "error unix - - n - - error", "retry unix - - n - - error", "postlog unix-dgram n - n - 1 postlogd", "scache unix - - n - 1 scache", "discard unix - - n - - discard",
		"tlsmgr unix - - n 1000? 1 tlsmgr", "virtual unix - n n - - virtual",
	}
	d.write("master.cf", strings.Join(services, "\n")+"\n")
	d.start("/usr/lib/postfix/sbin/master", "-c", d.place, "-d")
}

// exim is one that passes what it takes on to the office's server; acl is what it says to
// each RCPT.
func exim(t *testing.T, o *office, settings, acl string) *daemon {
	t.Helper()
	d := newDaemon(t)
	d.eximIs(o, settings, acl)
	return d
}

func (d *daemon) eximIs(o *office, settings, acl string) {
	d.t.Helper()
	d.stop()
	const user = 3003
	d.folder("", user, user, 0o755)
	d.folder("spool", user, user, 0o750)
	conf := d.write("exim.conf", fmt.Sprintf(`primary_hostname = mail.test
spool_directory = %[1]s/spool
log_file_path = %[1]s/%%slog
pid_file_path = %[1]s/pid
daemon_smtp_ports = %[2]d
local_interfaces = 127.0.0.1
disable_ipv6
host_lookup =
rfc1413_hosts =
queue_run_max = 5
remote_max_parallel = 10
acl_smtp_rcpt = rcpt
%[4]s
begin acl
rcpt:
%[5]s
begin routers
office:
  driver = manualroute
  domains = example.gov.cn
  route_list = * 127.0.0.1
  transport = office
  self = send
begin transports
office:
  driver = smtp
  port = %[3]d
  allow_localhost
begin retry
* * F,1h,1s
`, d.place, d.port, o.addr.Port, settings, acl))
	if err := os.Chown(d.root+conf, 0, 0); err != nil {
		d.t.Fatal(err)
	}
	d.start("/usr/sbin/exim4", "-C", conf, "-bdf", "-q1s")
}

// dovecot signs in for Postfix, over passwords that it keeps as hashes, and lets mailboxes
// be read. It returns where Postfix asks it.
func dovecot(t *testing.T, mechanisms string) (d *daemon, sasl string) {
	t.Helper()
	d = newDaemon(t)
	auth, pop := freePort(t), freePort(t)
	users := d.write("users", "duban:{SHA256}"+sha256Word("geheim")+":3006:3006::"+d.place+"/box::\n")
	d.folder("box", 3006, 3006, 0o700)
	conf := d.write("dovecot.conf", fmt.Sprintf(`protocols = imap pop3
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = %[3]s
mail_location = maildir:%[1]s/box/mail
first_valid_uid = 1
listen = 127.0.0.1
passdb {
  driver = passwd-file
  args = %[5]s
}
userdb {
  driver = passwd-file
  args = %[5]s
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[2]d
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = %[6]d
  }
  inet_listener pop3s {
    port = 0
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service auth {
  inet_listener {
    port = %[4]d
    address = 127.0.0.1
  }
}
`, d.place, d.port, mechanisms, auth, users, pop))
	d.start("/usr/sbin/dovecot", "-F", "-c", conf)
	d.starts = append(d.starts, fmt.Sprint(pop))
	return d, fmt.Sprintf("inet:127.0.0.1:%d", auth)
}

func sha256Word(word string) string {
	sum := sha256.Sum256([]byte(word))
	return b64(sum[:])
}

// certificate is one for these names, by itself, good until that moment; it returns the
// lines of Postfix that use it, its PEM file outside and its fingerprint.
func (d *daemon) certificate(until time.Time, names ...string) (lines []string, file, pin string) {
	d.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		d.t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "mail.test"}, NotBefore: time.Now().AddDate(-2, 0, 0), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			cert.IPAddresses = append(cert.IPAddresses, ip)
		} else {
			cert.DNSNames = append(cert.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		d.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		d.t.Fatal(err)
	}
	public := d.write("cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	private := d.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	sum := sha256.Sum256(der)
	return []string{"smtpd_tls_cert_file = " + public, "smtpd_tls_key_file = " + private, "smtpd_tls_security_level = may", "tls_random_source =", "smtpd_tls_loglevel = 0"}, d.root + public, hex.EncodeToString(sum[:])
}
