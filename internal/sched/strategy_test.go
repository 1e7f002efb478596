// SPDX-License-Identifier: MIT

package sched

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/door"
)

// choosers is a program with a lock, options, and a thread that comes later.
func choosers(tp *tape) {
	tp.locks("T1", 3)
	tp.s.Go("T2", func() {
		for range 3 {
			tp.s.Point(door.Point{Name: "choose"})
			tp.text += string(rune('0' + tp.s.Option(4)))
		}
		tp.steps("T3", 2)
	})
	tp.steps("T4", 3)
}

// Each strategy's run is replayed twice, from its schedule as a string: bit by bit the same.
func TestReplayRepeats(t *testing.T) {
	texts := map[string]bool{}
	for seed := range uint64(100) {
		for _, st := range []Strategy{NewRandom(seed), NewPCT(seed, 3, 14)} {
			var first tape
			choosers(&first)
			done, err := first.s.Run(st, 100)
			if err != nil || len(done) != 14 {
				t.Fatal(done, err)
			}
			texts[first.text] = true
			for range 2 {
				parsed, err := Parse(done.String())
				if err != nil || !slices.Equal(parsed, done) {
					t.Fatalf("%s is read as %s, %v", done, parsed, err)
				}
				var again tape
				choosers(&again)
				r := NewReplay(parsed)
				same, err := again.s.Run(r, 100)
				if err != nil || r.Err() != nil || !slices.Equal(same, done) || again.text != first.text {
					t.Fatalf("%s: %v %v; %q was %q", done, err, r.Err(), again.text, first.text)
				}
			}
		}
	}
	if len(texts) < 150 {
		t.Errorf("200 runs wrote only %d texts", len(texts))
	}
}

func TestSeedDecides(t *testing.T) {
	for name, make := range map[string]func(seed uint64) Strategy{
		"random": func(seed uint64) Strategy { return NewRandom(seed) },
		"PCT":    func(seed uint64) Strategy { return NewPCT(seed, 3, 14) },
	} {
		run := func(seed uint64) string {
			var tp tape
			choosers(&tp)
			done, err := tp.s.Run(make(seed), 100)
			if err != nil {
				t.Fatal(err)
			}
			return done.String()
		}
		if first, again := run(7), run(7); first != again {
			t.Errorf("%s: one seed, two runs", name)
		}
		if run(7) == run(8) && run(7) == run(9) {
			t.Errorf("%s: the seed does not matter", name)
		}
	}
}

func TestReplayRefusesWhatCannotBe(t *testing.T) {
	for _, c := range []struct{ schedule, want string }{
		{"T9", "step 1: T9 cannot move; [T1 T2 T4] can"},
		{"T1,T1*2,T4*4", "step 7: T4 cannot move"},
		{"T2:4,T1", "step 1: option 4 of 4"},
		{"T2:4", "step 1: option 4 of 4"},
		{"T4:1,T1", "step 1: T4 has no options there"},
		{"T1*6,T2*3,T4*3,T3*2,T1", "all threads are at rest after step 14, and 1 are left"},
		{"T1*6,T2*3,T4*3,T3*2", ""},
	} {
		s, err := Parse(c.schedule)
		if err != nil {
			t.Fatal(err)
		}
		var tp tape
		choosers(&tp)
		r := NewReplay(s)
		_, err = tp.s.Run(r, 100)
		if err == nil || errors.Is(err, ErrEnd) {
			err = r.Err()
		}
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.schedule, err, c.want)
		}
	}
	var tp tape
	choosers(&tp)
	if done, err := tp.s.Run(NewReplay(Schedule{{Thread: "T1"}}), 100); err != ErrEnd || len(done) != 1 {
		t.Error(done, err)
	}
}

// Without a change of priorities PCT runs each thread as far as it goes.
func TestPCTOfDepthOneRunsEachThreadToItsEnd(t *testing.T) {
	orders := map[string]int{}
	for seed := range uint64(600) {
		var tp tape
		tp.steps("a", 4)
		tp.steps("b", 4)
		tp.steps("c", 4)
		if _, err := tp.s.Run(NewPCT(seed, 1, 12), 100); err != nil {
			t.Fatal(err)
		}
		orders[tp.text]++
	}
	if len(orders) != 6 {
		t.Errorf("%d orders of 3 threads: %v", len(orders), orders)
	}
	for text, n := range orders {
		if n < 60 {
			t.Errorf("%s came %d times of 600", text, n)
		}
	}
}

// A fault that needs one change of threads at one place: all of a before its last
// step, all of b, the rest of a. PCT of depth 2 must meet it with a probability
// of at least 1/(n k): 1 in 2*20. A random choice meets it 1 in 2^19 or so.
func TestPCTMeetsARareFault(t *testing.T) {
	meets := func(st Strategy) bool {
		var tp tape
		tp.steps("a", 10)
		tp.steps("b", 10)
		if _, err := tp.s.Run(st, 100); err != nil {
			t.Fatal(err)
		}
		return tp.text == "aaaaaaaaabbbbbbbbbba"
	}
	const tries = 4000
	pct, random := 0, 0
	for seed := range uint64(tries) {
		if meets(NewPCT(seed, 2, 20)) {
			pct++
		}
		if meets(NewRandom(seed)) {
			random++
		}
	}
	if pct < tries/40*3/4 || random > 2 {
		t.Errorf("of %d runs PCT met it in %d, Random in %d", tries, pct, random)
	}
}

// A change of priority falls before the step, so that it can also keep back the
// first step of a thread that another one let go.
func TestPCTDropsBeforeTheStep(t *testing.T) {
	p := NewPCT(1, 1, 4)
	p.priority = map[string]int{"a": 2, "b": 1}
	p.drop = map[int]int{0: -1}
	if i, err := p.Thread([]string{"a", "b"}); i != 1 || err != nil {
		t.Error(i, err)
	}
}

func TestScheduleAsAString(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		want string
	}{
		{nil, ""},
		{Schedule{{"T1", 0}}, "T1"},
		{Schedule{{"T1", 0}, {"T1", 0}, {"T1", 2}, {"T1", 2}, {"W", 0}, {"D0.1", 0}, {"W", 0}}, "T1*2,T1:2,T1:2,W,D0.1,W"},
	} {
		got := c.s.String()
		back, err := Parse(got)
		if got != c.want || err != nil || !slices.Equal(back, c.s) {
			t.Errorf("%v prints as %q, which is read as %v, %v", c.s, got, back, err)
		}
	}
	for text, want := range map[string]string{
		",": "no thread", "T1,,T2": "step 2", "T1*": "no number", "T1:": "no number", ":1": "no thread", "*3": "no thread",
		"T1*0": "no number", "T1:0": "no number", "T1:-1": "no number", "T1*x": "no number", "T1:1.5": "no number",
		"T1*1048577": "no number", "T1*1048576,T1": "too long", "T1*2:3": "a second", "T1:1*2": "a second", "T1*2*1": "a second",
		"T1*99999999999999999999": "no number",
	} {
		if s, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is read as %v, %v; want %q", text, len(s), err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "T1", "T1:3,W,T1", "W*4", "D0.1*2,T2:1", "T1*2*1", "a:b:1", ",", "*", "T1*1048576,T1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			if s != nil || !strings.HasPrefix(err.Error(), "schedule: step ") {
				t.Fatalf("%v with %v", s, err)
			}
			return
		}
		printed := s.String()
		back, err := Parse(printed)
		if err != nil || !slices.Equal(back, s) || back.String() != printed {
			t.Fatalf("%q is read as %d steps and prints as %q, which is read as %d steps, %v", text, len(s), printed, len(back), err)
		}
	})
}
