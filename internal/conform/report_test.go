// SPDX-License-Identifier: MIT

package conform

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// report has a case of each verdict.
func report() *Report {
	g := &Group{Name: "g<1>", Level: Sequential}
	for _, v := range []Verdict{Passed, Skipped, Wrong, Unsupported, Protocol, Crashed, Hung, Undecided} {
		c := &Case{ID: "g/" + string(v), Why: "Why & how.", Verdict: v, Details: "<details>", Time: time.Second, Scenario: []string{`{"op":"list"}`}}
		if v == Skipped || v == Undecided {
			c.Reason = "needs luck"
		}
		g.Cases = append(g.Cases, c)
	}
	g.Cases[2].Picture, g.Cases[2].Tags, g.Cases[2].History = `<p title="x">`, []string{"H1"}, []string{"a line"}
	g.Cases[2].Shows, g.Cases[2].Again = "a part", []string{"pernet conform --only g/wrong"}
	return &Report{Name: "port", Language: "C", Groups: []*Group{g}, Operations: 10, Overlap: 2}
}

// TestJUnitIsWellFormed reads the report as a strict reader of the format does: each count is that
// of the cases, and each case has at most one outcome.
func TestJUnitIsWellFormed(t *testing.T) {
	var out bytes.Buffer
	if err := report().JUnit(&out); err != nil {
		t.Fatal(err)
	}
	type any struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	var suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []struct {
			Name     string `xml:"name,attr"`
			Tests    int    `xml:"tests,attr"`
			Failures int    `xml:"failures,attr"`
			Errors   int    `xml:"errors,attr"`
			Skipped  int    `xml:"skipped,attr"`
			Time     string `xml:"time,attr"`
			Cases    []struct {
				Name    string `xml:"name,attr"`
				Class   string `xml:"classname,attr"`
				Time    string `xml:"time,attr"`
				Failure []any  `xml:"failure"`
				Error   []any  `xml:"error"`
				Skipped []any  `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(out.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	s := suites.Suites[0]
	if s.Name != "g<1>" || s.Tests != 8 || s.Failures != 2 || s.Errors != 4 || s.Skipped != 1 || s.Time != "8.000" || len(s.Cases) != 8 {
		t.Errorf("%+v", s)
	}
	for i, c := range s.Cases {
		if n := len(c.Failure) + len(c.Error) + len(c.Skipped); n > 1 || n == 0 != (i == 0) || c.Class == "" || c.Time == "" {
			t.Errorf("%+v", c)
		}
	}
}

// TestPageHasTheFailuresFirst, and nothing in it is taken for markup.
func TestPageHasTheFailuresFirst(t *testing.T) {
	var out bytes.Buffer
	if err := report().Page(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if strings.Index(text, "g/wrong") > strings.Index(text, "g/passed") || strings.Contains(text, "<details>\n<pre") || strings.Contains(text, `<p title`) {
		t.Error(text)
	}
	for _, want := range []string{"&lt;details&gt;", `srcdoc="&lt;p title=&#34;x&#34;&gt;"`, "g&lt;1&gt;", "2: needs luck", "<p>This is a part:", "<p>Hazard H1: only the last ", "(docs/divergences.md)", "<code>pernet conform --only g/wrong</code>", "a call meets 2.0 calls of others"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
}

// TestStatusIsThatOfTheWorstVerdict: a broken protocol, then death, then a wrong answer.
func TestStatusIsThatOfTheWorstVerdict(t *testing.T) {
	for _, c := range []struct {
		verdicts []Verdict
		status   int
		says     string
	}{
		{[]Verdict{Passed, Skipped}, 0, "conforms: sequential; not claimed: "},
		{[]Verdict{Skipped}, 3, "undecided: no case was run, 1 skipped"},
		{[]Verdict{Undecided, Skipped}, 3, "undecided: 0 passed, 1 undecided"},
		{[]Verdict{Passed, Undecided}, 3, "undecided: 1 passed, 1 undecided"},
		{[]Verdict{Undecided, Wrong}, 1, "does not conform: 1 wrong"},
		{[]Verdict{Wrong, Hung, Crashed}, 4, "does not conform: 1 wrong, 1 crashed, 1 hung"},
		{[]Verdict{Wrong, Hung, Protocol, Unsupported}, 2, "does not conform: 1 wrong, 1 unsupported, 1 protocol, 1 hung"},
	} {
		r := &Report{Groups: []*Group{{Level: Sequential}}}
		for _, v := range c.verdicts {
			r.Groups[0].Cases = append(r.Groups[0].Cases, &Case{Verdict: v})
		}
		if r.conclude(Config{}); r.Status != c.status || !strings.HasPrefix(r.Verdict, c.says) {
			t.Errorf("%v: %d, %s", c.verdicts, r.Status, r.Verdict)
		}
	}
}

func TestReportsPassOnTheErrorOfTheWriter(t *testing.T) {
	broken := errors.New("broken")
	r, w := io.Pipe()
	r.CloseWithError(broken)
	for name, write := range map[string]func(io.Writer) error{
		"text":  func(w io.Writer) error { return report().Write(w) },
		"case":  func(w io.Writer) error { return report().Groups[0].Cases[0].Write(w) },
		"junit": report().JUnit,
		"page":  report().Page,
	} {
		if err := write(w); !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
