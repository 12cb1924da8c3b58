package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"relais/auth"
)

func TestFileThatWasCheckedIsGoodForAnHour(t *testing.T) {
	sealer, err := auth.NewSealer(strings.Repeat("0a", 32))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	c := &Console{Options: Options{Sealer: sealer, Now: func() time.Time { return now }, Zone: time.UTC}}
	of := func(account, user string) *request {
		session := auth.Session{User: auth.User{ID: user, Name: user}}
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		return &request{Request: r, console: c, session: session, account: account}
	}
	sealed := of("a", "max").sealImport([]byte("0639980001\n"))
	for _, test := range []struct {
		q     *request
		after time.Duration
		why   string
	}{
		{of("a", "max"), 59 * time.Minute, ""},
		{of("a", "max"), time.Hour, "old"},
		{of("b", "max"), 0, "none"},
		{of("a", "mia"), 0, "none"},
	} {
		now = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC).Add(test.after)
		file, why := test.q.openImport(sealed)
		if string(why) != test.why || (why == "") != (string(file.body) == "0639980001\n") {
			t.Errorf("%s of %s after %s: %q %q", test.q.session.User.Name, test.q.account, test.after, file.body, why)
		}
	}
	if _, why := of("a", "max").openImport(c.tokenOf("a", "+33639980001")); why != "none" {
		t.Errorf("the token of a person is taken for a file: %q", why)
	}
}
