package users

import "math/bits"

// idSet is a set of internal ids. These are given out in order, so that a bit
// for each takes little memory: 12 KiB for 100,000 people.
type idSet []uint64

func (s *idSet) add(id int64) {
	word := int(id / 64)
	if word >= len(*s) {
		*s = append(*s, make([]uint64, word+1-len(*s))...)
	}
	(*s)[word] |= 1 << (id % 64)
}

func (s idSet) has(id int64) bool {
	word := int(id / 64)
	return word < len(s) && s[word]&(1<<(id%64)) != 0
}

func (s idSet) len() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}
