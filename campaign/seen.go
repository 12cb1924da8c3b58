package campaign

// seen is where each number of a table stands first. It is a table of its own kind because
// a million of them shall take little memory, at no time: no pointer, no room but for one
// entry in four, and parts that grow one after the other.
type seen struct {
	parts [seenParts]seenPart
}

const (
	seenParts = 256
	seenBegin = 8 // entries of a part; a power of two is not needed
)

// seenPart are entries in the order of their hash, or behind it where another had the place.
// A number of 0 is none.
type seenPart struct {
	numbers []number64
	rows    []int32
	texts   []uint64 // hashes
	count   int
}

// first returns where a number stands first, and the hash of its text there; where it is new
// it keeps what it is given.
func (s *seen) first(k number64, row int32, text uint64) (firstRow int32, firstText uint64, known bool) {
	hash := k.hash()
	p := &s.parts[hash%seenParts]
	if p.count*4 >= len(p.numbers)*3 {
		p.grow()
	}
	at := p.find(k, hash)
	if p.numbers[at] == k {
		return p.rows[at], p.texts[at], true
	}
	p.numbers[at], p.rows[at], p.texts[at] = k, row, text
	p.count++
	return 0, 0, false
}

// find is where a number is, or where it would be.
func (p *seenPart) find(k number64, hash uint64) int {
	at := int((hash >> 32) * uint64(len(p.numbers)) >> 32)
	for p.numbers[at] != 0 && p.numbers[at] != k {
		if at++; at == len(p.numbers) {
			at = 0
		}
	}
	return at
}

// grow makes room for a quarter more.
func (p *seenPart) grow() {
	was := *p
	room := max(seenBegin, len(p.numbers)+len(p.numbers)/4)
	p.numbers, p.rows, p.texts = make([]number64, room), make([]int32, room), make([]uint64, room)
	for i, k := range was.numbers {
		if k != 0 {
			at := p.find(k, k.hash())
			p.numbers[at], p.rows[at], p.texts[at] = k, was.rows[i], was.texts[i]
		}
	}
}

// hash spreads numbers that follow each other (the end of MurmurHash3).
func (k number64) hash() uint64 {
	h := uint64(k)
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
