// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
)

// FuzzNext reads any bytes. Nothing may panic, an error must end the reading,
// and a line that is accepted must be an object to another reader too, with the
// same names and strings.
func FuzzNext(f *testing.F) {
	f.Add([]byte(`{"op":"copy","net":"n1","id":1,"x_a":[{"b":null}]}` + "\n" + `{"a":-1.5e3,"b":["c","\u0064"],"c":[["init","a","n"]]}`))
	f.Add([]byte("{}\r\n {} \n\n"))
	f.Add([]byte("{\"a\":\"\xff\"}"))
	f.Add([]byte(`{"a":1,"\u0061":2}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in), "f")
		for i, line := range bytes.SplitAfter(in, []byte("\n")) {
			o, err := r.Next()
			if err == io.EOF && len(line) == 0 || err != nil && err != io.EOF {
				return
			}
			if err != nil || o.Line() != i+1 {
				t.Fatal(i, o.Line(), err)
			}
			var want map[string]any
			if err := json.Unmarshal(line, &want); err != nil {
				t.Fatalf("accepted %q: %v", line, err)
			}
			if len(want) != len(o.fields) {
				t.Fatalf("%q: %d fields, want %d", line, len(o.fields), len(want))
			}
			for name, v := range want {
				if !o.Has(name) {
					t.Fatalf("%q: no field %q", line, name)
				}
				if s, ok := v.(string); ok && o.text(name) != s {
					t.Fatalf("%q: field %q is %q", line, name, o.text(name))
				}
				o.texts(name)
				o.callbacks(name, true)
				o.integer(name)
			}
			o.Done()
		}
	})
}
