// SPDX-License-Identifier: MIT

package tlcrun

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const jarText = "a jar of TLC"

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// testJars has the pins of a test: a jar that holds jarText, at a server of ours.
func testJars(t *testing.T, url string) *Jars {
	t.Helper()
	t.Setenv("PATH", t.TempDir()) // no Maven
	j := NewJars("", filepath.Join(t.TempDir(), "cache"), func(string) {})
	j.maven = pin{file: "maven.jar", artifact: "g:a:1", sha256: digestOf(jarText)}
	j.release = pin{file: "release.jar", url: url, sha256: digestOf(jarText)}
	return j
}

func serve(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL + "/tla2tools.jar"
}

func TestDownload(t *testing.T) {
	asked := 0
	j := testJars(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		fmt.Fprint(w, jarText)
	}))
	for range 2 { // the second time from the cache
		jar, err := j.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if jar.Path != filepath.Join(j.Cache, "release.jar") || jar.SHA256 != digestOf(jarText) || jar.Named {
			t.Errorf("%+v", jar)
		}
	}
	if asked != 1 {
		t.Errorf("the server was asked %d times", asked)
	}
	only(t, j.Cache, "release.jar")
}

// TestDownloadFails: each failure is one error that says what it was, and
// leaves nothing in the cache.
func TestDownloadFails(t *testing.T) {
	for name, test := range map[string]struct {
		handle http.HandlerFunc
		want   string
	}{
		"not found": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusNotFound) }, "the server answers 404 Not Found"},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, jarText)
		}, "after 12 of 1000 bytes: unexpected EOF"},
		"another digest": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "another jar") },
			"has SHA-256 " + digestOf("another jar") + ", expected " + digestOf(jarText)},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, test.handle)
			j := testJars(t, url)
			_, err := j.Get(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %s", err, test.want)
			}
			if name != "another digest" && !strings.Contains(err.Error(), "could not fetch "+url) {
				t.Errorf("%v does not name %s", err, url)
			}
			if errors.Is(err, errDigest) != (name == "another digest") {
				t.Errorf("errDigest: %v", err)
			}
			only(t, j.Cache)
		})
	}
}

func TestNoServer(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	_, err := testJars(t, server.URL).Get(t.Context())
	if err == nil || strings.Count(err.Error(), server.URL) != 1 || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
}

func TestInterruptedDownload(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	j := testJars(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, jarText)
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	}))
	if _, err := j.Get(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	only(t, j.Cache)
}

// TestChangedCache: a jar is checked at each use, not only when it came.
func TestChangedCache(t *testing.T) {
	for _, file := range []string{"maven.jar", "release.jar"} {
		j := testJars(t, "http://127.0.0.1:1/")
		path := filepath.Join(j.Cache, file)
		if err := errors.Join(os.MkdirAll(j.Cache, 0o755), os.WriteFile(path, []byte("changed"), 0o644)); err != nil {
			t.Fatal(err)
		}
		_, err := j.Get(t.Context())
		want := fmt.Sprintf("%s has SHA-256 %s, expected %s", path, digestOf("changed"), digestOf(jarText))
		if !errors.Is(err, errDigest) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// jarOf writes a file of that text, called my.jar.
func jarOf(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "my.jar")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNamedJar(t *testing.T) {
	j := testJars(t, "http://127.0.0.1:1/")
	for text, named := range map[string]bool{jarText: false, zipOf(t, "tlc2/TLC.class"): true} {
		j.Named = jarOf(t, text)
		jar, err := j.Get(t.Context())
		if err != nil || jar.Path != j.Named || jar.Named != named {
			t.Errorf("%+v, %v", jar, err)
		}
		if line := jarLine(jar); strings.Contains(line, "not one of the pinned two") != named {
			t.Errorf("%q", line)
		}
	}
	j.Named = filepath.Join(t.TempDir(), "missing.jar")
	if _, err := j.Get(t.Context()); err == nil || !strings.Contains(err.Error(), "TLC_JAR") {
		t.Errorf("%v", err)
	}
	for text, want := range map[string]string{
		"no zip":             "my.jar is no jar of TLC: zip: not a valid zip file",
		zipOf(t, "x.class"):  "my.jar is no jar of TLC: it holds no tlc2/TLC.class",
		zipOf(t, "tlc2/TLC"): "it holds no tlc2/TLC.class",
	} {
		j.Named = jarOf(t, text)
		if _, err := j.Get(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "TLC_JAR: ") || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// zipOf is a jar that holds an empty file of that name.
func zipOf(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	_, err := w.Create(name)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// only checks what is in a folder, in which nothing half done may stay.
func only(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
}
