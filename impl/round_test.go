// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"testing"
	"time"

	"example.com/pernet/internal/hook"
)

// TestStepsOfARound has every kind of callback, and two nets, of which the one put last comes first.
func TestStepsOfARound(t *testing.T) {
	var tp tape
	r, d, got := steps(t, rwsem, WithSubsys(tp.all("a")), WithDevice(tp.all("b")))
	n, m := copied(t, r, "n"), copied(t, r, "m")
	must(t, n.Put())
	must(t, m.Put())
	got()
	tp.took()
	if did := d.Work(-1); did != 1 {
		t.Errorf("%d rounds", did)
	}
	wantSteps(t, got, "CleanupNet", "CleanupNetLock", "CleanupNetUnlink ready",
		"OpsUndoListPreExit b m", "OpsUndoListPreExit b n", "OpsUndoListPreExit a m", "OpsUndoListPreExit a n",
		"OpsUndoListGrace", "OpsUndoListGraceEnd ready", "OpsUndoListRtnlLock ready",
		"OpsUndoListExitRtnl b m", "OpsUndoListExitRtnl a m", "OpsUndoListExitRtnl b n", "OpsUndoListExitRtnl a n",
		"OpsUndoListRtnlUnlock", "OpsUndoListExit b m", "OpsUndoListExit b n", "OpsUndoListExitBatch b m",
		"OpsUndoListExit a m", "OpsUndoListExit a n", "OpsUndoListExitBatch a m", "CleanupNetUnlock",
		"CleanupNetBarrier", "RcuBarrierEnd ready", "NetCompleteFree", "CleanupNetPut m", "CleanupNetPut n")
	tp.want(t, "pre_exit b m, pre_exit b n, pre_exit a m, pre_exit a n, exit_rtnl b m, exit_rtnl a m, exit_rtnl b n, exit_rtnl a n, "+
		"exit b m, exit b n, exit_batch b m+n, exit a m, exit a n, exit_batch a m+n")
	wantLists(t, r, "a | b; init_net")
	gone(t, n)
	gone(t, m)
}

func TestARoundTakesWhatWaitsNewestFirst(t *testing.T) {
	var tp tape
	var rounds []int
	freed := 0
	d := &hook.Hooks{Stepped: true}
	d.Cleanup = func() func(string, bool) { return func(string, bool) { freed++ } }
	d.Round = func() { rounds = append(rounds, freed) }
	r := made(t, hook.With(bg, d), rwsem, WithSubsys(tp.ops("a")))
	for _, name := range []string{"1", "2", "3"} {
		must(t, copied(t, r, name).Put())
	}
	late := copied(t, r, "4")
	tp.on("exit a 3", func(context.Context, *Net) error { return late.Put() })
	tp.took()
	if did := d.Work(-1); did != 2 {
		t.Errorf("%d rounds", did)
	}
	tp.want(t, "exit a 3, exit a 2, exit a 1, exit a 4")
	if len(rounds) != 2 || rounds[0] != 3 || rounds[1] != 4 {
		t.Errorf("nets freed at the end of each round: %v", rounds)
	}
}

// A callback may queue the next one until its net is freed; the memory of the net goes a round later.
func TestChainsOfDeferredCallbacksUnderRWSem(t *testing.T) {
	r, d := stepped(t, rwsem)
	n := copied(t, r, "n")
	second, hold := make(chan error, 1), make(chan struct{})
	must(t, n.Defer(func() { second <- n.Defer(func() { <-hold }) }))
	must(t, <-second)
	must(t, n.Put())
	go func() { time.Sleep(time.Millisecond); close(hold) }()
	d.Work(-1)
	gone(t, n)
	is(t, n.Defer(func() {}), ErrNotFound)
	if len(r.deferFree) != 1 || len(r.freeing) != 0 {
		t.Errorf("%v and %v wait for the next round", r.deferFree, r.freeing)
	}
	m := copied(t, r, "n") // the name is free again
	must(t, m.Put())
	d.Work(-1)
	if len(r.deferFree) != 1 || r.deferFree[0] != m {
		t.Errorf("%v wait for the next round", r.deferFree)
	}
	must(t, r.Close(bg))
	if r.deferFree != nil {
		t.Errorf("Close leaves %v", r.deferFree)
	}
}

// What a round frees is chosen before its barrier begins: a creation that fails during the barrier
// comes too late (hazard H11).
func TestARoundFreesWhatWasFreedBeforeItsBarrier(t *testing.T) {
	var tp tape
	r := made(t, bg, rwsem, WithSubsys(tp.ops("a")))
	n := copied(t, r, "n")
	hold := make(chan struct{})
	must(t, n.Defer(func() { <-hold }))
	tp.fail("init a x", errBoom)
	tp.on("exit a n", func(context.Context, *Net) error { return nil })
	must(t, n.Put())
	eventually(t, "the barrier begins", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.workQueue) == 0 && r.open == nil && r.netMutex.free()
	})
	ctx, cancel := context.WithCancel(bg)
	cancel()
	_, err := r.Copy(ctx, r.InitNet(), "x")
	is(t, err, ErrInterrupted) // freed at once, while the barrier waits
	close(hold)
	must(t, n.Wait(bg))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.deferFree) != 2 {
		t.Errorf("%v wait for the next round", r.deferFree)
	}
}

func TestCloseUnderRWSemEndsAllNetsTogetherAndTheFirstOneLast(t *testing.T) {
	var tp tape
	r := made(t, bg, rwsem, WithSubsys(tp.all("a"), tp.ops("b")))
	copied(t, r, "n")
	copied(t, r, "m")
	tp.took()
	tp.on("exit b n", func(context.Context, *Net) error { panic(errBoom) })
	err := r.Close(bg)
	is(t, err, errBoom)
	tp.want(t, "pre_exit a m, pre_exit a n, exit_rtnl a m, exit_rtnl a n, exit b m, exit b n, exit a m, exit a n, exit_batch a m+n, "+
		"pre_exit a init_net, exit_rtnl a init_net, exit b init_net, exit a init_net, exit_batch a init_net")
}

// A net that Close has taken down while it waited for its round. The round waits for no reader and no deferred callback.
func TestARoundThatFindsNothing(t *testing.T) {
	r, d, got := steps(t, rwsem)
	n := copied(t, r, "n")
	must(t, n.Put())
	r.netRwsem.Lock()
	r.unlist([]*Net{n})
	r.netRwsem.Unlock()
	got()
	if did := d.Work(-1); did != 1 || n.useCount.Load() == freedUse || !r.netMutex.free() {
		t.Errorf("%d rounds; use count %d", did, n.useCount.Load())
	}
	wantSteps(t, got, "CleanupNet", "CleanupNetLock", "CleanupNetUnlink ready")
}
