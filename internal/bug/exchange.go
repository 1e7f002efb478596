// SPDX-License-Identifier: MIT

package bug

import (
	"context"
	"encoding/gob"
	"fmt"
	"os"
	"runtime"

	"example.com/pernet/internal/explore"
	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/graph"
)

// instances are the cfgs whose graphs are compared. Together they cover deferred callbacks,
// use counts, three ops, three nets, and clients that call the barrier.
var instances = []string{"MCnetns3nets.cfg", "MCnetns.cfg", "MCnetns3ops.cfg", "MCnetnsBarrier.cfg"}

// storeRight writes the graph of this program's code, which has no fault.
func storeRight(ctx context.Context, cfg, path string) error {
	in, err := mutex.ReadInstance(cfg)
	if err != nil {
		return err
	}
	r := explore.Explore(ctx, in, explore.Options{Workers: runtime.NumCPU()})
	if r.Verdict != explore.Complete {
		return fmt.Errorf("%s: exploring the right code: %s %s", cfg, r.Verdict, r.Problem)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := gob.NewEncoder(f).Encode(r.Graph); err != nil {
		return err
	}
	return f.Close()
}

// LoadRight reads the graph that storeRight wrote.
func LoadRight(path string) (*graph.Graph[mutex.State], error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var stored graph.Graph[mutex.State]
	if err := gob.NewDecoder(f).Decode(&stored); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	g := graph.New[mutex.State]()
	for i, state := range stored.States {
		g.Add(state)
		g.Out[i] = stored.Out[i]
	}
	return g, nil
}
