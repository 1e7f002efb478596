// SPDX-License-Identifier: MIT

package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/sched"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Stepped is a program under way on impl, whose clients and worker are threads of a scheduler.
// They take one step at a time.
type Stepped struct {
	Threads sched.Scheduler
	clients int
	stage   *stage
}

// NewStepped runs the set-up of a program, and each of its clients up to its first step. It fails
// if ctx has ended.
func NewStepped(ctx context.Context, d model.Discipline, p *wire.Program) (t *Stepped, err error) {
	t = &Stepped{clients: len(p.Clients)}
	point := func(at hook.Point) {
		if t.Threads.Current() != "" { // the set-up stops nowhere
			t.Threads.Point(at)
		}
	}
	worker := func(_ string, f func()) { t.Threads.Go(ThreadOf(wire.Worker), f) }
	if t.stage, err = newStage(ctx, d, 0, &hook.Hooks{Point: point, Go: worker}); err != nil {
		return nil, err
	}
	t.stage.client(wire.Setup, p.Setup)
	for i, steps := range p.Clients {
		t.Threads.Go(ThreadOf(int64(i)), func() { t.stage.client(int64(i), steps) })
	}
	return t, nil
}

// ThreadOf returns the name of the thread of a client.
func ThreadOf(client int64) string { return strconv.FormatInt(client, 10) }

// At returns where a client is, and whether it can take its step; "" if it has ended.
func (t *Stepped) At(client int64) (p hook.Point, can bool) {
	if i := t.Threads.Find(ThreadOf(client)); i >= 0 {
		return t.Threads.At(i), t.Threads.Enabled(i)
	}
	return p, false
}

// Take takes the step of a client, which can take it.
func (t *Stepped) Take(client int64) { t.Threads.Step(t.Threads.Find(ThreadOf(client)), 0) }

// Follow takes the steps of a schedule. It stops at an entry that does not fit.
func (t *Stepped) Follow(schedule []wire.Turn) *wire.Misfit {
	for i, turn := range schedule {
		at, can := t.At(turn.Client)
		if at.Name != turn.Step || !can {
			return &wire.Misfit{Index: int64(i), Turn: turn, Found: at.Name}
		}
		t.Take(turn.Client)
	}
	return nil
}

// Finish runs every thread on, always the lowest client that can move, until all have ended. It
// reports whether they have.
func (t *Stepped) Finish() bool {
	for client := int64(wire.Worker); client < int64(t.clients); client++ {
		if _, can := t.At(client); can {
			t.Take(client)
			client = wire.Worker - 1
		}
	}
	return t.Threads.Len() == 0
}

// Close gives the threads back. If some have not ended, their memory is lost.
func (t *Stepped) Close() {
	t.Finish()
	t.Threads.Close()
}

// Scheduled runs a program as its schedule says, and returns its history and the end of its answer.
func Scheduled(ctx context.Context, d model.Discipline, p *wire.Program) ([]wire.Line, *wire.End, error) {
	t, err := NewStepped(ctx, d, p)
	if err != nil {
		return nil, nil, err
	}
	defer t.Close()
	end := t.run(p.Schedule)
	history := t.stage.end()
	end.ID, end.Operations = p.ID, int64(len(history))
	return history, &end, nil
}

// run follows the schedule, and then runs every thread on.
func (t *Stepped) run(schedule []wire.Turn) (end wire.End) {
	if end.At = t.Follow(schedule); end.At != nil {
		end.Err = wire.NoStep
	} else if !t.Finish() {
		end.Err = "EDEADLK"
	}
	return end
}

// History returns the calls and cleanups so far, in the order of clients. Those that have not
// returned have the callbacks that they have run.
func (t *Stepped) History() []wire.Line {
	history := slices.Clone(t.stage.history)
	for _, l := range t.stage.open {
		open := *l
		open.Return = -1
		history = append(history, open)
	}
	slices.SortStableFunc(history, func(a, b wire.Line) int { return cmp.Compare(a.Client, b.Client) })
	return history
}

// State describes the registry, where each thread is, and what all calls have returned and run so
// far: all that the rest of the run depends on.
func (t *Stepped) State() string {
	var v hook.View
	t.stage.hooks.View(&v)
	slices.SortFunc(v.Nets, func(a, b hook.ViewNet) int { return cmp.Compare(a.Name, b.Name) })
	var b strings.Builder
	fmt.Fprintln(&b, v.PernetList, v.FirstDevice, v.NetList, v.WorkQueue, v.DeferFree, v.Freeing)
	for _, n := range v.Nets {
		fmt.Fprintln(&b, n.Name, n.Count, n.Use, n.Listed, n.Kept)
	}
	for client := int64(wire.Worker); client < int64(t.clients); client++ {
		at, can := t.At(client)
		fmt.Fprintln(&b, client, at.Name, at.Ops, at.Net, at.Other, at.Err, can)
	}
	for _, l := range t.History() {
		fmt.Fprintf(&b, "%t %s", l.Return < 0, l.AppendUntimed(nil))
	}
	return b.String()
}
