// SPDX-License-Identifier: MIT

package lin

import (
	"io"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/pernet/model"
)

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../docs/schema/history.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(s *jsonschema.Schema, line string) bool {
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	return err == nil && s.Validate(v) == nil
}

func TestSchemaIsASchema(t *testing.T) {
	meta, err := jsonschema.NewCompiler().Compile("https://json-schema.org/draft/2020-12/schema")
	if err != nil {
		t.Fatal(err)
	}
	if !valid(meta, content(t, "../../docs/schema/history.schema.json")) {
		t.Error("it is not")
	}
}

func TestSchemaHoldsForAllHistories(t *testing.T) {
	s := schema(t)
	for _, file := range globbed(t, histories+"*/*.jsonl", 90) {
		for l := range strings.Lines(content(t, file)) {
			if !valid(s, l) {
				t.Errorf("%s: %s", file, l)
			}
		}
	}
	for seed := range uint64(200) { // and for what is written
		for l := range strings.Lines(text(simulate(model.Mutex, seed, 3, 20, true))) {
			if !valid(s, l) {
				t.Error(l)
			}
		}
	}
}

// beyondSchema are the bad files that only a reader of bytes, or of more than
// one line, can tell.
var beyondSchema = []string{
	"after-never-returned", "callback-ends-before-it-begins", "blank-line", "copies-overlap", "copies-overlap-never-returned", "doubled-field",
	"half-a-line", "invalid-utf8", "next-before-return", "return-before-call", "two-never-returned",
	"call-with-a-fraction-of-zero", "return-with-an-exponent", "err-with-an-exponent",
}

// TestSchemaAndReaderRefuseTheSame compares the two on every line of the bad files.
func TestSchemaAndReaderRefuseTheSame(t *testing.T) {
	s, beyond := schema(t), 0
	for _, file := range globbed(t, "../../testdata/bad/history-*.jsonl", 14) {
		bad := false
		for l := range strings.Lines(content(t, file)) {
			bad = bad || !valid(s, l)
		}
		for _, name := range beyondSchema {
			if strings.HasSuffix(file, "history-"+name+".jsonl") {
				beyond++
				bad = true
			}
		}
		if !bad {
			t.Errorf("the schema accepts %s", file)
		}
	}
	if beyond != len(beyondSchema) {
		t.Errorf("%d of the %d files that a schema cannot judge", beyond, len(beyondSchema))
	}
}

// FuzzHistory feeds the reader and the checker anything. The reader must not
// panic, what it accepts must survive writing, and the checker must come to an
// end within a small bound.
func FuzzHistory(f *testing.F) {
	for _, pattern := range []string{histories + "*/*.jsonl", "../../testdata/bad/history-*.jsonl"} {
		for _, file := range globbed(f, pattern, 14) {
			f.Add([]byte(content(f, file)))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx := &budget{t.Context(), 1 << 14}
		c, err := (&File{Name: "fuzz", In: io.MultiReader(strings.NewReader(string(data))), Limit: 2000}).Check(ctx)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fuzz:") {
				t.Errorf("a message without its line: %v", err)
			}
			return
		}
		res := c.Result()
		if ctx.left < 0 {
			t.Error("it took more than four million steps")
		}
		if (res.Verdict == Not) != (res.Failure != nil) || (res.Verdict == Undecided) != (res.Reason != "") {
			t.Errorf("%+v", res)
		}
		for r := NewReader(strings.NewReader(string(data)), "fuzz"); ; {
			op, err := r.Next()
			if err == io.EOF {
				break
			}
			again, err2 := NewReader(strings.NewReader(op.String()), "again").Next()
			if err != nil || err2 != nil || again.String() != op.String() {
				t.Fatalf("%s: %v %v %s", op.String(), err, err2, again.String())
			}
		}
	})
}
