// SPDX-License-Identifier: MIT

// Command ratios runs both sides of each pair of package bench in rounds that
// take turns, and prints the tables of the README. No ratio makes it fail.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"example.com/pernet/bench"
)

type options struct {
	rounds int
	turn   time.Duration
	run    *regexp.Regexp
}

func main() {
	opts, err := parse(os.Args[1:])
	if err == nil {
		err = tables(os.Stdout, opts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(1)
	}
}

func parse(args []string) (opts options, err error) {
	flags := flag.NewFlagSet("ratios", flag.ExitOnError)
	short := flags.Bool("short", false, "5 rounds of 1 ms, to see that it runs; the ratios mean little")
	flags.IntVar(&opts.rounds, "rounds", 101, "rounds, in each of which both sides have one turn")
	flags.DurationVar(&opts.turn, "turn", 5*time.Millisecond, "about how long one turn takes")
	run := flags.String("run", "", "only pairs whose name matches this regular expression")
	_ = flags.Parse(args) // ExitOnError
	if *short {
		opts.rounds, opts.turn = 5, time.Millisecond
	}
	if opts.rounds < 1 || opts.turn <= 0 || flags.NArg() > 0 {
		return opts, fmt.Errorf("want -rounds and -turn above zero and no arguments, got %v", args)
	}
	opts.run, err = regexp.Compile(*run)
	return opts, err
}

// tables measures, and prints a table each time that the sides change.
func tables(w io.Writer, opts options) error {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	if _, err := fmt.Fprintf(w, "%s, %d rounds of 2 turns of about %v each.\n", machine(), opts.rounds, opts.turn); err != nil {
		return err
	}
	over := ""
	for _, p := range bench.Pairs() {
		if !opts.run.MatchString(p.Name()) {
			continue
		}
		if p.Over != over {
			over = p.Over
			if err := head(w, p); err != nil {
				return err
			}
		}
		if err := row(w, p, measure(p, opts)); err != nil {
			return err
		}
		select {
		case <-interrupted:
			return fmt.Errorf("interrupted after %q", p.Name())
		default:
		}
	}
	if over == "" {
		return fmt.Errorf("no pair matches %q", opts.run)
	}
	return nil
}

// figures are what the rounds of a pair gave.
type figures struct {
	ratios      []float64 // sorted
	over, under float64   // medians of nanoseconds a call
}

// measure lets the sides of p take turns: each has one in every round, and who
// begins changes from round to round.
func measure(p bench.Pair, opts options) figures {
	over, under, closePair := p.Make()
	defer closePair()
	n, m := calls(over, opts.turn), calls(under, opts.turn)
	if p.SameCalls { // then both meet the garbage collector equally often
		n = min(n, m)
		m = n
	}
	var ratios, overs, unders []float64
	for round := range opts.rounds {
		var o, u float64
		if round%2 == 0 {
			o = turn(over, n)
			u = turn(under, m)
		} else {
			u = turn(under, m)
			o = turn(over, n)
		}
		ratios, overs, unders = append(ratios, o/u), append(overs, o), append(unders, u)
	}
	slices.Sort(ratios)
	return figures{ratios, median(overs), median(unders)}
}

// calls finds how many calls take about as long as a turn should, by the fastest
// of a few tries: what else the machine does must not make turns short.
func calls(run bench.Runner, turn time.Duration) int {
	n := 1
	for run(n) < turn/8 {
		n *= 2
	}
	best := run(n)
	for range 4 {
		best = min(best, run(n))
	}
	return max(1, int(float64(n)*float64(turn)/float64(best)))
}

// turn is one turn: nanoseconds a call. The garbage of the other side is gone before it.
func turn(run bench.Runner, n int) float64 {
	runtime.GC()
	return float64(run(n)) / float64(n)
}

func median(of []float64) float64 {
	of = slices.Sorted(slices.Values(of))
	return (of[(len(of)-1)/2] + of[len(of)/2]) / 2
}

func head(w io.Writer, p bench.Pair) error {
	_, err := fmt.Fprintf(w, "\n| call | nets | ops | %s, ns | %s, ns | %[1]s / %[2]s: min | median | max | goal | met |\n"+
		"|---|--:|--:|--:|--:|--:|--:|--:|---|---|\n", p.Over, p.Under)
	return err
}

func row(w io.Writer, p bench.Pair, f figures) error {
	nets, ops, met := fmt.Sprint(p.Nets), fmt.Sprint(p.Ops), ""
	if p.Nets == 0 {
		nets, ops = "", ""
	}
	middle := median(f.ratios)
	if p.Goal() != "" {
		met = "no"
		if p.Met(middle) {
			met = "yes"
		}
	}
	_, err := fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | **%s** | %s | %s | %s |\n", p.Call, nets, ops,
		short(f.over), short(f.under), ratio(f.ratios[0]), ratio(middle), ratio(f.ratios[len(f.ratios)-1]), p.Goal(), met)
	return err
}

// short writes x with about three digits.
func short(x float64) string {
	switch {
	case x < 10:
		return fmt.Sprintf("%.2f", x)
	case x < 100:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// ratio writes x so that it can be told from a goal with one digit after the point.
func ratio(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.3f", x)
	}
	return short(x)
}

// machine says what the figures were measured on.
func machine() string {
	return fmt.Sprintf("%s, %d cores (GOMAXPROCS %d), %s %s/%s", processor(), runtime.NumCPU(),
		runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// processor is the name that Linux has for it.
func processor() string {
	unknown := "Unknown processor"
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return unknown
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return unknown
}
