package sandbox

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"relais/sandbox/world"
)

// ErrNothingToAnswer says that the handset has no text that the reply could
// answer.
var ErrNothingToAnswer = errors.New("no text on this handset bears that sender or that short code")

// Reply is the person's answer from the handset of number: to a sender that the
// handset shows, or to the short code of a STOP clause, or, when to is empty, to
// the last text. Its operator takes it as the answer to the last such text. A real
// handset cannot answer a name; the sandbox lets it, as there would be little to try
// otherwise.
func (s *Server) Reply(number, to, text string) error {
	s.world.Agenda.Settle()
	answered, ok := lastFrom(s.world.Handsets.Texts(number), to)
	if !ok {
		return ErrNothingToAnswer
	}
	s.world.Handsets.Answer(number, world.Said{To: to, Text: text, At: s.world.Clock.Now()})
	switch answered.Operator {
	case world.OVH:
		s.ovh.Reply(answered.OperatorID, text, s.world.Clock.Now())
	case world.SMSC:
		s.smsc.Reply(answered.OperatorID, text)
	case world.DMC:
		s.dmc.Reply(answered.OperatorID, text, s.world.Clock.Now())
	default:
		return s.declared[answered.Operator].Reply(answered.OperatorID, text)
	}
	return nil
}

func lastFrom(texts []world.Text, to string) (last world.Text, ok bool) {
	for _, t := range texts {
		if to == "" || t.From == to || to == world.StopShortCode &&
			strings.Contains(t.Text, world.StopShortCode) {
			last, ok = t, true
		}
	}
	return last, ok
}

func (s controls) takeReply(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		To   string `json:"to"`
		Text string `json:"text"`
	}
	if !readControl(w, r, &asked, "to", "text") {
		return
	}
	if asked.Text == "" {
		problem{
			Status: http.StatusUnprocessableEntity,
			Code:   "no_text", Field: "text", Detail: "a reply needs a text",
		}.write(w)
		return
	}
	number, ok := s.handsetOf(w, r)
	if !ok {
		return
	}
	if err := s.Reply(number, asked.To, asked.Text); err != nil {
		problem{
			Status: http.StatusUnprocessableEntity,
			Code:   "nothing_to_answer", Detail: err.Error(), Field: "to",
		}.write(w)
		return
	}
	writeJSON(w, http.StatusAccepted, map[string]time.Time{"at": s.world.Clock.Now()})
}
