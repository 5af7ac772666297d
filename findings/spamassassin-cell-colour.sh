#!/usr/bin/env bash
# SpamAssassin does not see that white words stand on a blue cell.
#
# Packages:   Debian 12: spamassassin 4.0.1-1~deb12u1 and the Perl libraries it loads
# Good guess: a link in white within <td bgcolor="#1C5796">, the way that buttons of mails
#             are made since Outlook draws no other, is read as white on blue.
# Behaviour:  the cell's colour does not count: HTML_FONT_LOW_CONTRAST gives 0.7 points for
#             white on white, unless the link's own style says background-color.
# Seen:       cell alone: 0.7 HTML_FONT_LOW_CONTRAST
#             cell and link: none
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
apt-get -qq download spamassassin=4.0.1-1~deb12u1 libhtml-parser-perl libhtml-tagset-perl liburi-perl libsocket6-perl libsys-hostname-long-perl libnet-dns-perl libnetaddr-ip-perl libhttp-date-perl libtimedate-perl libmail-dkim-perl libmail-spf-perl libio-string-perl libdigest-bubblebabble-perl libnet-libidn2-perl 2>/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
export HOME=$folder
perl5="-I$folder/root/usr/share/perl5 -I$folder/root$(perl -MConfig -e 'print $Config{vendorarch}')"
mail() {
	cat <<MAIL
From: <sender@example.com>
To: <reader@example.com>
Subject: A button
Date: $(date -R)
Message-ID: <button.$RANDOM.0123456789@example.com>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<!DOCTYPE html>
<html><head><title>A button</title></head><body style="background:#F2F4F7">
<table width="100%" bgcolor="#F2F4F7"><tr><td><table width="100%" bgcolor="#FFFFFF"><tr><td>
<p>Here is what waits for you this week, as every Monday.</p>
<table><tr><td bgcolor="#1C5796"><a href="https://example.com/" style="${1}color:#FFFFFF">Open the page</a></td></tr></table>
</td></tr></table></td></tr></table></body></html>
MAIL
}
rated() { mail "$1" | perl -T $perl5 root/usr/bin/spamassassin --local --test-mode -C root/usr/share/spamassassin --siteconfigpath=root/etc/spamassassin --cf='use_bayes 0' 2>/dev/null | grep -oE '[0-9.]+ HTML_FONT_LOW_CONTRAST' | head -n 1 || echo none; }
alone=$(rated ''); both=$(rated 'background-color:#1C5796;')
echo "cell alone: $alone"
echo "cell and link: $both"
[ "$alone" = "0.7 HTML_FONT_LOW_CONTRAST" ] && [ "$both" = none ] || { echo "it behaves otherwise now"; exit 1; }
