// SPDX-License-Identifier: MIT

// Package tlc runs the TLA+ model checker TLC on the instances in spec/ and
// keeps the record of what it found.
//
// A run has a road ([Find]: Docker, Java, or the record alone), a jar of TLC
// ([Jars.Get]: fetched once, its SHA-256 checked at each use) and a cfg
// ([Run]). TLC's exit status and the numbered messages of its tool mode must
// tell the same story before a [Result] says anything else than that the run
// failed. A run that hangs is ended and repeated (watch.go); docs/tlc.md tells
// what else TLC gets wrong. The record is spec/models.tsv ([Record]): what is expected of each
// cfg, and the digests of the files that it was measured on.
package tlc
