package console

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/reason"
	"relais/sheet"
	"relais/sms"
)

// The steps in which a campaign is written.
const (
	stepText       = "text"
	stepRecipients = "recipients"
	stepColumns    = "columns"
	stepCheck      = "check"
	stepOptions    = "options"
	stepSummary    = "summary"
)

var campaignSteps = []string{stepText, stepRecipients, stepColumns, stepCheck, stepOptions, stepSummary}

// campaignStep is a step of the wizard, as its pages list them.
type campaignStep struct {
	Number  int
	Word    string
	Path    string // empty: something is missing before it
	Current bool
}

// Steps lists the steps, those that can be opened with their addresses.
func (p *campaignFrame) Steps() (all []campaignStep) {
	for i, name := range campaignSteps {
		s := campaignStep{Number: i + 1, Word: p.say("campaigns_step_" + name), Current: name == p.Step}
		if p.opens(name) {
			s.Path = p.Path + "/" + name
		}
		all = append(all, s)
	}
	return all
}

// opens reports whether a step has what it needs.
func (p *campaignFrame) opens(name string) bool {
	c := &p.Campaign
	switch name {
	case stepText, stepRecipients:
		return !c.ID.IsZero()
	case stepSummary:
		return c.Status == ledger.Ready || c.Status == ledger.Checking
	}
	return c.File.SHA256 != ""
}

// StepCount is how many steps there are.
func (p *campaignFrame) StepCount() int { return len(campaignSteps) }

// StepNumber is the place of the step, from 1.
func (p *campaignFrame) StepNumber() int { return slices.Index(campaignSteps, p.Step) + 1 }

// StepWord is how the step is called.
func (p *campaignFrame) StepWord() string { return p.say("campaigns_step_" + p.Step) }

// atStep is the frame of a step of the campaign in the path. Where the campaign is no
// draft any more, or the step lacks something, elsewhere is where to go.
func (q *request) atStep(name string) (f campaignFrame, elsewhere answer, err error) {
	c, err := q.ofCampaign()
	if err != nil {
		return f, nil, err
	}
	f = campaignFrame{frame: *q.frame(), Campaign: c, Path: campaignPath(c.ID), Step: name}
	switch {
	case !c.Status.Editable():
		return f, redirect{to: f.Path}, nil
	case !f.opens(name) && name == stepSummary:
		return f, redirect{to: f.Path + "/" + stepCheck}, nil
	case !f.opens(name):
		return f, redirect{to: f.Path + "/" + stepRecipients}, nil
	}
	return f, nil, nil
}

// change keeps what a form changed of a campaign: nothing where it is as it was.
func (p *campaignFrame) change(q *request, c ledger.Content) error {
	seen, err := strconv.Atoi(q.field("version"))
	if err != nil {
		return &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	if c == p.Campaign.Content && seen == p.Campaign.Version {
		return nil // its check stands
	}
	changed, err := q.console.Campaigns.Change(withoutCancel(q), q.account, p.Campaign.ID, seen, c, q.actor())
	if err == nil {
		p.Campaign = changed
	}
	return err
}

// fieldsOfCampaign are the fields of forms by those of a campaign.
var fieldsOfCampaign = map[string]string{
	"/name": "name", "/text": "text", "/class": "class", "/sender": "sender", "/connector": "connector",
	"/start_at": "when", "/file": "file", "/list": "list", "/options/column": "column", "/options/header_row": "header_row",
	"/options/reference": "reference", "/options/duplicates": "duplicates", "/options/segments": "segments",
	"/options/sheet": "sheet", "/options/encoding": "encoding", "/options/separator": "separator",
	"/options/rate": "rate", "/options/end_by": "end", "/options/hours": "hours", "/options/days": "days",
}

// campaignForm is a step with a form.
type campaignForm interface {
	framed
	of() *campaignFrame
}

func (p *campaignFrame) of() *campaignFrame { return p }

// refusedStep shows a form again, with what was typed and what is wrong.
func refusedStep(q *request, name string, p campaignForm, err error, field string) (answer, error) {
	f := p.of()
	if hasMoved(err) {
		return redirect{f.Path, "campaign_moved"}, nil
	}
	status := f.refusedCampaign(q, err, fieldsOfCampaign, field)
	if status == 0 {
		return nil, campaignError(err)
	}
	return view{name, p, status}, nil
}

// campaignTextPage is the first step: what is sent, and as what.
type campaignTextPage struct {
	campaignFrame

	Draft ledger.Content
	Sight *campaign.Sight // of the file; nil: there is none
	List  string          // id of a list for which a new one is begun; empty: none
	Group string          // likewise of a group
}

// Classes are the kinds that a campaign may have.
func (p *campaignTextPage) Classes() (all []option) {
	for _, one := range []sms.Class{sms.Transactional, sms.Marketing} {
		all = append(all, option{string(one), p.class(one), one == p.Draft.Class})
	}
	return all
}

var campaignTextFields = []string{"version", "name", "text", "class", "sender"}

func showNewCampaign(q *request) (answer, error) {
	return view{name: "campaign_text", data: newCampaignPage(q)}, nil
}

func newCampaignPage(q *request) *campaignTextPage {
	return &campaignTextPage{
		campaignFrame: campaignFrame{frame: *q.frame(), Step: stepText}, List: q.URL.Query().Get("list"),
		Group: q.URL.Query().Get("group"),
	}
}

func createCampaign(q *request) (answer, error) {
	p := newCampaignPage(q)
	if err := p.read(q); err != nil {
		return nil, err
	}
	made, err := q.console.Campaigns.Create(withoutCancel(q), q.account, p.Draft, q.actor())
	if err != nil {
		return refusedStep(q, "campaign_text", p, err, "text")
	}
	to := campaignPath(made.ID) + "/" + stepRecipients
	switch {
	case p.List != "":
		to += "?list=" + escaped(p.List)
	case p.Group != "":
		to += "?group=" + escaped(p.Group)
	}
	return redirect{to: to}, nil
}

func showCampaignText(q *request) (answer, error) {
	f, elsewhere, err := q.atStep(stepText)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	p := &campaignTextPage{campaignFrame: f, Draft: f.Campaign.Content}
	p.Sight, err = f.sight()
	return view{name: "campaign_text", data: p}, err
}

func changeCampaignText(q *request) (answer, error) {
	f, elsewhere, err := q.atStep(stepText)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	p := &campaignTextPage{campaignFrame: f, Draft: f.Campaign.Content}
	if p.Sight, err = f.sight(); err != nil {
		return nil, err
	}
	if err := p.read(q); err != nil {
		return nil, err
	}
	if err := p.change(q, p.Draft); err != nil {
		return refusedStep(q, "campaign_text", p, err, "text")
	}
	return redirect{to: p.Path + "/" + stepRecipients}, nil
}

// read takes what was typed.
func (p *campaignTextPage) read(q *request) error {
	if err := q.read(campaignTextFields...); err != nil {
		return err
	}
	p.Draft.Name, p.Draft.Sender, p.Draft.Class = q.field("name"), sms.Sender(q.field("sender")), sms.Class(q.field("class"))
	p.Draft.Text = strings.ReplaceAll(q.form.Get("text"), "\r\n", "\n")
	return nil
}

// sight is what the first rows of the file look like; nil without a file.
func (p *campaignFrame) sight() (*campaign.Sight, error) {
	if len(p.Campaign.Look) == 0 {
		return nil, nil //nolint:nilnil // there is no file yet, which is no error
	}
	return campaign.ReadSight(p.Campaign.Look, p.Lang)
}

// campaignRecipientsPage is the second step: the file, a list or a group.
type campaignRecipientsPage struct {
	campaignFrame

	Lists   []option // that have somebody on them
	Groups  []option // likewise
	Purpose string   // what those of a group are to have agreed to, as typed
}

// Most is the largest file, in mebibytes.
func (p *campaignRecipientsPage) Most() int { return int(sheet.Usual.Bytes >> 20) }

// Size is that of the file, in kilobytes.
func (p *campaignRecipientsPage) Size() string {
	const kilobyte = 1000
	return p.Count((p.Campaign.File.Size + kilobyte - 1) / kilobyte)
}

// offer has the page offer lists and groups.
func (p *campaignRecipientsPage) offer(q *request) error {
	return errors.Join(p.offerLists(q), p.offerGroups(q))
}

func showCampaignRecipients(q *request) (answer, error) {
	f, elsewhere, err := q.atStep(stepRecipients)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	p := &campaignRecipientsPage{campaignFrame: f}
	return view{name: "campaign_recipients", data: p}, p.offer(q)
}

// putCampaignFile takes the file of the recipients as it arrives.
func putCampaignFile(q *request) (answer, error) {
	if err := q.mayUpload(); err != nil {
		return nil, err
	}
	f, elsewhere, err := q.atStep(stepRecipients)
	if err != nil || elsewhere != nil {
		return elsewhere, err
	}
	p := &campaignRecipientsPage{campaignFrame: f}
	if err := p.offer(q); err != nil {
		return nil, err
	}
	up, err := q.uploading("file", "version")
	switch {
	case err != nil:
		p.refuse("file", p.say("campaigns_file_none"))
		return view{"campaign_recipients", p, http.StatusUnprocessableEntity}, nil //nolint:nilerr // the page says it
	case up.other != "":
		return toAccount(q, up.other), nil
	}
	seen, err := strconv.Atoi(up.values["version"])
	if err != nil {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	_, err = q.console.Campaigns.PutFile(
		withoutCancel(q), q.account, p.Campaign.ID, seen, up.name, up.file, q.actor(),
	)
	if err != nil {
		if up.file.cut {
			err = reason.NewError(Words+"/campaigns_file_cut", nil)
		}
		return refusedStep(q, "campaign_recipients", p, err, "file")
	}
	return redirect{to: p.Path + "/" + stepColumns}, nil
}

// uploading is a form with a file that is read while it arrives: fields first.
type uploading struct {
	values map[string]string
	other  string // the account of the form, where another one is looked at now
	name   string
	file   *arriving
}

// arriving is a file while it arrives.
type arriving struct {
	part *multipart.Part
	wire *http.ResponseController
	ends time.Time
	cut  bool // it ended too early
}

// Read implements io.Reader: a file may take longer than other forms, as long as it moves.
func (a *arriving) Read(b []byte) (int, error) {
	until := time.Now().Add(uploadIdle)
	if a.ends.Before(until) {
		until = a.ends
	}
	_ = a.wire.SetReadDeadline(until) // where there is none, the server's holds
	_ = a.wire.SetWriteDeadline(until.Add(uploadIdle))
	n, err := a.part.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		a.cut = true
	}
	return n, err
}

// uploadTime is how long a file may take to arrive, uploadIdle how long it may pause.
const (
	uploadTime = 15 * time.Minute
	uploadIdle = 30 * time.Second
)

// errNoFile is of a form in which no file was chosen.
var errNoFile = errors.New("no file was chosen")

// uploading reads the fields of a form up to its file.
func (q *request) uploading(file string, fields ...string) (up uploading, err error) {
	parts, err := q.MultipartReader()
	if err != nil {
		return up, err
	}
	up.values = map[string]string{}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return up, errNoFile
		}
		name := part.FormName()
		if name == file {
			if part.FileName() == "" {
				return up, errNoFile
			}
			up.name, up.file = plainName(part), &arriving{part: part, wire: q.wire, ends: time.Now().Add(uploadTime)}
			return up, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, longestName))
		switch {
		case err != nil || name != accountField && !slices.Contains(fields, name):
			return up, errNoFile
		case name == accountField && len(value) > 0 && string(value) != q.account:
			up.other = string(value)
			return up, nil
		}
		up.values[name] = string(value)
	}
}

// plainName is the name of a file as its sender wrote it, without directories.
func plainName(part *multipart.Part) string {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return part.FileName()
	}
	name := params["filename"]
	return name[strings.LastIndexAny(name, `/\`)+1:]
}
