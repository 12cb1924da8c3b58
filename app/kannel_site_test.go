package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"relais/sandbox"
	"relais/sandbox/smsc"
)

// blocksOf are the blocks of code below a heading of a page.
func blocksOf(t *testing.T, page, heading string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, below, found := strings.Cut(string(text), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no %q", page, heading)
	}
	below, _, _ = strings.Cut(below, "\n## ")
	for _, block := range regexp.MustCompile("(?s)```[a-z]+\n(.*?)```").FindAllStringSubmatch(below, -1) {
		blocks = append(blocks, block[1])
	}
	return blocks
}

// TestAKannelSiteMoves follows docs/migrate/smpp.md to the letter: a Kannel with two operators sends as it did,
// then through Relais with what the page changes. Places and passwords are those of the test.
func TestAKannelSiteMoves(t *testing.T) {
	blocks := blocksOf(t, "../docs/migrate/smpp.md", "### A site with two operators")
	if len(blocks) != 3 {
		t.Fatalf("%d blocks, want the site, Relais and the site that moved", len(blocks))
	}
	alpha, beta := simulate(t, sandbox.Options{}), simulate(t, sandbox.Options{})
	place := func(operator *sandbox.Server) (host, port string) {
		host, port, _ = strings.Cut(operator.SMSC().Address(), ":")
		return host, port
	}
	group := func(text, from, host, port string) string {
		return strings.ReplaceAll(text, "host = "+from+"\nport = 2775", "host = "+host+"\nport = "+port)
	}
	login := strings.NewReplacer(
		"= town\n", "= "+smsc.SystemID+"\n", "= mairie\n", "= "+smsc.SystemID+"\n", "= secret01\n", "= "+smsc.Password+"\n", "= secret02\n", "= "+smsc.Password+"\n",
		`"town"`, `"`+smsc.SystemID+`"`, `"mairie"`, `"`+smsc.SystemID+`"`,
	).Replace

	before := login(blocks[0])
	host, port := place(alpha)
	before = group(before, "smpp.alpha.example", host, port)
	host, port = place(beta)
	before = group(before, "smpp.beta.example", host, port)
	sendFromSite(t, startKannelWith(t, before), alpha, beta, "10")

	configuration := strings.NewReplacer(
		`"0.0.0.0:2775"`, `"127.0.0.1:0"`,
		`"smpp.alpha.example:2775"`, fmt.Sprintf("%q\ntls = false", alpha.SMSC().Address()),
		`"smpp.beta.example:2775"`, fmt.Sprintf("%q\ntls = false", beta.SMSC().Address()),
		`password_file = "alpha.password"`, fmt.Sprintf("password = %q", smsc.Password),
		`password_file = "beta.password"`, fmt.Sprintf("password = %q", smsc.Password),
		`password_file = "kannel-alpha.password"`, `password = "secret08"`,
		`password_file = "kannel-beta.password"`, `password = "secret09"`,
	).Replace(login(blocks[1]))
	gateway, _, _ := run(t, func(data string) string {
		return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\n%s", data, configuration)
	})
	w := &world{app: gateway}
	host, port, _ = strings.Cut(w.smppAddress(t), ":")
	sendFromSite(t, startKannelWith(t, group(blocks[2], "sms.town.example", host, port)), alpha, beta, "20")
}

// sendFromSite has a Kannel send to a number of France and to one of elsewhere: each goes by its operator, and has
// its report.
func sendFromSite(t *testing.T, k *realKannel, alpha, beta *sandbox.Server, suffix string) {
	t.Helper()
	reports := listen(t)
	for number, by := range map[string]*sandbox.Server{"+336399806" + suffix: alpha, "+4917600000" + suffix: beta} {
		asked := url.Values{
			"username": {"tester"}, "password": {"foobar"}, "from": {"RELAIS"}, "to": {number}, "text": {"Réunion à 9 h"}, "charset": {"UTF-8"},
			"dlr-mask": {"3"}, "dlr-url": {reports.URL + "?type=%d&to=" + url.QueryEscape(number)},
		}
		answer, err := http.Get(k.sendsms + "?" + asked.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != http.StatusAccepted {
			t.Fatalf("smsbox answered %d", answer.StatusCode)
		}
		await(t, "the text", patience, func() bool { return len(by.Handset(number)) == 1 })
		if got := by.Handset(number)[0]; got.Text != "Réunion à 9 h" || got.From != "RELAIS" {
			t.Errorf("on the handset: %+v", got)
		}
		await(t, "the report", patience, func() bool { return reports.of(number) != "" })
		if report := reports.of(number); !strings.HasPrefix(report, "1") {
			t.Errorf("reports %q, want delivered", report)
		}
	}
}
