// SPDX-License-Identifier: MIT

package graph

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// A Digest is one number for a state graph: the sum, modulo 2 to the 256, of the SHA-256 of
// its initial state, of each state and of each edge. The sum does not depend on the order,
// so it can be computed while a dump is read. Any changed, missing or extra state, label or
// edge changes it. It detects accidents, not deliberate collisions.
type Digest struct {
	States, Edges int
	sum           [4]uint64
}

// A Sum is the SHA-256 of one state.
type Sum [sha256.Size]byte

// State adds a state, in an exact encoding. The first one is the initial state.
func (d *Digest) State(encoding []byte) Sum {
	if d.States == 0 {
		d.add("initial", encoding)
	}
	d.States++
	return d.add("state", encoding)
}

// Edge adds an edge between two states.
func (d *Digest) Edge(from Sum, label string, to Sum) {
	d.Edges++
	d.add("edge", from[:], to[:], []byte(label))
}

func (d *Digest) add(kind string, parts ...[]byte) Sum {
	h := sha256.New()
	h.Write([]byte(kind))
	for _, p := range parts {
		h.Write(p)
	}
	var s Sum
	h.Sum(s[:0])
	var carry uint64
	for i := range d.sum {
		d.sum[i], carry = bits.Add64(d.sum[i], binary.LittleEndian.Uint64(s[8*i:]), carry)
	}
	return s
}

// String returns the digest in hexadecimal.
func (d *Digest) String() string {
	var b []byte
	for _, word := range d.sum {
		b = binary.LittleEndian.AppendUint64(b, word)
	}
	return hex.EncodeToString(b)
}

// Digest returns the digest of a graph; encode appends the exact encoding of a state.
func (g *Graph[S]) Digest(encode func([]byte, S) []byte) *Digest {
	var d Digest
	sums := make([]Sum, len(g.States))
	var buf []byte
	for i, s := range g.States {
		buf = encode(buf[:0], s)
		sums[i] = d.State(buf)
	}
	for from, out := range g.Out {
		for _, e := range out {
			d.Edge(sums[from], e.Label, sums[e.To])
		}
	}
	return &d
}
