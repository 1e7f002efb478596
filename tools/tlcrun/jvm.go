// SPDX-License-Identifier: MIT

package tlcrun

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/pernet/internal/kill"
)

// How long a run of one worker may be expected to take for its JVM to be started so.
const (
	brief  = 3 * time.Second / 2
	medium = 12 * time.Second
)

// jvmOptions are the JVM's. The heap may grow to a share of the memory that the
// JVM sees. One worker wants no parallel collector, but a young generation that is large
// enough from the start, so that hardly anything is collected. In a brief run the JVM
// starts, compiles its code and reads the spec, and hardly does more: the first
// compiler alone, which waits a little longer and inlines little, costs least. In
// one of some seconds that compiler alone still costs less than both.
func jvmOptions(job Job, share int) []string {
	heap := fmt.Sprintf("-XX:MaxRAMPercentage=%d", share)
	if job.Expect == 0 || job.Workers != 1 {
		return []string{"-XX:+UseParallelGC", heap} // as TLC asks
	}
	small := []string{heap, "-Xms160m", "-Xmn100m"} // each page that is touched first costs
	switch {
	case job.isBrief():
		return append(small, briefOptions...)
	case job.Expect <= medium:
		return append(small, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
	}
	return []string{heap, fmt.Sprintf("-XX:InitialRAMPercentage=%d", max(share/4, 1)), "-XX:NewRatio=1", "-XX:+UseSerialGC"}
}

// usesArchive: in a longer run the start hardly counts.
func (job Job) usesArchive() bool {
	return job.Workers == 1 && 0 < job.Expect && job.Expect <= medium
}

func (job Job) isBrief() bool { return job.Workers == 1 && 0 < job.Expect && job.Expect <= brief }

var briefOptions = []string{"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=3",
	"-XX:+IgnoreUnrecognizedVMOptions", "-XX:C1MaxInlineSize=10", "-XX:C1MaxInlineLevel=2", // not known to all
	"-XX:-UsePerfData", "-XX:ReservedCodeCacheSize=16m"}

// An archive is a class-data archive: the JVM maps the classes of TLC from it,
// already parsed. It is made for one jar and one Java, by the first run that
// wants it, and kept in the cache, beside the jar of lean. A run never
// needs either.
type archive struct {
	ctx           context.Context
	java, version string
	jar           Jar
	cache         string
	say           func(string)

	once sync.Once
	base string      // of the two files, without their ends
	info os.FileInfo // of the file that the JVM has accepted
}

// firstArchiving is the Java that can archive the classes of a run at its end.
const firstArchiving = 13

// options are those of a JVM that uses the archive, its class path included. The JVM's own
// messages go to standard error: standard output is TLC's.
func (a *archive) options() []string {
	a.once.Do(a.find)
	now, err := os.Stat(a.base + archiveEnd)
	if a.info == nil || err != nil || now.Size() != a.info.Size() || !now.ModTime().Equal(a.info.ModTime()) {
		return []string{"-cp", a.jar.Path} // a JVM that maps a file which was cut short dies
	}
	return sharing(a.base+archiveEnd, a.classPath())
}

func sharing(archive, classPath string) []string {
	return []string{"-XX:SharedArchiveFile=" + archive, "-Xlog:disable", "-Xlog:all=warning:stderr", "-cp", classPath}
}

// archiving has the JVM write the archive at the end of a run on the small spec.
func archiving(archive, classPath string) []string {
	return append(slices.Clone(briefOptions), "-XX:ArchiveClassesAtExit="+archive, "-Xlog:disable", "-cp", classPath, "tlc2.TLC",
		"-tool", "-workers", "1", "-coverage", "1000", "-config", "Train.cfg", "Train")
}

func (a *archive) classPath() string {
	return a.base + jarEnd + string(os.PathListSeparator) + a.jar.Path
}

const archiveEnd, jarEnd = ".jsa", ".lean.jar"

// find takes the archive from the cache, or makes it.
func (a *archive) find() {
	if feature(a.version) < firstArchiving {
		return
	}
	parts := []string{a.java, a.version, a.jar.Path, a.jar.SHA256, strings.Join(briefOptions, " ")}
	name := strings.TrimSuffix(filepath.Base(a.jar.Path), ".jar") + "-" + contentTag([]byte(strings.Join(parts, "\n")))
	a.base = filepath.Join(a.cache, name)
	if holds(a.base+jarEnd, lean(a.jar.Path)) && a.accepted() {
		return
	}
	a.say("making a class-data archive: " + a.base + archiveEnd)
	if err := a.make(); err != nil {
		a.say(fmt.Sprintf("no class-data archive, runs start more slowly: %v", err))
		return
	}
	for _, end := range []string{archiveEnd, jarEnd} { // of another jar or Java
		old, _ := filepath.Glob(filepath.Join(a.cache, "*"+end))
		for _, path := range old {
			if path != a.base+end {
				_ = os.Remove(path)
			}
		}
	}
}

// accepted has the JVM itself check the whole file, in a folder where it may
// leave its report if it dies of it.
func (a *archive) accepted() bool {
	info, err := os.Stat(a.base + archiveEnd)
	if err != nil {
		return false
	}
	err = a.run("-Xshare:on", "-XX:+VerifySharedSpaces", "-XX:SharedArchiveFile="+a.base+archiveEnd, "-cp", a.classPath(), "-version")
	if err != nil {
		return false
	}
	a.info = info
	return true
}

// make has TLC check a small spec, and the JVM archive the classes that this
// took. Each file is moved to its place when it is whole.
func (a *archive) make() error {
	if err := os.MkdirAll(a.cache, 0o755); err != nil { // the jar may be another's, by TLC_JAR
		return err
	}
	dir, err := os.MkdirTemp(a.cache, "archiving-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "made")
	if jar := lean(a.jar.Path); !holds(a.base+jarEnd, jar) { // an archive holds its time: leave one that another check relies on
		err := errors.Join(os.WriteFile(made+jarEnd, jar, 0o644), os.Rename(made+jarEnd, a.base+jarEnd))
		if err != nil {
			return err
		}
	}
	err = a.run(archiving(made+archiveEnd, a.classPath())...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == violations[codeTemporal].exit {
		err = nil // as it must
	}
	if err != nil {
		return err
	}
	if err := os.Rename(made+archiveEnd, a.base+archiveEnd); err != nil {
		return err
	}
	if !a.accepted() {
		return errors.Join(errors.New("the JVM does not take what it has made"), os.Remove(a.base+archiveEnd))
	}
	return nil
}

func holds(path string, content []byte) bool {
	now, err := os.ReadFile(path)
	return err == nil && bytes.Equal(now, content)
}

//go:embed train
var train embed.FS

// run runs the JVM in a folder of its own, in which it finds the small spec.
func (a *archive) run(args ...string) error {
	dir, err := os.MkdirTemp("", "pernet-tlc-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, train); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, a.java, append([]string{"-Djava.io.tmpdir=" + dir}, args...)...)
	cmd.Dir = filepath.Join(dir, "train")
	kill.Tree(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, lastLine(string(out)))
	}
	return nil
}
