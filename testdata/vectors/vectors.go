// SPDX-License-Identifier: MIT

// Package vectors holds the sets of test vectors of this folder. docs/formats.md describes them.
package vectors

import "embed"

// Files are the sets, in the order of Names.
//
//go:embed *.jsonl *.jsonl.gz
var Files embed.FS

// Names are the names of the files, in the order in which a port should pass them.
var Names = []string{"smoke.jsonl", "edges-core.jsonl.gz", "edges.jsonl.gz", "edges-all.jsonl.gz"}
