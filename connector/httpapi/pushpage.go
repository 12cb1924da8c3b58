package httpapi

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// pushes says what the operator tells by itself.
func (p *pageWriter) pushes(w *written) {
	for _, part := range []struct {
		at, title string
		of        *writtenCallback
	}{{"receipts", "Receipts", w.Receipts}, {"replies", "Replies", w.Replies}, {"blocks", "STOPs", w.Blocks}} {
		if part.of == nil {
			p.line("## %s\n\nNone are read.\n", part.title)
			continue
		}
		p.line("## %s\n", part.title)
		p.push(part.at, part.of, w)
		p.polls(part.at, part.of, w)
		p.placed(part.at, part.of)
		p.states(part.of)
	}
	p.signed(w.Signature)
}

// push says where something comes.
func (p *pageWriter) push(at string, of *writtenCallback, w *written) {
	if of.Path == "" {
		return
	}
	given := "the address must be set at the operator"
	if w.brings(of.Path) {
		given = "each message has the address"
	}
	path := of.Path
	if of.Query != "" {
		path += "?" + of.Query
	}
	p.line("By `%s` to `…%s`; %s%s.\n", cmp.Or(of.Method, http.MethodPost), path, given, behind(p.comment(at)))
}

// polls says by which calls something is fetched.
func (p *pageWriter) polls(at string, of *writtenCallback, w *written) {
	for i := range of.Poll {
		key, one := element(at+".poll", i), &of.Poll[i]
		again := ""
		if one.Drained {
			again = ", again until it is empty"
		}
		p.line("Fetched by `%s %s%s`, every %s%s%s.\n", cmp.Or(one.Method, http.MethodGet), one.Path, queryWords(one.Query),
			cmp.Or(w.PollEvery, standardPollText), again, behind(p.comment(key)))
	}
}

// standardPollText is standardPoll as a declaration would write it.
const standardPollText = "5m"

// queryWords is a query as it is declared.
func queryWords(query map[string]any) string {
	var parts []string
	for _, name := range sortedKeys(query) {
		parts = append(parts, fmt.Sprintf("%s=%v", name, query[name]))
	}
	if len(parts) == 0 {
		return ""
	}
	return "?" + strings.Join(parts, "&")
}

// placed says where the values stand.
func (p *pageWriter) placed(at string, of *writtenCallback) {
	p.line("| what | where | |\n|---|---|---|")
	for _, place := range whereWords(of.Where) {
		p.line("| only those where | %s | %s |", place, cell(p.comment(at+".where")))
	}
	for _, place := range []struct{ key, what, where string }{
		{"each", "a list, with one in each element", of.Each},
		{"id", "the operator's id", of.ID},
		{"ref", "our reference", of.Ref},
		{"parts", "how many parts, each with a receipt", of.Parts},
		{"part", "which part", of.Part},
		{"status", "the word", of.Status},
		{"code", "a code", of.Code},
		{"number", "the number", of.Number},
		{"from", "the handset", of.From},
		{"to", "our number", of.To},
		{"text", "the text", of.Text},
		{"text_charset", "its charset", of.TextCharset},
		{"answers", "the message answered", of.Answers},
		{"at", "when", of.At},
	} {
		if place.where == "" {
			continue
		}
		where := "`" + place.where + "`"
		if place.key == "at" {
			where += ", as `" + of.AtFormat + "`"
			if of.Zone != "" {
				where += " in " + of.Zone
			}
		}
		p.line("| %s | %s | %s |", place.what, cell(where), cell(p.comment(join(at, place.key))))
	}
	p.line("")
}

// textsOf are all texts in a table.
func textsOf(value any) []string {
	var texts []string
	switch v := value.(type) {
	case string:
		return []string{v}
	case map[string]any:
		for _, name := range sortedKeys(v) {
			texts = append(texts, textsOf(v[name])...)
		}
	case []any:
		for i := range v {
			texts = append(texts, textsOf(v[i])...)
		}
	}
	return texts
}

// states says what the words of receipts mean.
func (p *pageWriter) states(of *writtenCallback) {
	if of.States == nil {
		return
	}
	p.line("A word that is not here ends nothing, and is kept%s.\n", behind(p.comment("receipts.states")))
	p.line("| word | the message is | |\n|---|---|---|")
	for _, word := range inOrder(p, "receipts.states", of.States) {
		p.line("| `%s` | %s | %s |", word, endWords(of.States[word]), cell(p.comment(join("receipts.states", word))))
	}
	p.line("")
	if of.Reasons == nil {
		return
	}
	p.line("| code | reason | |\n|---|---|---|")
	for _, code := range inOrder(p, "receipts.reasons", of.Reasons) {
		p.line("| `%s` | `%s` | %s |", code, of.Reasons[code], cell(p.comment(join("receipts.reasons", code))))
	}
	p.line("")
}

func (p *pageWriter) signed(of *writtenSignature) {
	p.line("## Who pushes\n")
	if of == nil {
		p.line("Pushes are not signed, as far as the declaration knows: the secret in the address is the lock.\n")
		return
	}
	where := "the header `" + of.Header + "`"
	if of.Parameter != "" {
		where = "the parameter `" + of.Parameter + "`"
	}
	over := "over `" + strings.Join(of.Over, "`, `") + "`"
	if of.Over == nil {
		over = fmt.Sprintf("with the hashes `%s` of the address and `%s` of the body", of.URLClaim, of.BodyClaim)
	}
	p.line("Signed by `%s` in %s, %s, with `%s`%s. Without that key pushes are known by their address alone.\n",
		cmp.Or(of.Kind, kindHMAC), where, over, of.Key, behind(p.comment("signature")))
}

// questions says what the operator is asked beside messages.
func (p *pageWriter) questions(w *written) {
	p.line("## What else it is asked\n")
	p.line("| question | call | |\n|---|---|---|")
	for _, q := range []struct {
		at, what string
		of       *writtenCall
	}{{"credit", "the credit", w.Credit}, {"lookup", "what became of a message in doubt", w.Lookup}, {"check", "whether it knows us", w.Check}} {
		if q.of == nil {
			p.line("| %s | none | |", q.what)
			continue
		}
		p.line("| %s | `%s %s` | %s |", q.what, cmp.Or(q.of.Method, http.MethodGet), q.of.Path, cell(p.comment(q.at)))
	}
}
