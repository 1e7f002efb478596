// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// TestBarrierWaitsForAllThatIsPending: what is pending may be in several
// batches, for another barrier has begun in between; a barrier waits for each.
func TestBarrierWaitsForAllThatIsPending(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := r.Copy(ctx, r.InitNet(), "gone")
	if err != nil {
		t.Fatal(err)
	}
	first, second := make(chan struct{}), make(chan struct{})
	if err := r.InitNet().Defer(func() { <-first }); err != nil {
		t.Fatal(err)
	}
	if err := gone.Put(); err != nil {
		t.Fatal(err)
	}
	for sealed := false; !sealed && ctx.Err() == nil; { // its cleanup's barrier has begun
		r.mu.Lock()
		sealed = gone.sealed
		r.mu.Unlock()
	}
	if err := r.InitNet().Defer(func() { <-second }); err != nil {
		t.Fatal(err)
	}
	fails := &Ops{Name: "fails", Init: func(_ context.Context, n *Net) error {
		if n == r.InitNet() {
			return nil
		}
		return errors.New("no")
	}}
	if err := r.RegisterSubsys(ctx, fails); err != nil {
		t.Fatal(err)
	}
	copied := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		close(begun)
		_, err := r.Copy(ctx, r.InitNet(), "never")
		copied <- err
	}()
	<-begun
	for taken := false; !taken && ctx.Err() == nil; { // the copy's barrier has begun
		r.mu.Lock()
		n := r.names["never"]
		taken = n != nil && n.sealed
		r.mu.Unlock()
	}
	close(first)
	if err := gone.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-copied:
		t.Errorf("the copy returned (%v) while a callback from before its barrier was pending", err)
		copied <- err
	case <-time.After(50 * time.Millisecond): // so long a wrong one is given to show itself
	}
	close(second)
	if err := <-copied; err == nil {
		t.Error("the copy did not fail")
	}
	if err := r.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestOneNameIsTakenOnce: of copies that ask for one name at one time, one gets it.
func TestOneNameIsTakenOnce(t *testing.T) {
	ctx := context.Background()
	r, err := New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const clients, rounds = 8, 2000
	for range rounds {
		var start, done sync.WaitGroup
		start.Add(1)
		nets := make([]*Net, clients)
		for i := range clients {
			done.Go(func() {
				start.Wait()
				n, err := r.Copy(ctx, r.InitNet(), "one")
				if err != nil && !errors.Is(err, ErrExist) {
					t.Error(err)
				}
				nets[i] = n
			})
		}
		start.Done()
		done.Wait()
		got := 0
		for _, n := range nets {
			if n == nil {
				continue
			}
			got++
			if err := n.Put(); err != nil {
				t.Error(err)
			}
			if err := n.Wait(ctx); err != nil {
				t.Error(err)
			}
		}
		if got != 1 {
			t.Fatalf("%d copies got the one name", got)
		}
	}
	if err := r.Close(ctx); err != nil {
		t.Error(err)
	}
}

// sealedSoon waits until the last barrier of n has begun.
func sealedSoon(ctx context.Context, n *Net) {
	for sealed := false; !sealed && ctx.Err() == nil; {
		n.r.mu.Lock()
		sealed = n.sealed
		n.r.mu.Unlock()
	}
}

// TestLaterBatchEndsFirst: batches of deferred callbacks end in any order; the
// older one is still waited for.
func TestLaterBatchEndsFirst(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	boom := errors.New("no")
	fails := &Ops{Name: "fails", Init: func(_ context.Context, n *Net) error {
		if n.Name() == "never" {
			return boom
		}
		return nil
	}}
	r := made(t, ctx, WithSubsys(fails))
	gone := copied(t, r, "gone")
	first := make(chan struct{})
	must(t, r.InitNet().Defer(func() { <-first }))
	must(t, gone.Put())
	sealedSoon(ctx, gone) // its barrier waits for the first; what comes now is another batch
	must(t, r.InitNet().Defer(func() {}))
	for left := 2; left > 1 && ctx.Err() == nil; {
		r.mu.Lock()
		left = len(r.deferred)
		r.mu.Unlock()
	}
	returned := make(chan error, 1)
	go func() {
		_, err := r.Copy(ctx, r.InitNet(), "never")
		returned <- err
	}()
	select {
	case <-returned:
		t.Error("a failed copy does not wait for the older batch")
	case <-time.After(50 * time.Millisecond):
		close(first)
		if err := <-returned; !errors.Is(err, boom) {
			t.Error(err)
		}
	}
}

// TestNameIsInUseUntilTheFree: also while the last barrier of its net waits.
func TestNameIsInUseUntilTheFree(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r := made(t, ctx)
	n := copied(t, r, "n")
	hold := make(chan struct{})
	must(t, n.Defer(func() { <-hold }))
	must(t, n.Put())
	sealedSoon(ctx, n)
	if _, err := r.Copy(ctx, r.InitNet(), "n"); !errors.Is(err, ErrExist) {
		t.Errorf("while its barrier waits: %v", err)
	}
	close(hold)
	must(t, n.Wait(ctx))
	copied(t, r, "n")
}
