package table

import "testing"

// TestWithoutPerson: what callers were told of a reply keeps what tells nothing of who
// wrote it.
func TestWithoutPerson(t *testing.T) {
	got, err := withoutPerson(`{"id":"1","from":"+33639980001","text":"ROSE <3","reference":"file-7","at":1.50}`)
	if want := `{"at":1.50,"from":"~","id":"1","text":""}`; got != want || err != nil {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if _, err := withoutPerson("no JSON"); err == nil {
		t.Error("what cannot be read is left as it is")
	}
}
