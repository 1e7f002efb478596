// SPDX-License-Identifier: MIT

package lin

import (
	"math"
	"slices"
	"strings"

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
	hazardH13 = "H13: the count reaches zero before the work is queued, so either of two nets may be cleaned up first"
	hazardH18 = "H18: an unregister and the undo of a register have no barrier"
	hazardK5  = "K5: a get must fail on a net whose count is zero"
	hazardP1  = "P1: a put must look whether there is a reference"
	hazardP2  = "P2: the last reference of init_net is not put"
)

// Hazard returns the hazard of that id with its title; the id alone if it has none.
func Hazard(id string) string {
	for _, h := range []string{
		hazardH1, hazardH2, hazardH3, hazardH5, hazardH6, hazardH8, hazardH9, hazardH10, hazardH12, hazardH13, hazardH18, hazardK5, hazardP1, hazardP2,
	} {
		if strings.HasPrefix(h, id+":") {
			return h
		}
	}
	return id
}

// hazard returns the hazard that the moment's answer shows, in the state in which
// the model comes nearest to it; "" if none. A hazard is named only if it alone
// accounts for the difference: an answer that is wrong in something else too names none.
// calls are those of the window.
func hazard(m *moment, s model.State, calls []*call) string {
	c := m.call
	if c.Op == wire.Cleanup && len(c.nets) != 1 {
		return ""
	}
	_, ans, possible := s.Step(m.action(&s, 0))
	switch m.act.Kind {
	case model.CopyGet, model.Share, model.Get, model.Put:
		return referenceHazard(m, &s, &ans, calls)
	case model.Cleanup:
		switch {
		case !possible || c.Unknown:
			return ""
		case lacksExitWithoutInit(c.calls, ans.Calls, &s):
			return hazardH9
		case changedWhileDying(c, ans.Calls, calls):
			return hazardH2
		}
	case model.Free:
		if possible && ans.Kept != model.NoNet && slices.Equal(c.freed, c.nets) {
			return hazardH10
		}
	case model.Copy:
		return copyHazard(m, &s, &ans)
	case model.RegisterSubsys, model.RegisterDevice, model.UnregisterSubsys, model.UnregisterDevice:
		return registerHazard(m, &s, &ans)
	case model.Snapshot:
		switch {
		case len(c.calls) > 0 || !slices.Equal(c.nets, ans.Nets):
			return ""
		case !slices.Equal(c.list, ans.List) && sameSet(c.list, ans.List) && !subsystemsFirst(c.list, &s):
			return hazardH3c
		case slices.Equal(c.list, ans.List) && c.first != ans.First:
			return hazardH3
		}
	}
	return ""
}

// referenceHazard is hazard for what takes a reference on a net, or gives one back.
func referenceHazard(m *moment, s *model.State, ans *model.Answer, calls []*call) string {
	c, id := m.call, m.act.Net
	if m.act.Kind == model.CopyGet || m.act.Kind == model.Share {
		id = m.act.From
	}
	l, put := liveNet(s, id), m.act.Kind == model.Put
	switch {
	case m.want != 0 || ans.Err == 0: // it was refused, or its callbacks alone are wrong
		return ""
	case m.act.Kind == model.CopyGet && c.Err != 0:
		return "" // it may have failed before it looked at the net
	case m.act.Kind == model.CopyGet && putBeside(c, calls):
		return "" // hazard H12, if nothing else is wrong with it: see explain
	case put && id == model.InitNet:
		return hazardP2
	case put && l.ID != 0:
		return hazardP1
	case l.ID != 0:
		return hazardK5
	}
	return ""
}

// changedWhileDying reports whether the cleanup's exits are the right ones but for
// those of ops that were registered or unregistered after the last put of its net began.
func changedWhileDying(c *call, want []model.Callback, calls []*call) bool {
	begin := int64(math.MinInt64)
	for _, p := range calls {
		if p.Op == wire.Put && p.net == c.nets[0] && p.Err == 0 && p.Call <= c.Return {
			begin = max(begin, p.Call)
		}
	}
	changed := func(cb model.Callback) bool {
		return slices.ContainsFunc(calls, func(r *call) bool {
			return r.ops == cb.Ops && (r.Never || r.Err == 0 && r.Return >= begin) && r.Call <= c.Return
		})
	}
	settled := func(list []model.Callback) []model.Callback { return slices.DeleteFunc(slices.Clone(list), changed) }
	return !slices.Equal(c.calls, want) && slices.Equal(settled(c.calls), settled(want)) && ofNet(c.calls, c.nets[0])
}

// ofNet reports that all callbacks ran on that net.
func ofNet(calls []model.Callback, n model.NetID) bool {
	return !slices.ContainsFunc(calls, func(cb model.Callback) bool { return cb.Net != n })
}

// putBeside reports whether c is a copy that succeeded, and the net that it is made from was
// put while it was under way.
func putBeside(c *call, calls []*call) bool {
	return c.Op == wire.Copy && !c.Share && c.Err == 0 && slices.ContainsFunc(calls, func(p *call) bool {
		return p.Op == wire.Put && p.net == c.old && p.Err == 0 && p.Call <= c.Return && (p.Never || p.Return >= c.Call)
	})
}

func copyHazard(m *moment, s *model.State, ans *model.Answer) string {
	c := m.call
	inits, exits := only(c.calls, false), only(c.calls, true)
	l := liveNet(s, c.net)
	switch {
	case m.want == 0 && ans.Err == model.EEXIST && l.Phase == model.Kept && l.Use == 0:
		return hazardH10 // the last release freed it
	case c.Unknown || ans.Err != m.want || !ofNet(c.calls, c.net):
		return ""
	case m.want > 0 && len(exits) > 0 && slices.Equal(inits, ans.Calls):
		return hazardH1
	case m.want < 0 && lacksExitWithoutInit(c.calls, ans.Calls, s):
		return hazardH9
	case m.want < 0 && wrongUndo(c.calls, ans.Calls):
		return hazardH5
	}
	return ""
}

// wrongUndo reports that the inits are right, and only the exits after them are wrong:
// each belongs to an ops and a net that the walk met.
func wrongUndo(got, want []model.Callback) bool {
	inits, exits := only(got, false), only(got, true)
	wantInits, wantExits := only(want, false), only(want, true)
	if len(inits) == 0 || !slices.Equal(inits, wantInits) || !slices.Equal(got[:len(inits)], inits) || slices.Equal(exits, wantExits) {
		return false
	}
	for _, cb := range exits {
		met := func(b model.Callback) bool { return b.Ops == cb.Ops && b.Net == cb.Net }
		if !slices.ContainsFunc(want, met) {
			return false
		}
	}
	return true
}

func registerHazard(m *moment, s *model.State, ans *model.Answer) string {
	c := m.call
	unregisters := c.Op == wire.UnregisterSubsys || c.Op == wire.UnregisterDevice
	switch {
	case m.want == 0 && (ans.Err == model.EEXIST || ans.Err == model.EINVAL && unregisters):
		return hazardH8
	case c.Unknown || ans.Err != m.want:
		return ""
	case m.want != 0 && wrongUndo(c.calls, ans.Calls):
		return hazardH6
	case unregisters && len(c.calls) == 0 && lacksExitWithoutInit(c.calls, ans.Calls, s):
		return hazardH9
	}
	dying := func(cb model.Callback) bool { // its count is zero, or it is no longer listed
		l := liveNet(s, cb.Net)
		return l.ID != 0 && l.Count == 0 && l.Phase != model.Kept
	}
	others := func(list []model.Callback) []model.Callback { return slices.DeleteFunc(slices.Clone(list), dying) }
	if !sameSet(c.calls, ans.Calls) && slices.Equal(others(c.calls), others(ans.Calls)) && !slices.ContainsFunc(c.calls, func(cb model.Callback) bool { return cb.Ops != c.ops }) {
		return hazardH2 // only nets on their way out were passed over, or not
	}
	return ""
}

// lacksExitWithoutInit reports that what is missing are the exits of ops without an init.
func lacksExitWithoutInit(got, want []model.Callback, s *model.State) bool {
	rest := slices.DeleteFunc(slices.Clone(want), func(cb model.Callback) bool {
		return cb.Exit && slices.ContainsFunc(s.List, func(e model.Entry) bool { return e.Ops == cb.Ops && e.NoInit })
	})
	return len(rest) < len(want) && slices.Equal(rest, got)
}

// sameSet reports that two lists have the same elements, in any order.
func sameSet[E comparable](a, b []E) bool {
	lacks := func(list []E) func(E) bool { return func(e E) bool { return !slices.Contains(list, e) } }
	return !slices.ContainsFunc(a, lacks(b)) && !slices.ContainsFunc(b, lacks(a))
}

// subsystemsFirst reports whether no device precedes a subsystem in the list.
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
