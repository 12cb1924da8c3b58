package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"relais/auth"
	"relais/campaign/ledger"
	"relais/sms"
)

// TestBackupOfABusyDatabase copies while somebody writes: the copy opens, and
// holds all that was committed before it began.
func TestBackupOfABusyDatabase(t *testing.T) {
	dir, target := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	s, err := OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	add := func(n int64) error {
		return s.AddAccount(t.Context(), auth.Account{Name: fmt.Sprintf("account-%d", n), CreatedAt: time.Now()})
	}
	var written atomic.Int64
	busy, stop, stopped := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if err := add(written.Load()); err != nil {
				stopped <- err
				return
			}
			if written.Add(1) == 100 {
				close(busy)
			}
		}
	}()
	<-busy
	before := written.Load()
	if err := os.Mkdir(target, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Backup(t.Context(), dir, filepath.Join(target, FileName)); err != nil {
		t.Fatal(err)
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if err := Backup(t.Context(), dir, filepath.Join(target, FileName)); err == nil {
		t.Error("a second backup overwrites the first")
	}
	info, err := os.Stat(filepath.Join(target, FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has the rights %v, %v", info.Mode(), err)
	}
	restored, err := OpenExclusive(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	accounts, err := restored.Accounts(t.Context())
	if err != nil || int64(len(accounts)) < before {
		t.Errorf("%d accounts in the copy, %v; want %d at least", len(accounts), err, before)
	}
}

// TestBackupPausesCampaigns: what runs goes on in the original, and waits for a person in
// the copy.
func TestBackupPausesCampaigns(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	s, err := OpenExclusive(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Now().UTC().Truncate(time.Microsecond)
	mark := ledger.Mark{At: now, By: "user:anne"}
	c := ledger.Campaign{
		Account: "default", ID: sms.NewID(now), Version: 1, Status: ledger.Draft, CreatedAt: now, CreatedBy: mark.By,
	}
	if err := s.AddCampaign(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for _, to := range []ledger.Status{ledger.Checking, ledger.Ready, ledger.Running} {
		m := ledger.Move{Mark: mark, From: ledger.Statuses, To: to}
		if _, err := s.MoveCampaign(t.Context(), c.Account, c.ID, m); err != nil {
			t.Fatal(err)
		}
	}
	if err := Backup(t.Context(), dir, filepath.Join(copied, FileName)); err != nil {
		t.Fatal(err)
	}
	restored, err := OpenExclusive(t.Context(), copied)
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	got, err := restored.Campaign(t.Context(), c.Account, c.ID)
	if err != nil || got.Status != ledger.Paused || got.Why != "restored" {
		t.Errorf("the copy: %s %s, %v", got.Status, got.Why, err)
	}
	events, err := restored.CampaignEvents(t.Context(), c.Account, c.ID)
	if err != nil || len(events) != 5 || events[4].Status != ledger.Paused || events[4].Actor != sms.ActorGateway {
		t.Errorf("the timeline of the copy: %+v, %v", events, err)
	}
	if got, err = s.Campaign(t.Context(), c.Account, c.ID); err != nil || got.Status != ledger.Running {
		t.Errorf("the original: %s, %v", got.Status, err)
	}
}
