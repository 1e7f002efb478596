// SPDX-License-Identifier: MIT

// Package impl is package impl of the module above without its yield points:
// command points lays the files of it over this folder.
package impl
