package console

import (
	"encoding/csv"
	"net/http"
	"strings"
	"time"

	"relais/inbox"
	"relais/plaintext"
	"relais/sms"
)

// optOutsHead is the first line of an export: what the API writes, and takes.
var optOutsHead = []string{"number", "sender", "source", "since", "provisional"}

// exportOptOuts gives the whole list as a file.
func exportOptOuts(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	if err := q.record(optOutsExported, "", ""); err != nil {
		return nil, err
	}
	return optOutsFile{}, nil
}

// optOutsFile is the list as CSV (RFC 4180), written page by page.
type optOutsFile struct{}

func (optOutsFile) write(w http.ResponseWriter, q *request) {
	const page = 1000
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="oppositions.csv"`)
	out := csv.NewWriter(w)
	out.Write(optOutsHead) //nolint:errcheck // Flush tells
	query := inbox.OptOutQuery{Account: q.account, Limit: page}
	for more := true; more; {
		var found []inbox.OptOut
		var err error
		if found, more, err = q.console.OptOuts.OptOuts(q.ctx(), query); err != nil {
			q.console.Log.Error("an export of opt-outs broke off", "error", err)
			panic(http.ErrAbortHandler) // the browser must see that it is not whole
		}
		for i := range found {
			o := &found[i]
			query.After = o.Number
			out.Write([]string{ //nolint:errcheck // Flush tells
				numberCell(o.Number), plaintext.ForSpreadsheet(string(o.Sender)), string(o.Source), o.Since.UTC().Format(time.RFC3339),
				provisional(o.Provisional),
			})
		}
		if out.Flush(); out.Error() != nil {
			return
		}
	}
}

func provisional(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

// numberCell leaves a number as it is: a plus sign and digits compute nothing.
func numberCell(n sms.Number) string {
	if digits, ok := strings.CutPrefix(string(n), "+"); ok && strings.Trim(digits, "0123456789") == "" {
		return string(n)
	}
	return plaintext.ForSpreadsheet(string(n))
}
