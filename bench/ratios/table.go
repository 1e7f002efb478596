// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"example.com/pernet/bench"
)

// tables measures, and prints each row as soon as it can: a table for each two
// sides, in it a row for each call, in it a cell for each size.
func tables(w io.Writer, opts options) error {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	pairs := slices.DeleteFunc(bench.Pairs(), func(p bench.Pair) bool { return !opts.run.MatchString(p.Name()) })
	if len(pairs) == 0 {
		return fmt.Errorf("no pair matches %q", opts.run)
	}
	out := printer{w: w}
	out.printf("%s, %d rounds of 2 turns of about %v each.\n", machine(), opts.rounds, opts.turn)
	for _, table := range chunks(pairs, func(p bench.Pair) string { return p.Over }) {
		sizes := sizesOf(table)
		if opts.long {
			out.longHead(table[0])
		} else {
			out.head(table[0], sizes)
		}
		for _, row := range chunks(table, func(p bench.Pair) string { return p.Call }) {
			var of []figures
			for _, p := range row {
				of = append(of, measure(p, opts))
				select {
				case <-interrupted:
					return fmt.Errorf("interrupted after %q", p.Name())
				default:
				}
			}
			if opts.long {
				out.longRows(row, of)
			} else {
				out.row(row, of, sizes)
			}
		}
	}
	out.goals()
	return out.err
}

// chunks cuts pairs where the key changes.
func chunks(pairs []bench.Pair, key func(bench.Pair) string) (all [][]bench.Pair) {
	for i, p := range pairs {
		if i == 0 || key(p) != key(pairs[i-1]) {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], p)
	}
	return all
}

// A size is what a column stands for.
type size struct {
	nets, ops int
	column    string // instead of these
}

// sizeOf is the column of p. What has no nets stands in the first.
func sizeOf(p bench.Pair) size {
	if p.Column != "" {
		return size{column: p.Column}
	}
	return size{nets: max(p.Nets, 1), ops: max(p.Ops, 1)}
}

func (s size) String() string {
	switch {
	case s.column != "":
		return s.column
	case s.nets == 1 && s.ops == 1:
		return "1 net, 1 ops"
	case s.ops == 1:
		return fmt.Sprintf("%d nets", s.nets)
	}
	return fmt.Sprintf("%d ops", s.ops)
}

// sizesOf are the columns of a table: the sizes that it has, those of more nets before those of more ops.
func sizesOf(table []bench.Pair) (sizes []size) {
	for _, p := range table {
		if s := sizeOf(p); !slices.Contains(sizes, s) {
			sizes = append(sizes, s)
		}
	}
	slices.SortStableFunc(sizes, func(a, b size) int {
		if a.ops != b.ops {
			return a.ops - b.ops
		}
		return a.nets - b.nets
	})
	return sizes
}

// A printer writes the tables, and keeps count of the goals.
type printer struct {
	w      io.Writer
	err    error // the first
	met    int
	missed []string
}

func (out *printer) printf(format string, args ...any) {
	if out.err == nil {
		_, out.err = fmt.Fprintf(out.w, format, args...)
	}
}

func (out *printer) head(p bench.Pair, sizes []size) {
	of := ""
	if p.Each > 0 {
		of = " a callback"
	}
	out.printf("\n%s / %s: the median ratio (in brackets the time of %[1]s, in ns%[3]s). Bold: goal missed.\n\n| call |", p.Over, p.Under, of)
	for _, s := range sizes {
		out.printf(" %v |", s)
	}
	out.printf("\n|---|%s\n", strings.Repeat("--:|", len(sizes)))
}

func (out *printer) row(row []bench.Pair, of []figures, sizes []size) {
	cells := make([]string, len(sizes))
	for i, p := range row {
		middle := median(of[i].ratios)
		cell := short(middle)
		if out.verdict(p, middle) == "no" {
			cell = "**" + cell + "**"
		}
		cells[slices.Index(sizes, sizeOf(p))] = fmt.Sprintf("%s (%s)", cell, short(of[i].over))
	}
	out.printf("| %s | %s |\n", row[0].Call, strings.Join(cells, " | "))
}

// verdict says whether a ratio meets the goal of p, if that has one, and counts it.
func (out *printer) verdict(p bench.Pair, middle float64) string {
	switch {
	case p.Goal() == "":
		return ""
	case p.Met(middle):
		out.met++
		return "yes"
	}
	out.missed = append(out.missed, fmt.Sprintf("%s %s (%s)", p.Name(), p.Goal(), ratio(middle)))
	return "no"
}

func (out *printer) goals() {
	out.printf("\n%d of %d goals met.\n", out.met, out.met+len(out.missed))
	for _, m := range out.missed {
		out.printf("- missed: %s\n", m)
	}
}

func (out *printer) longHead(p bench.Pair) {
	out.printf("\n| call | nets | ops | %s, ns | %s, ns | %[1]s / %[2]s: min | median | max | goal | met |\n"+
		"|---|--:|--:|--:|--:|--:|--:|--:|---|---|\n", p.Over, p.Under)
}

func (out *printer) longRows(row []bench.Pair, of []figures) {
	for i, p := range row {
		f, nets, ops := of[i], fmt.Sprint(p.Nets), fmt.Sprint(p.Ops)
		if p.Nets == 0 {
			nets, ops = "", ""
		}
		middle := median(f.ratios)
		out.printf("| %s | %s | %s | %s | %s | %s | **%s** | %s | %s | %s |\n", p.Call, nets, ops, short(f.over),
			short(f.under), ratio(f.ratios[0]), ratio(middle), ratio(f.ratios[len(f.ratios)-1]), p.Goal(), out.verdict(p, middle))
	}
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
