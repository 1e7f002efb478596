// SPDX-License-Identifier: MIT

package page

import (
	"strings"

	"example.com/pernet/internal/explore/mutex"
)

// places returns for each thread its next step in C, spec and code, the locks that it
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
		for _, l := range s.Locks {
			if l.Owner == t.Name {
				p.Holds = append(p.Holds, l.Name)
			}
		}
		p.WaitsFor = waitsFor(s, t, t.Name == worker)
		out = append(out, p)
	}
	return out
}

// waitsFor returns what blocks a thread: locks and deferred callbacks. The state does not
// show which lock an idle client will take next, but the worker's next step is known.
func waitsFor(s State, t ThreadView, isWorker bool) (out []string) {
	at := t.At
	switch {
	case at == idle && isWorker && len(s.Queue) > 0:
		at = "CleanupNetLock"
	case at == idle:
		return nil
	}
	for i, l := range s.Locks {
		if mutex.Takes(at, i) && l.Owner != "" {
			out = append(out, l.Name+", which "+l.Owner+" holds")
		}
	}
	if strings.HasSuffix(t.At, "BarrierEnd") {
		for _, p := range t.Waits {
			out = append(out, "the "+deferredActor(p))
		}
	}
	return out
}

func locals(t ThreadView) (out []Var) {
	for _, v := range []Var{{"kind", t.Kind}, {"ops", t.Ops}, {"net", t.Net}, {"other", t.Other}, {"err", t.Err}} {
		if v.Value != "" && v.Value != "none" {
			out = append(out, v)
		}
	}
	return out
}
