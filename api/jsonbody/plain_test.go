package jsonbody

import (
	"runtime"
	"strings"
	"testing"
)

type plainBody struct{ text string }

func (b *plainBody) Into(key string) any {
	if key == "text" {
		return &b.text
	}
	return nil
}

// A text that is kept keeps no long body with it.
func TestPlainTextsKeepNoBody(t *testing.T) {
	body := []byte(`{"text":"Bonjour"` + strings.Repeat(" ", 60<<10) + "}")
	used := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := used()
	kept := make([]plainBody, 200)
	for i := range kept {
		if !readPlain(body, &kept[i]) || kept[i].text != "Bonjour" {
			t.Fatalf("read %q", kept[i].text)
		}
	}
	if more := used() - before; more > 4<<20 {
		t.Errorf("%d texts keep %d KiB", len(kept), more>>10)
	}
	runtime.KeepAlive(kept)
}
