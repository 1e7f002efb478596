// SPDX-License-Identifier: MIT

package tlcrun

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/tlc"
)

var sum = strings.Repeat("0123456789abcdef", 4)

func TestRecordIsReadAsItWasWritten(t *testing.T) {
	r := &Record{
		Models: []Row{
			{Cfg: "A.cfg", Module: "A", Verdict: Pass, Distinct: 104794, Generated: 439679, Depth: 41, Took: 23400 * time.Millisecond, TLC: "2.18", Claims: []string{"LiveProp", "TypeOK"}, Files: map[string]string{"A.cfg": sum, "A.tla": sum}},
			{Cfg: "ABug.cfg", Module: "A", Verdict: Safety, Violated: "TypeOK", TLC: "2.18", Code: "impl", Graph: "g", Files: map[string]string{"ABug.cfg": sum}},
			{Cfg: "ALarge.cfg", Module: "A", Long: true, Verdict: Pass, Files: map[string]string{}},
		},
		Actions: []ActionsRow{{"A", 7, sum, []string{"A", "A2"}}, {"B", 0, "", []string{}}},
	}
	path := filepath.Join(t.TempDir(), "models.tsv")
	if err := r.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRecord(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, r) {
		t.Errorf("read %+v\nwrote %+v", got, r)
	}
}

func TestBadRecordIsRejectedWithItsLine(t *testing.T) {
	row := "A.cfg\tA\tquick\tpass\t-\t1\t1\t1\t-\t2.18\tA.cfg=" + sum
	for name, test := range map[string]struct{ text, want string }{
		"no head":      {row, "1: a row before the line of column names"},
		"columns":      {modelsHead + "\nA.cfg\tA", "2: 2 columns where 11 are expected"},
		"run":          {modelsHead + "\n" + strings.Replace(row, "quick", "slow", 1), `2: run is "slow"`},
		"verdict":      {modelsHead + "\n" + strings.Replace(row, "pass", "error", 1), `"error" is not a verdict to expect`},
		"pass of":      {modelsHead + "\n" + strings.Replace(row, "pass\t-", "pass\tTypeOK", 1), `verdict pass with "TypeOK" violated`},
		"violation of": {modelsHead + "\n" + strings.Replace(row, "pass", "safety", 1), `verdict safety with "-" violated`},
		"count":        {modelsHead + "\n" + strings.Replace(row, "\t1\t1", "\tmany\t1", 1), `"many" is not a count`},
		"negative":     {modelsHead + "\n" + strings.Replace(row, "\t1\t1\t1", "\t1\t-1\t1", 1), `"-1" is not a count`},
		"depth":        {modelsHead + "\n" + strings.Replace(row, "\t1\t1\t1", "\t1\t1\tx", 1), `"x" is not a depth`},
		"digest":       {modelsHead + "\n" + strings.Replace(row, "0123", "012", 1), "is not NAME=SHA256"},
		"twice":        {modelsHead + "\n" + row + "\n" + row, "3: A.cfg has two rows"},
		"claims":       {claimsHead + "\nA.cfg", "2: 1 columns where 2 are expected"},
		"seconds":      {timesHead + "\nA.cfg\tlong", `2: seconds: "long" is not a time`},
		"no seconds":   {timesHead + "\nA.cfg\t0", `2: seconds: "0" is not a time`},
		"actions":      {actionsHead + "\nA\tx\t-\t-", `actions: "x" is not a number`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"models.tsv": test.text})
			if _, err := ReadRecord(filepath.Join(dir, "models.tsv")); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

func TestRowIsStaleAfterAChangeOfItsFiles(t *testing.T) {
	dir := write(t, map[string]string{"A.cfg": "INVARIANT X", "A.tla": "EXTENDS B", "B.tla": "b"})
	row := Row{Cfg: "A.cfg", Module: "A"}
	files, err := row.Digests(dir)
	if err != nil {
		t.Fatal(err)
	}
	row.Files = files
	if why := row.Stale(dir); why != "" {
		t.Errorf("stale at once: %s", why)
	}
	for _, change := range []struct{ name, text, want string }{
		{"B.tla", "c", "B.tla has changed"},
		{"A.tla", "EXTENDS B, C", "A.tla has changed"},
		{"A.tla", "none", "A.tla has changed"},
		{"A.cfg", "INVARIANT Y", "A.cfg has changed"},
	} {
		path := filepath.Join(dir, change.name)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rewrite := func(text string) {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		rewrite(change.text)
		if why := row.Stale(dir); !strings.Contains(why, change.want) {
			t.Errorf("%q, want %q", why, change.want)
		}
		rewrite(string(before))
	}
	row.Files["D.tla"] = sum
	if why := row.Stale(dir); why != "D.tla is in the record, but no longer read" {
		t.Errorf("%q", why)
	}
	delete(row.Files, "D.tla")
	delete(row.Files, "B.tla")
	if why := row.Stale(dir); why != "B.tla is not in the record" {
		t.Errorf("%q", why)
	}
}

// TestRecordHasEachClaim tests that the record has all claims of each passing cfg.
func TestRecordHasEachClaim(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	rec, err := ReadRecord("../../spec/models.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rec.Models {
		cfg, err := tlc.ReadCfg("../../spec", row.Cfg)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		if row.Verdict == Pass {
			want = cfg.Claims()
		}
		if !slices.Equal(row.Claims, want) {
			t.Errorf("%s: the record has it check %q, the cfg lists %q", row.Cfg, row.Claims, want)
		}
	}
}

// TestEachClaimIsChecked tests that some instance checks each definition that no spec uses.
func TestEachClaimIsChecked(t *testing.T) {
	rec, err := ReadRecord("../../spec/models.tsv")
	if err != nil {
		t.Fatal(err)
	}
	checked := map[string]bool{}
	for _, row := range rec.Models {
		for _, claim := range row.Claims {
			checked[claim] = true
		}
		if strings.HasPrefix(row.Violated, "Probe") {
			checked[row.Violated] = true
		}
	}
	paths, err := filepath.Glob("../../spec/*.tla")
	if err != nil {
		t.Fatal(err)
	}
	uses, defined := map[string]int{}, map[string]string{}
	for _, path := range paths {
		module := filepath.Base(path)
		if strings.Contains(module, "Bugs") || strings.Contains(module, "Claims") || strings.HasSuffix(module, "_inductive.tla") { // make prove checks the last ones
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		code := Code(string(text))
		for _, word := range regexp.MustCompile(`[^\W_]\w*`).FindAllString(code, -1) {
			uses[module+word]++
			if strings.HasPrefix(module, "MC") {
				uses[word]++
			}
		}
		for _, d := range regexp.MustCompile(`(?m)^(\w+)(?:\(.*\))? *==`).FindAllStringSubmatch(code, -1) {
			if !strings.HasPrefix(module, "MC") {
				defined[module+d[1]] = d[1]
			}
		}
	}
	for place, name := range defined {
		if uses[place] == 1 && uses[name] == 0 && !checked[name] && !strings.HasSuffix(name, "Spec") {
			t.Errorf("%s of %s: no definition uses it, and no instance checks it", name, strings.TrimSuffix(place, name))
		}
	}
	if len(defined) < 100 {
		t.Errorf("only %d definitions were found", len(defined))
	}
}
