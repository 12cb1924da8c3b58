package httpapi

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// callback is what the operator pushes: receipts, replies or blocked numbers.
type callback struct {
	path    string
	method  string
	body    shape
	charset string
	each    []string // pointer to a list; places are those of an element then. nil: it tells of one thing
	where   []condition
	answer  connector.Acknowledgement

	id, ref, at, number place
	refPattern          *pattern // what of the text at ref is the reference; nil: all of it
	moment              moment

	status, code, text place
	states             map[string]state
	reasons            map[string]sms.Reason
	parts, part        place // of a long message; in nowhere: one receipt is all
	partsPattern       *pattern

	from, to, answers place
	textCharset       place

	polls []poll // calls that fetch it; with an empty path nothing is pushed
}

// state is what a word of the operator means.
type state struct {
	status sms.Status
	reason sms.Reason
}

// callback compiles what the three kinds share.
func (j *judge) callback(at string, w *writtenCallback) *callback {
	method := j.oneOf(at+".method", w.Method, http.MethodPost, http.MethodGet)
	standard := []string{shapeJSON, shapeForm, shapeXML, shapeQuery}
	if method == http.MethodGet {
		standard = []string{shapeQuery}
	}
	c := &callback{path: w.Path, method: method, body: shape{kind: j.oneOf(at+".body", w.Body, standard...)}}
	c.charset = j.oneOf(at+".charset", w.Charset, append([]string{""}, append([]string{utf8Name}, sortedKeys(charsets)...)...)...)
	if fetched := c.path == "" && len(w.Poll) > 0; fetched {
		j.idle(at, map[string]bool{"method": w.Method != "", "answer": w.Answer != nil})
	} else if !strings.HasPrefix(c.path, "/") || strings.Trim(c.path, "abcdefghijklmnopqrstuvwxyz0123456789-_/") != "" {
		j.complain(at+".path", whyPath, nil)
	}
	if strings.Trim(w.Query, "abcdefghijklmnopqrstuvwxyz0123456789-_=&") != "" {
		j.complain(at+".query", whySetQuery, nil)
	}
	c.each = j.each(at+".each", w.Each, c.body)
	c.where = j.where(at+".where", w.Where, c.body, whereNeverSecret)
	c.id, c.ref = j.place(at+".id", w.ID, c.body), j.place(at+".ref", w.Ref, c.body)
	c.at, c.number = j.place(at+".at", w.At, c.body), j.place(at+".number", w.Number, c.body)
	c.text = j.place(at+".text", w.Text, c.body)
	c.refPattern = j.pattern(at+".ref_pattern", w.RefPattern)
	j.idle(at, map[string]bool{"ref_pattern": w.RefPattern != "" && w.Ref == ""})
	c.moment = j.moment(at, w)
	if w.Answer != nil {
		c.answer = connector.Acknowledgement{Type: w.Answer.Type, Body: w.Answer.Body}
		if w.Answer.Type == "" || strings.ContainsAny(w.Answer.Type, "\r\n") {
			j.complain(at+".answer.type", whyMissing, nil)
		}
	}
	c.polls = j.polls(at, c, w)
	return c
}

// each compiles where the list of a push stands; a slash alone is the whole body.
func (j *judge) each(key, text string, s shape) []string {
	switch {
	case text == "":
		return nil
	case s.kind != shapeJSON:
		j.complain(key, whyIdleKey, nil)
		return nil
	case text == "/":
		return []string{}
	}
	return j.place(key, text, s).path
}

// only complains of keys that have no meaning for one of the three kinds.
func (j *judge) only(at string, w *writtenCallback, keys ...string) {
	given := map[string]bool{
		"status": w.Status != "", "code": w.Code != "", "text": w.Text != "", "number": w.Number != "",
		"states": w.States != nil, "reasons": w.Reasons != nil, "from": w.From != "", "to": w.To != "",
		"answers": w.Answers != "", "ref": w.Ref != "", "id": w.ID != "", "parts": w.Parts != "", "part": w.Part != "",
		"text_charset": w.TextCharset != "",
	}
	for _, key := range keys {
		delete(given, key)
	}
	j.idle(at, given)
}

func (j *judge) receipts(w *writtenCallback) *callback {
	if w == nil {
		return nil
	}
	c := j.callback("receipts", w)
	j.only("receipts", w, "id", "ref", "status", "code", "text", "number", "states", "reasons", "parts", "part")
	c.parts, c.part = j.place("receipts.parts", w.Parts, c.body), j.place("receipts.part", w.Part, c.body)
	c.partsPattern = j.pattern("receipts.parts_pattern", w.PartsPattern)
	j.idle("receipts", map[string]bool{"parts_pattern": w.PartsPattern != "" && w.Parts == ""})
	if (w.Parts == "") != (w.Part == "") {
		j.complain("receipts.part", whyMissing, nil)
	}
	c.status = j.place("receipts.status", w.Status, c.body)
	c.code = j.place("receipts.code", w.Code, c.body)
	if w.Status == "" {
		j.complain("receipts.status", whyMissing, nil)
	}
	if w.ID == "" && w.Ref == "" {
		j.complain("receipts", whyMatch, nil)
	}
	c.states, c.reasons = j.states("receipts.states", w.States), map[string]sms.Reason{}
	for _, code := range sortedKeys(w.Reasons) {
		c.reasons[code] = j.reason("receipts.reasons."+code, w.Reasons[code])
	}
	return c
}

// stays is the word for a state that ends nothing.
const stays = "stays"

var ends = map[string]sms.Status{
	stays: sms.Submitted, "delivered": sms.Delivered, "undelivered": sms.Undelivered, "expired": sms.Expired,
	"rejected": sms.Rejected,
}

// states compiles the words of the operator: an end, and perhaps a reason behind a colon.
func (j *judge) states(key string, written map[string]string) map[string]state {
	compiled := map[string]state{}
	delivered := false
	for _, word := range sortedKeys(written) {
		end, why, _ := strings.Cut(written[word], ":")
		s := state{status: ends[end]}
		if s.status == "" {
			j.complain(join(key, word), whyState, reason.Args{"words": reason.Names(sortedKeys(ends))})
		}
		if why != "" {
			s.reason = j.reason(join(key, word), why)
		}
		delivered = delivered || s.status == sms.Delivered
		compiled[word] = s
	}
	if !delivered {
		j.complain(key, whyNeverDelivered, nil)
	}
	return compiled
}

func (j *judge) reason(key, word string) sms.Reason {
	if !slices.Contains(sms.Reasons, sms.Reason(word)) {
		j.complain(key, whyReason, reason.Args{"words": reason.Names(sms.Reasons)})
	}
	return sms.Reason(word)
}

func (j *judge) replies(w *writtenCallback) *callback {
	if w == nil {
		return nil
	}
	c := j.callback("replies", w)
	j.only("replies", w, "id", "ref", "text", "from", "to", "answers", "text_charset")
	c.textCharset = j.place("replies.text_charset", w.TextCharset, c.body)
	c.from, c.to = j.place("replies.from", w.From, c.body), j.place("replies.to", w.To, c.body)
	c.answers = j.place("replies.answers", w.Answers, c.body)
	if w.From == "" {
		j.complain("replies.from", whyMissing, nil)
	}
	if w.Text == "" {
		j.complain("replies.text", whyMissing, nil)
	}
	if w.ID == "" && w.At == "" {
		j.complain("replies", whySame, nil)
	}
	return c
}

func (j *judge) blocks(w *writtenCallback) *callback {
	if w == nil {
		return nil
	}
	c := j.callback("blocks", w)
	j.only("blocks", w, "number", "answers")
	c.answers = j.place("blocks.answers", w.Answers, c.body)
	if w.Number == "" {
		j.complain("blocks.number", whyMissing, nil)
	}
	return c
}

// callbacksLead complains of addresses that we give to the operator and that lead to nothing here.
func (j *judge) callbacksLead(d *Declaration) {
	var paths []string
	for _, c := range d.told() {
		if c.path != "" {
			paths = append(paths, c.path)
		}
	}
	for _, t := range d.send.templates("send") {
		for i, p := range t.pieces {
			if p.name != "callback" {
				continue
			}
			path := ""
			if i+1 < len(t.pieces) {
				path, _, _ = strings.Cut(t.pieces[i+1].text, "?")
			}
			if !slices.Contains(paths, path) {
				j.complain(t.key, whyCallbackLost, reason.Args{"path": reason.Name("{callback}" + path)})
			}
		}
	}
}

// covered complains of pushes of which the signature leaves out what is read.
func (j *judge) covered(d *Declaration) {
	if d.signature == nil {
		return
	}
	for _, kind := range []struct {
		at string
		of *callback
	}{{"receipts", d.receipts}, {"replies", d.replies}, {"blocks", d.blocks}} {
		if kind.of == nil || kind.of.path == "" {
			continue
		}
		part := reason.Name("[" + kind.at + "]")
		switch shape := kind.of.body.kind; {
		case (shape == shapeJSON || shape == shapeXML) && d.signature.readsForm():
			j.complain("signature.over", whySignatureForm, reason.Args{"part": part, "shape": reason.Name(shape)})
		case !d.signature.covers(kind.of):
			j.complain("signature.over", whySignatureOpen, reason.Args{"part": part})
		}
	}
}

// places are those that are read of a push.
func (c *callback) places() []place {
	all := []place{c.id, c.ref, c.at, c.number, c.status, c.code, c.text, c.parts, c.part, c.from, c.to, c.answers, c.textCharset}
	for i := range c.where {
		all = append(all, c.where[i].at)
	}
	return all
}

// errNotOurs is a push that is none of the operator's.
var errNotOurs = errors.New("no part of the declaration knows such a push: its path, method or content is another")

// parse reads a push by the first part of the declaration that knows it. Of a list each part has
// the elements that it knows; one that cannot be read costs the others nothing.
func (d *Declaration) parse(r *http.Request, body []byte, s *source) (connector.News, error) {
	p := &parsing{err: errNotOurs}
	for _, kind := range []struct {
		of   *callback
		read reader
	}{
		{d.blocks, (*callback).readBlock}, {d.replies, (*callback).readReply}, {d.receipts, (*callback).readReceipt},
	} {
		if kind.of == nil || kind.of.path == "" || kind.of.path != r.URL.Path || kind.of.method != r.Method {
			continue
		}
		doc := kind.of.document(r, body)
		if doc.broken != nil {
			continue
		}
		for _, one := range p.elements(kind.of, doc) {
			if all(kind.of.where, one, s) {
				news, err := kind.of.one(kind.read, one)
				p.take(kind.of, news, err)
			}
		}
		if p.over {
			break
		}
	}
	return p.news, p.err
}

// one reads one thing.
func (c *callback) one(read reader, doc *document) (connector.News, error) {
	news, err := read(c, doc)
	if c.parts.in != "" && len(news.Receipts) == 1 {
		c.partOf(doc, &news.Receipts[0])
	}
	return news, err
}

// parsing is what came of a push so far.
type parsing struct {
	news connector.News
	err  error // nil once something could be read
	over bool  // no further part is asked
}

// elements are what a push tells of. A list without any is a push that is read.
func (p *parsing) elements(c *callback, doc *document) []*document {
	if c.each == nil {
		return []*document{doc}
	}
	list, there := listIn(doc.json, c.each)
	if there && len(list) == 0 {
		p.take(c, connector.News{}, nil)
	}
	elements := make([]*document, len(list))
	for i := range list {
		one := *doc
		one.json = list[i]
		elements[i] = &one
	}
	return elements
}

func (p *parsing) take(c *callback, news connector.News, err error) {
	p.over = c.each == nil
	if err != nil {
		p.news.Unread = err
		if p.err != nil {
			p.err = err
		}
		return
	}
	p.err = nil
	p.news.Receipts = append(p.news.Receipts, news.Receipts...)
	p.news.Inbounds = append(p.news.Inbounds, news.Inbounds...)
	p.news.Blocks = append(p.news.Blocks, news.Blocks...)
	p.news.Acknowledgement = c.answer
}

func (c *callback) document(r *http.Request, body []byte) *document {
	doc := &document{header: r.Header, query: r.URL.Query()}
	decodeValues(doc.query, c.charset)
	doc.read(body, c.body, c.charset)
	if c.body.kind == shapeQuery {
		doc.form = doc.query
	}
	return doc
}

func (c *callback) readReceipt(doc *document) (connector.News, error) {
	id, _ := doc.at(c.id)
	receipt := sms.Receipt{ProviderID: id, Ref: c.reference(doc), At: c.moment.read(doc, c.at)}
	if receipt.ProviderID == "" && receipt.Ref.IsZero() {
		return connector.News{}, errors.New("neither id nor reference is there")
	}
	word, there := doc.at(c.status)
	if !there {
		return connector.News{}, errors.New("the status is missing")
	}
	receipt.Code = short(word)
	if code, there := doc.at(c.code); there && code != "" {
		receipt.Code = short(code)
	}
	text, _ := doc.at(c.text)
	receipt.Text = short(text)
	known, mapped := c.states[word]
	if !mapped { // kept as it is: an operator adds words, and none of them may end a message wrongly
		known = state{status: sms.Submitted}
	}
	receipt.Status = known.status
	if receipt.Status != sms.Submitted && receipt.Status != sms.Delivered {
		receipt.Reason = known.reason
		if why := c.reasons[receipt.Code]; why != "" {
			receipt.Reason = why
		}
		if receipt.Reason == "" {
			receipt.Reason = sms.ReasonUnknown
		}
	}
	news := connector.News{Receipts: []sms.Receipt{receipt}}
	if number, there := doc.at(c.number); there && receipt.Reason == sms.ReasonOptedOut {
		news.Blocks = []sms.Block{{Number: number, AnswersID: id, At: receipt.At}}
	}
	return news, nil
}

func (c *callback) readReply(doc *document) (connector.News, error) {
	from, there := doc.at(c.from)
	if !there || from == "" {
		return connector.News{}, errors.New("the number of the reply is missing")
	}
	text, there := doc.at(c.text)
	if !there {
		return connector.News{}, errors.New("the text of the reply is missing")
	}
	id, _ := doc.at(c.id)
	to, _ := doc.at(c.to)
	answers, _ := doc.at(c.answers)
	return connector.News{Inbounds: []sms.Inbound{{
		ProviderID: id, From: from, To: sms.Sender(to), Text: c.spelled(doc, text), AnswersID: answers, Ref: c.reference(doc),
		At: c.moment.read(doc, c.at),
	}}}, nil
}

func (c *callback) readBlock(doc *document) (connector.News, error) {
	number, there := doc.at(c.number)
	if !there || number == "" {
		return connector.News{}, errors.New("the number is missing")
	}
	answers, _ := doc.at(c.answers)
	return connector.News{Blocks: []sms.Block{{Number: number, AnswersID: answers, At: c.moment.read(doc, c.at)}}}, nil
}

// reference is our reference in a push; zero: it has none.
func (c *callback) reference(doc *document) sms.ID {
	text, _ := doc.at(c.ref)
	if c.refPattern != nil {
		text = c.refPattern.re.FindString(text)
	}
	return refOf(text)
}

// refOf is our id in either form; zero when it is somebody else's.
func refOf(text string) sms.ID {
	if id, err := sms.ParseRef(text); err == nil {
		return id
	}
	id, _ := sms.ParseID(text) // zero with an error
	return id
}

// short bounds what is kept of the operator's words.
func short(s string) string {
	const longest = 200
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest])
	}
	return s
}

// ParseNews is of instances whose operator pushes.
func (l *listener) ParseNews(r *http.Request) (connector.News, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return connector.News{}, errors.New("the push was cut")
	}
	if err := l.verify(r, body); err != nil {
		return connector.News{}, err
	}
	return l.declaration.parse(r, body, l.source(nil))
}
