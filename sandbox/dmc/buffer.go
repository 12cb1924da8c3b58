package dmc

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relais/sandbox/world"
)

// longestBuffered is msgContent's limit (documented: online help, 8 × 153).
const longestBuffered = 1224

// bufferedMessage is a message of the buffered API; its id is of another kind.
type bufferedMessage struct {
	message
	hexID string
}

// bufferAnswer serves the buffered API: DMC developer guide v1.7, 2.8. OK and KO
// come with status 200 (inferred).
func (d *Operator) bufferAnswer(call request) world.Answer {
	if refusal := bufferLogin(call.params); refusal != "" {
		return d.refuse(call, plain(refusal))
	}
	if call.method == "getSingleCallCra" {
		d.world.Agenda.Settle()
		return d.ledger.bufferReport(call.params)
	}
	m, right, ok := readBuffered(quoteKeys(call.params.Get("messageUnitaire")))
	if !ok {
		return d.refuse(call, plain("KO<Invalid JSON:{null}>")) // observed
	}
	// Any wrong value but the credentials is answered OK and nothing is sent
	// (documented: 2.8.1). That the space is such a value is in the same sentence.
	right = right && call.params.Get("spaceId") == SpaceID
	a := plain("OK<" + d.ledger.takeBuffered(m, right) + ">")
	a.Taken = 1
	return a
}

// readBuffered reads messageUnitaire. right tells that its values make sense, ok
// that it is JSON at all.
func readBuffered(text string) (m message, right, ok bool) {
	var unit struct {
		MsgContent world.Loose `json:"msgContent"`
		Address    world.Loose `json:"address"`
		Media      world.Loose `json:"media"`
		From       world.Loose `json:"from"`
		Unicode    world.Loose `json:"unicode"`
	}
	if json.Unmarshal([]byte(text), &unit) != nil {
		return m, false, false
	}
	unicode, okUnicode := unit.Unicode.Boolean()
	m = message{
		media: "SMSLong", to: unit.Address.Text, from: cmp.Or(unit.From.Text, world.StopShortCode),
		text: strings.ReplaceAll(unit.MsgContent.Text, "<#shortcode#>", world.StopShortCode),
	}
	if unicode {
		m.media = "SMSUnicodeLong"
	}
	m.number, m.lost = numberOf(m.to)
	right = unit.Media.Text == "SMS" && okUnicode && utf8.RuneCountInString(m.text) <= longestBuffered
	return m, right, true
}

func bufferLogin(params url.Values) (refusal string) {
	switch {
	case params.Get("serviceId") == "":
		return "KO<empty_dmcServiceName:{dmcServiceName vide}>" // observed
	case params.Get("serviceId") != ServiceID || params.Get("servicePassword") != Password:
		return "KO<authentication_failed:{null}>" // observed
	}
	return ""
}

func plain(text string) world.Answer {
	return world.Answer{Status: http.StatusOK, Type: world.TypeText, Body: []byte(text)}
}

// takeBuffered records a message and gives its id. A wrong one has an id and no
// more.
func (l *ledger) takeBuffered(m message, right bool) string {
	now := l.world.Clock.Now()
	m.at, m.changed = now, now
	b := &bufferedMessage{message: m}
	l.mu.Lock()
	l.settle(&b.message)
	b.hexID = bufferID(now, len(l.buffered))
	if !right || b.lost || !b.arrives {
		b.status = "" // in no report
	}
	l.buffered = append(l.buffered, b)
	arrives := b.status != "" && b.arrives
	l.mu.Unlock()
	l.count.Accepted.Add(1)
	if arrives {
		text := b.onHandset()
		text.OperatorID = b.hexID
		l.world.Handsets.Arrive(b.number, text)
	}
	return b.hexID
}

// bufferID is 24 hexadecimal digits, the first eight of them the seconds, as in
// the guide's example.
func bufferID(now time.Time, n int) string {
	var id [12]byte
	for i := range 4 {
		id[i] = byte(now.Unix() >> (24 - 8*i))
	}
	for i := range 8 {
		id[4+i] = byte(uint64(n) >> (56 - 8*i))
	}
	return hex.EncodeToString(id[:])
}

// bufferReport is the CSV of getSingleCallCra: DMC developer guide v1.7, 2.8.2,
// with the stray spaces and the last semicolon of its rows. How a semicolon in a
// reply is written is unknown; here it becomes a comma.
func (l *ledger) bufferReport(params url.Values) world.Answer {
	const layout = "02/01/2006 15:04:05"
	since, ok := dateOf(params, "dSince")
	if !ok {
		return plain("KO<invalid_parameter:{dSince}>")
	}
	startID := scalar(params.Get("startId"))
	l.mu.RLock()
	defer l.mu.RUnlock()
	var b strings.Builder
	b.WriteString("ID;MEDIA;CALLDATE;CALLADRESS;STATUS ;CALLRESULT;CALLRESPONSE ;LASTCHANGE\n")
	rows := 0
	for _, m := range l.buffered {
		// a row shows whole seconds
		early := m.changed.Truncate(time.Second).Before(since.Truncate(time.Second))
		if m.status == "" || early || m.hexID <= startID || rows == mostCras {
			continue
		}
		rows++
		reply := strings.NewReplacer(";", ",", "\n", " ", "\r", " ").Replace(m.response)
		b.WriteString(strings.Join([]string{
			m.hexID, "SMS", m.at.In(world.Paris).Format(layout), m.to, m.status, m.result.label, reply,
			m.changed.In(world.Paris).Format(layout),
		}, ";") + ";\n")
	}
	return plain(b.String())
}

// quoteKeys puts quotes round the bare keys of an object: the guide writes
// {msgContent:"x",media:"SMS"} (documented by example).
func quoteKeys(text string) string {
	var b strings.Builder
	inString, escaped, key := false, false, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inString:
			inString = escaped || c != '"'
			escaped = c == '\\' && !escaped
		case c == '"':
			inString, key = true, false
		case c == '{' || c == ',':
			key = true
		case key && isLetter(c):
			name := keyName(text[i:])
			if strings.HasPrefix(strings.TrimLeft(text[i+len(name):], " \t\r\n"), ":") {
				b.WriteString(strconv.Quote(name))
				i += len(name) - 1
				key = false
				continue
			}
			key = false
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			key = false
		}
		b.WriteByte(c)
	}
	return b.String()
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func keyName(text string) string {
	for i := range len(text) {
		if !isLetter(text[i]) {
			return text[:i]
		}
	}
	return text
}
