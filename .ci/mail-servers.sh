#!/usr/bin/env bash
# Fetches the mail servers that the tests talk to, Postfix, Exim, OpenSMTPD and Dovecot as
# Debian builds them, and SpamAssassin with its stock rules, and unpacks them into a folder
# of their own in the cache: installed they exclude each other and start as services, which
# a test must not do to anybody's machine. Nothing is installed; the tests start them in
# that folder, on loopback, and end them. Prints the folder; says in one line what it cannot.
set -u

packages="postfix exim4-daemon-light exim4-base dovecot-core dovecot-imapd dovecot-pop3d opensmtpd"
# SpamAssassin is a program in Perl: these are what it loads to read a mail by rules alone.
filter="spamassassin perl perl-base libhtml-parser-perl libhtml-tagset-perl liburi-perl libsocket6-perl libsys-hostname-long-perl libnet-dns-perl libnetaddr-ip-perl libhttp-date-perl libtimedate-perl libmail-dkim-perl libmail-spf-perl libio-string-perl libdigest-bubblebabble-perl libnet-libidn2-perl"
command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || { echo "mail servers: only fetched on Debian and its kin; tests that need them are left out" >&2; exit 1; }

cache="${XDG_CACHE_HOME:-$HOME/.cache}/duban-test"
. /etc/os-release
root="$cache/mail-servers-${ID:-debian}-${VERSION_ID:-0}"
ready() { [ "$(cat "$root/ready" 2>/dev/null)" = "$packages $filter" ]; } # of another list: fetched anew
ready && { echo "$root"; exit 0; }

mkdir -p "$cache"
exec 9>"$cache/mail-servers.lock"
flock 9 # packages of Go are tested beside each other
ready && { echo "$root"; exit 0; }

work=$(mktemp -d "$cache/fetching.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The libraries they are linked with, down to the C library: the folder is all they see.
closure() {
	apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances $packages perl 2>/dev/null |
		grep -E '^(lib|zlib1g|gcc-[0-9]+-base)[a-z0-9.+-]*$' | grep -vE 'perl|^libc-bin|-dev$' | sort -u
}
of_perl() { apt-cache depends perl 2>/dev/null | sed -nE 's/^ *Depends: ((libperl|perl-modules-)[0-9.]+)$/\1/p'; }
fetch() { (cd "$work" && apt-get -qq download $packages $filter $(of_perl) $(closure)) >/dev/null 2>&1; }
fetch || {
	sudo=; [ "$(id -u)" -eq 0 ] || sudo="sudo -n"
	$sudo apt-get -qq update >/dev/null 2>&1
	fetch
} || { echo "mail servers: Debian's packages cannot be fetched; tests that need them are left out" >&2; exit 1; }

mkdir -p "$root"/{etc,dev,tmp,run,var/spool,var/lib/postfix,proc}
for package in "$work"/*.deb; do
	dpkg-deb -x "$package" "$root" || { echo "mail servers: ${package##*/} cannot be unpacked" >&2; exit 1; }
done
# Those whom the servers turn into after their start. They are known in the folder alone.
cat >"$root/etc/passwd" <<'USERS'
root:x:0:0:root:/:/bin/false
nobody:x:65534:65534:nobody:/:/bin/false
postfix:x:3001:3001::/:/bin/false
Debian-exim:x:3003:3003::/:/bin/false
dovecot:x:3004:3004::/:/bin/false
dovenull:x:3005:3005::/:/bin/false
vmail:x:3006:3006::/:/bin/false
opensmtpd:x:3007:3007::/var/lib/opensmtpd/empty:/bin/false
opensmtpq:x:3008:3008::/var/lib/opensmtpd/empty:/bin/false
USERS
cat >"$root/etc/group" <<'GROUPS'
root:x:0:
nogroup:x:65534:
postfix:x:3001:
postdrop:x:3002:
Debian-exim:x:3003:
dovecot:x:3004:
dovenull:x:3005:
vmail:x:3006:
opensmtpd:x:3007:
opensmtpq:x:3008:
GROUPS
echo "127.0.0.1 localhost mail.test" >"$root/etc/hosts"
chmod 1777 "$root/tmp"
: >"$root/dev/null" && chmod 666 "$root/dev/null"
echo "$packages $filter" >"$root/ready"
echo "$root"
