// SPDX-License-Identifier: MIT

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"example.com/pernet/internal/explore/mutex"
	"example.com/pernet/internal/sched"
)

// TestShowReportsAWayThatCannotBeRepeated tests a schedule that the code does not repeat,
// because a fault makes it depend on more than its state. There is no page of it.
func TestShowReportsAWayThatCannotBeRepeated(t *testing.T) {
	in, err := mutex.ReadInstance("../../../spec/MCnetns.cfg")
	if err != nil {
		t.Fatal(err)
	}
	way := sched.Schedule{{Thread: "W"}} // it has nothing to do
	var out strings.Builder
	err = show(&out, in, way, "")
	if err != nil || !strings.HasPrefix(out.String(), "the way there, W, cannot be repeated: ") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := show(&out, in, way, filepath.Join(t.TempDir(), "page.html")); err == nil {
		t.Error("a page was to be drawn")
	}
}
