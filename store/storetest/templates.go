package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gateway"
	"relais/sms"
	"relais/template"
)

// newTemplate is a first version, with letters that a database may stumble over.
func newTemplate(name string) template.Template {
	return template.Template{
		Account: "default", ID: sms.NewID(start), Version: 1, Latest: 1, MadeAt: start, MadeBy: "user:anne",
		Content: template.Content{
			Name: name, Folder: "État civil", Text: "Bonjour ((prénom|Madame, Monsieur)) \u202e'\"\n",
			Class: sms.Transactional, Sender: "MAIRIE", Circle: template.Approvers, Answer: true,
		},
	}
}

func addTemplate(t *testing.T, s Store, name string) template.Template {
	t.Helper()
	made := newTemplate(name)
	if err := s.AddTemplate(t.Context(), made, name); err != nil {
		t.Fatal(err)
	}
	return made
}

func templatesAdded(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	first := addTemplate(t, s, "b")
	second := addTemplate(t, s, "a")
	if err := s.AddTemplate(t.Context(), newTemplate("a"), "a"); !errors.Is(err, template.ErrNameTaken) {
		t.Errorf("the same name again: %v", err)
	}
	elsewhere := newTemplate("a")
	elsewhere.Account = "other"
	if err := s.AddTemplate(t.Context(), elsewhere, "a"); err != nil {
		t.Errorf("the same name in another account: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	found, err := s.Templates(t.Context(), "default", false)
	if diff := cmp.Diff([]template.Template{second, first}, found); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	one, err := s.Template(t.Context(), "default", first.ID, 0)
	if diff := cmp.Diff(first, one); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for _, ask := range []struct {
		account string
		id      sms.ID
		version int
	}{{"other", first.ID, 0}, {"default", sms.NewID(start), 0}, {"default", first.ID, 2}} {
		if _, err := s.Template(t.Context(), ask.account, ask.id, ask.version); !errors.Is(err, template.ErrUnknown) {
			t.Errorf("%+v: %v", ask, err)
		}
	}
	if put, err := s.Templates(t.Context(), "default", true); err != nil || len(put) != 0 {
		t.Errorf("put away: %+v, %v", put, err)
	}
}

func templatesChanged(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	old, other := addTemplate(t, s, "a"), addTemplate(t, s, "b")
	next := old
	next.Name, next.Text, next.Version, next.Latest = "c", "Au revoir", 2, 2
	next.MadeAt, next.MadeBy, next.Answer = start.Add(time.Hour), "api:forms", false
	if err := s.ChangeTemplate(t.Context(), next, "b"); !errors.Is(err, template.ErrNameTaken) {
		t.Errorf("the name of %s: %v", other.Name, err)
	}
	if err := s.ChangeTemplate(t.Context(), next, "c"); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeTemplate(t.Context(), next, "c"); !errors.Is(err, template.ErrOutdated) {
		t.Errorf("the same version again: %v", err)
	}
	strange := next
	strange.Account = "other"
	if err := s.ChangeTemplate(t.Context(), strange, "c"); !errors.Is(err, template.ErrUnknown) {
		t.Errorf("from another account: %v", err)
	}
	for range 2 { // the second comes with the key of the first, and makes nothing
		made := draft{}.acceptance()
		made.Template, made.At = old.ID, start.Add(2*time.Hour)
		made.Key, made.Answer = &gateway.IdempotencyKey{Key: "made"}, []byte("answer")
		if _, err := s.Accept(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}
	batched := draft{}.acceptance()
	batched.Template, batched.At = old.ID, start.Add(time.Hour)
	if _, err := s.AcceptBatch(t.Context(), []*gateway.Acceptance{batched, draft{}.acceptance()}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	next.Uses, next.UsedAt = 2, start.Add(2*time.Hour)
	old.Uses, old.UsedAt, old.Latest = next.Uses, next.UsedAt, 2
	versions, err := s.TemplateVersions(t.Context(), "default", old.ID, 0, 10)
	if diff := cmp.Diff([]template.Template{next, old}, versions); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	below, err := s.TemplateVersions(t.Context(), "default", old.ID, 2, 1)
	if diff := cmp.Diff([]template.Template{old}, below); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	first, err := s.Template(t.Context(), "default", old.ID, 1)
	if diff := cmp.Diff(old, first); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func templateRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	old := addTemplate(t, s, "a")
	var changed, outdated atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			next := old
			next.Version, next.Latest = 2, 2
			switch err := s.ChangeTemplate(t.Context(), next, "a"); {
			case err == nil:
				changed.Add(1)
			case errors.Is(err, template.ErrOutdated):
				outdated.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if changed.Load() != 1 || outdated.Load() != 7 {
		t.Errorf("%d changed it, %d were told", changed.Load(), outdated.Load())
	}
}

func templatesArchived(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	old, at := addTemplate(t, s, "a"), start.Add(time.Hour)
	archive := func(id sms.ID, at time.Time, key string) error {
		return s.ArchiveTemplate(t.Context(), "default", id, at, key)
	}
	if err := archive(old.ID, at, old.ID.String()); err != nil {
		t.Fatal(err)
	}
	old.ArchivedAt = at
	put, err := s.Templates(t.Context(), "default", true)
	if diff := cmp.Diff([]template.Template{old}, put); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	same := addTemplate(t, s, "a")
	if err := archive(old.ID, time.Time{}, "a"); !errors.Is(err, template.ErrNameTaken) {
		t.Errorf("its name has another one: %v", err)
	}
	if err := archive(same.ID, at, same.ID.String()); err != nil {
		t.Fatal(err)
	}
	if err := archive(old.ID, time.Time{}, "a"); err != nil {
		t.Errorf("it comes back: %v", err)
	}
	if err := archive(sms.NewID(start), at, "x"); !errors.Is(err, template.ErrUnknown) {
		t.Errorf("an unknown one: %v", err)
	}
}
