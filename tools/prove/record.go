// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"example.com/pernet/tools/prove/tla"
	"example.com/pernet/tools/tlcrun"
)

const recordFile = "proof.tsv"

const recordHead = "module\tverdict\tclaims\tparts\timplied\tsteps\tactions\tpaths\tqueries\tunchanged\tseconds\tsolver\tquestions\tfiles"

// digests are those of the files that the proof is of.
func digests(dir string, t Target) (map[string]string, error) {
	out := map[string]string{}
	for _, f := range t.Files {
		sum, err := tlcrun.Digest(dir, f)
		if err != nil {
			return nil, err
		}
		out[f] = sum
	}
	return out, nil
}

// digest is that of the questions, with the names of what they are about.
func (p *Plan) digest() (string, error) {
	terms.Lock()
	defer terms.Unlock()
	sum := sha256.New()
	for _, b := range p.Batches {
		s := tla.Script{Asserts: slices.Concat(b.Axioms, b.Queries[0].Given, b.Rest)}
		for _, q := range b.Queries {
			fmt.Fprintln(sum, q.Name())
			s.Goals = append(s.Goals, q.Goal)
		}
		if err := s.Write(sum); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}

func (r *Result) write(dir string, files map[string]string) error {
	p := r.Plan
	questions, err := p.digest()
	if err != nil {
		return err
	}
	cells := []string{r.Target.Name, r.Verdict}
	for _, n := range []int{p.Claims, p.Parts, p.Implied, p.Steps, p.Actions, p.Paths, r.Asked, p.Unchanged} {
		cells = append(cells, strconv.Itoa(n))
	}
	var sums []string
	for f, sum := range files {
		sums = append(sums, f+"="+sum)
	}
	slices.Sort(sums)
	cells = append(cells, fmt.Sprintf("%.0f", r.Took.Seconds()), r.Solver, questions, strings.Join(sums, " "))
	rows, err := readRecord(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	text := "# SPDX-License-Identifier: MIT\n# What `make prove` proved, with the digest of the questions that the solver answered, and those of the files that they are made from. Written by `make prove UPDATE=1`.\n" +
		recordHead + "\n"
	for _, t := range targets {
		row := rows[t.Name]
		if t.Name == r.Target.Name {
			row = cells
		}
		if row != nil {
			text += strings.Join(row, "\t") + "\n"
		}
	}
	return os.WriteFile(filepath.Join(dir, recordFile), []byte(text), 0o644)
}

var errChanged = errors.New("changed since the record of the proof was written")

// serve gives the record's verdict, if its questions are those that are to be
// asked now. Without Java, which makes them, it compares the files instead.
func serve(ctx context.Context, dir string, t Target, out io.Writer) error {
	rows, err := readRecord(dir)
	if err != nil {
		return err
	}
	cells := rows[t.Name]
	if cells == nil || cells[1] != "proved" {
		return fmt.Errorf("%s has no proof of %s.tla", recordFile, t.Name)
	}
	same := "the files are those of the record"
	if _, err := exec.LookPath("java"); err != nil {
		if err := sameFiles(dir, t, cells[13]); err != nil {
			return err
		}
	} else {
		spec, err := ReadSpec(ctx, dir, t.Module)
		if err != nil {
			return err
		}
		m, err := machine(dir, spec, t, "")
		if err != nil {
			return err
		}
		p, err := NewPlan(m, t, Part{})
		if err != nil {
			return err
		}
		now, err := p.digest()
		if err != nil {
			return err
		}
		if now != cells[12] {
			return fmt.Errorf("the questions have %w", errChanged)
		}
		same = "the questions are those of the record"
	}
	fmt.Fprintf(out, "%s: proved, by the record: %s claims, %s that follow, %s on steps, %s questions, %s; %s\n", t.Name, cells[2], cells[4], cells[5], cells[8], cells[11], same)
	return nil
}

// readRecord gives the cells of each module's row.
func readRecord(dir string) (map[string][]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, recordFile))
	if err != nil {
		return nil, err
	}
	rows := map[string][]string{}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' || line == recordHead {
			continue
		}
		cells := strings.Split(line, "\t")
		if want := strings.Count(recordHead, "\t") + 1; len(cells) != want {
			return nil, fmt.Errorf("%s:%d: %d columns where %d are expected", recordFile, i+1, len(cells), want)
		}
		rows[cells[0]] = cells
	}
	return rows, nil
}

// sameFiles compares the digests of the record with those of the files.
func sameFiles(dir string, t Target, recorded string) error {
	now, err := digests(dir, t)
	if err != nil {
		return err
	}
	for _, f := range strings.Fields(recorded) {
		name, sum, _ := strings.Cut(f, "=")
		if now[name] != sum {
			return fmt.Errorf("%s has %w", name, errChanged)
		}
		delete(now, name)
	}
	if len(now) > 0 {
		return fmt.Errorf("%s names too few files", recordFile)
	}
	return nil
}
