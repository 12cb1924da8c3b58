package mail

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-smtp"

	"relais/gateway"
	"relais/sms"
)

// taken is what is kept of an answer, for when the mail comes again.
type taken struct {
	ID sms.ID `json:"id"`
}

// accept makes messages of a mail. When it returns no refusal, each of them is on disk.
func (s *session) accept(mail *envelope, raw []byte) (answer, why *smtp.SMTPError) {
	if s.door.stopping.Err() != nil {
		return nil, errStopping
	}
	c := mail.client
	if c == nil {
		return nil, errOrder
	}
	if err := s.stillMay(c); err != nil {
		return nil, plain(err)
	}
	l, err := read(raw, wanted{c.Text, c.CutAt, c.Automatic})
	if err != nil {
		return nil, plain(err)
	}
	if mail.proof {
		if c, why = s.prove(c, mail, l, raw); why != nil {
			return nil, why
		}
		if mail.to, why = s.lookAll(c, mail.to); why != nil {
			return nil, why
		}
	}
	return s.submit(c, mail, l)
}

// plain is a refusal as the library takes it.
func plain(err error) *smtp.SMTPError {
	if refused, ok := err.(*smtp.SMTPError); ok { //nolint:errorlint // all of the door's own are made so
		return refused
	}
	return errInternal
}

// lookAll reads the numbers that could not be read before the sender was known.
func (s *session) lookAll(c *client, all []recipient) (read []recipient, why *smtp.SMTPError) {
	seen := map[sms.Number]bool{}
	for _, one := range all {
		if one.number, why = s.look(c, one.raw); why != nil {
			return nil, why
		}
		if !seen[one.number] {
			read = append(read, one)
		}
		seen[one.number] = true
	}
	return read, nil
}

// submit sends the text to all. A mail that has an identity is one submission for each recipient, whose key has both: servers
// send it again in other company, when one of the recipients was refused for a while. One without identity is one submission.
func (s *session) submit(c *client, mail *envelope, l *letter) (answer, why *smtp.SMTPError) {
	asked := s.submission(c)
	asked.Text, asked.Notes = l.text, l.notes
	s.port.tell(c, mail, l, &asked)
	for _, one := range mail.to {
		asked.To = append(asked.To, string(one.number))
	}
	if l.identity == nil {
		result, err := s.door.Gateway.Submit(s.ctx(), asked, nil)
		if err != nil {
			return nil, s.refusedBy(err)
		}
		if len(result.Rejected) > 0 { // since RCPT TO
			s.door.Log.Warn("a mail was taken for fewer recipients than it had", "door", Format, "server", s.port.Name, "refused", len(result.Rejected))
		}
		return accepted(result.Messages[0].ID, len(result.Messages)), nil
	}
	return s.submitEach(c, asked, l)
}

// submitEach makes a submission of each recipient. The gateway says first what it thinks of all who are new, so that none is
// refused after another was taken.
func (s *session) submitEach(c *client, asked gateway.Submission, l *letter) (answer, why *smtp.SMTPError) {
	all := make([]gateway.Submission, len(asked.To))
	first := make([]sms.ID, len(all))
	var fresh []string
	for i, number := range asked.To {
		all[i] = asked
		all[i].To, all[i].Key = []string{number}, keyOf(c, l, number)
		id, err := s.earlier(&all[i])
		if err != nil {
			return nil, s.refusedBy(err)
		}
		if first[i] = id; id.IsZero() {
			fresh = append(fresh, number)
		}
	}
	if len(fresh) > 1 {
		judged := asked
		judged.To = fresh
		result, err := s.door.Gateway.Preview(s.ctx(), judged, s.door.Now())
		if err == nil && len(result.Rejected) > 0 {
			err = &gateway.Error{Kind: gateway.Invalid, Field: "/to", Reason: result.Rejected[0].Reason}
		}
		if err != nil {
			return nil, s.refusedBy(err)
		}
	}
	for i := range all {
		if first[i].IsZero() {
			id, err := s.send(all[i])
			if err != nil { // the mail comes again, and those who have their message get no second one
				return nil, s.refusedBy(err)
			}
			first[i] = id
		}
	}
	return accepted(first[0], len(all)), nil
}

// keyOf tells a mail to one recipient from every other one.
func keyOf(c *client, l *letter, number string) *gateway.IdempotencyKey {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %x %q", c.name, c.Account, l.identity, number))
	return &gateway.IdempotencyKey{Key: "mail " + base64.RawURLEncoding.EncodeToString(sum[:]), Request: sum}
}

// earlier is the message that a mail made when it came before; zero: none.
func (s *session) earlier(asked *gateway.Submission) (id sms.ID, err error) {
	result, err := s.door.Gateway.Repeated(s.ctx(), asked.Account, asked.Key)
	if err != nil || result == nil {
		return id, err
	}
	return idOf(result)
}

// send gives one message to the gateway.
func (s *session) send(asked gateway.Submission) (id sms.ID, err error) {
	result, err := s.door.Gateway.Submit(s.ctx(), asked, func(r *gateway.Result) ([]byte, error) {
		return json.Marshal(taken{r.Messages[0].ID})
	})
	if err != nil {
		return id, err
	}
	return idOf(result)
}

// idOf is the id of the message of a result, of now or of before.
func idOf(result *gateway.Result) (sms.ID, error) {
	if result.Replay == nil {
		return result.Messages[0].ID, nil
	}
	var first taken
	if err := json.Unmarshal(result.Replay, &first); err != nil {
		return sms.ID{}, fmt.Errorf("read what was answered: %w", err)
	}
	return first.ID, nil
}

// accepted is the answer to a mail that was taken, with the id of its first message.
func accepted(id sms.ID, count int) *smtp.SMTPError {
	said := "accepted " + id.String()
	if count > 1 {
		said += " and " + strconv.Itoa(count-1) + " more"
	}
	return refusal(250, smtp.EnhancedCode{2, 0, 0}, strings.TrimSpace(said))
}
