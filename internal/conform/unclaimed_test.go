// SPDX-License-Identifier: MIT

package conform

import (
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/replay"
)

// TestFeatureWorksIfEachVectorOfItPasses, not the first alone.
func TestFeatureWorksIfEachVectorOfItPasses(t *testing.T) {
	if r, _ := conform(t, config(t, "stops at a positive init")); strings.Join(r.Works, " ") != "misuse no-callback use-count fail-alloc defer run" {
		t.Error(r.Works)
	}
}

func TestUnclaimedFeaturesAreSkippedAndTriedOnce(t *testing.T) {
	r, out := conform(t, config(t, "claims little"))
	if r.Status != 0 || strings.Join(r.Works, " ") != "misuse positive-init no-callback use-count fail-alloc defer run" {
		t.Error(r.Status, r.Works)
	}
	contains(t, out, "needs positive-init", "not claimed: misuse, positive-init, no-callback, use-count, fail-alloc, defer, run, steps\n")
	twice := config(t, "claims little") // each feature is tried once, however many sets need it
	twice.Sets = append(twice.Sets, twice.Sets...)
	if again, _ := conform(t, twice); strings.Join(again.Works, " ") != strings.Join(r.Works, " ") {
		t.Error(again.Works)
	}
	contains(t, out, "\nnot claimed, and not tried: steps\n")
	for fault, want := range map[string][2]bool{"claims little": {true, true}, "claims little; drops a call": {}, "claims little; ignores the schedule": {true}} {
		with := config(t, fault)
		with.Sets = append(with.Sets, published(t, "schedules.jsonl.gz"))
		r, _ := conform(t, with)
		if got := [2]bool{slices.Contains(r.Works, replay.FeatureRun), slices.Contains(r.Works, replay.FeatureSteps)}; got != want || len(r.NotTried) > 0 {
			t.Errorf("%s: %q work, not tried %q", fault, r.Works, r.NotTried)
		}
	}
	if r, _ := conform(t, config(t, "claims nothing")); !slices.Contains(r.Works, "misuse") || !slices.Contains(r.Works, "fail-alloc") {
		t.Errorf("what two features need is not tried if both are not claimed: %q", r.Works)
	}
	low := config(t, "claims little")
	low.Level = Sequential
	if r, _ := conform(t, low); strings.Join(r.NotTried, " ") != "run steps" {
		t.Errorf("of other levels than that to run: not tried %q", r.NotTried)
	}
	if r, _ := conform(t, config(t, "lacks use-count")); r.Status != 0 || strings.Contains(strings.Join(r.Works, " "), "use-count") {
		t.Error(r.Status, r.Works)
	}
}

// TestAskedForButNotClaimedIsSkippedByName: what --only names and the adapter does not claim is no pass.
func TestAskedForButNotClaimedIsSkippedByName(t *testing.T) {
	c := config(t, "claims little")
	id := c.Sets[0].Vectors[0].ID
	for only, want := range map[string]string{
		id:                                "passed: the 1 case that was asked for;",
		id + ",concurrent/1,concurrent/2": "passed: 1 of the 3 cases that were asked for, the others skipped;",
		"concurrent/1":                    "undecided: no case was run, 1 skipped;",
	} {
		c.Only = strings.Split(only, ",")
		r, out := conform(t, c)
		contains(t, out, want)
		if strings.Contains(only, "concurrent") {
			contains(t, out, "needs run")
		}
		if undecided := strings.HasPrefix(want, "undecided"); undecided != (r.Status == statusUndecided) {
			t.Errorf("%s: status %d", only, r.Status)
		}
	}
}

// TestNothingIsSaidOfClaimsThatWereNotRead: without an answer to hello there are none.
func TestNothingIsSaidOfClaimsThatWereNotRead(t *testing.T) {
	if _, out := conform(t, config(t, "greets")); strings.Contains(out, "not claimed") {
		t.Error(out)
	}
}

// TestNoClaimIsAnEmptyList in the report as JSON, not null.
func TestNoClaimIsAnEmptyList(t *testing.T) {
	c := config(t, "claims nothing")
	c.Only = []string{"smoke/fresh-registry"}
	if r, out := conform(t, c); r.Claims == nil || len(r.Claims) > 0 {
		t.Errorf("%v\n%s", r.Claims, out)
	}
}
