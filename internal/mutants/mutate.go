// SPDX-License-Identifier: MIT

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// changes is what each kind of mutant of gremlins puts in the place of a token
// (testdata/documented.tsv holds it to the documentation of tableVersion; its
// code leaves %= as it is, so that mutant lives, and we try the documented one).
var changes = map[string]map[token.Token]token.Token{
	"ARITHMETIC_BASE":       {token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL},
	"CONDITIONALS_BOUNDARY": {token.GEQ: token.GTR, token.GTR: token.GEQ, token.LEQ: token.LSS, token.LSS: token.LEQ},
	"CONDITIONALS_NEGATION": {token.EQL: token.NEQ, token.NEQ: token.EQL, token.GEQ: token.LSS, token.LSS: token.GEQ, token.GTR: token.LEQ, token.LEQ: token.GTR},
	"INCREMENT_DECREMENT":   {token.INC: token.DEC, token.DEC: token.INC},
	"INVERT_ASSIGNMENTS": {
		token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN,
		token.QUO_ASSIGN: token.MUL_ASSIGN, token.REM_ASSIGN: token.MUL_ASSIGN,
	},
	"INVERT_BITWISE": {
		token.AND: token.OR, token.OR: token.AND, token.XOR: token.AND, token.AND_NOT: token.AND,
		token.SHL: token.SHR, token.SHR: token.SHL,
	},
	"INVERT_BWASSIGN": {
		token.AND_ASSIGN: token.OR_ASSIGN, token.OR_ASSIGN: token.AND_ASSIGN, token.XOR_ASSIGN: token.AND_ASSIGN,
		token.AND_NOT_ASSIGN: token.AND_ASSIGN, token.SHL_ASSIGN: token.SHR_ASSIGN, token.SHR_ASSIGN: token.SHL_ASSIGN,
	},
	"INVERT_LOGICAL":   {token.LAND: token.LOR, token.LOR: token.LAND},
	"INVERT_LOOPCTRL":  {token.BREAK: token.CONTINUE, token.CONTINUE: token.BREAK},
	"INVERT_NEGATIVES": {token.SUB: token.ADD},
	"REMOVE_SELF_ASSIGNMENTS": {
		token.ADD_ASSIGN: token.ASSIGN, token.SUB_ASSIGN: token.ASSIGN, token.MUL_ASSIGN: token.ASSIGN, token.QUO_ASSIGN: token.ASSIGN,
		token.REM_ASSIGN: token.ASSIGN, token.AND_ASSIGN: token.ASSIGN, token.OR_ASSIGN: token.ASSIGN, token.XOR_ASSIGN: token.ASSIGN,
		token.AND_NOT_ASSIGN: token.ASSIGN, token.SHL_ASSIGN: token.ASSIGN, token.SHR_ASSIGN: token.ASSIGN,
	},
}

// A place is where gremlins changes something, and how.
type place struct {
	line, col int
	kind      string
}

// A mutant is one change of one file.
type mutant struct {
	place
	pkg, file string // model, model/step.go
	what      string // the change, for people and for the hash
	hash      string
	text      []byte // the whole file, changed
}

func (m mutant) id() string {
	return fmt.Sprintf("%s:%d:%d:%s:%s", m.file, m.line, m.col, m.kind, m.hash)
}

// mutants makes the changes at these places of a file, in the file's order.
func mutants(pkg, file string, src []byte, places []place) ([]mutant, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	found := map[[2]int]site{}
	ast.Inspect(tree, func(n ast.Node) bool {
		if s, ok := siteOf(n); ok {
			at := set.Position(s.pos)
			found[[2]int{at.Line, at.Column}] = s
		}
		return true
	})
	places = slices.Clone(places)
	slices.SortFunc(places, func(a, b place) int {
		if a.line != b.line {
			return a.line - b.line
		}
		if a.col != b.col {
			return a.col - b.col
		}
		return strings.Compare(a.kind, b.kind)
	})
	var all []mutant
	same := map[string]int{} // the same change twice in one function is told apart by its number
	for _, p := range places {
		s, ok := found[[2]int{p.line, p.col}]
		to, known := changes[p.kind][s.tok]
		if !ok || !known {
			return nil, fmt.Errorf("%s:%d:%d: %s changes nothing that is there", file, p.line, p.col, p.kind)
		}
		m := mutant{place: p, pkg: pkg, file: file}
		at := set.Position(s.pos).Offset
		begin := strings.LastIndexByte(string(src[:at]), '\n') + 1
		line, _, _ := strings.Cut(string(src[begin:]), "\n")
		after := line[:at-begin] + to.String() + line[at-begin+len(s.tok.String()):]
		m.what = fmt.Sprintf("%s: %s => %s", within(tree, s.pos), strings.TrimSpace(line), strings.TrimSpace(after))
		m.text = s.change(src, to, func(p token.Pos) int { return set.Position(p).Offset })
		key := p.kind + " " + m.what
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", file, key, same[key]))
		same[key]++
		m.hash = hex.EncodeToString(sum[:4])
		all = append(all, m)
	}
	return all, nil
}

// A site is a token that may be changed; of an operator also its operands.
type site struct {
	tok  token.Token
	pos  token.Pos
	x, y ast.Expr
}

func siteOf(n ast.Node) (site, bool) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return site{tok: n.Tok, pos: n.TokPos}, true
	case *ast.BinaryExpr:
		return site{n.Op, n.OpPos, n.X, n.Y}, true
	case *ast.BranchStmt:
		return site{tok: n.Tok, pos: n.TokPos}, true
	case *ast.IncDecStmt:
		return site{tok: n.Tok, pos: n.TokPos}, true
	case *ast.UnaryExpr:
		return site{tok: n.Op, pos: n.OpPos}, true
	}
	return site{}, false
}

// change gives src with the token replaced. The operands of an operator stay
// what they were: gremlins changes the tree, where a || b && c that was
// a && b && c means (a || b) && c.
func (s site) change(src []byte, to token.Token, offset func(token.Pos) int) []byte {
	type edit struct {
		at, length int // what goes
		text       string
	}
	edits := []edit{{offset(s.pos), len(s.tok.String()), to.String()}}
	if s.x != nil {
		edits = []edit{
			{offset(s.x.Pos()), 0, "(("}, {offset(s.x.End()), 0, ")"}, edits[0],
			{offset(s.y.Pos()), 0, "("}, {offset(s.y.End()), 0, "))"},
		}
	}
	var out []byte
	from := 0
	for _, e := range edits {
		out = append(append(out, src[from:e.at]...), e.text...)
		from = e.at + e.length
	}
	return append(out, src[from:]...)
}

// within names the function or the declaration that a place is in.
func within(tree *ast.File, pos token.Pos) string {
	for _, d := range tree.Decls {
		if pos < d.Pos() || pos >= d.End() {
			continue
		}
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			return d.(*ast.GenDecl).Tok.String()
		}
		if f.Recv == nil {
			return f.Name.Name
		}
		recv := f.Recv.List[0].Type
		if star, ok := recv.(*ast.StarExpr); ok {
			recv = star.X
		}
		if generic, ok := recv.(*ast.IndexExpr); ok {
			recv = generic.X
		}
		if name, ok := recv.(*ast.Ident); ok {
			return name.Name + "." + f.Name.Name
		}
		return f.Name.Name
	}
	return tree.Name.Name
}
