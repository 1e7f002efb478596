// SPDX-License-Identifier: MIT

package explore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/history"
)

const programsCfg = "testdata/programs.cfg"

// programmed gives the instance its programs, written "before | T1 | T2".
func programmed(t testing.TB, text string) *Instance {
	t.Helper()
	in, err := ReadInstance(programsCfg)
	if err != nil {
		t.Fatal(err)
	}
	var parts [][]Call
	for part := range strings.SplitSeq(text, "|") {
		calls, err := ParseCalls(strings.TrimSpace(part))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, calls)
	}
	with, err := in.With(parts[0], parts[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

func TestZZCounts(t *testing.T) {
	for _, text := range []string{"|register_subsys0|copy0", "copy0|put1|get1", "copy0|put1|list|copy1"} {
		in := programmed(t, text)
		r := in.Explore(t.Context(), Options{})
		n, err := Schedules(r.Graph)
		_, err2 := in.CheckGraph(r.Graph)
		full, red := map[string]bool{}, map[string]bool{}
		t0 := time.Now()
		fc, e3 := Every{Max: 300000}.Run(t.Context(), in, sign(full))
		d1 := time.Since(t0)
		rc, e4 := Every{Reduced: true}.Run(t.Context(), in, sign(red))
		t.Log(text, r.Verdict, r.Problem, len(r.Graph.States), r.Graph.Edges(), n, err, err2, fc, e3, d1, rc, e4, len(full), len(red), maps.Equal(full, red))
	}
}

func sign(into map[string]bool) func(*Played) error {
	return func(p *Played) error {
		into[Answers(p.History)+fmt.Sprint(p.End)] = true
		res, err := history.Check(context.Background(), p.History)
		if err == nil && res.Verdict != history.Linearizable {
			err = errors.New("not")
		}
		return err
	}
}
