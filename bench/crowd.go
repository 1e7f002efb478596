// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/samber/do/v2"
	"go.uber.org/fx"

	"example.com/pernet/impl"
)

// A maker of tenants sets one up, with one init, and returns what takes it down.
type tenants func(init func() error) (newTenant func(i int) (free func()), closeAll func())

// sides of the row of creations, in the order of the columns.
var crowdSides = []struct {
	name string
	make tenants
}{
	{"Mutex", implTenants(impl.Mutex)},
	{"RWSem", implTenants(impl.RWSem)},
	{"hand", handTenants},
	{"fx", fxTenants},
	{"do", doTenants},
}

// waits, hashes and returns are inits. One that were to spin until a time has passed would also be
// done while others keep it from running.
func waits() error { time.Sleep(5 * time.Millisecond); return nil }

func hashes() error {
	var block [32 << 10]byte
	for range 4 {
		sum := sha256.Sum256(block[:])
		copy(block[:], sum[:])
	}
	return nil
}

func returns() error { return nil }

// creations are the loads of creators that make tenants at the same time.
func creations() (loads []Load) {
	for _, init := range []struct {
		name string
		f    func() error
		each int // creations of a creator
	}{{"init waits 5 ms", waits, 3}, {"init hashes 128 KiB", hashes, 16}, {"empty init", returns, 250}} {
		for _, creators := range []int{1, 4, 16} {
			l := Load{Table: "creations", Row: fmt.Sprintf("%s, %d creators", init.name, creators),
				Ratios: []Ratio{{Over: 0, Under: 1}, {Over: 1, Under: 2}}}
			if creators == 1 {
				l.Row = init.name + ", 1 creator"
			}
			for _, side := range crowdSides {
				l.Sides = append(l.Sides, Side{Name: side.name, Run: func() (time.Duration, int64) {
					return create(side.make, init.f, creators, creators*init.each) / time.Duration(creators*init.each), 0
				}})
			}
			if init.name == "init waits 5 ms" && creators == 16 {
				l.Ratios[0].AtLeast, l.Ratios[1].AtMost = 8, 1.3
			}
			loads = append(loads, l)
		}
	}
	return loads
}

// create lets creators make n tenants in all, and returns how long that took.
func create(mk tenants, init func() error, creators, n int) time.Duration {
	newTenant, closeAll := mk(init)
	defer closeAll()
	frees := make([]func(), n)
	var all sync.WaitGroup
	start := time.Now()
	for c := range creators {
		all.Go(func() {
			for i := c; i < n; i += creators {
				frees[i] = newTenant(i)
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	for _, free := range frees {
		free()
	}
	return took
}

func implTenants(d impl.Discipline) tenants {
	return func(init func() error) (func(i int) func(), func()) {
		ctx := context.Background()
		r, err := impl.New(ctx, impl.WithDiscipline(d))
		must(err)
		must(r.RegisterSubsys(ctx, &impl.Ops{Name: "tenant", Init: func(_ context.Context, n *impl.Net) error {
			return init()
		}}))
		return func(i int) func() {
			n, err := r.Copy(ctx, r.InitNet(), fmt.Sprint(i))
			must(err)
			return func() { must(n.Put()) }
		}, func() { must(r.Close(ctx)) }
	}
}

// handTenants is what a Go programmer writes who needs creations side by side and nothing else: the inits
// run with an RWMutex held to read, and a register would hold it to write.
func handTenants(init func() error) (func(i int) func(), func()) {
	var (
		ops  sync.RWMutex // guards list
		list = []func() error{init}
		mu   sync.Mutex // guards nets
		nets = map[string]bool{}
	)
	return func(i int) func() {
		name := fmt.Sprint(i)
		ops.RLock()
		defer ops.RUnlock()
		for _, init := range list {
			must(init())
		}
		mu.Lock()
		defer mu.Unlock()
		nets[name] = true
		return func() {
			mu.Lock()
			defer mu.Unlock()
			delete(nets, name)
		}
	}, func() {}
}

// fxTenants is an fx.App for each tenant.
func fxTenants(init func() error) (func(i int) func(), func()) {
	ctx := context.Background()
	return func(int) func() {
		app := fx.New(fx.NopLogger, fx.Invoke(func(lc fx.Lifecycle) {
			lc.Append(fx.Hook{OnStart: func(context.Context) error { return init() }})
		}))
		must(app.Start(ctx))
		return func() { must(app.Stop(ctx)) }
	}, func() {}
}

type service struct{}

// doTenants is a scope of samber/do for each tenant, with a service that is asked for at once.
func doTenants(init func() error) (func(i int) func(), func()) {
	root := do.New()
	return func(i int) func() {
		scope := root.Scope(fmt.Sprint(i))
		do.Provide(scope, func(do.Injector) (service, error) { return service{}, init() })
		_, err := do.Invoke[service](scope)
		must(err)
		return func() { scope.Shutdown() }
	}, func() { root.Shutdown() }
}
