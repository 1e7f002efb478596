// SPDX-License-Identifier: MIT

// Package tlc reads the files in spec/: the instances ([ReadCfg]), which are cfg files and
// rows of faults.tsv; the modules that TLC reads for each ([Files]); and the record
// models.tsv ([Record]), which has the expected result of each cfg and the digests of the
// files that it was measured on. The tools module runs TLC.
package tlc
