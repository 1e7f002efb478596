// SPDX-License-Identifier: MIT

package lin

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

const histories = "../../testdata/histories/"

// TestKnownHistories puts every history of testdata to both checkers.
func TestKnownHistories(t *testing.T) {
	for _, c := range []struct {
		folder     string
		discipline model.Discipline
		want       Verdict
		least      int
	}{
		{"right", model.Mutex, Linearizable, 30}, {"wrong", model.Mutex, Not, 60},
		{"rwsem-right", model.RWSem, Linearizable, 13}, {"rwsem-wrong", model.RWSem, Not, 15},
	} {
		for _, file := range globbed(t, histories+c.folder+"/*.jsonl", c.least) {
			t.Run(c.folder+"/"+strings.TrimSuffix(filepath.Base(file), ".jsonl"), func(t *testing.T) {
				ops := readAll(t, file)
				if why, _, _ := strings.Cut(content(t, file), "\n"); !strings.Contains(why, `"x_why":"`) {
					t.Error("the first line does not say why")
				}
				if got := agree(t, c.discipline, 0, ops); got != c.want {
					t.Errorf("judged %s", got)
				}
				if got := plainVerdict(c.discipline, ops); got != c.want {
					t.Errorf("judged %s by plain enumeration", got)
				}
				if f := checkFile(t, c.discipline, file); f.Verdict != c.want || f.Operations != len(ops) {
					t.Errorf("read as a file: %+v", f)
				} else if c.want == Not {
					explained(t, c.discipline, ops, f.Failure)
				}
			})
		}
	}
}

// explained checks that a failure tells what a reader needs.
func explained(t *testing.T, d model.Discipline, ops []wire.Line, f *Failure) {
	if want := prefixByDefinition(t, d, ops); f.Prefix != want {
		t.Errorf("prefix %d, by definition %d", f.Prefix, want)
	}
	if len(f.Differences) == 0 || slices.Contains(f.Differences, "") || f.State == "" && len(f.Op.Nets) == 1 {
		t.Errorf("it says nothing: %+v", f)
	}
	for line, op := range map[int]wire.Line{f.Line: f.Op, f.WithLine: f.With} {
		if line != 0 && ops[line-1].String() != op.String() {
			t.Errorf("line %d is\n%s\nand not\n%s", line, ops[line-1].String(), op.String())
		}
	}
}

func checkFile(t *testing.T, d model.Discipline, file string) Result {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	c, err := (&File{Name: file, In: in, Discipline: d}).Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return c.Result()
}

func readAll(t testing.TB, file string) []wire.Line {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	return readLines(t, in, file)
}

func readLines(t testing.TB, in io.Reader, file string) []wire.Line {
	t.Helper()
	var ops []wire.Line
	for r := NewReader(in, file); ; {
		op, err := r.Next()
		if errors.Is(err, io.EOF) {
			return ops
		}
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, op)
	}
}

func globbed(t testing.TB, pattern string, least int) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < least {
		t.Fatalf("%s: %d files, want %d or more; %v", pattern, len(files), least, err)
	}
	return files
}

func content(t testing.TB, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestLinesSurviveWriting reads, writes and reads again.
func TestLinesSurviveWriting(t *testing.T) {
	for _, file := range globbed(t, histories+"*/*.jsonl", 90) {
		first := readAll(t, file)
		again := filepath.Join(t.TempDir(), "again.jsonl")
		if err := os.WriteFile(again, []byte(text(first)), 0o666); err != nil {
			t.Fatal(err)
		}
		if second := readAll(t, again); text(second) != text(first) || len(second) != len(first) {
			t.Errorf("%s changes when it is written", file)
		}
	}
}

// TestAnyNameIsWritten: a name may hold what JSON must escape.
func TestAnyNameIsWritten(t *testing.T) {
	var name strings.Builder
	for c := range rune(128) {
		name.Reset()
		name.WriteRune(c)
		name.WriteString("é\u2028💾") // as they are
		op := wire.Line{Op: wire.Get, Net: name.String()}
		r := NewReader(strings.NewReader(text([]wire.Line{op})), "f")
		if back, err := r.Next(); err != nil || back.Net != op.Net {
			t.Errorf("%q is written as %s and read as %q; %v", op.Net, op.String(), back.Net, err)
		}
	}
}

// TestBadHistories holds the exact message of each bad file.
func TestBadHistories(t *testing.T) {
	for _, file := range globbed(t, "../../testdata/bad/history-*.jsonl", 14) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			in, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err = (&File{Name: filepath.Base(file), In: in}).Check(ctx)
			want := content(t, strings.TrimSuffix(file, ".jsonl")+".err")
			if err == nil || err.Error()+"\n" != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}
