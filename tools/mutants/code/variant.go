// SPDX-License-Identifier: MIT

package code

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// A variant is the text of a function with a change, and its number.
type variant struct {
	id, text string
	number   int
	decl     int    // which declaration of the file it is
	lines    [2]int // of the file that is made, from, to
}

// copyOf is the changed function under another name; nil if the change is in none,
// or the file with it is no Go.
func copyOf(src []byte, m mutant, number int) *variant {
	set := token.NewFileSet()
	before, err := parser.ParseFile(set, "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	line, column, _ := strings.Cut(m.At, ":")
	i := slices.IndexFunc(before.Decls, func(d ast.Decl) bool {
		from, to := set.Position(d.Pos()), set.Position(d.End())
		l, _ := strconv.Atoi(line)
		c, _ := strconv.Atoi(column)
		return (from.Line < l || from.Line == l && from.Column <= c) && (l < to.Line || l == to.Line && c < to.Column)
	})
	old, ok := before.Decls[i].(*ast.FuncDecl)
	if !ok || call(old, "") == "" {
		return nil
	}
	after, err := parser.ParseFile(set, "", m.text, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil || i >= len(after.Decls) {
		return nil
	}
	f, ok := after.Decls[i].(*ast.FuncDecl)
	if !ok {
		return nil
	}
	return &variant{id: m.ID(), text: renamed(set, m.text, f, copyName(f, number)), number: number, decl: i}
}

// renamed is the text of a function under another name.
func renamed(set *token.FileSet, src []byte, f *ast.FuncDecl, name string) string {
	offset := func(p token.Pos) int { return set.Position(p).Offset }
	return string(src[offset(f.Pos()):offset(f.Name.Pos())]) + name + string(src[offset(f.Name.End()):offset(f.End())])
}

func copyName(f *ast.FuncDecl, number int) string {
	return fmt.Sprintf("%s_mutant%d", f.Name.Name, number)
}

// call is the call of a copy of that name with what the function was called with; "" if that has no name.
func call(f *ast.FuncDecl, name string) string {
	if f.Recv != nil {
		if len(f.Recv.List[0].Names) == 0 {
			return ""
		}
		name = f.Recv.List[0].Names[0].Name + "." + name
	}
	if f.Type.TypeParams != nil {
		return ""
	}
	var args []string
	for _, p := range f.Type.Params.List {
		if len(p.Names) == 0 {
			return ""
		}
		for _, n := range p.Names {
			if n.Name == "_" {
				return ""
			}
			arg := n.Name
			if _, ok := p.Type.(*ast.Ellipsis); ok {
				arg += "..."
			}
			args = append(args, arg)
		}
	}
	text := name + "(" + strings.Join(args, ", ") + ")"
	if f.Type.Results != nil {
		return "return " + text
	}
	return text + "; return"
}

// withCopies is a file with the copies of its functions, and one of each without a change; each function calls them.
func withCopies(src []byte, list []*variant) ([]byte, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var edits []edit
	same := ""
	for i, d := range tree.Decls {
		cases, last := "", 0
		for _, c := range list {
			if c.decl == i {
				f := d.(*ast.FuncDecl)
				cases += fmt.Sprintf("case %d: %s; ", c.number, call(f, copyName(f, c.number)))
				last = c.number
			}
		}
		if cases != "" { // in the line of the brace, so that the lines stay
			f := d.(*ast.FuncDecl)
			name := copyName(f, last) + "_unchanged" // a package may have several functions init
			cases += fmt.Sprintf("case %d: %s; ", unchanged, call(f, name))
			same += "\n\n" + renamed(set, src, f, name)
			at := set.Position(f.Body.Lbrace).Offset + 1
			edits = append(edits, edit{at, 0, " if chosenMutant != 0 { switch chosenMutant { " + cases + "} }; "})
		}
	}
	out := append(apply(src, edits), same...)
	for _, c := range list {
		c.lines[0] = bytes.Count(out, []byte("\n")) + 2
		out = append(append(out, "\n\n"...), c.text...)
		c.lines[1] = bytes.Count(out, []byte("\n")) + 1
	}
	return append(out, '\n'), nil
}
