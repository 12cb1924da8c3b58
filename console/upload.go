package console

import (
	"io"
	"mime"
	"net/http"

	"relais/reason"
)

// longestName is the longest name of an account that a form brings, in bytes.
const longestName = 1 << 10

// mayUpload refuses a form that no page with a file makes.
func (q *request) mayUpload() error {
	if kind, _, err := mime.ParseMediaType(q.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return &problem{http.StatusBadRequest, reason.Of(sayFormUnreadable, nil)}
	}
	return nil
}

// upload reads a file that was chosen in a form, which has no other field but the account
// that its page was made for. other is that account where another one is looked at now;
// why says what is wrong with the file: none, large or cut.
func (q *request) upload(field string, most int) (body []byte, other string, why reason.Code) {
	parts, err := q.MultipartReader()
	if err != nil {
		return nil, "", "none"
	}
	part, err := parts.NextPart()
	if err == nil && part.FormName() == accountField {
		of, broken := io.ReadAll(io.LimitReader(part, longestName))
		if broken == nil && len(of) > 0 && string(of) != q.account {
			return nil, string(of), ""
		}
		part, err = parts.NextPart()
	}
	if err != nil || part.FormName() != field || part.FileName() == "" {
		return nil, "", "none"
	}
	body, err = io.ReadAll(io.LimitReader(part, int64(most)+1))
	switch {
	case len(body) > most:
		return nil, "", "large"
	case err != nil:
		return nil, "", "cut"
	}
	return body, "", ""
}
