// SPDX-License-Identifier: MIT

package tlcrun

import (
	"context"
	"fmt"
	"time"
)

// TLC can hang: its threads wait for each other for ever (docs/tlc.md). Such a
// run is known by three signs together, over the whole of Job.Patience: it
// writes nothing, it uses next to no CPU, and its threads are not waiting for a
// CPU or a disk, as they do on a busy machine.
const (
	Patience = 30 * time.Second // of a run whose CPU can be seen
	blind    = 20               // times as long for a run whose CPU cannot: output alone tells, and TLC is silent for minutes
	looks    = 10               // how often a run is looked at within the patience
	maxRuns  = 3                // of one cfg
	idle     = 100              // an idle JVM ticks: up to 1/100 of one CPU is none
)

// A use is what the processes of a run have used.
type use struct {
	cpu   time.Duration // since they began
	waits bool          // for a CPU or a disk, now
}

// A hangError ends the context of a run that hangs.
type hangError struct {
	window time.Duration
	seen   bool // the CPU was looked at
}

func (e *hangError) Error() string {
	if e.seen {
		return fmt.Sprintf("no output and no CPU used for %s", e.window)
	}
	return fmt.Sprintf("no output for %s", e.window)
}

// watchRun ends a run that hangs. look returns false where the use cannot be seen.
func watchRun(ctx context.Context, patience time.Duration, output *logWriter, look func() (use, bool), end context.CancelCauseFunc) {
	tick := time.NewTicker(patience / looks)
	defer tick.Stop()
	w := &watch{patience: patience}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		u, seen := look()
		if err := w.add(output.written.Load(), u, seen); err != nil {
			end(err)
			return
		}
	}
}

// A watch remembers the looks since the last output. It counts looks, not
// hours: while the machine sleeps there are none.
type watch struct {
	patience time.Duration
	written  int64
	uses     []use // the last, at most looks+1 of them
	unseen   int   // looks in a row that saw no use
}

// add takes one look, and returns an error when the run hangs.
func (w *watch) add(written int64, u use, seen bool) error {
	if written != w.written {
		w.written, w.uses, w.unseen = written, nil, 0
	}
	if !seen {
		w.uses = nil
		if w.unseen++; w.unseen > looks*blind {
			return &hangError{window: w.patience * blind}
		}
		return nil
	}
	w.unseen = 0
	w.uses = append(w.uses, u)
	if len(w.uses) <= looks {
		return nil
	}
	w.uses = w.uses[len(w.uses)-looks-1:]
	waiting := 0
	for _, u := range w.uses {
		if u.waits {
			waiting++
		}
	}
	if u.cpu-w.uses[0].cpu > w.patience/idle || waiting > looks/2 {
		return nil
	}
	return &hangError{window: w.patience, seen: true}
}
