package usage

import (
	"encoding/csv"
	"io"
	"strconv"

	"relais/plaintext"
)

// head is the first line of an export.
var head = []string{
	"month", "account", "key", "class", "connector",
	"messages", "sent", "segments", "price", "currency", "without_price", "in_doubt",
}

// Write writes rows as CSV (RFC 4180), with commas and with points in amounts,
// whatever the language of the machine.
func Write(w io.Writer, rows []Row, currency string) error {
	out := csv.NewWriter(w)
	if err := out.Write(head); err != nil {
		return err
	}
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	for i := range rows {
		u := &rows[i]
		if err := out.Write([]string{
			u.Month.Format(monthForm), plaintext.ForSpreadsheet(u.Account), plaintext.ForSpreadsheet(string(u.Key)), string(u.Class),
			plaintext.ForSpreadsheet(u.Connector),
			count(u.Messages), count(u.Sent), count(u.Segments), u.Price.String(), currency,
			count(u.WithoutPrice), count(u.InDoubt),
		}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
