// SPDX-License-Identifier: MIT

package conform

import (
	"bytes"
	"strings"
	"testing"

	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/vectors"
	"example.com/pernet/model"
)

// reread writes the replay of a case and reads it again.
func reread(t *testing.T, c *Case) *vectors.Set {
	t.Helper()
	var file bytes.Buffer
	if err := c.Replay.Write(&file); err != nil {
		t.Fatal(err)
	}
	set, err := vectors.Read(&file, "replay.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Vectors) != 1 || set.Vectors[0].Why == "" {
		t.Errorf("%+v", set)
	}
	return set
}

// failed returns the first case that failed.
func failed(t *testing.T, r *Report) *Case {
	t.Helper()
	for _, g := range r.Groups {
		for _, c := range g.Cases {
			if c.Verdict.Failed() {
				return c
			}
		}
	}
	t.Fatal("no case failed")
	return nil
}

// TestFailuresReplayByThemselves: a vector that was cut, one that fails only where lines are sent ahead, a
// schedule and a program, each read from its file, fail in the same way, and pass with an adapter that is right.
func TestFailuresReplayByThemselves(t *testing.T) {
	for fault, c := range map[string]struct {
		only, id string
		lines    int
		bounds   bool
	}{
		"wrong undo":       {"edges-1-1-1/", "edges-1-1-1/", 3, false},
		"unsupported":      {"smoke/cleanup-reverse-after-mixed-registers", "smoke/cleanup-reverse-after-mixed-registers", 1, false},
		"out of order":     {"edges-1-1-1/", "edges-1-1-1/", 0, true},
		"stops at entry 1": {"schedules/copy-from/", "schedules/copy-from/", 1, false},
		"forgets init_net": {"concurrent/", "concurrent-7/", 1, false},
		"drops a call":     {"concurrent/", "concurrent-7/", 1, false},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, fault)
			cfg.Seed, cfg.Only = 7, []string{c.only}
			if fault == "out of order" {
				cfg.Timeout = hangs
			}
			cfg.Sets = append(cfg.Sets, published(t, "schedules.jsonl.gz"))
			r, _ := conform(t, cfg)
			first := failed(t, r)
			set := reread(t, first)
			v := &set.Vectors[0]
			if !strings.HasPrefix(v.ID, c.id) || c.lines > 0 && len(v.Lines) != c.lines || (set.Bounds != nil) != c.bounds {
				t.Errorf("%+v", v)
			}
			cfg.Sets, cfg.Only = []*vectors.Set{set}, []string{v.ID}
			again, out := conform(t, cfg)
			if got := failed(t, again); got.ID != v.ID || got.Verdict != first.Verdict || again.Status != r.Status {
				t.Errorf("%s is %s, and was %s\n%s", got.ID, got.Verdict, first.Verdict, out)
			}
			right := config(t, "")
			right.Sets, right.Only, right.Runs = cfg.Sets, cfg.Only, 3
			if r, out := conform(t, right); r.Status != 0 || strings.HasPrefix(c.only, "conc") != (r.Operations > 0) {
				t.Errorf("status %d, %d operations\n%s", r.Status, r.Operations, out)
			}
		})
	}
}

// TestTheHistoryOfAFailureIsRefused by pernet lin; where the kit asks for more, that is said.
func TestTheHistoryOfAFailureIsRefused(t *testing.T) {
	for fault, refused := range map[string]bool{"forgets init_net": true, "drops the last cleanup": false, "drops a call": false} {
		r, _ := conform(t, programs(t, fault))
		c := failed(t, r)
		if c.Refused != refused {
			t.Errorf("%s: %t", fault, c.Refused)
		}
		if !refused {
			continue
		}
		in := &lin.File{Name: "history", In: strings.NewReader(strings.Join(c.History, "\n")), Discipline: model.Mutex}
		if checker, err := in.Check(t.Context()); err != nil || checker.Result().Verdict != lin.Not {
			t.Error(err, c.History)
		}
	}
}
