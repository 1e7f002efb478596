// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// TestPropertyConcurrent runs random programs, 2 to 8 clients at a time, on one
// registry, and asks both checkers whether the history that was recorded is
// linearizable. rapid shrinks a program that fails, and prints the flag that
// repeats it.
//
// rapid draws the program and its yields, but Go's scheduler makes the schedule. So a program
// that failed is run several times, and a failure shrinks only as far as it repeats.
// TestPropertyScheduled draws the schedule too.
func TestPropertyConcurrent(t *testing.T) {
	for _, d := range disciplines {
		t.Run(d.name, func(t *testing.T) { propertyConcurrent(t, d) })
	}
}

func propertyConcurrent(t *testing.T, d discipline) {
	var met overlap
	undecided := 0
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		for range 3 {
			r, second := p.judge(t, d, p.run(t, d))
			if met.add(r); second == lin.Undecided {
				undecided++
			}
		}
	})
	t.Logf("%d calls; the mean call met %.1f calls of other clients; %d histories were undecided by porcupine", met.calls, met.mean(), undecided)
	if met.calls > 1000 && met.mean() < 1 {
		t.Error("the calls do not overlap, so they prove nothing")
	}
}

const (
	sharedOps   = 4 // ops that all clients register
	sharedCells = 3 // where all clients store nets and find them
)

// A program is the instructions of each client.
type program struct {
	ops     [sharedOps]struct{ noInit, noExit bool }
	clients [][]instruction
	yields  []int // how often to yield before each step of the registry, in turn
}

// An instruction is one call.
type instruction struct {
	verb   string
	share  bool
	device bool
	ops    int
	from   int // the cell of its net
	to     int // copy: the cell for the new net
	fails  int // the init that fails, from 1
	err    model.Err
	hurry  bool // a context that ends where the call would wait
}

var verbs = []string{
	wire.RegisterSubsys, wire.RegisterDevice, wire.UnregisterSubsys, wire.UnregisterDevice,
	wire.Copy, wire.Copy, wire.Copy, wire.Get, wire.Put, wire.Put,
	wire.Hold, wire.Release, wire.List, wire.State,
}

func drawProgram(t *rapid.T) (p program) {
	for i := range p.ops {
		p.ops[i].noInit = rapid.IntRange(0, 5).Draw(t, "no init") == 5
		p.ops[i].noExit = rapid.IntRange(0, 5).Draw(t, "no exit") == 5
	}
	p.yields = rapid.SliceOfN(rapid.IntRange(0, 3), 1, 7).Draw(t, "yields")
	instructions := rapid.SliceOfN(rapid.Custom(drawInstruction), 1, 12)
	p.clients = rapid.SliceOfN(instructions, 2, 8).Draw(t, "program")
	return p
}

func drawInstruction(t *rapid.T) instruction {
	in := instruction{
		verb: rapid.SampledFrom(verbs).Draw(t, "verb"),
		ops:  rapid.IntRange(0, sharedOps-1).Draw(t, "ops"),
		from: rapid.IntRange(0, sharedCells-1).Draw(t, "net"),
		to:   rapid.IntRange(1, sharedCells-1).Draw(t, "new net"),
	}
	in.device = in.verb == wire.RegisterDevice || in.verb == wire.UnregisterDevice
	in.share = in.verb == wire.Copy && rapid.IntRange(0, 5).Draw(t, "share") == 5
	if rapid.Bool().Draw(t, "fails") {
		in.fails = rapid.IntRange(1, 4).Draw(t, "init that fails")
		in.err = rapid.SampledFrom([]model.Err{model.EIO, model.ENOMEM, model.EEXIST, 1}).Draw(t, "answer")
	}
	in.hurry = rapid.IntRange(0, 7).Draw(t, "hurry") == 7
	return in
}

// A round is one run of a program.
type round struct {
	p     program
	ctx   context.Context // ends only if a call waits without end
	rec   *Recorder
	r     *impl.Registry
	ops   [sharedOps]*impl.Ops
	cells [sharedCells]atomic.Pointer[impl.Net]
	point atomic.Int64
}

// run runs the program on a fresh registry and returns the history.
func (p program) run(t *rapid.T, d discipline) []wire.Line {
	limit, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	x := &round{p: p, ctx: limit, rec: NewRecorder()}
	for i := range x.ops {
		x.ops[i] = x.rec.NewOps(fmt.Sprint("o", i), !p.ops[i].noInit, !p.ops[i].noExit)
		if d.is == impl.RWSem {
			x.rec.Staged(x.ops[i])
		}
	}
	ctx := x.rec.Context(context.Background())
	hook.From(ctx).Point = x.yield
	var err error
	if x.r, err = impl.New(ctx, impl.WithDiscipline(d.is), impl.WithLogger(silent)); err != nil {
		t.Fatal(err)
	}
	for i := range x.cells {
		x.cells[i].Store(x.r.InitNet())
	}
	start := make(chan struct{})
	var clients sync.WaitGroup
	for i, program := range p.clients {
		c := x.rec.NewClient(x.r)
		clients.Go(func() {
			<-start
			for j, in := range program {
				x.do(c, in, fmt.Sprintf("c%d.%d", i, j))
			}
		})
	}
	close(start)
	clients.Wait()
	x.end(t)
	if limit.Err() != nil {
		t.Fatal("a call waits, and the lock is free")
	}
	return x.rec.Take()
}

// yield lets other goroutines go first.
func (x *round) yield(hook.Point) {
	i := int(x.point.Add(1))
	for range x.p.yields[i%len(x.p.yields)] {
		runtime.Gosched()
	}
}

// do makes one call. Its answer is in the history.
func (x *round) do(c *Client, in instruction, name string) {
	ctx := x.ctx
	if in.hurry {
		ctx = newImpatient()
	}
	c.Fail(in.fails, in.err)
	ops, net := x.ops[in.ops], x.cells[in.from].Load()
	switch in.verb {
	case wire.RegisterSubsys, wire.RegisterDevice:
		_ = c.Register(ctx, ops, in.device)
	case wire.UnregisterSubsys, wire.UnregisterDevice:
		_ = c.Unregister(ctx, ops, in.device)
	case wire.Copy:
		if in.share {
			_ = c.Share(ctx, net)
		} else if n, err := c.Copy(ctx, net, name); err == nil {
			x.cells[in.to].Store(n)
		}
	case wire.List:
		c.List(ctx)
	case wire.State:
		_ = c.State(x.ctx)
	default:
		_ = c.Net(ctx, in.verb, net)
	}
}

// end looks at what is left, takes all ops off the list and closes the
// registry, which waits for the cleanups that are queued and runs no exit of its own.
func (x *round) end(t *rapid.T) {
	last, ctx := x.rec.NewClient(x.r), x.ctx
	_ = last.State(ctx)
	for _, o := range x.ops {
		if errors.Is(last.Unregister(ctx, o, false), impl.ErrInvalid) {
			_ = last.Unregister(ctx, o, true)
		}
	}
	_ = last.State(ctx)
	var leak *impl.LeakError
	if err := x.r.Close(ctx); err != nil && !errors.As(err, &leak) {
		t.Errorf("Close: %v", err)
	}
}

// judge asks both checkers. Porcupine may not come to an end with a right history.
func (p program) judge(t *rapid.T, d discipline, ops []wire.Line) (r lin.Result, second lin.Verdict) {
	got, err := lin.Check(context.Background(), d.model, ops)
	if err != nil {
		t.Fatalf("the history is not one: %v\n%s", err, lines(ops))
	}
	if got.Verdict != lin.Linearizable {
		t.Errorf("in order of time the history is %v: %s\n%v\n%s", got.Verdict, got.Reason, got.Failure, lines(ops))
	}
	if second = lin.Porcupine(d.model, ops, time.Second); second == lin.Not {
		t.Errorf("for porcupine the history is not linearizable\n%s", lines(ops))
	}
	return got, second
}

// lines is the history in the format of `pernet lin`.
func lines(ops []wire.Line) string {
	var b strings.Builder
	for i := range ops {
		fmt.Fprintln(&b, ops[i].String())
	}
	return b.String()
}

// An overlap sums up how many calls of other clients met each call.
type overlap struct {
	calls int
	met   float64
}

func (o *overlap) add(r lin.Result) {
	o.calls += r.Operations
	o.met += r.Met.Overlap() * float64(r.Operations)
}

func (o *overlap) mean() float64 { return o.met / float64(max(o.calls, 1)) }
