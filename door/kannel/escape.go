package kannel

import (
	"fmt"
	"strconv"
	"strings"
)

// fill puts values in the place of the escapes of a dlr-url (gw/urltrans.c
// urltrans_fill_escape_codes). An escape that does not exist stays as it is.
func (r *dlr) fill(pattern string) string {
	f := filler{dlr: r, words: strings.Fields(r.text), next: 1}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if rest == "" {
			return b.String() + "%"
		}
		if rest[0] == '#' {
			value, behind := f.metaParameter(rest[1:])
			b.WriteString(value)
			pattern = behind
			continue
		}
		b.WriteString(f.escape(rest[0]))
		pattern = rest[1:]
	}
}

// filler fills one pattern; %s and %S take one word after another.
type filler struct {
	*dlr

	words []string
	next  int
}

// escape is the value of one escape. A report has no coding, class, indicator,
// charset, header, validity nor date of its own (gw/dlr.c create_dlr_from_msg,
// dlr_find), hence the constants.
func (f *filler) escape(c byte) string {
	m := &f.message
	switch c {
	case 'a':
		return f.from(0)
	case 'A', 'b':
		return encode(f.text)
	case 'B':
		return encode(m.Metadata[keptBilling])
	case 'c', 'm', 'M':
		return "-1"
	case 'C':
		return "UTF-8"
	case 'd':
		return strconv.Itoa(f.bit)
	case 'D':
		return encode(m.Metadata[keptMetaData])
	case 'e':
		return fmt.Sprintf("%X", f.text)
	case 'f', 'u', 'v', 'V':
		return ""
	case 'F':
		return encode(m.ProviderID)
	case 'i':
		return encode(m.Connector)
	case 'I':
		return m.ID.String()
	case 'n':
		return encode(m.Metadata[keptUser])
	case 'o':
		return encode(m.Metadata[keptAccount])
	case 'O':
		return "00"
	case 'p', 'q': // the other way round than their names say: a report is not turned as a reply is
		return encode(string(m.To))
	case 'P', 'Q':
		return f.sender(c)
	case 'R':
		return encode(m.Metadata[keptURL])
	case 't':
		return f.at.UTC().Format("2006-01-02+15:04:05")
	case 'T':
		return strconv.FormatInt(f.at.Unix(), 10)
	case '%':
		return "%"
	}
	return f.wordOr(c)
}

// wordOr is the value of an escape for words of the text, or the escape itself.
func (f *filler) wordOr(c byte) string {
	switch c {
	case 'k':
		if len(f.words) == 0 {
			return ""
		}
		return encode(f.words[0])
	case 'r':
		return f.from(f.next)
	case 's', 'S':
		if f.next >= len(f.words) {
			return ""
		}
		word := f.words[f.next]
		f.next++
		if c == 'S' {
			return strings.ReplaceAll(word, "*", "~")
		}
		return encode(word)
	}
	return "%" + string(c)
}

// from are the words from one on.
func (f *filler) from(first int) string {
	var all []string
	for i := first; i < len(f.words); i++ {
		all = append(all, encode(f.words[i]))
	}
	return strings.Join(all, "+")
}

// sender is that of the message; %Q writes 00 as +.
func (f *filler) sender(c byte) string {
	sender := string(f.message.Sender)
	if rest, found := strings.CutPrefix(sender, "00"); found && c == 'Q' {
		sender = "+" + rest
	}
	return encode(sender)
}

// metaParameter is the value of %#group#parameter#, from the meta-data of the
// request: ?group?name=value&name=value?group?... (gw/meta_data.c). Without its
// closing signs nothing is filled in.
func (f *filler) metaParameter(rest string) (value, behind string) {
	group, after, found := strings.Cut(rest, "#")
	name, behind, closed := strings.Cut(after, "#")
	if !found || !closed {
		return "", rest
	}
	parts := strings.Split(f.message.Metadata[keptMetaData], "?")
	for i := 1; i+1 < len(parts); i += 2 {
		if unescape(parts[i]) != group {
			continue
		}
		for pair := range strings.SplitSeq(parts[i+1], "&") {
			if key, text, _ := strings.Cut(pair, "="); unescape(key) == name {
				return encode(unescape(text)), behind
			}
		}
	}
	return "", behind
}

// encode escapes a value as gwlib/octstr.c octstr_url_encode does.
func encode(text string) string {
	const safe = "-_.!~*'()"
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			b.WriteByte('+')
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' &&
			c <= 'z', strings.IndexByte(safe, c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
