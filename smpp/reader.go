package smpp

import (
	"encoding/binary"
	"io"
)

// readAhead is what a reader has room for at least; most PDUs are a tenth of it.
const readAhead = 2048

// Reader reads PDUs from a stream. An error of the stream, a deadline that passed above all,
// loses nothing of what was read: Next goes on from there.
//
// It has room for as many octets as arrived, and twice that at most, whatever length a PDU
// claims.
type Reader struct {
	stream io.Reader
	room   []byte
	// room[start:end] is what was read and not returned.
	start, end int
}

// NewReader reads from a stream.
func NewReader(stream io.Reader) *Reader { return &Reader{stream: stream} }

// Half reports whether a part of a PDU was read.
func (r *Reader) Half() bool { return r.end > r.start }

// Next returns the next PDU. A *BodyError is about that PDU alone, a *FrameError ends the
// stream, and io.ErrUnexpectedEOF is an end within a PDU. What it returns shares no memory
// with the reader.
func (r *Reader) Next() (PDU, error) {
	if err := r.fill(headerLength); err != nil {
		return PDU{}, err
	}
	length := binary.BigEndian.Uint32(r.room[r.start:])
	if length < headerLength || length > MaxLength {
		return PDU{}, &FrameError{Length: length}
	}
	if err := r.fill(int(length)); err != nil {
		return PDU{}, err
	}
	whole := r.room[r.start : r.start+int(length)]
	r.start += int(length)
	return parse(whole)
}

// fill reads until there are n octets.
func (r *Reader) fill(n int) error {
	for r.end-r.start < n {
		r.makeRoom(n)
		read, err := r.stream.Read(r.room[r.end:])
		r.end += read
		switch {
		case r.end-r.start >= n:
			return nil
		case err == io.EOF && r.Half():
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		case read == 0:
			return io.ErrNoProgress
		}
	}
	return nil
}

// makeRoom makes room for at least one octet more of a PDU of n.
func (r *Reader) makeRoom(n int) {
	have := r.end - r.start
	to := r.room
	switch {
	case r.room == nil, have == 0 && len(r.room) > readAhead:
		to = make([]byte, readAhead) // what a long one needed is given back
	case r.start+n <= len(r.room):
		return
	case n <= len(r.room): // it fits once what was returned is overwritten
	case r.end < len(r.room):
		return
	case have > len(r.room)/2:
		to = make([]byte, min(n, 2*len(r.room)))
	}
	copy(to, r.room[r.start:r.end])
	r.room, r.start, r.end = to, 0, have
}
