// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"testing"
)

// Each callback finds itself in Running, in every walk, while both lists grow and shrink.
func TestRunningNamesTheCallbackThatAsks(t *testing.T) {
	for name, opts := range map[string][]Option{"namespaces": nil, "none": {WithoutNetNS()}} {
		t.Run(name, func(t *testing.T) {
			asked := map[string]int{}
			asks := func(name string) *Ops {
				o := &Ops{Name: name}
				check := func(kind string, n *Net) {
					asked[kind]++
					if list := n.r.Running(); len(list) != 1 || list[0].Kind != kind || list[0].Ops != o || list[0].Net != n {
						t.Errorf("%s of %s on %v: %v", kind, name, n, list)
					}
				}
				o.Init = func(_ context.Context, n *Net) error {
					check("init", n)
					if n.Name() == "refused" && name == "o7" {
						return errBoom
					}
					return nil
				}
				o.Exit = func(_ context.Context, n *Net) { check("exit", n) }
				return o
			}
			r := made(t, bg, append(opts, WithSubsys(asks("a"), asks("b")))...)
			var nets []*Net
			var all []*Ops
			for i := range 9 {
				all = append(all, asks(fmt.Sprint("o", i)))
				if i%2 == 0 {
					must(t, r.RegisterSubsys(bg, all[i]))
				} else {
					must(t, r.RegisterDevice(bg, all[i]))
				}
				if opts == nil {
					nets = append(nets, copied(t, r, fmt.Sprint("n", i)))
				}
			}
			if opts == nil {
				_, err := r.Copy(bg, r.InitNet(), "refused")
				is(t, err, errBoom)
				for _, n := range nets[:5] {
					must(t, n.Put())
					must(t, n.Wait(bg))
				}
			}
			must(t, r.UnregisterSubsys(bg, all[2]))
			must(t, r.UnregisterDevice(bg, all[3]))
			for _, n := range nets[min(5, len(nets)):] {
				must(t, n.Put())
				must(t, n.Wait(bg))
			}
			must(t, r.Close(bg))
			if asked["init"] < 9 || asked["exit"] < 9 {
				t.Errorf("asked %v", asked)
			}
		})
	}
}
