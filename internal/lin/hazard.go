// SPDX-License-Identifier: MIT

package lin

import (
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// The hazards that an answer may show, as docs/divergences.md (H) and docs/bugs.md (K, P) name them.
const (
	hazardH1  = "H1: only the last init's positive answer counts for a copy, and no exit runs after it; a register fails with any"
	hazardH2  = "H2: a net whose count is zero is listed until its cleanup; unlink and exits of the cleanup are one critical section"
	hazardH3  = "H3: first_device moves on before its ops is unlinked, and is set only by a register that succeeded"
	hazardH3c = "H3: a subsystem goes in before first_device, a device at the tail"
	hazardH5  = "H5: the undo of a copy begins before the ops that failed, and runs backwards"
	hazardH6  = "H6: the undo of a register runs in list order, on the nets before the one that failed"
	hazardH8  = "H8: an ops is registered once, and unregistered as what it was registered"
	hazardH9  = "H9: an ops without an init gets its exit all the same"
	hazardH10 = "H10: a net in use is not freed, and never freed later"
	hazardH12 = "H12: a copy holds its old net from the first line to the last"
	hazardK5  = "K5: a get must fail on a net whose count is zero"
	hazardP1  = "P1: a put must look whether there is a reference"
	hazardP2  = "P2: the last reference of init_net is not put"
)

// hazard returns which hazard the moment's answer speaks of, in the state in which
// the model comes nearest to it; "" if none.
// calls are those of the window.
func hazard(m *moment, s model.State, calls []*call) string {
	c := m.call
	if c.verb == wire.Cleanup && len(c.nets) != 1 {
		return ""
	}
	_, ans, possible := s.Step(m.action(&s, 0))
	net := func(id model.NetID) model.Net {
		i := slices.IndexFunc(s.Live, func(l model.Net) bool { return l.ID == id })
		if i < 0 {
			return model.Net{}
		}
		return s.Live[i]
	}
	switch m.act.Kind {
	case model.CopyGet, model.Share, model.Get, model.Put:
		id := m.act.Net
		if m.act.Kind == model.CopyGet || m.act.Kind == model.Share {
			id = m.act.From
		}
		l := net(id)
		switch {
		case m.want == 0 && m.act.Kind == model.CopyGet && putBeside(c, calls):
			return hazardH12 // the reference that it had did not stop the put from being the last
		case m.want == 0 && m.act.Kind == model.Put && id == model.InitNet:
			return hazardP2
		case m.want == 0 && m.act.Kind == model.Put && l.ID != 0:
			return hazardP1
		case m.want == 0 && m.act.Kind != model.Put && l.ID != 0:
			return hazardK5
		case m.want != 0 && ans.Err == 0 && copiesFrom(&s, id) > 0:
			return hazardH12
		}
	case model.Cleanup:
		switch {
		case !possible:
			return ""
		case lacksExitWithoutInit(c.calls, ans.Calls, &s):
			return hazardH9
		case differentMembers(c.calls, ans.Calls):
			return hazardH2
		}
	case model.Free:
		if possible && ans.Kept != model.NoNet || net(m.act.Net).Phase == model.Kept {
			return hazardH10
		}
	case model.Copy:
		return copyHazard(m, &s, &ans, net(m.act.Net))
	case model.RegisterSubsys, model.RegisterDevice, model.UnregisterSubsys, model.UnregisterDevice:
		return registerHazard(m, &s, &ans)
	case model.Snapshot:
		switch {
		case !slices.Equal(c.list, ans.List) && sameMembers(c.list, ans.List) && !subsystemsFirst(c.list, &s):
			return hazardH3c
		case slices.Equal(c.list, ans.List) && c.first != ans.First:
			return hazardH3
		}
	}
	return ""
}

// putBeside reports whether the net that the copy is made from was put while the copy was under way.
func putBeside(c *call, calls []*call) bool {
	return slices.ContainsFunc(calls, func(p *call) bool {
		return p.verb == wire.Put && p.net == c.old && p.err == 0 && p.from <= c.to && (p.never || p.to >= c.from)
	})
}

func copyHazard(m *moment, s *model.State, ans *model.Answer, l model.Net) string {
	c := m.call
	inits, exits := split(c.calls)
	switch {
	case m.want == 0 && ans.Err == model.EEXIST && l.Phase == model.Kept && l.ID != 0:
		return hazardH10
	case c.unknown:
		return ""
	case m.want > 0 && len(exits) > 0:
		return hazardH1
	case m.want < 0 && len(inits) > 0 && ans.Err == m.want && !slices.Equal(c.calls, ans.Calls):
		if lacksExitWithoutInit(c.calls, ans.Calls, s) {
			return hazardH9
		}
		if wantInits, _ := split(ans.Calls); slices.Equal(inits, wantInits) {
			return hazardH5
		}
	}
	return ""
}

func registerHazard(m *moment, s *model.State, ans *model.Answer) string {
	c := m.call
	unregisters := c.verb == wire.UnregisterSubsys || c.verb == wire.UnregisterDevice
	switch {
	case m.want == 0 && (ans.Err == model.EEXIST || ans.Err == model.EINVAL && unregisters):
		return hazardH8
	case c.unknown || ans.Err != m.want:
		return ""
	case m.want != 0:
		inits, exits := split(c.calls)
		wantInits, wantExits := split(ans.Calls)
		if slices.Equal(inits, wantInits) && !slices.Equal(exits, wantExits) {
			return hazardH6
		}
	case unregisters && len(c.calls) == 0 && lacksExitWithoutInit(c.calls, ans.Calls, s):
		return hazardH9
	}
	for _, cb := range ans.Calls { // a net that waits for its cleanup was passed over
		if !slices.Contains(c.calls, cb) && slices.ContainsFunc(s.Live, func(l model.Net) bool { return l.ID == cb.Net && l.Count == 0 }) {
			return hazardH2
		}
	}
	for _, cb := range c.calls { // one that is no longer listed was not
		if !slices.Contains(ans.Calls, cb) && slices.ContainsFunc(s.Live, func(l model.Net) bool { return l.ID == cb.Net && l.Phase == model.Dying }) {
			return hazardH2
		}
	}
	return ""
}

func split(calls []model.Callback) (inits, exits []model.Callback) {
	for _, cb := range calls {
		if cb.Exit {
			exits = append(exits, cb)
		} else {
			inits = append(inits, cb)
		}
	}
	return inits, exits
}

// lacksExitWithoutInit reports that what is missing are the exits of ops without an init.
func lacksExitWithoutInit(got, want []model.Callback, s *model.State) bool {
	rest := slices.DeleteFunc(slices.Clone(want), func(cb model.Callback) bool {
		return cb.Exit && slices.ContainsFunc(s.List, func(e model.Entry) bool { return e.Ops == cb.Ops && e.NoInit })
	})
	return len(rest) < len(want) && slices.Equal(rest, got)
}

func differentMembers(a, b []model.Callback) bool {
	return slices.ContainsFunc(a, func(cb model.Callback) bool { return !slices.Contains(b, cb) }) ||
		slices.ContainsFunc(b, func(cb model.Callback) bool { return !slices.Contains(a, cb) })
}

func sameMembers(a, b []model.OpsID) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// subsystemsFirst reports whether no device stands before a subsystem in the list.
func subsystemsFirst(list []model.OpsID, s *model.State) bool {
	device := false
	for _, o := range list {
		i := slices.IndexFunc(s.List, func(e model.Entry) bool { return e.Ops == o })
		switch {
		case i >= 0 && s.List[i].Device:
			device = true
		case device:
			return false
		}
	}
	return true
}
