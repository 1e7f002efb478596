// SPDX-License-Identifier: MIT

package lin

import (
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// kernelHistories returns the recorded histories of a Linux 6.1, by workload.
func kernelHistories(t *testing.T) map[string][]wire.Line {
	t.Helper()
	all := map[string][]wire.Line{}
	for _, file := range globbed(t, histories+"kernel/*.jsonl.gz", 5) {
		packed, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer packed.Close()
		in, err := gzip.NewReader(packed)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "linux-6.1."), ".jsonl.gz")
		all[name] = readLines(t, strings.NewReader(string(text)), file)
	}
	return all
}

func TestKernelHistoriesAreAccepted(t *testing.T) {
	for name, ops := range kernelHistories(t) {
		r, err := Check(t.Context(), model.RWSem, ops)
		if err != nil || r.Verdict != Linearizable || r.Steps > 3*r.Operations {
			t.Errorf("%s: %s %s, %d steps for %d operations, %v\n%v", name, r.Verdict, r.Reason, r.Steps, r.Operations, err, r.Failure)
		}
		t.Logf("%s: %d operations, %d steps, at most %d configurations", name, r.Operations, r.Steps, r.Peak)
	}
}

// Single changes of a history. Each returns what it makes of an operation, nil if it cannot change it:
// one operation, or none where the line goes.
var kernelChanges = map[string]func(r *rand.Rand, o wire.Line) []wire.Line{
	"two exits on a net are swapped": func(r *rand.Rand, o wire.Line) []wire.Line {
		return ifOp(swapped(r, o, true), wire.Cleanup)
	},
	"an exit of a cleanup is missing":        func(r *rand.Rand, o wire.Line) []wire.Line { return ifOp(lacking(r, o, true), wire.Cleanup) },
	"an exit of a cleanup runs twice":        func(r *rand.Rand, o wire.Line) []wire.Line { return ifOp(doubled(r, o, true), wire.Cleanup) },
	"an exit of a cleanup is on another net": func(r *rand.Rand, o wire.Line) []wire.Line { return ifOp(elsewhere(r, o), wire.Cleanup) },
	"a cleanup runs an exit too much, on another net": func(r *rand.Rand, o wire.Line) []wire.Line {
		return ifOp(withCalls(r, o, func(i int) bool { return o.Calls[i].Exit }, func(calls []wire.Callback, i int) []wire.Callback {
			return append(calls, wire.Callback{Exit: true, Ops: calls[i].Ops, Net: wire.InitNet})
		}), wire.Cleanup)
	},
	"a cleanup frees another net, too": func(_ *rand.Rand, o wire.Line) []wire.Line {
		o.Freed = append(slices.Clone(o.Freed), wire.InitNet)
		return ifOp([]wire.Line{o}, wire.Cleanup)
	},
	"a cleanup runs an init": func(r *rand.Rand, o wire.Line) []wire.Line {
		return ifOp(turned(r, o), wire.Cleanup)
	},
	"two inits of a copy are swapped":   func(r *rand.Rand, o wire.Line) []wire.Line { return ifOp(swapped(r, o, false), wire.Copy) },
	"an init of a copy is missing":      func(r *rand.Rand, o wire.Line) []wire.Line { return ifOp(lacking(r, o, false), wire.Copy) },
	"an init of a copy runs twice":      func(r *rand.Rand, o wire.Line) []wire.Line { return ifOp(doubled(r, o, false), wire.Copy) },
	"two exits of an undo are swapped":  func(r *rand.Rand, o wire.Line) []wire.Line { return ifOp(swapped(r, o, true), wire.Copy) },
	"an exit of an undo is missing":     func(r *rand.Rand, o wire.Line) []wire.Line { return ifOp(lacking(r, o, true), wire.Copy) },
	"the undo begins at the failed ops": func(_ *rand.Rand, o wire.Line) []wire.Line { return ifOp(undoFromFailed(o), wire.Copy) },
	"a copy that failed succeeded": func(_ *rand.Rand, o wire.Line) []wire.Line {
		return ifOp(answered(o, o.Err != 0, 0), wire.Copy)
	},
	"a copy that succeeded failed": func(_ *rand.Rand, o wire.Line) []wire.Line {
		return ifOp(answered(o, o.Err == 0, model.ENOMEM), wire.Copy)
	},
	"an init of a register is missing": func(r *rand.Rand, o wire.Line) []wire.Line {
		return ifOp(lacking(r, o, false), wire.RegisterSubsys, wire.RegisterDevice)
	},
	"an init of a register runs twice": func(r *rand.Rand, o wire.Line) []wire.Line {
		return ifOp(doubled(r, o, false), wire.RegisterSubsys, wire.RegisterDevice)
	},
	"a register that failed succeeded": func(_ *rand.Rand, o wire.Line) []wire.Line {
		return ifOp(answered(o, o.Err != 0, 0), wire.RegisterSubsys, wire.RegisterDevice)
	},
	"an insert at the tail: a subsystem is a device": func(_ *rand.Rand, o wire.Line) []wire.Line {
		changed := ifOp(answered(o, o.Err == 0, 0), wire.RegisterSubsys)
		for i := range changed {
			changed[i].Op = wire.RegisterDevice
		}
		return changed
	},
	"an exit of an unregister is missing": func(r *rand.Rand, o wire.Line) []wire.Line {
		return ifOp(lacking(r, o, true), wire.UnregisterSubsys, wire.UnregisterDevice)
	},
	"an unregister is of the other kind": func(_ *rand.Rand, o wire.Line) []wire.Line {
		kinds := map[string]string{wire.UnregisterSubsys: wire.UnregisterDevice, wire.UnregisterDevice: wire.UnregisterSubsys}
		changed := ifOp([]wire.Line{o}, wire.UnregisterSubsys, wire.UnregisterDevice)
		for i := range changed {
			changed[i].Op = kinds[o.Op]
		}
		return changed
	},
	"a register is missing": func(_ *rand.Rand, o wire.Line) []wire.Line {
		return gone(o, o.Err == 0, wire.RegisterSubsys, wire.RegisterDevice)
	},
	"an unregister is missing": func(_ *rand.Rand, o wire.Line) []wire.Line {
		return gone(o, true, wire.UnregisterSubsys, wire.UnregisterDevice)
	},
	"a copy is missing":    func(_ *rand.Rand, o wire.Line) []wire.Line { return gone(o, o.Err == 0, wire.Copy) },
	"a put is missing":     func(_ *rand.Rand, o wire.Line) []wire.Line { return gone(o, true, wire.Put) },
	"a cleanup is missing": func(_ *rand.Rand, o wire.Line) []wire.Line { return gone(o, true, wire.Cleanup) },
	"a cleanup leaves a net out": func(r *rand.Rand, o wire.Line) []wire.Line {
		if o.Op == wire.Cleanup {
			i := r.IntN(len(o.Nets))
			o.Nets = slices.Delete(slices.Clone(o.Nets), i, i+1)
		}
		return ifOp([]wire.Line{o}, wire.Cleanup)
	},
	"a cleanup does not free a net": func(_ *rand.Rand, o wire.Line) []wire.Line {
		if o.Op == wire.Cleanup {
			o.Freed = o.Freed[1:]
		}
		return ifOp([]wire.Line{o}, wire.Cleanup)
	},
	"a state shows another order": func(r *rand.Rand, o wire.Line) []wire.Line {
		if o.Op == wire.State {
			o.PernetList = slices.Clone(o.PernetList)
			i := r.IntN(len(o.PernetList) - 1)
			o.PernetList[i], o.PernetList[i+1] = o.PernetList[i+1], o.PernetList[i]
		}
		return ifOp([]wire.Line{o}, wire.State)
	},
	"a state shows another first device": func(r *rand.Rand, o wire.Line) []wire.Line {
		if o.Op == wire.State {
			o.FirstDevice = o.PernetList[0]
		}
		return ifOp([]wire.Line{o}, wire.State)
	},
}

// ifOp returns the changed operation if it is one of these ops.
func ifOp(changed []wire.Line, ops ...string) []wire.Line {
	if len(changed) > 0 && slices.Contains(ops, changed[0].Op) {
		return changed
	}
	return nil
}

// gone drops the operation if it is one of these ops.
func gone(o wire.Line, ok bool, ops ...string) []wire.Line {
	if !ok || !slices.Contains(ops, o.Op) {
		return nil
	}
	return []wire.Line{}
}

func answered(o wire.Line, ok bool, err model.Err) []wire.Line {
	if !ok {
		return nil
	}
	o.Err, o.Errno = err, ""
	return []wire.Line{o}
}

// withCalls returns o with its callbacks changed at one of the places that fit.
func withCalls(r *rand.Rand, o wire.Line, fits func(i int) bool, change func(calls []wire.Callback, i int) []wire.Callback) []wire.Line {
	var places []int
	for i := range o.Calls {
		if fits(i) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return nil
	}
	o.Calls = change(slices.Clone(o.Calls), pick(r, places))
	return []wire.Line{o}
}

// swapped swaps two callbacks that follow each other on one net.
func swapped(r *rand.Rand, o wire.Line, exit bool) []wire.Line {
	next := func(i int) int {
		return i + 1 + slices.IndexFunc(o.Calls[i+1:], func(cb wire.Callback) bool { return cb.Net == o.Calls[i].Net && cb.Exit == exit })
	}
	return withCalls(r, o, func(i int) bool { return o.Calls[i].Exit == exit && next(i) > i }, func(calls []wire.Callback, i int) []wire.Callback {
		j := next(i)
		calls[i], calls[j] = calls[j], calls[i]
		return calls
	})
}

func lacking(r *rand.Rand, o wire.Line, exit bool) []wire.Line {
	return withCalls(r, o, func(i int) bool { return o.Calls[i].Exit == exit }, func(calls []wire.Callback, i int) []wire.Callback { return slices.Delete(calls, i, i+1) })
}

func doubled(r *rand.Rand, o wire.Line, exit bool) []wire.Line {
	return withCalls(r, o, func(i int) bool { return o.Calls[i].Exit == exit }, func(calls []wire.Callback, i int) []wire.Callback { return slices.Insert(calls, i, calls[i]) })
}

func elsewhere(r *rand.Rand, o wire.Line) []wire.Line {
	return withCalls(r, o, func(i int) bool { return o.Calls[i].Exit }, func(calls []wire.Callback, i int) []wire.Callback {
		calls[i].Net = wire.InitNet
		return calls
	})
}

func turned(r *rand.Rand, o wire.Line) []wire.Line {
	return withCalls(r, o, func(i int) bool { return o.Calls[i].Exit }, func(calls []wire.Callback, i int) []wire.Callback {
		calls[i].Exit = false
		return calls
	})
}

// undoFromFailed adds the exit of the ops that failed, before the exits of the undo.
func undoFromFailed(o wire.Line) []wire.Line {
	i := slices.IndexFunc(o.Calls, func(cb wire.Callback) bool { return cb.Exit })
	if i < 1 {
		return nil
	}
	failed := o.Calls[i-1]
	failed.Exit = true
	o.Calls = slices.Insert(slices.Clone(o.Calls), i, failed)
	return []wire.Line{o}
}

// TestChangedKernelHistoriesAreRefused makes each change in a sample of the places of each history.
func TestChangedKernelHistoriesAreRefused(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	all := kernelHistories(t)
	refused := 0
	for kind, change := range kernelChanges {
		places := 0
		for name, ops := range all {
			r := rand.New(rand.NewPCG(1, uint64(len(kind)+len(ops))))
			sample := 0
			for _, i := range r.Perm(len(ops)) {
				changed := change(r, ops[i])
				if changed == nil || sample == 6 {
					continue
				}
				sample++
				res, err := Check(t.Context(), model.RWSem, slices.Concat(ops[:i], changed, ops[i+1:]))
				if err != nil || res.Verdict != Not {
					t.Errorf("%s, line %d: %s: judged %s %s, %v\n%s", name, i+1, kind, res.Verdict, res.Reason, err, shown("", &ops[i]))
				}
			}
			places += sample
		}
		if places == 0 {
			t.Errorf("there is no place where %s", kind)
		}
		refused += places
	}
	t.Logf("%d kinds of change, %d histories", len(kernelChanges), refused)
}
