// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"errors"
	"strings"
	"testing"

	"example.com/pernet/impl"
)

// newHandProgram is a side on the hand-written registry.
func newHandProgram(t *testing.T) *side {
	r := New()
	t.Cleanup(r.Close)
	ops, nets := map[string]*Ops{}, map[string]*Net{"init_net": r.InitNet()}
	s := &side{fail: map[string]string{}}
	s.make = func(s *side, name string, with callbacks) {
		o := &Ops{Name: name}
		if with.init {
			o.Init = func(ctx context.Context, n *Net) error { return s.callback(ctx, "init", name, n.Name()) }
		}
		if with.exit {
			o.Exit = func(ctx context.Context, n *Net) { _ = s.callback(ctx, "exit", name, n.Name()) }
		}
		ops[name] = o
	}
	copyNet := func(ctx context.Context, from *Net, name string) error {
		n, err := r.Copy(ctx, from, name)
		if err == nil {
			nets[name] = n
		}
		return err
	}
	s.call = map[string]func(context.Context, string) error{
		"subsys":        func(ctx context.Context, name string) error { return r.RegisterSubsys(ctx, ops[name]) },
		"device":        func(ctx context.Context, name string) error { return r.RegisterDevice(ctx, ops[name]) },
		"unsubsys":      func(ctx context.Context, name string) error { return r.UnregisterSubsys(ctx, ops[name]) },
		"undevice":      func(ctx context.Context, name string) error { return r.UnregisterDevice(ctx, ops[name]) },
		"copy":          func(ctx context.Context, name string) error { return copyNet(ctx, r.InitNet(), name) },
		"copy-from-nil": func(ctx context.Context, name string) error { return copyNet(ctx, nil, name) },
		"copy-from": func(ctx context.Context, names string) error {
			from, name, _ := strings.Cut(names, " ")
			return copyNet(ctx, nets[from], name)
		},
		"get":     func(_ context.Context, name string) error { return nets[name].Get() },
		"put":     func(_ context.Context, name string) error { return nets[name].Put() },
		"hold":    func(_ context.Context, name string) error { return nets[name].Hold() },
		"release": func(_ context.Context, name string) error { return nets[name].Release() },
		"wait":    func(ctx context.Context, name string) error { return nets[name].Wait(ctx) },
		"close":   func(context.Context, string) error { r.Close(); return nil },
	}
	s.call["free"] = func(ctx context.Context, name string) error {
		return errors.Join(s.call["put"](ctx, name), s.call["wait"](ctx, name))
	}
	s.call["unsubsys+wait"] = func(ctx context.Context, names string) error {
		name, net, _ := strings.Cut(names, " ")
		return errors.Join(s.call["unsubsys"](ctx, name), s.call["wait"](ctx, net))
	}
	s.nets = func() (names []string) {
		for n := range r.Nets() {
			names = append(names, n.Name())
		}
		return names
	}
	return s
}

// newImplProgram is a side on the registry of package impl.
func newImplProgram(t *testing.T) *side {
	r, err := impl.New(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ops, nets := map[string]*impl.Ops{}, map[string]*impl.Net{"init_net": r.InitNet()}
	s := &side{fail: map[string]string{}}
	s.make = func(s *side, name string, with callbacks) {
		o := &impl.Ops{Name: name}
		if with.init {
			o.Init = func(ctx context.Context, n *impl.Net) error { return s.callback(ctx, "init", name, n.Name()) }
		}
		if with.exit {
			o.Exit = func(ctx context.Context, n *impl.Net) { _ = s.callback(ctx, "exit", name, n.Name()) }
		}
		ops[name] = o
	}
	copyNet := func(ctx context.Context, from *impl.Net, name string) error {
		n, err := r.Copy(ctx, from, name)
		if err == nil {
			nets[name] = n
		}
		return err
	}
	s.call = map[string]func(context.Context, string) error{
		"subsys":        func(ctx context.Context, name string) error { return r.RegisterSubsys(ctx, ops[name]) },
		"device":        func(ctx context.Context, name string) error { return r.RegisterDevice(ctx, ops[name]) },
		"unsubsys":      func(ctx context.Context, name string) error { return r.UnregisterSubsys(ctx, ops[name]) },
		"undevice":      func(ctx context.Context, name string) error { return r.UnregisterDevice(ctx, ops[name]) },
		"copy":          func(ctx context.Context, name string) error { return copyNet(ctx, r.InitNet(), name) },
		"copy-from-nil": func(ctx context.Context, name string) error { return copyNet(ctx, nil, name) },
		"copy-from": func(ctx context.Context, names string) error {
			from, name, _ := strings.Cut(names, " ")
			return copyNet(ctx, nets[from], name)
		},
		"get":     func(_ context.Context, name string) error { return nets[name].Get() },
		"put":     func(_ context.Context, name string) error { return nets[name].Put() },
		"hold":    func(_ context.Context, name string) error { return nets[name].Hold() },
		"release": func(_ context.Context, name string) error { return nets[name].Release() },
		"wait":    func(ctx context.Context, name string) error { return nets[name].Wait(ctx) },
		"close": func(ctx context.Context, _ string) error {
			if err := r.Close(ctx); err != nil && !strings.Contains(err.Error(), "referenced") {
				return err
			}
			return nil // the hand-written registry does not say what leaked
		},
	}
	s.call["free"] = func(ctx context.Context, name string) error {
		return errors.Join(s.call["put"](ctx, name), s.call["wait"](ctx, name))
	}
	s.call["unsubsys+wait"] = func(ctx context.Context, names string) error {
		name, net, _ := strings.Cut(names, " ")
		return errors.Join(s.call["unsubsys"](ctx, name), s.call["wait"](ctx, net))
	}
	s.nets = func() (names []string) {
		for n := range r.Nets() {
			names = append(names, n.Name())
		}
		return names
	}
	return s
}
