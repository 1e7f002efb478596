// SPDX-License-Identifier: MIT

package tlcrun

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/pernet/internal/kill"
)

type dockerRunner struct {
	docker string
	image  string
	jar    Jar
	memory int64 // bytes that containers may use
}

func (dockerRunner) Road() Road { return Docker }
func (r dockerRunner) Jar() Jar { return r.jar }

func findDocker(ctx context.Context, o options) (Runner, string, error) {
	docker, err := exec.LookPath("docker")
	if err != nil {
		return nil, "", absent("no docker on PATH")
	}
	engine, err := output(ctx, 20*time.Second, docker, "info", "--format", "{{.ServerVersion}} {{.MemTotal}}")
	version, memory, ok := strings.Cut(engine, " ")
	if err != nil || !ok || version == "" {
		return nil, "", fmt.Errorf("no engine answers (%s)", cmp.Or(errorLine(err), engine))
	}
	total, err := strconv.ParseInt(memory, 10, 64)
	if err != nil {
		return nil, "", fmt.Errorf("docker info gives no memory size: %q", engine)
	}
	dockerfile, err := os.ReadFile(filepath.Join(o.spec, "Dockerfile"))
	if err != nil {
		return nil, "", err
	}
	base, baseID, err := findBase(ctx, docker, cmp.Or(o.base, defaultBase(dockerfile)), o.say)
	if err != nil {
		return nil, "", err
	}
	jar, err := o.jars.Get(ctx)
	if err != nil {
		return nil, "", err
	}
	before := lean(jar.Path)
	image := "pernet-tlc:" + contentTag(dockerfile, []byte(baseID), []byte(jar.SHA256), before, []byte(imageArchiving))
	if _, err := output(ctx, 20*time.Second, docker, "image", "inspect", image); err != nil {
		o.say("building " + image + " on " + base)
		if err := build(ctx, docker, image, base, dockerfile, before, jar); err != nil {
			return nil, "", err
		}
	}
	why := fmt.Sprintf("engine %s, image %s on %s, %s", version, image, base, jarLine(jar))
	return dockerRunner{docker, image, jar, total / 4 * 3}, why, nil
}

var baseArgument = regexp.MustCompile(`(?m)^ARG BASE=(\S+)`)

func defaultBase(dockerfile []byte) string {
	if m := baseArgument.FindSubmatch(dockerfile); m != nil {
		return string(m[1])
	}
	return ""
}

// findBase gives the base image's tag and id, and pulls it the first time.
func findBase(ctx context.Context, docker, base string, say func(string)) (string, string, error) {
	if base == "" {
		return "", "", errors.New("spec/Dockerfile has no ARG BASE=")
	}
	inspect := []string{"image", "inspect", "--format", "{{.Id}}", base}
	if id, err := output(ctx, 20*time.Second, docker, inspect...); err == nil {
		return base, id, nil
	}
	say("pulling the base image " + base)
	if _, err := output(ctx, 10*time.Minute, docker, "pull", "--quiet", base); err != nil {
		return "", "", fmt.Errorf("no base image %s to be had (%s)", base, errorLine(err))
	}
	id, err := output(ctx, 20*time.Second, docker, inspect...)
	return base, id, err
}

// contentTag changes with each of the parts, so that an image is built again
// only when something that it is made of has changed.
func contentTag(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// The image's own class-data archive and class path. A base whose Java cannot archive leaves the
// archive out, and the JVM goes on without it.
const imageArchive, imageClassPath = "/opt/tlc.jsa", "/opt/tlc.lean.jar:/opt/tlc.jar"

var imageArchiving = strings.Join(archiving(imageArchive, imageClassPath), " ")

// build makes the image from a context of its own: the Dockerfile, the jar, the jar of lean and the
// small spec. The build itself fetches nothing, and has no network.
func build(ctx context.Context, docker, image, base string, dockerfile, lean []byte, jar Jar) error {
	dir, err := os.MkdirTemp("", "pernet-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	content, err := os.ReadFile(jar.Path)
	if err != nil {
		return err
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "Dockerfile"), dockerfile, 0o644),
		os.WriteFile(filepath.Join(dir, "tlc.jar"), content, 0o644),
		os.WriteFile(filepath.Join(dir, "tlc.lean.jar"), lean, 0o644),
		os.CopyFS(dir, train))
	if err != nil {
		return err
	}
	_, err = output(ctx, 5*time.Minute, docker, "build", "--quiet", "--network", "none",
		"--build-arg", "BASE="+base, "--build-arg", "ARCHIVING="+imageArchiving, "--tag", image, dir)
	if err != nil {
		return fmt.Errorf("docker build failed: %s", errorLine(err))
	}
	return nil
}

// output runs a command within a time, and gives what it wrote, trimmed.
func output(ctx context.Context, limit time.Duration, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	kill.Tree(cmd)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	if ctx.Err() == context.DeadlineExceeded {
		return "", fmt.Errorf("no answer within %s", limit)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, strings.TrimSpace(problems.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// errorLine is an error's last line: the one in which docker says why.
func errorLine(err error) string {
	if err == nil {
		return ""
	}
	return lastLine(err.Error())
}

// statesShare of a container's memory may hold TLC's states.
const statesShare = 3

// command runs TLC with no network, no privilege and nothing to write on but a
// tmpfs. The container is ended by name: to kill the client would not end it.
func (r dockerRunner) command(ctx context.Context, job Job) (process, error) {
	name := "pernet-tlc-" + strings.ToLower(rand.Text()[:12])
	memory := r.memory / int64(max(job.Beside, 1))
	megabytes := func(n int64) string { return strconv.FormatInt(n>>20, 10) + "m" }
	args := []string{"run", "--rm", "--name", name,
		"--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
		"--pids-limit", "512", "--memory", megabytes(memory),
		"--tmpfs", "/states:rw,noexec,nosuid,nodev,mode=1777,size=" + megabytes(memory/statesShare),
		"--tmpfs", "/tmp:rw,nosuid,nodev,mode=1777,size=64m",
		"--mount", "type=bind,readonly,source=" + job.Spec + ",target=/spec"}
	if job.Workers > 0 {
		args = append(args, "--cpus", strconv.Itoa(job.Workers))
	}
	if uid := os.Getuid(); uid > 0 { // the owner of the spec; the image's own user otherwise
		args = append(args, "--user", fmt.Sprintf("%d:%d", uid, os.Getgid()))
	}
	if job.made != "" {
		args = append(args, "--mount", "type=bind,readonly,source="+job.made+",target=/made")
		job.made = "/made"
	}
	dump := ""
	if job.Dump != "" { // the one folder that the container may write to
		dump = "/dump/" + filepath.Base(job.Dump)
		args = append(args, "--mount", "type=bind,source="+filepath.Dir(job.Dump)+",target=/dump")
	}
	args = append(args, r.image)
	args = append(args, jvmOptions(job, 50)...)
	if job.usesArchive() {
		args = append(args, "-XX:+IgnoreUnrecognizedVMOptions") // an old Java does not know an archive of a program's classes
		args = append(args, sharing(imageArchive, imageClassPath)...)
	} else {
		args = append(args, "-cp", "/opt/tlc.jar")
	}
	args = append(args, "tlc2.TLC")
	args = append(args, tlcArguments(job, "/states/run", dump)...)
	cmd := exec.CommandContext(ctx, r.docker, args...)
	kill.Tree(cmd)
	release := func() {
		if ctx.Err() == nil {
			return // it ended by itself, and --rm has removed it
		}
		// The interrupted context would stop this command too.
		_, _ = output(context.WithoutCancel(ctx), 20*time.Second, r.docker, "rm", "--force", name)
	}
	var used use
	last := time.Now()
	look := func() (use, bool) { // the engine tells the CPU of the last second or two, taken here for all since the last look
		percent, ok := r.cpuPercent(ctx, name)
		now := time.Now()
		used.cpu += time.Duration(percent / 100 * float64(now.Sub(last)))
		last = now
		return used, ok
	}
	return process{cmd, release, look}, nil
}

// cpuPercent asks the engine, which also knows it where the container runs on
// another machine. 100 is one CPU.
func (r dockerRunner) cpuPercent(ctx context.Context, name string) (float64, bool) {
	out, err := output(ctx, 20*time.Second, r.docker, "stats", "--no-stream", "--format", "{{.CPUPerc}}", name)
	if err != nil {
		return 0, false
	}
	percent, err := strconv.ParseFloat(strings.TrimSuffix(out, "%"), 64)
	return percent, err == nil
}
