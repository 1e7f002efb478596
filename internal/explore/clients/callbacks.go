// SPDX-License-Identifier: MIT

package clients

import (
	"context"
	"slices"
	"strconv"

	"example.com/pernet/impl"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/hook"
)

// makeOps makes the ops of the instance.
func (w *World) makeOps() {
	w.Ops = w.Ops[:0]
	for i, name := range w.In.Ops {
		o := &impl.Ops{Name: strconv.Itoa(i)}
		init := func(_ context.Context, n *impl.Net) error {
			err := w.init(uint8(i), Slot(n.Name()))
			w.Observer.Callback(false, o, n)
			return err
		}
		exit := func(_ context.Context, n *impl.Net) {
			w.exit(uint8(i), Slot(n.Name()), n)
			w.Observer.Callback(true, o, n)
		}
		if slices.Contains(w.In.WithId, name) {
			o = impl.NewSlot(o.Name, func(ctx context.Context, n *impl.Net) (struct{}, error) { return struct{}{}, init(ctx, n) },
				func(ctx context.Context, n *impl.Net, _ struct{}) { exit(ctx, n) }).Ops()
		}
		if !slices.Contains(w.In.NoInit, name) && o.Init == nil {
			o.Init = init
		}
		if !slices.Contains(w.In.NoExit, name) && o.Exit == nil {
			o.Exit = exit
		}
		if w.Equip != nil {
			w.Equip(i, o)
		}
		if slices.Contains(w.In.Malformed, name) {
			o.Init = nil
		}
		w.Ops = append(w.Ops, o)
	}
}

// init is the init of ops o on net n. It does not fail before the threads run.
func (w *World) init(o, n uint8) error {
	if w.Inside != nil {
		w.Inside()
	}
	err := w.failure(o)
	if err == errFail || err != nil && w.Step == "RegisterInit" {
		w.Failed[w.Number(w.S.Current())] = n
		return err
	}
	if w.both[o] {
		w.Balance[o][n]++
	}
	return err
}

// failure chooses what the init of ops o returns, and sets the outcome. In a set-up, a positive
// value is no failure.
func (w *World) failure(o uint8) error {
	if !w.failing[o] || w.S.Current() == "" {
		return nil
	}
	options := []error{nil, errFail}
	if w.In.Positive {
		options = append(options, hook.Positive(1))
	}
	err := options[w.S.Option(len(options))]
	switch {
	case err == errFail:
		w.Outcome = "Fail"
	case err != nil:
		w.Outcome = "Positive"
	}
	return err
}

func (w *World) exit(o, i uint8, n *impl.Net) {
	if w.both[o] {
		w.Balance[o][i]--
	}
	if !w.defers[o] {
		return
	}
	if w.Discipline == impl.RWSem && w.S.Current() == "" {
		return // the unregister waits for the callback, so that it has run when the threads begin
	}
	w.queue(o, i, n, max(w.In.Levels, 1))
}

// queue defers a callback of ops o on net n, which is in slot i, unless it is pending. That of a level above 1
// queues the one below.
func (w *World) queue(o, i uint8, n *impl.Net, level int) {
	callback := AtLevel(level, o, i)
	if w.Deferred&callback != 0 {
		return
	}
	w.Deferred |= callback
	w.spawn = "D" + strconv.Itoa(int(o)) + "." + strconv.Itoa(int(i))
	if level > 1 {
		w.spawn += "." + strconv.Itoa(level)
	}
	if err := n.Defer(func() {
		w.Deferred &^= callback
		for t := range w.Waits {
			w.Waits[t] &^= callback
		}
		if level > 1 {
			w.queue(o, i, n, level-1)
		}
	}); err != nil {
		w.Outcome = " cannot defer: " + err.Error() // a label that no spec has
		w.Deferred &^= callback
	}
}

// Pair is the bit of the deferred callback of an ops and a net, at level 1. That of the level above is levelShift
// bits higher; there are at most MaxLevels.
func Pair(o, n uint8) uint16 { return 1 << (o*MaxNets + n) }

const levelShift = MaxOps * MaxNets

// Callbacks is a set of deferred callbacks, as World.Deferred has them, in an instance.
func (in *Instance) Callbacks(bits *uint32) graph.Field {
	ops, net, _ := in.Domains()
	return graph.Triples(bits, ops, net, MaxNets, max(in.Levels, 1), levelShift)
}

// AtLevel is the callback of an ops and a net at a level.
func AtLevel(level int, o, n uint8) uint32 {
	return uint32(Pair(o, n)) << (levelShift * (max(level, 1) - 1))
}

// AnyLevel is the set of the callbacks of an ops and a net, of each level.
func AnyLevel(o, n uint8) uint32 { return uint32(Pair(o, n)) * (1 | 1<<levelShift) }

// assignFail chooses whether the slot of an ops can be assigned.
func (w *World) assignFail(ops string) error {
	if w.S.Current() == "" || !w.failing[Slot(ops)] || w.S.Option(2) == 0 {
		return nil
	}
	w.Outcome = "Fail"
	return impl.ErrNoMemory
}
