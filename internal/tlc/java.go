// SPDX-License-Identifier: MIT

package tlc

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// oldestJava is the first that TLC runs on.
const oldestJava = 11

type javaRunner struct {
	java string
	jar  Jar
}

func (javaRunner) Road() Road { return Java }
func (r javaRunner) Jar() Jar { return r.jar }

func findJava(ctx context.Context, o Options) (Runner, string, error) {
	java, version, err := lookForJava(ctx, o.JavaHome)
	if err != nil {
		return nil, "", err
	}
	jar, err := o.Jars.Get(ctx)
	if err != nil {
		return nil, "", err
	}
	return javaRunner{java, jar}, fmt.Sprintf("Java %s (%s), %s", version, java, jarLine(jar)), nil
}

// lookForJava tries JAVA_HOME, then PATH, and takes the first that is new enough.
func lookForJava(ctx context.Context, home string) (java, version string, err error) {
	var places []string
	if home != "" {
		places = append(places, filepath.Join(home, "bin", "java"))
	}
	places = append(places, "java")
	err = fmt.Errorf("no java in JAVA_HOME or on PATH")
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

var javaVersionLine = regexp.MustCompile(`version "((?:1\.)?(\d+)[^"]*)"`)

func javaVersion(ctx context.Context, java string) (string, error) {
	cmd := exec.CommandContext(ctx, java, "-version")
	KillTree(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s -version: %w: %s", java, err, firstLine(string(out)))
	}
	m := javaVersionLine.FindStringSubmatch(string(out))
	if m == nil {
		return "", fmt.Errorf("%s -version names no version: %s", java, firstLine(string(out)))
	}
	if n, _ := strconv.Atoi(m[2]); n < oldestJava {
		return "", fmt.Errorf("%s is Java %s, TLC needs %d or later", java, m[1], oldestJava)
	}
	return m[1], nil
}

// command gives TLC's states and the JVM's temporary files a folder of their
// own: two runs at a time would else unpack the standard modules into one.
func (r javaRunner) command(ctx context.Context, job Job) (*exec.Cmd, func(), error) {
	scratch, err := os.MkdirTemp("", "pernet-tlc-")
	if err != nil {
		return nil, nil, err
	}
	release := func() { os.RemoveAll(scratch) }
	args := append(jvmOptions(job, 50/max(job.Beside, 1)), "-Djava.io.tmpdir="+scratch, "-cp", r.jar.Path, "tlc2.TLC")
	args = append(args, tlcArguments(job, filepath.Join(scratch, "states"), job.Dump)...)
	cmd := exec.CommandContext(ctx, r.java, args...)
	cmd.Dir = job.Spec
	KillTree(cmd)
	return cmd, release, nil
}
