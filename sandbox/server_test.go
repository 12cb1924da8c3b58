package sandbox

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
	"relais/sandbox/world"
)

func TestBothOperatorsReachTheHandset(t *testing.T) {
	s := start(t, Options{})
	const number = "+33639980101"
	report := ovhSend(t, s, job("Bonjour d'OVH", "ref-1", number))
	id := dmcSend(t, s, unit("SMS", "Bonjour de DMC", "0639980101", dmc.Sender, "ref-2"))
	got := s.Handset(number)
	want := []world.Text{
		{From: ovh.Sender, Text: "Bonjour d'OVH", Operator: world.OVH, OperatorID: itoa(report.IDs[0]), Reference: "ref-1", At: got[0].At},
		{From: dmc.Sender, Text: "Bonjour de DMC", Operator: world.DMC, OperatorID: itoa(id), Reference: "ref-2", At: got[1].At},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if since := got[0].At.Sub(weekday); since < 0 || since > time.Minute {
		t.Errorf("arrived %v after the hour of the operators' clock", since)
	}
}

func TestStartNamesATakenPort(t *testing.T) {
	s := start(t, Options{})
	addr := strings.TrimPrefix(s.URL(), "http://")
	second, err := Start(Options{Listen: addr})
	if err == nil {
		second.Close()
		t.Fatal("two sandboxes listen on one port")
	}
	if !strings.Contains(err.Error(), addr) {
		t.Errorf("error %q does not name %s", err, addr)
	}
}

func TestStopLetsHeldCallsGo(t *testing.T) {
	held := make(chan struct{}, 1)
	s := start(t, Options{held: held})
	if err := s.SetFault(world.Fault{Operator: world.OVH, Kind: world.FaultTimeoutAfterAccept}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan reply, 1)
	req := ovhRequest(t, s, ovh.ConsumerKey, http.MethodPost, jobsPath, job("a", "", "+33639980101"))
	go func() { ended <- do(t, req) }()
	<-held
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
	if got := <-ended; !isReset(got) {
		t.Errorf("the held call got %+v", got)
	}
}

func TestManySubmitsAtOnce(t *testing.T) {
	s := start(t, Options{})
	const workers, each = 8, 25
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				ovhSend(t, s, job("x", "same", "+33639980101", "+33639980102"))
				dmcSend(t, s, unit("SMS", "y", "+33639980103", dmc.Sender, "same"))
			}
		})
		wg.Go(func() {
			for range each {
				ovhCall(t, s, http.MethodGet, "/sms/"+ovh.Service+"/outgoing?tag=same", "")
				dmcPost(t, s, "MessagesUnitairesWS/getSingleCallCra", "refExt", "same")
				s.Stats()
			}
		})
	}
	wg.Wait()
	stats := s.Stats()
	want := world.OperatorStats{
		Calls: 2 * workers * each, Accepted: 2 * workers * each,
		Delivered: 2 * workers * each, Duplicates: 2*workers*each - 2,
	}
	if diff := cmp.Diff(want, stats.OVH); diff != "" {
		t.Error(diff)
	}
	if got := len(s.Handset("+33639980103")); got != workers*each {
		t.Errorf("%d texts by DMC, want %d", got, workers*each)
	}
}

func BenchmarkSubmit(b *testing.B) {
	s, err := Start(Options{Listen: "127.0.0.1:0"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	form := dmcForm("messageUnitaire", unit("SMS", "Votre code est 4821", "0639980101", dmc.Sender, "ref"))
	b.Run("dmc over http", func(b *testing.B) {
		transport := &http.Transport{MaxIdleConnsPerHost: 64}
		defer transport.CloseIdleConnections()
		target := s.URL() + "/dmc/DmcWS/1.5.8/JsonService/" + addCall
		encoded := form.Encode()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				req, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, target,
					strings.NewReader(encoded))
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				resp, err := transport.RoundTrip(req)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	})
}
