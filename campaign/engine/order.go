package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/merge"
	"relais/number"
	"relais/reason"
	"relais/sms"
)

// Order makes a campaign of what a program sends to many through a door: a row for each
// recipient, which runs from the moment that it is on disk. What the gateway would refuse of it
// now, all or single recipients, is told as Submit tells it, and planned has what it would make. The id is zero where it is to
// be submitted instead: a one-time code waits behind nothing. Nobody agrees to it, whatever the
// account says: the program has sent it, and nobody is there to ask.
func (d *Desk) Order(
	ctx context.Context, name string, s gateway.Submission,
) (id sms.ID, planned *gateway.Result, err error) {
	if planned, err = d.Line.Preview(ctx, s, time.Time{}); err != nil {
		return id, nil, err
	}
	first := &planned.Messages[0]
	if first.Class == sms.OTP {
		return id, planned, nil
	}
	order, err := orderOf(&s)
	if err != nil {
		return id, nil, err
	}
	now := d.Now().UTC().Truncate(time.Microsecond)
	c := ledger.Campaign{
		Account: s.Account, ID: sms.BucketOf(s.Account).NewID(now), Version: 1, CreatedAt: now, CreatedBy: s.Actor,
		StartedAt: now, StartedBy: s.Actor,
		Content: ledger.Content{
			Name: name, Text: merge.Literal(s.Text), Class: first.Class, Sender: s.Sender, Connector: s.Connector,
			Options: ledger.Options{Order: order},
		},
	}
	if s.ValidFor > 0 { // of use until then, and not so long from whenever a row's turn comes
		c.Options.EndBy = now.Add(s.ValidFor).Format(time.RFC3339)
	}
	if err := d.Store.AddRunning(ctx, c, d.ordered(&s, planned)); err != nil {
		return id, nil, explained(c, err)
	}
	d.Rouse()
	d.told()
	return c.ID, planned, nil
}

// ordered are the rows of recipients, numbered as they came.
func (d *Desk) ordered(s *gateway.Submission, planned *gateway.Result) []ledger.Row {
	region := s.Region
	if region == "" {
		region = d.Account(s.Account).Region
	}
	why := make(map[int]reason.Reason, len(planned.Rejected))
	for _, r := range planned.Rejected {
		why[r.Index] = r.Reason
	}
	rows, next := make([]ledger.Row, len(s.To)), 0
	for i := range s.To {
		row := &rows[i]
		row.Row = i + 1
		if refused, left := why[i]; left {
			row.State, row.Reason = ledger.Skipped, refused
			// Who is left out is known where the number can be read.
			if read, err := number.Every.Parse(s.To[i], region); err == nil {
				row.Number = read.Number
			}
			continue
		}
		row.State, row.Number = ledger.Waiting, planned.Messages[next].To
		next++
	}
	return rows
}

// orderOf is what messages of a campaign have of a submission beside the text.
func orderOf(s *gateway.Submission) (o ledger.Order, err error) {
	o.Special = s.Special
	if len(s.Metadata) > 0 {
		metadata, err := json.Marshal(s.Metadata)
		if err != nil {
			return o, fmt.Errorf("metadata: %w", err)
		}
		o.Metadata = string(metadata)
	}
	if len(s.Notes) == 0 {
		return o, nil
	}
	texts := make([]string, len(s.Notes))
	for i := range s.Notes {
		texts[i] = s.Notes[i].Text()
	}
	notes, err := json.Marshal(texts)
	if err != nil {
		return o, fmt.Errorf("notes: %w", err)
	}
	o.Notes = string(notes)
	return o, nil
}

// fill gives a message what the call had that made its campaign.
func fill(o *ledger.Order, s *gateway.Submission) error {
	s.Special = o.Special
	if o.Metadata != "" {
		if err := json.Unmarshal([]byte(o.Metadata), &s.Metadata); err != nil {
			return fmt.Errorf("metadata of an order: %w", err)
		}
	}
	if o.Notes == "" {
		return nil
	}
	var texts []string
	if err := json.Unmarshal([]byte(o.Notes), &texts); err != nil {
		return fmt.Errorf("notes of an order: %w", err)
	}
	for _, text := range texts {
		note, err := reason.FromText(text, "")
		if err != nil {
			return fmt.Errorf("a note of an order: %w", err)
		}
		s.Notes = append(s.Notes, note)
	}
	return nil
}
