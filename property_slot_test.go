// SPDX-License-Identifier: MIT

package pernet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
)

// TestPropertySlots makes random calls on a registry of slots, some of whose inits fail. Each slot has
// in each net the value that its init made there, until the undo is over, and its exit gets that value.
func TestPropertySlots(t *testing.T) {
	for _, d := range disciplines {
		t.Run(d.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { runSlots(t, d.is) })
		})
	}
}

type slotMachine struct {
	t     *rapid.T
	r     *impl.Registry
	slots [4]*impl.Slot[int]
	up    [4]bool // registered
	nets  []*impl.Net
	made  map[inNet]int // the values that are there
	inits int
	fails map[int]error // by the number of the init
}

type inNet struct {
	slot int
	net  *impl.Net
}

func runSlots(t *rapid.T, d impl.Discipline) {
	m := &slotMachine{t: t, made: map[inNet]int{}, fails: map[int]error{}}
	for i := range m.slots {
		m.slots[i] = impl.NewSlot(fmt.Sprint(i), func(_ context.Context, n *impl.Net) (int, error) { return m.init(i, n) },
			func(_ context.Context, n *impl.Net, v int) { m.exit(i, n, v) })
	}
	var err error
	if m.r, err = impl.New(context.Background(), impl.WithDiscipline(d)); err != nil {
		t.Fatal(err)
	}
	m.nets = []*impl.Net{m.r.InitNet()}
	t.Repeat(map[string]func(*rapid.T){
		"":         func(*rapid.T) { m.check(m.nets...) },
		"Register": m.register,
		"Copy":     m.copy,
		"Put":      m.put,
	})
}

func (m *slotMachine) init(i int, n *impl.Net) (int, error) {
	m.inits++
	if err := m.fails[m.inits]; err != nil {
		return m.inits, err
	}
	m.made[inNet{i, n}] = m.inits
	return m.inits, nil
}

func (m *slotMachine) exit(i int, n *impl.Net, v int) {
	if want := m.made[inNet{i, n}]; v != want {
		m.t.Errorf("the exit of slot %d on net %s gets %d, want %d", i, n, v, want)
	}
	for j, s := range m.slots {
		if v := s.Get(n); v != m.made[inNet{j, n}] {
			m.t.Errorf("in the exit of slot %d on net %s, slot %d has %d, want %d", i, n, j, v, m.made[inNet{j, n}])
		}
	}
}

// gone forgets the values of a slot, or of a net.
func (m *slotMachine) gone(slot int, n *impl.Net) {
	for at := range m.made {
		if at.slot == slot || at.net == n {
			delete(m.made, at)
		}
	}
}

// check looks up each slot in the nets.
func (m *slotMachine) check(nets ...*impl.Net) {
	for i, s := range m.slots {
		for _, n := range nets {
			want, used := m.made[inNet{i, n}], 0
			if has := s.Use(n, func(v int) { used = v }); s.Get(n) != want || used != want || has != (want != 0) {
				m.t.Errorf("slot %d in net %s: Get %d, Use %d, %v, want %d", i, n, s.Get(n), used, has, want)
			}
		}
	}
}

// arm makes one of the next inits fail, or none.
func (m *slotMachine) arm(t *rapid.T) {
	clear(m.fails)
	if at := rapid.IntRange(0, 6).Draw(t, "the init that fails"); at > 0 {
		m.fails[m.inits+at] = rapid.SampledFrom([]error{errors.ErrUnsupported, hook.Positive(1)}).Draw(t, "with")
	}
}

// register registers a slot, or unregisters it.
func (m *slotMachine) register(t *rapid.T) {
	i := rapid.IntRange(0, len(m.slots)-1).Draw(t, "slot")
	o := m.slots[i].Ops()
	if m.up[i] {
		m.up[i] = false
		defer m.gone(i, nil)
		if err := m.r.UnregisterSubsys(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		return
	}
	m.arm(t)
	if m.up[i] = m.r.RegisterSubsys(context.Background(), o) == nil; !m.up[i] {
		m.gone(i, nil)
	}
}

func (m *slotMachine) copy(t *rapid.T) {
	m.arm(t)
	if n, err := m.r.Copy(context.Background(), m.nets[0], ""); err == nil {
		m.nets = append(m.nets, n)
		return
	}
	for at := range m.made {
		if !slices.Contains(m.nets, at.net) {
			delete(m.made, at)
		}
	}
}

func (m *slotMachine) put(t *rapid.T) {
	if len(m.nets) == 1 {
		t.Skip("no net to put")
	}
	at := rapid.IntRange(1, len(m.nets)-1).Draw(t, "net")
	n := m.nets[at]
	m.nets = slices.Delete(m.nets, at, at+1)
	if err := errors.Join(n.Put(), n.Wait(context.Background())); err != nil {
		t.Fatal(err)
	}
	m.gone(-1, n)
	m.check(n)
}
