package world

import (
	"cmp"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Text is one message as a person sees it on a handset.
type Text struct {
	From       string    `json:"from"` // what the handset shows: a name, a short code or a number
	Text       string    `json:"text"`
	Kind       string    `json:"kind,omitempty"` // Flash or Binary; empty: an ordinary text
	Data       string    `json:"data,omitempty"` // of a binary message, in hexadecimal, without its header
	UDH        string    `json:"udh,omitempty"`  // its user data header, in hexadecimal, length first
	Operator   string    `json:"operator"`       // OVH, DMC, SMSC or one that is declared
	OperatorID string    `json:"operator_id"`    // the id that the operator's answer gave
	Reference  string    `json:"reference"`      // OVH tag, DMC refExt, user_message_reference; empty when none was given
	At         time.Time `json:"at"`             // by the operators' clock
}

// Flash is the kind of a text that the handset shows at once, and does not keep by itself
// (message class 0).
const Flash = "flash"

// Binary is the kind of octets for a program of the handset.
const Binary = "binary"

// Said is what the person answered from a handset.
type Said struct {
	To   string    `json:"to"` // empty: to the last text
	Text string    `json:"text"`
	At   time.Time `json:"at"` // by the operators' clock
}

// Screen is what stands on a handset: the last texts and answers, oldest first.
type Screen struct {
	Number string `json:"number"` // E.164 with its plus sign
	Texts  []Text `json:"texts"`
	Said   []Said `json:"said"`
}

// Handset is a handset that has messages.
type Handset struct {
	Number string `json:"number"` // E.164 with its plus sign
	Texts  int    `json:"texts"`  // how many
}

const handsetShards = 64

// Handsets is every handset. It is cut in shards so that many submits at once
// seldom meet on a lock.
type Handsets struct {
	tally  *Tally
	seed   maphash.Seed
	shards [handsetShards]handsetShard
}

type handsetShard struct {
	mu    sync.Mutex
	texts map[string][]Text
	said  map[string][]Said
	seen  map[uint64]struct{} // hashes of number, text and reference
}

// NewHandsets makes handsets without texts.
func NewHandsets(tally *Tally) *Handsets {
	h := &Handsets{tally: tally, seed: maphash.MakeSeed()}
	for i := range h.shards {
		h.shards[i].texts = map[string][]Text{}
		h.shards[i].said = map[string][]Said{}
		h.shards[i].seen = map[uint64]struct{}{}
	}
	return h
}

func (h *Handsets) shard(number string) *handsetShard {
	return &h.shards[maphash.String(h.seed, number)%handsetShards]
}

// Arrive puts t on the handset of number.
func (h *Handsets) Arrive(number string, t Text) {
	print := h.fingerprint(number, t)
	count := h.tally.Of(t.Operator)
	count.Delivered.Add(1)
	shard := h.shard(number)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if _, again := shard.seen[print]; again {
		count.Duplicates.Add(1)
	}
	shard.seen[print] = struct{}{}
	shard.texts[number] = append(shard.texts[number], t)
}

func (h *Handsets) fingerprint(number string, t Text) uint64 {
	var sum maphash.Hash
	sum.SetSeed(h.seed)
	for _, part := range [...]string{number, t.Text, t.UDH, t.Data, t.Reference} {
		_, _ = sum.WriteString(part)
		_ = sum.WriteByte(0)
	}
	return sum.Sum64()
}

// Texts are those of a number, oldest first.
func (h *Handsets) Texts(number string) []Text {
	shard := h.shard(number)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	return slices.Clone(shard.texts[number])
}

// List is every handset that has texts, by number.
func (h *Handsets) List() []Handset {
	var all []Handset
	for i := range h.shards {
		shard := &h.shards[i]
		shard.mu.Lock()
		for number, texts := range maps.All(shard.texts) {
			all = append(all, Handset{Number: number, Texts: len(texts)})
		}
		shard.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b Handset) int { return strings.Compare(a.Number, b.Number) })
	return all
}

// Answer notes what the person answered from the handset of number.
func (h *Handsets) Answer(number string, s Said) {
	shard := h.shard(number)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	shard.said[number] = append(shard.said[number], s)
}

// onScreen is how many texts, and how many answers, a screen shows.
const onScreen = 20

// Screen is what stands on the handset of number.
func (h *Handsets) Screen(number string) Screen {
	shard := h.shard(number)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	return Screen{number, lastOf(shard.texts[number]), lastOf(shard.said[number])}
}

func lastOf[T any](all []T) []T {
	return append([]T{}, all[max(0, len(all)-onScreen):]...)
}

// Latest are the numbers with the latest texts, at most count, the latest first.
func (h *Handsets) Latest(count int) []string {
	type last struct {
		number string
		at     time.Time
	}
	var all []last
	for i := range h.shards {
		shard := &h.shards[i]
		shard.mu.Lock()
		for number, texts := range maps.All(shard.texts) {
			all = append(all, last{number, texts[len(texts)-1].At})
		}
		shard.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b last) int {
		return cmp.Or(b.at.Compare(a.at), strings.Compare(a.number, b.number))
	})
	numbers := make([]string, min(count, len(all)))
	for i := range numbers {
		numbers[i] = all[i].number
	}
	return numbers
}
