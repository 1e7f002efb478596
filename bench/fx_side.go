// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"time"

	"go.uber.org/fx"
)

// fxScope is Start and Stop of fx.Apps with hooks that count. Each App is new, as each net is
// on the other side, but building it is not in the time: that favours fx.
func fxScope(ctx context.Context, hooks int) Runner {
	up := 0
	hook := fx.Hook{
		OnStart: func(context.Context) error { up++; return nil },
		OnStop:  func(context.Context) error { up--; return nil },
	}
	return func(n int) (sum time.Duration) {
		for range n {
			app := fx.New(fx.NopLogger, fx.Invoke(func(lc fx.Lifecycle) {
				for range hooks {
					lc.Append(hook)
				}
			}))
			must(app.Err())
			start := time.Now()
			must(app.Start(ctx))
			started := up
			must(app.Stop(ctx))
			sum += time.Since(start)
			if started != hooks || up != 0 {
				panic("fx: not every hook was started and stopped")
			}
		}
		return sum
	}
}
