// SPDX-License-Identifier: MIT

//go:build unix

package tlcrun

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMaven has a Maven that does what its script says with the folder it was given.
func TestMaven(t *testing.T) {
	const find = `#!/bin/sh
echo "$*" > "$LOG"
for arg; do case $arg in -DoutputDirectory=*) dir=${arg#*=} ;; esac; done
`
	for name, test := range map[string]struct{ script, file, want string }{
		"fetched":                {"printf '" + jarText + "' > $dir/maven.jar", "maven.jar", ""},
		"fails, then the server": {"echo '[ERROR] no such artifact'; exit 1", "release.jar", ""},
		"another digest":         {"printf other > $dir/maven.jar", "", "has SHA-256 " + digestOf("other") + ", expected " + digestOf(jarText)},
		"no file":                {"exit 0", "release.jar", ""},
	} {
		t.Run(name, func(t *testing.T) {
			j := testJars(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, jarText) }))
			bin := t.TempDir()
			log := filepath.Join(bin, "log")
			t.Setenv("LOG", log)
			t.Setenv("PATH", bin)
			if err := os.WriteFile(filepath.Join(bin, "mvn"), []byte(find+test.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			jar, err := j.Get(t.Context())
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%v, want %s", err, test.want)
				}
				only(t, j.Cache)
				return
			}
			if err != nil || filepath.Base(jar.Path) != test.file {
				t.Fatalf("%+v, %v; want %s", jar, err, test.file)
			}
			only(t, j.Cache, test.file)
			if asked, _ := os.ReadFile(log); !strings.Contains(string(asked), "-Dartifact=g:a:1") {
				t.Errorf("Maven was asked: %s", asked)
			}
		})
	}
}

// TestMavenAndServerFail: one error that tells of both.
func TestMavenAndServerFail(t *testing.T) {
	j := testJars(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusServiceUnavailable) }))
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if err := os.WriteFile(filepath.Join(bin, "mvn"), []byte("#!/bin/sh\necho '[ERROR] offline'; exit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := j.Get(t.Context())
	if err == nil || !strings.Contains(err.Error(), "[ERROR] offline") || !strings.Contains(err.Error(), "503") {
		t.Errorf("%v", err)
	}
}
