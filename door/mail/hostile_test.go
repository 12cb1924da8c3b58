package mail_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// attack is a dialogue of somebody hostile: what is sent after the greeting, line by line, and how the last answer begins.
type attack struct {
	name  string
	lines []string
	want  string
}

const (
	ehlo  = "EHLO evil\r\n"
	from  = "MAIL FROM:<evil@town.example>\r\n"
	rcpt  = "RCPT TO:<33639980001@sms>\r\n"
	quit  = "QUIT\r\n"
	ended = "\r\n.\r\n"
)

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// attacks are all of them: orders, commands, addresses, parameters, logins, chunks, headers, bodies.
func attacks() (all []attack) {
	add := func(name, want string, lines ...string) { all = append(all, attack{name, lines, want}) }
	for _, one := range []string{"MAIL FROM:<a@b>", "RCPT TO:<33639980001@sms>", "DATA", "BDAT 1 LAST\r\nx", "AUTH PLAIN " + b64("\x00town\x00"+password)} {
		add("before EHLO: "+one, "50", one+"\r\n")
	}
	for _, one := range []string{
		"", " ", "X", "XX", "XXX", "XXXX", "HELO", "EHLO", "EHLO ", "HELO\r", "\x00\x00\x00\x00", "\xff\xfe", "GET / HTTP/1.1", "POST /v1/messages HTTP/1.1", "{\"to\":1}", "MAILFROM:<a@b>", "DATA x", "RCPT", "MAIL",
		"LHLO evil", "SEND FROM:<a@b>", "SOML", "SAML", "EXPN x", "TURN", "HELP", "STLS", "CAPABILITY", "USER a", "PASS b", strings.Repeat("A", 5000),
	} {
		add(fmt.Sprintf("command %.20q", one), "5", one+"\r\n")
	}
	for _, one := range []string{
		"", "<", "<>>", "<a", "a@", "@b", "<@>", "<a@b@c", "<\"a>", "<a b@c>", "<a@b> SIZE", "<a@b> SIZE=x", "<a@b> SIZE=-1", "<a@b> SIZE=99999999999", "<a@b> SIZE=2000000", "<a@b> BODY=9BIT", "<a@b> BODY=BINARYMIME",
		"<a@b> RET=FULL", "<a@b> ENVID=x", "<a@b> REQUIRETLS", "<a@b> AUTH=", "<a@b> X=1=2", "<a@b> UNKNOWN", "<>", "<> SIZE=10", "<a\x00@b>", "<a\x1b@b>", "<a\r@b>", "<" + strings.Repeat("a", 400) + "@b>",
	} {
		add(fmt.Sprintf("MAIL FROM:%.30q", one), "5", ehlo, "MAIL FROM:"+one+"\r\n")
	}
	for _, one := range []string{
		"", "<>", "<", "<x>", "<@sms>", "<33639980001>", "<33639980001@>", "<33639980001@nowhere>", "<33639980001@far.example>", "<33639980001@gmail.com>", "<33639980001%evil@nowhere>", "<@a,@b:33639980001@nowhere>",
		"<33639980001@sms@nowhere>", "<postmaster@sms>", "<Postmaster>", "<root@sms>", "<\"33639980001 x\"@sms>", "<33639980001,33639980002@sms>", "<33639980001;33639980002@sms>", "<tel:33639980001@sms>", "<+@sms>", "<++33639980001@sms>", "<-33639980001@sms>",
		"<0x1F@sms>", "<1e11@sms>", "<٣٣٦٣٩٩٨٠٠٠١@sms>", "<３３６３９９８０００１@sms>", "<" + strings.Repeat("3", 60) + "@sms>", "<0899123456@sms>", "<112@sms>", "<15@sms>", "<0@sms>", "<000000000000@sms>", "<33639980001\x00@sms>", "<33639980001\r@sms>",
		"<33639980001/../@sms>", "<33639980001' OR 1=1@sms>", "<\"33639980001\"x@sms>", "<|id@sms>", "<33639980001@sms> NOTIFY=SUCCESS", "<33639980001@sms> ORCPT=rfc822;a@b", "<33639980001@sms> X", "<33639980001@[127.0.0.1]>", "<33639980001@127.0.0.1>",
		"<33639980001@SMS.TOWN.EXAMPLE.>", "<33639980001@" + strings.Repeat("d", 500) + ">",
	} {
		add(fmt.Sprintf("RCPT TO:%.30q", one), "5", ehlo, from, "RCPT TO:"+one+"\r\n")
	}
	for _, one := range []string{"DATA", "BDAT", "BDAT x", "BDAT -1 LAST", "BDAT 1 LAST 2", "BDAT 4294967296 LAST", "BDAT 0 FIRST", "AUTH PLAIN", "MAIL FROM:<c@d>"} {
		add("inside of a mail: "+one, "50", ehlo, from, one+"\r\n")
	}
	add("a recipient that the mail has not", "502 5.5.1", ehlo, rcpt)
	add("RSET forgets the mail", "502 5.5.1", ehlo, from, rcpt, "RSET\r\n", "DATA\r\n")
	add("EHLO forgets the mail", "502 5.5.1", ehlo, from, rcpt, ehlo, "DATA\r\n")
	add("a refused recipient is none", "502 5.5.1", ehlo, from, "RCPT TO:<zoe@sms>\r\n", "DATA\r\n")
	add("recipients of two accounts", "550 5.7.1", ehlo, from, rcpt, "RCPT TO:<33639980001@auto>\r\n")
	add("STARTTLS without a certificate", "502 5.5.1", ehlo, "STARTTLS\r\n")
	add("STARTTLS with a command behind it", "502 5.5.1", ehlo, "STARTTLS x\r\n")
	for _, one := range []string{"", "X", "CRAM-MD5", "DIGEST-MD5", "NTLM", "GSSAPI", "EXTERNAL =", "ANONYMOUS dA==", "XOAUTH2 " + b64("user=town\x01auth=Bearer x\x01\x01"), "SCRAM-SHA-256 " + b64("n,,n=town,r=x")} {
		add("AUTH "+one, "5", ehlo, "AUTH "+one+"\r\n")
	}
	for _, one := range []string{"!!", "=", b64(""), b64("town"), b64("town\x00" + password), b64("\x00town\x00"), b64("\x00\x00"), b64("other\x00town\x00" + password), b64("\x00town\x00" + password + "\x00x")} {
		add(fmt.Sprintf("AUTH PLAIN %.24s", one), "", ehlo, "AUTH PLAIN "+one+"\r\n", from, "RCPT TO:<33639980001@nowhere>\r\n")
	}
	add("AUTH LOGIN that is given up", "501 5.0.0", ehlo, "AUTH LOGIN\r\n", "*\r\n")
	add("AUTH LOGIN that is no base64", "454 4.7.0", ehlo, "AUTH LOGIN\r\n", "!!\r\n")
	mail := func(name, want, content string) {
		add("mail: "+name, want, ehlo, from, rcpt, "DATA\r\n", content+ended)
	}
	for name, header := range map[string]string{
		"a header of one word": "x", "a fold first": " folded: x", "half a header": "Subject",
	} {
		mail(name, "554 5.6.0", header+"\r\n\r\nBonjour")
	}
	for _, kind := range []string{
		"multipart/mixed", "multipart/mixed; boundary=", "multipart/mixed; boundary=\"\"", "multipart/mixed; boundary=" + strings.Repeat("b", 100), "multipart/alternative; boundary=x", "multipart/encrypted; boundary=x", "application/octet-stream",
		"image/png", "message/rfc822", "message/partial; id=x; number=1; total=2", "message/external-body; access-type=URL; URL=\"http://127.0.0.1/\"", "text/calendar", "application/ms-tnef", "multipart/report; boundary=x", "text/plain; charset=utf-7", "text/plain; charset=utf-32",
		"text/plain; charset=hz-gb-2312", "text/plain; charset=" + strings.Repeat("c", 1000), "text/html; charset=replacement",
	} {
		mail("of kind "+kind[:min(len(kind), 50)], "55", "Content-Type: "+kind+"\r\n\r\nBonj\xf6ur +AGE-")
	}
	for name, header := range map[string]string{
		"auto-replied": "Auto-Submitted: auto-replied", "auto-generated": "Auto-Submitted: auto-generated", "auto-notified": "auto-submitted: AUTO-NOTIFIED; owner-email=a@b", "bulk": "Precedence: bulk", "junk": "Precedence: JUNK", "list": "Precedence: list",
		"a list": "List-Id: <x.example>", "a list with a post": "List-Post: <mailto:a@b>", "an absence": "X-Autoreply: yes", "another absence": "X-Autorespond: x", "precedence of an answer": "Precedence: auto_reply",
	} {
		mail(name, "550 5.7.1", header+"\r\n\r\nBonjour")
	}
	for name, body := range map[string]string{
		"nothing": "", "spaces": "  \t ", "a signature": "-- \r\nZoe", "NUL": "a\x00b", "escape": "\x1b[2J", "delete": "a\x7fb", "C1": "a\xc2\x9bb", "no character": "\xef\xbf\xbe", "half a character": "caf\xc3", "overlong": "\xc0\xaf \xe2\x82", "surrogates": "\xed\xa0\x80\xe2\x82",
		"ten thousand characters": strings.Repeat("x", 10_000), "a line of a megabyte": strings.Repeat("x", 1_000_000), "more than a megabyte": strings.Repeat("xxxxxxx\r\n", 150_000), "LF dot LF": "a\n.\nMAIL FROM:<a@b>", "LF dot CR LF": "a\n.\r\nRCPT TO:<33639980002@sms>",
		"CR dot CR": "a\r.\rDATA", "CR LF dot LF": "a\r\n.\nQUIT", "CR LF LF": "a\r\n\nb",
	} {
		mail(name, "55", "Subject: x\r\n\r\n"+body)
	}
	add("chunks that break off", "250 2.0.0", ehlo, from, rcpt, "BDAT 10\r\nSubject: x", "RSET\r\n")
	add("a chunk that is too large", "552 5.3.4", ehlo, from, rcpt, "BDAT 2000000\r\n"+strings.Repeat("x", 2_000_000))
	add("DATA behind a chunk", "502 5.5.1", ehlo, from, rcpt, "BDAT 3\r\nabc", "DATA\r\n")
	add("chunks without a text", "554 5.6.0", ehlo, from, rcpt, "BDAT 4\r\n\r\n\r\n", "BDAT 0 LAST\r\n")
	return all
}

// answer is a line of an answer. The library repeats the four octets of a command that it does not know, whatever they are.
var answer = regexp.MustCompile(`^(500 5\.5\.2 Syntax errors, .{4} command unrecognized|[245][0-9][0-9] [245]\.[0-9]{1,3}\.[0-9]{1,3} [ -~]*|[23][0-9][0-9][ -][ -~]*)\r\n$`)

// TestHostileDialogues: an answer in SMTP's form to each, nothing stored of what was refused, and nobody else's message seen.
func TestHostileDialogues(t *testing.T) {
	h := open(t)
	if said := h.hello(t).send(t, "33639980009@sms", simple("theirs", "Only for the other")); !strings.HasPrefix(said, "250 2.0.0") {
		t.Fatal(said)
	}
	all := attacks()
	if len(all) < 200 {
		t.Errorf("only %d dialogues", len(all))
	}
	for _, one := range all {
		k := h.dial(t)
		last := ""
		for _, line := range one.lines {
			said := k.say(t, line)
			if said == "" {
				break
			}
			last = said
			for part := range strings.SplitAfterSeq(said, "\r\n") {
				if part != "" && !answer.MatchString(part) {
					t.Errorf("%s: no answer of SMTP: %.200q", one.name, part)
				}
			}
			if strings.Contains(said, "Only for") || strings.Contains(said, "39980009") {
				t.Errorf("%s shows what is another's: %.300q", one.name, said)
			}
		}
		if !strings.HasPrefix(last, one.want) || one.want == "" && last[0] != '5' {
			t.Errorf("%s: %.200q, want %s", one.name, last, one.want)
		}
		k.quit(t)
		if n := len(h.stored(t, "town")) + len(h.stored(t, "other")); n != 1 {
			t.Fatalf("%s: %d were stored", one.name, n-1)
		}
	}
	for _, secret := range []string{password, b64("\x00town\x00" + password), "39980001", "39980009", "Bonj"} {
		if strings.Contains(h.logs.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}
