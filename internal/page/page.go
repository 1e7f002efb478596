// SPDX-License-Identifier: MIT

package page

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

var tmpl = template.Must(template.New("page").Funcs(template.FuncMap{
	"css":   func() template.CSS { return template.CSS(pageCSS) },
	"js":    func() template.JS { return template.JS(pageJS) },
	"code":  code,
	"lower": strings.ToLower,
	"last":  func(t Trace, i int) bool { return i == len(t.Steps)-1 },
}).Parse(pageHTML))

// Write writes the page of a trace: one HTML file that loads nothing else.
// Without JavaScript it is the list of the steps in words.
func Write(w io.Writer, t Trace) error { return tmpl.Execute(w, t) }

// A span is a part of a text in the table's manner, where `names` are ticked.
type span struct {
	Text string
	Code bool
}

func code(text string) (out []span) {
	for i, part := range strings.Split(text, "`") {
		if part != "" {
			out = append(out, span{part, i%2 == 1})
		}
	}
	return out
}
