// SPDX-License-Identifier: MIT

package vectors

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// Version is the version of the format.
const Version = 1

// A Head is the first line of a file of vectors. Bounds and what follows are those of a set that
// covers a graph.
type Head struct {
	Version    int              `json:"vectors"`
	ID         string           `json:"id"` // with which the ids of the vectors begin
	Discipline model.Discipline `json:"discipline"`
	Bounds     *Bounds          `json:"bounds,omitempty"`
	States     int              `json:"states,omitzero"`
	Edges      int              `json:"edges,omitzero"`
	Graph      string           `json:"graph,omitempty"` // the SHA-256 of the edges

	Ignored jsontext.Value `json:",embed"` // x_ fields
}

// A Vector is a scenario on a fresh registry with the answers that are due, or a program: with a schedule
// it has an answer that is due, without one its history is judged.
type Vector struct {
	ID    string           `json:"id"`
	Why   string           `json:"why"`
	Rows  []string         `json:"rows"`            // steps of docs/correspondence.md that it takes
	Tags  []string         `json:"tags,omitempty"`  // hazards of docs/divergences.md
	Needs []string         `json:"needs,omitempty"` // features
	Lines []jsontext.Value `json:"lines"`
	Due   []jsontext.Value `json:"due,omitempty"`

	Ignored jsontext.Value `json:",embed"` // x_ fields

	Asked   []wire.Line   `json:"-"` // Lines, as they were read
	Answer  []wire.Line   `json:"-"` // Due, as they were read
	Program *wire.Program `json:"-"` // instead of both, if the only line is a program
}

// A Set is a file of vectors.
type Set struct {
	Name string // of the file, for messages
	Head
	Vectors []Vector
}

// maxLine bounds a line of the file: a vector has a few hundred lines of a scenario.
const maxLine = 16 << 20

// Read reads a set. The file may be compressed with gzip. An error is a *wire.Error for a line
// that breaks the format.
func Read(r io.Reader, name string) (*Set, error) {
	return ReadSome(r, name, nil)
}

// ReadSome is Read for the vectors that are asked for, if there is one: see Asked. It looks at
// the others only as far as their ids, and at no vector of a set of which none is.
func ReadSome(r io.Reader, name string, only []string) (*Set, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte("\x1f\x8b")) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		in = bufio.NewReader(unpacked)
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	set, number, ids, lineParser := &Set{Name: name}, 0, map[string]bool{}, wire.NewReader(nil, name)
	for lines.Scan() {
		number++
		bad := func(format string, args ...any) (*Set, error) {
			return nil, &wire.Error{File: name, Line: number, Msg: fmt.Sprintf(format, args...)}
		}
		if number == 1 {
			if err := strict(lines.Bytes(), &set.Head, &set.Ignored); err != nil {
				return bad("the first line describes the set: %v", err)
			}
			if set.Discipline != model.Mutex && set.Discipline != model.RWSem {
				return bad("discipline %q: it is mutex or rwsem", set.Discipline)
			}
			if set.Version != Version {
				return bad("version %d of the vectors; this reads version %d", set.Version, Version)
			}
			if len(only) > 0 && !slices.ContainsFunc(only, func(o string) bool { return strings.HasPrefix(o, set.ID+"/") }) {
				return set, nil
			}
			continue
		}
		var v Vector
		if err := strict(lines.Bytes(), &v, &v.Ignored); err != nil {
			return bad("%v", err)
		}
		if !Asked(only, v.ID) {
			continue
		}
		if err := v.parse(lineParser); err != nil {
			return bad("%v", err)
		}
		if !strings.HasPrefix(v.ID, set.ID+"/") || ids[v.ID] {
			return bad("id %q: the id of each vector is its own, and begins with %q", v.ID, set.ID+"/")
		}
		ids[v.ID] = true
		set.Vectors = append(set.Vectors, v)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if number == 0 {
		return nil, fmt.Errorf("%s: the file is empty", name)
	}
	return set, nil
}

// Asked reports whether an entry of only is the id, or a beginning of it that ends in a slash, or
// whether only has no entry.
func Asked(only []string, id string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o string) bool {
		return id == o || strings.HasSuffix(o, "/") && strings.HasPrefix(id, o)
	})
}

// strict reads a JSON object that has no fields but those of to, and x_ fields, which it drops.
func strict(text []byte, to any, ignored *jsontext.Value) error {
	if err := json.Unmarshal(text, to); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	var fields map[string]jsontext.Value
	if *ignored != nil {
		if err := json.Unmarshal(*ignored, &fields); err != nil {
			return err
		}
	}
	for name := range fields {
		if !strings.HasPrefix(name, "x_") {
			return fmt.Errorf("unknown field %q", name)
		}
	}
	*ignored = nil
	return nil
}

// parse reads the lines and the answers.
func (v *Vector) parse(in *wire.Reader) error {
	for name, missing := range map[string]bool{"id": v.ID == "", "why": v.Why == "", "lines": len(v.Lines) == 0} {
		if missing {
			return fmt.Errorf("field %q is missing", name)
		}
	}
	if o, err := in.Parse(v.Lines[0]); err == nil && o.Op() == wire.Run {
		p, err := wire.RunProgram(o)
		switch {
		case err != nil:
			return fmt.Errorf("lines[0]: %s", err.(*wire.Error).Msg)
		case len(v.Lines) > 1:
			return errors.New("lines: a run is the only line of a vector")
		case p.Schedule == nil && len(v.Due) > 0:
			return errors.New("due: a run without a schedule has none")
		case p.Schedule != nil && len(v.Due) == 0:
			return errors.New(`field "due" is missing`)
		}
		v.Program = &p
		return nil
	}
	if len(v.Due) == 0 {
		return errors.New(`field "due" is missing`)
	}
	if len(v.Lines) != len(v.Due) {
		return fmt.Errorf("%d lines and %d answers", len(v.Lines), len(v.Due))
	}
	var err error
	if v.Asked, err = parseLines(in, v.Lines, "lines", wire.Scenario); err != nil {
		return err
	}
	v.Answer, err = parseLines(in, v.Due, "due", result)
	return err
}

func result(o *wire.Object) (wire.Line, error) {
	a, err := wire.Result(o, replay.Features)
	return a.Line, err
}

// parseLines reads each of the values as a line.
func parseLines(in *wire.Reader, values []jsontext.Value, field string, parse func(*wire.Object) (wire.Line, error)) ([]wire.Line, error) {
	out := make([]wire.Line, 0, len(values))
	for i, v := range values {
		o, err := in.Parse(v)
		var l wire.Line
		if err == nil {
			l, err = parse(o)
		}
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %s", field, i, err.(*wire.Error).Msg)
		}
		if l.Op == wire.Hello {
			return nil, fmt.Errorf("%s: a vector has no hello", field)
		}
		out = append(out, l)
	}
	return out, nil
}

// Write writes the set, compressed if the name of its file ends in .gz.
func (s *Set) Write(w io.Writer) error {
	var packed *gzip.Writer
	if strings.HasSuffix(s.Name, ".gz") {
		packed, _ = gzip.NewWriterLevel(w, gzip.BestCompression) // the level is right
		w = packed
	}
	out := bufio.NewWriter(w)
	write := func(v any) error { return cmp.Or(json.MarshalWrite(out, v), out.WriteByte('\n')) }
	err := write(s.Head)
	for i := range s.Vectors {
		err = cmp.Or(err, write(&s.Vectors[i]))
	}
	if err = cmp.Or(err, out.Flush()); err == nil && packed != nil {
		err = packed.Close()
	}
	return err
}
