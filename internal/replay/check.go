// SPDX-License-Identifier: MIT

package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// ErrDifferent is what Check returns for results that are not ours.
var ErrDifferent = errors.New("the results differ")

// An Input is something to read, and its name in messages.
type Input struct {
	Name string
	In   io.Reader
}

// Check does a scenario and compares the results that another implementation
// has given with ours, as JSON values, line by line, up to the first line that
// differs. It writes to out what it found.
//
// A line that needs a feature that the answer to hello has left out may have
// been answered by ENOTSUP and have changed nothing. It counts as skipped.
//
// Check returns nil if all are equal, ErrDifferent if not, and otherwise what
// Replay returns, ErrEmpty with the name before it; a *wire.Error may be one
// of a result as well.
func Check(ctx context.Context, d model.Discipline, scenario, results Input, out io.Writer) error {
	run, err := NewRunner(ctx, d)
	if err != nil {
		return err
	}
	c := &checker{
		run: run, out: out, names: [2]string{scenario.Name, results.Name},
		lines: wire.NewReader(scenario.In, scenario.Name), results: wire.NewReader(results.In, results.Name),
	}
	for ctx.Err() == nil {
		switch err := c.line(); {
		case err == io.EOF:
			return c.end()
		case err != nil:
			return err
		}
	}
	return context.Cause(ctx)
}

type checker struct {
	run            *Runner
	lines, results *wire.Reader
	names          [2]string // of scenario and results
	out            io.Writer

	hello   bool     // the scenario says hello
	lacks   []string // features that the answer to hello has left out
	skipped int
}

// line compares the answers to one line; io.EOF says that the scenario is over.
func (c *checker) line() error {
	o, err := c.lines.Next()
	if err != nil {
		return err
	}
	l, err := wire.Scenario(o)
	if err != nil && (o.Has("pernet_list") || o.Has("features")) {
		return fmt.Errorf("%w; this is a result: is %s the scenario?", err, c.names[1])
	}
	if err != nil {
		return err
	}
	result, err := c.results.Next()
	if err == io.EOF {
		return c.differ("%s:%d: the results end, and %s is not answered", c.names[1], c.results.Line()+1, c.place(&l))
	}
	if err != nil {
		return err
	}
	a, err := wire.Result(result, Claims())
	if err != nil {
		return err
	}
	got := answer(a.Fields())
	want, feature, err := c.want(&l, o, got.value("err") == notSupported)
	if err != nil {
		return err
	}
	if text := Differences(got, want, "pernet"); text != "" {
		return c.differ("%s:%d: another answer to %s than pernet's%s%s", c.names[1], result.Line(), c.place(&l), c.hint(got, feature), text)
	}
	if l.Op == wire.Hello {
		c.hello = true
		c.lacks = slices.DeleteFunc(slices.Clone(Features), func(f string) bool { return slices.Contains(a.Features, f) })
	}
	if want.value("err") == notSupported {
		c.skipped++
		_, err = fmt.Fprintf(c.out, "%s:%d: skipped: needs %s\n", c.names[0], o.Line(), feature)
	}
	return err
}

// place names a line of the scenario.
func (c *checker) place(l *wire.Line) string {
	return fmt.Sprintf("%s (%s:%d)", l.Op, c.names[0], c.lines.Line())
}

func (c *checker) differ(format string, args ...any) error {
	if _, err := fmt.Fprintf(c.out, format+"\n", args...); err != nil {
		return err
	}
	return ErrDifferent
}

// end is the end of the scenario; the results must end too.
func (c *checker) end() error {
	if c.lines.Line() == 0 {
		return fmt.Errorf("%s: %w", c.names[0], ErrEmpty)
	}
	if _, err := c.results.Next(); err == nil {
		return c.differ("%s:%d: a result too many: %s has %s", c.names[1], c.results.Line(), c.names[0], plural.N(c.lines.Line(), "line"))
	} else if err != io.EOF {
		return err
	}
	note := ""
	if c.skipped > 0 {
		note = fmt.Sprintf(", %d of them skipped", c.skipped)
	}
	_, err := fmt.Fprintf(c.out, "%s: equal, %s%s\n", c.names[0], plural.N(c.lines.Line(), "line"), note)
	return err
}

// An answer is the fields of a result that are compared. Of the answer to a hello, who
// answers is free, and so is which features there are.
type answer []wire.Field

// value returns a field's value, "absent" if it is not there.
func (a answer) value(name string) string {
	for _, f := range a {
		if f.Name == name {
			return f.Value
		}
	}
	return "absent"
}

// notSupported is how a port answers a line that needs what it lacks.
const notSupported = `"ENOTSUP"`

// want does the line, and returns the right answer, and a feature that the line
// needs and the port lacks, "" for none. With such a feature a port that says
// ENOTSUP is right too, and then the line is not done.
func (c *checker) want(l *wire.Line, o *wire.Object, refused bool) (answer, string, error) {
	if l.Op == wire.Hello {
		_, err := c.run.hello(nil, l, o)
		return l.ResultFields(), "", err
	}
	do, feature := l, c.lacking(needs(l)...)
	if feature != "" && refused {
		do = &wire.Line{Op: wire.List} // changes nothing, and gives the lists
	}
	if _, err := c.run.Do(do); err != nil {
		return nil, "", fmt.Errorf("%s:%d: %w", c.names[0], o.Line(), err)
	}
	r := &c.run.result[1]
	if feature == "" && isMisuse(l, r, c.run.model.(*modelSide).knows) {
		feature = c.lacking("misuse") // which has changed nothing
	}
	if feature != "" && refused {
		r.Op, r.ID, r.Err = l.Op, l.ID, model.ENOTSUP
	}
	return r.ResultFields(), feature, nil
}

// lacking returns the first of the features that was left out, else "".
func (c *checker) lacking(features ...string) string {
	for _, f := range features {
		if slices.Contains(c.lacks, f) {
			return f
		}
	}
	return ""
}

// hint says why the answer may, or must not, be ENOTSUP.
func (c *checker) hint(got answer, feature string) string {
	switch {
	case feature != "":
		return fmt.Sprintf("\n  the line needs %s, which the answer to hello left out: ENOTSUP is right too if nothing has changed", feature)
	case got.value("err") != notSupported:
		return ""
	case !c.hello:
		return "\n  without a hello in the scenario, all features are claimed"
	}
	return "\n  the answer to hello claims all that the line needs"
}

// Differences shows the fields that are not equal, one after the other, "" if all are. side says
// whose the second answer is.
func Differences(got, want []wire.Field, side string) string {
	var names []string
	for _, f := range slices.Concat(want, got) {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	if answer(got).value("op") != answer(want).value("op") {
		names = []string{"op"} // the rest belongs to another op
	}
	var b strings.Builder
	for _, name := range names {
		if g, w := answer(got).value(name), answer(want).value(name); g != w {
			fmt.Fprintf(&b, "\n  %s\n    %-7s %s\n    %-7s %s", name, "read:", g, side+":", w)
		}
	}
	return b.String()
}
