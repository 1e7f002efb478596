// SPDX-License-Identifier: MIT

// Command ratios runs both sides of each pair of package bench in rounds that
// take turns, and prints the tables of docs/benchmarks.md: the median of 101 rounds, so that
// neither what else the machine does nor a slow spell of it falls on one side. A round
// is one turn of each side, about 5 ms, after a collection of the garbage. Then it runs the loads, each
// in up to 11 rounds of about 5 s in all. Pairs and loads take about ten minutes. No figure makes it fail.
//
// With -write it also writes each table that it has measured into the file, between a line
// "<!-- ratios: TABLE -->" and the next line "<!-- end -->".
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
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
	long   bool
	write  string
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
	flags.BoolVar(&opts.long, "long", false, "one row a pair, with the lowest and the highest ratio")
	flags.StringVar(&opts.write, "write", "", "write the tables into this file, too")
	run := flags.String("run", "", "only pairs and loads whose name matches this regular expression")
	_ = flags.Parse(args) // ExitOnError
	if *short {
		opts.rounds, opts.turn = 5, time.Millisecond
	}
	if opts.rounds < 1 || opts.turn <= 0 || flags.NArg() > 0 {
		return opts, fmt.Errorf("want -rounds and -turn above zero and no arguments, got %v", args)
	}
	if opts.write != "" && *run != "" {
		return opts, errors.New("-write replaces whole tables, so it does not go with -run")
	}
	opts.run, err = regexp.Compile(*run)
	return opts, err
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
		o, u = o/float64(max(p.Each, 1)), u/float64(max(p.EachUnder, 1))
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
