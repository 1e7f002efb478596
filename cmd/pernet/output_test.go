// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// opened opens an output, which must go well.
func opened(t *testing.T, file string) *output {
	t.Helper()
	out, err := openOutput(file)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// write writes the text as a result.
func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestOutputKeepsWhatWasThereUntilTheResultIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(file, []byte(strings.Repeat("before ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	failed := opened(t, file)
	if err := failed.fill(func(w io.Writer) error { write("half")(w); return io.EOF }); err != io.EOF {
		t.Error(err)
	}
	failed.close()
	if got := read(t, file); got != strings.Repeat("before ", 100) {
		t.Errorf("work that failed left %q", got)
	}
	done := opened(t, file)
	if err := done.fill(write("after")); err != nil {
		t.Error(err)
	}
	done.close()
	if got := read(t, file); got != "after" {
		t.Errorf("the result is %q", got)
	}
}

func TestOutputWithoutAResultLeavesNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	out := opened(t, file)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	out.close()
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("it is left: %v", err)
	}
	for _, text := range []string{"", "a result"} { // an empty result is one
		out := opened(t, file)
		if err := out.fill(write(text)); err != nil {
			t.Error(err)
		}
		out.close()
		if got := read(t, file); got != text {
			t.Errorf("%q, want %q", got, text)
		}
	}
}

func TestOutputThatIsNoRegularFile(t *testing.T) {
	out := opened(t, os.DevNull)
	if err := out.fill(write("a result")); err != nil {
		t.Error(err)
	}
	out.close()
	if none, err := openOutput(""); none != nil || err != nil {
		t.Errorf("%v, %v", none, err)
	}
}
