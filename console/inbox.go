package console

import (
	"net/http"
	"slices"
	"strings"

	"relais/auth"
	"relais/inbox"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// Conversations that a list shows.
const (
	showMine   = "mine"   // those of them that the person sees to
	showOpen   = "open"   // nobody has written to the person since
	showUnsure = "unsure" // somebody has to decide whether it is a STOP
	showStop   = "stop"   // a STOP
	showDone   = "done"   // somebody has written since, or has decided
	showAll    = "all"
)

// shows are the choices in the order in which they stand on the page.
var shows = []string{showOpen, showMine, showDone, showUnsure, showStop, showAll}

// inboxPage lists conversations, by their last reply, newest first.
type inboxPage struct {
	frame

	Rows  []conversationRow
	Show  string
	Tabs  []tab
	Next  string // address of the next page; empty on the last
	Early bool   // the walk ended before the page was full
}

// tab is a choice of what a list shows.
type tab struct {
	Path    string
	Word    string
	Current bool
}

// conversationRow is a conversation, by its last reply.
type conversationRow struct {
	ID      sms.ID // of the reply
	At      moment
	From    string
	Excerpt string // empty: not for the reader, or removed
	Intent  *pill  // nil: a mere reply
	State   pill
	Holder  string // who has it; empty: nobody
	Mine    bool
}

func showInbox(q *request) (answer, error) {
	p := &inboxPage{frame: *q.frame(), Show: q.URL.Query().Get("show")}
	if p.Show == "" {
		p.Show = showOpen
	}
	if !slices.Contains(shows, p.Show) {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayInboxShow, nil)}
	}
	for _, one := range shows {
		if one == showMine && !p.MaySend() {
			continue // they have none
		}
		p.Tabs = append(p.Tabs, tab{
			Home + "inbox?show=" + one, phrase("inbox_show_" + one).In(p.Lang), one == p.Show,
		})
	}
	q.follow(q.ctx(), "inbox")
	query := inbox.InboundQuery{Account: q.account, Undecided: p.Show == showUnsure, Limit: pageSize}
	if before := q.URL.Query().Get("before"); before != "" {
		var err error
		if query.Before, err = sms.ParseRef(before); err != nil {
			return nil, &problem{http.StatusBadRequest, reason.Of(sayNoCursor, nil)}
		}
	}
	if p.Show == showMine {
		query.AssignedTo = q.actor()
	}
	w := &walk{q: q, show: p.Show, query: query}
	last, more, err := w.run()
	if err != nil {
		return nil, err
	}
	for i := range w.found {
		p.Rows = append(p.Rows, rowOfConversation(&p.frame, &w.found[i]))
	}
	if query.Before.IsZero() {
		newest := ""
		if len(p.Rows) > 0 {
			newest = p.Rows[0].ID.String()
		}
		q.lists("reply", newest)
	}
	p.Early = more && len(w.found) < pageSize
	if more {
		p.Next = Home + "inbox?show=" + p.Show + "&before=" + last.Ref()
	}
	return view{name: "inbox", data: p}, nil
}

// walk goes through the replies of an account, newest first, and keeps the last one of
// each number where it belongs to what is shown.
type walk struct {
	q     *request
	show  string
	query inbox.InboundQuery
	found []conversation
}

// rowOfConversation is a reply with what a list says of it.
type conversation struct {
	inbox.Inbound

	answered bool // somebody has written to the person since
}

// longestWalk is how many pages of replies one list looks through.
const longestWalk = 10

// run walks until the list is full, the replies have ended or the walk is long enough.
// last is where it ended.
func (w *walk) run() (last sms.ID, more bool, err error) {
	seen := map[sms.Number]bool{}
	first := w.query.Before.IsZero() && w.show != showMine
	more = true
	for range longestWalk {
		var replies []inbox.Inbound
		if replies, more, err = w.q.console.Reader.Inbounds(w.q.ctx(), w.query); err != nil {
			return last, false, err
		}
		for i := range replies {
			in := &replies[i]
			last = in.ID
			newest, err := w.newest(in, seen, first)
			if err == nil && newest {
				err = w.take(in)
			}
			if err != nil {
				return last, false, err
			}
			if len(w.found) == pageSize {
				return last, more || i < len(replies)-1, nil
			}
		}
		if !more {
			break
		}
		w.query.Before = last
	}
	return last, more, nil
}

// newest reports whether a reply is the last one of its number. On the first page those
// that came before tell; a later page has to ask. Replies that wait for a decision are
// shown each for itself, and so are those whose number was erased.
func (w *walk) newest(in *inbox.Inbound, seen map[sms.Number]bool, first bool) (bool, error) {
	if w.show == showUnsure || in.From == sms.NoNumber || in.From == "" {
		return true, nil
	}
	if seen[in.From] {
		return false, nil
	}
	seen[in.From] = true
	if first {
		return true, nil
	}
	last, _, err := w.q.console.Reader.Inbounds(w.q.ctx(), repliesFrom(w.q, in.From, 1))
	return err == nil && len(last) == 1 && last[0].ID == in.ID, err
}

// take keeps a conversation that belongs to what is shown.
func (w *walk) take(in *inbox.Inbound) error {
	c := conversation{Inbound: *in}
	var err error
	if c.answered, err = answered(w.q, in); err != nil {
		return err
	}
	if w.show == showAll || w.show == showUnsure || w.show == c.belongs() ||
		w.show == showMine && c.belongs() == showOpen {
		w.found = append(w.found, c)
	}
	return nil
}

// belongs is the choice under which a conversation stands beside "all".
func (c *conversation) belongs() string {
	switch {
	case c.Intent == inbox.IntentStop || c.Decided == inbox.IntentStop:
		return showStop
	case c.Intent == inbox.IntentUnsure && c.Decided == "":
		return showOpen
	case c.answered, c.DoneBy != "", c.Intent == inbox.IntentStart, c.Decided != "":
		return showDone
	default:
		return showOpen
	}
}

// repliesFrom asks for replies from a number, hidden or not.
func repliesFrom(q *request, n sms.Number, limit int) inbox.InboundQuery {
	query := inbox.InboundQuery{Account: q.account, From: n, Limit: limit}
	if n.Known() {
		query.HiddenFrom = q.console.Persons.Pseudonym(q.ctx(), q.account, n)
	}
	return query
}

// messagesTo asks for messages to a number, hidden or not.
func messagesTo(q *request, n sms.Number, limit int) search.Query {
	query := search.Query{Account: q.account, To: n, Limit: limit}
	if n.Known() {
		query.Hidden = q.console.Persons.Pseudonym(q.ctx(), q.account, n)
	}
	return query
}

// mostLater is how many messages after a reply are looked at for an answer.
const mostLater = 10

// answered reports whether somebody has written to the person after a reply: advertising,
// codes and what the gateway sends of itself are no answer.
func answered(q *request, in *inbox.Inbound) (bool, error) {
	if in.From == "" || in.From == sms.NoNumber {
		return false, nil
	}
	query := messagesTo(q, in.From, mostLater)
	query.Since = in.ReceivedAt
	later, _, err := q.console.Reader.Search(q.ctx(), query)
	return slices.ContainsFunc(later, answers), err
}

// answers reports whether a message may be a person's answer.
func answers(m sms.Message) bool {
	return m.Class == sms.Transactional && !automatic(m.Actor)
}

// automatic reports whether the gateway sent something of itself.
func automatic(a sms.Actor) bool { return a == sms.ActorGateway || a.Kind() == "rule" }

func rowOfConversation(f *frame, c *conversation) conversationRow {
	row := conversationRow{ID: c.ID, At: f.At(c.ReceivedAt), From: f.from(c.From), Intent: intentOf(f, &c.Inbound)}
	if f.May(auth.SeeTexts) {
		row.Excerpt = excerpt(c.Text)
	}
	if c.AssignedTo != "" {
		row.Holder, row.Mine = f.actor(c.AssignedTo), c.AssignedTo == f.User.Actor()
	}
	row.State = stateOf(f, c)
	return row
}

// stateOf is whether a conversation waits for somebody.
func stateOf(f *frame, c *conversation) pill {
	shape := map[string]string{showOpen: "careful", showStop: "bad", showDone: "good"}
	state := c.belongs()
	return pill{shape[state], phrase("inbox_state_" + state).In(f.Lang)}
}

// repliesFrom is who wrote: a number as the reader may see it, or the name that stood there.
func (f *frame) from(n sms.Number) string {
	if strings.HasPrefix(string(n), "+") || !n.Known() {
		return f.Number(n)
	}
	if !f.May(auth.SeeTexts) {
		return masked(string(n))
	}
	return string(n)
}

// intentOf is what a reply asks for; nil for a mere reply.
func intentOf(f *frame, in *inbox.Inbound) *pill {
	name, shape := string(in.Intent), "careful"
	switch {
	case in.Intent == inbox.IntentReply, in.Decided == inbox.IntentReply:
		return nil
	case in.Decided == inbox.IntentStop:
		name, shape = string(inbox.IntentStop), "bad"
	case in.Intent == inbox.IntentStop:
		shape = "bad"
	case in.Intent == inbox.IntentStart:
		shape = "good"
	}
	return &pill{shape, phrase("inbox_intent_" + name).In(f.Lang)}
}
