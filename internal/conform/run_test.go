// SPDX-License-Identifier: MIT

package conform

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestAFailureIsShownAtOnce: before the next case begins.
func TestAFailureIsShownAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := config(t, "resets nothing")
	c.Show = func(*Case) { cancel() }
	r, err := Run(ctx, c)
	if !errors.Is(err, context.Canceled) || r == nil || len(r.Groups) != 1 || len(r.Groups[0].Cases) != 1 {
		t.Errorf("%v: %+v", err, r)
	}
}

func TestEachFailureIsShown(t *testing.T) {
	for _, fault := range []string{"resets nothing", "drops a call", "deaf", "ends badly"} {
		c := config(t, fault)
		if fault == "deaf" {
			c.Timeout = time.Second
		}
		shown := 0
		c.Show = func(c *Case) {
			if shown++; !c.Verdict.Failed() {
				t.Errorf("%s: %s is shown: %s", fault, c.ID, c.Verdict)
			}
		}
		r, err := Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		failed := 0
		for _, g := range r.Groups {
			failed += g.Failed()
		}
		if shown != failed || failed == 0 {
			t.Errorf("%s: %d cases were shown, %d have failed", fault, shown, failed)
		}
	}
}

// TestRequireNeedsPrograms: vectors cannot meet what a good run meets.
func TestRequireNeedsPrograms(t *testing.T) {
	c := config(t, "")
	c.Level, c.Require = Sequential, true
	if r, out := conform(t, c); r.Status != statusUndecided || len(r.NotMet) > 0 {
		t.Errorf("status %d, not met %q\n%s", r.Status, r.NotMet, out)
	}
}

// TestInterruptEndsTheRun: what ended before is reported, what was under way is not.
func TestInterruptEndsTheRun(t *testing.T) {
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(500*time.Millisecond, func() { cancel(stop) })
	r, err := Run(ctx, config(t, "hangs"))
	if !errors.Is(err, stop) {
		t.Error(err)
	}
	if g := r.Groups[0]; g.Failed() > 0 || g.Count(Passed) == 0 || !strings.HasPrefix(r.Verdict, "interrupted after ") {
		t.Errorf("%d passed, %d failed: %s", g.Count(Passed), g.Failed(), r.Verdict)
	}
	if r, err := Run(ctx, config(t, "hangs")); r != nil || !errors.Is(err, stop) {
		t.Errorf("before the first case: %v, %v", r, err)
	}
}

// TestEndIsCheckedForSingleCases too; it has a row only if it fails.
func TestEndIsCheckedForSingleCases(t *testing.T) {
	for fault, want := range map[string]string{"": "passed: the 1 case that was asked for", "ends badly": "does not conform: 1 crashed"} {
		c := config(t, fault)
		c.Only = []string{"smoke/fresh-registry"}
		if r, out := conform(t, c); !strings.HasPrefix(r.Verdict, want) || len(r.Groups) != len(fault[:min(len(fault), 1)])+1 {
			t.Error(out)
		}
	}
}

func TestCommandThatDoesNotStartIsAnError(t *testing.T) {
	c := config(t, "")
	c.Command = []string{"/nowhere/adapter"}
	if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}

func TestNothingRunIsUndecided(t *testing.T) {
	c := config(t, "")
	c.Only = []string{"nothing"}
	if r, out := conform(t, c); r.Status != 3 {
		t.Errorf("status %d\n%s", r.Status, out)
	}
}

// TestEndIsACaseThatMayBeAskedFor, as it is in the table.
func TestEndIsACaseThatMayBeAskedFor(t *testing.T) {
	for fault, want := range map[string]string{"": "passed: the 1 case that was asked for", "ends badly": "does not conform: 1 crashed"} {
		c := config(t, fault)
		if c.Only = []string{"end"}; c.Known() != nil {
			t.Error(c.Known())
		}
		if r, out := conform(t, c); !strings.HasPrefix(r.Verdict, want) || len(r.Groups) != 1 {
			t.Error(out)
		}
	}
}
