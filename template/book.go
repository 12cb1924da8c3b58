package template

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/merge"
	"relais/reason"
	"relais/sms"
)

// Codes of what is refused.
const (
	CodeUnknown  reason.Code = "template_unknown"
	CodeOutdated reason.Code = "template_outdated"
	CodeArchived reason.Code = "template_archived"

	codeName     reason.Code = "template_name_missing"
	codeLong     reason.Code = "template_too_long"
	codeTaken    reason.Code = "template_name_taken"
	codeTooMany  reason.Code = "templates_too_many"
	codeText     reason.Code = "template_text_missing"
	codeClass    reason.Code = "class_unknown"
	codeSender   reason.Code = "template_sender_unfit"
	codeCircle   reason.Code = "template_circle_unknown"
	codeAnswer   reason.Code = "template_answer_fields"
	codeLetter   reason.Code = "template_forbidden_character"
	codeOutdated reason.Code = "template_outdated/now"
)

// Book is the templates of all accounts.
type Book struct {
	Store Store
	Now   func() time.Time
}

// Create makes a template.
func (b *Book) Create(ctx context.Context, account string, c Content, by sms.Actor) (Template, error) {
	if err := c.check(); err != nil {
		return Template{}, err
	}
	now := b.Now()
	t := Template{
		Account: account, ID: sms.BucketOf(account).NewID(now), Content: c, Version: 1, Latest: 1,
		MadeAt: now.UTC(), MadeBy: by,
	}
	return t, explained(b.Store.AddTemplate(ctx, t, keyOf(c.Name)))
}

// Change makes the next version of a template whose present one somebody saw; 0: whichever is
// present. Where nothing changes there is none. Where somebody was faster it returns ErrOutdated.
func (b *Book) Change(
	ctx context.Context, account string, id sms.ID, seen int, c Content, by sms.Actor,
) (Template, error) {
	if err := c.check(); err != nil {
		return Template{}, err
	}
	t, err := b.Store.Template(ctx, account, id, 0)
	switch {
	case err != nil:
		return t, err
	case seen != 0 && t.Version != seen:
		return t, ErrOutdated
	case t.Content == c:
		return t, nil
	case !t.ArchivedAt.IsZero():
		return t, archived(t.Name)
	}
	t.Content, t.Version, t.Latest, t.MadeAt, t.MadeBy = c, t.Version+1, t.Version+1, b.Now().UTC(), by
	return t, explained(b.Store.ChangeTemplate(ctx, t, keyOf(c.Name)))
}

// Archive puts a template away, so that nobody uses it any more.
func (b *Book) Archive(ctx context.Context, account string, id sms.ID) error {
	return b.Store.ArchiveTemplate(ctx, account, id, b.Now().UTC(), id.String())
}

// Restore brings a template back.
func (b *Book) Restore(ctx context.Context, account string, id sms.ID) error {
	t, err := b.Store.Template(ctx, account, id, 0)
	if err != nil {
		return err
	}
	return explained(b.Store.ArchiveTemplate(ctx, account, id, time.Time{}, keyOf(t.Name)))
}

// keyOf is the same for names that people take for the same.
func keyOf(name string) string { return "=" + merge.Fold(name) }

func archived(name string) *Error {
	return &Error{reason.Of(CodeArchived, reason.Args{"name": reason.Name(name)}), "/template"}
}

// Outdated says which version is the present one.
func Outdated(latest int) reason.Reason {
	return reason.Of(codeOutdated, reason.Args{"version": reason.Count(latest)})
}

// explained says what a person can mend of an error of the store.
func explained(err error) error {
	switch {
	case errors.Is(err, ErrNameTaken):
		return &Error{reason.Of(codeTaken, nil), "/name"}
	case errors.Is(err, ErrTooMany):
		return &Error{reason.Of(codeTooMany, reason.Args{"most": reason.Count(MaxTemplates)}), ""}
	default:
		return err
	}
}

// check refuses a content that nobody could send.
func (c *Content) check() error {
	for _, part := range []func(*Content) *Error{
		checkNames, checkText, checkSender, checkChoices,
	} {
		if err := part(c); err != nil {
			return err
		}
	}
	return nil
}

func checkNames(c *Content) *Error {
	c.Name, c.Folder = strings.TrimSpace(c.Name), strings.TrimSpace(c.Folder)
	if merge.Fold(c.Name) == "" {
		return &Error{reason.Of(codeName, nil), "/name"}
	}
	for field, text := range map[string]string{"/name": c.Name, "/folder": c.Folder} {
		if utf8.RuneCountInString(text) > MaxName {
			return &Error{reason.Of(codeLong, reason.Args{"most": reason.Count(MaxName)}), field}
		}
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return &Error{reason.Of(codeLetter, nil), field}
		}
	}
	return nil
}

func checkText(c *Content) *Error {
	c.Text = strings.ReplaceAll(c.Text, "\r\n", "\n")
	switch {
	case strings.TrimSpace(c.Text) == "":
		return &Error{reason.Of(codeText, nil), "/text"}
	case utf8.RuneCountInString(c.Text) > MaxText:
		return &Error{reason.Of(codeLong, reason.Args{"most": reason.Count(MaxText)}), "/text"}
	case !utf8.ValidString(c.Text) || strings.ContainsFunc(c.Text, forbidden):
		return &Error{reason.Of(codeLetter, nil), "/text"}
	}
	text, err := merge.Parse(c.Text)
	if fault, ok := errors.AsType[*merge.Error](err); ok {
		return &Error{fault.Reason, "/text"}
	}
	if c.Answer && len(text.Fields()) > 0 {
		name := reason.Name(text.Fields()[0].Name)
		return &Error{reason.Of(codeAnswer, reason.Args{"field": name}), "/answer"}
	}
	return nil
}

// forbidden reports whether a text for a handset may not have a character.
func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

func checkSender(c *Content) *Error {
	const longest = 16 // digits of a number, with its plus sign
	most := longest
	if c.Sender.Kind() == sms.Alphanumeric {
		most = sms.MaxSenderName
	}
	if utf8.RuneCountInString(string(c.Sender)) > most || strings.ContainsFunc(string(c.Sender), unicode.IsControl) ||
		!utf8.ValidString(string(c.Sender)) {
		return &Error{reason.Of(codeSender, reason.Args{"most": reason.Count(sms.MaxSenderName)}), "/sender"}
	}
	return nil
}

func checkChoices(c *Content) *Error {
	if c.Circle == "" {
		c.Circle = Everyone
	}
	switch {
	case c.Class != "" && !c.Class.Valid():
		return &Error{reason.Of(codeClass, nil), "/class"}
	case !slices.Contains(Circles(), c.Circle):
		return &Error{reason.Of(codeCircle, nil), "/circle"}
	}
	return nil
}
