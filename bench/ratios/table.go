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
// sides, in it a row for each call, in it a cell for each size; then a table for each kind of load.
func tables(w io.Writer, opts options) error {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	pairs := slices.DeleteFunc(bench.Pairs(), func(p bench.Pair) bool { return !opts.run.MatchString(p.Name()) })
	loads := slices.DeleteFunc(bench.Loads(), func(l bench.Load) bool { return !opts.run.MatchString(l.Name()) })
	if len(pairs)+len(loads) == 0 {
		return fmt.Errorf("no pair and no load matches %q", opts.run)
	}
	out := printer{w: w, texts: map[string]string{}}
	out.printf("%s, %d rounds of 2 turns of about %v each.\n", machine(), opts.rounds, opts.turn)
	out.end("machine")
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
		out.goals()
		out.end(table[0].Over + " / " + table[0].Under)
	}
	for _, table := range chunks(loads, func(l bench.Load) string { return l.Table }) {
		out.loadHead(table[0])
		for _, l := range table {
			out.load(l, run(l, opts))
			select {
			case <-interrupted:
				return fmt.Errorf("interrupted after %q", l.Name())
			default:
			}
		}
		out.goals()
		out.end(table[0].Table)
	}
	if out.err == nil && opts.write != "" {
		out.err = rewrite(opts.write, out.texts)
	}
	return out.err
}

// chunks cuts list where the key changes.
func chunks[T any](list []T, key func(T) string) (all [][]T) {
	for i, x := range list {
		if i == 0 || key(x) != key(list[i-1]) {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], x)
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

// A printer writes the tables, and keeps their texts and count of the goals of one.
type printer struct {
	w      io.Writer
	err    error // the first
	met    int
	missed []string
	text   strings.Builder   // of the table at hand
	texts  map[string]string // of each table that is at its end
}

func (out *printer) printf(format string, args ...any) {
	if out.err == nil {
		_, out.err = fmt.Fprintf(io.MultiWriter(out.w, &out.text), format, args...)
	}
}

// end ends a table.
func (out *printer) end(table string) {
	out.texts[table] = strings.TrimPrefix(out.text.String(), "\n")
	out.text.Reset()
}

func (out *printer) head(p bench.Pair, sizes []size) {
	of := ""
	if p.Each > 0 {
		of = " a callback"
	}
	out.printf("\n%s / %s: the median ratio (the time of %[1]s, in ns%[3]s). Bold: goal missed.\n\n| call |", p.Over, p.Under, of)
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
	if p.Goal() == "" {
		return ""
	}
	return out.judge(p.Met(middle), fmt.Sprintf("%s %s (%s)", p.Name(), p.Goal(), ratio(middle)))
}

// judge counts a goal, and keeps its text if it was missed.
func (out *printer) judge(met bool, goal string) string {
	if met {
		out.met++
		return "yes"
	}
	out.missed = append(out.missed, goal)
	return "no"
}

// goals says which goals of the table at hand were met.
func (out *printer) goals() {
	out.printf("\n%d of %d goals met.\n", out.met, out.met+len(out.missed))
	for i, m := range out.missed {
		if i == 0 {
			out.printf("\n")
		}
		out.printf("- missed: %s\n", m)
	}
	out.met, out.missed = 0, nil
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
