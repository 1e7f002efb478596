// SPDX-License-Identifier: MIT

package bug

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// seedLimit bounds the histories of one seed.
const seedLimit = 60 * time.Second

// Seeds builds the fault and runs free-running goroutines with each of the seeds 1 to n,
// until a history shows the fault. It returns the time that each seed took, and an error for
// the first seed that does not show the fault within seedLimit.
func (b *Bench) Seeds(ctx context.Context, f Fault, n int) (took []time.Duration, err error) {
	dir, err := b.build(ctx, f)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for seed := 1; seed <= n; seed++ {
		start := time.Now()
		for by := ""; by == ""; {
			by, _, err = b.test(ctx, filepath.Join(dir, testBinary(".")), ".", "^TestHistoriesAreLinearizable$", seedLimit, fmt.Sprintf("PERNET_SEED=%d", seed))
			if hung(by) {
				by = ""
			}
			switch {
			case err != nil:
				return took, err
			case ctx.Err() != nil:
				return took, context.Cause(ctx)
			case time.Since(start) > seedLimit:
				return took, fmt.Errorf("%s: histories of seed %d do not show it within %s", f.ID, seed, seedLimit)
			}
		}
		took = append(took, time.Since(start))
	}
	return took, nil
}
