package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
	"relais/inbox"
	"relais/lane"
	"relais/number"
	"relais/quota"
	"relais/reason"
	"relais/sender"
	"relais/sms"
	"relais/store/sqlite"
	"relais/terms"
)

// receiptsIn is how long receipts are awaited.
const receiptsIn = 20 * time.Minute

const by = sms.Actor("user:anne")

// operator takes every message, and tells at once that the handset has it, if it is told to.
type operator struct {
	mu     sync.Mutex
	taken  []sms.Message
	never  sms.Number // that it does not take now; empty: none
	busy   bool       // it takes none now
	barred bool       // it takes none until somebody acts
}

func (o *operator) Submit(_ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	outcomes := make([]connector.Outcome, len(batch))
	for i := range batch {
		if o.barred {
			outcomes[i].Err = &connector.Error{Fault: connector.Blocked, Detail: "no rights"}
			continue
		}
		if batch[i].To == o.never || o.busy {
			outcomes[i].Err = &connector.Error{Fault: connector.Temporary, Detail: "busy"}
			continue
		}
		outcomes[i].ProviderID = "id-" + batch[i].ID.Ref()
		o.taken = append(o.taken, batch[i])
	}
	return outcomes, nil
}

func (o *operator) setBusy(busy bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.busy = busy
}

func (o *operator) sent() []sms.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]sms.Message(nil), o.taken...)
}

// door is the way in, which refuses every message if it is told to.
type door struct {
	*gateway.Gateway
	mu      sync.Mutex
	refusal *gateway.Error
	missing bool               // its connectors are no longer configured
	asked   atomic.Int64       // forecasts
	left    *connector.Balance // nil: not known
}

func (d *door) gone(missing bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.missing = missing
}

func (d *door) balance(left *connector.Balance) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = left
}

func (d *door) Standing(name string) (lane.Standing, bool) {
	s, known := d.Gateway.Standing(name)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left != nil {
		s.Balance = *d.left
	}
	return s, known && !d.missing
}

func (d *door) Forecast(
	ctx context.Context, account string, all []gateway.Submission, at time.Time,
) ([]gateway.Outcome, error) {
	d.asked.Add(1)
	return d.Gateway.Forecast(ctx, account, all, at)
}

func (d *door) refuse(with *gateway.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refusal = with
}

func (d *door) refuses() *gateway.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refusal
}

func (d *door) Preview(ctx context.Context, s gateway.Submission, at time.Time) (*gateway.Result, error) {
	if refusal := d.refuses(); refusal != nil {
		return nil, refusal
	}
	return d.Gateway.Preview(ctx, s, at)
}

func (d *door) SubmitBatch(
	ctx context.Context, b gateway.Batch, answer func([]gateway.Outcome) ([]byte, error),
) (*gateway.BatchResult, error) {
	refusal := d.refuses()
	if refusal == nil {
		return d.Gateway.SubmitBatch(ctx, b, answer)
	}
	done := &gateway.BatchResult{Outcomes: make([]gateway.Outcome, len(b.Submissions))}
	for i := range done.Outcomes {
		done.Outcomes[i].Refusal = refusal
	}
	return done, nil
}

// world is a gateway on a real database, with a desk and a feeder.
type world struct {
	*engine.Desk
	feeder  *engine.Feeder
	gateway *gateway.Gateway
	door    *door
	store   *sqlite.Store

	registry *prometheus.Registry
	approval *gateway.Approval // of the account
}

// open starts a gateway on the data in a directory.
func open(t *testing.T, dir string, o *operator) *world {
	t.Helper()
	return openWith(t, dir, o, connector.Facts{}, nil)
}

// openWith is open with an operator that is slower or of another kind, and with a process that
// dies.
func openWith(
	t *testing.T, dir string, o connector.Connector, facts connector.Facts, dying func(*sqlite.Store) *mortal,
) *world {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := auth.NewSealer(strings.Repeat("0f", 32))
	if err != nil {
		t.Fatal(err)
	}
	approval := &gateway.Approval{}
	account := func(name string) gateway.Account {
		return gateway.Account{Name: name, Region: "FR", Approval: *approval}
	}
	used := &mortal{Store: store}
	if dying != nil {
		used = dying(store)
	}
	facts.Simulated = true
	registry := prometheus.NewRegistry()
	w := &world{store: store, registry: registry, approval: approval, Desk: &engine.Desk{
		Store: used, Account: account, Segments: 10, Seal: sealer.Seal, Open: sealer.Open, Keyed: sealer.Derive, Now: time.Now,
		Metrics: engine.NewMetrics(registry), Log: slog.New(slog.DiscardHandler),
	}}
	w.feeder = engine.NewFeeder(w.Desk)
	roster := duty.NewRoster(duty.Options{Log: slog.New(slog.DiscardHandler)})
	roster.Add(w.feeder.Duty())
	w.gateway, err = gateway.New(gateway.Options{
		Store: used, Clock: duty.NewClock(time.Now), Log: slog.New(slog.DiscardHandler), Account: account, Roster: roster,
		Instances: []lane.Instance{{Name: "ovh", Provider: "scripted", Connector: o, Facts: facts}},
		Limits:    gateway.Limits{Segments: 10, Recipients: 10_000, Backlog: 1_000_000},
		Metrics:   gateway.NewMetrics(prometheus.NewRegistry()),
		// So short that a test sees messages of which nothing is told.
		ReceiptTimes: lane.ReceiptTimes{sms.Transactional: receiptsIn},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.door = &door{Gateway: w.gateway}
	w.feeder.Gateway, w.Line = w.door, w.door
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
		if slices.Contains(want, c.Status) {
			return c
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

// refusedAs is code, of what is wrong with the only number.
func refusedAs(err error) string {
	if e, ok := errors.AsType[*gateway.Error](err); ok && len(e.Rejected) > 0 {
		return e.Rejected[0].Code.Wire() + " " + e.Field
	}
	return code(err)
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

// ready is a campaign that was checked.
func (w *world) ready(t *testing.T, text, file string) ledger.Campaign {
	t.Helper()
	c := w.draft(t, text, file)
	if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
		t.Fatal(err)
	}
	return w.await(t, c.ID, ledger.Ready)
}

// list is a table of so many people.
func list(n int) string {
	var b strings.Builder
	b.WriteString("Nom;Portable\n")
	for i := range n {
		fmt.Fprintf(&b, "N%d;+3363998%04d\n", i, i)
	}
	return b.String()
}

// arrive tells the gateway that the handsets have what the operator took.
func (w *world) arrive(t *testing.T, messages []sms.Message) {
	t.Helper()
	var receipts []sms.Receipt
	for i := range messages {
		receipts = append(receipts, sms.Receipt{
			ProviderID: "id-" + messages[i].ID.Ref(), Status: sms.Delivered, At: time.Now(),
		})
	}
	from, news := inbox.Teller{Connector: "ovh"}, connector.News{Receipts: receipts}
	if _, err := w.gateway.Inbox.Accept(t.Context(), from, news, true); err != nil {
		t.Fatal(err)
	}
}

// once checks that each row was sent once, with its own text.
func once(t *testing.T, o *operator, rows int) {
	t.Helper()
	seen := map[string]int{}
	for _, m := range o.sent() {
		seen[string(m.To)+" "+m.Text]++
	}
	for i := range rows {
		if n := seen[fmt.Sprintf("+3363998%04d Bonjour N%d", i, i)]; n != 1 {
			t.Errorf("row %d was sent %d times", i, n)
		}
	}
	if len(seen) != rows {
		t.Errorf("%d texts, want %d", len(seen), rows)
	}
}

// TestADroppedDraftIsForgotten: its rows and its file go without anybody who asks again.
func TestADroppedDraftIsForgotten(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		c := w.ready(t, "Bonjour ((nom))", "Nom;Portable\nZoé;0639980001\n")
		if err := w.Drop(t.Context(), "default", c.ID); err != nil {
			t.Fatal(err)
		}
		if err := duty.Sleep(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		found, _, err := w.store.CampaignRows(t.Context(), ledger.RowQuery{Account: "default", Campaign: c.ID, Limit: 10})
		if err != nil || len(found) != 0 {
			t.Errorf("%d rows, %v", len(found), err)
		}
		if _, err := w.store.Chunk(t.Context(), "default", c.ID, c.File.Upload, 0); !errors.Is(err, ledger.ErrUnknown) {
			t.Errorf("its file: %v", err)
		}
	})
}

func TestACampaignIsSent(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		const rows = 1000
		c := w.ready(t, "Bonjour ((nom))", list(rows))
		if _, err := w.Start(t.Context(), "default", c.ID, "c_0", time.Time{}, by); code(err) != "check_outdated " {
			t.Error(err)
		}
		for range 2 {
			if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
				t.Fatal(err)
			}
		}
		c = w.await(t, c.ID, ledger.Finishing)
		synctest.Wait()
		once(t, o, rows)
		m, err := w.store.Message(t.Context(), "default", o.sent()[7].ID)
		if err != nil || m.Metadata["campaign"] != c.ID.String() || m.Metadata["row"] == "" || m.Actor != by {
			t.Errorf("%+v", m)
		}
		w.arrive(t, o.sent()[:rows-1])
		sleep(t, time.Minute)
		if c = w.await(t, c.ID, ledger.Finishing); c.Counts.Taken != 1 || c.Counts.Ended.Delivered != rows-1 {
			t.Errorf("%+v", c.Counts)
		}
		w.arrive(t, o.sent()[rows-1:])
		c = w.await(t, c.ID, ledger.Finished)
		want := ledger.Counts{Ended: ledger.Outcomes{Delivered: rows, Segments: rows}}
		if c.Counts != want || c.EndedAt.IsZero() || c.StartedBy != by {
			t.Errorf("%+v", c)
		}
		events, err := w.Timeline(t.Context(), "default", c.ID)
		var statuses []string
		for _, e := range events {
			statuses = append(statuses, string(e.Status))
		}
		if got := strings.Join(statuses, " "); err != nil || got != "draft checking ready running finishing finished" {
			t.Error(got, err)
		}
	})
}

func sleep(t *testing.T, d time.Duration) {
	t.Helper()
	if err := duty.Sleep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// slowly runs a test in a world whose operator takes ten messages a second.
func slowly(t *testing.T, test func(t *testing.T, w *world, o *operator)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		w := openWith(t, dir, o, connector.Facts{CallsPerSecond: 10}, nil)
		defer w.stop(t)
		test(t, w, o)
	})
}

func TestAPauseTakesBackWhatWaits(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		const rows = 300
		c := w.ready(t, "Bonjour ((nom))", list(rows))
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			sleep(t, 5*time.Second)
			for range 2 {
				if _, err := w.Pause(t.Context(), "default", c.ID, by); err != nil {
					t.Fatal(err)
				}
			}
			sleep(t, 5*time.Second)
			sent := len(o.sent())
			c = w.await(t, c.ID, ledger.Paused)
			if want := (ledger.Counts{Waiting: rows - sent, Taken: sent}); c.Counts != want || c.Why != engine.ByPerson {
				t.Errorf("%+v, want %+v, %s", c.Counts, want, c.Why)
			}
			sleep(t, time.Minute)
			if now := len(o.sent()); now != sent {
				t.Errorf("%d left while it was paused", now-sent)
			}
			for range 2 {
				if _, err := w.Resume(t.Context(), "default", c.ID, by); err != nil {
					t.Fatal(err)
				}
			}
		}
		w.await(t, c.ID, ledger.Finishing)
		sleep(t, time.Minute)
		once(t, o, rows)
		w.arrive(t, o.sent())
		w.await(t, c.ID, ledger.Finished)
	})
}

func TestCanceledRowsDoNotLeave(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		const rows = 1000
		c := w.ready(t, "Bonjour ((nom))", list(rows))
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
			t.Fatal(err)
		}
		sleep(t, 5*time.Second)
		for range 2 {
			if _, err := w.Cancel(t.Context(), "default", c.ID, by); err != nil {
				t.Fatal(err)
			}
		}
		sleep(t, 5*time.Second)
		sent := o.sent()
		if c = w.await(t, c.ID, ledger.Canceling); c.Counts.Canceled != rows-len(sent) || c.Counts.Taken != len(sent) {
			t.Errorf("%+v of %d, %d sent", c.Counts, rows, len(sent))
		}
		w.arrive(t, sent)
		c = w.await(t, c.ID, ledger.Canceled)
		if len(o.sent()) != len(sent) || c.Counts.Rows() != rows || c.Counts.Ended.Delivered != len(sent) {
			t.Errorf("%+v, %d sent, then %d", c.Counts, len(sent), len(o.sent()))
		}
		for _, do := range []func(context.Context, string, sms.ID, sms.Actor) (ledger.Campaign, error){w.Pause, w.Resume} {
			if _, err := do(t.Context(), "default", c.ID, by); code(err) != "campaign_status " {
				t.Error(err)
			}
		}
	})
}

func TestRatesAndTimes(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.draft(t, "Bonjour ((nom))", list(200))
		c.Options.Rate, c.StartAt = 60, time.Now().Add(time.Hour)
		c, err := w.Change(t.Context(), "default", c.ID, c.Version, c.Content, by)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Ready)
		if c, err = w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil || c.Status != ledger.Scheduled {
			t.Fatal(c.Status, err)
		}
		sleep(t, 59*time.Minute)
		if len(o.sent()) != 0 {
			t.Error("it began early")
		}
		sleep(t, 2*time.Minute)
		if n := len(o.sent()); n < 30 || n > 90 {
			t.Errorf("%d left in a minute or two, at 60 a minute", n)
		}
		c = w.await(t, c.ID, ledger.Finishing)
		if c.StartedBy != by {
			t.Errorf("started by %s", c.StartedBy)
		}
	})
}

// refusedNumber is the refusal of a message to one number.
func refusedNumber(kind gateway.Kind, code reason.Code) *gateway.Error {
	return &gateway.Error{
		Kind: kind, Reason: reason.Of(gateway.CodeNoRecipient, nil), Field: "/to",
		Rejected: []gateway.Refusal{{Reason: reason.Of(code, nil)}},
	}
}

// TestWhatARefusalMeans: a row is left out for what is its own, and everything else stops
// the campaign, whose rows wait.
func TestWhatARefusalMeans(t *testing.T) {
	const wait reason.Code = ""
	whole := func(kind gateway.Kind, code reason.Code, field string) *gateway.Error {
		return &gateway.Error{Kind: kind, Reason: reason.Of(code, nil), Field: field}
	}
	for _, tc := range []struct {
		name    string
		refusal *gateway.Error
		text    string
		skipped bool
		why     reason.Code
	}{
		{"sender of a route", refusedNumber(gateway.Invalid, sender.CodeNotDeclared), "((nom))", false, engine.Refused},
		{"connector", refusedNumber(gateway.Invalid, gateway.CodeConnectorUnknown), "((nom))", false, engine.Refused},
		{"sender", whole(gateway.Invalid, sender.CodeNotListed, "/sender"), "((nom))", false, engine.Refused},
		{"text of all", refusedNumber(gateway.Invalid, gateway.CodeTextTooLong), "Bonjour", false, engine.Refused},
		{"text of all, whole", whole(gateway.Invalid, gateway.CodeTextTooLong, "/text"), "Bonjour", false, engine.Refused},
		{"text of a row", refusedNumber(gateway.Invalid, gateway.CodeTextTooLong), "((nom))", true, wait},
		{"number", refusedNumber(gateway.Invalid, number.CodeFamily), "((nom))", true, wait},
		{"opted out", refusedNumber(gateway.Invalid, inbox.CodeOptedOut), "((nom))", true, wait},
		{"hours", refusedNumber(gateway.Invalid, terms.CodeAfterValidity), "((nom))", true, wait},
		{"enough for a person", refusedNumber(gateway.Invalid, quota.RecipientLimit), "((nom))", true, wait},
		{"reference", whole(gateway.Invalid, gateway.CodeReferenceTooLong, "/reference"), "((nom))", true, wait},
		{"quota", whole(gateway.Overloaded, quota.Exceeded, "/to"), "((nom))", false, engine.Quota},
		{"quota of some", refusedNumber(gateway.Overloaded, quota.BeyondQuota), "((nom))", false, engine.Quota},
		{"small quota", whole(gateway.Invalid, quota.TooSmall, "/to"), "((nom))", false, engine.Quota},
		{"small quota of some", refusedNumber(gateway.Invalid, quota.AlwaysBeyond), "((nom))", false, engine.Quota},
		{"quota that others used", whole(gateway.Overloaded, quota.Contended, ""), "((nom))", false, wait},
		{"backlog", whole(gateway.Overloaded, "backlog_full", ""), "((nom))", false, wait},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, o *operator) {
				c := w.ready(t, tc.text, list(3))
				w.door.refuse(tc.refusal)
				if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
					t.Fatal(err)
				}
				sleep(t, 10*time.Second)
				status, counts := ledger.Running, ledger.Counts{Waiting: 3}
				switch {
				case tc.skipped:
					status, counts = ledger.Finished, ledger.Counts{Skipped: 3}
				case tc.why != wait:
					status = ledger.Paused
				}
				c, err := w.Campaign(t.Context(), "default", c.ID)
				if err != nil || c.Status != status || c.Why != tc.why || c.Counts != counts || len(o.sent()) != 0 {
					t.Errorf("%s (%s), %+v, %v; want %s (%s), %+v", c.Status, c.Why, c.Counts, err, status,
						tc.why, counts)
				}
			})
		})
	}
}

// TestACheckSaysWhatIsRefusedToAll: also where it is said of a number, because a route by
// its number decides.
func TestACheckSaysWhatIsRefusedToAll(t *testing.T) {
	for _, tc := range []struct {
		name    string
		refusal *gateway.Error
		text    string
		status  ledger.Status
	}{
		{"sender of a route", refusedNumber(gateway.Invalid, sender.CodeNotDeclared), "((nom))", ledger.Draft},
		{"text of all", refusedNumber(gateway.Invalid, gateway.CodeTextTooLong), "Bonjour", ledger.Draft},
		{"small quota", refusedNumber(gateway.Invalid, quota.AlwaysBeyond), "((nom))", ledger.Draft},
		{"text of a row", refusedNumber(gateway.Invalid, gateway.CodeTextTooLong), "((nom))", ledger.Ready},
		{"number", refusedNumber(gateway.Invalid, number.CodeFamily), "((nom))", ledger.Ready},
		{"quota of today", refusedNumber(gateway.Overloaded, quota.BeyondQuota), "((nom))", ledger.Ready},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, _ *operator) {
				c := w.draft(t, tc.text, list(3))
				w.door.refuse(tc.refusal)
				if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
					t.Fatal(err)
				}
				c = w.await(t, c.ID, ledger.Draft, ledger.Ready)
				var want reason.Code
				if tc.status == ledger.Draft {
					want = tc.refusal.Rejected[0].Code
				}
				if c.Status != tc.status || c.Problem.Code != want {
					t.Errorf("%s (%s), want %s (%s)", c.Status, c.Problem.Code, tc.status, want)
				}
			})
		})
	}
}

func TestAScheduledCampaignThatWasPausedWaitsForItsTime(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.ready(t, "Bonjour ((nom))", list(3))
		at := time.Now().Add(time.Hour)
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, at, by); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Pause(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			c, err := w.Resume(t.Context(), "default", c.ID, "user:bob")
			if err != nil || c.Status != ledger.Scheduled || !c.StartAt.Equal(at) || c.StartedBy != by {
				t.Errorf("%s at %s by %s, %v", c.Status, c.StartAt, c.StartedBy, err)
			}
		}
		sleep(t, 59*time.Minute)
		if n := len(o.sent()); n != 0 {
			t.Errorf("%d left before its time", n)
		}
		sleep(t, 2*time.Minute)
		once(t, o, 3)
		if _, err := w.Pause(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		if c, err := w.Resume(t.Context(), "default", c.ID, by); err != nil || c.Status != ledger.Running {
			t.Errorf("%s, %v: one that had started", c.Status, err)
		}
	})
}

func TestAStartThatIsPastIsRefused(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.draft(t, "Bonjour ((nom))", list(3))
		c.StartAt = time.Now().Add(time.Hour)
		c, err := w.Change(t.Context(), "default", c.ID, c.Version, c.Content, by)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Ready)
		sleep(t, time.Hour+time.Minute)
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); code(err) != "campaign_start_past /start_at" {
			t.Errorf("%v", err)
		}
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Now(), by); err != nil {
			t.Errorf("now, as somebody says: %v", err)
		}
		w.await(t, c.ID, ledger.Finishing)
		synctest.Wait()
		once(t, o, 3)
	})
}

// TestACampaignThatIsCheckedAgainWasNotStarted: its check of before does not make it so.
func TestACampaignThatIsCheckedAgainWasNotStarted(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := openWith(t, dir, &operator{}, connector.Facts{}, func(s *sqlite.Store) *mortal {
			return &mortal{Store: s, lives: 3} // the second check never ends
		})
		defer w.stop(t)
		c := w.ready(t, "Bonjour ((nom))", list(3))
		if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		sleep(t, 5*time.Second)
		now, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by)
		if code(err) != "campaign_status " || now.Status != ledger.Checking {
			t.Errorf("%s, %v", now.Status, err)
		}
	})
}

// TestAnEarlyRowKeepsACampaignRunning: its message waits, behind more taken rows than are
// looked at in each turn.
func TestAnEarlyRowKeepsACampaignRunning(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		const rows = 900
		o.never = "+33639980000"
		c := w.ready(t, "Bonjour ((nom))", list(rows))
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
			t.Fatal(err)
		}
		sleep(t, 30*time.Second)
		if c = w.await(t, c.ID, ledger.Running, ledger.Finishing); c.Status != ledger.Running || len(o.sent()) != rows-1 {
			t.Errorf("%s, %d of %d left", c.Status, len(o.sent()), rows)
		}
	})
}

// TestAFinishingCampaignIsPausedAndCanceled: what has left ends by itself all the same.
func TestAFinishingCampaignIsPausedAndCanceled(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		const rows = 3
		c := w.ready(t, "Bonjour ((nom))", list(rows))
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
			t.Fatal(err)
		}
		w.await(t, c.ID, ledger.Finishing)
		if _, err := w.Pause(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		sleep(t, 5*time.Second)
		if c = w.await(t, c.ID, ledger.Paused); c.Counts.Taken != rows {
			t.Errorf("%+v", c.Counts)
		}
		if _, err := w.Resume(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		w.await(t, c.ID, ledger.Finishing)
		if _, err := w.Cancel(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		w.arrive(t, o.sent())
		if c = w.await(t, c.ID, ledger.Canceled); c.Counts.Ended.Delivered != rows {
			t.Errorf("%+v", c.Counts)
		}
		once(t, o, rows)
	})
}

func TestALateStartWaitsForAPerson(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o := &operator{}
		w := open(t, dir, o)
		c := w.ready(t, "Bonjour ((nom))", list(3))
		if _, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Now().Add(time.Hour), by); err != nil {
			t.Fatal(err)
		}
		w.stop(t)
		time.Sleep(4 * time.Hour)
		w = open(t, dir, o)
		defer w.stop(t)
		if c = w.await(t, c.ID, ledger.Paused); c.Why != engine.MissedStart {
			t.Errorf("%s", c.Why)
		}
		if _, err := w.Resume(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		w.await(t, c.ID, ledger.Finishing)
		synctest.Wait()
		once(t, o, 3)
	})
}

// errDead is of every call after a process died.
var errDead = errors.New("the process is dead")

// mortal is a database that a process uses until it dies: at a call, before or behind it.
type mortal struct {
	*sqlite.Store

	mu    sync.Mutex
	lives int // calls until then
	after bool
	dead  bool
}

// reach does a call, and dies at the last one.
func reach[T any](m *mortal, call func() (T, error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var none T
	if m.lives--; m.dead || m.lives == 0 && !m.after {
		m.dead = true
		return none, errDead
	}
	got, err := call()
	if m.lives == 0 {
		m.dead = true
		return none, errDead
	}
	return got, err
}

func nought(err error) (struct{}, error) { return struct{}{}, err }

func (m *mortal) AcceptBatch(ctx context.Context, all []*gateway.Acceptance) ([]byte, error) {
	return reach(m, func() ([]byte, error) { return m.Store.AcceptBatch(ctx, all) })
}

func (m *mortal) Settle(ctx context.Context, all []sms.Transition) (lane.Settled, error) {
	if len(all) == 0 || all[0].To != sms.Canceled { // calls of the lane are another test's
		return m.Store.Settle(ctx, all)
	}
	return reach(m, func() (lane.Settled, error) { return m.Store.Settle(ctx, all) })
}

func (m *mortal) EndRows(ctx context.Context, c ledger.Claim, rows []ledger.Row) error {
	_, err := reach(m, func() (struct{}, error) { return nought(m.Store.EndRows(ctx, c, rows)) })
	return err
}

func (m *mortal) SkipRows(ctx context.Context, c ledger.Claim, rows []ledger.Row) error {
	_, err := reach(m, func() (struct{}, error) { return nought(m.Store.SkipRows(ctx, c, rows)) })
	return err
}

func (m *mortal) AddRows(ctx context.Context, c ledger.Claim, rows []ledger.Row, p ledger.Progress) error {
	_, err := reach(m, func() (struct{}, error) { return nought(m.Store.AddRows(ctx, c, rows, p)) })
	return err
}

func (m *mortal) EndCheck(ctx context.Context, c ledger.Claim, done ledger.Checked) error {
	_, err := reach(m, func() (struct{}, error) { return nought(m.Store.EndCheck(ctx, c, done)) })
	return err
}

func (m *mortal) MoveCampaign(
	ctx context.Context, account string, id sms.ID, move ledger.Move,
) (ledger.Campaign, error) {
	if move.By != sms.ActorGateway {
		return m.Store.MoveCampaign(ctx, account, id, move)
	}
	return reach(m, func() (ledger.Campaign, error) { return m.Store.MoveCampaign(ctx, account, id, move) })
}

// died reports whether the process is dead.
func (m *mortal) died() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

// life is what a process does until it dies, and what the next ones find.
type life struct {
	*world
	dir string
	o   *operator
}

const lifeRows = 80

// facts are of an operator that is slow enough for a pause to take something back.
func (l *life) facts() connector.Facts { return connector.Facts{CallsPerSecond: 50} }

// next starts a process, which dies at its so many-th write; 0: never.
func (l *life) next(t *testing.T, lives int, after bool) *mortal {
	t.Helper()
	if l.world != nil {
		l.stop(t)
	}
	var m *mortal
	l.world = openWith(t, l.dir, l.o, l.facts(), func(s *sqlite.Store) *mortal {
		m = &mortal{Store: s, lives: lives, after: after}
		return m
	})
	return m
}

// checks dies in a check.
func (l *life) checks(t *testing.T, lives int, after bool) (c ledger.Campaign, died bool) {
	t.Helper()
	m := l.next(t, lives, after)
	c = l.draft(t, "Bonjour ((nom))", list(lifeRows))
	if _, err := l.Check(t.Context(), "default", c.ID, by); err != nil {
		t.Errorf("%v", err)
	}
	sleep(t, 5*time.Second)
	died = m.died()
	l.next(t, 0, false)
	c = l.await(t, c.ID, ledger.Ready)
	if want := (ledger.Counts{Waiting: lifeRows}); c.Counts != want {
		t.Errorf("%+v, want %+v", c.Counts, want)
	}
	if _, err := l.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
		t.Errorf("%v", err)
	}
	return c, died
}

// feeds dies while rows become messages, with a pause on the way.
func (l *life) feeds(t *testing.T, lives int, after bool) (c ledger.Campaign, died bool) {
	t.Helper()
	l.next(t, 0, false)
	c = l.ready(t, "Bonjour ((nom))", list(lifeRows))
	m := l.next(t, lives, after)
	if _, err := l.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
		t.Errorf("%v", err)
	}
	for _, do := range []func(context.Context, string, sms.ID, sms.Actor) (ledger.Campaign, error){l.Pause, l.Resume} {
		sleep(t, time.Second)
		if _, err := do(t.Context(), "default", c.ID, by); err != nil {
			t.Errorf("%v", err)
		}
	}
	sleep(t, 10*time.Second)
	died = m.died()
	l.next(t, 0, false)
	return c, died
}

// TestAProcessThatDiesLosesAndDoublesNothing: it dies before and behind each of its writes,
// and the next one goes on: each row is sent once.
func TestAProcessThatDiesLosesAndDoublesNothing(t *testing.T) {
	const most = 40 // writes of a life
	for _, of := range []struct {
		name  string
		least int // deaths
		dies  func(l *life, t *testing.T, lives int, after bool) (ledger.Campaign, bool)
	}{
		{"check", 2, (*life).checks},
		{"feed", 6, (*life).feeds}, // two batches, take-back, end of rows, a batch, finishing
	} {
		for where, after := range map[string]bool{"before": false, "behind": true} {
			deaths := 0
			for died := true; died && deaths < most && !t.Failed(); {
				died = false
				t.Run(fmt.Sprintf("%s, %s write %d", of.name, where, deaths+1), func(t *testing.T) {
					dir := t.TempDir()
					synctest.Test(t, func(t *testing.T) {
						l := &life{dir: dir, o: &operator{}}
						defer func() {
							if l.world != nil {
								l.stop(t)
							}
						}()
						c, dead := of.dies(l, t, deaths+1, after)
						l.ends(t, c.ID)
						died = dead
					})
				})
				if died {
					deaths++
				}
			}
			if deaths < of.least || deaths == most {
				t.Errorf("%s: it died %d times %s a write, want %d at least", of.name, deaths, where, of.least)
			}
		}
	}
}

// ends awaits the end of a campaign of which each row is sent once.
func (l *life) ends(t *testing.T, id sms.ID) {
	t.Helper()
	l.await(t, id, ledger.Finishing)
	sleep(t, 30*time.Second)
	once(t, l.o, lifeRows)
	l.arrive(t, l.o.sent())
	c := l.await(t, id, ledger.Finished)
	if want := (ledger.Counts{Ended: ledger.Outcomes{Delivered: lifeRows, Segments: lifeRows}}); c.Counts != want {
		t.Errorf("%+v, want %+v", c.Counts, want)
	}
}
