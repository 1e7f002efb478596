// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"example.com/pernet/bench"
)

const (
	loadRounds = 11
	loadTime   = 5 * time.Second // no round of a load begins later
)

// loadFigures are what the rounds of a load gave, in nanoseconds.
type loadFigures struct {
	times   [][]float64 // of each side
	periods []int64     // of each side, in the last round
}

// run lets the sides of l take turns.
func run(l bench.Load, opts options) loadFigures {
	f := loadFigures{make([][]float64, len(l.Sides)), make([]int64, len(l.Sides))}
	start := time.Now()
	for round := 0; round < min(loadRounds, opts.rounds) && (round == 0 || time.Since(start) < loadTime); round++ {
		for i := range l.Sides {
			i = (i + round) % len(l.Sides)
			runtime.GC()
			took, periods := l.Sides[i].Run()
			f.times[i], f.periods[i] = append(f.times[i], float64(took)), periods
		}
	}
	return f
}

// ratios are those of the rounds.
func (f loadFigures) ratios(r bench.Ratio) (all []float64) {
	for round, over := range f.times[r.Over] {
		all = append(all, over/f.times[r.Under][round])
	}
	return all
}

func (out *printer) loadHead(l bench.Load) {
	out.printf("\n%s: medians. Bold: goal missed.\n\n| |", strings.ToUpper(l.Table[:1])+l.Table[1:])
	for _, s := range l.Sides {
		out.printf(" %s |", s.Name)
	}
	for _, r := range l.Ratios {
		out.printf(" %s / %s |", l.Sides[r.Over].Name, l.Sides[r.Under].Name)
	}
	out.printf("\n|---|%s\n", strings.Repeat("--:|", len(l.Sides)+len(l.Ratios)))
}

// lasted writes a time of ns with about three digits.
func lasted(ns float64) string {
	for _, unit := range []struct {
		name string
		ns   float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= unit.ns {
			return short(ns/unit.ns) + " " + unit.name
		}
	}
	return short(ns) + " ns"
}

func (out *printer) load(l bench.Load, f loadFigures) {
	out.printf("| %s |", l.Row)
	for i, s := range l.Sides {
		middle := median(f.times[i])
		cell := lasted(middle)
		if s.AtMost > 0 {
			cell = out.bold(cell, middle <= float64(s.AtMost), fmt.Sprintf("%s, %s <= %v (%s)", l.Name(), s.Name, s.AtMost, cell))
		}
		if f.periods[i] > 0 {
			cell += fmt.Sprintf(" (%d)", f.periods[i])
		}
		out.printf(" %s |", cell)
	}
	for _, r := range l.Ratios {
		middle := median(f.ratios(r))
		cell, text := short(middle), fmt.Sprintf("%s, %s / %s", l.Name(), l.Sides[r.Over].Name, l.Sides[r.Under].Name)
		switch cmp.Or(r.AtMost, r.AtLeast) {
		case 0:
		case r.AtMost:
			cell = out.bold(cell, middle <= r.AtMost, fmt.Sprintf("%s <= %v (%s)", text, r.AtMost, ratio(middle)))
		default:
			cell = out.bold(cell, middle >= r.AtLeast, fmt.Sprintf("%s >= %v (%s)", text, r.AtLeast, ratio(middle)))
		}
		out.printf(" %s |", cell)
	}
	out.printf("\n")
}

// bold is the cell of a goal.
func (out *printer) bold(cell string, met bool, goal string) string {
	if out.judge(met, goal) == "no" {
		return "**" + cell + "**"
	}
	return cell
}

// rewrite writes the texts into the file, each in the place that names its table.
func rewrite(file string, texts map[string]string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	page := string(old)
	for table, text := range texts {
		begin := fmt.Sprintf("<!-- ratios: %s -->\n", table)
		before, rest, found := strings.Cut(page, begin)
		_, after, ended := strings.Cut(rest, "<!-- end -->")
		if !found || !ended {
			return fmt.Errorf("%s has no place for the table %q", file, table)
		}
		page = before + begin + "\n" + text + "\n<!-- end -->" + after
	}
	return os.WriteFile(file, []byte(page), 0o666)
}
