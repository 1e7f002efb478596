// SPDX-License-Identifier: MIT

// Command speed measures, in one run and taking turns, how long TLC and
// `pernet explore` take for the same state graph, and prints a table. Where there
// is no TLC it says so and measures nothing.
//
//	go run ./speed [-cfg MCnetns.cfg] [-rounds 5]
//
// Both use all processors; TLC writes no dump. The ratio of each round is what
// counts: machines are noisy, and rounds take turns.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/tlcrun"
)

func main() {
	cfg := flag.String("cfg", "MCnetns.cfg", "instance, in spec/")
	rounds := flag.Int("rounds", 5, "how often each is run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *cfg, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(2)
	}
}

// A column is one way to the graph, and how long it took in each round.
type column struct {
	name  string
	times []time.Duration
}

func run(ctx context.Context, out io.Writer, cfg string, rounds int) error {
	spec, err := tlcrun.SpecDir("..")
	if err != nil {
		return err
	}
	in, err := mutex.ReadInstance(filepath.Join(spec, cfg))
	if err != nil {
		return err
	}
	c, err := tlc.ReadCfg(spec, cfg)
	if err != nil {
		return err
	}
	runner, why, err := findTLC(ctx, spec)
	if err != nil {
		return err
	}
	if runner == nil {
		_, err := fmt.Fprintf(out, "speed: skipped, for there is no TLC to compare with: %s\n", why)
		return err
	}
	columns := []column{{name: "TLC"}, {name: "TLC, without the start of the JVM and the parser"}, {name: "explore"}, {name: "explore, looking at every state"}}
	states := 0
	for range rounds {
		whole, search, err := timeTLC(ctx, runner, spec, c)
		if err != nil {
			return err
		}
		times := []time.Duration{whole, search}
		for _, opt := range []explore.Options{{}, {Verify: true}} {
			opt.Workers = runtime.NumCPU()
			runtime.GC() // what one leaves is not for the next to clear away
			start := time.Now()
			r := explore.Explore(ctx, in, opt)
			if r.Verdict != explore.Complete {
				return fmt.Errorf("explore: %s %s", r.Verdict, r.Problem)
			}
			times = append(times, time.Since(start))
			states = len(r.Graph.States)
		}
		for i := range columns {
			columns[i].times = append(columns[i].times, times[i])
		}
	}
	print(out, cfg, states, columns)
	return nil
}

// findTLC gives the TLC to measure: the road that TLC names, else Java's, for a
// container costs time, else any. A nil runner means that there is none, and why says why.
func findTLC(ctx context.Context, spec string) (runner tlcrun.Runner, why string, err error) {
	say := func(line string) { why = line }
	find := func(road string) (tlcrun.Runner, error) { return tlcrun.Find(ctx, road, spec, say) }
	if road := os.Getenv("TLC"); road != "" && road != "auto" {
		runner, err = find(road)
		return runner, why, err
	}
	runner, noJava := find(string(tlcrun.Java))
	if noJava == nil || ctx.Err() != nil {
		return runner, "", noJava
	}
	runner, err = find("auto") // an error if there is a jar that must not be used
	if errors.Is(err, tlcrun.ErrUnusable) {
		err = nil
	}
	return runner, noJava.Error(), err
}

// timeTLC returns how long TLC took, and how long after it had parsed the spec.
func timeTLC(ctx context.Context, runner tlcrun.Runner, spec string, c *tlc.Cfg) (whole, search time.Duration, err error) {
	module, err := tlc.ModuleOf(spec, c)
	if err != nil {
		return 0, 0, err
	}
	log := &watcher{mark: []byte("STARTMSG 2189")} // computing initial states
	r, err := tlcrun.Run(ctx, runner, tlcrun.Job{Spec: spec, Module: module, Cfg: c, Log: log, Show: func(string) {}})
	if err != nil {
		return 0, 0, err
	}
	if r.Verdict != tlcrun.Pass || log.seen.IsZero() {
		return 0, 0, fmt.Errorf("TLC: %s %s", r.Verdict, r.Problem)
	}
	return r.Took, time.Since(log.seen), nil
}

// A watcher notes when the mark comes by.
type watcher struct {
	mark, text []byte
	seen       time.Time
}

func (w *watcher) Write(p []byte) (int, error) {
	if w.seen.IsZero() {
		if w.text = append(w.text, p...); bytes.Contains(w.text, w.mark) {
			w.seen = time.Now()
		}
	}
	return len(p), nil
}

func print(out io.Writer, cfg string, states int, columns []column) {
	fmt.Fprintf(out, "%s, %d states, %d processors, %d rounds that take turns; medians\n\n", cfg, states, runtime.NumCPU(), len(columns[0].times))
	fmt.Fprintln(out, "| | seconds | states a second | times faster than TLC |")
	fmt.Fprintln(out, "|---|--:|--:|--:|")
	for _, c := range columns {
		var ratios []float64
		for i, t := range c.times {
			ratios = append(ratios, columns[0].times[i].Seconds()/t.Seconds())
		}
		m := median(c.times).Seconds()
		fmt.Fprintf(out, "| %s | %.2f | %.0f | %.2f |\n", c.name, m, float64(states)/m, median(ratios))
	}
}

func median[T time.Duration | float64](s []T) T {
	s = slices.Clone(s)
	slices.Sort(s)
	return s[len(s)/2]
}
