package sms

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"sync"
	"time"
)

// ID names a message or a submission. It is a UUIDv7 (RFC 9562, 5.7): 48 bits
// of Unix milliseconds, then a counter of 24 bits and 38 random bits, so that ids
// sort by the time of their making, then ten bits of the bucket of its account. The
// last two bits are always zero, which lets Ref pack the 120 others in 20 characters.
type ID [16]byte

// ErrID is returned for text that is not the id of a message.
var ErrID = errors.New("not a message id: want a UUID of version 7")

var lastID struct {
	sync.Mutex
	milli   int64
	counter uint32
	machine machine
}

// NewID returns an id of something that belongs to no account. It is otherwise like NewID
// of a Bucket.
func NewID(now time.Time) ID { return BucketOf("").NewID(now) }

// NewID returns an id of something of an account of this bucket, for now, which is the
// caller's clock and no moment that a request, an operator or a person named. Ids made by
// one process at one millisecond, or while its clock is set back by keepOrder at most, keep
// the order in which they were made. A larger step back is followed at once, a jump ahead
// of the machine's clock once it has lasted (machine.go).
func (b Bucket) NewID(now time.Time) ID {
	var id ID
	if _, err := rand.Read(id[8:]); err != nil {
		panic(err) // crypto/rand never fails since Go 1.24
	}
	milli, counter := tick(now, readMachine(), uint32(id[8])<<8|uint32(id[9]))
	binary.BigEndian.PutUint64(id[:8], uint64(milli)<<16|uint64(counter>>12)&0x0fff)
	id[6] = 0x70 | id[6]&0x0f
	id[8] = 0x80 | byte(counter>>6)&0x3f
	id[9] = byte(counter<<2) | id[9]&0x03
	b.put(&id)
	return id
}

// keepOrder is how far a clock may be set back without ids going back with it.
const keepOrder = 10 * time.Second

// tick returns a time and a 24-bit counter that never go back together, unless the
// clock does. A new millisecond starts the counter at a random low value; ids of a
// time that comes again differ by that and by their 38 random bits.
func tick(now time.Time, at reading, seed uint32) (int64, uint32) {
	lastID.Lock()
	defer lastID.Unlock()
	milli := now.Add(-lastID.machine.ahead(at)).UnixMilli()
	if milli > lastID.milli || milli < lastID.milli-keepOrder.Milliseconds() {
		lastID.milli, lastID.counter = milli, seed&0x3fff
		return lastID.milli, lastID.counter
	}
	lastID.counter++
	if lastID.counter >= 1<<24 {
		lastID.milli, lastID.counter = lastID.milli+1, seed&0x3fff
	}
	return lastID.milli, lastID.counter
}

// FirstID is smaller than every id that is made at a moment, or later: ids begin
// with their milliseconds. It is a bound, and no id of anything.
func FirstID(at time.Time) ID {
	var id ID
	binary.BigEndian.PutUint64(id[:8], uint64(max(0, at.UnixMilli()))<<16)
	return id
}

// Time is the millisecond at which the id was made.
func (id ID) Time() time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16))
}

// IsZero reports whether id is unset.
func (id ID) IsZero() bool { return id == ID{} }

// String is the usual 36-character form, lower case.
func (id ID) String() string {
	b, _ := id.MarshalText()
	return string(b)
}

// MarshalText gives the form of String.
func (id ID) MarshalText() ([]byte, error) { return id.AppendText(make([]byte, 0, 36)) }

// AppendText implements encoding.TextAppender.
func (id ID) AppendText(b []byte) ([]byte, error) {
	b = hex.AppendEncode(b, id[:4])
	b = hex.AppendEncode(append(b, '-'), id[4:6])
	b = hex.AppendEncode(append(b, '-'), id[6:8])
	b = hex.AppendEncode(append(b, '-'), id[8:10])
	return hex.AppendEncode(append(b, '-'), id[10:]), nil
}

// UnmarshalText reads the form of String.
func (id *ID) UnmarshalText(b []byte) error {
	parsed, err := ParseID(string(b))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// ParseID reads the 36-character form, in either case. It returns ErrID for
// anything else, a UUID of another version included.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, ErrID
	}
	plain := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(id[:], []byte(plain)); err != nil {
		return ID{}, ErrID
	}
	if !id.wellFormed() {
		return ID{}, ErrID
	}
	return id, nil
}

func (id ID) wellFormed() bool {
	return id[6]>>4 == 7 && id[8]>>6 == 2 && id[15]&3 == 0
}

const refLength = 20

// Ref packs the id in 20 characters of base64url. Some operators document no
// longer reference (OVH http2sms: tag of 20 characters). ParseRef reads it.
func (id ID) Ref() string {
	var packed [15]byte
	copy(packed[:6], id[:6])
	rest := uint64(id[6]&0x0f)<<58 | uint64(id[7])<<50 | // 12 bits after the version
		uint64(id[8]&0x3f)<<44 | uint64(id[9])<<36 | // 14 bits after the variant
		uint64(id[10])<<28 | uint64(id[11])<<20 | uint64(id[12])<<12 | uint64(id[13])<<4 |
		uint64(id[14])>>4
	// 62 bits so far; the last 10 are the low nibble of id[14] and 6 bits of id[15].
	binary.BigEndian.PutUint64(packed[6:14], rest<<2|uint64(id[14]>>2)&3)
	packed[14] = id[14]<<6 | id[15]>>2
	return base64.RawURLEncoding.EncodeToString(packed[:])
}

// ParseRef reads what Ref wrote. It returns ErrID for anything else.
func ParseRef(s string) (ID, error) {
	if len(s) != refLength { // the decoder passes over line ends
		return ID{}, ErrID
	}
	packed, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(packed) != 15 {
		return ID{}, ErrID
	}
	var id ID
	copy(id[:6], packed[:6])
	rest := binary.BigEndian.Uint64(packed[6:14])
	id[6] = 0x70 | byte(rest>>60)
	id[7] = byte(rest >> 52)
	id[8] = 0x80 | byte(rest>>46)&0x3f
	for i := range 5 {
		id[9+i] = byte(rest >> (38 - 8*i))
	}
	id[14] = byte(rest<<2) | packed[14]>>6
	id[15] = packed[14] << 2
	return id, nil
}
