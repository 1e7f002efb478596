// SPDX-License-Identifier: MIT

package cfg

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const text = `\* an instance
CONSTANTS
  Ops = {O_a, O_b}
  Empty = {}
  N_1 = N_1  N_2 = N_x
  Slots <- TwoSlots
  Max = 3
  On = TRUE
  Off = FALSE
`

func file(t *testing.T) *File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "MC.cfg")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestConstants(t *testing.T) {
	f := file(t)
	if got := f.Set("Ops"); !slices.Equal(got, []string{"O_a", "O_b"}) {
		t.Errorf("Ops = %q", got)
	}
	if len(f.Set("Empty")) != 0 || f.Word("N_2") != "N_x" || f.Override("Slots") != "TwoSlots" || f.Number("Max") != 3 || !f.Bool("On") || f.Bool("Off") {
		t.Error("some constant is not what the file says")
	}
	if f.Err() != nil {
		t.Error(f.Err())
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for want, read := range map[string]func(*File){
		"no value for Nets":                  func(f *File) { f.Set("Nets") },
		"no value for Most":                  func(f *File) { f.Number("Most") },
		`On is "TRUE", not a number`:         func(f *File) { f.Number("On") },
		`Max is "3", neither TRUE nor FALSE`: func(f *File) { f.Bool("Max") },
		"no value for Gone":                  func(f *File) { f.Bool("Gone"); f.Set("Nets") },
		"no value for Ops":                   func(f *File) { f.Override("Ops") },
	} {
		f := file(t)
		if read(f); f.Err() == nil || !strings.HasSuffix(f.Err().Error(), "MC.cfg: "+want) {
			t.Errorf("%v, want %s", f.Err(), want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.cfg")); err == nil {
		t.Error("a file that is not there was read")
	}
}
