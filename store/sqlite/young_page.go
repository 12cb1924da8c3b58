package sqlite

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"relais/sms"
	"relais/store/table"
)

// The records of a transaction stand in rows of young that fill a page of the file each and are
// written over once nobody needs them. Rows of other sizes, dropped and made anew, would leave pages
// all over the file to be used again, and SQLite looks through its whole cache at each commit that
// splits a page into one that lies before it.

// pageSize is the length of such a row, in bytes: what a page of 4 KiB holds without another one.
const pageSize = 4000

// page is a row of young. Each tells the first transaction whose records are needed, so that what
// stands in those that wait to be written over counts no more, whatever order they are in.
type page struct {
	row        int64
	seq, first int64 // of the transaction that wrote it
	part       int64 // of its records
	records    []byte
	since      time.Time // when it was not needed any more
}

// pages are the rows of young.
type pages struct {
	used []page // oldest first
	free []page // likewise
	last int64  // row

	buffer [pageSize]byte
}

func (p *pages) clear() { p.used, p.free, p.last = nil, nil, 0 }

// keepYoung ends a transaction: what became of young messages is written down. Where nobody is
// young, that is what is written down.
func (t *tx) keepYoung() error {
	y := t.young
	rest := y.records.records
	y.records.reset()
	if len(rest) == 0 || y.empty() && len(y.pages.used) == 0 {
		return nil
	}
	if y.empty() {
		y.first, rest = y.seq, nil
	}
	for p := (page{seq: y.seq, first: y.first}); p.part == 0 || len(rest) > 0; p.part++ {
		var err error
		if rest, err = y.keepPage(p, rest); err != nil {
			return fmt.Errorf("keep what is not written yet: %w", err)
		}
	}
	if y.seq++; y.empty() || y.seq%betweenTrims == 0 {
		y.trim()
	}
	return nil
}

// keepPage writes the next page of a transaction, and returns what did not fit.
func (y *young) keepPage(p page, rest []byte) ([]byte, error) {
	records := append(y.pages.buffer[:0], recordOfPage)
	for _, n := range []int64{p.seq, p.first, p.part} {
		records = binary.AppendVarint(records, n)
	}
	fits := min(pageSize-len(records), len(rest))
	records = append(records, rest[:fits]...)
	clear(y.pages.buffer[len(records):])
	query := "UPDATE young SET records = ?1 WHERE seq = ?2"
	if last := len(y.pages.free) - 1; last >= 0 {
		p.row = y.pages.free[last].row
		y.pages.free = y.pages.free[:last]
	} else {
		query = "INSERT INTO young (records, seq) VALUES (?1, ?2)"
		y.pages.last++
		p.row = y.pages.last
	}
	y.pages.used = append(y.pages.used, p)
	return rest[fits:], y.rows.exec(query, y.pages.buffer[:], p.row)
}

// trim finds what no young message needs any more.
func (y *young) trim() {
	y.first = y.seq
	for _, m := range y.byID {
		y.first = min(y.first, m.seq)
	}
	for _, d := range y.errands.all {
		y.first = min(y.first, d.seq)
	}
	needed := slices.IndexFunc(y.pages.used, func(p page) bool { return p.seq >= y.first })
	if needed < 0 {
		needed = len(y.pages.used)
	}
	for _, p := range y.pages.used[:needed] {
		p.since = time.Now()
		y.pages.free = append(y.pages.free, p)
	}
	y.pages.used = y.pages.used[needed:]
}

// drop removes pages that were not needed any more at a time, and that nobody wrote over since:
// texts and numbers stand in them. The oldest go first, so that what tells of a message is gone before
// what tells that it has its row. left: there are more.
func (y *young) drop(before time.Time) (left bool, err error) {
	y.trim()
	for range mostAtOnce {
		if len(y.pages.free) == 0 || y.pages.free[0].since.After(before) {
			return false, nil
		}
		if err := y.rows.exec("DELETE FROM young WHERE seq = ?", y.pages.free[0].row); err != nil {
			return false, err
		}
		y.pages.free = y.pages.free[1:]
	}
	return true, nil
}

// clean is for when nobody is young: nothing is left of them.
func (y *young) clean() error {
	y.records.reset()
	y.first = y.seq
	y.pages.clear()
	return y.rows.exec("DELETE FROM young")
}

// load reads what was written down, at the start and when a transaction was taken back. What
// it finds anew counts as old.
func (y *young) load() error {
	known := y.byID
	y.clear()
	if !y.own {
		return nil
	}
	y.stale = true
	y.seq, y.first = 1, 1
	found, err := y.readPages()
	for i := 0; i < len(found) && err == nil; {
		r, seq := &reader{}, found[i].seq
		for ; i < len(found) && found[i].seq == seq; i++ {
			r.records = append(r.records, found[i].records...)
			found[i].records = nil
			y.pages.used = append(y.pages.used, found[i])
		}
		if y.seq = seq; seq >= y.first {
			err = y.replay(r, known)
		}
		y.seq++
	}
	if y.stale = err != nil; !y.stale {
		y.trim()
	}
	y.publish()
	return err
}

// readPages reads the rows of young in the order of their transactions, and which one is the first
// that is needed.
func (y *young) readPages() (found []page, err error) {
	err = y.rows.each("SELECT seq, records FROM young", nil, func(scan func(...any) error) error {
		var p page
		if err := scan(&p.row, &p.records); err != nil {
			return err
		}
		y.pages.last = max(y.pages.last, p.row)
		p.seq = p.row // of a program of before pages
		if r := (&reader{records: p.records}); len(p.records) > 0 && p.records[0] == recordOfPage {
			r.next()
			for _, n := range []*int64{&p.seq, &p.first, &p.part} {
				r.long(n)
			}
			p.records, err = r.records, r.err
		}
		found = append(found, p)
		return err
	})
	slices.SortFunc(found, func(a, b page) int { return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.part, b.part)) })
	if len(found) > 0 {
		y.first = found[len(found)-1].first
	}
	return found, err
}

// replay goes through the records of a transaction.
func (y *young) replay(r *reader, known map[sms.ID]*youngMessage) error {
	for kind, more := r.next(); more; kind, more = r.next() {
		switch kind {
		case recordOfMessage, recordOfKind:
			m := &youngMessage{seq: y.seq}
			if kind == recordOfKind {
				r.text((*string)(&m.Kind))
			}
			m.fields(r)
			var err error
			if m.Metadata, err = table.ReadMetadata(m.metadata); err != nil {
				return err
			}
			if r.err == nil {
				if of := known[m.ID]; of != nil {
					m.since = of.since
				}
				y.put(m)
			}
		case recordOfRow:
			var id sms.ID
			r.id(&id)
			if m := y.byID[id]; m != nil {
				y.forget(m)
			}
		case recordOfDelivery:
			d := &youngDelivery{seq: y.seq}
			if d.fields(r); r.err == nil {
				y.remember(d)
			}
		case recordOfSent:
			d := &youngDelivery{}
			d.names(r)
			if d = y.errands.all[d.key()]; d != nil {
				y.errands.forget(d)
			}
		default:
			return errRecords
		}
	}
	return r.err
}
