package ovh

import (
	"strconv"

	"relais/inbox"
	"relais/sms"
)

// blacklists are the numbers of the suppression list. Unlike others this list is
// whole: a program that keeps people out by it must not miss one.
func blacklists(c *call) (any, error) {
	if c.query.Get("batchID") != "" {
		return nil, notBuilt("Relais does not filter the blacklist by batchID; smsOutgoingID it does")
	}
	if text := c.query.Get("smsOutgoingID"); text != "" {
		return blacklistCalls{c}.blacklistedBy(text)
	}
	all := []string{}
	q := inbox.OptOutQuery{Account: c.app.Account, Limit: 1000}
	for {
		found, more, err := c.Reader.OptOuts(c.ctx(), q)
		if err != nil {
			return nil, err
		}
		for _, entry := range found {
			if len(all) == 0 || all[len(all)-1] != string(entry.Number) { // one for each sender
				all = append(all, string(entry.Number))
			}
			q.After = entry.Number
		}
		if !more {
			return all, nil
		}
	}
}

// blacklistCalls are the calls about people who said STOP.
type blacklistCalls struct{ *call }

// blacklistedBy is the number that answered a message with STOP.
func (c blacklistCalls) blacklistedBy(text string) (any, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, invalid("'smsOutgoingID' is not an integer")
	}
	n, err := c.Store.OVHNumbered(c.ctx(), c.app.Account, id)
	if err != nil {
		return nil, missing(err, "outgoing")
	}
	m, err := c.Reader.Message(c.ctx(), c.app.Account, n.ID)
	if err != nil {
		return nil, missing(err, "outgoing")
	}
	entry, err := c.blacklisted(m.To)
	if err != nil || entry == nil || entry.proof.Message != m.ID {
		return []string{}, err
	}
	return []string{string(m.To)}, nil
}

// blacklisting is an entry with the change that put it there.
type blacklisting struct {
	inbox.OptOut
	proof inbox.OptOutChange
}

// blacklisted is nil for a number that is not on the list.
func (c blacklistCalls) blacklisted(n sms.Number) (*blacklisting, error) {
	entries, changes, err := c.Reader.OptOutProofs(c.ctx(), c.app.Account, n)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	b := &blacklisting{OptOut: entries[0]}
	for _, change := range changes {
		if change.ID == b.Proof {
			b.proof = change
		}
	}
	return b, nil
}

func (c blacklistCalls) blacklistedNumber() (*blacklisting, error) {
	n, err := c.handset(c.values["number"])
	if err != nil {
		return nil, noObject("blacklist") // what is no number is not on it
	}
	entry, err := c.blacklisted(n)
	if err == nil && entry == nil {
		err = noObject("blacklist")
	}
	return entry, err
}

func getBlacklist(c *call) (any, error) {
	entry, err := blacklistCalls{c}.blacklistedNumber()
	if err != nil {
		return nil, err
	}
	var outgoing any
	if !entry.proof.Message.IsZero() {
		numbers, err := c.numbersOf([]sms.ID{entry.proof.Message})
		if err != nil {
			return nil, err
		}
		if len(numbers) > 0 {
			outgoing = numbers[0]
		}
	}
	return map[string]any{
		"number": string(entry.Number), "dateCreation": moment(entry.Since),
		"smsOutgoingID": outgoing, "batchID": nil,
	}, nil
}

// deleteBlacklist allows a number again, for every sender.
func deleteBlacklist(c *call) (any, error) {
	entry, err := blacklistCalls{c}.blacklistedNumber()
	if err != nil {
		return nil, err
	}
	_, err = c.Gateway.Inbox.ChangeOptOuts(c.ctx(), []inbox.OptOutChange{{
		Account: c.app.Account, Number: entry.Number, Source: inbox.FromAPI, Actor: c.actor(),
		Note: "DELETE blacklists",
	}})
	return nil, err
}
