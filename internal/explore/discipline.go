// SPDX-License-Identifier: MIT

// Package explore builds the state graph of code. It runs the code under a scheduler that
// takes every choice from every state that it reaches, and gives states and steps the form
// that TLC gives those of a spec, so that the two graphs can be compared. What it runs is a
// Discipline.
package explore

import (
	"encoding/binary"
	"fmt"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/sched"
)

// A Discipline is an algorithm that has a spec and code, in one finite instance. Two states
// are equal as S exactly if the states of the spec are equal.
type Discipline[S comparable] interface {
	// NewRun returns a run of the code; its Reset has not been called.
	NewRun() Run[S]

	// Blank returns the state in which everything that no variable describes has its constant
	// value.
	Blank() S

	// Variables returns the spec's variables as parts of s. States are read from TLC's dumps,
	// printed and drawn through them.
	Variables(s *S) []graph.Variable
}

// A Claimed is a Discipline with claims about its states and its steps. One without them relies on
// TLC, which checks the claims on the spec, and on the equality of the graphs.
type Claimed[S comparable] interface {
	Discipline[S]

	// Broken returns the first claim about states that s breaks, and the problem; or "".
	Broken(s *S) (claim, problem string)

	// BrokenStep is Broken for the claims about steps.
	BrokenStep(from, to *S) (claim, problem string)
}

// A Run is the code under a scheduler, for many runs in sequence. Only one goroutine may use
// it.
type Run[S comparable] interface {
	// Reset abandons the current run and begins a new one.
	Reset()

	Scheduler() *sched.Scheduler

	// Take takes the step of a thread that can move. It returns the step's action in the spec
	// and the number of its options.
	Take(c sched.Choice) (label string, offers int)

	// State returns the current state. It must not be called during a step.
	State() S
}

// Parser returns a function that reads states of d as TLC prints them
// ("/\ variable = value" lines). Only one goroutine may call it.
func Parser[S comparable](d Discipline[S]) func(text string) (S, error) {
	s := d.Blank()
	vars := d.Variables(&s)
	return func(text string) (S, error) {
		err := graph.ReadVariables(text, vars)
		return s, err
	}
}

// Describe prints a state in the spec's terms.
func Describe[S comparable](d Discipline[S], s S) string { return graph.Describe(d.Variables(&s)) }

// Encode appends an exact encoding of a state: its numbers, in the order of its fields.
func Encode[S comparable](b []byte, s S) []byte {
	b, err := binary.Append(b, binary.LittleEndian, &s)
	if err != nil {
		panic(fmt.Sprint("explore: a state has a field without a fixed size: ", err))
	}
	return b
}
