// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"strings"
	"testing"

	"example.com/pernet/bench"
)

func TestTable(t *testing.T) {
	pair := func(call string, nets, ops int, atMost float64) bench.Pair {
		return bench.Pair{Call: call, Nets: nets, Ops: ops, Over: "impl", Under: "hand", AtMost: atMost}
	}
	pairs := []bench.Pair{
		pair("copy", 1, 1, 1.3), pair("copy", 1, 10, 1.3), pair("copy", 10, 1, 1.3),
		pair("scope", 1, 10, 1.3), pair("lock", 0, 0, 0),
	}
	of := map[string][]figures{
		"copy":  {{[]float64{1, 1.25, 9}, 50, 40}, {[]float64{1, 1.304, 9}, 60, 40}, {[]float64{1, 1.1, 9}, 1234, 40}},
		"scope": {{[]float64{0.5}, 70, 140}},
		"lock":  {{[]float64{2, 3}, 5, 2}},
	}
	var text strings.Builder
	out := printer{w: &text}
	sizes := sizesOf(pairs)
	out.head(pairs[0], sizes)
	for _, row := range chunks(pairs, func(p bench.Pair) string { return p.Call }) {
		out.row(row, of[row[0].Call], sizes)
	}
	out.goals()
	const want = `
impl / hand: the median ratio (in brackets the time of impl, in ns). Bold: goal missed.

| call | 1 net, 1 ops | 10 nets | 10 ops |
|---|--:|--:|--:|
| copy | 1.25 (50.0) | 1.10 (1234) | **1.30** (60.0) |
| scope |  |  | 0.50 (70.0) |
| lock | 2.50 (5.00) |  |  |

3 of 4 goals met.
- missed: copy/nets=1/ops=10 <= 1.3 (1.304)
`
	if got := text.String(); got != want || out.err != nil {
		t.Errorf("%v: got%s", out.err, got)
	}
}

func TestTableWithoutAWriter(t *testing.T) {
	out := printer{w: fullDisk{}}
	out.goals()
	if out.err == nil {
		t.Error("an error of the writer is lost")
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }
