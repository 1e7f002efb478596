// SPDX-License-Identifier: MIT

package conform

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// JUnit writes the report in the form that most CI systems read.
func (r *Report) JUnit(w io.Writer) error {
	type text struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Class   string `xml:"classname,attr"`
		Name    string `xml:"name,attr"`
		Time    string `xml:"time,attr"`
		Skipped *text  `xml:"skipped"`
		Error   *text  `xml:"error"`
		Failure *text  `xml:"failure"`
	}
	type suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Time     string     `xml:"time,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
	var suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		Suites  []suite  `xml:"testsuite"`
	}
	suites.Name = "pernet conform"
	for _, g := range r.Groups {
		s := suite{Name: g.Name, Tests: len(g.Cases)}
		all := time.Duration(0)
		for _, c := range g.Cases {
			t := testcase{Class: g.Name, Name: c.ID, Time: seconds(c.Time)}
			all += c.Time
			why := &text{Message: c.Why, Type: string(c.Verdict), Text: c.text("")}
			switch c.Verdict {
			case Passed:
			case Skipped: // of no type, as the schema asks
				t.Skipped, s.Skipped = &text{Message: c.Reason}, s.Skipped+1
			case Wrong, Unsupported:
				t.Failure, s.Failures = why, s.Failures+1
			default:
				if c.Reason != "" {
					why.Message = c.Reason
				}
				t.Error, s.Errors = why, s.Errors+1
			}
			s.Cases = append(s.Cases, t)
		}
		s.Time = seconds(all)
		suites.Suites = append(suites.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	return out.Encode(suites)
}
