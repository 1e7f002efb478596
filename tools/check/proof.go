// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"example.com/pernet/internal/kill"
)

// proof adds the row of the proof for any number. If its questions are those of
// the record, they are not asked again, and the row is one by the record; the
// long checks ask them all.
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
	r := proofRow(out.String(), errs.String(), err)
	if c.ctx.Err() != nil {
		r.verdict, r.why = incomplete, "interrupted"
	}
	r.figures = strings.TrimSpace(r.figures + " " + seconds(time.Since(began)))
	c.add(r)
}

// proofRow concludes from what the prover wrote.
func proofRow(out, errs string, err error) row {
	r := row{name: "proof of netns.tla", verdict: fail}
	said := lastLine(out)
	_, byRecord, _ := strings.Cut(said, "proved, by the record: ")
	figures, isProof := strings.CutPrefix(said, "proved: ")
	figures, _, _ = strings.Cut(figures, ";")
	switch {
	case err != nil:
		why, _, _ := strings.Cut(strings.TrimSpace(errs), "\nexit status")
		r.why = fmt.Sprintf("%s: make prove", lastLine(why))
	case byRecord != "":
		r.verdict, r.figures = record, byRecord+", not asked again,"
	case isProof:
		r.verdict, r.figures = pass, figures+","
	default:
		r.why = "the prover said nothing of a proof: " + said
	}
	return r
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
