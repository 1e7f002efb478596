// SPDX-License-Identifier: MIT

package replay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// replay returns what Replay answers and the error's text.
func replay(in, name string) (out, msg string) {
	var b bytes.Buffer
	if err := Replay(context.Background(), model.Mutex, strings.NewReader(in), name, &b); err != nil {
		msg = err.Error() + "\n"
	}
	return b.String(), msg
}

// files returns the files that match, at least min of them.
func files(t testing.TB, pattern string, min int) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) < min {
		t.Fatalf("%s: %d files, want %d or more; %v", pattern, len(found), min, err)
	}
	return found
}

func read(t testing.TB, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const scenarios = "../../testdata/scenarios/*.jsonl"

// TestTestdataHasEveryCall tests that some scenario and some history have each call: they are what a port
// is tried with, and they show a side that answers wrongly, or a schema that forgets a field.
func TestTestdataHasEveryCall(t *testing.T) {
	inScenarios := map[string]string{wire.Cleanup: "work", wire.State: "list"} // as a scenario calls them
	for kind, pattern := range map[string]string{"scenario": scenarios, "history": "../../testdata/histories/right/*.jsonl"} {
		var all strings.Builder
		for _, file := range files(t, pattern, 20) {
			all.WriteString(read(t, file))
		}
		for _, c := range model.Calls {
			op := c.Op
			if other := inScenarios[op]; other != "" && kind == "scenario" {
				op = other
			}
			if !strings.Contains(all.String(), `"op":"`+op+`"`) {
				t.Errorf("no %s in testdata has the call %s", kind, op)
			}
		}
	}
}

// TestScenarios: the results of each scenario were worked out by hand from the C; a file beside
// it says why. They must hold for impl and model together, and for the model alone.
func TestScenarios(t *testing.T) {
	for _, file := range files(t, scenarios, 20) {
		base := strings.TrimSuffix(file, ".jsonl")
		t.Run(filepath.Base(base), func(t *testing.T) {
			if read(t, base+".md") == "" {
				t.Error("no reason given")
			}
			in, want := read(t, file), read(t, base+".out")
			got, msg := replay(in, file)
			if msg != "" {
				t.Error(msg)
			}
			compare(t, "replay", got, want)
			compare(t, "model alone", alone(t, newModelSide(model.Mutex), in), want)
		})
	}
}

// alone does a scenario on one side.
func alone(t *testing.T, s Registry, in string) string {
	t.Helper()
	lines := wire.NewReader(strings.NewReader(in), "f")
	var out []byte
	var r wire.Line
	for {
		o, err := lines.Next()
		if err == io.EOF {
			return string(out)
		}
		if err != nil {
			t.Fatal(err)
		}
		l, err := wire.Scenario(o)
		if err != nil {
			t.Fatal(err)
		}
		if l.Op == wire.Hello {
			out = l.AppendHello(out, Claims())
			continue
		}
		if out, err = do(s, &l, &r, out); err != nil {
			t.Fatal(err)
		}
	}
}

func compare(t *testing.T, what, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Errorf("%s: line %d\n got %s\nwant %s", what, i+1, strings.Join(g[min(i, len(g)):min(i+1, len(g))], ""), strings.Join(w[min(i, len(w)):min(i+1, len(w))], ""))
			return
		}
	}
}

// TestBadFilesGetTheirMessages: each bad file gets the message in the file beside it, and the
// results before it are not lost.
func TestBadFilesGetTheirMessages(t *testing.T) {
	for _, file := range files(t, "../../testdata/bad/scenario-*.jsonl", 18) {
		base := strings.TrimSuffix(file, ".jsonl")
		t.Run(filepath.Base(base), func(t *testing.T) {
			out, msg := replay(read(t, file), filepath.Base(file))
			compare(t, "message", msg, read(t, base+".err"))
			compare(t, "before it", out, read(t, base+".out"))
		})
	}
}

func TestLineOverOneMebibyteIsRejected(t *testing.T) {
	fill := func(n int) string { return `{"op":"list","x_":"` + strings.Repeat("a", n-21) + `"}` + "\n" }
	out, msg := replay(fill(1<<20)+fill(1<<20+1)+"\n", "f")
	if msg != "f:2: line longer than 1 MiB\n" || strings.Count(out, "\n") != 1 {
		t.Error(msg, out)
	}
}

// TestInitMayReturnAnyPositive64BitNumber: scenarios, results and histories agree on that.
func TestInitMayReturnAnyPositive64BitNumber(t *testing.T) {
	for _, n := range []string{"1", "2147483648", "9223372036854775807"} {
		armed := `{"op":"fail","ops":"a","net":"init_net","err":` + n + `}` + "\n"
		out, msg := replay(armed+`{"op":"register_subsys","ops":"a"}`, "f")
		if msg != "" || !strings.Contains(out, `"err":`+n+`,`) {
			t.Error(n, msg, out)
		}
		for l := range strings.Lines(out) {
			if err := validate(schema(t, "result"), l); err != nil {
				t.Error(err)
			}
		}
		if err := validate(schema(t, "scenario"), armed); err != nil {
			t.Error(err)
		}
	}
}

func TestEmptyScenarioSaysSo(t *testing.T) {
	if out, msg := replay("", "f"); out != "" || msg != "the scenario is empty\n" {
		t.Error(out, msg)
	}
}

// TestEachResultIsWrittenBeforeTheNextLineIsRead: when the second line is read, the result of
// the first has been written.
func TestEachResultIsWrittenBeforeTheNextLineIsRead(t *testing.T) {
	in, answers := io.Pipe()
	out, results := io.Pipe()
	done := make(chan error)
	go func() {
		err := Replay(context.Background(), model.Mutex, in, "f", results)
		results.Close()
		done <- err
	}()
	b := make([]byte, 1<<10)
	for range 3 {
		if _, err := io.WriteString(answers, `{"op":"list"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		n, err := out.Read(b)
		if got := string(b[:n]); err != nil || !strings.HasPrefix(got, `{"op":"list"`) || !strings.HasSuffix(got, "}\n") {
			t.Fatal(got, err)
		}
	}
	answers.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestInterruptComesBetweenLines(t *testing.T) {
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	var out bytes.Buffer
	w := writerFunc(func(b []byte) (int, error) { cancel(stop); return out.Write(b) })
	err := Replay(ctx, model.Mutex, strings.NewReader(`{"op":"list"}`+"\n"+`{"op":"list"}`), "f", w)
	if err != stop || strings.Count(out.String(), "\n") != 1 {
		t.Error(err, out.String())
	}
}

type writerFunc func([]byte) (int, error)

func TestInterruptBeforeTheFirstLine(t *testing.T) {
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(stop)
	if err := Replay(ctx, model.Mutex, strings.NewReader(`{"op":"list"}`), "f", io.Discard); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestErrorsOfInputAndOutputArePassedOn(t *testing.T) {
	broken := errors.New("broken")
	w := writerFunc(func([]byte) (int, error) { return 0, broken })
	if err := Replay(context.Background(), model.Mutex, strings.NewReader(`{"op":"list"}`), "f", w); err != broken {
		t.Error(err)
	}
	var out bytes.Buffer
	r := io.MultiReader(strings.NewReader(`{"op":"list"}`+"\n"), iotest.ErrReader(broken))
	if err := Replay(context.Background(), model.Mutex, r, "f", &out); err != broken || out.Len() == 0 {
		t.Error(err, out.String())
	}
}
