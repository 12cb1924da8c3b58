package webhook

import (
	"net/netip"
	"testing"
	"time"
)

func TestPausesReachThreeDays(t *testing.T) {
	total, attempts := time.Duration(0), 0
	for total < GiveUp {
		attempts++
		if attempts > 100 {
			t.Fatal("too many attempts")
		}
		total += pause(attempts, 0)
	}
	if attempts < 12 || attempts > 20 {
		t.Errorf("%d attempts in %s", attempts, GiveUp)
	}
}

func TestQuarantine(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	e := Endpoint{State: Active}
	for range 100 {
		e = judge(e, false, at)
	}
	if e.State != Active {
		t.Fatal("quarantined for one bad second")
	}
	at = at.Add(2 * time.Minute)
	if e = judge(e, false, at); e.State != Quarantined || !e.ProbeAt.Equal(at.Add(firstProbe)) ||
		e.Reason == "" {
		t.Fatalf("after two minutes %+v", e)
	}
	before := e.ProbeAt
	for range 20 {
		at = e.ProbeAt
		e = judge(e, false, at)
		if wait := e.ProbeAt.Sub(at); wait < firstProbe || wait > LongestProbe || !e.ProbeAt.After(before) {
			t.Fatalf("next probe after %s", wait)
		}
		before = e.ProbeAt
	}
	if wait := e.ProbeAt.Sub(at); wait != LongestProbe {
		t.Errorf("after twenty probes the next comes after %s", wait)
	}
	if e = judge(e, true, at); e.State != Active || e.Failures != 0 || !e.ProbeAt.IsZero() || e.Reason != "" {
		t.Errorf("after a success %+v", e)
	}
}

func TestPolicy(t *testing.T) {
	const nobody, loopback, private, public = 0, 1, 2, 3
	policies := []Policy{{}, {Loopback: true}, {Loopback: true, Private: true}}
	for address, opens := range map[string]int{
		"93.184.216.34": public, "2606:2800:220:1::1": public, "127.0.0.1": loopback, "::1": loopback,
		"127.9.9.9":        loopback,
		"::ffff:127.0.0.1": loopback, "10.0.0.1": private, "172.16.3.4": private, "192.168.1.1": private,
		"169.254.169.254": private,
		"100.64.0.1":      private, "fe80::1": private, "fd00::1": private,
		"fec0::1": private, "0.0.0.0": nobody,
		"::": nobody, "0.1.2.3": nobody,
		"224.0.0.1": nobody, "ff02::1": nobody, "255.255.255.255": nobody, "64:ff9b::7f00:1": loopback,
		"64:ff9b::a00:1": private,
		"2002:7f00:1::":  loopback, "2002:c0a8:101::": private, "64:ff9b:1::1": private,
		"::ffff:169.254.169.254": private, "192.0.0.8": private,
	} {
		for i, p := range policies {
			want := opens == public || opens != nobody && i >= opens
			if got := p.Allows(netip.MustParseAddr(address)); got != want {
				t.Errorf("%+v allows %s: %v, want %v", p, address, got, want)
			}
		}
	}
}

func TestCheckURL(t *testing.T) {
	for text, ok := range map[string]bool{
		"https://example.org/sms?a=b": true, "http://example.org:8080": true, "https://93.184.216.34/": true,
		"": false, "example.org": false, "ftp://example.org/": false, "https://user:word@example.org/": false,
		"https://example.org/#a": false,
		"http://127.0.0.1/":      false, "http://localhost/": false, "http://LOCALHOST.:80/": false,
		"http://a.localhost/": false,
		"http://[::1]/":       false, "http://10.0.0.1/": false, "http://169.254.169.254/latest": false,
		"http://[fd00::1]/":  false,
		"http://2130706433/": false, "http://127.1/": false, "http://0x7f.0x1/": false,
		"http://0177.0.0.1/": false, "http://example.org:99999/": false,
		"https://3com.example/": true, "https://0xcafe.example/": true,
		" https://example.org/": false, "https://example.org/ ": false, "https://example.org/\n": false,
		"https://example.org/a#": false,
		"javascript:alert(1)":    false, "https://": false, "http://0.0.0.0/": false,
	} {
		if err := CheckURL(text, Policy{}); (err == nil) != ok {
			t.Errorf("CheckURL(%q) = %v", text, err)
		}
	}
	if err := CheckURL("http://127.0.0.1:80/", Policy{Loopback: true}); err != nil {
		t.Errorf("loopback is refused where it is allowed: %v", err)
	}
}

func TestCanonical(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"as it is", "https://example.org/sms?a=B", "https://example.org/sms?a=B"},
		{"capitals", "HTTPS://Example.ORG/SMS", "https://example.org/SMS"},
		{"port of https", "https://example.org:443/a", "https://example.org/a"},
		{"port of http", "http://example.org:080/a", "http://example.org/a"},
		{"port of the other", "http://example.org:443/a", "http://example.org:443/a"},
		{"port without a number", "http://example.org:/a", "http://example.org/a"},
		{"dot at the end of the host", "http://example.org.:8080/a", "http://example.org:8080/a"},
		{"no path", "http://example.org", "http://example.org/"},
		{"no path and a query", "http://example.org?a=b", "http://example.org/?a=b"},
		{"empty query", "http://example.org/a?", "http://example.org/a"},
		{"slash at the end", "http://example.org/a/", "http://example.org/a/"},
		{"what a client fills in", "http://example.org/{id}?to=%p&x=a b", "http://example.org/{id}?to=%p&x=a b"},
		{"long IPv6", "http://[2001:DB8:0::1]:80/", "http://[2001:db8::1]/"},
		{"name beyond ASCII", "https://BÜCHER.example/Ü", "https://bücher.example/Ü"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := canonical(tc.text); got != tc.want {
				t.Errorf("canonical(%q) = %q, want %q", tc.text, got, tc.want)
			}
		})
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, text := range []string{
		"https://example.org/", "http://[::1%25eth0]/", "http://127.1/", "http://0x7f.1/",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := CheckURL(text, Policy{}); err != nil {
			return
		}
		if len(text) > maxURL {
			t.Errorf("a URL of %d characters is taken", len(text))
		}
		once := canonical(text)
		if twice := canonical(once); twice != once {
			t.Errorf("%q is %q, and then %q", text, once, twice)
		}
	})
}
