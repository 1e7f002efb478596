// SPDX-License-Identifier: MIT

package history

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/model"
)

// A Failure says where and why a history is not linearizable.
type Failure struct {
	// Prefix is how many operations, in order of return, still fit when every
	// later return is taken as null. AtLeast: time or room ran out, and it may be more.
	Prefix  int
	AtLeast bool

	Next Op    // the operation after the prefix: the first that does not fit, or is not known to
	At   Op    // where every order of things ended: Next, or one that returned earlier and cannot stand with it
	Line int   // of Next in its file
	Ways []Way // some of the states that were possible then
	More int   // how many more there were
}

// A Way is one state in which the operation could have come next.
type Way struct {
	State string
	Wrong string // what its answer contradicts there
}

// String says it in a few lines.
func (f *Failure) String() string {
	var b strings.Builder
	const fit = "operations, in order of return, still fit when every later return is taken as null"
	if f.AtLeast {
		fmt.Fprintf(&b, "prefix: at least %d %s; the search for the first that does not was stopped\n", f.Prefix, fit)
		fmt.Fprintf(&b, "with what later ones answered, nothing is left for: %s\n", f.At.String())
	} else {
		fmt.Fprintf(&b, "prefix: %d %s\n", f.Prefix, fit)
		fmt.Fprintf(&b, "the next does not, line %d: %s\n", f.Line, f.Next.String())
		if f.At.String() != f.Next.String() {
			fmt.Fprintf(&b, "with it, nothing is left for one that returned earlier: %s\n", f.At.String())
		}
	}
	for _, w := range f.Ways {
		fmt.Fprintf(&b, "in the state %s\n    %s\n", w.State, w.Wrong)
	}
	if f.More > 0 {
		fmt.Fprintf(&b, "and in %d states more\n", f.More)
	}
	return b.String()
}

// explain finds the prefix and says why the next operation does not fit. The
// search has died after fit returns with every answer of the window known; with
// the later ones open it may live longer.
func (c *Checker) explain(w *window, start *search, fit int) *Failure {
	good, bad, exact := fit, len(w.returns), true
	dead := c.search
	try := func(horizon int) {
		s := start.clone()
		n, err := s.run(w, horizon)
		if err != nil {
			exact = false
		} else if n == horizon {
			good = horizon
		} else {
			bad, dead = horizon, s
		}
	}
	for step := 1; good+step < bad && exact; step *= 2 { // the prefix is seldom much longer than fit
		try(good + step)
	}
	for bad-good > 1 && exact {
		try((good + bad) / 2)
	}
	// Without hints from the operation itself the search ends where a reader looks for it.
	if s := start.clone(); exact && bad > 0 {
		if n, err := s.runTo(w, bad, bad, good); err == nil && n < bad {
			dead = s
		}
	}
	return c.describe(w, dead, good, !exact)
}

// describe collects what a reader needs to see at the end of the search dead.
func (c *Checker) describe(w *window, dead *search, good int, atLeast bool) *Failure {
	next := w.returns[good]
	f := &Failure{
		Prefix: c.passed + good, AtLeast: atLeast,
		Next: c.names.opOf(next), At: c.names.opOf(dead.stuck), Line: next.line,
	}
	i := dead.where[dead.stuck.client]
	const show = 3
	for _, way := range dead.stuckWays(i) {
		m := dead.next(way, i)
		if len(f.Ways) == show {
			f.More++
			continue
		}
		f.Ways = append(f.Ways, Way{State: c.names.state(way.state), Wrong: c.names.wrong(m, way.state)})
	}
	return f
}

// stuckWays returns the configurations in which the slot's operation came
// farthest, those in which most of its answer is right first.
func (s *search) stuckWays(i int) []*config {
	var all []*config
	farthest := int32(0)
	for _, from := range [][]config{s.set.items, s.seen.items} {
		for j := range from {
			all = append(all, &from[j])
			farthest = max(farthest, from[j].done[i])
		}
	}
	all = slices.DeleteFunc(all, func(c *config) bool { return c.done[i] < farthest })
	rank := func(c *config) int {
		m := s.next(c, i)
		_, ans, ok := c.state.Step(m.act)
		switch {
		case !ok:
			return 3
		case ans.Err != m.want:
			return 2
		case !slices.Equal(ans.Calls, m.call.calls):
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b *config) int { return rank(a) - rank(b) })
	return all
}

// wrong says what about the moment's answer the model contradicts in s.
func (n *names) wrong(m *moment, s model.State) string {
	if m.act.Kind == model.Cleanup && len(m.call.nets) != 1 {
		return fmt.Sprintf("one run of the worker takes one net, this one took %d", len(m.call.nets))
	}
	_, ans, ok := s.Step(m.act)
	if !ok {
		return fmt.Sprintf("%s is not possible: %s", m.act.Kind, n.why(m, s))
	}
	c := m.call
	var out []string
	differ := func(field, got, want string) {
		if got != want {
			out = append(out, fmt.Sprintf("%s: answered %s, the model answers %s", field, got, want))
		}
	}
	switch m.act.Kind {
	case model.Free:
		differ("freed", jsonStrings(n.netNames(c.freed)), jsonStrings(n.netNames(some(ans.Freed))))
	case model.List, model.Snapshot:
		differ("calls", n.callsText(c.calls), n.callsText(ans.Calls))
		if m.act.Kind == model.Snapshot {
			differ("pernet_list", jsonStrings(n.opNames(c.list)), jsonStrings(n.opNames(ans.List)))
			differ("first_device", orNull(n.opName(c.first)), orNull(n.opName(ans.First)))
		}
		differ("nets", jsonStrings(n.netNames(c.nets)), jsonStrings(n.netNames(ans.Nets)))
	default:
		differ("err", errText(m.want, c), errText(ans.Err, c))
		want := c.calls
		if m.act.Kind == model.CopyGet {
			want = nil
		}
		differ("calls", n.callsText(want), n.callsText(ans.Calls))
	}
	return strings.Join(out, "; ")
}

func some(n model.NetID) []model.NetID {
	if n == model.NoNet {
		return nil
	}
	return []model.NetID{n}
}

// why says what stands in the way of a cleanup or a free.
func (n *names) why(m *moment, s model.State) string {
	name := n.netName(m.act.Net)
	for _, l := range s.Live {
		if l.ID == m.act.Net {
			return fmt.Sprintf("net %s is %s with count %d", name, l.Phase, l.Count)
		}
	}
	return fmt.Sprintf("there is no net %s", name)
}

// state shows s on one line.
func (n *names) state(s model.State) string {
	var b strings.Builder
	b.WriteString("pernet_list [")
	for i, e := range s.List {
		if e.Device && (i == 0 || e.Ops == s.FirstDevice) {
			b.WriteString(" |")
		}
		b.WriteString(" " + n.opName(e.Ops))
	}
	b.WriteString(" ], nets [")
	for _, id := range s.Nets {
		b.WriteString(" " + n.netName(id))
	}
	b.WriteString(" ]")
	for _, l := range s.Live {
		fmt.Fprintf(&b, ", %s %s count %d use %d", n.netName(l.ID), l.Phase, l.Count, l.Use)
	}
	for _, c := range s.Copies {
		from := n.netName(c.From)
		if c.From == model.NoNet {
			from = "a freed net"
		}
		fmt.Fprintf(&b, ", copy from %s under way", from)
	}
	return b.String()
}

func (n *names) callsText(calls []model.Callback) string {
	w := line{[]byte("{")}
	w.calls(n.callbackNames(calls))
	if len(w.b) == 1 {
		return "[]"
	}
	return strings.TrimPrefix(string(w.b), `{"calls":`)
}

func jsonStrings(list []string) string {
	w := line{}
	w.strings(list...)
	return string(w.b)
}

// errText writes e, which c or the model has answered.
func errText(e model.Err, c *call) string {
	switch {
	case e > 0:
		return e.String()
	case e == otherErr:
		return `"` + c.errno + `"`
	}
	return `"` + e.String() + `"`
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}
