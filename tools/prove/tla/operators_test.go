// SPDX-License-Identifier: MIT

package tla

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pernet/tools/prove/sany"
	"example.com/pernet/tools/tlcrun"
)

// The modules of assumptions on what each operator gives, and how many they have.
var assumed = map[string]int{"Operators": 42, "Edges": 62}

// Each assumption of the modules is true for TLC.
func TestOperatorsAreThoseOfTLC(t *testing.T) {
	needTLC(t)
	cfg := filepath.Join(t.TempDir(), "none.cfg") // without the file TLC reads no module
	if err := os.WriteFile(cfg, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for module := range assumed {
		cmd := exec.Command("java", "-cp", jar(), "tlc2.TLC", "-metadir", t.TempDir(), "-config", cfg, module)
		cmd.Dir = "testdata"
		out, _ := cmd.CombinedOutput()
		if text := string(out); !strings.Contains(text, "No error has been found") {
			t.Error(text)
		}
	}
}

// Each is true for the evaluator, with finite values and without.
func TestOperatorsHaveTheirValues(t *testing.T) {
	for module, want := range assumed {
		spec := readTestdata(t, module)
		if len(spec.Assumes) != want {
			t.Errorf("%s: %d assumptions", module, len(spec.Assumes))
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
}

var testdata = map[string]*sany.Spec{}

// readTestdata has SANY read a module of testdata, once. It fetches no jar, since make test needs Go alone;
// without Java, SANY must have read the module before.
func readTestdata(t *testing.T, module string) *sany.Spec {
	t.Helper()
	if spec := testdata[module]; spec != nil {
		return spec
	}
	cache, err := tlcrun.CacheDir()
	if err != nil {
		t.Skip(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	jar, err := tlcrun.NewJars(os.Getenv("TLC_JAR"), cache, func(string) {}).Get(ended)
	if err != nil {
		t.Skip("no jar of TLC is here, which make check fetches: ", err)
	}
	xml, err := sany.Cached(t.Context(), cache, "java", jar.Path, "testdata", module)
	if _, none := exec.LookPath("java"); err != nil && none != nil {
		t.Skip(none)
	}
	if err != nil {
		t.Fatal(err)
	}
	spec, err := sany.Read(bytes.NewReader(xml))
	if err != nil {
		t.Fatal(err)
	}
	testdata[module] = spec
	return spec
}
