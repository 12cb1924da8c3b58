package table

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"relais/auth"
	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// campaigns implements ledger.Store. Whoever changes a campaign or its rows locks the row of
// the campaign first, so that the counts in it are those of the rows.
type campaigns struct{ *runner }

// forgetParts takes away what a dropped campaign has, and the campaign last.
var forgetParts = []string{dropChunks, dropRows, dropEvents, dropWhole}

const (
	campaignColumns = `account, id, version, name, text, class, sender, connector, start_at, options, status, why,
	problem, created_at, created_by, started_at, started_by, ended_at, upload, file_name, file_sha256, file_size,
	file_chunks, check_hash, checked_at, read_done, read_total, events, waiting, taken, skipped, canceled,
	delivered, undelivered, expired, rejected, withdrawn, segments, price, watch, saw,
	waiting_for, authors, approved_by, approved_at`
	selectCampaign = "SELECT " + campaignColumns + ", look, report FROM campaigns" +
		" WHERE account = $1 AND id = $2 AND status <> 'dropped'"
	lockCampaign   = selectCampaign + " FOR UPDATE"
	selectInStatus = "SELECT " + campaignColumns + ", '', '' FROM campaigns WHERE status = $1 ORDER BY account, id"
	insertCampaign = `INSERT INTO campaigns (account, id, version, name, text, class, sender, connector, start_at,
			options, status, why, problem, created_at, created_by, started_at, started_by, ended_at, upload, file_name,
			file_sha256, file_size, file_chunks, look, check_hash, report, checked_at, read_done, read_total, fence,
			events, waiting, taken, skipped, canceled, delivered, undelivered, expired, rejected, withdrawn, segments,
			price, watch, saw, waiting_for, authors, approved_by, approved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', $12, $13, 0, '', 0, $14, '', '', 0, 0, '', '',
			'', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', '', '', '', '', 0)`
	updateContent = `UPDATE campaigns SET version = $1, name = $2, text = $3, class = $4, sender = $5,
			connector = $6, start_at = $7, options = $8, status = $9, why = '', saw = '', problem = '', upload = $10,
			file_name = $11, file_sha256 = $12, file_size = $13, file_chunks = $14, look = $15, check_hash = '',
			report = '', checked_at = 0, read_done = 0, read_total = 0, started_by = '', approved_by = '',
			approved_at = 0, authors = $16
		WHERE account = $17 AND id = $18`
	updateStatus = `UPDATE campaigns SET status = $1, why = $2, saw = $3, start_at = $4, started_at = $5,
			started_by = $6, ended_at = $7, watch = $8, approved_by = $9, approved_at = $10, waiting_for = ''
		WHERE account = $11 AND id = $12`
	// unapproved takes away what was checked: nothing of it is sent.
	unapproved = `UPDATE campaigns SET version = $1, check_hash = '', report = '', checked_at = 0
		WHERE account = $2 AND id = $3`
	countEvent = `UPDATE campaigns SET events = events + 1, touched_at = greatest(touched_at, $3)
		WHERE account = $1 AND id = $2`
	// touch says that somebody was at a campaign, and that there may be a file and rows.
	touch = `UPDATE campaigns SET touched_at = greatest(touched_at, $3), contents_kept = 1, numbers_kept = 1
		WHERE account = $1 AND id = $2`
	insertEvent = `INSERT INTO campaign_events (account, campaign, n, at, actor, status, why, saw)
		SELECT account, id, events, $3::bigint, $4::text, $5::text, $6::text, $7::text FROM campaigns
		WHERE account = $1 AND id = $2`
	selectEvents = `SELECT at, actor, status, why, saw FROM campaign_events WHERE account = $1 AND campaign = $2
		ORDER BY n`

	insertChunk = `INSERT INTO campaign_chunks (account, campaign, upload, n, sealed) VALUES ($1, $2, $3, $4, $5)`
	selectChunk = `SELECT sealed FROM campaign_chunks
		WHERE account = $1 AND campaign = $2 AND upload = $3 AND n = $4`
	dropUpload = "DELETE FROM campaign_chunks WHERE account = $1 AND campaign = $2 AND upload = $3"
	dropChunks = `DELETE FROM campaign_chunks WHERE account = $1 AND campaign = $2 AND (upload, n) IN (
		SELECT upload, n FROM campaign_chunks WHERE account = $1 AND campaign = $2 LIMIT $3 / 20)
		AND EXISTS (SELECT 1 FROM campaigns WHERE account = $1 AND id = $2 AND status = 'dropped')`
	dropRows = `DELETE FROM campaign_rows WHERE account = $1 AND campaign = $2 AND line IN (
		SELECT line FROM campaign_rows WHERE account = $1 AND campaign = $2 ORDER BY line LIMIT $3)
		AND EXISTS (SELECT 1 FROM campaigns WHERE account = $1 AND id = $2 AND status = 'dropped')`
	dropEvents = `DELETE FROM campaign_events WHERE account = $1 AND campaign = $2 AND n <= $3
		AND EXISTS (SELECT 1 FROM campaigns WHERE account = $1 AND id = $2 AND status = 'dropped')`
	dropWhole = "DELETE FROM campaigns WHERE account = $1 AND id = $2 AND status = 'dropped' AND $3 > 0"

	dropOtherUploads = "DELETE FROM campaign_chunks WHERE account = $1 AND campaign = $2 AND upload <> $3"
)

func scanCampaign(scan Scan) (c ledger.Campaign, err error) {
	var options, problem, look, report, watch, saw, authors string
	n := &c.Counts
	err = scan(&c.Account, &c.ID, &c.Version, &c.Name, &c.Text, &c.Class, &c.Sender, &c.Connector, &c.StartAt,
		&options, &c.Status, &c.Why, &problem, &c.CreatedAt, &c.CreatedBy, &c.StartedAt, &c.StartedBy, &c.EndedAt,
		&c.File.Upload, &c.File.Name, &c.File.SHA256, &c.File.Size, &c.File.Chunks, &c.Check, &c.CheckedAt,
		&c.Progress.Done, &c.Progress.Total, &c.Events, &n.Waiting, &n.Taken, &n.Skipped, &n.Canceled,
		&n.Ended.Delivered, &n.Ended.Undelivered, &n.Ended.Expired, &n.Ended.Rejected, &n.Ended.Canceled,
		&n.Ended.Segments, &n.Ended.Price, &watch, &saw, &c.WaitingFor, &authors,
		&c.ApprovedBy, &c.ApprovedAt, &look, &report)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(options), &c.Options); err != nil {
		return c, fmt.Errorf("options: %w", err)
	}
	if authors != "" {
		if err := json.Unmarshal([]byte(authors), &c.Authors); err != nil {
			return c, fmt.Errorf("authors: %w", err)
		}
	}
	if look != "" {
		c.Look = json.RawMessage(look)
	}
	if report != "" {
		c.Report = json.RawMessage(report)
	}
	if c.Watch, err = watchFrom(watch); err != nil {
		return c, err
	}
	if c.Saw, err = reason.FromText(saw, ""); err != nil {
		return c, err
	}
	c.Problem, err = reason.FromText(problem, "")
	return c, err
}

// AddCampaign implements ledger.Drafts.
func (t campaigns) AddCampaign(ctx context.Context, c ledger.Campaign) error {
	return t.transact(ctx, func(tx runs) error { return tx.addDraft(ctx, &c) })
}

func (r runs) addDraft(ctx context.Context, c *ledger.Campaign) error {
	options, err := json.Marshal(c.Options)
	if err != nil {
		return fmt.Errorf("options: %w", err)
	}
	err = r.do(insertCampaign, c.Account, c.ID, c.Version, c.Name, c.Text, c.Class, c.Sender, c.Connector,
		c.StartAt, string(options), c.Status, c.CreatedAt, c.CreatedBy, sms.ID{})
	if err != nil {
		return fmt.Errorf("keep a campaign: %w", err)
	}
	if err := r.note(c, ledger.Mark{At: c.CreatedAt, By: c.CreatedBy}); err != nil {
		return err
	}
	return r.did(ctx, c.Account, auth.CampaignMade, c.ID.String(), "")
}

// AddRunning implements ledger.Drafts.
func (t campaigns) AddRunning(ctx context.Context, c ledger.Campaign, rows []ledger.Row) error {
	waiting, lists, err := rowLists(c.Account, c.ID, rows)
	if err != nil {
		return err
	}
	by := ledger.Mark{At: c.CreatedAt, By: c.CreatedBy}
	return t.transact(ctx, func(tx runs) error {
		c.Status, c.Counts = ledger.Running, ledger.Counts{Waiting: waiting, Skipped: len(rows) - waiting}
		if err := tx.addDraft(ctx, &c); err != nil {
			return err
		}
		const setOff = `UPDATE campaigns SET started_at = $1, started_by = $2, waiting = $3, skipped = $4
			WHERE account = $5 AND id = $6`
		if err := tx.do(setOff, by.At, by.By, waiting, c.Counts.Skipped, c.Account, c.ID); err != nil {
			return fmt.Errorf("start a campaign: %w", err)
		}
		if err := tx.do(touch, c.Account, c.ID, by.At); err != nil {
			return fmt.Errorf("touch a campaign: %w", err)
		}
		if err := tx.addRows(lists); err != nil {
			return err
		}
		return tx.tellMoved(ledger.Ready, &c, by)
	})
}

// note writes a line of the timeline of a campaign, which is as it is now.
func (r runs) note(c *ledger.Campaign, by ledger.Mark) error {
	if err := r.do(countEvent, c.Account, c.ID, by.At); err != nil {
		return fmt.Errorf("count events of a campaign: %w", err)
	}
	if err := r.do(insertEvent, c.Account, c.ID, by.At, by.By, c.Status, c.Why, c.Saw.Text()); err != nil {
		return fmt.Errorf("keep an event of a campaign: %w", err)
	}
	return nil
}

// Campaign implements ledger.Drafts.
func (t campaigns) Campaign(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error) {
	r := t.on(ctx)
	c, err := r.campaign(selectCampaign, account, id)
	if err != nil {
		return c, err
	}
	return c, r.findMakers(account, &c)
}

func (r runs) campaign(statement string, account string, id sms.ID) (ledger.Campaign, error) {
	c, known, err := first(r, scanCampaign, statement, account, id)
	if err != nil {
		return c, fmt.Errorf("read a campaign: %w", err)
	}
	if !known {
		return c, ledger.ErrUnknown
	}
	return c, nil
}

// Campaigns implements ledger.Drafts.
func (t campaigns) Campaigns(
	ctx context.Context, q ledger.Query,
) (found []ledger.Campaign, more bool, err error) {
	r := t.on(ctx)
	statement, args := campaignsQuery(q)
	if found, err = list(r, scanCampaign, statement, args...); err != nil {
		return nil, false, fmt.Errorf("read campaigns: %w", err)
	}
	found, more = page(found, q.Limit)
	each := make([]*ledger.Campaign, len(found))
	for i := range found {
		each[i] = &found[i]
	}
	return found, more, r.findMakers(q.Account, each...)
}

func campaignsQuery(q ledger.Query) (statement string, args []any) {
	f := &filter{}
	f.add("account = ?", q.Account)
	if q.Status != "" {
		f.add("status = ?", q.Status)
	} else {
		f.add("status <> 'dropped'")
	}
	if !q.Before.IsZero() {
		f.add("id < ?", q.Before)
	}
	return "SELECT " + campaignColumns + ", '', '' FROM campaigns " + f.where() + f.newest(q.Limit), f.args
}

// ChangeCampaign implements ledger.Drafts.
func (t campaigns) ChangeCampaign(
	ctx context.Context, account string, id sms.ID, seen int, content ledger.Content, by ledger.Mark,
) (c ledger.Campaign, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if c, err = tx.editable(account, id, seen); err != nil {
			return err
		}
		c.Content = content
		return tx.edited(ctx, &c, by, auth.CampaignChanged)
	})
	return c, err
}

// editable locks a campaign that somebody edits.
func (r runs) editable(account string, id sms.ID, seen int) (ledger.Campaign, error) {
	c, err := r.campaign(lockCampaign, account, id)
	switch {
	case err != nil:
		return c, err
	case !c.Status.Editable():
		return c, ledger.ErrStatus
	case c.Version != seen:
		return c, ledger.ErrOutdated
	}
	return c, nil
}

// edited keeps what somebody wrote. What was checked is no longer so.
func (r runs) edited(ctx context.Context, c *ledger.Campaign, by ledger.Mark, act auth.ActCode) error {
	options, err := json.Marshal(c.Options)
	if err != nil {
		return fmt.Errorf("options: %w", err)
	}
	was := c.Status
	c.Version++
	c.Status, c.Why, c.Problem, c.Check, c.Report = ledger.Draft, "", reason.Reason{}, "", nil
	c.Saw = reason.Reason{}
	c.Progress = ledger.Progress{}
	c.StartedBy, c.ApprovedBy, c.ApprovedAt = "", "", time.Time{}
	authors, err := authorsWith(c, by.By)
	if err != nil {
		return err
	}
	err = r.do(updateContent, c.Version, c.Name, c.Text, c.Class, c.Sender, c.Connector, c.StartAt, string(options),
		c.Status, c.File.Upload, c.File.Name, c.File.SHA256, c.File.Size, c.File.Chunks, string(c.Look), authors,
		c.Account, c.ID)
	if err != nil {
		return fmt.Errorf("change a campaign: %w", err)
	}
	if err := r.do(touch, c.Account, c.ID, by.At); err != nil {
		return fmt.Errorf("touch a campaign: %w", err)
	}
	if was != ledger.Draft {
		if err := r.note(c, by); err != nil {
			return err
		}
		c.Events++
	}
	return r.did(ctx, c.Account, act, c.ID.String(), "")
}

// authorsWith adds somebody to those who wrote a campaign, and returns them as they are stored.
func authorsWith(c *ledger.Campaign, by sms.Actor) (string, error) {
	if by != c.CreatedBy && !slices.Contains(c.Authors, by) {
		c.Authors = append(c.Authors, by)
	}
	if len(c.Authors) == 0 {
		return "", nil
	}
	text, err := json.Marshal(c.Authors)
	if err != nil {
		return "", fmt.Errorf("authors: %w", err)
	}
	return string(text), nil
}

// DropCampaign implements ledger.Drafts.
func (t campaigns) DropCampaign(ctx context.Context, account string, id sms.ID) error {
	return t.transact(ctx, func(tx runs) error {
		c, err := tx.campaign(lockCampaign, account, id)
		if err != nil {
			return err
		}
		if !c.Status.Editable() || c.Status.Started() {
			return ledger.ErrStatus
		}
		const drop = "UPDATE campaigns SET status = $1, request_key = '' WHERE account = $2 AND id = $3"
		if err := tx.do(drop, ledger.Dropped, account, id); err != nil {
			return fmt.Errorf("drop a campaign: %w", err)
		}
		return tx.did(ctx, account, auth.CampaignDropped, id.String(), "")
	})
}

// ForgetCampaign implements ledger.Drafts.
func (t campaigns) ForgetCampaign(ctx context.Context, account string, id sms.ID) (gone bool, err error) {
	const some = 2000
	err = t.transact(ctx, func(tx runs) error {
		for _, part := range forgetParts {
			n, err := tx.exec(part, account, id, some)
			if err != nil {
				return fmt.Errorf("forget a campaign: %w", err)
			}
			if n > 0 {
				return nil
			}
		}
		gone = true
		return nil
	})
	return gone, err
}

// CampaignEvents implements ledger.Drafts.
func (t campaigns) CampaignEvents(ctx context.Context, account string, id sms.ID) ([]ledger.Event, error) {
	scan := func(scan Scan) (e ledger.Event, err error) {
		var saw string
		if err := scan(&e.At, &e.Actor, &e.Status, &e.Why, &saw); err != nil {
			return e, err
		}
		e.Saw, err = reason.FromText(saw, "")
		return e, err
	}
	found, err := list(t.on(ctx), scan, selectEvents, account, id)
	if err != nil {
		return nil, fmt.Errorf("read the timeline of a campaign: %w", err)
	}
	return found, nil
}

// MoveCampaign implements ledger.Steps.
func (t campaigns) MoveCampaign(
	ctx context.Context, account string, id sms.ID, m ledger.Move,
) (c ledger.Campaign, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if err := tx.onceIn(account, id, m.SentSince); err != nil {
			return err
		}
		var joins series
		if m.To == ledger.Running {
			if joins, err = tx.lockSeries(account, id); err != nil {
				return err
			}
		}
		if c, err = tx.campaign(lockCampaign, account, id); err != nil {
			return err
		}
		if err := tx.mayMove(&c, &m); err != nil {
			return err
		}
		from, act := c.Status, actOf(c.Status, m.To)
		c.Status, c.Why, c.Saw, c.WaitingFor = m.To, m.Why, m.Saw, ""
		if from == ledger.Paused { // guards count anew
			c.Watch = ledger.Watch{Since: m.At}
		}
		watch, err := textOf(c.Watch)
		if err != nil {
			return err
		}
		begin(&c, from, &m)
		err = tx.do(updateStatus, c.Status, c.Why, c.Saw.Text(), c.StartAt, c.StartedAt, c.StartedBy, c.EndedAt, watch,
			c.ApprovedBy, c.ApprovedAt, account, id)
		if err != nil {
			return fmt.Errorf("move a campaign: %w", err)
		}
		seen := c.Check
		if from == ledger.Awaiting && m.To == ledger.Draft {
			c.Version, c.Check, c.Report, c.CheckedAt = c.Version+1, "", nil, time.Time{}
			if err := tx.do(unapproved, c.Version, account, id); err != nil {
				return fmt.Errorf("take away the check of a campaign: %w", err)
			}
		}
		if (from == ledger.Ready || from == ledger.Awaiting) && m.To == ledger.Running && c.Options.Appointments.Any() {
			if err := tx.join(&c, joins, m.At); err != nil {
				return fmt.Errorf("take over reminders: %w", err)
			}
		}
		if err := tx.note(&c, m.Mark); err != nil {
			return err
		}
		c.Events++
		if err := tx.tellMoved(from, &c, m.Mark); err != nil {
			return err
		}
		switch act {
		case "":
			return nil
		case auth.CampaignApproved, auth.CampaignRefused:
			return tx.did(ctx, account, act, id.String(), seen)
		default:
			return tx.did(ctx, account, act, id.String(), string(m.Why))
		}
	})
	return c, err
}

// begin keeps who started a campaign, who agreed, and when it began and ended.
func begin(c *ledger.Campaign, from ledger.Status, m *ledger.Move) {
	asked := from == ledger.Ready
	switch {
	case asked && (m.To == ledger.Awaiting || m.To == ledger.Scheduled || m.To == ledger.Running):
		c.StartedBy = m.By
	case from == ledger.Awaiting && (m.To == ledger.Scheduled || m.To == ledger.Running):
		c.ApprovedBy, c.ApprovedAt = m.By, m.At
	case m.To == ledger.Draft || m.To == ledger.Checking:
		c.StartedBy, c.ApprovedBy, c.ApprovedAt = "", "", time.Time{}
	}
	switch {
	case m.To == ledger.Scheduled, m.To == ledger.Awaiting:
		c.StartAt = m.StartAt
	case m.To == ledger.Running && c.StartedAt.IsZero():
		c.StartedAt = m.At
		if from == ledger.Paused { // its time was missed: whoever let it begin all the same
			c.StartedBy = m.By
		}
	case m.To.Final():
		c.EndedAt = m.At
	}
}

func (r runs) mayMove(c *ledger.Campaign, m *ledger.Move) error {
	switch {
	case !slices.Contains(m.From, c.Status) || !c.Status.May(m.To):
		return ledger.ErrStatus
	case m.Check != "" && m.Check != c.Check, m.Version != 0 && m.Version != c.Version:
		return ledger.ErrOutdated
	}
	if m.Second {
		if err := r.mayAgree(c, m.By); err != nil {
			return err
		}
	}
	for _, state := range m.Without {
		var some bool
		if _, err := r.read(hasState, []any{c.Account, c.ID, state}, &some); err != nil {
			return fmt.Errorf("look for rows of a campaign: %w", err)
		}
		if some {
			return ledger.ErrStatus
		}
	}
	return nil
}

// actOf is what a person does who moves a campaign.
func actOf(from, to ledger.Status) auth.ActCode {
	switch {
	case to == ledger.Checking:
		return auth.CampaignChecked
	case from == ledger.Paused && (to == ledger.Running || to == ledger.Scheduled):
		return auth.CampaignResumed
	case to == ledger.Awaiting:
		return auth.CampaignSubmitted
	case from == ledger.Awaiting && (to == ledger.Running || to == ledger.Scheduled):
		return auth.CampaignApproved
	case from == ledger.Awaiting && to == ledger.Draft:
		return auth.CampaignRefused
	case to == ledger.Running, to == ledger.Scheduled:
		return auth.CampaignStarted
	case to == ledger.Paused:
		return auth.CampaignPaused
	case to == ledger.Canceling:
		return auth.CampaignCanceled
	default:
		return ""
	}
}

// PutChunk implements ledger.Files.
func (t campaigns) PutChunk(
	ctx context.Context, account string, id, upload sms.ID, n int, sealed []byte,
) error {
	err := t.transact(ctx, func(tx runs) error {
		if n == 0 { // nobody takes the parts away while they come
			if err := tx.do(touch, account, id, upload.Time()); err != nil {
				return err
			}
		}
		return tx.do(insertChunk, account, id, upload, n, sealed)
	})
	if err != nil {
		return fmt.Errorf("keep a part of a file: %w", err)
	}
	return nil
}

// Chunk implements ledger.Files.
func (t campaigns) Chunk(ctx context.Context, account string, id, upload sms.ID, n int) (sealed []byte, err error) {
	found, err := t.on(ctx).read(selectChunk, []any{account, id, upload, n}, &sealed)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read a part of a file: %w", err)
	case !found:
		return nil, ledger.ErrUnknown
	}
	return sealed, nil
}

// PutFile implements ledger.Files.
func (t campaigns) PutFile(
	ctx context.Context, account string, id sms.ID, seen int, f ledger.File, look json.RawMessage, by ledger.Mark,
) (c ledger.Campaign, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if c, err = tx.editable(account, id, seen); err != nil {
			return err
		}
		c.Options.From.Retry, f.Retry = f.Retry, false
		c.Options.List, f.List = f.List, sms.ID{}
		c.Options.Group, f.Group = f.Group, sms.ID{}
		c.Options.Purpose, f.Purpose = f.Purpose, ""
		c.File, c.Look = f, look
		if err := tx.do(dropOtherUploads, account, id, f.Upload); err != nil {
			return fmt.Errorf("forget an earlier file: %w", err)
		}
		return tx.edited(ctx, &c, by, auth.CampaignFiled)
	})
	return c, err
}

// DropChunks implements ledger.Files.
func (t campaigns) DropChunks(ctx context.Context, account string, id, upload sms.ID) error {
	if err := t.on(ctx).do(dropUpload, account, id, upload); err != nil {
		return fmt.Errorf("forget an upload: %w", err)
	}
	return nil
}
