// SPDX-License-Identifier: MIT

package lin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"time"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// bars returns what the bars of a picture say, and how many of them its longest
// partial linearization brings into an order.
func bars(t *testing.T, c *Checker, ctx context.Context) (texts []string, longest int) {
	t.Helper()
	var page bytes.Buffer
	if err := c.Picture(ctx, &page, time.Minute); err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(page.String(), "const data = ")
	if !ok {
		t.Fatal("the page holds no data")
	}
	var data struct {
		Partitions []struct {
			History               []struct{ Description string }
			PartialLinearizations [][]struct{ Index int }
		}
	}
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&data); err != nil {
		t.Fatal(err)
	}
	for _, p := range data.Partitions {
		for _, h := range p.History {
			texts = append(texts, h.Description)
		}
		for _, l := range p.PartialLinearizations {
			longest = max(longest, len(l))
		}
	}
	return texts, longest
}

// judged gives the windows to a new checker.
func judged(t *testing.T, want Verdict, windows ...[]wire.Line) *Checker {
	t.Helper()
	c := NewChecker(t.Context(), model.Mutex, "f", 0)
	for _, w := range windows {
		if err := c.Window(w); err != nil {
			t.Fatal(err)
		}
	}
	if r := c.Result(); r.Verdict != want {
		t.Fatalf("judged %s, not %s: %v", r.Verdict, want, r.Failure)
	}
	return c
}

func TestPictureOfNothing(t *testing.T) {
	if texts, _ := bars(t, NewChecker(t.Context(), model.Mutex, "f", 0), t.Context()); len(texts) != 0 {
		t.Errorf("%q", texts)
	}
}

// TestPictureBeginsWithWhatIsPending shows the second window, in which the
// first's call that never returned is under way: in one history its net was
// listed in the first window, so that only the end of the copy is left to take.
func TestPictureBeginsWithWhatIsPending(t *testing.T) {
	never := wire.Line{Client: 0, Call: 0, Never: true, Op: wire.Copy, Net: "n1", From: wire.InitNet}
	list := func(at int64, nets ...string) wire.Line {
		return wire.Line{Client: 1, Call: at, Return: at, Op: wire.List, Nets: append([]string{wire.InitNet}, nets...)}
	}
	for name, c := range map[string]struct{ first, second wire.Line }{
		"taken":     {list(10, "n1"), list(20)},
		"not taken": {list(10), list(20, "n2")},
	} {
		t.Run(name, func(t *testing.T) {
			texts, longest := bars(t, judged(t, Not, []wire.Line{never, c.first}, []wire.Line{c.second}), t.Context())
			all := strings.Join(texts, "\n")
			for _, want := range []string{`"net":"n1"`, fmt.Sprintf(`"nets":%s`, listText(c.second.Nets, quoted))} {
				if !strings.Contains(all, want) {
					t.Errorf("no bar says %s:\n%s", want, all)
				}
			}
			if strings.Contains(all, fmt.Sprintf(`"nets":%s`, listText(c.first.Nets, quoted))) {
				t.Errorf("a bar of the first window is shown:\n%s", all)
			}
			if len(texts) != 4 || longest != 3 {
				t.Errorf("%d bars, %d in an order that fits; want the three of the copy and the list, which does not fit\n%s", len(texts), longest, all)
			}
		})
	}
}

// TestPictureShowsAPendingRoundOnce: a round of two nets that is under way when a picture begins is
// drawn as the operation that it is, not as one for each net.
func TestPictureShowsAPendingRoundOnce(t *testing.T) {
	copied := func(at int64, net string) wire.Line {
		return wire.Line{Client: 1, Call: at, Return: at + 1, Op: wire.Copy, Net: net, From: wire.InitNet}
	}
	put := func(at int64, net string) wire.Line {
		return wire.Line{Client: 1, Call: at, Return: at + 1, Op: wire.Put, Net: net}
	}
	round := wire.Line{Client: wire.Worker, Call: 10, Never: true, Op: wire.Cleanup, Nets: []string{"n2", "n1"}}
	wrong := wire.Line{Client: 1, Call: 20, Return: 21, Op: wire.List, Nets: []string{wire.InitNet, "n1"}}
	c := NewChecker(t.Context(), model.RWSem, "f", 0)
	for _, w := range [][]wire.Line{{copied(0, "n1"), copied(2, "n2"), put(4, "n1"), put(6, "n2"), round}, {wrong}} {
		if err := c.Window(w); err != nil {
			t.Fatal(err)
		}
	}
	if r := c.Result(); r.Verdict != Not {
		t.Fatalf("judged %s", r.Verdict)
	}
	texts, longest := bars(t, c, t.Context())
	all := strings.Join(texts, "\n")
	if n := strings.Count(all, `"nets":["n2","n1"]`); n != 3 || len(texts) != 4 || longest != 3 {
		t.Errorf("%d bars, %d of the round, %d in an order that fits; want its cleanup, its two frees and the list, which does not fit\n%s", len(texts), n, longest, all)
	}
}

// TestPictureAfterWhatWasTaken: what was taken before the picture begins does
// not count against the calls that are still under way then.
func TestPictureAfterWhatWasTaken(t *testing.T) {
	ops := []wire.Line{
		{Client: 0, Call: 0, Return: 5000, Op: wire.Copy, Net: "n1", From: wire.InitNet},
		{Client: 1, Call: 1, Return: 1, Op: wire.List, Nets: []string{wire.InitNet, "n1"}},
	}
	for i := range int64(2 * pictureBefore) {
		ops = append(ops, wire.Line{Client: 1, Call: 2 + i, Return: 2 + i, Op: wire.Hold, Net: "n1"})
	}
	wrong := wire.Line{Client: 1, Call: 4000, Return: 4000, Op: wire.List, Nets: []string{wire.InitNet}}
	c := judged(t, Not, append(ops, wrong))
	texts, longest := bars(t, c, t.Context())
	if want := pictureBefore + 3; len(texts) != want+1 || longest != want {
		t.Errorf("%d bars, of which %d fit; want one more than %d", len(texts), longest, want)
	}

	// With no time to find out what was taken, the picture begins with the window.
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	texts, _ = bars(t, c, gone)
	if want := len(ops) + 2 + 1; len(texts) != want {
		t.Errorf("%d bars, want %d", len(texts), want)
	}
}

// TestPictureOfTheFirstWindow draws the first window of a long history, and
// knows all its names: that of an ops, a first device, nets that came and went.
func TestPictureOfTheFirstWindow(t *testing.T) {
	first := append([]wire.Line{
		{Client: 3, Call: -30, Return: -29, Op: wire.RegisterDevice, Ops: "dev", Calls: []wire.Callback{{Ops: "dev", Net: wire.InitNet}}},
		{Client: 3, Call: -28, Return: -27, Op: wire.State, Nets: []string{wire.InitNet}, PernetList: []string{"dev"}, FirstDevice: "dev"},
		{Client: 3, Call: -26, Return: -25, Op: wire.UnregisterDevice, Ops: "dev", Calls: []wire.Callback{{Exit: true, Ops: "dev", Net: wire.InitNet}}},
	}, long(6000)...)
	c := judge(t, strings.NewReader(text(first)))
	if r := c.Result(); r.Verdict != Linearizable || r.Operations != len(first) {
		t.Fatalf("%+v", r)
	}
	texts, longest := bars(t, c, t.Context())
	all := strings.Join(texts, "\n")
	for _, want := range []string{
		`["init","dev","init_net"]`, `"pernet_list":["dev"],"first_device":"dev"`, `["exit","dev","init_net"]`,
		`"net":"n1.0"`, `"nets":["n1.0"]`, `"freed":["n3.0"]`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no bar says %s", want)
		}
	}
	if longest != len(texts) || strings.Contains(all, `""]`) {
		t.Errorf("%d of %d bars fit; %s", longest, len(texts), all[:min(len(all), 2000)])
	}
}

// TestPictureOfAFailureLongAgo knows the names that only wrong answers told.
func TestPictureOfAFailureLongAgo(t *testing.T) {
	wrong := []wire.Line{
		{Client: 3, Call: -9, Return: -1, Op: wire.Get, Net: "ghost"},
		{Client: 4, Call: -9, Return: -1, Op: wire.State, Nets: []string{"spook"}, PernetList: []string{"demon"}, FirstDevice: "imp"},
		{Client: 5, Call: -9, Return: -1, Op: wire.RegisterSubsys, Ops: "a", Calls: []wire.Callback{{Ops: "elf", Net: "fay"}}},
		{Client: 6, Call: -9, Return: -1, Op: wire.Copy, Net: "n", From: "wight"},
		{Client: wire.Worker, Call: -9, Return: -1, Op: wire.Cleanup, Nets: []string{"gnome"}, Freed: []string{"troll"}},
	}
	c := judge(t, strings.NewReader(text(append(wrong, long(6000)...))))
	if r := c.Result(); r.Verdict != Not {
		t.Fatalf("judged %s", r.Verdict)
	}
	texts, _ := bars(t, c, t.Context())
	all := strings.Join(texts, "\n")
	for _, name := range []string{"ghost", "spook", "demon", "imp", "elf", "fay", "gnome", "troll", "wight"} {
		if !strings.Contains(all, strconv.Quote(name)) {
			t.Errorf("no bar tells of %s", name)
		}
	}
}

// TestPictureBeginsInEveryOrder: what is open when a picture begins is drawn in each
// of its orders, or in fifty of them.
func TestPictureBeginsInEveryOrder(t *testing.T) {
	for n, want := range map[int]int{3: 6, 5: 50} {
		c := NewChecker(t.Context(), model.Mutex, "f", 0)
		if err := c.Window(overlapping(n, func(int) wire.Line { return wire.Line{Op: wire.RegisterDevice, NoInit: true} })); err != nil {
			t.Fatal(err)
		}
		s := c.search
		begin := s.beginnings(newPorcupine(c.names, nil, nil))
		seen := map[string]bool{}
		for _, b := range begin {
			state := b.(*pstate).state
			seen[c.names.state(&state)] = true
			if state.FirstDevice != state.List[0].Ops {
				t.Errorf("the first device is not first: %s", c.names.state(&state))
			}
		}
		if len(begin) != want || len(seen) != want {
			t.Errorf("%d orders, %d of them different, want %d", len(begin), len(seen), want)
		}
	}
}

// TestPictureShowsStates: a copy's net may be gone.
func TestPictureShowsStates(t *testing.T) {
	s := model.New(false)
	s.Copies = []model.Copying{{Call: 1}, {Call: 2, From: model.InitNet}}
	const want = "pernet_list [ ], nets [ init_net ], net init_net is listed, count 1, use 0, with 1 copy from it under way, a copy from a freed net is under way"
	if got := newNames().state(&s); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
