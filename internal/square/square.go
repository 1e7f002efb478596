// SPDX-License-Identifier: MIT

// Package square compares the two sides of a row: the state graph of a spec and
// that of the code, states and labelled edges, both ways.
package square

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"example.com/pernet/internal/contract"
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/plural"
)

// An Outcome is what the code's graph is, and how it compares with the spec's.
type Outcome struct {
	States, Edges int
	Digest        string // of the code's graph
	Code          time.Duration

	// Difference is the first place where the graphs differ, in words; "" when
	// they are equal, or when there was no graph of the spec to compare with.
	Difference string
}

// Rows names, for each cfg whose state graph is compared, the spec and the code.
// An instance belongs here if the code can follow it (see explore.ReadInstance).
var Rows = map[string]string{
	"MCnetns.cfg":           "netns.tla = impl",
	"MCnetns3ops.cfg":       "netns.tla = impl",
	"MCnetns3nets.cfg":      "netns.tla = impl",
	"MCnetnsBarrier.cfg":    "netns.tla = impl",
	"MCnetnsLarge3ops.cfg":  "netns.tla = impl",
	"MCregistry.cfg":        "registry.tla = model",
	"MCregistry3ops.cfg":    "registry.tla = model",
	"MCregistry3nets.cfg":   "registry.tla = model",
	"MCregistryBoot.cfg":    "registry.tla = model",
	"MCregistryNoNetNs.cfg": "registry.tla = model",
}

// Streams reports whether the dump of a cfg is too large to be held as a graph:
// then its digest, made as it streams by, is compared with the code's.
func Streams(cfg string) bool { return strings.Contains(filepath.Base(cfg), "Large") }

// Compare builds the code's graph of the instance in the cfg (a path), and
// compares it with the dump that TLC made of the spec's, unless that is nil: then
// the digest is there to be compared with one that was made before. An error
// means that there is no outcome: bad input, an interrupt, or code that is not
// deterministic or stands still.
func Compare(ctx context.Context, cfg string, dump io.ReadSeeker, workers int) (Outcome, error) {
	if strings.HasPrefix(filepath.Base(cfg), "MCregistry") {
		return upper(ctx, cfg, dump)
	}
	return lower(ctx, cfg, dump, workers)
}

// lower is spec/netns.tla and impl.
func lower(ctx context.Context, cfg string, dump io.ReadSeeker, workers int) (Outcome, error) {
	in, err := explore.ReadInstance(cfg)
	if err != nil {
		return Outcome{}, err
	}
	build := func() (*graph.Graph[explore.State], error) {
		r := in.Explore(ctx, explore.Options{Workers: workers})
		switch r.Verdict {
		case explore.Incomplete:
			return nil, fmt.Errorf("incomplete: %s", r.Problem)
		case explore.Failed:
			return nil, fmt.Errorf("%s\nafter the schedule %s", r.Problem, r.Schedule)
		}
		return r.Graph, nil
	}
	return row[explore.State]{in.ParseState, explore.Encode, in.Describe, build}.compare(dump, Streams(cfg))
}

// upper is spec/registry.tla and model.
func upper(ctx context.Context, cfg string, dump io.ReadSeeker) (Outcome, error) {
	in, names, err := contract.ReadInstance(cfg)
	if err != nil {
		return Outcome{}, err
	}
	return row[string]{
		parse:    graph.Canonical,
		encode:   func(b []byte, s string) []byte { return append(b, s...) },
		describe: func(s string) string { return s },
		build:    func() (*graph.Graph[string], error) { return contract.Build(ctx, in, names) },
	}.compare(dump, Streams(cfg))
}

// A row of the square is how the states of a spec are read and shown, and how
// the graph of the code is made.
type row[S comparable] struct {
	parse    func(text string) (S, error)
	encode   func([]byte, S) []byte
	describe func(S) string
	build    func() (*graph.Graph[S], error)
}

func (r row[S]) compare(dump io.ReadSeeker, streams bool) (o Outcome, err error) {
	var spec *graph.Graph[S]
	var streamed *graph.Digest
	switch {
	case dump == nil:
	case streams:
		streamed, err = graph.DigestDump(dump, r.parse, r.encode)
	default:
		spec, err = graph.ReadDump(dump, r.parse)
	}
	if err != nil {
		return o, err
	}
	start := time.Now()
	code, err := r.build()
	if err != nil {
		return o, err
	}
	d := code.Digest(r.encode)
	o = Outcome{States: d.States, Edges: d.Edges, Digest: d.String(), Code: time.Since(start)}
	if streamed != nil && *streamed != *d { // where do they differ?
		if _, err = dump.Seek(0, io.SeekStart); err == nil {
			spec, err = graph.ReadDump(dump, r.parse)
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
			plural.N(len(spec.States), "state"), plural.N(spec.Edges(), "edge"), o.States, o.Edges, diff.Report(r.describe))
	case streamed != nil:
		return Outcome{}, errors.New("the digests differ, and no edge does: one of the two ways is wrong")
	}
	return o, nil
}
