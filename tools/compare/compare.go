// SPDX-License-Identifier: MIT

// Package compare compares the state graph of a spec with that of the code: all states and
// labelled edges, in both directions. The record lists the instances and their code.
package compare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/explore/rwsem"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/plural"
)

// codes are the codes that the record can name.
var codes = map[string]comparer{
	"impl":  explored(mutex.ReadInstance),
	"rwsem": explored(rwsem.ReadInstance),
	"model": modelled,
}

type comparer func(ctx context.Context, cfg string, opt Options) (Outcome, error)

// An Outcome describes the code's graph and how it differs from the spec's.
type Outcome struct {
	States, Edges int
	Digest        string // of the code's graph, or of the dump if nothing else was asked for
	Code          time.Duration

	// Difference describes the first difference between the graphs. It is "" if they are
	// equal, or if there was no graph of the spec.
	Difference string
}

// Options control a comparison.
type Options struct {
	// Dump is TLC's dump of the spec's graph. Without it, the caller can compare the digest
	// of the code's graph with a recorded one.
	Dump io.ReadSeeker

	// Streams is for a dump that is too large for memory: only its digest is computed, and
	// compared with the code's.
	Streams bool

	// DigestOnly asks for the digest of the dump alone: the code does not run.
	DigestOnly bool

	Workers int // parallel runs of the code
}

// Graphs builds the graph of the named code in the instance of the cfg at a path, and
// compares it with the spec's. It returns an error, and no outcome, for bad input, after an
// interrupt, and for code that is not deterministic or never returns.
func Graphs(ctx context.Context, code, cfg string, opt Options) (Outcome, error) {
	graphs := codes[code]
	if graphs == nil {
		return Outcome{}, fmt.Errorf("there is no code %q to compare with", code)
	}
	return graphs(ctx, cfg, opt)
}

// explored compares code under a scheduler.
func explored[S comparable, D explore.Discipline[S]](read func(cfg string) (D, error)) comparer {
	return func(ctx context.Context, cfg string, opt Options) (Outcome, error) {
		in, err := read(cfg)
		if err != nil {
			return Outcome{}, err
		}
		d := explore.Discipline[S](in)
		return side[S]{
			parse:    explore.Parser(d),
			encode:   explore.Encode[S],
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

// modelled compares the model. A state is its text.
func modelled(ctx context.Context, cfg string, opt Options) (Outcome, error) {
	return side[string]{
		parse:    graph.Canonical,
		encode:   func(b []byte, s string) []byte { return append(b, s...) },
		describe: func(s string) string { return s },
		build:    func() (*graph.Graph[string], error) { return Contract(ctx, cfg) },
	}.compare(opt)
}

// A side builds the code's graph of one instance, and reads and shows the states of the spec.
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
	case opt.Streams, opt.DigestOnly:
		streamed, err = graph.DigestDump(opt.Dump, s.parse, s.encode)
	default:
		spec, err = graph.ReadDump(opt.Dump, s.parse)
	}
	if err != nil {
		return o, err
	}
	if opt.DigestOnly {
		return Outcome{States: streamed.States, Edges: streamed.Edges, Digest: streamed.String()}, nil
	}
	start := time.Now()
	code, err := s.build()
	if err != nil {
		return o, err
	}
	d := code.Digest(s.encode)
	o = Outcome{States: d.States, Edges: d.Edges, Digest: d.String(), Code: time.Since(start)}
	if streamed != nil && *streamed != *d { // find the difference
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
	diff := graph.Compare(spec, code, false)
	switch {
	case diff != nil:
		o.Difference = fmt.Sprintf("the spec has %s and %s, the code %d and %d\n%s",
			plural.N(len(spec.States), "state"), plural.N(spec.Edges(), "edge"), o.States, o.Edges, diff.Report("the spec", "the code", s.describe))
	case streamed != nil:
		return Outcome{}, errors.New("the digests differ, but the graphs do not: the digest or the comparison is wrong")
	}
	return o, nil
}
