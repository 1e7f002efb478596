// SPDX-License-Identifier: MIT

package tlcrun

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Record is spec/models.tsv: four tables of tab-separated columns, each
// under a line of column names, with "#" comments between them.
type Record struct {
	Models  []Row        // one for each cfg
	Actions []ActionsRow // one for each module all of whose actions must be reached
}

// A Verdict is what one run of TLC found.
type Verdict string

const (
	Pass       Verdict = "pass"       // every reachable state seen, nothing violated
	Safety     Verdict = "safety"     // an invariant or a property of steps violated
	Liveness   Verdict = "liveness"   // a temporal property violated
	Deadlock   Verdict = "deadlock"   // a state with no step
	Assumption Verdict = "assumption" // an ASSUME is false
	Broken     Verdict = "error"      // TLC could not check: parse, cfg, evaluation
	Incomplete Verdict = "incomplete" // stopped before the end: never a pass
)

// A Row is the expected result of one cfg, and the files it was measured on.
type Row struct {
	Cfg, Module string
	Long        bool // only for `make long`
	Verdict     Verdict
	Violated    string // "" for a pass
	Distinct    int64  // the counts of a pass: 0 before the first measuring,
	Generated   int64  // and for a violation, where they vary
	Depth       int
	Took        time.Duration     // CPU time of the run, or wall time if that is not known; 0 before the first measuring
	Code        string            // the code whose state graph is compared with the spec's, or ""
	Graph       string            // digest of that graph; "" before the first measuring
	TLC         string            // version of TLC
	Claims      []string          // of a pass: the invariants and properties that were checked, sorted
	Files       map[string]string // name: SHA-256
}

// An ActionsRow says that all actions of a module were reached.
type ActionsRow struct {
	Module string
	Count  int
	SHA256 string   // of the module's file then
	Cfgs   []string // that suffice to reach them, without .cfg
}

const (
	modelsHead  = "cfg\tmodule\trun\tverdict\tviolated\tdistinct\tgenerated\tdepth\tgraph\ttlc\tfiles"
	actionsHead = "module\tactions\tsha256\treached by"
	claimsHead  = "checked\tclaims"
	timesHead   = "timed\tseconds"
)

// ReadRecord reads models.tsv. An error names the line.
func ReadRecord(path string) (*Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &Record{}
	took, claims := map[string]time.Duration{}, map[string][]string{}
	head := ""
	for i, line := range strings.Split(string(text), "\n") {
		switch line = strings.TrimSuffix(line, "\r"); {
		case line == "" || strings.HasPrefix(line, "#"):
		case line == modelsHead || line == actionsHead || line == claimsHead || line == timesHead:
			head = line
		default:
			if err := r.add(head, line, took, claims); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
			}
		}
	}
	for i := range r.Models {
		r.Models[i].Took, r.Models[i].Claims = took[r.Models[i].Cfg], claims[r.Models[i].Cfg]
	}
	return r, nil
}

func (r *Record) add(head, line string, took map[string]time.Duration, claims map[string][]string) error {
	cells := strings.Split(line, "\t")
	if head == "" {
		return fmt.Errorf("a row before the line of column names")
	}
	if want := strings.Count(head, "\t") + 1; len(cells) != want {
		return fmt.Errorf("%d columns where %d are expected (%s)", len(cells), want, strings.ReplaceAll(head, "\t", ", "))
	}
	switch head {
	case actionsHead:
		n, err := strconv.Atoi(cmp.Or(undash(cells[1]), "0"))
		if err != nil {
			return fmt.Errorf("actions: %q is not a number", cells[1])
		}
		r.Actions = append(r.Actions, ActionsRow{cells[0], n, undash(cells[2]), strings.Fields(undash(cells[3]))})
	case claimsHead:
		claims[cells[0]] = strings.Fields(cells[1])
	case timesHead:
		seconds, err := strconv.ParseFloat(cells[1], 64)
		if err != nil || !(0 < seconds && seconds < 1e6) {
			return fmt.Errorf("seconds: %q is not a time", cells[1])
		}
		took[cells[0]] = time.Duration(seconds * float64(time.Second)).Round(time.Second / 10)
	default:
		row, err := parseRow(cells)
		if err != nil {
			return err
		}
		if r.Find(row.Cfg) != nil {
			return fmt.Errorf("%s has two rows", row.Cfg)
		}
		r.Models = append(r.Models, row)
	}
	return nil
}

var isDigest = regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString

func parseRow(cells []string) (Row, error) {
	row := Row{Cfg: cells[0], Module: cells[1], Long: cells[2] == "long", Verdict: Verdict(cells[3]),
		Violated: undash(cells[4]), TLC: undash(cells[9]), Files: map[string]string{}}
	if cells[2] != "quick" && cells[2] != "long" {
		return row, fmt.Errorf("run is %q, neither quick nor long", cells[2])
	}
	if !slices.Contains([]Verdict{Pass, Safety, Liveness, Deadlock, Assumption}, row.Verdict) {
		return row, fmt.Errorf("%q is not a verdict to expect", cells[3])
	}
	if (row.Verdict == Pass) != (row.Violated == "") {
		return row, fmt.Errorf("verdict %s with %q violated", row.Verdict, cells[4])
	}
	if graph := undash(cells[8]); graph != "" {
		var ok bool
		if row.Code, row.Graph, ok = strings.Cut(graph, "="); !ok || row.Code == "" {
			return row, fmt.Errorf("%q is not CODE=DIGEST", graph)
		}
	}
	for i, to := range []*int64{&row.Distinct, &row.Generated} {
		n, err := strconv.ParseInt(cmp.Or(undash(cells[5+i]), "0"), 10, 64)
		if err != nil || n < 0 {
			return row, fmt.Errorf("%q is not a count", cells[5+i])
		}
		*to = n
	}
	depth, err := strconv.Atoi(cmp.Or(undash(cells[7]), "0"))
	if err != nil || depth < 0 {
		return row, fmt.Errorf("%q is not a depth", cells[7])
	}
	row.Depth = depth
	for pair := range strings.FieldsSeq(undash(cells[10])) {
		name, sum, _ := strings.Cut(pair, "=")
		if name == "" || !isDigest(sum) {
			return row, fmt.Errorf("%q is not NAME=SHA256", pair)
		}
		row.Files[name] = sum
	}
	return row, nil
}

func undash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// Find returns the row of a cfg, or nil.
func (r *Record) Find(cfg string) *Row {
	for i := range r.Models {
		if r.Models[i].Cfg == cfg {
			return &r.Models[i]
		}
	}
	return nil
}

const preamble = `# The record: what TLC says of each cfg, checked by make check and measured by make record.
# run: quick (make check) or long (make long). verdict: pass, safety, liveness, deadlock, assumption; violated: the name that TLC must give.
# distinct, generated, depth: of a pass; a violation's counts vary with the order of the search. graph: where the state graph is compared, the code that it is compared with, and the digest of both; without a digest, make record measures it.
# files: the SHA-256 of each spec file that the row was measured on; of a cfg that faults.tsv makes, of what TLC is given. Where there is no TLC, a row counts as long as these match.
`

// Write writes models.tsv atomically, with the rows sorted by cfg.
func (r *Record) Write(path string) error {
	var b strings.Builder
	b.WriteString(preamble + modelsHead + "\n")
	slices.SortFunc(r.Models, func(a, b Row) int { return strings.Compare(a.Cfg, b.Cfg) })
	for _, row := range r.Models {
		b.WriteString(row.line() + "\n")
	}
	b.WriteString("\n# All actions of these modules are reached by these quick cfgs of few states, which make record chooses: only they run with TLC's coverage. None has a seeded fault.\n" + actionsHead + "\n")
	for _, a := range r.Actions {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", a.Module, count(int64(a.Count)), cmp.Or(a.SHA256, "-"), cmp.Or(strings.Join(a.Cfgs, " "), "-"))
	}
	b.WriteString("\n# The invariants and properties that each passing cfg checks. make record adds to them; to drop one, take it from the cfg and from here.\n" + claimsHead + "\n")
	for _, row := range r.Models {
		if len(row.Claims) > 0 {
			b.WriteString(row.Cfg + "\t" + strings.Join(row.Claims, " ") + "\n")
		}
	}
	b.WriteString("\n# The CPU that each run took, in a container the time by the clock: the limit of a quick run and the options of its JVM follow from it. A time measured anew replaces one that it differs from by half.\n" + timesHead + "\n")
	for _, row := range r.Models {
		if row.Took > 0 {
			fmt.Fprintf(&b, "%s\t%.1f\n", row.Cfg, max(row.Took.Seconds(), 0.1))
		}
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(b.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// count writes a measured number, or "-" for 0.
func count(n int64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatInt(n, 10)
}

func (row Row) line() string {
	run := "quick"
	if row.Long {
		run = "long"
	}
	var files []string
	for _, name := range slices.Sorted(maps.Keys(row.Files)) {
		files = append(files, name+"="+row.Files[name])
	}
	graph := "-"
	if row.Code != "" {
		graph = row.Code + "=" + row.Graph
	}
	return strings.Join([]string{row.Cfg, row.Module, run, string(row.Verdict), cmp.Or(row.Violated, "-"),
		count(row.Distinct), count(row.Generated), count(int64(row.Depth)),
		graph, cmp.Or(row.TLC, "-"), cmp.Or(strings.Join(files, " "), "-")}, "\t")
}

// Digests returns the SHA-256 of each file in dir that a run of the row reads.
func (row Row) Digests(dir string) (map[string]string, error) {
	files, err := Files(dir, row.Cfg, row.Module)
	if err != nil {
		return nil, err
	}
	digests := map[string]string{}
	for _, name := range files {
		if digests[name], err = Digest(dir, name); err != nil {
			return nil, err
		}
	}
	return digests, nil
}

// Stale returns which file of the row has changed since it was measured. It returns "" if
// none has; then the row can replace a run.
func (row Row) Stale(dir string) string {
	now, err := row.Digests(dir)
	if err != nil {
		return err.Error()
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		switch row.Files[name] {
		case now[name]:
		case "":
			return name + " is not in the record"
		default:
			return name + " has changed since the record was made"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(row.Files)) {
		if now[name] == "" {
			return name + " is in the record, but no longer read"
		}
	}
	return ""
}
