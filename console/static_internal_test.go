package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestStaticPacked asks for the files as browsers do, and as those that read no gzip.
func TestStaticPacked(t *testing.T) {
	server := httptest.NewServer(static(nil))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	for _, test := range []struct {
		accepts string
		packed  bool
	}{
		{"gzip, deflate, br, zstd", true},
		{"br, GZIP;q=0.5", true},
		{"gzip; q=1.0", true},
		{"", false},
		{"identity", false},
		{"gzip;q=0", false},
		{"gzip; q=0.000, br", false},
	} {
		for _, name := range []string{"console.css", "console.js", "icon.svg"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+asset(name), http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Accept-Encoding", test.accepts)
			answer, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatalf("%s: status %d, %v", name, answer.StatusCode, err)
			}
			if packed := answer.Header.Get("Content-Encoding") == "gzip"; packed != test.packed {
				t.Errorf("%s for %q: packed %v, want %v", name, test.accepts, packed, test.packed)
			}
			if test.packed {
				got = unpacked(t, got)
			}
			want, err := staticFiles.ReadFile("static/" + name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s for %q is another file", name, test.accepts)
			}
			kind := answer.Header.Get("Content-Type")
			if kind == "" || kind == "application/x-gzip" || answer.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s for %q: type %q, Vary %q", name, test.accepts, kind, answer.Header.Get("Vary"))
			}
		}
	}
}

func unpacked(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
