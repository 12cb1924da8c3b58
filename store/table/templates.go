package table

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"relais/auth"
	"relais/sms"
	"relais/template"
)

// templates implements template.Store. A version is written once; what changes is which of
// them is the present one.
type templates struct{ *runner }

const (
	selectTemplates = `SELECT t.account, t.id, v.version, t.version, v.name, v.folder, v.text, v.class, v.sender,
			v.circle, v.answer, v.made_at, v.made_by, t.archived_at, t.uses, t.used_at
		FROM templates t JOIN template_versions v ON v.account = t.account AND v.id = t.id `
	presentTemplates = selectTemplates + `WHERE t.account = $1 AND v.version = t.version
			AND (t.archived_at <> 0) = $2 ORDER BY v.folder, t.name_key`
	presentTemplate = selectTemplates + "WHERE t.account = $1 AND t.id = $2 AND v.version = t.version"
	templateVersion = selectTemplates + "WHERE t.account = $1 AND t.id = $2 AND v.version = $3"
	templateBelow   = selectTemplates + `WHERE t.account = $1 AND t.id = $2 AND ($3 = 0 OR v.version < $3)
			ORDER BY v.version DESC LIMIT $4`
	insertVersion = `INSERT INTO template_versions (account, id, version, name, folder, text, class, sender,
			circle, answer, made_at, made_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
)

func scanTemplate(scan Scan) (t template.Template, err error) {
	return t, scan(&t.Account, &t.ID, &t.Version, &t.Latest, &t.Name, &t.Folder, &t.Text, &t.Class, &t.Sender,
		&t.Circle, &t.Answer, &t.MadeAt, &t.MadeBy, &t.ArchivedAt, &t.Uses, &t.UsedAt)
}

// Templates implements template.Store.
func (t templates) Templates(ctx context.Context, account string, archived bool) ([]template.Template, error) {
	found, err := list(t.on(ctx), scanTemplate, presentTemplates, account, archived)
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	return found, nil
}

// Template implements template.Store.
func (t templates) Template(
	ctx context.Context, account string, id sms.ID, version int,
) (template.Template, error) {
	if version == 0 {
		return t.on(ctx).template(presentTemplate, account, id)
	}
	return t.on(ctx).template(templateVersion, account, id, version)
}

func (r runs) template(statement string, args ...any) (template.Template, error) {
	found, known, err := first(r, scanTemplate, statement, args...)
	if err != nil {
		return found, fmt.Errorf("read a template: %w", err)
	}
	if !known {
		return found, template.ErrUnknown
	}
	return found, nil
}

// TemplateVersions implements template.Store.
func (t templates) TemplateVersions(
	ctx context.Context, account string, id sms.ID, below, limit int,
) ([]template.Template, error) {
	found, err := list(t.on(ctx), scanTemplate, templateBelow, account, id, below, limit)
	if err != nil {
		return nil, fmt.Errorf("read versions of a template: %w", err)
	}
	return found, nil
}

// AddTemplate implements template.Store.
func (t templates) AddTemplate(ctx context.Context, add template.Template, key string) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.freeName(&add, key); err != nil {
			return err
		}
		var have int
		if _, err := tx.read("SELECT count(*) FROM templates WHERE account = $1", []any{add.Account},
			&have); err != nil {
			return fmt.Errorf("count templates: %w", err)
		}
		if have >= template.MaxTemplates {
			return template.ErrTooMany
		}
		err := tx.do(`INSERT INTO templates (account, id, name_key, version, archived_at, uses, used_at)
			VALUES ($1, $2, $3, $4, 0, 0, 0)`, add.Account, add.ID, key, add.Version)
		if err != nil {
			return fmt.Errorf("add a template: %w", err)
		}
		if err := tx.addVersion(&add); err != nil {
			return err
		}
		return tx.did(ctx, add.Account, auth.TemplateMade, add.ID.String(), "")
	})
}

// freeName returns ErrNameTaken where another template has a name. Behind it no other one
// can take it before the transaction has ended.
func (r runs) freeName(t *template.Template, key string) error {
	if err := r.conn.Lock("templates " + t.Account); err != nil {
		return err
	}
	var some bool
	taken, err := r.read("SELECT true FROM templates WHERE account = $1 AND name_key = $2 AND id <> $3",
		[]any{t.Account, key, t.ID}, &some)
	if err != nil {
		return fmt.Errorf("look for the name of a template: %w", err)
	}
	if taken {
		return template.ErrNameTaken
	}
	return nil
}

func (r runs) addVersion(t *template.Template) error {
	err := r.do(insertVersion, t.Account, t.ID, t.Version, t.Name, t.Folder, t.Text, t.Class, t.Sender, t.Circle,
		t.Answer, t.MadeAt, t.MadeBy)
	if err != nil {
		return fmt.Errorf("keep a version of a template: %w", err)
	}
	return nil
}

// ChangeTemplate implements template.Store.
func (t templates) ChangeTemplate(ctx context.Context, next template.Template, key string) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.freeName(&next, key); err != nil {
			return err
		}
		before, err := tx.template(presentTemplate, next.Account, next.ID)
		if err != nil {
			return err
		}
		changed, err := tx.exec(`UPDATE templates SET version = $1, name_key = $2
			WHERE account = $3 AND id = $4 AND version = $5`,
			next.Version, key, next.Account, next.ID, next.Version-1)
		if err != nil {
			return fmt.Errorf("change a template: %w", err)
		}
		if changed == 0 {
			return template.ErrOutdated
		}
		if err := tx.addVersion(&next); err != nil {
			return err
		}
		return tx.changed(ctx, next.Account, auth.TemplateChanged, next.ID.String(), strconv.Itoa(next.Version),
			templateEdits(&before.Content, &next.Content))
	})
}

// templateEdits are the fields of a template that a version changed. The text itself stands
// in the versions.
func templateEdits(before, after *template.Content) (all auth.Edits) {
	one := func(field, before, after string) { all.Note(field, []string{before}, []string{after}) }
	one("name", before.Name, after.Name)
	one("folder", before.Folder, after.Folder)
	all.NoteHidden("text", before.Text, after.Text)
	one("class", string(before.Class), string(after.Class))
	one("sender", string(before.Sender), string(after.Sender))
	one("circle", string(before.Circle), string(after.Circle))
	one("answer", yesOrNo(before.Answer), yesOrNo(after.Answer))
	return all
}

func yesOrNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// ArchiveTemplate implements template.Store.
func (t templates) ArchiveTemplate(
	ctx context.Context, account string, id sms.ID, at time.Time, key string,
) error {
	return t.transact(ctx, func(tx runs) error {
		if err := tx.freeName(&template.Template{Account: account, ID: id}, key); err != nil {
			return err
		}
		before, err := tx.template(presentTemplate, account, id)
		if err != nil {
			return err
		}
		const move = "UPDATE templates SET archived_at = $1, name_key = $2 WHERE account = $3 AND id = $4"
		if err := tx.do(move, at, key, account, id); err != nil {
			return fmt.Errorf("put a template away: %w", err)
		}
		act := auth.TemplateArchived
		if at.IsZero() {
			act = auth.TemplateRestored
		}
		if before.ArchivedAt.IsZero() == at.IsZero() {
			return nil // it was there already
		}
		return tx.did(ctx, account, act, id.String(), "")
	})
}
