// SPDX-License-Identifier: MIT

package tlcrun

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pernet/internal/tlc"
)

// The faults of TLC 2.18 that docs/tlc.md tells of, where a small spec shows
// them in seconds: what is true of it, and what TLC says.
var faultsOfTLC = []struct{ cfg, module, truth, told string }{
	{"ExceptMissed", "Except", "safety of DomainChanges", "pass"},
	{"ExceptSpurious", "Except", "pass", "safety of DomainStays"},
	{"TupleMissed", "Tuple", "assumption of Assumption", "pass"},
	{"EmptyMissed", "Empty", "safety of Differ", "pass"},
	{"EnabledMissed", "Enabled", "safety of StepIsEnabled", "pass"},
	{"EnabledLiveMissed", "Enabled", "liveness of MarkedProp", "pass"},
	{"Symmetry", "Symmetric", "liveness of ComesBackProp", "error"}, // TLC passes it, and Run does not
	{"View", "Symmetric", "liveness of ComesBackProp", "error"},     // TLC passes it, and Run does not
	{"Whole", "Symmetric", "liveness of ComesBackProp", "liveness of ComesBackProp"},
	{"Settles", "Settles", "pass", "pass"},                                 // not in 2.18
	{"Unevaluated", "Unevaluated", "safety of Small", "error"},             // TLC ends with exit status 0
	{"Workers", "Workers", "liveness of OnceProp", "liveness of OnceProp"}, // because Run does not let TLC use several
}

// TestFaultsOfTLC: when it fails because TLC tells the truth, TLC was mended, and docs/tlc.md changes.
func TestFaultsOfTLC(t *testing.T) {
	runner, spec := longRunner(t)
	for _, f := range faultsOfTLC {
		job := faultJob(t, spec, f.cfg, f.module)
		job.Workers = 0
		r, err := Run(t.Context(), runner, job)
		if err != nil {
			t.Fatal(err)
		}
		if r.Version != "2.18" {
			t.Skipf("TLC %s: the table is of 2.18", r.Version)
		}
		if told := outcome(r.Verdict, r.Name); told != f.told {
			t.Errorf("%s: TLC tells %s (%s), expected %s; the truth is %s", f.cfg, told, r.Problem, f.told, f.truth)
		}
	}
}

// TestWorkersOfTLC counts how often TLC itself, with four workers, misses the violation. None
// is possible too: it depends on the moment at which a thread is stopped.
func TestWorkersOfTLC(t *testing.T) {
	runner, spec := longRunner(t)
	job := faultJob(t, spec, "Workers", "Workers")
	job.Workers = 4
	missed := 0
	const runs = 20
	for range runs {
		p, err := runner.command(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.cmd.Output()
		p.release()
		if !strings.Contains(string(out), "@!@!@ENDMSG 2186 @!@!@") {
			t.Fatalf("no whole run: %v\n%s", err, out)
		}
		if err == nil {
			missed++
		}
	}
	t.Logf("%d of %d runs with four workers missed the violation", missed, runs)
}

func longRunner(t *testing.T) (Runner, string) {
	t.Helper()
	if os.Getenv("PERNET_LONG") == "" {
		t.Skip("runs TLC: make long")
	}
	cache, err := CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	say := func(line string) { t.Log(line) }
	runner, _, err := findJava(t.Context(), options{javaHome: os.Getenv("JAVA_HOME"), jars: NewJars("", cache, say), say: say})
	if err != nil {
		t.Skipf("no TLC by Java: %v", err)
	}
	spec, err := filepath.Abs("testdata/faults")
	if err != nil {
		t.Fatal(err)
	}
	return runner, spec
}

func faultJob(t *testing.T, spec, name, module string) Job {
	t.Helper()
	cfg, err := tlc.ReadCfg(spec, name+".cfg")
	if err != nil {
		t.Fatal(err)
	}
	return Job{Spec: spec, Module: module, Cfg: cfg, Workers: 1, Show: func(line string) { t.Log(line) }}
}

// TestArguments: nothing that lets TLC pass in spite of a violation is ever passed to it.
func TestArguments(t *testing.T) {
	for _, job := range []Job{{Workers: 1}, {}, {Coverage: true}} {
		job.Cfg, job.Module = &tlc.Cfg{Name: "M.cfg"}, "M"
		args := strings.Join(tlcArguments(job, "states", "dump"), " ")
		for _, bad := range []string{"-continue", "-simulate", "-dfid", "-view", "-noGenerate", "-lncheck"} {
			if strings.Contains(args, bad) {
				t.Errorf("%s in %s", bad, args)
			}
		}
	}
}
