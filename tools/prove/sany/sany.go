// SPDX-License-Identifier: MIT

// Package sany reads a specification as SANY, the parser of TLA+, exports it in XML.
package sany

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"os/exec"
	"strconv"
)

// A Spec is a module with all that it takes in.
type Spec struct {
	Root      string
	Defs      map[string]*Def // of the modules that are no standard ones
	Constants []*Decl
	Variables []*Decl
	Assumes   []*Expr
}

// A Decl is a constant or a variable.
type Decl struct {
	Name  string
	Arity int
	Var   bool
	Index int // among the variables, or among the constants
}

// A Def is the definition of an operator. One with a standard module is known by
// its name; its body is not read.
type Def struct {
	Name     string
	Loc      Loc
	Standard bool
	Local    bool // in a LET, or a LAMBDA
	Params   []*Param
	Body     *Expr
}

// A Param is a formal parameter or a bound variable.
type Param struct{ Name string }

// A Kind says what an expression is.
type Kind byte

// The kinds of expressions.
const (
	Builtin  Kind = iota // Name applied to Args
	User                 // Def applied to Args
	ParamRef             // Param, applied to Args if it is an operator
	DeclRef              // Decl, applied to Args if it is an operator
	String               // Name
	Number               // Int
	At                   // the @ of an EXCEPT
	Let                  // Defs, then Args[0]
	Operator             // Def as an argument
)

// An Expr is an expression.
type Expr struct {
	Kind   Kind
	Name   string
	Int    int
	Def    *Def
	Param  *Param
	Decl   *Decl
	Args   []*Expr
	Bounds []Bound
	Defs   []*Def
	Loc    Loc
	Level  int  // 0 constant, 1 state, 2 action, 3 temporal
	Closed bool // it has no parameter of its surroundings
	ID     int
}

// A Bound is "x, y \in Set"; without a set it is unbounded.
type Bound struct {
	Params []*Param
	Tuple  bool
	Set    *Expr
}

// A Loc is a place in a module.
type Loc struct {
	Module    string
	Line, Col int
}

func (l Loc) String() string { return fmt.Sprintf("%s.tla:%d:%d", l.Module, l.Line, l.Col) }

// Export has SANY read MODULE.tla in the folder, and returns its XML.
func Export(ctx context.Context, java, jar, dir, module string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", jar, "tla2sany.xml.XMLExporter", "-o", module+".tla")
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("SANY on %s.tla: %w\n%s", module, err, errs.Bytes())
	}
	return out.Bytes(), nil
}

type node struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
	Nodes   []node `xml:",any"`
}

func (n *node) child(name string) *node {
	for i := range n.Nodes {
		if n.Nodes[i].XMLName.Local == name {
			return &n.Nodes[i]
		}
	}
	return nil
}

func (n *node) text(name string) string {
	if c := n.child(name); c != nil {
		return c.Text
	}
	return ""
}

func (n *node) number(name string) int {
	i, err := strconv.Atoi(n.text(name))
	if err != nil {
		panic(malformed(fmt.Sprintf("%s has no number %s", n.XMLName.Local, name)))
	}
	return i
}

func (n *node) loc() Loc {
	l := n.child("location")
	if l == nil {
		return Loc{}
	}
	return Loc{l.text("filename"), l.child("line").number("begin"), l.child("column").number("begin")}
}

type malformed string

var standard = map[string]bool{"Naturals": true, "Integers": true, "Sequences": true, "FiniteSets": true, "TLC": true}

// Read reads the XML.
func Read(r io.Reader) (s *Spec, err error) {
	var root node
	if err := xml.NewDecoder(r).Decode(&root); err != nil {
		return nil, fmt.Errorf("SANY's XML: %w", err)
	}
	defer func() {
		if bad, ok := recover().(malformed); ok {
			s, err = nil, fmt.Errorf("SANY's XML: %s", string(bad))
		}
	}()
	x := &reader{spec: &Spec{Root: root.text("RootModule"), Defs: map[string]*Def{}},
		nodes: map[string]*node{}, defs: map[string]*Def{}, params: map[string]*Param{}, decls: map[string]*Decl{}, builtins: map[string]string{}}
	ctx := root.child("context")
	if ctx == nil || x.spec.Root == "" {
		panic(malformed("no module"))
	}
	x.entries(ctx)
	for _, d := range x.defs {
		if !d.Standard && !d.Local {
			x.spec.Defs[d.Name] = d
		}
	}
	return x.spec, nil
}

type reader struct {
	spec     *Spec
	nodes    map[string]*node
	defs     map[string]*Def
	params   map[string]*Param
	decls    map[string]*Decl
	builtins map[string]string
	exprs    int
}

// entries reads the table of symbols: first what each is, then the bodies.
func (x *reader) entries(ctx *node) {
	var order []string
	for i := range ctx.Nodes {
		e := &ctx.Nodes[i]
		uid := e.text("UID")
		for j := range e.Nodes {
			if n := &e.Nodes[j]; n.XMLName.Local != "UID" {
				x.nodes[uid] = n
				order = append(order, uid)
			}
		}
	}
	for _, uid := range order {
		x.symbol(uid, x.nodes[uid])
	}
	for _, uid := range order {
		n := x.nodes[uid]
		switch n.XMLName.Local {
		case "UserDefinedOpKind":
			x.define(x.defs[uid], n)
		case "AssumeNode":
			x.spec.Assumes = append(x.spec.Assumes, x.expr(&n.child("body").Nodes[0]))
		}
	}
}

func (x *reader) symbol(uid string, n *node) {
	name := n.text("uniquename")
	switch kind := n.XMLName.Local; kind {
	case "BuiltInKind":
		x.builtins[uid] = name
	case "FormalParamNode":
		x.params[uid] = &Param{name}
	case "OpDeclNode":
		d := &Decl{Name: name, Arity: n.number("arity"), Var: n.text("kind") == "3"}
		x.decls[uid] = d
		list := &x.spec.Constants
		if d.Var {
			list = &x.spec.Variables
		}
		d.Index = len(*list)
		*list = append(*list, d)
	case "UserDefinedOpKind":
		d := &Def{Name: name, Loc: n.loc()}
		d.Standard = standard[d.Loc.Module]
		x.defs[uid] = d
	case "ModuleNode", "TheoremNode", "AssumeNode":
	default:
		panic(malformed("an entry of the kind " + kind))
	}
}

func (x *reader) define(d *Def, n *node) {
	for i := range n.child("params").Nodes {
		d.Params = append(d.Params, x.param(n.child("params").Nodes[i].child("FormalParamNodeRef")))
	}
	if d.Standard {
		return
	}
	d.Body = x.expr(&n.child("body").Nodes[0])
}

func (x *reader) param(ref *node) *Param {
	if p := x.params[ref.text("UID")]; p != nil {
		return p
	}
	panic(malformed("a parameter that is not there"))
}

func (x *reader) expr(n *node) *Expr {
	e := &Expr{Loc: n.loc(), ID: x.exprs}
	x.exprs++
	if n.child("level") != nil {
		e.Level = n.number("level")
	}
	switch kind := n.XMLName.Local; kind {
	case "StringNode":
		e.Kind, e.Name = String, n.text("StringValue")
		if n.child("StringValue") == nil { // how SANY writes OTHER
			e.Kind, e.Name = Builtin, n.Text
		}
	case "NumeralNode":
		e.Kind, e.Int = Number, n.number("IntValue")
	case "AtNode":
		e.Kind = At
	case "LetInNode":
		e.Kind = Let
		for i := range n.child("opDefs").Nodes {
			d := x.defs[n.child("opDefs").Nodes[i].text("UID")]
			d.Local = true
			e.Defs = append(e.Defs, d)
		}
		e.Args = []*Expr{x.expr(&n.child("body").Nodes[0])}
	case "OpApplNode":
		x.operator(e, &n.child("operator").Nodes[0])
		for i := range n.child("operands").Nodes {
			e.Args = append(e.Args, x.expr(&n.child("operands").Nodes[i]))
		}
		if b := n.child("boundSymbols"); b != nil {
			for i := range b.Nodes {
				e.Bounds = append(e.Bounds, x.bound(&b.Nodes[i]))
			}
		}
	case "OpArgNode":
		x.operator(e, &n.child("argument").Nodes[0])
		if e.Kind != User {
			panic(malformed("at " + e.Loc.String() + ": an argument that is an operator, and no LAMBDA"))
		}
		e.Kind = Operator
		e.Def.Local = e.Def.Local || e.Def.Name == "LAMBDA"
	default:
		panic(malformed("at " + e.Loc.String() + ": an expression of the kind " + kind))
	}
	return e
}

func (x *reader) operator(e *Expr, ref *node) {
	uid := ref.text("UID")
	switch ref.XMLName.Local {
	case "BuiltInKindRef":
		e.Kind, e.Name = Builtin, x.builtins[uid]
	case "UserDefinedOpKindRef":
		e.Kind, e.Def = User, x.defs[uid]
	case "FormalParamNodeRef":
		e.Kind, e.Param = ParamRef, x.params[uid]
	case "OpDeclNodeRef":
		e.Kind, e.Decl = DeclRef, x.decls[uid]
	default:
		panic(malformed("at " + e.Loc.String() + ": an operator of the kind " + ref.XMLName.Local))
	}
}

func (x *reader) bound(n *node) Bound {
	var b Bound
	for i := range n.Nodes {
		switch c := &n.Nodes[i]; c.XMLName.Local {
		case "FormalParamNodeRef":
			b.Params = append(b.Params, x.param(c))
		case "tuple":
			b.Tuple = true
		default:
			b.Set = x.expr(c)
		}
	}
	return b
}
