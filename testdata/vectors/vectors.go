// SPDX-License-Identifier: MIT

// Package vectors holds the sets of test vectors of this folder. docs/formats.md describes them.
package vectors

import (
	"embed"

	"example.com/pernet/model"
)

// Files are the sets.
//
//go:embed *.jsonl *.jsonl.gz
var Files embed.FS

// Names are the names of the files of a discipline, in the order in which a port should pass them.
var Names = map[model.Discipline][]string{
	model.Mutex: {"smoke.jsonl", "edges-core.jsonl.gz", "edges.jsonl.gz", "edges-all.jsonl.gz", "schedules.jsonl.gz"},
	model.RWSem: {"rwsem-smoke.jsonl", "rwsem-edges-core.jsonl.gz", "rwsem-edges-all.jsonl.gz", "rwsem-schedules.jsonl.gz"},
}
