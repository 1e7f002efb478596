// SPDX-License-Identifier: MIT

//go:build !linux

package tlcrun

// groupUse: only Linux shows it in files.
func groupUse(int) (use, bool) { return use{}, false }
