package contact

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"relais/merge"
	"relais/plaintext"
	"relais/reason"
	"relais/sms"
)

// contactsPage is how many contacts are read at once.
const contactsPage = 1000

// Read returns a group as a table with names of columns in its first row, written as it is read,
// until it is closed. A group without anybody is refused.
func (d *Directory) Read(ctx context.Context, account string, id sms.ID) (Group, Shape, io.ReadCloser, error) {
	g, err := d.Store.Group(ctx, account, id)
	if err != nil {
		return g, Shape{}, nil, err
	}
	shape, some, err := d.shape(ctx, &g)
	if err != nil {
		return g, shape, nil, err
	}
	if !some {
		return g, shape, nil, &Error{reason.Of(CodeGroupEmpty, reason.Args{"name": reason.Name(g.Name)}), "/group"}
	}
	from, into := io.Pipe()
	t := &written{PipeReader: from, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		into.CloseWithError(d.write(ctx, &g, &shape, into))
	}()
	return g, shape, t, nil
}

// shape finds the columns that the contacts of a group need, and reports whether there are any
// contacts. Of names that people take for the same it takes the first one.
func (d *Directory) shape(ctx context.Context, g *Group) (s Shape, some bool, err error) {
	known := map[string]string{}
	err = d.each(ctx, g, func(c *Contact) error {
		some = true
		for name := range c.Values {
			key := merge.Fold(name)
			if have, seen := known[key]; !seen || name < have {
				known[key] = name
			}
		}
		const most = 100 // columns; the check of a campaign takes 200
		if len(known) > most {
			return &Error{reason.Of(codeContactMany, reason.Args{"most": reason.Count(most)}), "/group"}
		}
		return nil
	})
	for _, name := range known {
		s.Fields = append(s.Fields, name)
	}
	slices.Sort(s.Fields)
	s.Phone = "number"
	for n := 2; known[merge.Fold(s.Phone)] != ""; n++ {
		s.Phone = "number " + strconv.Itoa(n)
	}
	return s, some, err
}

// each calls see for each contact of a group, by number.
func (d *Directory) each(ctx context.Context, g *Group, see func(*Contact) error) error {
	q := Query{Account: g.Account, Group: g.ID, Limit: contactsPage}
	for more := true; more; {
		var found []Contact
		var err error
		if found, more, err = d.Store.Contacts(ctx, q); err != nil {
			return err
		}
		for i := range found {
			if err := see(&found[i]); err != nil {
				return err
			}
			q.After = found[i].Number
		}
	}
	return nil
}

func (d *Directory) write(ctx context.Context, g *Group, s *Shape, into io.Writer) error {
	w := csv.NewWriter(into)
	w.Comma = ';'
	head := []string{s.Phone}
	for _, name := range s.Fields {
		head = append(head, plaintext.ForSpreadsheet(name))
	}
	if err := w.Write(head); err != nil {
		return err
	}
	err := d.each(ctx, g, func(c *Contact) error {
		values := make(map[string]string, len(c.Values))
		for name, value := range c.Values {
			values[merge.Fold(name)] = value
		}
		cells := []string{string(c.Number)}
		for _, name := range s.Fields {
			cells = append(cells, plaintext.ForSpreadsheet(strings.TrimSpace(values[merge.Fold(name)])))
		}
		return w.Write(cells)
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}
