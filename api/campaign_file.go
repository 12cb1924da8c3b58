package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// campaignFileRoute is the pattern by which tables come.
const campaignFileRoute = "PUT /v1/campaigns/{id}/file"

const (
	// maxFile is the largest table, in bytes.
	maxFile = 100 << 20
	// fileIdle is how long an upload may pause,
	// and fileTimeout how long it may take in all.
	fileIdle, fileTimeout = 30 * time.Second, 15 * time.Minute
)

// campaignFiler takes the tables of campaigns.
type campaignFiler interface {
	Campaign(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error)
	PutFile(
		ctx context.Context, account string, id sms.ID, seen int, name string, file io.Reader, by sms.Actor,
	) (ledger.Campaign, error)
}

// campaignFiles takes tables as they are. The API library does not register the route: a
// file is read as it comes, and never held.
type campaignFiles struct {
	*campaigns

	files campaignFiler
}

func (h *campaignFiles) register(r *router) {
	_, path, _ := strings.Cut(campaignFileRoute, " ")
	r.mux.HandleFunc(campaignFileRoute, h.put)
	table := map[string]*huma.MediaType{"text/csv": {
		Schema:  &huma.Schema{Type: huma.TypeString},
		Example: "Name;Mobile\nZoé;06 39 98 00 01\nLéa;639980002\n",
	}}
	r.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "put-campaign-file", Method: http.MethodPut, Path: path, Tags: []string{"campaigns"},
		Summary: "Put the table of a campaign",
		Description: "The body is the file itself: CSV, TSV, TXT, XLSX, XLSM or ODS, at most 100 MiB. What it is, is told " +
			"by its content. The answer says what the first rows look like, and what was guessed.",
		Parameters: []*huma.Param{
			{Name: "id", In: "path", Required: true, Description: "the campaign's id", Schema: &huma.Schema{Type: huma.TypeString}},
			{Name: "name", In: "query", Description: "of the file, for people", Schema: &huma.Schema{Type: huma.TypeString}},
			{
				Name: "If-Match", In: "header", Description: "the ETag of the campaign that was read; absent: as it is now",
				Schema: &huma.Schema{Type: huma.TypeString},
			},
		},
		RequestBody: &huma.RequestBody{Required: true, Content: table},
		Responses:   r.answers(http.StatusOK, CampaignLook{}, 400, 404, 408, 409, 412, 413),
	})
}

func (h *campaignFiles) put(w http.ResponseWriter, r *http.Request) {
	look, version, err := h.take(w, r)
	if err != nil {
		h.fail(err, nil).write(w, r)
		return
	}
	encoded, err := encode(look)
	if err != nil {
		h.fail(err, nil).write(w, r)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("ETag", version)
	w.Write(encoded) //nolint:errcheck // the client may have gone
}

func (h *campaignFiles) take(w http.ResponseWriter, r *http.Request) (*CampaignLook, string, error) {
	ctx, caller := r.Context(), callerOf(r.Context())
	id, err := idOf(r.PathValue("id"), ledger.ErrUnknown)
	if err != nil {
		return nil, "", h.noCampaign(err, nil)
	}
	now, err := h.files.Campaign(ctx, caller.Account, id)
	if err != nil {
		return nil, "", h.noCampaign(err, nil)
	}
	seen := now.Version
	if match := r.Header.Get("If-Match"); match != "" {
		named, p := versionOf(match)
		if p != nil {
			return nil, "", p
		}
		seen = named
	}
	if r.ContentLength == 0 {
		return nil, "", refusalOf(http.StatusBadRequest, sayNoFile)
	}
	body := &upload{
		Reader: http.MaxBytesReader(w, r.Body, maxFile), deadline: http.NewResponseController(w).SetReadDeadline,
		ends: time.Now().Add(fileTimeout),
	}
	changed, err := h.files.PutFile(ctx, caller.Account, id, seen, r.URL.Query().Get("name"), body, caller.Actor())
	switch {
	case body.failed != nil:
		return nil, "", cutShort(body.failed, maxFile)
	case err != nil:
		return nil, "", h.noCampaign(err, nil)
	}
	look, err := lookOf(changed.Look, reason.Match(r.Header.Get("Accept-Language")))
	return look, etag(changed.Version), err
}

// upload reads a body that may take longer than other requests, as long as it moves.
type upload struct {
	io.Reader

	deadline func(time.Time) error
	ends     time.Time
	failed   error // of the connection or the limit, not of the file
}

// Read implements io.Reader.
func (u *upload) Read(p []byte) (int, error) {
	until := time.Now().Add(fileIdle)
	if u.ends.Before(until) {
		until = u.ends
	}
	_ = u.deadline(until) // where there is none, the server's holds
	n, err := u.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		u.failed = err
	}
	return n, err
}

// cutShort says why a file, of so many bytes at most, did not come whole.
func cutShort(err error, most int64) *refusal {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return fileTooLarge(most)
	}
	return bodyCut()
}

// fileTooLarge refuses a table beyond the limit.
func fileTooLarge(most int64) *refusal {
	return refusalFor(http.StatusRequestEntityTooLarge, reason.Of(codeFileTooLarge, reason.Args{"most": reason.Count(most >> 20)}))
}
