// SPDX-License-Identifier: MIT

package code

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"example.com/pernet/tools/mutants/campaign"
)

// operators is what each kind of mutant puts in the place of a token. The kinds
// and their names are those of gremlins.
var operators = map[string]map[token.Token]token.Token{
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

// kinds are those of operators, sorted.
var kinds = slices.Sorted(maps.Keys(operators))

// A mutant is a change, and the file as it then is.
type mutant struct {
	campaign.Mutant
	text []byte
}

// An edit replaces a stretch of a file.
type edit struct {
	at, length int
	text       string
}

// mutate makes the mutants of a file, in the file's order.
func mutate(name string, src []byte) ([]mutant, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	offset := func(p token.Pos) int { return set.Position(p).Offset }
	var all []mutant
	same := map[string]int{} // the same change twice in one function is told apart by its number
	for _, c := range changes(tree, string(src), offset) {
		what := within(tree, c.pos) + ": " + c.what
		key := c.kind + " " + what
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", name, key, same[key]))
		same[key]++
		place := fmt.Sprintf("%d:%d", set.Position(c.pos).Line, set.Position(c.pos).Column)
		all = append(all, mutant{campaign.Mutant{File: name, At: place, Kind: c.kind, Hash: hex.EncodeToString(sum[:4]), What: what},
			apply(src, c.edit)})
	}
	return all, nil
}

// A site is a token that may be changed; of a binary operator also its operands.
type site struct {
	tok  token.Token
	pos  token.Pos
	x, y ast.Expr
}

// sites finds all of a file, in its order.
func sites(tree *ast.File) (all []site) {
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			all = append(all, site{tok: n.Tok, pos: n.TokPos})
		case *ast.BinaryExpr:
			all = append(all, site{n.Op, n.OpPos, n.X, n.Y})
		case *ast.BranchStmt:
			all = append(all, site{tok: n.Tok, pos: n.TokPos})
		case *ast.IncDecStmt:
			all = append(all, site{tok: n.Tok, pos: n.TokPos})
		case *ast.UnaryExpr:
			all = append(all, site{tok: n.Op, pos: n.OpPos})
		}
		return true
	})
	slices.SortFunc(all, func(a, b site) int { return cmp.Compare(a.pos, b.pos) })
	return all
}

// edits replace the token. The operands of an operator stay what they were: where
// && in a && b && c becomes ||, the result is (a || b) && c.
func (s site) edits(to token.Token, offset func(token.Pos) int) []edit {
	change := edit{offset(s.pos), len(s.tok.String()), to.String()}
	if s.x == nil {
		return []edit{change}
	}
	return []edit{
		{offset(s.x.Pos()), 0, "(("}, {offset(s.x.End()), 0, ")"}, change,
		{offset(s.y.Pos()), 0, "("}, {offset(s.y.End()), 0, "))"},
	}
}

// apply makes edits, which are in the file's order.
func apply(src []byte, edits []edit) (out []byte) {
	from := 0
	for _, e := range edits {
		out = append(append(out, src[from:e.at]...), e.text...)
		from = e.at + e.length
	}
	return append(out, src[from:]...)
}

// within names the function or the declaration that a place is in.
func within(tree *ast.File, pos token.Pos) string {
	i := slices.IndexFunc(tree.Decls, func(d ast.Decl) bool { return d.Pos() <= pos && pos < d.End() })
	f, ok := tree.Decls[i].(*ast.FuncDecl)
	if !ok {
		return tree.Decls[i].(*ast.GenDecl).Tok.String()
	}
	if f.Recv == nil {
		return f.Name.Name
	}
	recv, _, _ := strings.Cut(strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*"), "[")
	return recv + "." + f.Name.Name
}
