package client

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// campaigns are the calls about campaigns.
type campaigns struct{ *Connection }

func campaignPath(id, rest string) string { return "/v1/campaigns/" + url.PathEscape(id) + rest }

// CreateCampaign begins a campaign: a draft, without a file yet.
func (c campaigns) CreateCampaign(ctx context.Context, r CampaignRequest) (*Campaign, error) {
	if r.IdempotencyKey == "" {
		r.IdempotencyKey = rand.Text()
	}
	return ask[Campaign](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/campaigns", body: r, idempotencyKey: r.IdempotencyKey,
	})
}

// Campaigns returns one page of campaigns, newest first; status is empty for all.
func (c campaigns) Campaigns(
	ctx context.Context, status CampaignStatus, limit int, cursor string,
) (*CampaignList, error) {
	return ask[CampaignList](ctx, c.Connection, call{
		method: http.MethodGet,
		path:   "/v1/campaigns" + query("status", string(status), "limit", number(int64(limit)), "cursor", cursor),
	})
}

// Campaign returns a campaign.
func (c campaigns) Campaign(ctx context.Context, id string) (*Campaign, error) {
	return ask[Campaign](ctx, c.Connection, call{method: http.MethodGet, path: campaignPath(id, "")})
}

// ChangeCampaign changes a campaign of which a version was read. When somebody was faster,
// the error is a *Problem with the code campaign_outdated.
func (c campaigns) ChangeCampaign(
	ctx context.Context, id string, read int, change CampaignChange,
) (*Campaign, error) {
	return ask[Campaign](ctx, c.Connection, call{
		method: http.MethodPatch, path: campaignPath(id, ""), body: change, ifMatch: tagOf(read),
	})
}

// DropCampaign forgets a campaign that has not begun, with its file.
func (c campaigns) DropCampaign(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: campaignPath(id, "")})
	return err
}

// PutCampaignFile gives a campaign its table, which is read to its end and never held. It is
// not sent again when it fails. An upload may take longer than other calls: HTTP gives it no
// more than the time that ctx leaves.
func (c campaigns) PutCampaignFile(
	ctx context.Context, id, name string, file io.Reader,
) (*CampaignLook, error) {
	return ask[CampaignLook](ctx, c.Connection, call{
		method: http.MethodPut, path: campaignPath(id, "/file"+query("name", name)), stream: file,
	})
}

// CampaignLook returns what the first rows of the file look like.
func (c campaigns) CampaignLook(ctx context.Context, id string) (*CampaignLook, error) {
	return ask[CampaignLook](ctx, c.Connection, call{method: http.MethodGet, path: campaignPath(id, "/look")})
}

// CheckCampaign begins to judge every row of the file. Campaign tells when it is done.
func (c campaigns) CheckCampaign(ctx context.Context, id string) (*Campaign, error) {
	return c.move(ctx, id, "/check", nil)
}

// CampaignReport returns what the check found.
func (c campaigns) CampaignReport(ctx context.Context, id string) (*CampaignReport, error) {
	return ask[CampaignReport](ctx, c.Connection, call{method: http.MethodGet, path: campaignPath(id, "/report")})
}

// StartCampaign sends what a check found, by the hash of that check. When something changed
// since, the error is a *Problem, and nothing is sent; so it is where the same texts went to the same
// numbers within 30 days (sent_before).
func (c campaigns) StartCampaign(ctx context.Context, id, check string) (*Campaign, error) {
	return c.move(ctx, id, "/start", map[string]string{"check": check})
}

// StartCampaignAgain is StartCampaign although the same texts went to the same numbers a while ago. The key
// needs the right approve.
func (c campaigns) StartCampaignAgain(ctx context.Context, id, check string) (*Campaign, error) {
	return c.move(ctx, id, "/start", map[string]any{"check": check, "force": true})
}

// ApproveCampaign agrees to a campaign that somebody else started, by the hash of the check that
// was read. Whoever wrote or started it gets a *Problem with the code own_approval.
func (c campaigns) ApproveCampaign(ctx context.Context, id, check string) (*Campaign, error) {
	return c.move(ctx, id, "/approve", map[string]string{"check": check})
}

// RefuseCampaign does not agree to it, with a sentence for whoever wrote it: it is a draft again.
func (c campaigns) RefuseCampaign(ctx context.Context, id, check, sentence string) (*Campaign, error) {
	return c.move(ctx, id, "/refuse", map[string]string{"check": check, "sentence": sentence})
}

// PauseCampaign makes no more messages of the rows of a campaign.
func (c campaigns) PauseCampaign(ctx context.Context, id string) (*Campaign, error) {
	return c.move(ctx, id, "/pause", nil)
}

// ResumeCampaign goes on with a paused campaign.
func (c campaigns) ResumeCampaign(ctx context.Context, id string) (*Campaign, error) {
	return c.move(ctx, id, "/resume", nil)
}

// CancelCampaign ends a campaign before its last row.
func (c campaigns) CancelCampaign(ctx context.Context, id string) (*Campaign, error) {
	return c.move(ctx, id, "/cancel", nil)
}

func (c campaigns) move(ctx context.Context, id, step string, body any) (*Campaign, error) {
	return ask[Campaign](ctx, c.Connection, call{method: http.MethodPost, path: campaignPath(id, step), body: body})
}

// CampaignTimeline returns what happened to a campaign.
func (c campaigns) CampaignTimeline(ctx context.Context, id string) (*CampaignTimeline, error) {
	return ask[CampaignTimeline](ctx, c.Connection, call{
		method: http.MethodGet, path: campaignPath(id, "/timeline"),
	})
}

// RowQuery chooses rows of a campaign. Zero fields choose all.
type RowQuery struct {
	State  string // waiting, taken, ended, skipped, canceled
	Code   string
	Limit  int    // of the page: 1 to 1000; 0 means 100
	Cursor string // Next of the page before
}

// CampaignRows returns one page of rows, by their number.
func (c campaigns) CampaignRows(ctx context.Context, id string, q RowQuery) (*CampaignRowList, error) {
	return ask[CampaignRowList](ctx, c.Connection, call{method: http.MethodGet, path: campaignPath(id, "/rows"+query(
		"state", q.State, "code", q.Code, "limit", number(int64(q.Limit)), "cursor", q.Cursor,
	))})
}

// TableForm is how the rows of a campaign are written.
type TableForm string

// The forms.
const (
	TableCSV   TableForm = "csv"   // for programs
	TableExcel TableForm = "excel" // CSV as a French Excel opens it
	TableXLSX  TableForm = "xlsx"  // for people
)

// ExportCampaign writes what became of the rows as a table; Limit and Cursor of q are not
// asked. An error may come after a part was written.
func (c campaigns) ExportCampaign(
	ctx context.Context, id string, form TableForm, q RowQuery, into io.Writer,
) error {
	file, excel := "/rows.csv", ""
	switch form {
	case TableXLSX:
		file = "/rows.xlsx"
	case TableExcel:
		excel = "true"
	case TableCSV:
	default:
		return fmt.Errorf("no table is written as %q", form)
	}
	return c.copy(ctx, campaignPath(id, file+query("state", q.State, "code", q.Code, "excel", excel)), into)
}

// WatchCampaign tells how a campaign goes on, once each pause, until nothing happens to it by
// itself any more: it ended, it is paused, it waits for somebody to agree, or it is a draft. A gateway that does not answer
// for a moment is asked again.
func (c campaigns) WatchCampaign(
	ctx context.Context, id string, pauseFor time.Duration, see func(*Campaign),
) (*Campaign, error) {
	for failures := 0; ; {
		now, err := c.Campaign(ctx, id)
		if ctx.Err() != nil {
			return now, ctx.Err()
		}
		wait := pauseFor
		if err != nil {
			failures++
			var again bool
			if wait, again = pause(err, failures); !again {
				return now, err
			}
		} else {
			failures = 0
			if see(now); now.Status.rests() {
				return now, nil
			}
		}
		if !sleep(ctx, wait) {
			return now, ctx.Err()
		}
	}
}

// rests reports whether a campaign goes on only when somebody says so.
func (s CampaignStatus) rests() bool {
	switch s {
	case CampaignDraft, CampaignReady, CampaignAwaiting, CampaignPaused:
		return true
	default:
		return s.Ended()
	}
}
