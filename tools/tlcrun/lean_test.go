// SPDX-License-Identifier: MIT

package tlcrun

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// jarWith writes a jar with one class.
func jarWith(t *testing.T, name, class string) string {
	t.Helper()
	var jar bytes.Buffer
	w := zip.NewWriter(&jar)
	f, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(f, class)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tlc.jar")
	if err := os.WriteFile(path, jar.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// The class that registers TLC's counters gets another server, and is else as it was. A class
// of another form is left alone.
func TestLeanChangesOneCall(t *testing.T) {
	const (
		factory = "\x01\x00\x26java/lang/management/ManagementFactory"
		get     = "\x01\x00\x16getPlatformMBeanServer"
		changed = "A\x01\x00\x23javax/management/MBeanServerFactoryB\x01\x00\x0enewMBeanServerC"
	)
	for name, c := range map[string]struct{ entry, class, want string }{
		"TLC's":           {managed, "A" + factory + "B" + get + "C", changed},
		"no such class":   {"tlc2/TLC.class", "A" + factory + "B" + get + "C", ""},
		"no such factory": {managed, "AB" + get + "C", ""},
		"no such method":  {managed, "A" + factory + "BC", ""},
		"two methods":     {managed, "A" + factory + "B" + get + get + "C", ""},
	} {
		t.Run(name, func(t *testing.T) {
			jar := lean(jarWith(t, c.entry, c.class))
			r, err := zip.NewReader(bytes.NewReader(jar), int64(len(jar)))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range r.File {
				names = append(names, f.Name)
			}
			want := []string{"util/TLAFlightRecorder$MessageEvent.class", "util/TLAFlightRecorder$ProgressEvent.class"}
			if c.want != "" {
				want = append(want, managed)
			}
			if !slices.Equal(names, want) {
				t.Fatalf("it holds %q, want %q", names, want)
			}
			if c.want == "" {
				return
			}
			f, err := r.Open(managed)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(f); err != nil || string(got) != c.want {
				t.Errorf("error %v, got %q, want %q", err, got, c.want)
			}
		})
	}
	if got := lean(filepath.Join(t.TempDir(), "none.jar")); len(got) == 0 {
		t.Error("without a jar there is nothing")
	}
}
