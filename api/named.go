package api

import (
	"net/http"
	"strconv"
	"strings"

	"relais/sms"
)

// idOf reads an id. What is none names nothing: the error is none.
func idOf(text string, none error) (sms.ID, error) {
	id, err := sms.ParseID(text)
	if err != nil {
		return sms.ID{}, none
	}
	return id, nil
}

// etag is the ETag of a version.
func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// versionOf is the version that If-Match names; 0 for *, which is whichever is present (RFC 9110,
// section 13.1.1). What is no version of ours is none that is present, and below 0.
func versionOf(ifMatch string) (int, *refusal) {
	if strings.TrimSpace(ifMatch) == "" {
		return 0, refusalOf(http.StatusPreconditionRequired, codeIfMatch).at(FieldError{Field: "If-Match"})
	}
	if strings.TrimSpace(ifMatch) == "*" {
		return 0, nil
	}
	if seen, err := strconv.Atoi(strings.Trim(strings.TrimSpace(ifMatch), `"`)); err == nil && seen > 0 {
		return seen, nil
	}
	return -1, nil
}
