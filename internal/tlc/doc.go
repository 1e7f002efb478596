// SPDX-License-Identifier: MIT

// Package tlc reads the instances in spec/ ([ReadCfg]): cfg files and rows of faults.tsv. The
// tools module runs TLC on them.
package tlc
