// SPDX-License-Identifier: MIT

package pernet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pernet/impl"
	"example.com/pernet/internal/lin"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// The size of the free-running test. A window ends at a barrier: nothing is
// pending there, and everything has been given back.
const (
	linClients = 8
	linCalls   = 10_000
	linLong    = 1_000_000 // calls if PERNET_LONG is 1
	linTurns   = 12        // of each client in a window, most of them a call, before it gives back what it has
	linWindows = 50        // windows on one registry
	linRefs    = 6         // references that a client holds at most
	linDying   = 24        // nets that may wait for the worker before clients are held back
	linNames   = 32        // nets that clients can name at once
)

// TestHistoriesAreLinearizable runs free-running clients on a registry and checks their
// histories. The checker of package lin judges each registry's history as a whole. Porcupine
// judges each window, and leaves about one in a hundred undecided.
func TestHistoriesAreLinearizable(t *testing.T) {
	evidenceSays(t, "histories of %d free-running goroutines, decided by our checker, and about 99 of 100 windows by porcupine, too | %d calls in `make test`, %d in `make long`",
		linClients, linCalls, linLong)
	for _, d := range disciplines {
		t.Run(d.name, func(t *testing.T) { historiesAreLinearizable(t, d) })
	}
}

func historiesAreLinearizable(t *testing.T, d discipline) {
	calls := linCalls
	if long {
		calls = linLong
	}
	seed := linSeed(t)
	start := time.Now()
	done, meetings, undecided := 0, 0.0, 0
	for round := uint64(0); done < calls; round++ {
		r, left := checkRound(t, d, seed+round)
		undecided += left
		done += r.Operations
		meetings += r.Met.Overlap() * float64(r.Operations)
	}
	mean := meetings / float64(done)
	t.Logf("%d calls of %d clients in %.1f s, recorded and judged twice, but for %d windows undecided by porcupine; a call meets %.1f calls of other clients",
		done, linClients, time.Since(start).Seconds(), undecided, mean)
	if mean < 1 {
		t.Errorf("a call meets %.2f calls of others: that proves nothing", mean)
	}
}

// linSeed returns the seed of all choices. A failure prints how to repeat them.
func linSeed(t *testing.T) uint64 {
	seed := rand.Uint64()
	if s := os.Getenv("PERNET_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("PERNET_SEED: %v", err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to make the same choices again (the scheduler's differ): PERNET_SEED=%d go test -run '^%s$' -artifacts .", seed, t.Name())
		}
	})
	return seed
}

// checkRound runs and checks some windows on one registry. It returns how many porcupine
// did not decide in time, too.
func checkRound(t *testing.T, d discipline, seed uint64) (r lin.Result, undecided int) {
	tr := newTraffic(t, d, seed)
	c := lin.NewChecker(t.Context(), d.model, "history", 0)
	for range linWindows {
		tr.window(t)
		ops := tr.rec.Take()
		if err := c.Window(ops); err != nil {
			t.Fatal(err)
		}
		// Porcupine would try every order of a wrong window, which takes much memory. So it
		// judges only windows that our checker accepts.
		res, second := c.Result(), lin.Verdict("was not asked")
		if res.Verdict == lin.Linearizable {
			if second = lin.Porcupine(d.model, ops, time.Second); second == lin.Undecided {
				undecided++
			}
		}
		if res.Verdict != lin.Linearizable || second == lin.Not {
			files, err := saveViolation(t.Context(), t.ArtifactDir(), c, ops)
			t.Fatalf("the checker says %s %s, porcupine %s\n%v\nsee %v %v", res.Verdict, res.Reason, second, res.Failure, files, err)
		}
	}
	if err := tr.reg.Close(t.Context()); err != nil {
		if _, kept := errors.AsType[*impl.LeakError](err); !kept {
			t.Fatal(err)
		}
	}
	return c.Result(), undecided
}

// saveViolation writes the window's history and the picture of its failure.
func saveViolation(ctx context.Context, dir string, c *lin.Checker, ops []wire.Line) ([]string, error) {
	var lines, page bytes.Buffer
	for i := range ops {
		lines.Write(ops[i].AppendOperation(nil))
	}
	err := c.Picture(ctx, &page, 10*time.Second)
	files := []string{filepath.Join(dir, "history.jsonl"), filepath.Join(dir, "history.html")}
	return files, errors.Join(err, os.WriteFile(files[0], lines.Bytes(), 0o666), os.WriteFile(files[1], page.Bytes(), 0o666))
}

// TestViolationLeavesItsPicture puts a callback of an ops that is not registered into an
// answer of a recorded window. (Two callbacks that change places may be right.)
func TestViolationLeavesItsPicture(t *testing.T) {
	tr := newTraffic(t, disciplines[0], linSeed(t))
	tr.turns = 3 // porcupine must try every order before it says no
	var ops []wire.Line
	i := -1
	for i < 0 {
		tr.window(t)
		ops = tr.rec.Take()
		i = slices.IndexFunc(ops, func(o wire.Line) bool { return len(o.Calls) > 1 })
	}
	ops[i].Calls[0].Ops = "unregistered"
	if second := lin.Porcupine(model.Mutex, ops, 5*time.Second); second == lin.Linearizable {
		t.Errorf("porcupine says %s", second)
	}
	c := lin.NewChecker(t.Context(), model.Mutex, "history", 0)
	if err := c.Window(ops); err != nil {
		t.Fatal(err)
	}
	if v := c.Result().Verdict; v != lin.Not {
		t.Fatalf("the checker says %s", v)
	}
	files, err := saveViolation(t.Context(), t.ArtifactDir(), c, ops)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(f); err != nil || !bytes.Contains(text, []byte(ops[i].Calls[0].Net)) {
			t.Errorf("%s does not show a net of the changed answer: %v", f, err)
		}
	}
}

// A traffic is a set of clients of one registry.
type traffic struct {
	reg     *impl.Registry
	rec     *Recorder
	ops     []*impl.Ops // odd ones are devices
	clients []*trafficClient
	turns   int          // of each client in a window
	created atomic.Int64 // nets that a copy has made
	names   atomic.Int64

	mu   sync.Mutex
	nets []*impl.Net // what clients may name; some are freed already
}

func newTraffic(t *testing.T, d discipline, seed uint64) *traffic {
	tr := &traffic{rec: NewRecorder(), turns: linTurns}
	quiet := slog.New(slog.DiscardHandler) // kept nets are logged as errors
	reg, err := impl.New(tr.rec.Context(t.Context()), impl.WithDiscipline(d.is), impl.WithLogger(quiet))
	if err != nil {
		t.Fatal(err)
	}
	tr.reg = reg
	for i := range 6 {
		o := tr.rec.NewOps(string(rune('a'+i)), i != 4, i != 5)
		if d.is == impl.RWSem && i%2 == 1 {
			tr.rec.Staged(o)
		}
		tr.ops = append(tr.ops, o)
	}
	for i := range linClients {
		tr.clients = append(tr.clients, &trafficClient{
			Client: tr.rec.NewClient(reg), tr: tr, rnd: rand.New(rand.NewPCG(seed, uint64(i))),
		})
	}
	return tr
}

// window lets every client make its calls and give back what it has, waits for
// the worker, and lets one client look at what is left: a fresh registry.
func (tr *traffic) window(t *testing.T) {
	tr.nets = []*impl.Net{tr.reg.InitNet()}
	var wg sync.WaitGroup
	for _, c := range tr.clients {
		wg.Go(func() {
			for range tr.turns {
				c.turn(t.Context())
			}
			c.giveBack(t.Context())
		})
	}
	wg.Wait()
	if err := tr.waitForWorker(t.Context(), 0); err != nil {
		t.Fatalf("the worker does not end what it was given: %v", err)
	}
	last := tr.clients[0]
	for i, o := range tr.ops {
		last.Unregister(t.Context(), o, i%2 == 1)
	}
	if err := last.Net(t.Context(), wire.Put, tr.reg.InitNet()); !errors.Is(err, impl.ErrInvalid) {
		t.Errorf("a reference on init_net is left: put answers %v", err)
	}
	if err := last.State(t.Context()); err != nil {
		t.Fatal(err)
	}
	snap, err := tr.reg.Snapshot(t.Context())
	if err != nil || len(snap.PernetList) > 0 || len(snap.Nets) != 1 {
		t.Errorf("after the barrier: %v %v", snap, err)
	}
}

// waitForWorker waits until at most so many nets are there.
func (tr *traffic) waitForWorker(ctx context.Context, most int) error {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	defer cancel()
	for {
		cleaned, changed := tr.rec.Cleaned()
		if int(tr.created.Load())-cleaned <= most {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// A trafficClient makes random calls.
type trafficClient struct {
	*Client
	tr    *traffic
	rnd   *rand.Rand
	refs  []*impl.Net // references to give back
	holds []*impl.Net // likewise
}

// turn makes one call.
func (c *trafficClient) turn(ctx context.Context) {
	if err := c.tr.waitForWorker(ctx, linClients*linRefs+linDying); err != nil {
		panic(fmt.Sprintf("clients are held back for ever: %v", err))
	}
	k := c.rnd.IntN(100)
	if len(c.refs) >= linRefs {
		k = 54 // give one back
	}
	switch {
	case k < 12: // many look: what no call shows, porcupine tries in every order
		c.List(ctx)
	case k < 22:
		c.State(ctx)
	case k < 38:
		c.copy(c.ctx(ctx))
	case k < 43:
		if n := c.anyNet(); c.Share(ctx, n) == nil {
			c.refs = append(c.refs, n)
		}
	case k < 51:
		if n := c.anyNet(); c.Net(ctx, wire.Get, n) == nil {
			c.refs = append(c.refs, n)
		}
	case k < 53: // a reference that is another client's; the registry cannot tell
		c.Net(ctx, wire.Put, c.anyNet())
	case k < 74:
		c.putOne(ctx)
	case k < 79:
		if n := c.anyNet(); c.Net(ctx, wire.Hold, n) == nil {
			c.holds = append(c.holds, n)
		}
	case k < 86:
		c.releaseOne(ctx)
	case k < 93:
		c.arm()
		i := c.rnd.IntN(len(c.tr.ops))
		c.Register(c.ctx(ctx), c.tr.ops[i], i%2 == 1)
	default:
		i := c.rnd.IntN(len(c.tr.ops))
		c.Unregister(c.ctx(ctx), c.tr.ops[i], (i%2 == 1) != (c.rnd.IntN(10) == 0))
	}
}

// ctx returns ctx, now and then cancelled.
func (c *trafficClient) ctx(ctx context.Context) context.Context {
	if c.rnd.IntN(30) == 0 {
		var cancel func()
		ctx, cancel = context.WithCancel(ctx)
		cancel()
	}
	return ctx
}

// arm lets every other call fail in one of its inits.
func (c *trafficClient) arm() {
	if c.rnd.IntN(2) == 0 {
		errs := []model.Err{model.ENOMEM, model.EBUSY, model.EEXIST, model.ENOENT, model.EINTR, 1}
		c.Fail(1+c.rnd.IntN(3), errs[c.rnd.IntN(len(errs))])
	}
}

func (c *trafficClient) copy(ctx context.Context) {
	c.arm()
	name := "n" + strconv.FormatInt(c.tr.names.Add(1), 10)
	if c == c.tr.clients[0] && c.rnd.IntN(10) == 0 {
		name = c.tr.reg.InitNet().Name() // in use; one client alone asks for it, since copies of one name may not overlap
	}
	n, err := c.Copy(ctx, c.anyNet(), name)
	if err != nil {
		return
	}
	c.tr.created.Add(1)
	c.refs = append(c.refs, n)
	c.tr.mu.Lock()
	defer c.tr.mu.Unlock()
	if len(c.tr.nets) < linNames {
		c.tr.nets = append(c.tr.nets, n)
	} else {
		c.tr.nets[1+c.rnd.IntN(linNames-1)] = n
	}
}

// anyNet returns a net of any client, which may be freed.
func (c *trafficClient) anyNet() *impl.Net {
	c.tr.mu.Lock()
	defer c.tr.mu.Unlock()
	return c.tr.nets[c.rnd.IntN(len(c.tr.nets))]
}

func (c *trafficClient) putOne(ctx context.Context) {
	if len(c.refs) == 0 {
		return
	}
	i := c.rnd.IntN(len(c.refs))
	c.Net(ctx, wire.Put, c.refs[i])
	c.refs = slices.Delete(c.refs, i, i+1)
}

func (c *trafficClient) releaseOne(ctx context.Context) {
	if len(c.holds) > 0 {
		c.Net(ctx, wire.Release, c.holds[0])
		c.holds = slices.Delete(c.holds, 0, 1)
	}
}

// giveBack ends a client's part in a window.
func (c *trafficClient) giveBack(ctx context.Context) {
	for len(c.holds) > 0 {
		c.releaseOne(ctx)
	}
	for len(c.refs) > 0 {
		c.putOne(ctx)
		c.List(ctx)
	}
}
