// SPDX-License-Identifier: MIT

// Command prove proves the invariants of a specification for any number of
// ops, nets and threads: SANY reads it, package tla makes questions of it, an SMT
// solver answers them.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime/pprof"
	"slices"
	"time"

	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/prove/sany"
	"example.com/pernet/tools/prove/tla"
)

var netns = Target{
	Module: "MCnetnsBugs", Types: "Types", Inductive: "Inductive", Implied: "Implied", Steps: "Steps", Init: "Init", Next: "Next",
	Sorts: map[string]string{
		"Ops": "set Op", "ListHead": "Op", "NoOps": "Op", "NoInit": "set Op", "NoExit": "set Op", "Deferring": "set Op", "Failing": "set Op",
		"Slots": "list Net", "NoNet": "Net",
		"Threads": "set Thread", "Worker": "Thread", "Nobody": "Thread",
		"Positive": "Bool", "Cancel": "Bool", "NetNs": "Bool", "Boot": "Bool",
	},
}

func main() {
	xmlFile := flag.String("xml", "", "SANY's XML")
	keep := flag.String("keep", "", "folder for the questions")
	only := flag.String("only", "", "regexp of the questions")
	drop := flag.String("drop", "", "claim left out")
	fault := flag.String("fault", "", "row of faults.tsv")
	specDir := flag.String("spec", "../spec", "folder of the specs")
	limit := flag.Duration("limit", 60*time.Second, "for one question")
	workers := flag.Int("workers", 3, "")
	flag.Parse()
	text, err := os.ReadFile(*xmlFile)
	check(err)
	spec, err := sany.Read(bytes.NewReader(text))
	check(err)
	m, err := tla.Symbolic(spec, netns.Sorts, spec.Defs[netns.Types].Body)
	check(err)
	if *fault != "" {
		cfg, err := tlc.ReadCfg(*specDir, *fault+".cfg")
		check(err)
		check(m.Replace(cfg, false))
	}
	if f, err := os.Create("/tmp/w/prove-x/gen.prof"); err == nil {
		pprof.StartCPUProfile(f)
	}
	start := time.Now()
	p, err := NewPlan(m, netns, *drop)
	check(err)
	p.Close(m)
	pprof.StopCPUProfile()
	fmt.Printf("%d claims, %d parts, %d on steps, %d actions, %d paths, %d unchanged, %d queries, %d obligations; %v\n",
		p.Claims, p.Parts, p.Steps, p.Actions, p.Paths, p.Unchanged, p.Queries, len(m.Obligations), time.Since(start))
	re := regexp.MustCompile(*only)
	var list []Batch
	for _, b := range p.Batches {
		b.Queries = slices.DeleteFunc(b.Queries, func(q Query) bool { return !re.MatchString(q.Name()) })
		if len(b.Queries) > 0 {
			list = append(list, b)
		}
	}
	if *keep != "" {
		check(Keep(*keep, list))
	}
	s, err := FindSolver(context.Background(), os.Getenv("PROVE_SOLVER"), *limit)
	check(err)
	n := map[string]int{}
	check(s.AskAll(context.Background(), list, *workers, func(a Answer) {
		n[string(a.Query.Kind)+" "+a.Says]++
		if !a.OK() || a.Took > 5*time.Second {
			fmt.Println(a.Says, a.Took.Round(time.Millisecond), a.Query.Name())
		}
	}))
	fmt.Println(n, time.Since(start))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		os.Exit(1)
	}
}
