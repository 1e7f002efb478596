// SPDX-License-Identifier: MIT

package impl

import (
	"errors"
	"testing"
)

// TestZeroRegistry: what the documentation of Registry says of one that New did
// not make. No call panics or hangs.
func TestZeroRegistry(t *testing.T) {
	var r Registry
	if r.InitNet() != nil {
		t.Error("it has a first net")
	}
	for n := range r.Nets() {
		t.Error(n)
	}
	if n, err := r.Copy(bg, r.InitNet(), "n"); n != nil || !errors.Is(err, ErrInvalid) {
		t.Error(n, err)
	}
	if n, err := r.Share(r.InitNet()); n != nil || !errors.Is(err, ErrInvalid) {
		t.Error(n, err)
	}
	var tp tape
	o := tp.ops("o")
	must(t, r.RegisterSubsys(bg, o))
	must(t, r.UnregisterSubsys(bg, o))
	must(t, r.RegisterDevice(bg, o))
	must(t, r.Close(bg))
	tp.want(t, "")
	if err := r.RegisterSubsys(bg, o); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
