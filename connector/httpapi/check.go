package httpapi

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

// Codes of the findings.
const (
	findingRequest   = "request"
	findingWorks     = "credentials"
	findingRefused   = "check_refused"
	findingUnchecked = "unchecked"
	findingUnsigned  = "pushes_unsigned"
	findingPushless  = "pushes_nowhere"
)

// Check shows the request that a message would lead to, secrets hidden, and makes the call that
// the declaration has for it. It sends no message.
func (c *client) Check(ctx context.Context) []connector.Finding {
	request := strings.Join(c.example(ctx), " · ")
	findings := []connector.Finding{connector.Found(connector.OK, findingRequest,
		reason.Of(foundRequest, reason.Args{"request": reason.Name(request)}))}
	findings = append(findings, c.checkCall(ctx))
	return append(findings, c.checkPushes()...)
}

func (c *client) checkCall(ctx context.Context) connector.Finding {
	var err error
	switch d := c.declaration; {
	case d.check != nil:
		err = c.ask(ctx, d.check)
	case d.credit != nil:
		_, err = (&purse{c}).Balance(ctx)
	case d.token != nil:
		_, _, err = c.token(ctx)
	default:
		return connector.Found(connector.Warning, findingUnchecked, reason.Of(foundUnchecked, nil))
	}
	if err != nil {
		return connector.Found(connector.Failure, findingRefused, refusedBecause(err))
	}
	return connector.Found(connector.OK, findingWorks, reason.Of(foundWorks, nil))
}

// refusedBecause says what a person can do about a question that was not answered as expected.
func refusedBecause(err error) reason.Reason {
	args := reason.Args{"error": reason.Name(withoutPlaces(err))}
	switch code := connector.CodeOf(err); {
	case code == statusCode(http.StatusUnauthorized) || code == statusCode(http.StatusForbidden):
		status := strings.TrimPrefix(code, statusCodePrefix)
		return reason.Of(foundDenied, reason.Args{"status": reason.Name(status)})
	case code == "" && connector.FaultOf(err) == connector.Temporary:
		return unreachedBecause(err)
	default:
		return reason.Of(foundRefused, args)
	}
}

// unreachedBecause says why there was no connection.
func unreachedBecause(err error) reason.Reason {
	if _, ok := errors.AsType[*net.DNSError](err); ok { // its text has the address of who was asked
		return reason.Of(foundUnnamed, nil)
	}
	if wrong, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return reason.Of(foundNotTrusted, reason.Args{"error": reason.Name(wrong.Err.Error())})
	}
	slow, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, connector.ErrNotPublic):
		return reason.Of(foundNotPublic, nil)
	case errors.Is(err, syscall.ECONNREFUSED):
		return reason.Of(foundNoListener, nil)
	case ok && slow.Timeout():
		return reason.Of(foundNotAnswered, nil)
	}
	if failed, ok := errors.AsType[*connector.Error](err); ok && failed.Err != nil { // what is around it, the sentence says
		err = failed.Err
	}
	return reason.Of(foundUnreached, reason.Args{"error": reason.Name(withoutPlaces(err))})
}

// withoutPlaces is the text of an error without the addresses of a connection: one of them is of the inside.
func withoutPlaces(err error) string {
	text := err.Error()
	if broken, ok := errors.AsType[*net.OpError](err); ok && broken.Err != nil {
		text = strings.Replace(text, broken.Error(), broken.Err.Error(), 1)
	}
	return text
}

func (c *client) ask(ctx context.Context, of *call) error {
	s := c.source(nil)
	answer, err := c.exchange(ctx, of, s)
	if err != nil {
		return err
	}
	return c.good(of, answer, s)
}

func (c *client) checkPushes() []connector.Finding {
	d := c.declaration
	var findings []connector.Finding
	if d.receipts != nil && d.receipts.path != "" && len(d.receipts.polls) == 0 && c.callback == "" {
		findings = append(findings, connector.Found(connector.Warning, findingPushless, reason.Of(foundPushless, nil)))
	}
	if d.signature != nil {
		if _, there := d.signature.key.expand(c.source(nil)); !there {
			findings = append(findings, connector.Found(connector.Warning, findingUnsigned, reason.Of(foundUnsigned, nil)))
		}
	}
	return findings
}

// exampleNumber is kept for fiction (ARCEP decision 2018-0881).
const exampleNumber sms.Number = "+33639980001"

// exampleID is that of every example; as a reference it is AZM7XIoBw-fQmobLD1OX.
const exampleID = "01933b5c-8a01-7c3e-9f42-6a1b2c3d4e5c"

// exampleMessage is what is shown, and what recorded exchanges are about.
func exampleMessage(now time.Time) sms.Message {
	id, err := sms.ParseID(exampleID)
	if err != nil {
		panic(err) // it is a constant
	}
	return sms.Message{
		ID: id, To: exampleNumber, Text: "Bonjour", Class: sms.Transactional, Encoding: sms.GSM7, Segments: 1,
		ExpiresAt: now.Add(sms.Transactional.Validity()),
	}
}

// example is the request for a message, line by line, with the secrets hidden.
func (c *client) example(ctx context.Context) []string {
	m := exampleMessage(c.now())
	s := c.source(&m)
	if only := c.declaration.only(s); only != "" {
		m.To = only
	}
	return c.masked(ctx, &c.declaration.send, &c.declaration.auth, s)
}

// masked is a request as people may see it, line by line.
func (c *client) masked(ctx context.Context, of *call, by *auth, s *source) []string {
	s.settings = c.settings.masked()
	if c.declaration.token != nil {
		s.token = connector.Secret("token").String()
	}
	if c.callback != "" {
		s.callback = "https://.../callbacks/..." // in ASCII: an operator may take no other characters
	}
	r, err := of.request(context.WithoutCancel(ctx), c.baseURL, by, s)
	if err != nil {
		return []string{err.Error()}
	}
	if by.kind == authBasic {
		r.Header.Set("Authorization", "Basic ***")
	}
	return lines(r)
}

func lines(r *http.Request) []string {
	parts := []string{r.Method + " " + r.URL.String()}
	for _, name := range sortedKeys(r.Header) {
		parts = append(parts, name+": "+strings.Join(r.Header[name], ", "))
	}
	if body, err := io.ReadAll(r.Body); err == nil && len(body) > 0 {
		parts = append(parts, printable(body))
	}
	stars := connector.Secret("secret").String()
	for i := range parts { // in a query and in a form they are escaped
		parts[i] = strings.ReplaceAll(parts[i], url.QueryEscape(stars), stars)
	}
	return parts
}

// printable is a body in one line, in UTF-8.
func printable(body []byte) string {
	var value any
	if json.Unmarshal(body, &value) == nil {
		return string(body)
	}
	return strings.Join(strings.Fields(decoded(string(body), "")), " ")
}
