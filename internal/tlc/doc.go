// SPDX-License-Identifier: MIT

// Package tlc reads the folder of the specs: the instances ([ReadCfg]), those that
// spec/faults.tsv makes among them, the modules that TLC reads for each ([Files]), and
// the record spec/models.tsv ([Record]), which has what is expected of each cfg and the
// digests of the files that it was measured on. The tools module runs TLC.
package tlc
