// SPDX-License-Identifier: MIT

// Package tlcrun runs the TLA+ model checker TLC on the instances in spec/.
//
// A run has a road ([Find]: Docker, Java, or the record alone), a jar of TLC
// ([Jars.Get]: fetched once, its SHA-256 checked at each use) and a cfg
// ([Run]). TLC's exit status and the numbered messages of its tool mode must
// agree before a [Result] has any verdict but Broken or Incomplete.
// [Record] is models.tsv: the expected result of each cfg, and the digests of the files that
// it was measured on ([Files]).
// A run that hangs is ended and repeated (watch.go); docs/tlc.md lists
// what else TLC gets wrong.
package tlcrun
