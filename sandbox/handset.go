package sandbox

import (
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
	Operator   string    `json:"operator"`    // OVH or DMC
	OperatorID string    `json:"operator_id"` // the id that the operator's answer gave
	Reference  string    `json:"reference"`   // OVH tag, DMC refExt; empty when none was given
	At         time.Time `json:"at"`          // by the operators' clock
}

// Phone is a handset that has messages.
type Phone struct {
	Number string `json:"number"` // E.164 with its plus sign
	Texts  int    `json:"texts"`  // how many
}

// Handset returns the texts on the handset of number, oldest first. The number
// is E.164 with its plus sign.
func (s *Server) Handset(number string) []Text {
	s.agenda.settle()
	return s.phones.texts(number)
}

// Handsets lists the handsets that have texts, by number.
func (s *Server) Handsets() []Phone {
	s.agenda.settle()
	return s.phones.list()
}

const phoneShards = 64

// phones is every handset. It is cut in shards so that many submits at once
// seldom meet on a lock.
type phones struct {
	stats  *ledgerOfCalls
	seed   maphash.Seed
	shards [phoneShards]phoneShard
}

type phoneShard struct {
	mu    sync.Mutex
	texts map[string][]Text
	seen  map[uint64]struct{} // hashes of number, text and reference
}

func newPhones(stats *ledgerOfCalls) *phones {
	p := &phones{stats: stats, seed: maphash.MakeSeed()}
	for i := range p.shards {
		p.shards[i].texts = map[string][]Text{}
		p.shards[i].seen = map[uint64]struct{}{}
	}
	return p
}

func (p *phones) shard(number string) *phoneShard {
	return &p.shards[maphash.String(p.seed, number)%phoneShards]
}

// arrive puts t on the handset of number.
func (p *phones) arrive(number string, t Text) {
	print := p.fingerprint(number, t)
	count := p.stats.of(t.Operator)
	count.delivered.Add(1)
	shard := p.shard(number)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if _, again := shard.seen[print]; again {
		count.duplicates.Add(1)
	}
	shard.seen[print] = struct{}{}
	shard.texts[number] = append(shard.texts[number], t)
}

func (p *phones) fingerprint(number string, t Text) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	for _, part := range [...]string{number, t.Text, t.Reference} {
		_, _ = h.WriteString(part)
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}

func (p *phones) texts(number string) []Text {
	shard := p.shard(number)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	return slices.Clone(shard.texts[number])
}

func (p *phones) list() []Phone {
	var all []Phone
	for i := range p.shards {
		shard := &p.shards[i]
		shard.mu.Lock()
		for number, texts := range maps.All(shard.texts) {
			all = append(all, Phone{Number: number, Texts: len(texts)})
		}
		shard.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b Phone) int { return strings.Compare(a.Number, b.Number) })
	return all
}
