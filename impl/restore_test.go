// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/door"
)

// restorable makes a registry with a subsystem and two devices, and nets of all
// kinds: listed, in use, queued, kept. Its worker, and what it defers, go to started.
func restorable(t *testing.T) (r *Registry, d *door.Door, started *[]func()) {
	t.Helper()
	var tp tape
	started = new([]func())
	d = &door.Door{Go: func(_ string, f func()) { *started = append(*started, f) }}
	r, err := New(door.With(bg, d), WithSubsys(tp.ops("a")), WithDevice(tp.ops("b"), tp.ops("c")))
	must(t, err)
	kept := copied(t, r, "kept")
	must(t, kept.Hold())
	must(t, kept.Put())
	(*started)[0]()
	*started = nil
	copied(t, r, "listed")
	queued := copied(t, r, "queued")
	must(t, r.InitNet().Defer(func() {}))
	must(t, queued.Put())
	return r, d, started
}

// seen prints what View shows, and which locks are held.
func seen(d *door.Door) string {
	var v door.View
	d.View(&v)
	slices.SortFunc(v.Nets, func(a, b door.ViewNet) int { return strings.Compare(a.Name, b.Name) })
	netMutex, rtnl := d.Held()
	return fmt.Sprintf("%+v %v %v", v, netMutex, rtnl)
}

// What View shows after Restore is what was restored, whatever has happened between.
func TestRestoreIsTheInverseOfView(t *testing.T) {
	r, d, started := restorable(t)
	var v door.View
	d.View(&v)
	before := seen(d)
	pernetList, netList := r.pernetList, r.netList

	for _, work := range *started { // the deferred callback, and the cleanup that waits for it
		work()
	}
	must(t, r.UnregisterDevice(bg, r.pernetList[1].ops))
	copied(t, r, "more")
	must(t, r.netMutex.lock(bg))
	if seen(d) == before {
		t.Fatal("nothing has happened")
	}
	for _, held := range [][2]bool{{true, true}, {true, true}, {false, true}, {true, false}, {false, false}} {
		d.Restore(&v, held[0], held[1])
		want := strings.TrimSuffix(before, "false false") + fmt.Sprintf("%v %v", held[0], held[1])
		if got := seen(d); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	wellFormed(t, r)
	if &r.pernetList[0] == &pernetList[0] || &r.netList[0] == &netList[0] {
		t.Error("a list is not a new one: who walks it sees it change")
	}
	for _, work := range *started { // and it goes on from there
		work()
	}
	if n := r.names["queued"]; n != nil || len(r.netList) != 2 {
		t.Errorf("%v, %v: the cleanup did not run", n, r.netList)
	}
	if r.firstDevice.Name != "b" || len(r.kept) != 1 || len(r.deferred) != 0 {
		t.Error(r.firstDevice, r.kept, r.deferred)
	}
}

// Nets and batches that are not there yet are made; nets that the tool knows to be freed are freed.
func TestRestoreMakesWhatIsNotThere(t *testing.T) {
	r, d, _ := restorable(t)
	freed := r.names["listed"]
	v := door.View{
		First:     r.firstDevice, // on no list
		NetList:   []string{"init_net", "n"},
		WorkQueue: []string{"listed"}, // though it is freed
		Nets:      []door.ViewNet{{Net: r.InitNet(), Name: "init_net", Count: 1}, {Name: "n", Count: 2, Use: 3}},
		Batches:   []door.ViewBatch{{Left: 1}, {Left: 0}},
		Freed:     []any{freed},
	}
	d.Restore(&v, false, false)
	n := r.names["n"]
	if n == nil || v.Nets[1].Net != any(n) || n.count.Load() != 2 || n.useCount.Load() != 3 || r.netList[1] != n || n.r != r {
		t.Error(n, v.Nets)
	}
	is(t, freed.Get(), ErrNotFound)
	is(t, freed.Hold(), ErrNotFound)
	is(t, freed.Defer(func() {}), ErrNotFound)
	if len(r.pernetList) != 0 || r.firstDevice.Name != "b" || len(r.kept) != 0 || r.working || !slices.Equal(r.workQueue, []*Net{freed}) {
		t.Error(r.pernetList, r.firstDevice, r.workQueue, r.kept, r.working)
	}

	// A batch is open while callbacks are missing, and can be opened again.
	open := func(i int) bool {
		select {
		case <-v.Batches[i].Batch.(*batch).done:
			return false
		default:
			return true
		}
	}
	if !open(0) || open(1) || len(r.deferred) != 1 {
		t.Error("a batch of one callback is open, one of none is not")
	}
	first, second := v.Batches[0].Batch, v.Batches[1].Batch
	for _, left := range [][2]int{{0, 1}, {0, 0}, {1, 1}, {1, 0}} {
		v.Batches[0].Left, v.Batches[1].Left = left[0], left[1]
		d.Restore(&v, false, false)
		if open(0) != (left[0] > 0) || open(1) != (left[1] > 0) || len(r.deferred) != left[0]+left[1] {
			t.Errorf("%v: %v %v, %v", left, open(0), open(1), r.deferred)
		}
	}
	if v.Batches[0].Batch != first || v.Batches[1].Batch != second {
		t.Error("they are other batches now")
	}
	must(t, n.Defer(func() {}))
	if len(r.deferred) != 2 || r.deferred[1].left != 1 {
		t.Error("what is deferred next is not in a batch of its own")
	}
}

// A freed net is found wherever the tool has it among the freed ones.
func TestRestoreFindsEachFreedNet(t *testing.T) {
	r, d, _ := restorable(t)
	freed := []any{r.names["kept"], r.names["listed"], r.names["queued"]}
	v := door.View{
		NetList: []string{"init_net"}, WorkQueue: []string{"queued", "kept", "listed"},
		Nets: []door.ViewNet{{Net: r.InitNet(), Name: "init_net", Count: 1}}, Freed: freed,
	}
	d.Restore(&v, false, false)
	if !slices.Equal(r.workQueue, []*Net{freed[2].(*Net), freed[0].(*Net), freed[1].(*Net)}) {
		t.Error(r.workQueue)
	}
}

// Who waits for a batch that is still open, or has long been done, waits for the same one.
func TestRestoreKeepsWhatIsWaitedFor(t *testing.T) {
	var b batch
	for _, left := range []int{1, 2, 1, 0, 0} {
		was := b.done
		b.restore(left)
		if was != nil && b.done != was {
			t.Errorf("with %d left there is another channel", left)
		}
	}
}

// A thread that stands between two steps with mu held would stop everybody.
func TestRestoreRefusesAHeldMu(t *testing.T) {
	d := new(door.Door)
	r := made(t, door.With(context.Background(), d))
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		if recover() == nil {
			t.Error("nobody notices")
		}
	}()
	d.Restore(new(door.View), false, false)
}
