// SPDX-License-Identifier: MIT

//go:build unix

package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"check": main})
}

// TestScripts runs check with stand-ins for java, docker, mvn and go on PATH.
// They play the runs of TLC that tools/tlcrun/testdata/output holds.
func TestScripts(t *testing.T) {
	tlc, err := filepath.Abs("../tlcrun/testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join(tlc, "script"),
		Setup: func(env *testscript.Env) error {
			for _, program := range []string{"java", "docker", "mvn", "go", "gofmt"} {
				text, err := os.ReadFile(filepath.Join(tlc, "bin", program))
				if err != nil {
					return err
				}
				dir := filepath.Join(env.WorkDir, "stand-in", program)
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(dir, program), text, 0o755); err != nil {
					return err
				}
			}
			if err := os.WriteFile(filepath.Join(env.WorkDir, "my.jar"), jar(t), 0o644); err != nil {
				return err
			}
			tools, err := linkTools(filepath.Join(env.WorkDir, "tools"))
			if err != nil {
				return err
			}
			check, _, _ := strings.Cut(env.Getenv("PATH"), string(os.PathListSeparator))
			env.Setenv("BASIC", check+string(os.PathListSeparator)+tools)
			env.Setenv("PATH", env.Getenv("BASIC"))
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each check takes a second to end under -race
			env.Setenv("OUTPUT", filepath.Join(tlc, "output"))
			env.Setenv("SPECS", filepath.Join(tlc, "spec"))
			env.Setenv("PERNET_CACHE", filepath.Join(env.WorkDir, "cache"))
			return nil
		},
	})
}

// jar passes for a jar of TLC: it has the main class.
func jar(t *testing.T) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	_, err := w.Create("tlc2/TLC.class")
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// linkTools makes a folder of what the stand-ins need, so that a PATH can be
// without any other program of this machine.
func linkTools(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, tool := range []string{"sh", "cat", "head", "sleep", "mkdir", "touch", "sed"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			return "", err
		}
		if err := os.Symlink(path, filepath.Join(dir, tool)); err != nil {
			return "", err
		}
	}
	return dir, nil
}
