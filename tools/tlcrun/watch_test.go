// SPDX-License-Identifier: MIT

package tlcrun

import (
	"testing"
	"time"
)

// TestWatch: only silence, no CPU and nothing that waits for one, together and
// for the whole patience, are a hang.
func TestWatch(t *testing.T) {
	const patience = 30 * time.Second
	type look struct {
		written int64
		use     use
		seen    bool
	}
	at := func(i int, perLook time.Duration) use { return use{cpu: time.Duration(i) * perLook} }
	for name, test := range map[string]struct {
		look func(i int) look
		want int // the look that tells; 0 for none
	}{
		"hangs":           {func(i int) look { return look{5, at(i, 0), true} }, looks + 1},
		"ticks":           {func(i int) look { return look{5, at(i, patience/looks/200), true} }, looks + 1},
		"computes":        {func(i int) look { return look{5, at(i, patience/looks/2), true} }, 0},
		"hardly computes": {func(i int) look { return look{5, at(i, patience/looks/50), true} }, 0},
		"writes":          {func(i int) look { return look{int64(i / 9), at(i, 0), true} }, 0},
		"writes, then hangs": {func(i int) look { return look{int64(min(i, 7)), at(i, 0), true} },
			7 + looks},
		"waits for a CPU": {func(i int) look { return look{5, use{waits: true}, true} }, 0},
		"seldom waits":    {func(i int) look { return look{5, use{waits: i%4 == 0}, true} }, looks + 1},
		"not seen":        {func(i int) look { return look{5, use{}, false} }, looks*blind + 1},
		"not seen, writes each minute": {func(i int) look { return look{int64(i / 20), use{}, false} },
			0},
		"seen at times": {func(i int) look { return look{5, use{}, i%5 == 0} }, 0},
	} {
		w := &watch{patience: patience}
		got := 0
		for i := 1; i <= 3*looks*blind && got == 0; i++ {
			l := test.look(i)
			if w.add(l.written, l.use, l.seen) != nil {
				got = i
			}
		}
		if got != test.want {
			t.Errorf("%s: ended at look %d, want %d", name, got, test.want)
		}
	}
}
