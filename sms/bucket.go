package sms

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Bucket is where an account is at home, one of Buckets: a database holds whole buckets, so
// that an id says in which database its row is to be looked for, if there are several.
type Bucket uint16

// Buckets is how many there are. It never changes: ids have ten bits for them.
const Buckets = 1 << bucketBits

const bucketBits = 10

// BucketOf returns the bucket of an account: the first ten bits of the SHA-256 of its name
// in UTF-8. This stays so for ever, because ids keep what it returned. What belongs to no
// account is of the empty name.
func BucketOf(account string) Bucket {
	sum := sha256.Sum256([]byte(account))
	return Bucket(binary.BigEndian.Uint16(sum[:]) >> (16 - bucketBits))
}

// bucketed is when ids surely carried their bucket. Before, these bits were random.
var bucketed = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// Bucket returns the bucket that an id carries. known is false for an id of before ids
// carried one: its account may be anywhere.
func (id ID) Bucket() (b Bucket, known bool) {
	if id.Time().Before(bucketed) {
		return 0, false
	}
	return Bucket(id[14]&0x0f)<<6 | Bucket(id[15]>>2), true
}

// put writes a bucket into the last ten of the bits that Ref packs, behind everything by
// which ids sort.
func (b Bucket) put(id *ID) {
	id[14] = id[14]&0xf0 | byte(b>>6)
	id[15] = byte(b << 2)
}
