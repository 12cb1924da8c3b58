package kannel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"unicode/utf8"

	"relais/auth"
	"relais/charset"
	"relais/gateway"
	"relais/internal/origin"
)

// Kamex is a fork of Kannel whose smsbox takes an object in JSON too, and a key in place
// of a user and a password (vaska94/kannel doc/openapi.yaml, documented).

// keyHeader has the key. Here it is an API key of the gateway.
const keyHeader = "X-API-Key"

// Keys admits API keys (auth.Keeper).
type Keys interface {
	Admit(ctx context.Context, secret, address string, needs auth.KeyRight) (auth.Key, error)
}

// ofJSON reads an object whose keys are the names of the query form. Its values are texts and
// whole numbers.
func ofJSON(body []byte) (*params, *answer) {
	if !utf8.Valid(body) || charset.LoneSurrogate(body) >= 0 {
		return nil, wrongJSON("it is not UTF-8, or has half of a surrogate pair")
	}
	if !json.Valid(body) || bytes.TrimLeft(body, " \t\r\n")[0] != '{' {
		return nil, wrongJSON("it is not one object")
	}
	p := &params{values: map[string]string{}, coding: undefined, missing: missingInForm, json: true}
	if refused := p.takeFields(json.NewDecoder(bytes.NewReader(body))); refused != nil {
		return nil, refused
	}
	p.fill()
	if coding, _ := p.integer("coding"); coding == binary || p.values["udh"] != "" {
		return nil, wrongJSON("octets (coding 1, udh) cannot stand in JSON, send a form")
	}
	p.charset = "UTF-8" // whatever charset says: the text was decoded with the object
	return p, nil
}

// takeFields reads the fields of a valid object. Of two with one name the first counts, as in a form.
func (p *params) takeFields(object *json.Decoder) *answer {
	if _, err := object.Token(); err != nil { // the brace
		return wrongJSON(err.Error())
	}
	for object.More() {
		var raw json.RawMessage
		token, err := object.Token()
		if err == nil {
			err = object.Decode(&raw)
		}
		name, _ := token.(string)
		switch value, ok := valueOf(raw); {
		case err != nil:
			return wrongJSON(err.Error())
		case !formNames[name] || p.has(name):
		case !ok:
			return wrongJSON(name + " is neither a text nor a whole number")
		default:
			p.values[name] = value
		}
	}
	return nil
}

// valueOf reads a text, or a whole number.
func valueOf(raw json.RawMessage) (value string, ok bool) {
	if bytes.HasPrefix(raw, []byte(`"`)) {
		return value, json.Unmarshal(raw, &value) == nil
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return strconv.FormatInt(n, 10), err == nil
}

func wrongJSON(why string) *answer {
	refused := badRequest("The JSON body cannot be read, rejected: " + why)
	return &refused
}

// byKey admits an API key of the gateway in place of a user.
func (d *Door) byKey(r *http.Request, p *params, secret string) (user User, refused *answer) {
	key, err := d.Keys.Admit(r.Context(), secret, origin.Client(r), auth.KeySend)
	limited, isLimited := errors.AsType[*auth.Error](err)
	switch {
	case errors.Is(err, auth.ErrUnknown), errors.Is(err, auth.ErrRevoked):
		d.Log.Warn("a request was refused: no such API key", "door", "kannel")
		return user, &forbidden
	case isLimited:
		return user, &answer{status: http.StatusForbidden, text: limited.Error()}
	case err != nil:
		d.Log.Error("cannot check an API key", "door", "kannel", "error", err)
		return user, &tryLater
	}
	if d.Used != nil {
		d.Used(key.ID)
	}
	p.username = key.Name
	return User{
		Account: key.Account, Key: key.ID,
		Within: gateway.Within{Connectors: key.Limits.Connectors, Senders: key.Limits.Senders},
	}, nil
}

// acceptance is the answer to JSON. Denied are numbers that were refused beside good ones (inferred:
// Kamex takes one number).
type acceptance struct {
	Status  string   `json:"status"`
	Message string   `json:"message_id"`
	Denied  []string `json:"denied,omitempty"`
}

const statusAccepted = "accepted" // status of an acceptance

// acceptedJSON answers an object: the id is that of the first message.
func acceptedJSON(r *gateway.Result) answer {
	said := acceptance{Status: statusAccepted, Message: r.Messages[0].ID.String()}
	for _, refused := range r.Rejected {
		said.Denied = append(said.Denied, refused.To)
	}
	text, err := json.Marshal(said)
	if err != nil {
		panic(err) // texts and an id
	}
	return answer{status: http.StatusAccepted, text: string(text), json: true}
}
