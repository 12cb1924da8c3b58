package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/client"
	"relais/sandbox/world"
)

// sending is a campaign that somebody sends while disasters happen.
type sending struct {
	id, key   string
	check     string
	connector string
	rate      int
	cancel    bool // it is canceled on the way
	rows      []sentRow
	ended     atomic.Bool
}

// sentRow is what the person knows of a row.
type sentRow struct {
	number, first, name, hour, urgent string
	file                              int // its own number, which is in the text
}

// sentText is the text of every campaign here. text says the same of a row.
const sentText = "Bonjour ((Prénom)) ((nom|cher voisin)), dossier ((dossier)) : venez à ((heure))." +
	"((urgent?? Appelez le 39 99.))"

// text is what the handset of a row must show.
func (r *sentRow) text() string {
	name := cmp.Or(r.name, "cher voisin")
	text := fmt.Sprintf("Bonjour %s %s, dossier %d : venez à %s.", r.first, name, r.file, r.hour)
	if r.urgent == "oui" {
		text += " Appelez le 39 99."
	}
	return text
}

// invent makes up a campaign: to numbers that nobody else writes to.
func (p *person) invent() *sending {
	rows := 80 + p.dice.IntN(120)
	first := int(p.places.Add(int64(rows))) - rows
	s := &sending{
		key: fmt.Sprintf("campaign-%d", first), connector: []string{"ovh", "sfr"}[p.dice.IntN(2)],
		cancel: p.dice.IntN(4) == 0 || p.awaits(whileCanceled), rate: []int{0, 6000}[p.dice.IntN(2)],
	}
	firsts := []string{"Zoé", "François", "Anne-Marie", "O'Neil"}
	names := []string{"Dupont", "", "Le Goff; fils", "((prénom))", `dit "Jo"`}
	for place := first; place < first+rows; place++ {
		s.rows = append(s.rows, sentRow{
			number: ordinary(place), first: firsts[place%len(firsts)], name: names[place%len(names)],
			hour: fmt.Sprintf("%d h %02d", 8+place%10, place%60), urgent: []string{"oui", "non", ""}[place%3],
			file: place,
		})
	}
	return s
}

func (s *sending) request() client.CampaignRequest {
	return client.CampaignRequest{
		Name: "Rendez-vous", Text: sentText, Class: "transactional", Connector: s.connector,
		Options: client.CampaignOptions{Rate: s.rate}, IdempotencyKey: s.key,
	}
}

// table is its file, which is long for what it says, so that it is kept in some parts.
func (s *sending) table() []byte {
	remark := strings.Repeat("Rien à signaler. ", 200)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	_ = w.Write([]string{"Portable", "Prénom", "Nom", "Heure", "Urgent", "Dossier", "Remarque"})
	for i := range s.rows {
		r := &s.rows[i]
		_ = w.Write([]string{r.number, r.first, r.name, r.hour, r.urgent, fmt.Sprint(r.file), remark})
	}
	w.Flush()
	return b.Bytes()
}

// slowly is a file on a slow line.
type slowly struct{ rest []byte }

func (s *slowly) Read(p []byte) (int, error) {
	const piece = 64 << 10
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	<-time.After(10 * time.Millisecond)
	n := copy(p[:min(len(p), piece)], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func stuck(c *client.Campaign) error {
	if c == nil {
		return errors.New("nobody answered")
	}
	return fmt.Errorf("it is %s (%s) with %+v", c.Status, c.Reason, c.Counts)
}

// sentTally is what the handsets say of all rows.
type sentTally struct {
	mu                                          sync.Mutex
	rows, arrived, canceled, lost, doubled, odd int
}

// account holds every row against its handset.
func (w *campaignWorld) account(t *testing.T, rounds int) {
	t.Helper()
	var n sentTally
	for _, s := range w.sendings() {
		states := w.states(t.Context(), t, s)
		var several sync.WaitGroup
		const workers = 8
		for first := range workers {
			several.Go(func() {
				for i := first; i < len(s.rows); i += workers {
					row := &s.rows[i]
					n.hold(t, s, row, states[row.number], w.texts(t.Context(), t, row.number))
				}
			})
		}
		several.Wait()
	}
	t.Logf("rounds %d, campaigns %d, rows %d, arrived %d, canceled %d, lost %d, doubled %d, "+
		"with another text %d; looked at %d times: finished with an open row %d, sums that differ %d; paused by themselves %d",
		rounds, len(w.sendings()), n.rows, n.arrived, n.canceled, n.lost, n.doubled, n.odd,
		w.looks.Load(), w.tooEarly.Load(), w.sums.Load(), w.byThemselves.Load())
	if n.arrived+n.canceled != n.rows || n.arrived == 0 {
		t.Errorf("of %d rows %d arrived and %d were canceled", n.rows, n.arrived, n.canceled)
	}
}

// hold holds a row against the texts of its handset.
func (n *sentTally) hold(t *testing.T, s *sending, row *sentRow, state string, texts []world.Text) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows++
	want := 1
	if state == "canceled" && s.cancel {
		want = 0
		n.canceled++
	}
	switch {
	case len(texts) < want:
		n.lost++
		t.Errorf("campaign %s: %s is %q and has no text", s.id, row.number, state)
	case len(texts) > want:
		n.doubled++
		t.Errorf("campaign %s: %s is %q and has %d texts", s.id, row.number, state, len(texts))
	case want == 1 && texts[0].Text != row.text():
		n.odd++
		t.Errorf("campaign %s: %s has %q, want %q", s.id, row.number, texts[0].Text, row.text())
	case want == 1 && state != "delivered":
		t.Errorf("campaign %s: %s has its text and is %q", s.id, row.number, state)
	case want == 1:
		n.arrived++
	}
}

// states are what the gateway says of each number: what became of its message, or its row's
// state where it has none. They are counted again, and must be those of the campaign.
func (w *campaignWorld) states(ctx context.Context, t *testing.T, s *sending) map[string]string {
	t.Helper()
	states, count := map[string]string{}, map[string]int{}
	for q := (client.RowQuery{Limit: 1000}); ; {
		page, err := w.api.CampaignRows(ctx, s.id, q)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Items {
			r := &page.Items[i]
			state := r.State
			if state == "ended" {
				state = string(r.Status)
			}
			states[r.To] = state
			count[state]++
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	c, err := w.api.Campaign(ctx, s.id)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]int{
		"waiting": c.Counts.Waiting, "taken": c.Counts.Taken, "skipped": c.Counts.Skipped,
		"canceled":  c.Counts.Canceled,
		"delivered": c.Counts.Delivered, "undelivered": c.Counts.Undelivered, "expired": c.Counts.Expired,
		"rejected": c.Counts.Rejected,
	}
	for state, n := range said {
		if count[state] != n {
			t.Errorf("campaign %s counts %d rows %s, and has %d", s.id, n, state, count[state])
		}
	}
	return states
}

// texts are those on a handset.
func (w *campaignWorld) texts(ctx context.Context, t *testing.T, number string) []world.Text {
	var texts []world.Text
	if err := getJSON(ctx, w.operators+"/handsets/"+url.PathEscape(number), &texts); err != nil {
		t.Error(err)
	}
	return texts
}
