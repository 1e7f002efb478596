// SPDX-License-Identifier: MIT

package bug

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/explore/rwsem"
	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/kill"
)

// A Layer is one kind of check.
type Layer struct {
	Name string
	What string
	cfgs []string // the instances whose graphs are compared
	run  []tests
	race bool // built with the race detector; run only for faults that name the layer
}

// Names of the layers, in the order of the table's columns.
const (
	layerGraph         = "graph"
	layerRWSem         = "rwsem"
	layerInterleavings = "interleavings"
	layerSchedules     = "schedules"
	layerHistories     = "histories"
	layerRapid         = "rapid"
	layerTests         = "tests"
	layerRace          = "race"
)

// tests are the tests of a package that match a pattern.
type tests struct{ pkg, pattern string }

// histories are those of free-running goroutines.
var histories = tests{".", "^TestHistoriesAreLinearizable$"}

// noFailFile stops rapid from writing failure files into the checkout.
const noFailFile = "-rapid.nofailfile"

// usersPkg is an example of code that uses nets, in test files.
const usersPkg = "internal/users"

// limit ends tests that hang.
func (f Fault) limit() time.Duration {
	if f.Hangs {
		return time.Minute
	}
	return 10 * time.Minute // a slow machine is not a fault
}

// rounds bounds the rounds of histories.
const rounds = 20 * time.Second

// seedLimit bounds the histories of one seed.
const seedLimit = 60 * time.Second

// Layers are in the order of the table's columns. TLC is not one of them: make check runs it.
var Layers = []Layer{
	{Name: layerGraph, What: "the state graph of the faulty code is compared with that of the unmodified code, which equals the spec's edge by edge", cfgs: mutexCfgs},
	{Name: layerRWSem, What: "the same for the discipline since 4.17", cfgs: rwsemCfgs},
	{Name: layerInterleavings, What: "every interleaving of pairs and triples of calls, every invariant; every interleaving of the lock's own code and, in both disciplines, of code that uses nets",
		run: []tests{{".", "^(TestEveryPairFromEveryStart|TestEveryTriple)$"}, {"impl", "^TestLock(Interleavings|Schedules)$"}, {usersPkg, "^TestInterleavings$"}}},
	{Name: layerSchedules, What: "every schedule of pairs of calls, judged as a history",
		run: []tests{{".", "^TestEveryPairIsLinearizable$"}}},
	{Name: layerHistories, What: "histories of free-running goroutines",
		run: []tests{histories}},
	{Name: layerRapid, What: "random calls on code and model side by side, random concurrent programs",
		run: []tests{{".", "^TestProperty"}, {usersPkg, "^TestProperty$"}}},
	{Name: layerTests, What: "scenarios worked out from the C, the kernel's promises, unit tests",
		run: []tests{{"internal/replay", "^TestScenarios(Since417)?$"}, {".", "^TestKerneldoc"}, {"impl", "^Test"}, {usersPkg, "^Test(Table|Keeper|Together)"}}},
	{Name: layerRace, What: "the race detector over the unit tests", race: true,
		run: []tests{{"impl", "^(TestManyGoroutines|TestNetsIsASnapshot|TestConcurrentGetsAndPuts|TestLockExcludes)$"}}},
}

// layersOf returns the layers that must catch the fault, or every layer. For the control it
// returns all layers except the race detector, and none may catch it.
func layersOf(f Fault, every bool) (layers []Layer) {
	for _, l := range Layers {
		if every || f.isControl() && !l.race || slices.Contains(f.Caught, l.Name) {
			layers = append(layers, l)
		}
	}
	return layers
}

// ask runs a layer. It returns the check that failed, or "", and its output.
func (l Layer) ask(ctx context.Context, b *Bench, f Fault, dir, html string) (by, text string, err error) {
	if l.run == nil {
		return b.compare(ctx, l.cfgs, dir, html)
	}
	for _, t := range l.run {
		if f.inUsers() && t.pkg != usersPkg {
			continue
		}
		binary := filepath.Join(dir, testBinary(t.pkg))
		if l.race {
			binary = filepath.Join(dir, "race.test")
			if err := b.goCommand(ctx, "test", "-c", "-race", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, "./"+t.pkg); err != nil {
				return "", "", err
			}
		}
		long := time.Duration(0)
		if l.Name == layerHistories {
			long = rounds
		}
		if by, text, err = b.repeat(ctx, f, binary, t, long); by != "" || err != nil {
			return by, text, err
		}
	}
	return "", text, nil
}

// repeat runs tests until one fails or they have run for that long, but at least once. A
// single run of free-running histories may miss a fault.
func (b *Bench) repeat(ctx context.Context, f Fault, binary string, t tests, long time.Duration, env ...string) (by, text string, err error) {
	for start := time.Now(); ; {
		by, text, err = b.test(ctx, binary, t, f.limit(), env...)
		if hung(by) && !f.Hangs && !f.isControl() {
			by = "" // the machine may be slow
		}
		if by != "" || err != nil || time.Since(start) >= long {
			return by, text, err
		}
	}
}

// Seeds builds the fault and runs free-running goroutines with each of the seeds 1 to n,
// until a history shows the fault. It returns the time that each seed took, and an error for
// the first seed that does not show the fault within seedLimit.
func (b *Bench) Seeds(ctx context.Context, f Fault, n int) (took []time.Duration, err error) {
	dir, err := b.build(ctx, f, []Layer{{run: []tests{histories}}})
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for seed := range n {
		start := time.Now()
		by, _, err := b.repeat(ctx, f, filepath.Join(dir, testBinary(".")), histories, seedLimit, fmt.Sprintf("PERNET_SEED=%d", seed+1))
		switch {
		case err != nil:
			return took, err
		case by == "":
			return took, fmt.Errorf("%s: histories of seed %d do not show it within %s", f.ID, seed+1, seedLimit)
		}
		took = append(took, time.Since(start))
	}
	return took, nil
}

func testBinary(pkg string) string {
	if pkg == "." {
		return "pernet.test"
	}
	return filepath.Base(pkg) + ".test"
}

// compare explores the faulty code, instance by instance, until its graph differs from that
// of the unmodified code.
func (b *Bench) compare(ctx context.Context, cfgs []string, dir, html string) (by, text string, err error) {
	for _, cfg := range cfgs {
		right, err := b.right[cfg](ctx)
		if err != nil {
			return "", "", err
		}
		cmd := exec.CommandContext(ctx, filepath.Join(dir, "probe"),
			"-cfg", filepath.Join(b.Root, "spec", cfg), "-right", right, "-html", html)
		kill.Tree(cmd)
		var out, problems bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &problems
		err = cmd.Run()
		switch {
		case err == nil:
			continue
		case isExit(err) && cmd.ProcessState.ExitCode() == 1:
			return strings.TrimSuffix(cfg, ".cfg"), out.String(), nil
		case isExit(err) && strings.Contains(problems.String(), "all goroutines are asleep"):
			return strings.TrimSuffix(cfg, ".cfg") + " (deadlock)", lastLines(problems.String(), 3), nil
		}
		return "", "", fmt.Errorf("exploring %s: %w\n%s", cfg, err, lastLines(problems.String(), 40))
	}
	return "", "", nil
}

func lastLines(s string, n int) string {
	all := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(all[max(0, len(all)-n):], "\n")
}

// RaceDetectorMissing returns why the race detector cannot be used here, or "".
func RaceDetectorMissing(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "go", "env", "CGO_ENABLED", "CC").Output()
	if err != nil {
		return fmt.Sprintf("go env: %v", err)
	}
	enabled, compiler, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	compiler = cmp.Or(compiler, "cc")
	if _, err := exec.LookPath(strings.Fields(compiler)[0]); err != nil {
		return fmt.Sprintf("the race detector needs a C compiler, and there is no %s", compiler)
	}
	if enabled != "1" {
		return "the race detector needs cgo, and CGO_ENABLED is 0"
	}
	return ""
}

// The cfgs whose graphs are compared. Together they cover deferred callbacks, use counts, three ops,
// three nets, and clients that call the barrier; since 4.17 also positive returns, misuse, readers,
// killed copies, rounds of two nets with all kinds of callbacks, and slots.
var (
	mutexCfgs = []string{"MCnetns3nets.cfg", "MCnetns.cfg", "MCnetns3ops.cfg", "MCnetnsBarrier.cfg"}
	rwsemCfgs = []string{"MCnetns_rwsemPassive.cfg", "MCnetns_rwsemPositive.cfg", "MCnetns_rwsemGraphMisuse.cfg", "MCnetns_rwsemGraph.cfg",
		"MCnetns_rwsemGraph3ops.cfg", "MCnetns_rwsemGraphCopies.cfg", "MCnetns_rwsemGraphRounds.cfg", "MCnetns_rwsemSlots.cfg",
		"MCnetns_rwsemGraphMalformed.cfg"}
)

// IsRWSem reports whether a cfg is an instance of the discipline since 4.17.
func IsRWSem(cfg string) bool { return slices.Contains(rwsemCfgs, filepath.Base(cfg)) }

// storeRight writes the graph of this program's code, which has no fault.
func storeRight(ctx context.Context, cfg, path string) error {
	if IsRWSem(cfg) {
		return store[rwsem.State](ctx, cfg, path, rwsem.ReadInstance)
	}
	return store[mutex.State](ctx, cfg, path, mutex.ReadInstance)
}

func store[S comparable, D explore.Discipline[S]](ctx context.Context, cfg, path string, read func(cfg string) (D, error)) error {
	in, err := read(cfg)
	if err != nil {
		return err
	}
	r := explore.Explore[S](ctx, in, explore.Options{Workers: runtime.NumCPU()})
	if r.Verdict != explore.Complete {
		return fmt.Errorf("%s: exploring the right code: %s %s", cfg, r.Verdict, r.Problem)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := gob.NewEncoder(f).Encode(r.Graph); err != nil {
		return err
	}
	return f.Close()
}

// LoadRight reads the graph that storeRight wrote.
func LoadRight[S comparable](path string) (*graph.Graph[S], error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var stored graph.Graph[S]
	if err := gob.NewDecoder(f).Decode(&stored); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	g := graph.New[S]()
	for i, state := range stored.States {
		g.Add(state)
		g.Out[i] = stored.Out[i]
	}
	return g, nil
}
