// SPDX-License-Identifier: MIT

// Package wire reads and writes the lines of all formats: scenarios, results and histories.
//
// A [Line] is one line, decoded: what was asked, what was answered, or both. Which fields a
// call has is in model.Calls; this package has one reader and one writer of each field.
//
// Below it, a [Reader] yields one [Object] a line, strictly. It refuses a blank line, a line over
// 1 MiB, invalid UTF-8, what is not one JSON object, and a field that occurs
// twice. The accessors of Object refuse a missing field and a wrong type, and
// [Object.Done] refuses fields that were not read. Fields whose names begin
// with x_ are ignored, whatever is in them.
package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxLine is how many bytes a line may have, without its newline.
const MaxLine = 1 << 20

const tooLong = "line longer than 1 MiB"

// Stdin is the name of standard input in messages.
const Stdin = "<stdin>"

// An Error is a line that breaks its format.
type Error struct {
	File string
	Line int
	Msg  string
}

// Error returns FILE:LINE: what is wrong.
func (e *Error) Error() string { return e.File + ":" + strconv.Itoa(e.Line) + ": " + e.Msg }

// A Reader reads objects, one a line.
type Reader struct {
	src  *bufio.Scanner
	name string
	line int

	buf    bytes.Buffer // the line, as dec wants it
	dec    *jsontext.Decoder
	sub    *jsontext.Decoder // for arrays inside the object
	object Object
	known  map[string]string // field names seen, so that they are made once
}

var options = []jsontext.Options{
	jsontext.AllowDuplicateNames(true), // top-level names are checked here; the content of an ignored field is not checked
}

// NewReader returns a reader of r; name is the file's name in messages.
func NewReader(r io.Reader, name string) *Reader {
	src := bufio.NewScanner(r)
	src.Buffer(make([]byte, 64<<10), MaxLine+1)
	return &Reader{
		src:   src,
		name:  name,
		dec:   jsontext.NewDecoder(strings.NewReader(""), options...),
		sub:   jsontext.NewDecoder(strings.NewReader(""), options...),
		known: map[string]string{},
	}
}

// Line returns the number of the line that Next read last, from 1.
func (r *Reader) Line() int { return r.line }

// Next returns the next line's object, io.EOF after the last. The object is
// valid until the next call. An *Error says which line is bad; any other error
// is the source's.
func (r *Reader) Next() (*Object, error) {
	more, err := r.src.Scan(), r.src.Err()
	switch {
	case err == bufio.ErrTooLong:
		r.line++
		return nil, r.errorf(tooLong)
	case err != nil: // the rest of a line may have been read before it
		return nil, err
	case !more:
		return nil, io.EOF
	}
	return r.Parse(r.src.Bytes())
}

// Parse is Next for a line that does not come from the source of r, without its newline. The
// object is also valid only as long as the line is not changed.
func (r *Reader) Parse(line []byte) (*Object, error) {
	r.line++
	if len(line) > MaxLine {
		return nil, r.errorf(tooLong)
	}
	if len(bytes.Trim(line, " \t\r")) == 0 {
		return nil, r.errorf("blank line")
	}
	if !utf8.Valid(line) || bytes.HasPrefix(line, []byte("\ufeff")) {
		return nil, r.errorf("%s", encoding(line))
	}
	if err := r.parse(line); err != nil {
		return nil, err
	}
	return &r.object, nil
}

// encoding says what a line is that is not plain UTF-8, as far as it can be told by how it begins.
func encoding(line []byte) string {
	for begin, what := range map[string]string{
		"\ufeff":   "a byte order mark begins the line; leave it out",
		"\x1f\x8b": "this is compressed with gzip; unpack it first",
		"\xff\xfe": "this is UTF-16; it must be UTF-8",
		"\xfe\xff": "this is UTF-16; it must be UTF-8",
	} {
		if bytes.HasPrefix(line, []byte(begin)) {
			return what
		}
	}
	return "invalid UTF-8"
}

// errorf makes an error of the line that was read last. Text of the line that is too long is cut.
func (r *Reader) errorf(format string, args ...any) *Error {
	const most = 100
	for i, arg := range args {
		if text, ok := arg.(string); ok && len(text) > most {
			args[i] = strings.ToValidUTF8(text[:most], "") + "…"
		}
	}
	return &Error{File: r.name, Line: r.line, Msg: fmt.Sprintf(format, args...)}
}

// parse splits the line into the fields of r.object.
func (r *Reader) parse(line []byte) error {
	o := &r.object
	o.r, o.err, o.fields, o.index = r, nil, o.fields[:0], nil
	r.buf = *bytes.NewBuffer(line)
	r.dec.Reset(&r.buf, options...)
	if r.dec.PeekKind() != '{' {
		if _, err := r.dec.ReadValue(); err != nil {
			return r.syntax(err)
		}
		return r.errorf("not a JSON object")
	}
	r.dec.ReadToken() // the brace that was peeked at
	for r.dec.PeekKind() != '}' {
		raw, err := r.dec.ReadValue()
		if err != nil {
			return r.syntax(err)
		}
		name := r.fieldName(raw)
		value, err := r.dec.ReadValue()
		if err != nil {
			return r.syntax(err)
		}
		if o.Has(name) {
			return r.errorf("field %q occurs twice", name)
		}
		o.fields = append(o.fields, field{name: name, value: value, read: strings.HasPrefix(name, "x_")})
	}
	r.dec.ReadToken() // likewise
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return r.errorf("more than one JSON value")
	}
	return nil
}

// fieldName returns the name that raw, a JSON string, stands for.
func (r *Reader) fieldName(raw []byte) string {
	if name, ok := r.known[string(raw)]; ok {
		return name
	}
	name := unquote(raw)
	if len(r.known) < 64 && len(raw) < 64 {
		r.known[string(raw)] = name
	}
	return name
}

// syntax says where the line stops being JSON.
func (r *Reader) syntax(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return r.errorf("not valid JSON: the line ends too early; each object is one line")
	}
	at := int64(0)
	if syn, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at, err = syn.ByteOffset+1, syn.Err
	}
	return r.errorf("not valid JSON: %v, column %d", err, at)
}

// unquote returns the string that a valid JSON string stands for.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	b, _ := jsontext.AppendUnquote(nil, raw) // the decoder has checked it
	return string(b)
}

// list returns the strings of an array of strings. It returns false for other values; their
// syntax has been checked.
func (r *Reader) list(v jsontext.Value) ([]string, bool) {
	list := []string{}
	d := r.sub
	d.Reset(bytes.NewBuffer(v), options...)
	for {
		token, err := d.ReadToken()
		switch at := d.StackDepth(); {
		case err == io.EOF:
			return list, true
		case token.Kind() == '"' && at == 1:
			list = append(list, token.String())
		case token.Kind() == '[' && at == 1, token.Kind() == ']' && at == 0:
		default:
			return list, false
		}
	}
}
