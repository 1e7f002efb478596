// SPDX-License-Identifier: MIT

package page

import (
	"strings"

	"example.com/pernet/internal/explore"
)

// The points before a step that needs a lock.
var (
	wantsNetMutex = map[string]bool{"CopyNetNsLock": true, "NetNsInitLock": true}
	wantsRtnl     = map[string]bool{"CopyNetNsRtnlLock": true, "CleanupNetRtnlLock": true, "NetNsInitRtnlLock": true}
)

// places returns for each thread its place in C, spec and code, what it
// holds, and what it waits for.
func places(s State, worker string) (out []Place) {
	for _, t := range s.Threads {
		p := Place{Name: t.Name, At: t.At, Locals: locals(t)}
		if t.At != idle {
			action, r := stepAt(t.At, t.Err)
			p.Spec = "`" + action + "`"
			if r != nil {
				p.Row, p.C, p.Code = r.id, r.c, r.code
			}
		}
		if s.NetMutex == t.Name {
			p.Holds = append(p.Holds, "net_mutex")
		}
		if s.Rtnl == t.Name {
			p.Holds = append(p.Holds, "rtnl")
		}
		p.WaitsFor = waitsFor(s, t, t.Name == worker)
		out = append(out, p)
	}
	return out
}

// waitsFor says what keeps a thread from its next step. A client at rest may be
// about to take a lock, but the state does not show it; the worker's next step is known.
func waitsFor(s State, t explore.ThreadView, isWorker bool) (out []string) {
	lock := func(name, owner string, wanted bool) {
		if wanted && owner != "" {
			out = append(out, name+", which "+owner+" holds")
		}
	}
	lock("net_mutex", s.NetMutex, wantsNetMutex[t.At] || isWorker && t.At == idle && len(s.Queue) > 0)
	lock("rtnl", s.Rtnl, wantsRtnl[t.At])
	if strings.HasSuffix(t.At, "BarrierEnd") {
		for _, p := range t.Waits {
			out = append(out, "the "+deferredActor(p))
		}
	}
	return out
}

func locals(t explore.ThreadView) (out []Var) {
	add := func(name, value string) {
		if value != "" && value != "none" {
			out = append(out, Var{name, value})
		}
	}
	add("kind", t.Kind)
	add("ops", t.Ops)
	add("net", t.Net)
	add("other", t.Other)
	add("err", t.Err)
	return out
}
