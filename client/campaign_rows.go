package client

import (
	"context"
	"net/http"
	"strconv"
)

// CampaignPreview is what would become of a row of a campaign.
type CampaignPreview struct {
	Row     CampaignRow      `json:"row"`               // as the check left it, or as it is by now
	Refused *CampaignProblem `json:"refused,omitempty"` // why it gets no message; nil: it gets one
	Preview *PreviewAnswer   `json:"preview,omitempty"` // of its message; nil: it gets none
}

// PreviewCampaignRow tells what a row of a campaign that was checked becomes, and why.
func (c campaigns) PreviewCampaignRow(ctx context.Context, id string, row int) (*CampaignPreview, error) {
	return ask[CampaignPreview](ctx, c.Connection, call{
		method: http.MethodGet, path: campaignPath(id, "/rows/"+strconv.Itoa(row)+"/preview"),
	})
}

// TestCampaign sends the text of a row to a number of one's own.
func (c campaigns) TestCampaign(ctx context.Context, id string, row int, to string) (*SubmitAnswer, error) {
	return ask[SubmitAnswer](ctx, c.Connection, call{
		method: http.MethodPost, path: campaignPath(id, "/test"), body: map[string]any{"row": row, "to": to},
	})
}

// CampaignRetry says what of a campaign that ended is sent once more. Zero: what certainly did
// not arrive.
type CampaignRetry struct {
	Outcomes []Status `json:"outcomes,omitempty"` // undelivered, expired, rejected, canceled
	Codes    []string `json:"codes,omitempty"`    // rows with these codes too, such as no_receipt
}

// RetryCampaign makes a draft of the rows of a campaign that ended without arriving.
func (c campaigns) RetryCampaign(ctx context.Context, id string, r CampaignRetry) (*Campaign, error) {
	return c.move(ctx, id, "/retry", r)
}

// CorrectCampaign makes a draft like a campaign that ended, for a mended table: its check
// leaves out whoever has a message of that campaign. Of reminders it is the table as it is now: that
// campaign goes on, until the draft starts and takes over.
func (c campaigns) CorrectCampaign(ctx context.Context, id string) (*Campaign, error) {
	return c.move(ctx, id, "/correction", nil)
}
