// SPDX-License-Identifier: MIT

package sched

import (
	"slices"
	"strings"
	"testing"
)

func TestParseReadsWhatStringPrints(t *testing.T) {
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
