// SPDX-License-Identifier: MIT

package tlcrun

import (
	"strings"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	pass := Row{Verdict: Pass, Distinct: 6, Generated: 7, Depth: 6}
	fault := Row{Verdict: Safety, Violated: "Below"}
	for name, test := range map[string]struct {
		row     Row
		result  Result
		workers int
		want    string
	}{
		"pass":                  {pass, Result{Verdict: Pass, Distinct: 6, Generated: 7, Depth: 6}, 1, ""},
		"depth, two workers":    {pass, Result{Verdict: Pass, Distinct: 6, Generated: 7, Depth: 8}, 2, ""},
		"depth, one worker":     {pass, Result{Verdict: Pass, Distinct: 6, Generated: 7, Depth: 8}, 1, "depth 6, TLC found 8"},
		"distinct":              {pass, Result{Verdict: Pass, Distinct: 5, Generated: 7, Depth: 6}, 1, "TLC found 5 and 7"},
		"generated":             {pass, Result{Verdict: Pass, Distinct: 6, Generated: 9, Depth: 6}, 1, "TLC found 6 and 9"},
		"unmeasured":            {Row{Verdict: Pass}, Result{Verdict: Pass, Distinct: 6}, 1, "not measured yet"},
		"violated":              {fault, Result{Verdict: Safety, Name: "Below", Distinct: 3}, 1, ""},
		"other name":            {fault, Result{Verdict: Safety, Name: "TypeOK"}, 1, "expected safety of Below, found safety of TypeOK"},
		"other verdict":         {fault, Result{Verdict: Liveness, Name: "Below"}, 1, "found liveness of Below"},
		"no longer violated":    {fault, Result{Verdict: Pass}, 1, "expected safety of Below, found pass"},
		"unexpected violation":  {pass, Result{Verdict: Deadlock, Name: "Deadlock"}, 1, "expected pass, found deadlock of Deadlock"},
		"incomplete for pass":   {pass, Result{Verdict: Incomplete, Problem: "cut", Distinct: 6, Generated: 7, Depth: 6}, 1, "cut"},
		"broken for violation":  {fault, Result{Verdict: Broken, Problem: "no parse", Name: "Below"}, 1, "no parse"},
		"incomplete, violation": {fault, Result{Verdict: Incomplete, Problem: "cut", Name: "Below"}, 1, "cut"},
	} {
		t.Run(name, func(t *testing.T) {
			got := test.result.Judge(test.row, test.workers)
			if !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// TestMeasure: a time takes the place of one that it differs from by half, and the CPU counts before the clock.
func TestMeasure(t *testing.T) {
	row, files := Row{}, map[string]string{"A.cfg": "a"}
	for _, took := range []struct{ before, now, after time.Duration }{{0, 5, 5}, {5, 6, 5}, {5, 8, 8}, {5, 2, 2}, {5, 3, 5}} {
		row.Took = took.before * time.Second
		Result{Verdict: Pass, Distinct: 6, Generated: 7, Depth: 6, Version: "2.18", Took: took.now * time.Second}.Measure(&row, files)
		if row.Took != took.after*time.Second {
			t.Errorf("took %d s by the record, %d s now: %s", took.before, took.now, row.Took)
		}
	}
	if row.Distinct != 6 || row.Generated != 7 || row.Depth != 6 || row.TLC != "2.18" || len(row.Files) != 1 {
		t.Errorf("measured %+v", row)
	}
	Result{Verdict: Safety, Distinct: 6, Generated: 7, Depth: 6, Took: time.Hour, CPU: time.Second}.Measure(&row, files)
	if row.Took != time.Second {
		t.Errorf("an hour on a busy machine, a second of CPU: %s", row.Took)
	}
	if row.Distinct != 0 || row.Generated != 0 || row.Depth != 0 {
		t.Errorf("a violation has counts: %+v", row)
	}
}
