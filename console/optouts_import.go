package console

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"

	"relais/auth"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

const optOutsImported auth.ActCode = "opt_outs_imported"

// Bounds of a file. It comes back with the confirmation, in the form: nothing of it is
// kept meanwhile.
const (
	maxImport     = 512 << 10
	mostRefused   = 100 // lines that the page lists
	longestRefuse = 60  // letters of a line that it shows
)

// importPage takes a file of numbers: first it says what the file would do.
type importPage struct {
	frame

	Problems []fieldProblem
	Checked  *importCheck // nil: no file was chosen yet
}

// importCheck is what a file would do.
type importCheck struct {
	Sealed  string // the file, which nobody else can read or make
	New     int
	Known   int
	Wrong   int
	Refused []refusedLine
	More    int // lines that are not among them
}

// refusedLine is a line that names no number.
type refusedLine struct {
	Line    int
	Written string
	Why     string
}

// Wrong is what is wrong with a field, empty when nothing is.
func (p *importPage) Wrong(field string) string { return wrongWith(p.Problems, field) }

// Most is the largest file, in kilobytes.
func (p *importPage) Most() int { return maxImport >> 10 }

func showImport(q *request) (answer, error) {
	return view{name: "optouts_import", data: &importPage{frame: *q.frame()}}, nil
}

// checkImport reads a file and tells what it would do.
func checkImport(q *request) (answer, error) {
	p := &importPage{frame: *q.frame()}
	body, why := q.file("file", maxImport)
	if why != "" {
		return p.refuse(phraseWith(p, why)), nil
	}
	return p.check(q, body)
}

func phraseWith(p *importPage, name string) string {
	return reason.Of(Words+"/"+reason.Code(name), reason.Args{"most": reason.Count(p.Most())}).In(p.Lang)
}

func (p *importPage) refuse(why string) answer {
	p.Problems = []fieldProblem{{"file", why}}
	return view{"optouts_import", p, http.StatusUnprocessableEntity}
}

func (p *importPage) check(q *request, body []byte) (answer, error) {
	file, err := inbox.ReadOptOuts(body, q.console.Gateway.Region(q.account))
	if bad, ok := errors.AsType[*inbox.OptOutFileError](err); ok {
		why := bad.Reason.In(p.Lang)
		if bad.Line > 0 {
			why = reason.Of(Words+"/opt_outs_import_line", reason.Args{
				"line": reason.Count(bad.Line), "why": bad.Reason,
			}).In(p.Lang)
		}
		return p.refuse(why), nil
	}
	if err != nil {
		return nil, err
	}
	fresh, err := inbox.CountNew(q.ctx(), q.console.OptOuts, q.account, file.Changes)
	if err != nil {
		return nil, err
	}
	if len(file.Changes)+len(file.Refused) == 0 {
		return p.refuse(phrase("opt_outs_import_empty").In(p.Lang)), nil
	}
	p.Checked = &importCheck{
		Sealed: base64.RawURLEncoding.EncodeToString(q.console.Sealer.Seal(append(q.checkedBy(), body...))),
		New:    fresh, Known: len(file.Changes) - fresh, Wrong: len(file.Refused),
		More: max(0, len(file.Refused)-mostRefused),
	}
	for _, r := range file.Refused[:len(file.Refused)-p.Checked.More] {
		p.Checked.Refused = append(p.Checked.Refused, refusedLine{r.Line, shortened(r.Written), r.Reason.In(p.Lang)})
	}
	return view{name: "optouts_import", data: p}, nil
}

// checkedBy stands before a file that comes back: it is good for who checked it, and for the
// account for which it was checked.
func (q *request) checkedBy() []byte { return []byte(q.account + "\x00" + string(q.actor()) + "\x00") }

func shortened(text string) string {
	if letters := []rune(text); len(letters) > longestRefuse {
		return string(letters[:longestRefuse]) + "…"
	}
	return text
}

// file reads a file that was chosen in a form, which has no other field but the account.
// why is the name of a phrase that says what is wrong with it.
func (q *request) file(field string, most int) (body []byte, why string) {
	parts, err := q.MultipartReader()
	if err != nil {
		return nil, "opt_outs_import_none"
	}
	part, err := parts.NextPart()
	if err == nil && part.FormName() == accountField {
		part, err = parts.NextPart()
	}
	if err != nil || part.FormName() != field || part.FileName() == "" {
		return nil, "opt_outs_import_none"
	}
	body, err = io.ReadAll(io.LimitReader(part, int64(most)+1))
	switch {
	case len(body) > most:
		return nil, "opt_outs_import_large"
	case err != nil:
		return nil, "opt_outs_import_cut"
	}
	return body, ""
}

// importOptOuts puts the numbers of a file that was checked on the list. The same form
// again changes nothing.
func importOptOuts(q *request) (answer, error) {
	if err := q.read("sealed"); err != nil {
		return nil, err
	}
	p := &importPage{frame: *q.frame()}
	sealed, err := base64.RawURLEncoding.DecodeString(q.field("sealed"))
	if err != nil {
		return p.refuse(phrase("opt_outs_import_none").In(p.Lang)), nil
	}
	opened, err := q.console.Sealer.Open(sealed)
	body, ours := bytes.CutPrefix(opened, q.checkedBy())
	if err != nil || !ours {
		return p.refuse(phrase("opt_outs_import_none").In(p.Lang)), nil
	}
	file, err := inbox.ReadOptOuts(body, q.console.Gateway.Region(q.account))
	if err != nil || len(file.Changes) == 0 {
		return p.refuse(phrase("opt_outs_import_empty").In(p.Lang)), nil
	}
	for i := range file.Changes {
		c := &file.Changes[i]
		c.Account, c.Source, c.Actor = q.account, inbox.FromImport, q.actor()
	}
	added, err := q.console.Inbox.ChangeOptOuts(withoutCancel(q), file.Changes)
	if err != nil {
		return nil, err
	}
	if added > 0 {
		err = q.record(optOutsImported, sms.NewID(q.now()).String(), strconv.Itoa(added))
	}
	return redirect{Home + "opt-outs", "opt_outs_imported"}, err
}
