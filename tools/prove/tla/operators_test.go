// SPDX-License-Identifier: MIT

package tla

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pernet/tools/prove/sany"
)

// Each assumption of testdata/Operators.tla is true for TLC, and it is for the
// evaluator, with finite values and without.
func TestOperatorsAreThoseOfTLC(t *testing.T) {
	needTLC(t)
	const dir, module = "testdata", "Operators"
	cmd := exec.Command("java", "-cp", jar(), "tlc2.TLC", "-metadir", t.TempDir(), "-config", filepath.Join(t.TempDir(), "none.cfg"), module)
	cmd.Dir = dir
	out, _ := cmd.CombinedOutput()
	if text := string(out); strings.Contains(text, "Assumption") || strings.Contains(text, "Parsing or semantic analysis failed") {
		t.Fatal(text)
	}
	xml, err := sany.Export(context.Background(), "java", jar(), dir, module)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := sany.Read(bytes.NewReader(xml))
	if err != nil {
		t.Fatal(err)
	}
	if len(spec.Assumes) != 42 {
		t.Fatalf("%d assumptions", len(spec.Assumes))
	}
	for _, finite := range []bool{true, false} {
		m := New(spec, finite)
		for _, a := range spec.Assumes {
			var v *Term
			if err := Try(func() { v = m.Holds(a) }); err != nil {
				t.Errorf("finite %v: %v", finite, err)
			} else if v != True {
				t.Errorf("finite %v: %s: %s", finite, a.Loc, Text(v))
			}
		}
	}
}
