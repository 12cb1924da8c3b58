package console

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestSlowSearchIsGivenUp(t *testing.T) {
	err := bounded(t.Context(), time.Millisecond, func(ctx context.Context) error {
		<-ctx.Done()
		return errors.New("interrupted")
	})
	if p, ok := errors.AsType[*problem](err); !ok || p.reason.Code != saySlow {
		t.Errorf("a slow search ends with %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := bounded(gone, time.Minute, func(ctx context.Context) error { return ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("a browser that went ends with %v", err)
	}
}

func TestExportsAtOnce(t *testing.T) {
	c := &Console{exports: make(chan struct{}, mostExports)}
	at := route{pattern: "POST /console/audit/export"}
	var last func()
	for range mostExports {
		done, err := c.export(at)
		if err != nil {
			t.Fatal(err)
		}
		last = done
	}
	_, err := c.export(at)
	if p, ok := errors.AsType[*problem](err); !ok || p.status != http.StatusTooManyRequests {
		t.Errorf("one more: %v", err)
	}
	told := httptest.NewRecorder()
	if shown, ok := c.refusal(&request{}, err).(withCookies); ok {
		shown.set(told)
	}
	if told.Header().Get("Retry-After") != "30" {
		t.Errorf("one more is refused with the headers %v", told.Header())
	}
	if _, err := c.export(route{pattern: "GET /console/send"}); err != nil {
		t.Errorf("a page: %v", err)
	}
	last()
	if _, err := c.export(at); err != nil {
		t.Errorf("after one has ended: %v", err)
	}
}
