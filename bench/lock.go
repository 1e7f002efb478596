// SPDX-License-Identifier: MIT

package bench

import (
	"context"
	"sync"
	"time"
	_ "unsafe" // for go:linkname
)

// implMutex stands for the lock of package impl, which nobody else can name. A zero
// one is free. It is large enough for any that the package may come to have; if the two
// methods get other names, this package no longer links.
type implMutex struct{ _ [32]uint64 }

//go:linkname implMutexLock example.com/pernet/impl.(*lock).lock
func implMutexLock(*implMutex, context.Context) error

//go:linkname implMutexUnlock example.com/pernet/impl.(*lock).unlock
func implMutexUnlock(*implMutex)

// implLock is the lock of impl, as its calls take it.
func implLock(ctx context.Context) Runner {
	mu := new(implMutex)
	return func(n int) time.Duration {
		start := time.Now()
		for range n {
			must(implMutexLock(mu, ctx))
			implMutexUnlock(mu)
		}
		return time.Since(start)
	}
}

var handMutex sync.Mutex

// handLock is sync.Mutex.
func handLock(n int) time.Duration {
	start := time.Now()
	for range n {
		handMutex.Lock()
		//lint:ignore SA2001 the lock alone is what is measured
		handMutex.Unlock()
	}
	return time.Since(start)
}
