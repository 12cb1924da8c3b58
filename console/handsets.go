package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"time"

	"relais/auth"
	"relais/reason"
	"relais/sms"
)

// Handsets are the simulated telephones beside a sandbox, and its operators.
type Handsets interface {
	Telephones(ctx context.Context) ([]Telephone, error)
	// Reply has the person with a telephone answer the last text, or ErrNoText.
	Reply(ctx context.Context, n sms.Number, text string) error
	Faults(ctx context.Context) ([]Fault, error)
	Order(ctx context.Context, f Fault) error
	ClearFaults(ctx context.Context) error
}

// ErrNoText says that a telephone has no text that could be answered.
var ErrNoText = errors.New("nothing stands on this telephone")

// Telephone is a simulated handset.
type Telephone struct {
	Number  sms.Number
	Manner  string // what its person does by themselves, empty: nothing
	Bubbles []Bubble
}

// Bubble is a text, or an answer to one.
type Bubble struct {
	From string // as the telephone shows it; empty: the person wrote it
	Kind sms.Kind
	Text string
	At   time.Time
}

// Fault is something that an operator does wrong next.
type Fault struct{ Operator, Kind string }

// operators are those of a sandbox, and faults what they can be told to do, each with a
// phrase for what it is and one for what follows.
var (
	operators = []string{"ovh", "dmc"}
	faults    = []string{
		"html", "timeout_after_accept", "http_503", "throttle", "no_credit", "no_receipt", "late_receipt",
		"duplicate_receipt",
	}
)

// handsetsPage shows the telephones, and what the operators can be told to do.
type handsetsPage struct {
	frame

	Telephones []screen
	Ordered    []string
	Why        string // the refusal; empty: none
	Typed      string // the answer that was refused
	Place      string // of the telephone at which it was typed
}

// screen is a telephone on the page.
type screen struct {
	Name    string // of the place on the page
	Number  string
	Token   string
	Manner  string
	Bubbles []bubble
	Empty   bool // nothing could be answered
	Typed   string
	Wrong   bool
}

// bubble is a text on a telephone.
type bubble struct {
	Mine bool // the person's with the telephone
	From string
	Kind string // in words; empty: an ordinary text
	Text string
	At   moment
}

// choice is a fault that can be ordered.
type choice struct{ Kind, What, Then string }

func handsetRoutes() []route {
	return []route{
		{"GET /console/handsets", auth.SeeTexts, showHandsets},
		{"POST /console/handsets/reply", auth.Send, replyFromHandset},
		{"POST /console/handsets/fault", auth.Send, orderFault},
		{"POST /console/handsets/mend", auth.Send, clearFaults},
	}
}

// Operators are those that can be told to do something wrong.
func (p *handsetsPage) Operators() (all []option) {
	for i, name := range operators {
		all = append(all, option{name, phrase("handsets_" + name).In(p.Lang), i == 0})
	}
	return all
}

// Choices are what an operator can be told to do.
func (p *handsetsPage) Choices() (all []choice) {
	for _, kind := range faults {
		all = append(all, choice{
			kind, phrase("handsets_fault_" + kind).In(p.Lang), phrase("handsets_then_" + kind).In(p.Lang),
		})
	}
	return all
}

func showHandsets(q *request) (answer, error) { return handsets(q, &handsetsPage{}) }

// handsets is the page, or the telephones alone for a script that keeps them up to date.
func handsets(q *request, p *handsetsPage) (answer, error) {
	q.follow(q.ctx(), "handsets")
	p.frame = *q.frame()
	telephones, err := q.console.Handsets.Telephones(q.ctx())
	if err != nil {
		return nil, err
	}
	ordered, err := q.console.Handsets.Faults(q.ctx())
	if err != nil {
		return nil, err
	}
	for i := range telephones {
		p.Telephones = append(p.Telephones, p.screen(&telephones[i]))
	}
	for _, f := range ordered {
		p.Ordered = append(p.Ordered, faultOf(&p.frame, f))
	}
	v := view{name: "handsets", data: p}
	if p.Why != "" {
		v.status = http.StatusUnprocessableEntity
	}
	if q.Header.Get("Relais-Part") == "telephones" {
		return part{v, "telephones"}, nil
	}
	return v, nil
}

func (p *handsetsPage) screen(t *Telephone) screen {
	s := screen{
		Name: placeOfHandset(t.Number), Number: grouped(string(t.Number)), Empty: true,
		Token: p.q.console.tokenOf(p.Account, t.Number),
	}
	if t.Manner != "" {
		s.Manner = phrase("handsets_manner_" + t.Manner).In(p.Lang)
	}
	for _, b := range t.Bubbles {
		s.Bubbles = append(s.Bubbles, bubble{b.From == "", b.From, p.kind(b.Kind), b.Text, p.At(b.At)})
		s.Empty = s.Empty && b.From == ""
	}
	if p.Why != "" && s.Name == p.Place {
		s.Typed, s.Wrong = p.Typed, true
	}
	return s
}

// faultOf is an order in words.
func faultOf(f *frame, ordered Fault) string {
	what := ordered.Kind
	if slices.Contains(faults, ordered.Kind) {
		what = phrase("handsets_fault_" + ordered.Kind).In(f.Lang)
	}
	who := ordered.Operator
	if slices.Contains(operators, who) {
		who = phrase("handsets_" + who).In(f.Lang)
	}
	return reason.Of(Words+"/handsets_ordered_one", reason.Args{
		"operator": reason.Name(who), "what": reason.Name(what),
	}).In(f.Lang)
}

// placeOfHandset names a telephone on the page, where the browser stays after an answer.
// It does not tell the number.
func placeOfHandset(n sms.Number) string {
	sum := sha256.Sum256([]byte(n))
	return "t" + hex.EncodeToString(sum[:6])
}

func replyFromHandset(q *request) (answer, error) {
	if err := q.read("person", "text", "do"); err != nil {
		return nil, err
	}
	n, err := q.console.personOf(q.account, q.field("person"))
	if err != nil {
		return nil, err
	}
	text := q.field("text")
	if q.field("do") == "stop" {
		text = "STOP"
	}
	p := &handsetsPage{Typed: q.form.Get("text"), Place: placeOfHandset(n)}
	if text == "" {
		p.Why = phrase("handsets_no_answer").In(q.lang)
		return handsets(q, p)
	}
	err = q.console.Handsets.Reply(withoutCancel(q), n, text)
	if errors.Is(err, ErrNoText) {
		p.Why = phrase("handsets_no_text").In(q.lang)
		return handsets(q, p)
	}
	if err != nil {
		return nil, err
	}
	return redirect{to: Home + "handsets?said=handsets_answered#" + p.Place}, nil
}

func orderFault(q *request) (answer, error) {
	if err := q.read("operator", "kind"); err != nil {
		return nil, err
	}
	f := Fault{q.field("operator"), q.field("kind")}
	if !slices.Contains(operators, f.Operator) || !slices.Contains(faults, f.Kind) {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	if err := q.console.Handsets.Order(withoutCancel(q), f); err != nil {
		return nil, err
	}
	return redirect{to: Home + "handsets?said=handsets_ordered#faults"}, nil
}

func clearFaults(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	if err := q.console.Handsets.ClearFaults(withoutCancel(q)); err != nil {
		return nil, err
	}
	return redirect{to: Home + "handsets?said=handsets_mended#faults"}, nil
}
