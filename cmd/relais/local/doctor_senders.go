package local

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/connector"
	"relais/lane"
	"relais/sms"
)

// leaving is a sender that messages may bear at one connector.
type leaving struct {
	name     sms.Sender
	accounts []string
}

// leavingBy lists the senders that accounts may send from by a connector: their
// default ones, and the listed ones that are still valid. first is the connector of
// messages that nothing else decides about.
func leavingBy(settings config.Config, name, first string, today time.Time) []leaving {
	found := map[sms.Sender][]string{}
	for _, account := range slices.Sorted(maps.Keys(settings.Accounts)) {
		a := settings.Accounts[account]
		for _, sender := range sendersOf(a, today) {
			if slices.Contains(waysOf(settings, account, sender,
				cmp.Or(a.DefaultConnector, settings.DefaultConnector, first)), name) {
				found[sms.Sender(sender)] = append(found[sms.Sender(sender)], account)
			}
		}
	}
	var all []leaving
	for _, sender := range slices.Sorted(maps.Keys(found)) {
		all = append(all, leaving{sender, found[sender]})
	}
	return all
}

func sendersOf(a config.Account, today time.Time) []string {
	var names []string
	if a.DefaultSender != "" {
		names = append(names, a.DefaultSender)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Senders)) {
		over := a.Senders[name].ValidUntil != "" && a.Senders[name].ValidUntil < today.Format(time.DateOnly)
		if !over && !strings.EqualFold(name, a.DefaultSender) {
			names = append(names, name)
		}
	}
	return names
}

// waysOf lists the connectors that messages of an account and a sender may leave by.
func waysOf(settings config.Config, account, sender, standard string) []string {
	var ways []string
	for _, r := range settings.Routes {
		if !oneOf(r.Account, account) || !oneOf(r.Sender, sender) {
			continue
		}
		ways = append(ways, r.Connectors...)
		if len(r.Family)+len(r.Country)+len(r.Class) == 0 {
			return ways // it holds for all that no rule before took
		}
	}
	return append(ways, standard)
}

func oneOf(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }

// examineSenders looks for the senders of the accounts among those that the operator
// declares.
func (c *doctorCommand) examineSenders(
	t *terminal.Terminal, instance lane.Instance, wanted []leaving,
) []connector.Finding {
	guard := guarded(t, instance)
	if guard.Can().SenderLister == nil || instance.Facts.FixedSender || len(wanted) == 0 {
		return nil
	}
	names := make([]sms.Sender, len(wanted))
	for i := range wanted {
		names[i] = wanted[i].name
	}
	ctx, cancel := context.WithTimeout(t.Ctx, c.Timeout)
	defer cancel()
	declared, err := guard.Senders(ctx, names...)
	if err != nil {
		return []connector.Finding{{
			Level: connector.Warning, Code: "senders_unreadable",
			Detail: t.Text("doctor_senders_bad", "error", err),
		}}
	}
	var findings []connector.Finding
	for _, w := range wanted {
		findings = append(findings, judgeSender(t, w, declared, instance.Facts.SenderCase))
	}
	return findings
}

func judgeSender(
	t *terminal.Terminal, w leaving, declared []connector.DeclaredSender, exact bool,
) connector.Finding {
	name, whose := w.name.LogValue().String(), strings.Join(w.accounts, ", ")
	at, found := connector.FindSender(declared, w.name)
	if !found {
		kind := func(d connector.DeclaredSender) bool { return d.Name.Kind() == w.name.Kind() }
		if w.name.Kind() != sms.Alphanumeric && !slices.ContainsFunc(declared, kind) {
			return connector.Finding{
				Level: connector.Warning, Code: "sender_unlisted",
				Detail: t.Text("doctor_sender_number", "sender", name, "whose", whose),
			}
		}
		return connector.Finding{
			Level: connector.Failure, Code: connector.CodeSenderUndeclared,
			Detail: t.Text("doctor_sender_unknown", "sender", name, "whose", whose),
		}
	}
	if exact && at.Misspelt(w.name) && !at.State.Barred() {
		return connector.Finding{
			Level: connector.Failure, Code: "sender_misspelt",
			Detail: t.Text("doctor_sender_misspelt", "sender", name,
				"declared", string(at.Name), "whose", whose),
		}
	}
	if said := at.Comment; said != "" {
		whose += ": " + said
	}
	switch at.State {
	case connector.SenderUsable:
		return connector.Finding{
			Level: connector.OK, Code: "sender_declared",
			Detail: t.Text("doctor_sender", "sender", name, "whose", whose),
		}
	case connector.SenderWaiting:
		return connector.Finding{
			Level: connector.Warning, Code: "sender_waiting",
			Detail: t.Text("doctor_sender_waits", "sender", name, "whose", whose),
		}
	case connector.SenderRefused:
		return connector.Finding{
			Level: connector.Failure, Code: "sender_refused",
			Detail: t.Text("doctor_sender_refused", "sender", name, "whose", whose),
		}
	case connector.SenderDisabled:
		return connector.Finding{
			Level: connector.Failure, Code: "sender_disabled",
			Detail: t.Text("doctor_sender_off", "sender", name, "whose", whose),
		}
	default:
		return connector.Finding{
			Level: connector.Warning, Code: "sender_state_unknown",
			Detail: t.Text("doctor_sender_unclear", "sender", name, "whose", whose),
		}
	}
}
