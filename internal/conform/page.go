// SPDX-License-Identifier: MIT

package conform

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Page writes the report as one HTML page that needs nothing else: the failures first.
func (r *Report) Page(w io.Writer) error {
	type group struct {
		*Group
		Passed, Failed, Skipped, Undecided int
		Why                                string
	}
	var data struct {
		*Report
		Bad, Rest []*Case
		Table     []group
	}
	data.Report = r
	for _, g := range r.Groups {
		count := func(verdicts ...Verdict) int {
			return g.count(func(v Verdict) bool { return slices.Contains(verdicts, v) })
		}
		data.Table = append(data.Table, group{g, count(Passed), g.count(Verdict.Failed), count(Skipped), count(Undecided), g.reasons()})
		for _, c := range g.Cases {
			if c.Verdict.Failed() || c.Verdict == Undecided {
				data.Bad = append(data.Bad, c)
			} else {
				data.Rest = append(data.Rest, c)
			}
		}
	}
	return pageTemplate.Execute(w, data)
}
