// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestNilAndZeroValuesAreRefused: what New or a registry did not make returns ErrInvalid
// from each method, and says so.
func TestNilAndZeroValuesAreRefused(t *testing.T) {
	var tp tape
	o := tp.ops("o")
	ok := made(t, bg)
	for name, r := range map[string]*Registry{"nil": nil, "zero": {}} {
		if r.InitNet() != nil || r.Running() != nil {
			t.Errorf("a %s registry has a first net, or callbacks that run", name)
		}
		for n := range r.Nets() {
			t.Error(n)
		}
		_, share := r.Share(ok.InitNet())
		_, lookup := r.Lookup("n")
		errs := calls(bg, r, o)
		delete(errs, "Wait")
		errs["Share"], errs["Lookup"] = share, lookup
		for call, err := range errs {
			if !errors.Is(err, ErrInvalid) || !strings.HasPrefix(err.Error(), "pernet: "+call) ||
				!strings.HasSuffix(err.Error(), "the registry is nil or was not made by New") {
				t.Errorf("%s of a %s registry: %v", call, name, err)
			}
		}
	}
	for name, n := range map[string]*Net{"nil": nil, "zero": {}} {
		if n.Name() != "" || n.String() != "" {
			t.Errorf("a %s net has a name", name)
		}
		for call, err := range map[string]error{
			"Get": n.Get(), "Put": n.Put(), "Hold": n.Hold(), "Release": n.Release(),
			"Wait": n.Wait(bg), "Defer": n.Defer(func() {}),
		} {
			if !errors.Is(err, ErrInvalid) || !strings.HasSuffix(err.Error(), "the net is nil or was not made by a registry") {
				t.Errorf("%s of a %s net: %v", call, name, err)
			}
		}
		if _, err := ok.Share(n); !errors.Is(err, ErrInvalid) {
			t.Errorf("Share of a %s net: %v", name, err)
		}
		if _, err := ok.Copy(bg, n, "n"); !errors.Is(err, ErrInvalid) {
			t.Errorf("Copy from a %s net: %v", name, err)
		}
	}
	for name, s := range map[string]*Slot[int]{"nil": nil, "zero": {}} {
		if s.Get(ok.InitNet()) != 0 || s.Use(ok.InitNet(), func(int) { t.Error("called") }) {
			t.Errorf("a %s slot has a value", name)
		}
		if err := ok.RegisterSubsys(bg, s.Ops()); !errors.Is(err, ErrInvalid) {
			t.Errorf("RegisterSubsys of a %s slot: %v", name, err)
		}
	}
	tp.want(t, "")
	for _, err := range []error{&Error{}, &InitError{}, &PanicError{}, &LeakError{}} {
		if err.Error() == "" {
			t.Errorf("%T has no message", err)
		}
	}
	if s := (Callback{}).String(); !strings.HasPrefix(s, " callback on net \"\"") {
		t.Error(s)
	}
}

// TestErrorsNameTheirOperands: each message says which operand was wrong; the error holds them.
func TestErrorsNameTheirOperands(t *testing.T) {
	var tp tape
	var noCtx context.Context
	s, d, unknown := tp.ops("s"), tp.ops("d"), tp.ops("unknown")
	r, hooks := stepped(t, WithSubsys(s), WithDevice(d))
	other, single := made(t, bg), made(t, bg, WithoutNetNS())
	n := copied(t, r, "n")
	dead, freed := copied(t, r, "dead"), copied(t, r, "freed")
	must(t, freed.Put())
	hooks.Work(1)
	must(t, dead.Put())
	second := func(_ any, err error) error { return err }
	newWith := func(opts ...Option) error { return second(New(bg, opts...)) }
	for _, e := range []struct {
		err  error
		want string
		is   error
		ops  *Ops
		net  *Net
	}{
		{r.RegisterSubsys(noCtx, s), `RegisterSubsys of "s": invalid argument: the context is nil`, ErrInvalid, s, nil},
		{r.RegisterSubsys(bg, nil), `RegisterSubsys: invalid argument: the ops are nil`, ErrInvalid, nil, nil},
		{r.RegisterDevice(bg, s), `RegisterDevice of "s": exists already: the ops are registered as a subsystem`, ErrExist, s, nil},
		{r.RegisterSubsys(bg, d), `RegisterSubsys of "d": exists already: the ops are registered as a device`, ErrExist, d, nil},
		{r.UnregisterDevice(bg, s), `UnregisterDevice of "s": invalid argument: the ops are registered as a subsystem`, ErrInvalid, s, nil},
		{r.UnregisterSubsys(bg, unknown), `UnregisterSubsys of "unknown": not found: the ops are not registered`, ErrNotFound, unknown, nil},
		{r.UnregisterSubsys(bg, nil), `UnregisterSubsys: invalid argument: the ops are nil`, ErrInvalid, nil, nil},
		{second(r.Copy(bg, nil, "m")), `Copy of net "m": invalid argument: the net to copy is nil`, ErrInvalid, nil, nil},
		{second(r.Copy(bg, other.InitNet(), "m")), `Copy of net "m" from net "init_net": invalid argument: the net to copy is not of this registry`, ErrInvalid, nil, other.InitNet()},
		{second(r.Copy(bg, dead, "m")), `Copy of net "m" from net "dead": not found: the count of the net is zero`, ErrNotFound, nil, dead},
		{second(r.Copy(bg, n, "n")), `Copy of net "n" from net "n": exists already: a net has this name`, ErrExist, nil, n},
		{second(single.Copy(bg, single.InitNet(), "m")), `Copy of net "m" from net "init_net": invalid argument: the registry has no namespaces`, ErrInvalid, nil, single.InitNet()},
		{second(r.Share(nil)), `Share: invalid argument: the net to copy is nil`, ErrInvalid, nil, nil},
		{second(r.Share(dead)), `Share on net "dead": not found: the count of the net is zero`, ErrNotFound, nil, dead},
		{second(r.Lookup("")), `Lookup: invalid argument: the name is empty`, ErrInvalid, nil, nil},
		{second(r.Lookup("m")), `Lookup of net "m": not found: no net has this name`, ErrNotFound, nil, nil},
		{second(r.Lookup("dead")), `Lookup of net "dead": not found: the count of the net is zero`, ErrNotFound, nil, nil},
		{dead.Get(), `Get on net "dead": not found: the count of the net is zero`, ErrNotFound, nil, dead},
		{dead.Put(), `Put on net "dead": invalid argument: the count of the net is zero`, ErrInvalid, nil, dead},
		{freed.Put(), `Put on net "freed": not found: the net is freed`, ErrNotFound, nil, freed},
		{r.InitNet().Put(), `Put on net "init_net": invalid argument: the last reference of the first net cannot be put`, ErrInvalid, nil, r.InitNet()},
		{freed.Hold(), `Hold on net "freed": not found: the net is freed`, ErrNotFound, nil, freed},
		{freed.Release(), `Release on net "freed": not found: the net is freed`, ErrNotFound, nil, freed},
		{n.Release(), `Release on net "n": invalid argument: the use count of the net is zero`, ErrInvalid, nil, n},
		{n.Defer(nil), `Defer on net "n": invalid argument: the function is nil`, ErrInvalid, nil, n},
		{freed.Defer(func() {}), `Defer on net "freed": not found: the net is freed`, ErrNotFound, nil, freed},
		{n.Wait(noCtx), `Wait on net "n": invalid argument: the context is nil`, ErrInvalid, nil, n},
		{n.Wait(ended), `Wait on net "n": interrupted: context canceled: the net has 1 reference`, ErrInterrupted, nil, n},
		{dead.Wait(ended), `Wait on net "dead": interrupted: context canceled: waiting for other calls`, ErrInterrupted, nil, dead},
		{newWith(nil), `New: invalid argument: option 1 is nil`, ErrInvalid, nil, nil},
		{newWith(WithSubsys(s), WithDevice(nil)), `New: invalid argument: ops 2 of the options are nil`, ErrInvalid, nil, nil},
		{newWith(WithSubsys(s), WithDevice(s)), `New: exists already: ops "s" are given twice`, ErrExist, nil, nil},
		{second(New(noCtx)), `New: invalid argument: the context is nil`, ErrInvalid, nil, nil},
		{r.Barrier(noCtx), `Barrier: invalid argument: the context is nil`, ErrInvalid, nil, nil},
		{r.Close(noCtx), `Close: invalid argument: the context is nil`, ErrInvalid, nil, nil},
	} {
		failed, alone := e.err.(*Error) // not joined with others, as there are none
		if !alone || e.err.Error() != "pernet: "+e.want {
			t.Errorf("got  %v\nwant pernet: %s", e.err, e.want)
			continue
		}
		if !errors.Is(e.err, e.is) || failed.Ops != e.ops || failed.Net != e.net || !strings.HasPrefix(e.want, failed.Op) {
			t.Errorf("%v: got %+v", e.err, failed)
		}
	}
	must(t, n.Get())
	says(t, n.Wait(ended), "the net has 2 references")
	must(t, n.Put())
}
