// SPDX-License-Identifier: MIT

package tlcrun

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"example.com/pernet/internal/kill"
)

// oldestJava is the first that TLC runs on.
const oldestJava = 11

type javaRunner struct {
	java    string
	jar     Jar
	archive *archive
}

func (javaRunner) Road() Road { return Java }
func (r javaRunner) Jar() Jar { return r.jar }

func findJava(ctx context.Context, o options) (Runner, string, error) {
	java, version, err := lookForJava(ctx, o.javaHome)
	if err != nil {
		return nil, "", err
	}
	jar, err := o.jars.Get(ctx)
	if err != nil {
		return nil, "", err
	}
	a := &archive{ctx: ctx, java: java, version: version, jar: jar, cache: o.jars.Cache, say: o.say}
	return javaRunner{java, jar, a}, fmt.Sprintf("Java %s (%s), %s", version, java, jarLine(jar)), nil
}

// lookForJava tries JAVA_HOME, then PATH, and takes the first that is new enough.
func lookForJava(ctx context.Context, home string) (java, version string, err error) {
	var places []string
	if home != "" {
		places = append(places, filepath.Join(home, "bin", "java"))
	}
	places = append(places, "java")
	err = absent("no java in JAVA_HOME or on PATH")
	for _, place := range places {
		path, lookErr := exec.LookPath(place)
		if lookErr != nil {
			continue
		}
		if version, err = javaVersion(ctx, path); err == nil {
			return path, version, nil
		}
	}
	return "", "", err
}

var javaVersionLine = regexp.MustCompile(`version "(\d[^"]*)"`)

func javaVersion(ctx context.Context, java string) (string, error) {
	cmd := exec.CommandContext(ctx, java, "-version")
	kill.Tree(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s -version: %w: %s", java, err, FirstLine(string(out)))
	}
	m := javaVersionLine.FindStringSubmatch(string(out))
	if m == nil {
		return "", fmt.Errorf("%s -version names no version: %s", java, FirstLine(string(out)))
	}
	if feature(m[1]) < oldestJava {
		return "", fmt.Errorf("%s is Java %s, TLC needs %d or later", java, m[1], oldestJava)
	}
	return m[1], nil
}

// feature is 17 for Java 17.0.15, and 1 for the old 1.8.
func feature(version string) int {
	n := 0
	_, _ = fmt.Sscanf(version, "%d", &n)
	return n
}

// command gives TLC's states and the JVM's temporary files a folder of their
// own: two runs at a time would else unpack the standard modules into one.
func (r javaRunner) command(ctx context.Context, job Job) (process, error) {
	scratch, err := os.MkdirTemp("", "pernet-tlc-")
	if err != nil {
		return process{}, err
	}
	args := jvmOptions(job, 50/max(job.Beside, 1))
	if job.usesArchive() {
		args = append(args, r.archive.options()...)
	} else {
		args = append(args, "-cp", r.jar.Path)
	}
	args = append(args, "-Djava.io.tmpdir="+scratch, "tlc2.TLC")
	args = append(args, tlcArguments(job, filepath.Join(scratch, "states"), job.Dump)...)
	cmd := exec.CommandContext(ctx, r.java, args...)
	cmd.Dir = job.Spec
	kill.Tree(cmd)
	return process{
		cmd:     cmd,
		release: func() { os.RemoveAll(scratch) },
		use:     func() (use, bool) { return groupUse(cmd.Process.Pid) },
	}, nil
}
