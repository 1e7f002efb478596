// SPDX-License-Identifier: MIT

package code

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A change of a file is an edit or two, which need not be of one operator.
type change struct {
	kind string
	pos  token.Pos // where it is shown
	what string    // before => after
	edit []edit
}

// The kinds that change more than an operator.
const (
	dropped   = "STATEMENT_DROPPED"
	swapped   = "STATEMENTS_SWAPPED"
	deferless = "DEFER_PLAIN"
	copyless  = "COPY_LEFT_OUT"
)

// shapes are the changes of a file that are of no operator: a statement dropped,
// two neighbours swapped, a defer made plain, a copy left out.
func shapes(tree *ast.File, src string, offset func(token.Pos) int) (all []change) {
	text := func(n ast.Node) string { return src[offset(n.Pos()):offset(n.End())] }
	replace := func(n ast.Node, with string) edit {
		return edit{offset(n.Pos()), offset(n.End()) - offset(n.Pos()), with}
	}
	add := func(kind string, n ast.Node, what string, edits ...edit) {
		all = append(all, change{kind, n.Pos(), oneLine(text(n)) + " => " + what, edits})
	}
	block := func(list []ast.Stmt) {
		for i, s := range list {
			if !mayGo(s) {
				continue
			}
			add(dropped, s, "nothing", replace(s, ""))
			if i+1 < len(list) && isSimple(s) && isSimple(list[i+1]) && text(s) != text(list[i+1]) && !locksToEnd(s, list[i+1]) {
				next := list[i+1]
				add(swapped, s, "after "+oneLine(text(next)), replace(s, text(next)), replace(next, text(s)))
			}
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			block(n.List)
		case *ast.CaseClause:
			block(n.Body)
		case *ast.CommClause:
			block(n.Body)
		case *ast.DeferStmt:
			add(deferless, n, oneLine(text(n.Call)), replace(n, text(n.Call)))
		case *ast.CallExpr:
			if of, keep := copied(n); of != nil {
				edits := []edit{replace(n, text(of))}
				if keep != "" { // the import stays in use
					edits = append(edits, edit{len(src), 0, "\nvar _ = " + keep + "\n"})
				}
				add(copyless, n, oneLine(text(of)), edits...)
			}
		}
		return true
	})
	return all
}

// mayGo reports whether the block can do without the statement, and goes on after it.
func mayGo(s ast.Stmt) bool {
	if f, ok := s.(*ast.IfStmt); ok {
		return f.Else == nil
	}
	r, ok := s.(*ast.ReturnStmt)
	return ok && len(r.Results) == 0 || isSimple(s)
}

// isSimple reports whether the statement does one thing, and declares nothing.
func isSimple(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.DeferStmt, *ast.GoStmt:
		return true
	}
	return false
}

// locksToEnd reports whether one statement takes a lock, and the next defers to let go of it: the other way
// round they do the same.
func locksToEnd(s, next ast.Stmt) bool {
	lock, ok := s.(*ast.ExprStmt)
	unlock, deferred := next.(*ast.DeferStmt)
	if !ok || !deferred {
		return false
	}
	switch text := types.ExprString(unlock.Call); types.ExprString(lock.X) {
	case strings.TrimSuffix(text, ".Unlock()") + ".Lock()", strings.TrimSuffix(text, ".RUnlock()") + ".RLock()":
		return true
	}
	return false
}

// clones are the functions that copy, each with a value that keeps its package imported.
var clones = map[string]string{
	"slices.Clone": "slices.Clone[[]int]", "maps.Clone": "maps.Clone[map[int]int]", "bytes.Clone": "bytes.Clone", "strings.Clone": "strings.Clone",
}

// copied returns what a call makes a copy of, or nil.
func copied(call *ast.CallExpr) (of ast.Expr, keep string) {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok && len(call.Args) == 1 && clones[x.Name+"."+f.Sel.Name] != "" {
			return call.Args[0], clones[x.Name+"."+f.Sel.Name]
		}
	case *ast.Ident: // append([]T(nil), x...), append([]T{}, x...)
		if f.Name != "append" || !call.Ellipsis.IsValid() || len(call.Args) != 2 {
			return nil, ""
		}
		switch first := call.Args[0].(type) {
		case *ast.CompositeLit:
			if len(first.Elts) == 0 {
				return call.Args[1], ""
			}
		case *ast.CallExpr:
			if _, ok := first.Fun.(*ast.ArrayType); ok {
				return call.Args[1], ""
			}
		}
	}
	return nil, ""
}

// oneLine is a piece of code without its line breaks and its comments.
func oneLine(code string) string {
	var kept []string
	for line := range strings.Lines(code) {
		line, _, _ = strings.Cut(line, "// ")
		kept = append(kept, strings.Fields(line)...)
	}
	return strings.Join(kept, " ")
}

// operatorChanges are the changes of one operator each.
func operatorChanges(tree *ast.File, src string, offset func(token.Pos) int) (all []change) {
	for _, s := range sites(tree) {
		for _, kind := range kinds {
			to, ok := operators[kind][s.tok]
			if !ok {
				continue
			}
			at := offset(s.pos)
			begin := strings.LastIndexByte(src[:at], '\n') + 1
			line, _, _ := strings.Cut(src[begin:], "\n")
			after := line[:at-begin] + to.String() + line[at-begin+len(s.tok.String()):]
			all = append(all, change{kind, s.pos, strings.TrimSpace(line) + " => " + strings.TrimSpace(after), s.edits(to, offset)})
		}
	}
	return all
}

// changes are all of a file, in its order.
func changes(tree *ast.File, src string, offset func(token.Pos) int) []change {
	all := append(operatorChanges(tree, src, offset), shapes(tree, src, offset)...)
	slices.SortStableFunc(all, func(a, b change) int { return int(a.pos - b.pos) })
	return all
}
