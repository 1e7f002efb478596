// SPDX-License-Identifier: MIT

package lin

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Failure says where and why a history is not linearizable.
type Failure struct {
	// Prefix is how many operations, in order of return, still fit when every
	// later return is taken as null. AtLeast: time or room ran out, and it may be more.
	Prefix  int
	AtLeast bool

	Op   wire.Line // the operation that no order explains
	Line int       // in its file
	Text string    // that line; "" if the history was not read

	// With is an operation whose answer leaves no place for Op: without that answer Op
	// fits. It is the first after the prefix, or one before it that Op overlaps, or that
	// read the lists. WithLine is 0 if there is none.
	With     wire.Line
	WithLine int
	WithText string

	Differences []string // what Op answered and what the model answers, in the nearest state
	State       string   // of that state, what matters here
	More        int      // how many other states differ from Op's answer otherwise
	Hazard      string   // of docs/divergences.md or docs/bugs.md, if the evidence fits one
}

// String says it in a few lines.
func (f *Failure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d: no order explains this operation\n    %s\n", f.Line, shown(f.Text, &f.Op))
	for _, d := range f.Differences {
		fmt.Fprintf(&b, "    %s\n", d)
	}
	if f.State != "" {
		fmt.Fprintf(&b, "nearest state: %s\n", f.State)
	}
	if f.More > 0 {
		fmt.Fprintf(&b, "%s not shown\n", plural.Of(f.More, "difference in another state is", "differences in other states are"))
	}
	if f.WithLine != 0 {
		fmt.Fprintf(&b, "line %d: the operation above fits as long as the answer of this one is not counted\n    %s\n", f.WithLine, shown(f.WithText, &f.With))
	}
	if f.Hazard != "" {
		fmt.Fprintf(&b, "likely hazard: %s\n", f.Hazard)
	}
	least, stopped := "", ""
	if f.AtLeast {
		least, stopped = "at least ", "; the search for the first that does not was stopped"
	}
	fmt.Fprintf(&b, "prefix: %s%s when every later return is taken as null%s\n", least,
		plural.Of(f.Prefix, "operation, in order of return, fits", "operations, in order of return, fit"), stopped)
	return b.String()
}

// quote takes the lines that the failure names from the history.
func (f *Failure) quote(in io.Reader) {
	r := bufio.NewReader(in)
	for line := 1; line <= max(f.Line, f.WithLine); line++ {
		text, _ := r.ReadString('\n') // the last line may lack its newline; what was not read is ""
		switch text = strings.TrimSpace(text); line {
		case f.Line:
			f.Text = text
		case f.WithLine:
			f.WithText = text
		}
	}
}

// shown returns the operation's line as it was read, or as we write it, cut if it is too long.
func shown(line string, op *wire.Line) string {
	const most = 1000
	if line == "" {
		line = op.String()
	}
	if len(line) <= most {
		return line
	}
	return strings.ToValidUTF8(line[:most], "") + "…"
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
	f := c.describe(w, dead, good, !exact)
	if next := w.returns[good]; f.Hazard == "" && exact && putBeside(next, w.calls) {
		n, err := start.clone().run(w.holdingNothing(next), good+1)
		if err == nil && n > good {
			f.Hazard = hazardH12
		}
	}
	if f.WithLine == 0 && exact {
		if p := partner(w, start, good); p != nil {
			f.With, f.WithLine = p.Line, p.Number
		}
	}
	return f
}

// describe collects what a reader needs to see at the end of the search dead.
func (c *Checker) describe(w *window, dead *search, good int, atLeast bool) *Failure {
	i := dead.where[dead.stuck.owner]
	f := c.at(dead, i)
	for tried := map[int]bool{i: true}; len(f.Differences) == 0; tried[i] = true {
		q := dead.before(i, tried)
		if q < 0 {
			break
		}
		i, f = q, c.at(dead, q)
	}
	f.Prefix, f.AtLeast = c.passed+good, atLeast
	next := w.returns[good]
	if len(f.Differences) == 0 {
		f.Differences = []string{"it fits by itself, but in no order with the operations that overlap it"}
	}
	if next.Number != f.Line && !atLeast {
		f.With, f.WithLine = next.Line, next.Number
	}
	return f
}

// before returns a slot whose answer fits nowhere once that of slot i has been
// given, though the latter fits; -1 if there is none.
func (s *search) before(i int, tried map[int]bool) int {
	c := s.stuckWays(i)[0]
	for q := range s.slots {
		if !tried[q] && s.next(c, q) != nil && s.anyFirst(c, q, s.step(c, i)) {
			return q
		}
	}
	return -1
}

// at says why the operation of the slot fits in none of the configurations.
func (c *Checker) at(dead *search, i int) *Failure {
	f, seen := &Failure{}, map[string]bool{}
	for _, way := range dead.stuckWays(i) {
		m, s := dead.firstWrong(way, i)
		differences := c.names.wrong(m, s)
		if key := strings.Join(differences, "\n"); seen[key] {
			continue
		} else if seen[key] = true; len(seen) > 1 {
			f.More++
			continue
		}
		f.Op, f.Line = m.call.Line, m.call.Number
		f.Differences, f.State, f.Hazard = differences, c.names.near(m, s), hazard(m, s, dead.coming.calls)
	}
	return f
}

// firstWrong returns the first moment of the slot's next step that does not fit, or its last one, and
// the nearest state before it.
func (s *search) firstWrong(c *config, i int) (*moment, model.State) {
	step := s.step(c, i)
	for ; len(step) > 1; step = step[1:] {
		next, ok := s.takeOne(c, i, &step[0], 0)
		if !ok {
			break
		}
		c = &next
	}
	return &step[0], nearest(c, &step[0])
}

// nearest returns the state of the configuration whose orders come closest to what the moment shows.
func nearest(c *config, m *moment) model.State {
	p, _ := c.order.see(m.sights(&c.state))
	return p.arrange(c.state)
}

// stuckWays returns the configurations in which the slot's operation came
// farthest without having ended, those in which most of its answer is right first. There
// is one: the search is stuck on the operation, or before found it waiting in one.
func (s *search) stuckWays(i int) []*config {
	var all []*config
	farthest := int32(0)
	for _, from := range [][]config{s.set.items, s.seen.items} {
		for j := range from {
			if s.next(&from[j], i) != nil {
				all = append(all, &from[j])
				farthest = max(farthest, from[j].done[i])
			}
		}
	}
	all = slices.DeleteFunc(all, func(c *config) bool { return c.done[i] < farthest })
	rank := func(c *config) int {
		m := s.next(c, i)
		near := nearest(c, m)
		_, ans, ok := near.Step(m.action(&near, 0))
		switch {
		case !ok:
			return 1 << 20
		case ans.Err != m.want:
			return 1 << 19
		}
		return apart(m.call.calls, ans.Calls) + apart(m.call.nets, ans.Nets) + apart(m.call.list, ans.List)
	}
	slices.SortStableFunc(all, func(a, b *config) int { return rank(a) - rank(b) })
	return all
}

// apart returns how much two lists differ: what is between their common
// beginning and their common end.
func apart[E comparable](a, b []E) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) + len(b)
}

// wrongNets says why a run of the worker over none or several nets fits nowhere.
func wrongNets(c *call, d model.Discipline) string {
	if len(c.nets) == 0 && d == model.RWSem {
		return "nets: a run of the worker takes at least one net, this one names none; name the nets, or leave out a run that found none"
	}
	if len(c.nets) == 0 {
		return "nets: a run of the worker takes exactly one net, this one names none; name the net, or leave out a run that found none"
	}
	return fmt.Sprintf("nets: a run of the worker takes exactly one net, this one took %d; write one cleanup for each net, or judge it by the discipline rwsem", len(c.nets))
}

// wrong says what about the moment's answer the model contradicts in s.
func (n *names) wrong(m *moment, s model.State) []string {
	c := m.call
	_, ans, ok := s.Step(m.action(&s, 0))
	if !ok {
		return []string{fmt.Sprintf("%s is not possible: %s", m.act.Kind, n.netState(&s, m.act.Net))}
	}
	var out []string
	differ := func(field, got, want string) {
		if got != want {
			out = append(out, fmt.Sprintf("%s: answered %s, the model answers %s", field, got, want))
		}
	}
	calls := func(got []model.Callback) {
		if !c.Unknown {
			x, y := clip(got, ans.Calls)
			differ("calls", n.callsText(x), n.callsText(y))
		}
	}
	nets := func(field string, got, want []model.NetID) {
		x, y := clip(got, want)
		differ(field, listText(each(x, n.netName), quoted), listText(each(y, n.netName), quoted))
	}
	switch m.act.Kind {
	case model.Free:
		nets("freed", c.freed, some(ans.Freed))
	case model.List, model.Snapshot:
		calls(c.calls)
		if m.act.Kind == model.Snapshot {
			x, y := clip(c.list, ans.List)
			differ("pernet_list", listText(each(x, n.opName), quoted), listText(each(y, n.opName), quoted))
			differ("first_device", cmp.Or(quoted(n.opName(c.first)), "null"), cmp.Or(quoted(n.opName(ans.First)), "null"))
		}
		nets("nets", c.nets, ans.Nets)
	case model.CopyGet: // as the whole call, for what the model refuses here it refuses without callbacks
		differ("err", errText(c.Err, c), errText(ans.Err, c))
		calls(c.calls)
	default:
		if m.want == model.EINTR && ans.Err == 0 && len(c.calls) > 0 {
			out = append(out, `err: answered "EINTR" with callbacks: a cancelled call runs none, and no init that this call runs can have returned EINTR`)
		} else {
			differ("err", errText(m.want, c), errText(ans.Err, c))
		}
		calls(c.calls)
	}
	return out
}

func some(n model.NetID) []model.NetID {
	if n == model.NoNet {
		return nil
	}
	return []model.NetID{n}
}
