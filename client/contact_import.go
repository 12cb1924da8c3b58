package client

import (
	"context"
	"io"
	"net/http"
	"time"
)

// ContactImport is what a table of contacts did, or would do.
type ContactImport struct {
	Check     string             `json:"check"`   // names everything that would happen
	Applied   bool               `json:"applied"` // false: it was checked
	Added     int                `json:"added"`
	Changed   int                `json:"changed"`
	Unchanged int                `json:"unchanged"`
	Refused   int                `json:"refused"`
	Consents  int                `json:"consents"` // that are new
	Skipped   []ListSkipped      `json:"skipped"`  // why rows are refused
	Rows      []ContactImportRow `json:"rows"`     // the first ones that are added, changed or refused, 100 of each
}

// ContactImportRow is what becomes of a row of a table of contacts.
type ContactImportRow struct {
	Row     int    `json:"row"`              // as the spreadsheet counts
	Number  string `json:"number,omitempty"` // empty: it is refused
	Outcome string `json:"outcome"`          // added, changed or refused
	Detail  string `json:"detail,omitempty"` // why it is refused
}

// ImportOptions say what a table of contacts is to do.
type ImportOptions struct {
	TableOptions // the number tells people apart: Key is not used

	Groups      []string  // ids of groups that everybody comes into
	Purpose     string    // what everybody agreed to; empty: nothing
	Source      string    // where they agreed
	Proof       string    // the words that were shown, or where they are kept
	GivenAt     time.Time // when they agreed; zero: now
	GivenColumn string    // with the day on which each agreed; who has none there did not agree
}

func (o *ImportOptions) query(check string) string {
	o.Key = ""
	q := o.values()
	for name, value := range map[string]string{
		"check": check, "purpose": o.Purpose, "source": o.Source, "proof": o.Proof, "given_column": o.GivenColumn,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for _, id := range o.Groups {
		q.Add("group", id)
	}
	if !o.GivenAt.IsZero() {
		q.Set("given_at", o.GivenAt.Format(time.RFC3339Nano))
	}
	return queryOf(q)
}

// ImportContacts reads a table of contacts and tells what it would do. With the check of that answer
// it does it; when the table or a contact is another one by then, the error is a *Problem with the code
// contact_import_outdated.
func (c contacts) ImportContacts(ctx context.Context, o ImportOptions, check string, file io.Reader) (*ContactImport, error) {
	return ask[ContactImport](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/contacts/import" + o.query(check), stream: file,
	})
}
