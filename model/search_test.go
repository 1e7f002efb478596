// SPDX-License-Identifier: MIT

package model_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pernet/internal/contract"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/model"
)

func instanceOf(t *testing.T, cfg string) model.Instance {
	t.Helper()
	in, _, err := contract.ReadInstance(filepath.Join("..", "spec", cfg))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// record is what TLC found, spec/models.tsv.
func record(t *testing.T) *tlc.Record {
	t.Helper()
	r, err := tlc.ReadRecord(filepath.Join("..", "spec", "models.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCountsEqualTLC: the search reaches as many states, generates as many and
// goes as deep as TLC does, in every instance of the contract.
func TestCountsEqualTLC(t *testing.T) {
	compared := 0
	for _, row := range record(t).Models {
		if row.Module != "MCregistry" || row.Verdict != tlc.Pass {
			continue
		}
		compared++
		t.Run(row.Cfg, func(t *testing.T) {
			r := instanceOf(t, row.Cfg).Search(context.Background(), 0)
			if r.Verdict != model.Pass {
				t.Fatal(r)
			}
			if int64(r.Distinct) != row.Distinct || int64(r.Generated) != row.Generated || r.Depth != row.Depth {
				t.Errorf("%s\nTLC: %d states, %d generated, depth %d", r, row.Distinct, row.Generated, row.Depth)
			}
		})
	}
	if compared < 6 {
		t.Errorf("only %d instances in the record", compared)
	}
}

// TestPositiveBreaksTheUndo: hazard H1 in the model, as in
// MCregistryProbePositive.
func TestPositiveBreaksTheUndo(t *testing.T) {
	r := instanceOf(t, "MCregistryProbePositive.cfg").Search(context.Background(), 0)
	if r.Verdict != model.Failed || r.Broken != "UndoIsExact" {
		t.Fatal(r)
	}
	var s model.State
	var ans model.Answer
	s = model.New(false)
	var last model.Action
	for _, last = range r.Path {
		s, ans, _ = s.Step(last)
	}
	if ans.Err != 1 || model.Broken(s, last, ans) != "UndoIsExact" {
		t.Errorf("the path %v does not lead there: it answers %v", r.Path, ans)
	}
	if !strings.Contains(r.String(), "UndoIsExact does not hold after") {
		t.Errorf("a failure that does not say so: %s", r)
	}
}

// TestStoppedSearchIsIncomplete: a search that did not see everything never passes.
func TestStoppedSearchIsIncomplete(t *testing.T) {
	in := instanceOf(t, "MCregistry.cfg")
	if r := in.Search(context.Background(), 1000); r.Verdict != model.Incomplete || r.Distinct < 1000 {
		t.Errorf("bounded: %s", r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r := in.Search(ctx, 0); r.Verdict != model.Incomplete || r.Distinct != 1 {
		t.Errorf("cancelled before it began: %s", r)
	}
	if r := in.Search(&endsLater{Context: context.Background(), asked: 1}, 0); r.Verdict != model.Incomplete || r.Distinct >= 50000 {
		t.Errorf("cancelled on its way: %s", r)
	}
}

// endsLater is a context that ends after it was asked so often.
type endsLater struct {
	context.Context
	asked int
}

func (c *endsLater) Err() error {
	if c.asked--; c.asked < 0 {
		return context.Canceled
	}
	return nil
}

// TestBoundThatIsNotPassed: a search that just fits its bound has seen everything.
func TestBoundThatIsNotPassed(t *testing.T) {
	in := instanceOf(t, "MCregistryNoNetNs.cfg")
	all := in.Search(context.Background(), 0)
	if r := in.Search(context.Background(), all.Distinct); r.Verdict != model.Pass || r.Distinct != all.Distinct {
		t.Errorf("bound %d: %s", all.Distinct, r)
	}
	if r := in.Search(context.Background(), all.Distinct-1); r.Verdict != model.Incomplete {
		t.Errorf("bound %d: %s", all.Distinct-1, r)
	}
}

func BenchmarkSearch(b *testing.B) {
	in := model.Instance{Ops: 2, Nets: 2, Copies: 1, Cancel: true, MaxCount: 2, MaxUse: 1}
	states := 0
	for b.Loop() {
		states += in.Search(context.Background(), 0).Distinct
	}
	b.ReportMetric(float64(states)/b.Elapsed().Seconds(), "states/s")
}
