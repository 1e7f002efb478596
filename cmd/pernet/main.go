// SPDX-License-Identifier: MIT

// Command pernet replays scenarios on the pernet registry and decides whether
// histories of it are linearizable. See pernet help.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
