package engine_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/campaign"
	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/connector"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/sms"
	"relais/store/sqlite"
)

const by = sms.Actor("user:anne")

// operator takes every message, and tells at once that the handset has it, if it is told to.
type operator struct {
	mu    sync.Mutex
	taken []sms.Message
}

func (o *operator) Submit(_ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	outcomes := make([]connector.Outcome, len(batch))
	for i := range batch {
		outcomes[i].ProviderID = "id-" + batch[i].ID.Ref()
	}
	o.taken = append(o.taken, batch...)
	return outcomes, nil
}

func (o *operator) sent() []sms.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]sms.Message(nil), o.taken...)
}

// world is a gateway on a real database, with a desk and a feeder.
type world struct {
	*engine.Desk
	feeder  *engine.Feeder
	gateway *gateway.Gateway
	store   *sqlite.Store
}

// open starts a gateway on the data in a directory.
func open(t *testing.T, dir string, o *operator) *world {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := auth.NewSealer(strings.Repeat("0f", 32))
	if err != nil {
		t.Fatal(err)
	}
	account := func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} }
	w := &world{store: store, Desk: &engine.Desk{
		Store: store, Account: account, Segments: 10, Seal: sealer.Seal, Open: sealer.Open, Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
	}}
	w.feeder = engine.NewFeeder(w.Desk)
	roster := duty.NewRoster(duty.Options{Log: slog.New(slog.DiscardHandler)})
	roster.Add(w.feeder.Duty())
	w.gateway, err = gateway.New(gateway.Options{
		Store: store, Clock: duty.NewClock(time.Now), Log: slog.New(slog.DiscardHandler), Account: account, Roster: roster,
		Instances: []lane.Instance{{Name: "ovh", Provider: "scripted", Connector: o, Facts: connector.Facts{Simulated: true}}},
		Limits:    gateway.Limits{Segments: 10, Recipients: 10_000, Backlog: 1_000_000},
		Metrics:   gateway.NewMetrics(prometheus.NewRegistry()),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.feeder.Gateway = w.gateway
	if err := w.gateway.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) stop(t *testing.T) {
	t.Helper()
	if err := errors.Join(w.gateway.Stop(context.Background()), w.store.Close()); err != nil {
		t.Error(err)
	}
}

// inWorld runs a test in a world whose clock is its own.
func inWorld(t *testing.T, test func(t *testing.T, w *world, o *operator)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		w := open(t, dir, o)
		defer w.stop(t)
		test(t, w, o)
	})
}

// draft is a campaign with a file.
func (w *world) draft(t *testing.T, text, file string) ledger.Campaign {
	t.Helper()
	c, err := w.Create(t.Context(), "default", ledger.Content{Name: "Vœux", Text: text, Class: sms.Transactional}, by)
	if err == nil {
		c, err = w.PutFile(t.Context(), "default", c.ID, 0, `C:\a\inscrits.csv`, strings.NewReader(file), by)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// await waits until a campaign has a status.
func (w *world) await(t *testing.T, id sms.ID, want ...ledger.Status) ledger.Campaign {
	t.Helper()
	for range 2000 {
		c, err := w.Campaign(t.Context(), "default", id)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range want {
			if c.Status == s {
				return c
			}
		}
		if err := duty.Sleep(t.Context(), 100*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	c, _ := w.Campaign(t.Context(), "default", id)
	t.Fatalf("it is %s (%s, %s), not %s", c.Status, c.Why, c.Problem.In(reason.English), want)
	return c
}

func (w *world) rows(t *testing.T, id sms.ID) []ledger.Row {
	t.Helper()
	rows, _, err := w.Rows(t.Context(), ledger.RowQuery{Account: "default", Campaign: id, Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

const people = "Nom;Portable;Dossier\nZoé;0639980001;A 1\nLéa;06 39 98 00 02;A 2\nZoé;0639980001;A 3\nNoël;3,36E+10;\n"

// code is the code of a refusal, with the field that it is about.
func code(err error) string {
	if e, ok := errors.AsType[*gateway.Error](err); ok {
		return e.Code.Wire() + " " + e.Field
	}
	return "no refusal"
}

func TestAFileIsLookedAtAndChecked(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		c := w.draft(t, "Bonjour ((nom))", people)
		sight, err := campaign.ReadSight(c.Look, reason.English)
		if err != nil || len(sight.Columns) != 3 || !sight.Columns[1].Phone || c.File.Name != "inscrits.csv" {
			t.Fatalf("%+v, %v, %+v", sight, err, c.File)
		}
		next := c.Content
		next.Options.Reference = "dossier"
		if c, err = w.Change(t.Context(), "default", c.ID, c.Version, next, by); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second finds it being checked
			if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
				t.Fatal(err)
			}
		}
		c = w.await(t, c.ID, ledger.Ready)
		report, err := campaign.ReadReport(c.Report, "fr")
		if err != nil || report.Check != c.Check || report.Rows.Ready != 2 || report.File.SHA256 != c.File.SHA256 {
			t.Errorf("%+v, %v", report, err)
		}
		if want := (ledger.Counts{Waiting: 2, Skipped: 2}); c.Counts != want {
			t.Errorf("%+v, want %+v", c.Counts, want)
		}
		rows := w.rows(t, c.ID)
		if len(rows) != 4 || rows[0].Text != "Bonjour Zoé" || rows[1].Reference != "A 2" ||
			rows[2].Reason.Code != "duplicate" || rows[3].State != ledger.Skipped || rows[1].Values["Nom"] != "Léa" {
			t.Errorf("%+v", rows)
		}
		file, body, err := w.File(t.Context(), "default", c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(body); err != nil || string(data) != people || file.Size != int64(len(people)) {
			t.Errorf("%q, %v", data, err)
		}
		head, err := w.Head(t.Context(), "default", c.ID, 2)
		if err != nil || len(head) != 2 || head[1].Cells[0].Shown != "Zoé" {
			t.Errorf("%+v, %v", head, err)
		}
	})
}

// TestALargeFileIsReadFromItsParts: one of several parts, whose rows go across their ends.
func TestALargeFileIsReadFromItsParts(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		var b strings.Builder
		b.WriteString("Nom;Portable\n")
		const rows = 20_000
		for i := range rows {
			b.WriteString("Madame la présidente de l'association;+3363998")
			b.WriteString(string([]byte{
				'0' + byte(i/1000%10), '0' + byte(i/100%10), '0' + byte(i/10%10), '0' + byte(i%10), '\n',
			}))
		}
		next := ledger.Options{Duplicates: "none"}
		c := w.draft(t, "Bonjour", b.String())
		c.Options = next
		c, err := w.Change(t.Context(), "default", c.ID, c.Version, c.Content, by)
		if err != nil || c.File.Chunks < 4 {
			t.Fatal(c.File.Chunks, err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Ready)
		if want := (ledger.Counts{Waiting: rows}); c.Counts != want || c.Progress.Done != c.Progress.Total {
			t.Errorf("%+v, want %+v; %+v", c.Counts, want, c.Progress)
		}
		_, body, err := w.File(t.Context(), "default", c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(body); err != nil || string(data) != b.String() {
			t.Errorf("%d bytes of %d, %v", len(data), b.Len(), err)
		}
	})
}

func TestWhatKeepsACheckFromEnding(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		c := w.draft(t, "Bonjour ((prénom))", people)
		if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Draft)
		if c.Problem.Code.Wire() != "field_without_column" || c.Check != "" || c.Look == nil {
			t.Errorf("%+v", c)
		}
		next := c.Content
		next.Text, next.Connector = "Bonjour", "nobody"
		if _, err := w.Change(t.Context(), "default", c.ID, c.Version, next, by); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		if c = w.await(t, c.ID, ledger.Draft); c.Problem.Code.Wire() != "connector_unknown" {
			t.Errorf("%+v", c)
		}
	})
}

func TestRefusals(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		for _, tc := range []struct {
			content ledger.Content
			want    string
		}{
			{ledger.Content{}, "campaign_name_missing /name"},
			{ledger.Content{Name: strings.Repeat("a", 101)}, "campaign_too_long /name"},
			{ledger.Content{Name: "a\x07"}, "campaign_forbidden_character /name"},
			{ledger.Content{Name: "a", Text: strings.Repeat("a", 5001)}, "campaign_too_long /text"},
			{ledger.Content{Name: "a", Text: "((nom"}, "field_syntax /text"},
			{ledger.Content{Name: "a", Class: sms.OTP}, "campaign_class /class"},
			{ledger.Content{Name: "a", Options: ledger.Options{Duplicates: "some"}}, "campaign_option /options/duplicates"},
			{ledger.Content{Name: "a", Options: ledger.Options{Rate: -1}}, "campaign_option /options/rate"},
			{ledger.Content{Name: "a", Options: ledger.Options{Region: "FRA"}}, "campaign_option /options/region"},
			{ledger.Content{Name: "a", Options: ledger.Options{Encoding: "x"}}, "campaign_option /options/encoding"},
		} {
			if _, err := w.Create(t.Context(), "default", tc.content, by); code(err) != tc.want {
				t.Errorf("%+v: %v, want %s", tc.content, err, tc.want)
			}
		}
		c, err := w.Create(t.Context(), "default", ledger.Content{Name: "a"}, by)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, by); code(err) != "campaign_without_file " {
			t.Error(err)
		}
		for _, file := range []string{"", "%PDF-1.7\n", "Nom;Portable\n"} {
			if _, err := w.PutFile(t.Context(), "default", c.ID, 0, "a", strings.NewReader(file), by); code(err) == "no refusal" {
				t.Errorf("%q is taken: %v", file, err)
			}
		}
		if _, err := w.PutFile(t.Context(), "default", c.ID, 7, "a", strings.NewReader(people), by); !errors.Is(err, ledger.ErrOutdated) {
			t.Error(err)
		}
		if c, err = w.PutFile(t.Context(), "default", c.ID, 1, "a", strings.NewReader(people), by); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, by); code(err) != "campaign_without_text /text" {
			t.Error(err)
		}
		if err := w.Drop(t.Context(), "default", c.ID); err != nil {
			t.Error(err)
		}
		if _, err := w.Timeline(t.Context(), "default", c.ID); !errors.Is(err, ledger.ErrUnknown) {
			t.Error(err)
		}
	})
}
