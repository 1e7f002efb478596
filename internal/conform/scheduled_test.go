// SPDX-License-Identifier: MIT

// Under the scheduler one thread runs at a time, so there are no races to detect.

//go:build !race

package conform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/vectors"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// schedules is a configuration of the published schedules alone.
func schedules(t *testing.T, fault string) Config {
	t.Helper()
	c := config(t, fault)
	c.Sets, c.Only = []*vectors.Set{published(t, "schedules.jsonl.gz")}, []string{"schedules/"}
	return c
}

func TestRightSchedulesConform(t *testing.T) {
	c := schedules(t, "")
	c.Only = nil
	r, out := conform(t, c)
	if r.Status != 0 || len(r.Groups[1].Cases) < 1000 {
		t.Errorf("status %d", r.Status)
	}
	contains(t, out, "\nconforms: concurrent, scheduled\n")
}

// TestBrokenSchedulersGetTheirVerdicts: the verdict, the exit status and the message of each.
func TestBrokenSchedulersGetTheirVerdicts(t *testing.T) {
	for _, c := range []struct {
		fault   string
		verdict Verdict
		status  int
		says    []string
	}{
		{"ignores the schedule", Wrong, 1, []string{"the answer differs from the one that is due:\n      read:   "}},
		{"stops at entry 1", Wrong, 1, []string{
			"entry 1 of the schedule does not fit: client 0 is to take the step CopyNetNsAlloc, and is before CopyNetNsLock\n",
			`,"schedule":[[0,"CopyNetNsGet"],[0,"CopyNetNsAlloc"],`, "WRONG schedules/copy-from/1: A copy holds a reference",
		}},
		{"no place", Protocol, 2, []string{`field "at" is missing`}},
		{"late", Hung, 4, []string{"the run ended with ETIMEDOUT; these calls had not returned:\n"}},
		{"has no end", Hung, 4, []string{"no answer to the run with id 3, after "}},
		{"other id", Protocol, 2, []string{"the end of the run must repeat its id 3"}},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			cfg := schedules(t, c.fault)
			cfg.Only = []string{"schedules/copy-from/"}
			if c.fault == "has no end" {
				cfg.Only, cfg.Timeout = []string{"schedules/copy-from/1"}, hangs
			}
			r, out := conform(t, cfg)
			if r.Status != c.status || !strings.Contains(out, strings.ToUpper(string(c.verdict))+" schedules/copy-from/") {
				t.Errorf("status %d, want %d\n%s", r.Status, c.status, out)
			}
			contains(t, out, c.says...)
		})
	}
}

func TestSchedulesAreLeftOutIfTheyAreNotClaimed(t *testing.T) {
	c := config(t, "claims little")
	c.Sets = append(c.Sets, published(t, "schedules.jsonl.gz"))
	r, out := conform(t, c)
	if slices.ContainsFunc(r.Groups, func(g *Group) bool { return g.Level == Scheduled }) || r.Status != 0 {
		t.Error(out)
	}
	c.Level, c.Only = Scheduled, []string{"schedules/"}
	if r, _ := conform(t, c); r.Status != statusUndecided || r.Groups[0].Cases[0].Reason != "needs "+replay.FeatureSteps {
		t.Errorf("%+v", r.Groups)
	}
}

// TestSchedulesShowFaultsOfAPort puts faults into the port in Python. Vectors of one thread do not
// see them, and free threads need luck to; some schedule of the program does.
func TestSchedulesShowFaultsOfAPort(t *testing.T) {
	python := tool(t, "python3")
	page, err := os.ReadFile("../../docs/porting.md")
	if err != nil {
		t.Fatal(err)
	}
	const (
		registers = `        with self.locked("Register"):  # [R10]
`
		place = `            first = self.first_device()
            at = len(self.pernet_list) if device or not first else self.pernet_list.index(first)
`
		unregisters = `        with self.locked("Unregister"):  # [R20]
`
		unlinks = `            if ops not in self.pernet_list:
                raise Errno("ENOENT")
            if ops.device != device:
                raise Errno("EINVAL")
            step("UnregisterUnlink")
            self.pernet_list.remove(ops)  # [R22]
`
		exits = `            for net in self.nets:
                self.exit("UnregisterExit", ops, net)  # [R23]
`
	)
	outside := func(lines string) string { return strings.ReplaceAll("\n"+lines, "\n    ", "\n")[1:] }
	for _, c := range []struct {
		fault, program string
		edits          []string
	}{
		{"unlink before the lock", "unregister-copy",
			[]string{unregisters + unlinks, strings.Replace(outside(unlinks), `        step("UnregisterUnlink")`, "", 1) + unregisters + `            step("UnregisterUnlink")` + "\n"}},
		{"place chosen before the lock", "unregister-register", []string{registers, outside(place) + registers, place, ""}},
		{"early return of unregister", "unregister-copy", []string{exits, outside(exits)}},
		{"lock dropped before the last exit", "unregister-copy",
			[]string{exits, "            self.net_mutex.__exit__(None, None, None)\n" + exits + "            self.net_mutex.__enter__()\n"}},
		{"a net queued early", "put-put", []string{"            step(zero)\n            self.registry.queue.append(self)  # [R52]\n", "            self.registry.queue.append(self)  # [R52]\n            step(zero)\n"}},
		{"a put in two steps", "put-put", []string{"            last = self.count == 0\n        if last:\n            step(zero)\n", "        step(zero)\n        if self.count == 0:\n"}},
	} {
		t.Run(c.fault, func(t *testing.T) {
			with := Config{Discipline: model.Mutex, Command: []string{python, spoilt(t, c.edits)}, Sets: schedules(t, "").Sets, Seed: 1, Runs: 1, Timeout: time.Minute}
			with.Only = []string{"schedules/" + c.program + "/"}
			if r, out := conform(t, with); r.Status != statusNot {
				t.Errorf("status %d\n%s", r.Status, out)
			} else if shown := strings.Join(strings.SplitN(out, "\n", 3)[:2], "\n"); c.fault == "early return of unregister" && !strings.Contains(string(page), shown) {
				t.Errorf("docs/porting.md lacks\n%s", shown)
			}
			with.Sets, with.Only = sets(t)[:1], []string{"smoke/"}
			if r, out := conform(t, with); r.Status != 0 {
				t.Error(out)
			}
		})
	}
}

// spoilt writes the port with edits of pernet.py, and returns the path of its adapter.
func spoilt(t *testing.T, edits []string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"adapter.py", "schedule.py", "pernet.py"} {
		text, err := os.ReadFile("../../ports/python/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; name == "pernet.py" && i < len(edits); i += 2 {
			if strings.Count(string(text), edits[i]) != 1 {
				t.Fatalf("pernet.py has not once\n%s", edits[i])
			}
			text = []byte(strings.Replace(string(text), edits[i], edits[i+1], 1))
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "adapter.py")
}

// TestMisfitsAreExplained: each of the three cases.
func TestMisfitsAreExplained(t *testing.T) {
	for found, want := range map[string]string{"": "and has ended", "GetNet": "and has to wait there", "PutNet": "and is before PutNet"} {
		if got := misfit(&wire.Misfit{Turn: wire.Turn{Client: 1, Step: "GetNet"}, Found: found}); !strings.HasSuffix(got, want) {
			t.Error(got)
		}
	}
}
