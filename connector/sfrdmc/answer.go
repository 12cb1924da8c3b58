package sfrdmc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"relais/connector"
	"relais/sms"
)

// reply is an answer that can be read: a value, or a refusal.
type reply struct {
	value   json.RawMessage // nil when DMC gives none
	refusal *refusal
}

// refusal is DMC's no. Of one message it says that it is not taken (inferred: no
// source shows one that was); of several, see ofBatch.
type refusal struct {
	code          string
	detail        string
	invalidParams bool // observed; also set for a wrong space (SFR online help)
}

// valueOf reads an answer. DMC documents status 200 only, for refusals too;
// what we make of the others is inferred.
func (i *instance) valueOf(answer connector.Answer, messages []sms.Message) (json.RawMessage, error) {
	switch {
	case answer.Status == http.StatusTooManyRequests:
		wait := connector.ParseRetryAfter(answer.Header, i.env.Now())
		return nil, &connector.Error{Fault: connector.Throttled, Detail: "status 429", RetryAfter: wait}
	case answer.Status == http.StatusNotFound:
		// The server has no such page, so no method ran.
		return nil, &connector.Error{
			Fault: connector.Blocked, Detail: "status 404: check base_url and version",
		}
	case answer.Status >= http.StatusInternalServerError:
		return nil, fmt.Errorf("status %d", answer.Status)
	}
	got, err := parseReply(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("status %d, %d bytes: %w", answer.Status, len(answer.Body), err)
	}
	if got.refusal != nil {
		return nil, i.refused(*got.refusal, messages)
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("success with status %d", answer.Status)
	}
	return got.value, nil
}

// errUnreadable does not repeat the answer, which may hold what we sent.
var errUnreadable = errors.New("the answer is neither JSON with a success flag nor KO")

// parseReply reads the envelope (DMC developer guide v1.7, 1.1.6.5, and
// observed), or the KO of the textual methods, which a client must expect
// anywhere (observed). It goes by the content, because no source tells the
// Content-Type.
func parseReply(body []byte) (reply, error) {
	body = bytes.TrimSpace(body)
	if refused, ok := parseKO(string(body)); ok {
		return reply{refusal: &refused}, nil
	}
	var envelope struct {
		Success       *bool           `json:"success"`
		Response      json.RawMessage `json:"response"`
		ErrorCode     scalar          `json:"errorCode"`
		ErrorDetail   scalar          `json:"errorDetail"`
		InvalidParams scalar          `json:"invalidParams"`
	}
	if json.Unmarshal(body, &envelope) != nil || envelope.Success == nil {
		return reply{}, errUnreadable
	}
	if *envelope.Success {
		return reply{value: envelope.Response}, nil
	}
	return reply{refusal: &refusal{
		code:          string(envelope.ErrorCode),
		detail:        string(envelope.ErrorDetail),
		invalidParams: envelope.InvalidParams == "true",
	}}, nil
}

// parseKO reads KO, KO<reason> and KO<code:{detail}>.
func parseKO(text string) (refusal, bool) {
	if text == "KO" {
		return refusal{}, true
	}
	inside, opened := strings.CutPrefix(text, "KO<")
	inside, closed := strings.CutSuffix(inside, ">")
	if !opened || !closed {
		return refusal{}, false
	}
	code, rest, _ := strings.Cut(inside, ":{")
	detail := strings.TrimSuffix(rest, "}")
	if detail == "null" {
		detail = ""
	}
	return refusal{code: code, detail: detail}, true
}

// scalar is a JSON string, number or boolean, as text. Types of answers are
// little documented, and one that surprises must not hide a refusal. Anything
// else is empty.
type scalar string

// UnmarshalJSON never fails.
func (s *scalar) UnmarshalJSON(b []byte) error {
	var text string
	switch {
	case json.Unmarshal(b, &text) == nil: // null too, which leaves it empty
		*s = scalar(text)
	case b[0] != '{' && b[0] != '[':
		*s = scalar(b)
	default:
		*s = ""
	}
	return nil
}
