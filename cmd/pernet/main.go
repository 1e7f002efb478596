// SPDX-License-Identifier: MIT

// Command pernet runs scenarios on the pernet registry, decides whether histories of it
// are linearizable, explores the code, and shows how its faults are caught. See pernet help.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
