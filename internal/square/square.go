// SPDX-License-Identifier: MIT

// Package square compares the two sides of a row: the state graph of a spec and
// that of the code, states and labelled edges, both ways.
package square

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"example.com/pernet/internal/contract"
	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/graph"
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
	"MCnetnsLarge3ops.cfg":  "netns.tla = impl",
	"MCregistry.cfg":        "registry.tla = model",
	"MCregistry3ops.cfg":    "registry.tla = model",
	"MCregistry3nets.cfg":   "registry.tla = model",
	"MCregistryBoot.cfg":    "registry.tla = model",
	"MCregistryNoNetNs.cfg": "registry.tla = model",
}

// Compare builds the code's graph of the instance in the cfg (a path), and
// compares it with the dump that TLC made of the spec's, unless that is nil: then
// the digest is there to be compared with one that was made before. An error
// means that there is no outcome: bad input, an interrupt, or code that is not
// deterministic or stands still.
func Compare(ctx context.Context, cfg string, dump io.Reader, workers int) (Outcome, error) {
	if strings.HasPrefix(filepath.Base(cfg), "MCregistry") {
		return upper(ctx, cfg, dump)
	}
	return lower(ctx, cfg, dump, workers)
}

// lower is spec/netns.tla and impl.
func lower(ctx context.Context, cfg string, dump io.Reader, workers int) (Outcome, error) {
	in, err := explore.ReadInstance(cfg)
	if err != nil {
		return Outcome{}, err
	}
	spec, err := read(dump, in.ParseState)
	if err != nil {
		return Outcome{}, err
	}
	start := time.Now()
	r := in.Explore(ctx, explore.Options{Workers: workers})
	switch r.Verdict {
	case explore.Incomplete:
		return Outcome{}, fmt.Errorf("incomplete: %s", r.Problem)
	case explore.Failed:
		return Outcome{}, fmt.Errorf("%s\nafter the schedule %s", r.Problem, r.Schedule)
	}
	return outcome(start, spec, r.Graph, explore.Encode, in.Describe), nil
}

// upper is spec/registry.tla and model.
func upper(ctx context.Context, cfg string, dump io.Reader) (Outcome, error) {
	in, names, err := contract.ReadInstance(cfg)
	if err != nil {
		return Outcome{}, err
	}
	spec, err := read(dump, graph.Canonical)
	if err != nil {
		return Outcome{}, err
	}
	start := time.Now()
	code, err := contract.Build(ctx, in, names)
	if err != nil {
		return Outcome{}, err
	}
	encode := func(b []byte, s string) []byte { return append(b, s...) }
	return outcome(start, spec, code, encode, func(s string) string { return s }), nil
}

func read[S comparable](dump io.Reader, parse func(string) (S, error)) (*graph.Graph[S], error) {
	if dump == nil {
		return nil, nil
	}
	return graph.ReadDump(dump, parse)
}

func outcome[S comparable](start time.Time, spec, code *graph.Graph[S], encode func([]byte, S) []byte, describe func(S) string) Outcome {
	d := code.Digest(encode)
	o := Outcome{States: d.States, Edges: d.Edges, Digest: d.String(), Code: time.Since(start)}
	if spec == nil {
		return o
	}
	if diff := graph.Compare(spec, code); diff != nil {
		o.Difference = fmt.Sprintf("the spec has %d states and %d edges, the code %d and %d\n%s",
			len(spec.States), spec.Edges(), o.States, o.Edges, diff.Report(describe))
	}
	return o
}
