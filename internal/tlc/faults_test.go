// SPDX-License-Identifier: MIT

package tlc

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// replacedBy gives the rows of faults.tsv that TLC must refuse and that replace the operator.
func replacedBy(t *testing.T, operator, prefix string) (rows []string) {
	t.Helper()
	f, err := readFaults("../../spec")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range f.rows {
		if row.claim != "" && strings.HasPrefix(row.name, prefix) && slices.ContainsFunc(row.changes(), func(c string) bool { return strings.HasPrefix(c, operator+" <- ") }) {
			rows = append(rows, row.name)
		}
	}
	return rows
}

func readSpec(t *testing.T, module string) string {
	t.Helper()
	text, err := os.ReadFile("../../spec/" + module + ".tla")
	if err != nil {
		t.Fatal(err)
	}
	code, _ := SplitComments(string(text))
	return code
}

// TestEveryPartOfTheFairnessHasAFault: each part has a name, and a row that makes it weaker.
func TestEveryPartOfTheFairnessHasAFault(t *testing.T) {
	fair := regexp.MustCompile(`\b[WS]F_vars\b`)
	for module, want := range map[string]int{"netns": 8, "users": 2} {
		code := readSpec(t, module)
		parts := regexp.MustCompile(`(?m)^(Fair\w+) *==((?:.*\n)(?:[ \t].*\n)*)`).FindAllStringSubmatch(code, -1)
		found := 0
		for _, part := range parts {
			if n := len(fair.FindAllString(part[2], -1)); n == 0 {
				continue
			} else if n > 1 {
				t.Errorf("%s of %s.tla has %d parts: give each a name", part[1], module, n)
			}
			found++
			if rows := replacedBy(t, part[1], "MC"+module); len(rows) == 0 {
				t.Errorf("%s of %s.tla: no row of faults.tsv replaces it", part[1], module)
			}
		}
		if all := len(fair.FindAllString(code, -1)); found != all || found < want {
			t.Errorf("%s.tla: %d parts of the fairness are named, of %d; want %d", module, found, all, want)
		}
	}
}

// TestEveryAnswerHasAFault: each step that answers in netns_answers.tla, also with a refusal, is replaced
// by a row that only the contract refuses.
func TestEveryAnswerHasAFault(t *testing.T) {
	steps := regexp.MustCompile(`\\/ (\w+)\(t, \w+(?:, \w+)?\) +/\\ (?:Says\w+|Asks)\(`).FindAllStringSubmatch(readSpec(t, "netns_answers"), -1)
	for _, step := range steps {
		if rows := replacedBy(t, step[1], "MCnetnsRefineBug"); len(rows) == 0 {
			t.Errorf("%s: no row of faults.tsv replaces it in an instance of the refinement", step[1])
		}
	}
	if len(steps) < 20 {
		t.Errorf("only %d steps that answer: %q", len(steps), steps)
	}
}

// TestEveryBeginIsInTheMapping: the mapping of each lower spec has each action that begins a call there.
// An action that it lacks would never happen in it, and the refinement would say nothing of that
// call. What an action refuses, by its name, is what the mapping has it answer.
func TestEveryBeginIsInTheMapping(t *testing.T) {
	refused := regexp.MustCompile(`(E[A-Z]{4,})$`)
	for spec, without := range map[string]string{"netns": "", "netns_rwsem": "GetNetNsById"} { // its instances have no ids
		m := regexp.MustCompile(`(?m)^Begin\(t\) ==\n((?:[ \t].*\n)+)`).FindStringSubmatch(readSpec(t, spec))
		if m == nil {
			t.Fatalf("%s.tla has no definition Begin(t)", spec)
		}
		begins := regexp.MustCompile(`([A-Z]\w+)\(t\b`).FindAllStringSubmatch(m[1], -1)
		mapping := readSpec(t, spec+"_answers")
		for _, b := range begins {
			if want := `\b` + b[1] + `\(t\b`; b[1] != without && !regexp.MustCompile(want).MatchString(mapping) {
				t.Errorf("%s_answers.tla lacks %s, an action that begins a call: add it to BeginOps, BeginNet or AnswersNext", spec, b[1])
			}
			if e := refused.FindString(b[1]); e != "" && !regexp.MustCompile(`\b`+b[1]+`\(t\b[^/]*/\\ Says\w*\([^/]*"`+e+`"\)`).MatchString(mapping) {
				t.Errorf("%s_answers.tla does not say that %s answers %s", spec, b[1], e)
			}
		}
		if len(begins) < 20 {
			t.Errorf("%s.tla: only %d actions begin a call: %q", spec, len(begins), begins)
		}
	}
}

// TestEveryRefusalIsCommitted: a refusal inside a call is at a point that Committed knows, in the
// mapping of each lower spec. Else the step would answer nothing, which the contract allows.
func TestEveryRefusalIsCommitted(t *testing.T) {
	for spec, unanswered := range map[string][]string{
		"netns":       {"RcuBarrierEnd"}, // a barrier is nothing to the contract
		"netns_rwsem": {"MaybeGetNet"},   // a get, in ReaderGets
	} {
		committed := regexp.MustCompile(`(?ms)^Committed\(t\) ==\n.*?\n\n`).FindString(readSpec(t, spec+"_answers"))
		count := 0
		for _, m := range regexp.MustCompile(`(?m)^(\w+(?:E[A-Z]{4,}|Fail))\(t\) ==\n?((?:.+\n)+)`).FindAllStringSubmatch(readSpec(t, spec), -1) {
			for _, at := range regexp.MustCompile(`At\(t, ("(\w+)")\)`).FindAllStringSubmatch(m[2], -1) {
				if strings.HasSuffix(m[1], "Fail") && !strings.Contains(m[1], "Unlock") && !strings.Contains(m[1], "Alloc") {
					continue // a callback fails, and the undo comes before the answer
				}
				count++
				if !slices.Contains(unanswered, at[2]) && !strings.Contains(committed, at[1]) {
					t.Errorf("%s_answers.tla: Committed does not know %s, where %s is refused", spec, at[2], m[1])
				}
			}
		}
		if count < 6 {
			t.Errorf("%s.tla: only %d refusals", spec, count)
		}
	}
}
