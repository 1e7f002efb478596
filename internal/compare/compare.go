// SPDX-License-Identifier: MIT

// Package compare compares the two sides of a row of the square: the state graph
// of a spec and that of the code, states and labelled edges, both ways. The
// record says which instances are compared, and with which code.
package compare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"example.com/pernet/internal/contract"
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/plural"
)

// codes are what a spec's graph can be compared with, by the names in the record.
var codes = map[string]comparer{
	"impl":  explored(mutex.ReadInstance),
	"model": modelled,
}

type comparer func(ctx context.Context, cfg string, opt Options) (Outcome, error)

// An Outcome is what the code's graph is, and how it compares with the spec's.
type Outcome struct {
	States, Edges int
	Digest        string // of the code's graph
	Code          time.Duration

	// Difference is the first place where the graphs differ, in words; "" when
	// they are equal, or when there was no graph of the spec to compare with.
	Difference string
}

// Options say how graphs are compared.
type Options struct {
	// Dump is what TLC made of the spec's graph. Without it the digest of the
	// code's is there to be compared with one that was made before.
	Dump io.ReadSeeker

	// Streams is for a dump that is too large to be held as a graph: its digest, made as it
	// streams by, is compared with the code's.
	Streams bool

	Workers int // runs of the code at one time
}

// Graphs builds the graph that the code of that name has in the instance of a
// cfg (a path), and compares it with the spec's. An error means that there is no
// outcome: bad input, an interrupt, or code that is not deterministic or never returns.
func Graphs(ctx context.Context, code, cfg string, opt Options) (Outcome, error) {
	graphs := codes[code]
	if graphs == nil {
		return Outcome{}, fmt.Errorf("there is no code %q to compare a graph with", code)
	}
	return graphs(ctx, cfg, opt)
}

// explored is code under a scheduler.
func explored[S comparable, D explore.Discipline[S]](read func(cfg string) (D, error)) comparer {
	return func(ctx context.Context, cfg string, opt Options) (Outcome, error) {
		in, err := read(cfg)
		if err != nil {
			return Outcome{}, err
		}
		d := explore.Discipline[S](in)
		return side[S]{
			parse:    explore.Parser(d),
			encode:   d.Encode,
			describe: func(s S) string { return explore.Describe(d, s) },
			build: func() (*graph.Graph[S], error) {
				r := explore.Explore(ctx, d, explore.Options{Workers: opt.Workers})
				switch r.Verdict {
				case explore.Incomplete:
					return nil, fmt.Errorf("incomplete: %s", r.Problem)
				case explore.Failed:
					return nil, fmt.Errorf("%s\nafter the schedule %s", r.Problem, r.Schedule)
				}
				return r.Graph, nil
			},
		}.compare(opt)
	}
}

// modelled is the model. A state is its text.
func modelled(ctx context.Context, cfg string, opt Options) (Outcome, error) {
	in, names, err := contract.ReadInstance(cfg)
	if err != nil {
		return Outcome{}, err
	}
	return side[string]{
		parse:    graph.Canonical,
		encode:   func(b []byte, s string) []byte { return append(b, s...) },
		describe: func(s string) string { return s },
		build:    func() (*graph.Graph[string], error) { return contract.Build(ctx, in, names) },
	}.compare(opt)
}

// A side is the code's graph of one instance, and how the states of the spec are read and shown.
type side[S comparable] struct {
	parse    func(text string) (S, error)
	encode   func([]byte, S) []byte
	describe func(S) string
	build    func() (*graph.Graph[S], error)
}

func (s side[S]) compare(opt Options) (o Outcome, err error) {
	var spec *graph.Graph[S]
	var streamed *graph.Digest
	switch {
	case opt.Dump == nil:
	case opt.Streams:
		streamed, err = graph.DigestDump(opt.Dump, s.parse, s.encode)
	default:
		spec, err = graph.ReadDump(opt.Dump, s.parse)
	}
	if err != nil {
		return o, err
	}
	start := time.Now()
	code, err := s.build()
	if err != nil {
		return o, err
	}
	d := code.Digest(s.encode)
	o = Outcome{States: d.States, Edges: d.Edges, Digest: d.String(), Code: time.Since(start)}
	if streamed != nil && *streamed != *d { // where do they differ?
		if _, err = opt.Dump.Seek(0, io.SeekStart); err == nil {
			spec, err = graph.ReadDump(opt.Dump, s.parse)
		}
		if err != nil {
			return Outcome{}, err
		}
	}
	if spec == nil {
		return o, nil
	}
	diff := graph.Compare(spec, code)
	switch {
	case diff != nil:
		o.Difference = fmt.Sprintf("the spec has %s and %s, the code %d and %d\n%s",
			plural.N(len(spec.States), "state"), plural.N(spec.Edges(), "edge"), o.States, o.Edges, diff.Report(s.describe))
	case streamed != nil:
		return Outcome{}, errors.New("the digests differ, and no edge does: one of the two ways is wrong")
	}
	return o, nil
}
