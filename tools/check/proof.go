// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"example.com/pernet/internal/kill"
)

// proof adds the rows of the proofs for any number. If the questions of one are
// those of the record, they are not asked again, and the row is one by the record;
// the long checks ask them all.
func (c *checker) proof() {
	if _, err := os.Stat(filepath.Join(c.root, "spec", "proof.tsv")); errors.Is(err, fs.ErrNotExist) {
		return
	}
	command := []string{"run", "./prove", "-record"}
	if c.long {
		command = command[:2]
	}
	c.say("== go %s", strings.Join(command, " "))
	began := time.Now()
	cmd := exec.CommandContext(c.ctx, "go", command...)
	cmd.Dir = filepath.Join(c.root, "tools")
	kill.Tree(cmd)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.MultiWriter(c.out, &out), &errs
	err := cmd.Run()
	if c.ctx.Err() != nil {
		c.add(row{name: proofName, verdict: incomplete, why: "interrupted"})
		return
	}
	for _, r := range proofRows(out.String(), errs.String(), err) {
		c.add(r)
	}
	c.say("   %s", seconds(time.Since(began)))
}

// The names of the rows.
const (
	proofName = "proof for any number"
	anyNumber = ".tla, for any number"
)

var proofLine = regexp.MustCompile(`(?m)^(\w+): (proved|proved, by the record): (\d[^;\n]*)(.*)$`)

// proofRows concludes from what the prover wrote.
func proofRows(out, errs string, err error) (rows []row) {
	for _, m := range proofLine.FindAllStringSubmatch(out, -1) {
		r := row{name: m[1] + anyNumber, verdict: pass, figures: m[3]}
		if m[2] != "proved" {
			r.verdict, r.figures = record, m[3]+m[4]
		}
		rows = append(rows, r)
	}
	if err != nil || len(rows) == 0 {
		why, _, _ := strings.Cut(strings.TrimSpace(errs), "\nexit status")
		rows = append(rows, row{name: proofName, verdict: fail, why: strings.Join(strings.Fields(cmp.Or(why, "nothing is proved")), " ") + ": make prove"})
	}
	return rows
}
