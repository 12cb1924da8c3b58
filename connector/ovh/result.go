package ovh

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relais/connector"
	"relais/sms"
)

// report is SmsSendingReportUser of the API schema sms.json. Ids are 64-bit
// integers and never pass through a float.
type report struct {
	IDs         []int64         `json:"ids"`
	Valid       []string        `json:"validReceivers"`
	Invalid     []string        `json:"invalidReceivers"`
	CreditsLeft json.RawMessage `json:"creditsLeft"` // absent before May 2026; not worth a doubt when odd
}

// parseReport reads an answer to POST …/jobs. Anything but the documented
// report leaves doubt: the job may have been taken.
func parseReport(answer connector.Answer) (*report, error) {
	var r report
	if err := json.Unmarshal(answer.Body, &r); err != nil {
		// The parser's error may quote the answer, which holds numbers.
		return nil, unclear(answer, fmt.Sprintf("status %d, and %d bytes that are no sending report",
			answer.Status, len(answer.Body)))
	}
	if r.Valid == nil && r.Invalid == nil {
		return nil, unclear(answer, fmt.Sprintf("status %d, and a report that names no receiver",
			answer.Status))
	}
	slices.Sort(r.IDs)
	r.IDs = slices.Compact(r.IDs)
	return &r, nil
}

func unclear(answer connector.Answer, detail string) error {
	return &connector.Error{
		Fault: connector.Uncertain, Code: codeUnclearReport, Detail: detail, Trace: traceOf(answer),
	}
}

// settle returns the outcome of each message. An answer 200 may refuse every
// number (documented), so each is looked up in the report.
func (c *Client) settle(ctx context.Context, r *report, batch []sms.Message) []connector.Outcome {
	outcomes := make([]connector.Outcome, len(batch))
	valid, invalid := numberSet(r.Valid), numberSet(r.Invalid)
	var taken []int
	for i := range batch {
		digits := bareNumber(string(batch[i].To))
		switch {
		case valid[digits] && !invalid[digits]:
			taken = append(taken, i)
		case invalid[digits] && !valid[digits]:
			outcomes[i].Err = &connector.Error{
				Fault: connector.Rejected, Code: codeInvalidReceiver,
				Detail: "the operator does not take this number",
			}
		default:
			outcomes[i].Err = &connector.Error{
				Fault: connector.Uncertain, Code: codeUnclearReport,
				Detail: "the report does not say whether this number was taken",
			}
		}
	}
	if len(taken) > 0 {
		c.identify(ctx, r, batch, outcomes, taken)
	}
	return outcomes
}

// identify gives each message that was taken its id. The order of ids is not
// documented, so a position proves nothing: the only id of the only message is
// its own, any other is read back. With fewer ids than receivers, one of them
// may not have been taken, and those without an id stay in doubt.
func (c *Client) identify(
	ctx context.Context, r *report, batch []sms.Message, outcomes []connector.Outcome, taken []int,
) {
	if len(batch) == 1 && len(r.IDs) == 1 {
		outcomes[0].ProviderID = strconv.FormatInt(r.IDs[0], 10)
		return
	}
	owners := c.readOwners(ctx, r.IDs)
	for _, i := range taken {
		ids := owners[bareNumber(string(batch[i].To))]
		switch {
		case len(ids) == 1:
			outcomes[i].ProviderID = strconv.FormatInt(ids[0], 10)
		case len(r.IDs) < len(r.Valid):
			outcomes[i].Err = &connector.Error{
				Fault: connector.Uncertain, Code: codeUnclearReport,
				Detail: "the report has fewer ids than receivers",
			}
		}
	}
}

// readOwners asks OVH whom each id is for. It stops at the first that cannot be
// read: the messages are taken, and an id that comes too late is not worth a
// call that hangs.
func (c *Client) readOwners(ctx context.Context, ids []int64) map[string][]int64 {
	owners := make(map[string][]int64, len(ids))
	for _, id := range ids {
		receiver, err := c.receiverOf(ctx, id)
		if err != nil {
			c.api.log.Warn("ids of a batch not read back, messages go on without theirs", "error", err)
			break
		}
		owners[bareNumber(receiver)] = append(owners[bareNumber(receiver)], id)
	}
	return owners
}

// receiverOf looks in the log of sent messages, then among the pending ones: an
// id moves from one to the other under the same number (guide "API SMS
// Cookbook").
func (c *Client) receiverOf(ctx context.Context, id int64) (string, error) {
	var one struct {
		Receiver string `json:"receiver"`
	}
	number := strconv.FormatInt(id, 10)
	err := c.api.get(ctx, c.jobs+"/outgoing/"+number, &one)
	if notFound(err) {
		err = c.api.get(ctx, c.jobs+"/jobs/"+number, &one)
	}
	if err != nil {
		return "", fmt.Errorf("read the receiver of an id: %w", err)
	}
	return one.Receiver, nil
}

func numberSet(numbers []string) map[string]bool {
	set := make(map[string]bool, len(numbers))
	for _, number := range numbers {
		set[bareNumber(number)] = true
	}
	return set
}

// bareNumber drops the international prefix: + and 00 are both documented.
func bareNumber(number string) string {
	if rest, ok := strings.CutPrefix(number, "+"); ok {
		return rest
	}
	return strings.TrimPrefix(number, "00")
}
