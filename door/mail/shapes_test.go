package mail_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/door/mail"
	"relais/sms"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// shapes are mails as they come in the field: raw_ ones are sent octet by octet, of others the dots are stuffed. The first word of
// a name that is one of these is the domain whose client takes them.
const mostShapes = 50

func domainOf(name string) string {
	for _, domain := range []string{"auto", "topic", "both"} {
		if name == domain || strings.HasPrefix(name, domain+"_") {
			return domain
		}
	}
	return "sms"
}

// content is a mail as it goes over the line, without its last dot.
func content(t testing.TB, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(filepath.Base(file), "raw_") {
		return string(raw)
	}
	raw = bytes.TrimSuffix(raw, []byte("\r\n"))
	return strings.ReplaceAll("\r\n"+string(raw), "\r\n.", "\r\n..")[2:]
}

// TestShapesOfMail: each mail of testdata/shapes, with the text that leaves, or the refusal, in the file beside it.
func TestShapesOfMail(t *testing.T) {
	h := open(t)
	files, err := filepath.Glob("testdata/shapes/*.eml")
	if err != nil || len(files) < mostShapes {
		t.Fatalf("%d shapes, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".eml")
		before := len(h.stored(t, "town"))
		k := h.hello(t)
		said := k.send(t, "33639980001@"+domainOf(name), content(t, file))
		k.quit(t)
		after := h.stored(t, "town")
		got := said
		switch {
		case strings.HasPrefix(said, "250 2.0.0 accepted ") && len(after) == before+1:
			got = "sent:\n" + after[0].Text + "\n"
			for _, event := range h.timeline(t, after[0]) {
				if strings.HasPrefix(event, "mail_") {
					got += "noted: " + event + "\n"
				}
			}
		case len(after) != before:
			t.Errorf("%s: %q, and %d were stored", name, said, len(after)-before)
		}
		golden := strings.TrimSuffix(file, ".eml") + ".txt"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || string(want) != got {
			t.Errorf("%s: %q, want %q (%v)", name, got, want, err)
		}
	}
}

// timeline is what the events of a message say, by their codes.
func (h *house) timeline(t *testing.T, m sms.Message) (codes []string) {
	t.Helper()
	_, decisions, err := h.store.Timeline(t.Context(), m.Account, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i := range decisions {
		codes = append(codes, string(decisions[i].Code))
	}
	return codes
}

// TestLargeAttachment: a text beside ten megabytes leaves where the server takes so much, and is refused before it comes where the client
// says its size.
func TestLargeAttachment(t *testing.T) {
	whole := simple("large", "")
	whole = strings.Replace(whole, "\r\n\r\n", "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", 1) +
		"--b\r\nContent-Type: text/plain\r\n\r\nThe scan is attached.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		strings.Repeat(strings.Repeat("JVBERi0x", 9)+"\r\n", 10<<20/74) + "--b--"
	h := open(t, func(o *mail.Options) { o.Servers[0].MaxSize = 16 << 20 })
	if said := h.hello(t).send(t, "33639980001@sms", whole); !strings.HasPrefix(said, "250 2.0.0 accepted ") {
		t.Errorf("%q", said)
	}
	if all := h.stored(t, "town"); len(all) != 1 || all[0].Text != "The scan is attached." {
		t.Errorf("stored %+v", all)
	}
	small := open(t)
	if said := small.hello(t).say(t, "MAIL FROM:<a@town.example> SIZE=10485760\r\n"); !strings.HasPrefix(said, "552 5.3.4 ") {
		t.Errorf("its size: %q", said)
	}
	if said := small.hello(t).send(t, "33639980001@sms", whole); !strings.HasPrefix(said, "552 5.3.4 ") {
		t.Errorf("its octets: %q", said)
	}
	if n := len(small.stored(t, "town")); n != 0 {
		t.Errorf("%d were stored", n)
	}
}
