// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"example.com/pernet/internal/compare"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/tlcrun"
)

// dumpFile is where TLC is to write the state graph of a cfg; "" if it
// is not compared. It is in a folder of its own that TLC's container may write to.
func (c *checker) dumpFile(m *model) (string, error) {
	if m.row.Code == "" {
		return "", nil
	}
	dir, err := os.MkdirTemp("", "pernet-dump-")
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "graph.dot"), os.Chmod(dir, 0o777)
}

// graphs compares the state graphs of specs and code: with what TLC has dumped
// just now, or with the digest in the record.
func (c *checker) graphs(spec string, models []*model) {
	for _, m := range models {
		if m.row.Code != "" {
			c.add(c.graph(spec, m))
		}
	}
}

// graphName says what is compared: "netns.tla = impl (MCnetns)".
func graphName(r *tlc.Row) string {
	return fmt.Sprintf("%s.tla = %s (%s)", strings.TrimPrefix(r.Module, "MC"), r.Code, strings.TrimSuffix(r.Cfg, ".cfg"))
}

func (c *checker) graph(spec string, m *model) row {
	r := row{name: graphName(m.row), verdict: fail}
	if m.dump != "" {
		defer os.RemoveAll(filepath.Dir(m.dump))
	}
	var dump *os.File
	switch {
	case c.ctx.Err() != nil:
		r.verdict, r.why = incomplete, "interrupted"
		return r
	case m.dump == "" && m.row.Stale(spec) != "":
		r.why = m.row.Stale(spec) + ", and there is no TLC to run"
		return r
	case m.dump == "" && m.row.Graph == "":
		r.why = "the record has no digest of it (make record measures it)"
		return r
	case m.dump != "" && (!m.ran || m.result.Verdict != tlc.Pass):
		r.verdict, r.why = incomplete, "TLC did not see the whole graph"
		return r
	case m.dump != "":
		var err error
		if dump, err = os.Open(m.dump); err != nil {
			r.why = err.Error()
			return r
		}
		defer dump.Close()
	}
	opt := compare.Options{Streams: m.row.Long, Workers: runtime.NumCPU()}
	if dump != nil { // a nil *os.File is no nil io.ReadSeeker
		opt.Dump = dump
	}
	o, err := compare.Graphs(c.ctx, m.row.Code, filepath.Join(spec, m.cfg.Name), opt)
	switch {
	case err != nil && c.ctx.Err() != nil:
		r.verdict, r.why = incomplete, "interrupted"
		return r
	case err != nil:
		r.why = err.Error()
		return r
	}
	equal := ", equal to the last edge"
	if opt.Streams {
		equal = ", equal by the digest of every state and edge"
	}
	r.figures = fmt.Sprintf("%12s states, %s edges, %s to build", tlcrun.Group(int64(o.States)), tlcrun.Group(int64(o.Edges)), seconds(o.Code))
	switch {
	case o.Difference != "":
		r.why = o.Difference
	case c.update:
		m.row.Graph = o.Digest
		r.verdict, r.figures = pass, r.figures+equal
	case m.row.Graph != o.Digest && dump != nil:
		r.why = "the graphs are equal, but the record has another digest (make record measures it)"
	case m.row.Graph != o.Digest:
		r.why = "the code's graph is not the one that the record has of the spec's; with TLC, the first difference is shown"
	case dump == nil:
		r.verdict, r.figures = record, r.figures+", equal to the recorded digest"
	default:
		r.verdict, r.figures = pass, r.figures+equal
	}
	return r
}
