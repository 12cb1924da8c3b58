package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// kannel is a bearerbox and a smsbox of the machine's package kannel, that send by `system-type = generic`. What
// waits is in files, so that it outlives the process, as it does here.
type kannel struct {
	dir     string
	boxes   []*exec.Cmd
	logs    []*tail
	status  string
	sendsms string
}

// errNotInstalled is of a program that the machine lacks: nothing is measured then.
var errNotInstalled = errors.New("it is not installed")

const kannelFile = `group = core
admin-port = %[1]d
admin-password = admin
admin-interface = 127.0.0.1
smsbox-port = %[2]d
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = /dev/null
log-level = 4
dlr-storage = internal
store-type = spool
store-location = %[4]s

group = smsc
smsc = http
smsc-id = generic
system-type = generic
send-url = "%[5]s"
status-success-regex = "^0 "
status-permfail-regex = "^[1-9]"
generic-foreign-id-regex = "^0 ([a-z0-9]+)"
max-pending-submits = %[6]d

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = %[3]d
sendsms-interface = 127.0.0.1
max-pending-requests = 4096
global-sender = MAIRIE
log-file = /dev/null
log-level = 4

group = sendsms-user
username = bench
password = bench
max-messages = 10
concatenation = true
`

// startKannel starts one beside a simulated operator.
func (s *session) startKannel(ctx context.Context, sendURL string) (*kannel, error) {
	k := &kannel{}
	var err error
	if k.dir, err = os.MkdirTemp(s.dir, "kannel-"); err != nil {
		return nil, fmt.Errorf("make a directory for Kannel: %w", err)
	}
	spool := filepath.Join(k.dir, "spool")
	if err := os.Mkdir(spool, 0o700); err != nil {
		return nil, fmt.Errorf("make a directory for Kannel: %w", err)
	}
	var ports [3]int
	for i := range ports {
		if ports[i], err = freePort(ctx); err != nil {
			return nil, err
		}
	}
	file := filepath.Join(k.dir, "kannel.conf")
	text := fmt.Appendf(nil, kannelFile, ports[0], ports[1], ports[2], spool, sendURL, connections)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, fmt.Errorf("write Kannel's configuration: %w", err)
	}
	k.status = fmt.Sprintf("http://127.0.0.1:%d/status.txt?password=admin", ports[0])
	k.sendsms = fmt.Sprintf("http://127.0.0.1:%d/cgi-bin/sendsms", ports[2])
	for _, box := range []struct{ program, page, word string }{
		{"bearerbox", k.status, "(online"}, {"smsbox", k.status, "smsbox:"}, {"", k.sendsms, "Authorization failed"},
	} {
		if box.program != "" {
			if err := k.run(box.program, file); err != nil {
				return nil, errors.Join(err, k.stop())
			}
		}
		if err := comesUp(ctx, box.page, box.word); err != nil {
			return nil, errors.Join(fmt.Errorf("start Kannel: %w; it said %s", err, k.said()), k.stop())
		}
	}
	return k, nil
}

func freePort(ctx context.Context) (int, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	tcp, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return tcp.Port, nil
}

// programOf finds a program of Kannel. Debian puts it where only root's PATH leads.
func programOf(name string) (string, error) {
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if program, err := exec.LookPath(path); err == nil {
			return program, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, errNotInstalled)
}

func (k *kannel) run(name, file string) error {
	program, err := programOf(name)
	if err != nil {
		return err
	}
	log := &tail{}
	box := exec.Command(program, "-v", "4", file) //nolint:noctx // stop ends it, and waits for what it used
	box.Dir, box.Stderr, box.Stdout = k.dir, log, log
	if err := box.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	k.boxes, k.logs = append(k.boxes, box), append(k.logs, log)
	return nil
}

func (k *kannel) said() string {
	var all []string
	for _, log := range k.logs {
		all = append(all, log.String())
	}
	return strings.Join(all, "\n")
}

// comesUp waits until a page says a word.
func comesUp(ctx context.Context, address, word string) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	ask := time.NewTicker(20 * time.Millisecond)
	defer ask.Stop()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("it does not get ready: %w", ctx.Err())
		case <-ask.C:
		}
		if _, said, err := get(ctx, client, address); err == nil && strings.Contains(said, word) {
			return nil
		}
	}
}

func get(ctx context.Context, client *http.Client, address string) (status int, said string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), err
}

// stop ends both boxes, the one that takes messages first.
func (k *kannel) stop() error {
	var errs error
	for _, box := range slices.Backward(k.boxes) {
		_ = box.Process.Signal(syscall.SIGTERM)                            // it may have ended
		timer := time.AfterFunc(stopWithin, func() { box.Process.Kill() }) //nolint:errcheck // as above
		_ = box.Wait()                                                     // Kannel's boxes end as they like
		if !timer.Stop() {
			errs = errors.Join(errs, fmt.Errorf("%s did not stop in %s", box.Path, stopWithin))
		}
	}
	return errs
}

// used is the processor time of both boxes, once they have ended.
func (k *kannel) used() (all time.Duration) {
	for _, box := range k.boxes {
		all += box.ProcessState.UserTime() + box.ProcessState.SystemTime()
	}
	return all
}

// submitKannel is submitGeneric with a Kannel in the place of the gateway.
func (s *session) submitKannel(ctx context.Context, round int) (Run, error) {
	if _, err := programOf("bearerbox"); err != nil {
		return Run{}, err
	}
	operator, err := s.startGeneric(ctx)
	if err != nil {
		return Run{}, err
	}
	defer operator.close()
	settings := operator.sandbox.Operators()[genericOperator].Settings
	sendURL := fmt.Sprintf("%s/operator/%s/send?key=%s&from=%s&ref=%%I&to=%%p&text=%%b", operator.url, genericOperator, settings["key"], settings["sender"])
	k, err := s.startKannel(ctx, sendURL)
	if err != nil {
		return Run{}, err
	}
	l, err := k.inFlight(ctx, s.window(), operator.tally)
	err = errors.Join(err, k.stop())
	if err == nil {
		err = onHandsetsAsMany(operator.sandbox, l.total)
	}
	if err != nil {
		return Run{}, fmt.Errorf("%s, round %d: %w; Kannel said %s", runKannel, round+1, err, k.said())
	}
	return Run{
		Name: runKannel, Round: round, Rate: float64(l.counted) / l.elapsed.Seconds(), Checked: l.total,
		P50: millis(percentile(l.latencies, 50)), P99: millis(percentile(l.latencies, 99)),
		ServerUS: float64(k.used().Microseconds()) / float64(max(1, l.total)),
	}, nil
}

// inFlight keeps as many messages on their way as the tally has room for, as it does for a gateway.
func (k *kannel) inFlight(ctx context.Context, w window, t *tally) (load, error) {
	for range cap(t.room) {
		t.room <- struct{}{}
	}
	transport := &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	counted := make(chan int64, 1)
	go func() { counted <- t.count(ctx, w) }()
	over, stop := context.WithDeadline(ctx, w.to)
	defer stop()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	loads := make([]generator, connections)
	var all sync.WaitGroup
	for i := range loads {
		all.Go(func() {
			if err := k.send(ctx, over, client, &loads[i], i, w, t); err != nil {
				fail(err)
			}
		})
	}
	all.Wait()
	var l load
	for i := range loads {
		l.add(&loads[i].load)
	}
	err := context.Cause(ctx)
	if err == nil {
		err = t.await(ctx, l.total)
	}
	l.counted, l.elapsed = int(<-counted), w.to.Sub(w.from)
	return l, err
}

func (k *kannel) send(ctx, over context.Context, client *http.Client, g *generator, index int, w window, t *tally) error {
	for i := index; ; i += connections {
		select {
		case <-t.room:
		case <-over.Done():
			return nil
		}
		n := i % (hundreds * fates)
		query := url.Values{
			"username": {"bench"}, "password": {"bench"}, "to": {fmt.Sprintf("3363998%02d%02d", n/fates, n%fates)},
			"text": {"Votre rendez-vous est demain, guichet 3."},
		}
		begun := time.Now()
		status, said, err := get(ctx, client, k.sendsms+"?"+query.Encode())
		if err == nil && status != http.StatusAccepted {
			err = fmt.Errorf("status %d: %s", status, said)
		}
		if err != nil {
			return err
		}
		done := time.Now()
		g.count(w, done, done.Sub(begun), 1)
	}
}

// onHandsetsAsMany reports whether as many texts are on handsets as were acknowledged.
func onHandsetsAsMany(p phones, acknowledged int) error {
	texts := 0
	for _, phone := range p.Handsets() {
		texts += len(p.Handset(phone.Number))
	}
	if texts != acknowledged {
		return fmt.Errorf("%d messages were acknowledged and %d texts are on handsets", acknowledged, texts)
	}
	return nil
}
