// SPDX-License-Identifier: MIT

// Package docs holds the pages that programs read.
package docs

import _ "embed"

// Correspondence is the correspondence table of this folder.
//
//go:embed correspondence.md
var Correspondence string
