// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/pernet/internal/bug"
	"example.com/pernet/internal/race"
	"example.com/pernet/internal/tlc"
	"example.com/pernet/tools/tlcrun"
)

// number is a figure in a page; a digit inside of a name is none.
var number = regexp.MustCompile(`(?:^|[\s(~*])(\d[\d,.]*)`)

// held are the texts that other tests hold: the table of make check and what pernet prints.
var held = regexp.MustCompile("(?s)```(?:console|sh)\n.*?\n```")

// TestPagesHaveFiguresOfThisTree: each figure of README and docs/evidence.md is that of the
// record, the files or the code, or is one that no test here can hold.
func TestPagesHaveFiguresOfThisTree(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	counts := countAll(t)
	for page, test := range map[string]struct {
		says   []string
		unheld []string
	}{
		"README.md": {
			says: []string{
				counts["registry"], counts["netns"],
				"needs Go " + find(t, "../../go.mod", `(?m)^go (\S+)$`) + " and nothing",
				"in Java " + find(t, "../tlcrun/java.go", `oldestJava = (\d+)`) + " or later",
				"takes " + counts["ratios"] + " times as long as in",
				"register + unregister takes up to " + price(t, "register + unregister") + " times as long as under `Mutex`",
				"hold + release " + price(t, "hold + release"), "1,000 empty exits " + price(t, "put to freed"),
				counts["sizes"],
				"ports/rust) with shuttle, in both disciplines: `" + conforming + ", scheduled; not claimed: " + strings.Join(shuttleLacks, ", ") + "`",
			},
			unheld: []string{"about 300 lines of C", "since 4.17"},
		},
		"docs/evidence.md": {
			says: []string{
				counts["lower row"], counts["upper row"], counts["refined"], counts["since 4.17"], counts["small since 4.17"], counts["claims since 4.17"], counts["instances"], counts["claims"], counts["faults"], counts["bugs"],
				counts["code mutants"], counts["spec mutants"], counts["histories"], counts["scenarios"], counts["bad"], counts["sizes"],
				// what the tests of the root hold
				find(t, "../../docs/evidence.md", `interleavings of (each pair of .* states) \| .interleavings_test.go`),
				find(t, "../../docs/evidence.md", `interleavings (since 4.17 of each pair of .* states) \| .interleavings_test.go`),
				find(t, "../../docs/evidence.md", `(histories of \d+ free-running .*) \| .linearizability_test.go`),
			},
			unheld: []string{"since 4.17", "300 lines, 2009, 4.17"},
		},
	} {
		text := words(held.ReplaceAllString(read(t, "../../"+page), ""))
		for _, s := range slices.Concat(test.says, test.unheld) {
			if !strings.Contains(text, words(s)) {
				t.Errorf("%s does not say %q", page, s)
			}
			text = strings.ReplaceAll(text, words(s), "")
		}
		for _, left := range number.FindAllStringSubmatchIndex(text, -1) {
			t.Errorf("%s: no test holds %q in %q", page, text[left[2]:left[3]], text[max(0, left[0]-30):min(len(text), left[1]+30)])
		}
	}
}

// words makes a text one line.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// find returns what the expression finds in a file.
func find(t *testing.T, path, expression string) string {
	t.Helper()
	m := regexp.MustCompile(expression).FindStringSubmatch(read(t, path))
	if m == nil {
		t.Fatalf("%s: no %s", path, expression)
	}
	return m[1]
}

var small = []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
	"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}

// countAll returns what the pages must say, by what it is about.
func countAll(t *testing.T) map[string]string {
	t.Helper()
	rec, err := tlcrun.ReadRecord("../../spec/models.tsv")
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]string{}
	pair := func(cfg, format string) string {
		row := rec.Find(cfg + ".cfg")
		return fmt.Sprintf(format, tlcrun.Group(row.Distinct), tlcrun.Group(row.Generated-1))
	}
	counts["netns"] = pair("MCnetns", "spec/netns.tla ═══ %s states, %s edges ═══ impl/")
	counts["registry"] = pair("MCregistry", "spec/registry.tla ═══ %s states, %s edges ═══ model/")
	counts["lower row"] = pair("MCnetns", "MCnetns %s states and %s edges; ") + pair("MCnetns3ops", "3 ops %s and %s; ") +
		pair("MCnetns3nets", "3 nets %s and %s; ") + pair("MCnetnsBarrier", "with the barrier %s and %s; ") +
		pair("MCnetnsLarge3ops", "in `make long`, compared by digest, %s and %s |")
	upper := 0
	for _, row := range rec.Models {
		if row.Code == "model" {
			upper++
		}
	}
	counts["upper row"] = pair("MCregistry", "%s states and %s edges; ") + small[upper-1] + " more instances"

	instances, refined, faults, most := 0, 0, 0, int64(0)
	modern, modernRefined := 0, 0
	ops, nets, threads := 0, 0, 0
	explored, largest, largestQuick := 0, int64(0), int64(0)
	for _, row := range rec.Models {
		if row.Code == "rwsem" {
			explored, largest = explored+1, max(largest, row.Distinct)
			if !row.Long {
				largestQuick = max(largestQuick, row.Distinct)
			}
		}
		claims := strings.Contains(row.Cfg, "Claims")
		switch {
		case strings.Contains(row.Cfg, "Bug") && !claims:
			faults++
		case row.Verdict == tlcrun.Pass && !claims:
			instances++
			most = max(most, row.Distinct)
			switch {
			case strings.HasPrefix(row.Cfg, "MCnetnsRefine"):
				refined++
			case strings.HasPrefix(row.Cfg, "MCnetns_rwsemRefine"):
				modernRefined++
			case strings.HasPrefix(row.Cfg, "MCnetns_rwsem"):
				modern++
			}
			cfg, err := tlc.ReadCfg("../../spec", row.Cfg)
			if err != nil {
				t.Fatal(err)
			}
			ops, threads = max(ops, len(cfg.Set("Ops"))), max(threads, len(cfg.Set("Threads")))
			nets = max(nets, len(cfg.Set("Nets")), len(cfg.Slots()))
		}
	}
	counts["refined"] = fmt.Sprintf("%s states in the small instance; %s more instances", tlcrun.Group(rec.Find("MCnetnsRefine.cfg").Distinct), small[refined-1])
	counts["since 4.17"] = fmt.Sprintf("(`netns_rwsem.tla`) | %d instances, %s states in the small one; %s that implement `registry.tla`; %s whose graph is that of `impl`, up to %s states in `make long`",
		modern, tlcrun.Group(rec.Find("MCnetns_rwsem.cfg").Distinct), small[modernRefined], small[explored], tlcrun.Group(largest))
	counts["small since 4.17"] = fmt.Sprintf("has %s states in `make check` and %s in `make long`; those of `netns.tla` have %s and %.1f million",
		tlcrun.Group(largestQuick), tlcrun.Group(largest), tlcrun.Group(rec.Find("MCnetns.cfg").Distinct), float64(most)/1e6)
	counts["claims since 4.17"] = fmt.Sprintf("%d claims are checked, against %d", claimed(t, "MCnetns_rwsem.cfg"), claimed(t, "MCnetns.cfg"))
	counts["instances"] = fmt.Sprintf("%d instances, up to %.1f million states in `make long`", instances, float64(most)/1e6)
	counts["faults"] = fmt.Sprintf("its row names | %d of %d |", faults, faults)
	switches := slices.DeleteFunc(bug.All(), func(f bug.Fault) bool { return len(f.Edits) == 0 })
	counts["bugs"] = fmt.Sprintf("the unmodified code | %d of %[1]d |", len(switches))
	counts["sizes"] = fmt.Sprintf("at most %d ops, %d nets and %d threads beside the worker", ops, nets, threads)

	rejected, accepted := 0, 0
	for spec, lists := range map[string][2][]string{
		"netns":       {{"Wrong", "WrongSteps"}, {"Sound", "SoundSteps"}},
		"netns_rwsem": {{"Wrong", "WrongSteps"}, {"Sound", "SoundSteps"}},
		"registry":    {{"Wrong"}, {"Sound"}},
		"users":       {{"Wrong", "WrongSteps"}, {"Sound"}},
	} {
		text := read(t, "../../spec/MC"+spec+"Claims.tla")
		for _, name := range lists[0] {
			rejected += elements(t, text, name)
		}
		for _, name := range lists[1] {
			accepted += elements(t, text, name)
		}
	}
	counts["claims"] = fmt.Sprintf("%d rejected, %d accepted", rejected, accepted)

	files := func(pattern string) int {
		names, err := filepath.Glob("../../testdata/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	counts["histories"] = fmt.Sprintf("%d right, %d wrong; by `rwsem` %d right, %d wrong, and %d of a running kernel, right",
		files("histories/right/*"), files("histories/wrong/*"), files("histories/rwsem-right/*"), files("histories/rwsem-wrong/*"), files("histories/kernel/*.gz"))
	counts["scenarios"] = fmt.Sprintf("each with its reason | %d |", files("scenarios/*.jsonl")+files("scenarios/rwsem/*.jsonl"))
	counts["bad"] = fmt.Sprintf("each with its exact message | %d files |", files("bad/*.err"))
	counts["code mutants"] = mutantsOf(t, "../mutants/code.tsv")
	counts["spec mutants"] = mutantsOf(t, "../mutants/spec.tsv")
	counts["ratios"] = ratios(t)
	return counts
}

// elements counts those of the tuple that a module defines.
func elements(t *testing.T, text, name string) int {
	t.Helper()
	_, body, ok := strings.Cut(text, "\n"+name+" ==")
	if !ok {
		t.Fatalf("no %s", name)
	}
	n, depth := 1, 0
	for _, token := range regexp.MustCompile(`"[^"]*"|<<|>>|[()\[\]{},]`).FindAllString(body, -1) {
		switch token {
		case "<<", "(", "[", "{":
			depth++
		case ">>", ")", "]", "}":
			if depth--; depth == 0 {
				return n
			}
		case ",":
			if depth == 1 {
				n++
			}
		}
	}
	t.Fatalf("%s is not closed", name)
	return 0
}

var total = regexp.MustCompile(`(\S+) (\d+) mutants: (\d+) killed \([^)]*\), (\d+) equivalent, (\d+) survived, (\d+) unbuilt, (\d+) not run`)

// mutantsOf says what the results of a campaign say: of each folder or file, in the order of the results.
func mutantsOf(t *testing.T, path string) string {
	t.Helper()
	text, killed := read(t, path), 0
	var all []string
	for _, m := range total.FindAllStringSubmatch(text, -1) {
		row := fmt.Sprintf("`%s` %s: %s killed, %s equivalent with a reason", m[1], m[2], m[3], m[4])
		for i, what := range []string{"survived", "do not compile", "not run"} {
			if n := m[5+i]; n != "0" {
				row += ", " + n + " " + what
			}
		}
		all = append(all, row)
		n, _ := strconv.Atoi(m[3])
		killed += n
	}
	if lines := strings.Count(text, "\tkilled\t"); lines != killed || killed == 0 {
		t.Errorf("%s: %d lines are killed, its totals say %d", path, lines, killed)
	}
	return strings.Join(all, "; ")
}

// claimed is how many claims an instance checks.
func claimed(t *testing.T, name string) int {
	t.Helper()
	cfg, err := tlc.ReadCfg("../../spec", name)
	if err != nil {
		t.Fatal(err)
	}
	return len(cfg.Invariants) + len(cfg.Properties)
}

// price is the largest ratio of a call in the table of docs/benchmarks.md that has what RWSem costs.
func price(t *testing.T, call string) string {
	t.Helper()
	_, table, _ := strings.Cut(read(t, "../../docs/benchmarks.md"), "RWSem / Mutex:")
	_, row, ok := strings.Cut(table, "\n| "+call+" |")
	if !ok {
		t.Fatalf("no price of %s", call)
	}
	row, _, _ = strings.Cut(row, "\n")
	most := 0.0
	for _, cell := range strings.Split(row, "|") {
		ratio, err := strconv.ParseFloat(strings.Trim(strings.Split(cell, "(")[0], " *"), 64)
		if err == nil {
			most = max(most, ratio)
		}
	}
	return strconv.FormatFloat(most, 'f', 1, 64)
}

// ratios is the range of the first table of docs/benchmarks.md: a call that
// nobody contends beside the hand-written registry.
func ratios(t *testing.T) string {
	t.Helper()
	_, table, _ := strings.Cut(read(t, "../../docs/benchmarks.md"), "impl / hand:")
	table, _, _ = strings.Cut(table, "fx / impl:")
	least, most := math.Inf(1), 0.0
	for line := range strings.Lines(table) {
		if strings.Contains(line, "goroutines") || strings.Contains(line, "alone") || strings.Contains(line, "in a slot") {
			continue
		}
		for _, cell := range regexp.MustCompile(`\| \**(\d+\.\d+)\** \(`).FindAllStringSubmatch(line, -1) {
			r, err := strconv.ParseFloat(cell[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			least, most = min(least, r), max(most, r)
		}
	}
	return fmt.Sprintf("%.1f to %.1f", least, most)
}
