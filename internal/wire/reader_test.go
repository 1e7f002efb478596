// SPDX-License-Identifier: MIT

package wire

import (
	"errors"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/pernet/model"
)

// one returns the object of a single line.
func one(t *testing.T, line string) *Object {
	t.Helper()
	o, err := NewReader(strings.NewReader(line), "f").Next()
	if err != nil {
		t.Fatalf("%.80s: %v", line, err)
	}
	return o
}

func TestReaderRejectsBadLines(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"blank", "\n", "blank line"},
		{"blank without newline", " ", "blank line"},
		{"carriage return alone", "\r\n", "blank line"},
		{"invalid UTF-8", "{\"op\":\"\xff\"}", "invalid UTF-8"},
		{"half a surrogate pair", `{"op":"\ud800"}`, "not valid JSON: invalid surrogate pair `\\ud800\"}` in string, column 8"},
		{"byte order mark", "\ufeff{}", "a byte order mark begins the line; leave it out"},
		{"gzip", "\x1f\x8b\x08\x00", "this is compressed with gzip; unpack it first"},
		{"UTF-16, one order", "\xff\xfe{\x00", "this is UTF-16; it must be UTF-8"},
		{"UTF-16, the other order", "\xfe\xff\x00{", "this is UTF-16; it must be UTF-8"},
		{"array", "[]", "not a JSON object"},
		{"number", "1", "not a JSON object"},
		{"half an array", "[", "not valid JSON: the line ends too early; each object is one line"},
		{"half an object", `{"a":1`, "not valid JSON: the line ends too early; each object is one line"},
		{"open brace", `{`, "not valid JSON: the line ends too early; each object is one line"},
		{"half a value", `{"a":tru`, "not valid JSON: the line ends too early; each object is one line"},
		{"half a name", `{"a`, "not valid JSON: the line ends too early; each object is one line"},
		{"no comma", `{"a":1 "b":2}`, `not valid JSON: invalid character '"' after object value (expecting ',' or '}'), column 8`},
		{"comma before the end", `{"a":1,}`, `not valid JSON: invalid character ',' at start of value, column 7`},
		{"name without quotes", `{a:1}`, "not valid JSON: invalid character 'a' at start of value, column 2"},
		{"name is a number", `{1:1}`, "not valid JSON: object member name must be a string, column 2"},
		{"no value", `{"a":}`, "not valid JSON: invalid character '}' at start of value, column 6"},
		{"bracket for brace", `{"a":1]`, "not valid JSON: invalid character ']' after object value (expecting ',' or '}'), column 7"},
		{"doubled", `{"a":1,"a":1}`, `field "a" occurs twice`},
		{"doubled under another spelling", `{"a":1,"\u0061":1}`, `field "a" occurs twice`},
		{"doubled and ignored", `{"x_a":1,"x_a":1}`, `field "x_a" occurs twice`},
		{"long name", `{"` + strings.Repeat("é", 60) + `":1,"` + strings.Repeat("é", 60) + `":2}`, `field "` + strings.Repeat("é", 50) + `…" occurs twice`},
		{"two values", `{} {}`, "more than one JSON value"},
		{"rubbish behind", `{} x`, "more than one JSON value"},
		{"long", `{"x_a":"` + strings.Repeat("a", MaxLine) + `"}`, "line longer than 1 MiB"},
		{"deep", `{"x_a":` + strings.Repeat("[", 20000), "not valid JSON: exceeded max depth, column 10007"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewReader(strings.NewReader(c.in), "f").Next()
			var bad *Error
			if !errors.As(err, &bad) || err.Error() != "f:1: "+c.want {
				t.Errorf("got  %v\nwant f:1: %s", err, c.want)
			}
		})
	}
}

func TestLinesAreCountedAndTheLastNewlineMayBeMissing(t *testing.T) {
	long := `{"x_a":"` + strings.Repeat("a", MaxLine-10) + `"}`
	if len(long) != MaxLine {
		t.Fatal(len(long))
	}
	for _, end := range []string{"", "\n"} {
		r := NewReader(strings.NewReader(`{"n":0}`+"\n"+long+"\n\t{\"n\": 2 }\r"+end), "f")
		for i := range 3 {
			o, err := r.Next()
			if err != nil || o.Line() != i+1 || r.Line() != i+1 {
				t.Fatal(i, err, r.Line())
			}
			if o.Has("n") && o.integer("n") != int64(i) || o.Done() != nil {
				t.Fatal(i, o.Done())
			}
		}
		if _, err := r.Next(); err != io.EOF {
			t.Error(err)
		}
	}
}

func TestLongLineIsRejectedBeforeItsEnd(t *testing.T) {
	r := NewReader(nil, "f")
	if _, err := r.Parse([]byte("{}" + strings.Repeat(" ", MaxLine-2))); err != nil {
		t.Error(err)
	}
	if _, err := r.Parse(make([]byte, MaxLine+1)); err == nil || err.Error() != "f:2: line longer than 1 MiB" {
		t.Error(err)
	}
	endless := io.MultiReader(strings.NewReader("{}\n"), endlessSpace{})
	r = NewReader(endless, "f")
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err == nil || err.Error() != "f:2: line longer than 1 MiB" {
		t.Error(err)
	}
}

type endlessSpace struct{}

func (endlessSpace) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestReadErrorIsPassedOnAfterTheWholeLines(t *testing.T) {
	broken := errors.New("broken")
	r := NewReader(io.MultiReader(strings.NewReader("{}\n{"), iotest.ErrReader(broken)), "f")
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != broken {
		t.Error(err)
	}
}

func listOf(list []Callback, _ []Stage) []Callback  { return list }
func stagesOf(_ []Callback, stages []Stage) []Stage { return stages }

func TestAccessorsReturnTheFields(t *testing.T) {
	o := one(t, `{"s":"a\nb","e":"","t":true,"f":false,"i":-3,"n":null,"r":[1,2],"a":["x","\u0079"],"none":[],"c":[["init","a","n"],["exit","b","m"],["exit","b","k",-3,4]],"st":[["pre_exit","a","n"],["exit_rtnl","b","n",1,2],["exit","a","n"],["exit_batch","a",["n","m"],3,3]],"x_":{"y":1,"y":2}}`)
	for j, r := range []struct{ got, want any }{
		{o.text("s"), "a\nb"},
		{o.name("s"), "a\nb"},
		{o.text("e"), ""},
		{o.boolean("t"), true},
		{o.boolean("f"), false},
		{o.integer("i"), int64(-3)},
		{o.texts("a"), []string{"x", "y"}},
		{o.texts("none"), []string{}},
		{listOf(o.callbacks("c", true)), []Callback{{Ops: "a", Net: "n"}, {Exit: true, Ops: "b", Net: "m"}, {Exit: true, Ops: "b", Net: "k", Timed: true, Begin: -3, End: 4}}},
		{stagesOf(o.callbacks("c", true)), []Stage(nil)},
		{listOf(o.callbacks("st", true)), []Callback{{Exit: true, Ops: "a", Net: "n"}}},
		{stagesOf(o.callbacks("st", true)), []Stage{
			{Word: PreExit, Ops: "a", Nets: []string{"n"}}, {Word: ExitRTNL, Ops: "b", Nets: []string{"n"}, Timed: true, Begin: 1, End: 2},
			{Word: ExitBatch, Ops: "a", Nets: []string{"n", "m"}, After: 1, Timed: true, Begin: 3, End: 3}}},
		{string(o.value("r")), "[1,2]"},
		{o.value("n").Kind(), jsontext.KindNull},
		{o.Has("n"), true},
		{o.Has("nope"), false},
	} {
		if !reflect.DeepEqual(r.got, r.want) {
			t.Errorf("%d: got %#v, want %#v", j, r.got, r.want)
		}
	}
	if o.Err() != nil || o.Done() != nil {
		t.Error(o.Done())
	}
}

func TestAccessorsRejectOtherTypes(t *testing.T) {
	for _, c := range []struct {
		line string
		read func(*Object)
		want string
	}{
		{`{}`, func(o *Object) { o.text("s") }, `field "s" is missing`},
		{`{"s":1}`, func(o *Object) { o.text("s") }, `field "s" must be a string`},
		{`{"s":null}`, func(o *Object) { o.name("s") }, `field "s" must be a string`},
		{`{"s":""}`, func(o *Object) { o.name("s") }, `field "s" must be a name of 1 to 64 bytes`},
		{`{"s":"` + strings.Repeat("é", 32) + `a"}`, func(o *Object) { o.name("s") }, `field "s" must be a name of 1 to 64 bytes`},
		{`{"b":0}`, func(o *Object) { o.boolean("b") }, `field "b" must be true or false`},
		{`{}`, func(o *Object) { o.integer("i") }, `field "i" is missing`},
		{`{"i":"1"}`, func(o *Object) { o.integer("i") }, `field "i" must be an integer`},
		{`{"i":1.5}`, func(o *Object) { o.integer("i") }, `field "i" must be an integer, written without fraction or exponent`},
		{`{"i":1.0}`, func(o *Object) { o.integer("i") }, `field "i" must be an integer, written without fraction or exponent`},
		{`{"return":1e1}`, func(o *Object) { new(Line).readReturn(o) }, `field "return" must be an integer, written without fraction or exponent`},
		{`{"i":9223372036854775808}`, func(o *Object) { o.integer("i") }, `field "i" must be a signed 64-bit integer, from -2^63 to 2^63-1`},
		{`{"i":9223372036854775808}`, func(o *Object) { o.integer("i") }, `field "i" must be a signed 64-bit integer, from -2^63 to 2^63-1`},
		{`{"i":true}`, func(o *Object) { o.integer("i") }, `field "i" must be an integer`},
		{`{}`, func(o *Object) { new(Line).readErr(o) }, `field "err" is missing`},
		{`{"err":null}`, func(o *Object) { new(Line).readErr(o) }, badErrno},
		{`{"err":0}`, func(o *Object) { new(Line).readErr(o) }, badErrno},
		{`{"err":-12}`, func(o *Object) { new(Line).readErr(o) }, badErrno},
		{`{"err":"E"}`, func(o *Object) { new(Line).readErr(o) }, badErrno},
		{`{"err":"Efault"}`, func(o *Object) { new(Line).readErr(o) }, badErrno},
		{`{"err":"EFAULT "}`, func(o *Object) { new(Line).readErr(o) }, badErrno},
		{`{"err":1.0}`, func(o *Object) { new(Line).readErr(o) }, `field "err" must be an integer, written without fraction or exponent`},
		{`{}`, func(o *Object) { new(Line).readReturn(o) }, `field "return" is missing`},
		{`{"return":"null"}`, func(o *Object) { new(Line).readReturn(o) }, `field "return" must be an integer or null`},
		{`{}`, func(o *Object) { o.texts("a") }, `field "a" is missing`},
		{`{"a":"b"}`, func(o *Object) { o.texts("a") }, `field "a" must be an array of strings`},
		{`{"a":["b",1]}`, func(o *Object) { o.texts("a") }, `field "a" must be an array of strings`},
		{`{"a":[["b"]]}`, func(o *Object) { o.texts("a") }, `field "a" must be an array of strings`},
		{`{"a":{}}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":["b"]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":[["b","c"]]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":[["b","c","d","e","f","g"]]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":["b","c","d"]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":[["b","c","d",["e"]]]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":[["b","c","d"],"e"]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":[["init","c","d",1,2]]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":[["init","c","d",1]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["init","c","d",1,"2"]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["init","c","d",1,2,3]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["init","c","d",1,2.0]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["init","c","d",1,9223372036854775808]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["exit_batch","c","d"]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["exit_batch","c",[]]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["exit_batch","c",["d",1]]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["pre_exit","c",["d"]]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["pre_exit","c","d",1]]}`, func(o *Object) { o.callbacks("a", true) }, badTimes},
		{`{"a":[["exit_rtnl","c","d",2,1]]}`, func(o *Object) { o.callbacks("a", true) }, `field "a" has a callback that ends at 1, before it begins at 2`},
		{`{"a":[["exit_batch","c",["d",""]]]}`, func(o *Object) { o.callbacks("a", true) }, `field "a" must hold names of 1 to 64 bytes`},
		{`{"a":[["pre_exit","c","d"]]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must hold "init", "exit" and "deferred", not "pre_exit"`},
		{`{"a":[["init","c","d",2,1]]}`, func(o *Object) { o.callbacks("a", true) }, `field "a" has a callback that ends at 1, before it begins at 2`},
		{`{"a":[[]]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":[["b","c","d","e"]]}`, func(o *Object) { o.callbacks("a", false) }, `field "a" must be an array of arrays of three strings`},
		{`{"a":1}`, func(o *Object) { o.Has("a") }, `unknown field "a"`},
		{`{"a":1,"b":2}`, func(o *Object) { o.integer("a") }, `unknown field "b"`},
		{`{"a":1,"b":2}`, func(o *Object) { o.Fail("bad %d", 7); o.text("nope") }, `bad 7`},
	} {
		o := one(t, c.line)
		c.read(o)
		if err := o.Done(); err == nil || err.Error() != "f:1: "+c.want {
			t.Errorf("%s: got %v, want %s", c.line, err, c.want)
		}
	}
}

func TestNameOf64BytesIsAllowed(t *testing.T) {
	o := one(t, `{"s":"`+strings.Repeat("é", 32)+`"}`)
	o.name("s")
	if err := o.Done(); err != nil {
		t.Error(err)
	}
}

func TestIntegersHave64BitsAndNoFraction(t *testing.T) {
	const large, spelling = " must be a signed 64-bit integer, from -2^63 to 2^63-1", " must be an integer, written without fraction or exponent"
	for _, c := range []struct {
		text  string
		want  int64
		wrong string
	}{
		{"0", 0, ""}, {"-0", 0, ""}, {"17", 17, ""},
		{"9223372036854775807", math.MaxInt64, ""}, {"-9223372036854775808", math.MinInt64, ""},
		{"9223372036854775808", 0, large}, {"-9223372036854775809", 0, large},
		{"0.0", 0, spelling}, {"1.0", 0, spelling}, {"1e3", 0, spelling}, {"1E+3", 0, spelling}, {"1.5", 0, spelling},
		{`"1"`, 0, " must be an integer"}, {"null", 0, " must be an integer"},
	} {
		o := one(t, `{"i":`+c.text+`}`)
		got, err := o.integer("i"), o.Done()
		if c.wrong == "" && (got != c.want || err != nil) || c.wrong != "" && (err == nil || err.Error() != `f:1: field "i"`+c.wrong) {
			t.Errorf("%s: %d %v, want %d %s", c.text, got, err, c.want, c.wrong)
		}
	}
}

const badErrno = `field "err" must be "", the name of an errno such as "ENOMEM", or a positive integer`

// TestAnyErrnoIsAName: the errnos of a port need not be ours.
func TestAnyErrnoIsAName(t *testing.T) {
	for value, want := range map[string]Line{
		`""`: {}, `"ENOMEM"`: {Err: model.ENOMEM}, `"EFAULT"`: {Err: OtherErr, Errno: "EFAULT"}, `"E2BIG"`: {Err: OtherErr, Errno: "E2BIG"},
		`"\u0045IO"`: {Err: model.EIO}, `9223372036854775807`: {Err: math.MaxInt64},
	} {
		o := one(t, `{"err":`+value+`}`)
		var got Line
		if got.readErr(o); o.Done() != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q %d %v", value, got.Errno, got.Err, o.Done())
		}
	}
}

// TestManyFieldsAreReadInLinearTime: a line may hold a hundred thousand fields, and the search
// for a field that occurs twice must not take the square of that.
func TestManyFieldsAreReadInLinearTime(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"a":1`)
	for i := range 70000 {
		b.WriteString(`,"x_` + strconv.Itoa(i) + `":0`)
	}
	line := b.String()
	o := one(t, line+`}`)
	if !o.Has("x_69999") || o.Has("x_70000") || o.integer("a") != 1 || o.Done() != nil {
		t.Error(o.Done())
	}
	if _, err := NewReader(strings.NewReader(line+`,"x_5":0}`), "f").Next(); err == nil || err.Error() != `f:1: field "x_5" occurs twice` {
		t.Error(err)
	}
}

func BenchmarkNext(b *testing.B) {
	in := strings.Repeat(`{"op":"copy","net":"n1","from":"init_net","id":17}`+"\n", 1000)
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(strings.NewReader(in), "f")
		for range 1000 {
			o, err := r.Next()
			if err != nil {
				b.Fatal(err)
			}
			o.text("op")
			o.text("net")
			o.name("from")
			o.integer("id")
			if o.Done() != nil {
				b.Fatal(o.Done())
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/line")
}

const badTimes = `field "a" must be an array of arrays of three strings, or of three strings and two integers; an exit_batch has an array of nets`
