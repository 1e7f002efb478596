// SPDX-License-Identifier: MIT

package lin

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pernet/internal/race"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// answerOf names what o was asked and what it answered, as far as the table of calls tells them apart.
func answerOf(o *wire.Line) string {
	ran, share := "", ""
	if slices.ContainsFunc(o.Calls, func(cb wire.Callback) bool { return !cb.Exit }) && o.Err != 0 {
		ran = " of an init"
	}
	if o.Share {
		share = " without a new net"
	}
	if o.Err > 0 || ran != "" {
		return o.Op + " fails" + ran
	}
	return fmt.Sprintf("%s%s %q", o.Op, share, o.Err)
}

// allAnswers returns every answer of every call, from the table of calls.
func allAnswers() map[string]int {
	out := map[string]int{}
	for _, c := range model.Calls {
		for _, e := range append([]model.Err{0}, c.Errs...) {
			out[answerOf(&wire.Line{Op: c.Op, Err: e})] = 0
		}
		if c.Inits {
			out[c.Op+" fails of an init"] = 0
		}
	}
	for _, e := range []model.Err{0, model.ENOENT} {
		out[answerOf(&wire.Line{Op: wire.Copy, Share: true, Err: e})] = 0
	}
	return out
}

// others returns op with every other answer and with every other value of each of its
// fields: names from those that the history uses, and one that it does not.
func others(op wire.Line, ops, nets []string) map[string][]wire.Line {
	out := map[string][]wire.Line{}
	change := func(field string, f func(o *wire.Line)) {
		o := op
		o.Calls, o.Nets, o.Freed, o.PernetList = slices.Clone(op.Calls), slices.Clone(op.Nets), slices.Clone(op.Freed), slices.Clone(op.PernetList)
		f(&o)
		out[field] = append(out[field], o)
	}
	lists := func(field string, names []string, list func(o *wire.Line) *[]string) {
		for i := range *list(&op) {
			change(field, func(o *wire.Line) { l := list(o); *l = slices.Delete(*l, i, i+1) })
			for _, n := range names {
				change(field, func(o *wire.Line) { (*list(o))[i] = n })
			}
			if i > 0 {
				change(field, func(o *wire.Line) { l := *list(o); l[i-1], l[i] = l[i], l[i-1] })
			}
		}
		for _, n := range names {
			change(field, func(o *wire.Line) { l := list(o); *l = append(*l, n) })
		}
	}
	call := model.CallOf(op.Op)
	for _, field := range slices.Concat(call.Asks, call.Tells) {
		switch field {
		case "ops":
			for _, n := range ops {
				change(field, func(o *wire.Line) { o.Ops = n })
			}
		case "init":
			change(field, func(o *wire.Line) { o.NoInit = !o.NoInit })
		case "exit":
			change(field, func(o *wire.Line) { o.NoExit = !o.NoExit })
		case "newnet":
			change(field, func(o *wire.Line) { o.Share, o.Net = true, "" })
			change(field, func(o *wire.Line) { o.Share, o.Net = false, "unused" })
		case "net":
			for _, n := range nets {
				change(field, func(o *wire.Line) { o.Net = n })
			}
		case "from":
			for _, n := range nets {
				change(field, func(o *wire.Line) { o.From = n })
			}
		case "nets":
			lists(field, nets, func(o *wire.Line) *[]string { return &o.Nets })
		case "freed":
			lists(field, nets, func(o *wire.Line) *[]string { return &o.Freed })
		case "pernet_list":
			lists(field, ops, func(o *wire.Line) *[]string { return &o.PernetList })
		case "first_device":
			for _, n := range append(ops, "") {
				change(field, func(o *wire.Line) { o.FirstDevice = n })
			}
		}
	}
	for _, e := range []model.Err{0, model.EPERM, model.ENOENT, model.EINTR, model.EIO, model.EAGAIN, model.ENOMEM, model.EBUSY, model.EEXIST,
		model.EINVAL, model.ENOSPC, model.ENOTSUP, wire.OtherErr, 1, 2} {
		change("err", func(o *wire.Line) {
			if o.Err = e; e == wire.OtherErr {
				o.Errno = "EOTHER"
			}
		})
	}
	for i := range op.Calls {
		change("one callback less", func(o *wire.Line) { o.Calls = slices.Delete(o.Calls, i, i+1) })
		change("another callback", func(o *wire.Line) { o.Calls[i].Exit = !o.Calls[i].Exit })
		change("another callback", func(o *wire.Line) { o.Calls[i].Ops = "unused" })
		change("another callback", func(o *wire.Line) { o.Calls[i].Net = "unused" })
		if i > 0 {
			change("two callbacks swapped", func(o *wire.Line) { o.Calls[i-1], o.Calls[i] = o.Calls[i], o.Calls[i-1] })
		}
	}
	for i := range len(op.Calls) + 1 {
		for _, exit := range []bool{false, true} {
			for _, o := range ops {
				for _, n := range nets {
					change("one callback more", func(l *wire.Line) { l.Calls = slices.Insert(l.Calls, i, wire.Callback{Exit: exit, Ops: o, Net: n}) })
				}
			}
		}
	}
	return out
}

// written returns ops as they are read back from a file; false if the format refuses them.
func written(ops []wire.Line) (out []wire.Line, ok bool) {
	for r := NewReader(strings.NewReader(text(ops)), "f"); ; {
		switch o, err := r.Next(); err {
		case nil:
			out = append(out, o)
		case io.EOF:
			return out, true
		default:
			return nil, false
		}
	}
}

// TestEveryOtherAnswerIsRefused takes, for each call and each of its answers, right histories
// and changes that answer or another field of that call: the history is refused then,
// unless the plain enumeration allows it.
func TestEveryOtherAnswerIsRefused(t *testing.T) {
	if race.Enabled {
		t.Skip("one goroutine: nothing can race")
	}
	const enough = 150 // refused histories of each answer, and of each change
	answers, changes := allAnswers(), map[string]int{"one callback more": 0, "one callback less": 0, "another callback": 0, "two callbacks swapped": 0, "err": 0}
	for _, c := range model.Calls {
		for _, field := range slices.Concat(c.Asks, c.Tells) {
			changes[field] = 0
		}
	}
	fewest := func(m map[string]int) int { return slices.Min(slices.Collect(maps.Values(m))) }
	refused, allowed := 0, 0
	for seed := uint64(0); fewest(answers) < enough || fewest(changes) < enough; seed++ {
		if seed == 5000 {
			t.Fatalf("too few histories were refused: %v, %v", answers, changes)
		}
		ops := simulate(model.Mutex, seed, 1+int(seed%2), 3+int(seed%7), false)
		for i := range ops {
			answer := answerOf(&ops[i])
			if _, ok := answers[answer]; !ok {
				t.Fatalf("the table of calls has no %s\n%s", answer, text(ops))
			}
			for change, list := range others(ops[i], []string{"a", "b", "unused"}, []string{wire.InitNet, "n1", "n2", "unused"}) {
				if answers[answer] >= enough && changes[change] >= enough {
					continue
				}
				for _, o := range list {
					other := slices.Clone(ops)
					other[i] = o
					other, ok := written(other)
					if !ok {
						continue
					}
					got, err := Check(t.Context(), model.Mutex, other)
					if err != nil {
						continue // the copies of a name overlap
					}
					want := plainVerdict(model.Mutex, other)
					if second := Porcupine(model.Mutex, other, time.Second); got.Verdict != want || second != want && second != Undecided {
						t.Fatalf("%s, %s: judged %s, by porcupine %s, by plain enumeration %s\n%s", answer, change, got.Verdict, second, want, text(other))
					}
					if want == Not {
						answers[answer]++
						changes[change]++
						refused++
					} else {
						allowed++
					}
				}
			}
		}
	}
	t.Logf("%d refused, %d allowed; %v; %v", refused, allowed, answers, changes)
}
