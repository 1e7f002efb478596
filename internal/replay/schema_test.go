// SPDX-License-Identifier: MIT

package replay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// schema compiles one of the published schemas.
func schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("../../docs/schema/" + name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemasNameEveryCall holds the schemas to model.Calls; the worker's cleanup and a state are
// operations of histories alone.
func TestSchemasNameEveryCall(t *testing.T) {
	for _, name := range []string{"scenario", "result", "history"} {
		text, err := os.ReadFile("../../docs/schema/" + name + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		_, ops, _ := strings.Cut(string(text), `"enum": [`)
		ops, _, _ = strings.Cut(ops, "]")
		for _, c := range model.Calls {
			want := name == "history" || c.Op != wire.Cleanup && c.Op != wire.State
			if got := strings.Contains(ops, `"`+c.Op+`"`); got != want {
				t.Errorf("%s.schema.json has the op %s: %v, want %v", name, c.Op, got, want)
			}
		}
	}
}

// validate says what a schema has against a line.
func validate(s *jsonschema.Schema, line string) error {
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func TestSchemasAreSchemas(t *testing.T) {
	meta, err := jsonschema.NewCompiler().Compile("https://json-schema.org/draft/2020-12/schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"scenario", "result"} {
		if err := validate(meta, read(t, "../../docs/schema/"+name+".schema.json")); err != nil {
			t.Error(name, err)
		}
	}
}

func TestSchemasHoldForAllScenarios(t *testing.T) {
	line, result := schema(t, "scenario"), schema(t, "result")
	for _, file := range files(t, scenarios, 20) {
		for l := range strings.Lines(read(t, file)) {
			if err := validate(line, l); err != nil {
				t.Errorf("%s: %s%v", file, l, err)
			}
		}
		for l := range strings.Lines(read(t, strings.TrimSuffix(file, ".jsonl")+".out")) {
			if err := validate(result, l); err != nil {
				t.Errorf("%s: %s%v", file, l, err)
			}
		}
	}
	for _, file := range files(t, "../../testdata/bad/scenario-*.out", 18) {
		for l := range strings.Lines(read(t, file)) {
			if err := validate(result, l); err != nil {
				t.Errorf("%s: %s%v", file, l, err)
			}
		}
	}
}

// beyondSchema are the bad files whose fault no schema of a line can tell.
var beyondSchema = map[string]string{
	"doubled-field":         "a validator sees the last of the two",
	"doubled-ignored-field": "a validator sees the last of the two",
	"invalid-utf8":          "below JSON",
	"gzip":                  "below JSON",
	"lone-surrogate":        "below JSON",
	"byte-order-mark":       "below JSON",
	"name-of-65-bytes":      "a schema counts characters",
	"second-hello":          "not on the first line",

	"id-with-a-fraction-of-zero":      "a schema speaks of the value",
	"id-with-an-exponent":             "a schema speaks of the value",
	"version-with-a-fraction-of-zero": "a schema speaks of the value",
	"late-hello":                      "not on the first line",
}

// What the reader refuses, the schema refuses, as far as a schema can.
func TestSchemaRejectsTheBadLines(t *testing.T) {
	s := schema(t, "scenario")
	for _, file := range files(t, "../../testdata/bad/scenario-*.jsonl", 18) {
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".jsonl"), "scenario-")
		if beyondSchema[name] != "" {
			continue
		}
		bad := 0
		for l := range strings.Lines(read(t, file)) {
			if validate(s, l) != nil {
				bad++
			}
		}
		if bad != 1 {
			t.Errorf("%s: %d bad lines by the schema", name, bad)
		}
	}
}

func TestResultSchemaRejectsOtherResults(t *testing.T) {
	s := schema(t, "result")
	const good = `{"op":"work","err":"","calls":[["exit","a","n1"]],"freed":["n1"],"kept":["n2"],"pernet_list":["a"],"first_device":null,"nets":["init_net"]}`
	const hello = `{"op":"hello","version":1,"name":"x","language":"y","features":["misuse"]}`
	for _, l := range []string{good, hello, strings.Replace(good, `"err":""`, `"err":"EFAULT"`, 1), `{"op":"hello","err":"EINVAL"}`, `{"op":"hello","id":1,"err":"EINVAL"}`} {
		if err := validate(s, l); err != nil {
			t.Errorf("%s: %v", l, err)
		}
	}
	for _, c := range []struct{ in, old, new string }{
		{good, `"op":"work"`, `"op":"cleanup"`},
		{good, `"op":"work",`, ``},
		{good, `"err":"",`, ``},
		{good, `"err":""`, `"err":"Efault"`},
		{good, `"op":"work"`, `"op":"work","id":9223372036854775808`},
		{good, `"err":""`, `"err":0`},
		{good, `"exit"`, `"undo"`},
		{good, `"a","n1"`, `"a"`},
		{good, `"a","n1"`, `"a","n1","n2"`},
		{good, `"kept":["n2"]`, `"kept":[]`},
		{good, `"freed":["n1"],`, ``},
		{good, `["a"]`, `["a","a"]`},
		{good, `null`, `""`},
		{good, `,"nets":["init_net"]`, ``},
		{good, `"nets"`, `"list":[],"nets"`},
		{hello, `"version":1`, `"version":2`},
		{hello, `"misuse"`, `"speed"`},
		{hello, `"op":"hello"`, `"op":"hello","err":""`},
		{hello, `"op":"hello"`, `"op":"hello","calls":[]`},
		{hello, `"language":"y",`, ``},
	} {
		l := strings.Replace(c.in, c.old, c.new, 1)
		if l == c.in {
			t.Fatalf("%s is not in %s", c.old, c.in)
		}
		if validate(s, l) == nil {
			t.Errorf("accepted: %s", l)
		}
	}
}
