// SPDX-License-Identifier: MIT

package conform

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/vectors"
	"example.com/pernet/model"
)

// TestPortsConform runs the kit on the ports of this repository, where their languages are at hand. The
// long mode adds the published sets; make check has a row for each port with these.
func TestPortsConform(t *testing.T) {
	if race.Enabled {
		t.Skip("the ports run in processes of their own; other tests drive the kit under the race detector")
	}
	all := sets(t)
	if os.Getenv("PERNET_LONG") == "1" {
		all = append(all, published(t, "edges-core.jsonl.gz"), published(t, "schedules.jsonl.gz"))
	}
	for name, command := range map[string]func(t *testing.T) []string{
		"python": func(t *testing.T) []string { return []string{tool(t, "python3"), "../../ports/python/adapter.py"} },
		"c":      func(t *testing.T) []string { return []string{compiled(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			c := Config{Discipline: model.Mutex, Command: command(t), Sets: all, Seed: 1, Runs: 100, Timeout: time.Minute}
			if r, out := conform(t, c); r.Status != 0 {
				t.Error(out)
			}
		})
	}
}

// TestPortsRefuseAnotherHello: one of another version, and one of a discipline that they do not have.
func TestPortsRefuseAnotherHello(t *testing.T) {
	for name, command := range map[string][]string{
		"python": {tool(t, "python3"), "../../ports/python/adapter.py"},
		"c":      {compiled(t)},
	} {
		for _, hello := range []string{`{"op":"hello","version":2}`, `{"op":"hello","version":1,"discipline":"rwsem"}`} {
			cmd := exec.Command(command[0], command[1:]...)
			cmd.Stdin = strings.NewReader(hello + "\n" + `{"op":"list"}` + "\n")
			out, _ := cmd.Output()
			if said := strings.ReplaceAll(string(out), " ", ""); said != `{"op":"hello","err":"EINVAL"}`+"\n" || cmd.ProcessState.ExitCode() != 2 {
				t.Errorf("%s: %s: %q, %v", name, hello, out, cmd.ProcessState)
			}
		}
	}
}

// published returns a set of the repository.
func published(t *testing.T, name string) *vectors.Set {
	t.Helper()
	file, err := os.Open("../../testdata/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	set, err := vectors.Read(file, name)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// tool returns the path of a tool, or skips the test.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// compiled compiles the port in C.
func compiled(t *testing.T) string {
	t.Helper()
	sources, err := filepath.Glob("../../ports/c/*.c")
	if err != nil {
		t.Fatal(err)
	}
	adapter := filepath.Join(t.TempDir(), "adapter")
	cc := exec.Command(tool(t, "cc"), append([]string{"-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", adapter}, sources...)...)
	if out, err := cc.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return adapter
}
