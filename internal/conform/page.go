// SPDX-License-Identifier: MIT

package conform

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Page writes the report as one HTML page that needs nothing else: the failures first.
func (r *Report) Page(w io.Writer) error {
	var data struct {
		*Report
		Bad, Rest []*Case
	}
	data.Report = r
	for _, g := range r.Groups {
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
