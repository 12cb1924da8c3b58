package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"relais/inbox"
	"relais/reason"
)

// Bounds of a file. It comes back with the confirmation, in the form: nothing of it is
// kept meanwhile.
const (
	maxImport    = 512 << 10
	mostRefused  = 100 // lines that the page lists
	longestShown = 60  // letters of a line that it shows
	importLife   = time.Hour
	importMark   = "\x00import\x00" // nothing else that is sealed begins so
)

// importPage takes a file of numbers: first it says what the file would do.
type importPage struct {
	frame
	problems

	Checked *importCheck // nil: no file was chosen yet
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

// Most is the largest file, in kilobytes.
func (p *importPage) Most() int { return maxImport >> 10 }

func showImport(q *request) (answer, error) {
	return view{name: "optouts_import", data: &importPage{frame: *q.frame()}}, nil
}

// checkImport reads a file and says what it would do.
func checkImport(q *request) (answer, error) {
	if err := q.mayUpload(); err != nil {
		return nil, err
	}
	p := &importPage{frame: *q.frame()}
	body, other, why := q.upload("file", maxImport)
	switch {
	case other != "":
		return toAccount(q, other), nil
	case why != "":
		return p.turnDown(p.with(why)), nil
	}
	return p.check(q, body)
}

// with is a phrase that may name the largest file.
func (p *importPage) with(name reason.Code) string {
	return reason.Of(Words+"/opt_outs_import_"+name, reason.Args{"most": reason.Count(p.Most())}).In(p.Lang)
}

// turnDown shows the page again, with what is wrong with the file.
func (p *importPage) turnDown(why string) answer {
	p.refuse("file", why)
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
		return p.turnDown(why), nil
	}
	if err != nil {
		return nil, err
	}
	fresh, err := inbox.CountNew(q.ctx(), q.console.OptOuts, q.account, file.Changes)
	if err != nil {
		return nil, err
	}
	if len(file.Changes)+len(file.Refused) == 0 {
		return p.turnDown(p.with("empty")), nil
	}
	p.Checked = &importCheck{
		Sealed: q.sealImport(body),
		New:    fresh, Known: len(file.Changes) - fresh, Wrong: len(file.Refused),
		More: max(0, len(file.Refused)-mostRefused),
	}
	for _, r := range file.Refused[:len(file.Refused)-p.Checked.More] {
		line := refusedLine{r.Line, shortened(r.Written), r.Reason.In(p.Lang)}
		p.Checked.Refused = append(p.Checked.Refused, line)
	}
	return view{name: "optouts_import", data: p}, nil
}

// sealImport seals a file that was checked: it is good for who checked it, for the
// account for which it was checked, and for a time.
func (q *request) sealImport(body []byte) string {
	ends := q.now().Add(importLife).UTC().Format(time.RFC3339)
	head := importMark + q.account + "\x00" + string(q.actor()) + "\x00" + ends + "\x00"
	return base64.RawURLEncoding.EncodeToString(q.console.Sealer.Seal(append([]byte(head), body...)))
}

// checkedFile is a file that comes back.
type checkedFile struct {
	name string // of this check of it, and no other
	body []byte
	ends time.Time
}

// openImport reads a file that comes back; why ends the name of a phrase that says what is
// wrong with it.
func (q *request) openImport(text string) (f checkedFile, why reason.Code) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return f, "none"
	}
	opened, err := q.console.Sealer.Open(sealed)
	if err != nil {
		return f, "none"
	}
	rest, ours := bytes.CutPrefix(opened, []byte(importMark+q.account+"\x00"+string(q.actor())+"\x00"))
	if !ours {
		return f, "none"
	}
	written, body, _ := bytes.Cut(rest, []byte{0})
	ends, err := time.Parse(time.RFC3339, string(written))
	if err != nil || !q.now().Before(ends) {
		return f, "old"
	}
	digest := sha256.Sum256(sealed) // each check seals anew
	return checkedFile{hex.EncodeToString(digest[:]), body, ends}, ""
}

func shortened(text string) string {
	if letters := []rune(text); len(letters) > longestShown {
		return string(letters[:longestShown]) + "…"
	}
	return text
}

// importOptOuts puts the numbers of a file that was checked on the list. The same form
// again changes nothing, also where some of them were taken off meanwhile.
func importOptOuts(q *request) (answer, error) {
	if err := q.read("sealed"); err != nil {
		return nil, err
	}
	p := &importPage{frame: *q.frame()}
	checked, why := q.openImport(q.field("sealed"))
	if why != "" {
		return p.turnDown(p.with(why)), nil
	}
	file, err := inbox.ReadOptOuts(checked.body, q.console.Gateway.Region(q.account))
	if err != nil {
		return nil, err // it was read when it was checked
	}
	for i := range file.Changes {
		c := &file.Changes[i]
		c.Account, c.Source, c.Actor = q.account, inbox.FromImport, q.actor()
	}
	_, err = q.console.Inbox.ImportOptOuts(withoutCancel(q), inbox.Import{
		Account: q.account, Name: checked.name, Until: checked.ends, Changes: file.Changes,
	})
	if err != nil {
		return nil, err
	}
	return redirect{Home + "opt-outs", "opt_outs_imported"}, nil
}
