// SPDX-License-Identifier: MIT

package impl_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"example.com/pernet/impl"
)

// printing returns ops that say what they do.
func printing(name string) *impl.Ops {
	return &impl.Ops{
		Name: name,
		Init: func(_ context.Context, n *impl.Net) error {
			fmt.Println("init", name, "on", n.Name())
			return nil
		},
		Exit: func(_ context.Context, n *impl.Net) {
			fmt.Println("exit", name, "on", n.Name())
		},
	}
}

func Example() {
	ctx := context.Background()
	r, err := impl.New(ctx, impl.WithSubsys(printing("routes")))
	if err != nil {
		fmt.Println(err)
		return
	}
	blue, err := r.Copy(ctx, r.InitNet(), "blue")
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = r.RegisterDevice(ctx, printing("loopback")) // runs on both nets
	_ = blue.Put()                                  // the last reference
	_ = blue.Wait(ctx)
	_ = r.Close(ctx)
	// Output:
	// init routes on init_net
	// init routes on blue
	// init loopback on init_net
	// init loopback on blue
	// exit loopback on blue
	// exit routes on blue
	// exit loopback on init_net
	// exit routes on init_net
}

func ExampleRegistry_Copy_failure() {
	ctx := context.Background()
	full := &impl.Ops{Name: "full", Init: func(_ context.Context, n *impl.Net) error {
		if n.Name() == "blue" {
			return errors.New("no room")
		}
		return nil
	}}
	r, _ := impl.New(ctx, impl.WithSubsys(printing("routes"), full))
	_, err := r.Copy(ctx, r.InitNet(), "blue")
	fmt.Println(err)
	var failed *impl.InitError
	if errors.As(err, &failed) {
		fmt.Println("ops:", failed.Ops.Name, "net:", failed.Net.Name())
	}
	_ = r.Close(ctx)
	// Output:
	// init routes on init_net
	// init routes on blue
	// exit routes on blue
	// pernet: Copy of net "blue" from net "init_net": init of "full" on net "blue": no room
	// ops: full net: blue
	// exit routes on init_net
}

// A wait for the registry can be cancelled; nothing has changed then.
func ExampleRegistry_RegisterSubsys_cancelled() {
	ctx := context.Background()
	r, _ := impl.New(ctx)
	busy, done := make(chan struct{}), make(chan struct{})
	go func() {
		_ = r.RegisterSubsys(ctx, &impl.Ops{Name: "slow", Init: func(context.Context, *impl.Net) error {
			close(busy)
			<-done
			return nil
		}})
	}()
	<-busy
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	err := r.RegisterSubsys(short, printing("routes"))
	fmt.Println(errors.Is(err, impl.ErrInterrupted), errors.Is(err, context.DeadlineExceeded))
	close(done)
	_ = r.Close(ctx)
	// Output: true true
}

// The body of the loop may call anything, for it runs on a snapshot.
func ExampleRegistry_Nets() {
	ctx := context.Background()
	r, _ := impl.New(ctx)
	for _, name := range []string{"blue", "green"} {
		_, _ = r.Copy(ctx, r.InitNet(), name)
	}
	for n := range r.Nets() {
		fmt.Println(n)
		if n != r.InitNet() {
			_ = n.Put()
		}
	}
	fmt.Println(r.Close(ctx))
	// Output:
	// init_net
	// blue
	// green
	// <nil>
}

// A module's exit: the exits of an unregister may defer callbacks, and the unregister does not
// wait for them. When Barrier returns, they have returned.
func ExampleRegistry_Barrier() {
	ctx := context.Background()
	routes := &impl.Ops{Name: "routes", Exit: func(_ context.Context, n *impl.Net) {
		_ = n.Defer(func() { fmt.Println("routes of", n, "freed") })
	}}
	r, _ := impl.New(ctx, impl.WithSubsys(routes))
	_ = r.UnregisterSubsys(ctx, routes)
	_ = r.Barrier(ctx)
	fmt.Println("the module is gone")
	_ = r.Close(ctx)
	// Output:
	// routes of init_net freed
	// the module is gone
}

func ExampleRegistry_Close_leak() {
	ctx := context.Background()
	r, _ := impl.New(ctx)
	_, _ = r.Copy(ctx, r.InitNet(), "blue") // never put
	err := r.Close(ctx)
	var leak *impl.LeakError
	fmt.Println(errors.As(err, &leak))
	fmt.Println(leak.Referenced)
	// Output:
	// true
	// [blue]
}

// A look-up takes a reference, which its caller puts.
func ExampleRegistry_Lookup() {
	ctx := context.Background()
	r, _ := impl.New(ctx)
	blue, _ := r.Copy(ctx, r.InitNet(), "blue")
	again, _ := r.Lookup("blue")
	fmt.Println(again == blue)
	_ = again.Put()
	_ = blue.Put()
	_ = blue.Wait(ctx)
	_, err := r.Lookup("blue")
	fmt.Println(err)
	_ = r.Close(ctx)
	// Output:
	// true
	// pernet: Lookup of net "blue": not found: no net has this name
}

// What hangs is named: by Running, and by the error of each call that waits for it.
func ExampleRegistry_Running() {
	ctx := context.Background()
	r, _ := impl.New(ctx)
	busy, done := make(chan struct{}), make(chan struct{})
	go func() {
		_ = r.RegisterSubsys(ctx, &impl.Ops{Name: "slow", Init: func(context.Context, *impl.Net) error {
			close(busy)
			<-done
			return nil
		}})
	}()
	<-busy
	for _, c := range r.Running() {
		fmt.Println(c.Kind, c.Ops.Name, c.Net, c.Call)
	}
	close(done)
	_ = r.Close(ctx)
	// Output: init slow init_net RegisterSubsys
}

// What still uses the net when its exits have run goes into a deferred
// callback; the net is freed after it.
func ExampleNet_Defer() {
	ctx := context.Background()
	r, _ := impl.New(ctx, impl.WithSubsys(&impl.Ops{Name: "routes", Exit: func(_ context.Context, n *impl.Net) {
		_ = n.Defer(func() { fmt.Println("last use of", n) })
	}}))
	blue, _ := r.Copy(ctx, r.InitNet(), "blue")
	_ = blue.Put()
	_ = blue.Wait(ctx)
	fmt.Println("freed")
	_ = r.Close(ctx)
	// Output:
	// last use of blue
	// freed
	// last use of init_net
}

// Each net has a cache, which its exit empties.
func ExampleNewSlot() {
	ctx := context.Background()
	caches := impl.NewSlot("cache", func(_ context.Context, n *impl.Net) (map[string]string, error) {
		return map[string]string{"name": n.Name()}, nil
	}, func(_ context.Context, n *impl.Net, cache map[string]string) {
		clear(cache)
	})
	r, _ := impl.New(ctx, impl.WithSubsys(caches.Ops()))
	blue, _ := r.Copy(ctx, r.InitNet(), "blue")
	fmt.Println(caches.Get(blue)["name"]) // the reference keeps the net up
	print := func(cache map[string]string) { fmt.Println("in use:", cache["name"]) }
	fmt.Println(caches.Use(blue, print)) // exit waits for print
	_ = blue.Put()
	_ = blue.Wait(ctx)
	fmt.Println(caches.Use(blue, print))
	_ = r.Close(ctx)
	// Output:
	// blue
	// in use: blue
	// true
	// false
}

// Under RWSem creations run side by side: here both inits wait for each other.
func ExampleWithDiscipline() {
	ctx := context.Background()
	var both sync.WaitGroup
	r, _ := impl.New(ctx, impl.WithDiscipline(impl.RWSem))
	both.Add(3)
	_ = r.RegisterSubsys(ctx, &impl.Ops{Name: "meets", Init: func(_ context.Context, n *impl.Net) error {
		both.Done()
		if n != r.InitNet() {
			both.Wait()
		}
		return nil
	}})
	var copies sync.WaitGroup
	for _, name := range []string{"blue", "green"} {
		copies.Go(func() { _, _ = r.Copy(ctx, r.InitNet(), name) })
	}
	copies.Wait()
	fmt.Println(r.Running())
	_ = r.Close(ctx)
	// Output: []
}

// A quota: a third tenant is refused until another one has left.
func ExampleWithMaxNetNamespaces() {
	ctx := context.Background()
	r, _ := impl.New(ctx, impl.WithMaxNetNamespaces(2))
	blue, _ := r.Copy(ctx, r.InitNet(), "blue")
	_, _ = r.Copy(ctx, r.InitNet(), "green")
	_, err := r.Copy(ctx, r.InitNet(), "red")
	fmt.Println(errors.Is(err, impl.ErrQuota), err)
	_ = blue.Put()
	_ = blue.Wait(ctx)
	_, err = r.Copy(ctx, r.InitNet(), "red")
	fmt.Println(err)
	// Output:
	// true pernet: Copy of net "red" from net "init_net": too many nets: the quota is 2
	// <nil>
}

// The callbacks of RWSem, on two nets that are put together.
func ExampleOps() {
	ctx := context.Background()
	say := func(kind string) func(context.Context, *impl.Net) {
		return func(_ context.Context, n *impl.Net) { fmt.Println(kind, n) }
	}
	r, _ := impl.New(ctx, impl.WithDiscipline(impl.RWSem), impl.WithInitName("init"))
	blue, _ := r.Copy(ctx, r.InitNet(), "blue")
	o := &impl.Ops{Name: "o", PreExit: say("pre_exit"), ExitRTNL: say("exit_rtnl"), Exit: say("exit"),
		ExitBatch: func(_ context.Context, nets []*impl.Net) { fmt.Println("exit_batch", nets) }}
	_ = r.RegisterSubsys(ctx, o)
	_ = r.UnregisterSubsys(ctx, o)
	_ = blue.Put()
	_ = r.Close(ctx)
	// Output:
	// pre_exit init
	// pre_exit blue
	// exit_rtnl init
	// exit_rtnl blue
	// exit init
	// exit blue
	// exit_batch [init blue]
}
