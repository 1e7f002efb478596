// SPDX-License-Identifier: MIT

package lin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.com/pernet/internal/plural"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// near shows what matters of s for the moment: the ops and nets that it is about,
// and the lists that it walks.
func (n *names) near(m *moment, s model.State) string {
	var out []string
	net := func(id model.NetID) { out = append(out, n.netState(&s, id)) }
	list := func() { out = append(out, n.listState(&s, mostShown)) }
	nets := func() { // those about which the answer differs, if they are many
		_, shown := clip(m.call.walked(), s.Nets)
		if len(s.Nets) <= mostShown {
			shown = s.Nets
		}
		out = append(out, n.netsState(&s, shown))
	}
	switch m.act.Kind {
	case model.CopyGet, model.Share:
		net(m.act.From)
	case model.Cleanup:
		net(m.act.Net)
		list()
	case model.Copy:
		if isLive(&s, m.act.Net) {
			net(m.act.Net)
		}
		list()
	case model.RegisterSubsys, model.RegisterDevice, model.UnregisterSubsys, model.UnregisterDevice:
		out = append(out, n.opState(&s, m.call.ops))
		nets()
	case model.List:
		nets()
	case model.Snapshot:
		list()
		nets()
	default:
		net(m.act.Net)
	}
	return strings.Join(out, ", ")
}

// netState shows one net.
func (n *names) netState(s *model.State, id model.NetID) string {
	l, copies := liveNet(s, id), 0
	for _, c := range s.Copies {
		if c.From == id {
			copies++
		}
	}
	switch {
	case l.ID == model.NoNet:
		return fmt.Sprintf("there is no net %s", n.netName(id))
	case copies > 0:
		return fmt.Sprintf("net %s is %s, count %d, use %d, with %s from it under way", n.netName(id), l.Phase, l.Count, l.Use, plural.Of(copies, "copy", "copies"))
	}
	return fmt.Sprintf("net %s is %s, count %d, use %d", n.netName(id), l.Phase, l.Count, l.Use)
}

// opState shows one ops.
func (n *names) opState(s *model.State, o model.OpsID) string {
	as := "not registered"
	for _, e := range s.List {
		switch {
		case e.Ops == o && e.Device:
			as = "registered as a device"
		case e.Ops == o:
			as = "registered as a subsystem"
		}
	}
	return fmt.Sprintf("ops %s is %s", n.opName(o), as)
}

// listState shows pernet_list, or its first entries if they are many, with a bar before
// the first device.
func (n *names) listState(s *model.State, most int) string {
	var b strings.Builder
	b.WriteString("pernet_list [")
	for i, e := range s.List {
		if i == most {
			b.WriteString(" …")
			break
		}
		if e.Ops == s.FirstDevice {
			b.WriteString(" |")
		}
		b.WriteString(" " + n.opName(e.Ops))
	}
	return b.String() + " ]"
}

// netsState shows the nets, and which of them wait for their cleanup. A zero is a gap.
func (n *names) netsState(s *model.State, shown []model.NetID) string {
	var b strings.Builder
	b.WriteString("nets [")
	for _, id := range shown {
		switch {
		case id == model.NoNet:
			b.WriteString(" …")
		case liveNet(s, id).Count == 0 && isLive(s, id):
			b.WriteString(" " + n.netName(id) + "(count 0)")
		default:
			b.WriteString(" " + n.netName(id))
		}
	}
	return b.String() + " ]"
}

// state shows all of s.
func (n *names) state(s *model.State) string {
	out := []string{n.listState(s, len(s.List)), n.netsState(s, s.Nets)}
	for _, l := range s.Live {
		out = append(out, n.netState(s, l.ID))
	}
	if freed := slices.IndexFunc(s.Copies, func(c model.Copying) bool { return c.From == model.NoNet }); freed >= 0 {
		out = append(out, "a copy from a freed net is under way")
	}
	return strings.Join(out, ", ")
}

// mostShown is how many elements of a list are shown; of a longer one, those
// around the first that differs.
const mostShown = 12

// clip shortens two lists that are long to where they differ first. A zero marks what was left out.
func clip[E comparable](a, b []E) (x, y []E) {
	if len(a) <= mostShown && len(b) <= mostShown {
		return a, b
	}
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	cut := func(list []E) []E {
		var none E
		from, to := max(0, same-2), min(len(list), same+4)
		out := slices.Clone(list[min(from, len(list)):to])
		if from > 0 {
			out = slices.Insert(out, 0, none)
		}
		if to < len(list) {
			out = append(out, none)
		}
		return out
	}
	return cut(a), cut(b)
}

func (n *names) callsText(calls []model.Callback) string {
	return listText(n.callbackNames(calls), func(c wire.Callback) string {
		if c.Ops == "" {
			return ""
		}
		return string(wire.AppendStrings(nil, []string{c.Word(), c.Ops, c.Net}))
	})
}

func quoted(name string) string {
	if name == "" {
		return ""
	}
	return string(wire.AppendString(nil, name))
}

// listText shows a list as JSON does, and what was left out as an ellipsis.
func listText[E any](list []E, text func(E) string) string {
	return "[" + strings.Join(each(list, func(e E) string { return cmp.Or(text(e), "…") }), ",") + "]"
}

// errText writes e, which c or the model has answered.
func errText(e model.Err, c *call) string {
	switch {
	case e > 0:
		return e.String()
	case e == wire.OtherErr:
		return `"` + c.Errno + `"`
	}
	return `"` + e.String() + `"`
}
