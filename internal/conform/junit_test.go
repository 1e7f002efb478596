// SPDX-License-Identifier: MIT

package conform

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// An element is one of the schema of a JUnit report: what may be in it.
type element struct {
	attributes map[string]*regexp.Regexp // all are required, and no other is allowed
	children   []string
	most       int  // how many children
	text       bool // it may have text
}

var (
	anyText = regexp.MustCompile(`(?s)^.*$`)
	named   = regexp.MustCompile(`(?s)^.+$`)
	count   = regexp.MustCompile(`^\d+$`)
	seconds = regexp.MustCompile(`^\d+\.\d{3}$`)
)

// junitSchema is the schema: what the readers of JUnit reports agree on, and no more.
var junitSchema = map[string]element{
	"":           {children: []string{"testsuites"}, most: 1},
	"testsuites": {attributes: map[string]*regexp.Regexp{"name": named}, children: []string{"testsuite"}, most: 1 << 20},
	"testsuite": {attributes: map[string]*regexp.Regexp{"name": named, "tests": count, "failures": count, "errors": count, "skipped": count, "time": seconds},
		children: []string{"testcase"}, most: 1 << 20},
	"testcase": {attributes: map[string]*regexp.Regexp{"classname": named, "name": named, "time": seconds}, children: []string{"skipped", "error", "failure"}, most: 1},
	"skipped":  {attributes: map[string]*regexp.Regexp{"message": anyText}},
	"error":    {attributes: map[string]*regexp.Regexp{"message": anyText, "type": named}, text: true},
	"failure":  {attributes: map[string]*regexp.Regexp{"message": anyText, "type": named}, text: true},
}

// junitErr returns what in the report breaks the schema.
func junitErr(report []byte) error {
	in := xml.NewDecoder(bytes.NewReader(report))
	path, children := []string{""}, []int{0}
	for {
		token, err := in.Token()
		at := path[len(path)-1]
		switch {
		case errors.Is(err, io.EOF) && children[0] == 0:
			return errors.New("it is empty")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch x := token.(type) {
		case xml.StartElement:
			name := x.Name.Local
			e, parent := junitSchema[name], junitSchema[at]
			if children[len(children)-1]++; x.Name.Space != "" || !slices.Contains(parent.children, name) || children[len(children)-1] > parent.most {
				return fmt.Errorf("no place for %q in %q", name, at)
			}
			seen := map[string]bool{}
			for _, a := range x.Attr {
				if value := e.attributes[a.Name.Local]; a.Name.Space != "" || value == nil || !value.MatchString(a.Value) || seen[a.Name.Local] {
					return fmt.Errorf("%s: attribute %s=%q", name, a.Name.Local, a.Value)
				}
				seen[a.Name.Local] = true
			}
			for a := range e.attributes {
				if !seen[a] {
					return fmt.Errorf("%s: the attribute %s is missing", name, a)
				}
			}
			path, children = append(path, name), append(children, 0)
		case xml.EndElement:
			path, children = path[:len(path)-1], children[:len(children)-1]
		case xml.CharData:
			if !junitSchema[at].text && strings.TrimSpace(string(x)) != "" {
				return fmt.Errorf("text in %q", at)
			}
		}
	}
}

// TestJUnitMatchesItsSchema: a report with each verdict, and with what XML cannot have.
func TestJUnitMatchesItsSchema(t *testing.T) {
	r := report()
	r.Groups[0].Cases[3].Details = "\x00\x1b]]>&<\xff"
	var out bytes.Buffer
	if err := r.JUnit(&out); err != nil {
		t.Fatal(err)
	}
	if err := junitErr(out.Bytes()); err != nil {
		t.Fatalf("%v in\n%s", err, out.Bytes())
	}
	for _, want := range []string{"&#xA;hazard: H1: only the last ", "(docs/divergences.md)", "&#xA;again: pernet conform --only g/wrong&#xA;"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not in\n%s", want, out.String())
		}
	}
	refused := func(pattern, by string) {
		t.Helper()
		spoilt := regexp.MustCompile(pattern).ReplaceAllString(out.String(), by)
		if spoilt == out.String() {
			t.Fatalf("%s is not in\n%s", pattern, spoilt)
		}
		if junitErr([]byte(spoilt)) == nil {
			t.Errorf("accepted with %q for %s", by, pattern)
		}
	}
	for name, e := range junitSchema {
		for attribute := range e.attributes {
			refused(`(<`+name+`( [^>]*)?) `+attribute+`="[^"]*"`, "$1")
			refused(`(<`+name+`( [^>]*)?) (`+attribute+`="[^"]*")`, "$1 $3 $3")
		}
		if name != "" {
			refused(`<`+name+` `, "<"+name+` id="7" `)
			refused(`<(/?)`+name+`\b`, "<${1}other")
		}
		if !e.text && name != "" && name != "skipped" {
			refused(`(<`+name+` [^>]*>)`, "${1}text")
		}
	}
	for pattern, by := range map[string]string{
		`tests="8"`: `tests="eight"`, `time="1.000"`: `time="1s"`, `errors="4"`: `errors="-4"`, `classname="[^"]*"`: `classname=""`,
		`(<skipped [^>]*>)`: `$1</skipped><skipped message="">`, `</testsuites>`: "", `(?s)<testsuites.*`: "", `(?s)$`: "<testsuites name=\"x\"></testsuites>",
	} {
		refused(pattern, by)
	}
}
