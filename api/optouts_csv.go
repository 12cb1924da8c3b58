package api

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/inbox"
	"relais/reason"
)

// ImportAnswer is what became of an import.
type ImportAnswer struct {
	Added   int             `json:"added" doc:"numbers that are new on the list"`
	Known   int             `json:"known" doc:"were on the list"`
	Refused []RefusedNumber `json:"refused" doc:"lines without a number"`
}

// RefusedNumber is a line of an import that names no number.
type RefusedNumber struct {
	Line   int    `json:"line" doc:"of the body or the file, from 1"`
	Number string `json:"number" doc:"as it stands there"`
	Code   string `json:"code" doc:"stable word for programs"`
	Detail string `json:"detail" doc:"what is wrong here, and what would be right"`
}

// optOutFiles gives the suppression list as CSV, and takes it. The API library does not
// register these routes.
type optOutFiles struct {
	failures
	reader  optOutReader
	regions regions
	inbox   optOutInbox
	places  exports
}

func (h *optOutFiles) register(r *router) {
	r.mux.HandleFunc("GET /v1/opt-outs.csv", h.export)
	r.mux.HandleFunc("POST /v1/opt-outs.csv", h.load)
	h.describe(r)
}

// describe documents the two routes.
func (h *optOutFiles) describe(r *router) {
	file := func() map[string]*huma.MediaType {
		return map[string]*huma.MediaType{
			"text/csv": {
				Schema:  &huma.Schema{Type: huma.TypeString},
				Example: "number,sender\n+33639980001,\n",
			},
		}
	}
	export := r.answers(http.StatusOK, OptOutList{}, http.StatusTooManyRequests)
	export["200"].Content = file()
	r.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "export-opt-outs", Method: http.MethodGet, Path: "/v1/opt-outs.csv",
		Tags:    []string{"opt-outs"},
		Summary: "The whole list as CSV", Responses: export,
	})
	r.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "import-opt-outs", Method: http.MethodPost, Path: "/v1/opt-outs.csv",
		Tags:    []string{"opt-outs"},
		Summary: "Put the numbers of a CSV file on the list",
		Description: "The columns are number and, where it is there, sender; commas or semicolons. A line " +
			"that begins with # is a comment. A line without a number is told apart and stops nothing.",
		Parameters: []*huma.Param{{
			Name: "dry_run", In: "query", Description: "true: tell what would be added, and add nothing",
			Schema: &huma.Schema{Type: huma.TypeBoolean},
		}},
		RequestBody: &huma.RequestBody{Required: true, Content: file()},
		Responses:   r.answers(http.StatusOK, ImportAnswer{}, 400, 413),
	})
}

// csvHead is the first line of an export, and what an import understands.
var csvHead = []string{"number", "sender", "source", "since", "provisional"}

// export writes the whole list as CSV (RFC 4180), page by page.
func (h *optOutFiles) export(w http.ResponseWriter, r *http.Request) {
	const page = 1000
	done, full := h.places.take()
	if full != nil {
		full.write(w, r)
		return
	}
	defer done()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="opt-outs.csv"`)
	out := csv.NewWriter(w)
	out.Write(csvHead) //nolint:errcheck // Flush tells
	q := inbox.OptOutQuery{Account: callerOf(r.Context()).Account, Limit: page}
	for more := true; more; {
		var found []inbox.OptOut
		var err error
		if found, more, err = h.reader.OptOuts(r.Context(), q); err != nil {
			h.log.Error("an export of opt-outs broke off", "error", err)
			panic(http.ErrAbortHandler) // the caller must see that it is not whole
		}
		for _, o := range found {
			since := o.Since.UTC().Format(time.RFC3339)
			line := []string{
				string(o.Number), string(o.Sender), string(o.Source), since, yesOrEmpty(o.Provisional),
			}
			out.Write(line) //nolint:errcheck // Flush tells
			q.After = o.Number
		}
		if out.Flush(); out.Error() != nil {
			return
		}
	}
}

func yesOrEmpty(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

// load reads CSV: one number a line, with a head that names the
// columns or without one. Lines that name no number are told apart and stop
// nothing.
func (h *optOutFiles) load(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		p := bodyCut()
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			p = bodyTooLarge()
		}
		p.write(w, r)
		return
	}
	caller := callerOf(r.Context())
	changes, answer, p := readImport(
		body, h.regions.Region(caller.Account), reason.Match(r.Header.Get("Accept-Language")),
	)
	if p != nil {
		p.write(w, r)
		return
	}
	for i := range changes {
		c := &changes[i]
		c.Account, c.Source, c.Actor = caller.Account, inbox.FromImport, caller.Actor()
	}
	load := h.inbox.ChangeOptOuts
	switch dry := r.URL.Query().Get("dry_run"); dry {
	case "", "false":
	case "true":
		load = h.missing
	default:
		badParameter("dry_run", reason.Of(sayDryRun, nil)).write(w, r)
		return
	}
	if answer.Added, err = load(r.Context(), changes); err != nil {
		h.fail(err, nil).write(w, r)
		return
	}
	answer.Known = len(changes) - answer.Added
	encoded, err := encode(answer)
	if err != nil {
		h.fail(err, nil).write(w, r)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.Write(encoded) //nolint:errcheck // the client may have gone
}

// missing counts the changes that would add something.
func (h *optOutFiles) missing(ctx context.Context, changes []inbox.OptOutChange) (int, error) {
	missing, err := inbox.CountNew(ctx, h.reader, callerOf(ctx).Account, changes)
	if err != nil {
		return 0, h.unread(err)
	}
	return missing, nil
}

// readImport reads a file, and tells which of its lines name no number.
func readImport(
	body []byte, region string, language reason.Language,
) ([]inbox.OptOutChange, *ImportAnswer, *refusal) {
	file, err := inbox.ReadOptOuts(body, region)
	if bad, ok := errors.AsType[*inbox.OptOutFileError](err); ok {
		switch {
		case bad.Bytes:
			return nil, nil, refusalFor(http.StatusBadRequest, bad.Reason)
		default:
			at := FieldError{Line: bad.Line, Column: bad.Column}
			return nil, nil, refusalFor(http.StatusUnprocessableEntity, bad.Reason).at(at)
		}
	}
	answer := &ImportAnswer{Refused: []RefusedNumber{}}
	for _, r := range file.Refused {
		answer.Refused = append(answer.Refused, RefusedNumber{
			Line: r.Line, Number: r.Written, Code: r.Reason.Code.Wire(), Detail: r.Reason.In(language),
		})
	}
	return file.Changes, answer, nil
}
