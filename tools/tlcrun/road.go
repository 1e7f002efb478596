// SPDX-License-Identifier: MIT

package tlcrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// A Road is a way to what TLC says.
type Road string

const (
	Docker     Road = "docker" // TLC in a container
	Java       Road = "java"   // TLC on a Java of this machine
	RecordOnly Road = "record" // what spec/models.tsv says, while its digests match
)

// Roads is what a road may be called; auto is the first of the three that is there.
var Roads = []string{"auto", string(Docker), string(Java), string(RecordOnly)}

// A Runner is a road that is there.
type Runner interface {
	Road() Road
	// Jar is the jar of TLC that it runs.
	Jar() Jar
	// command gives the process that runs TLC with these arguments, after the
	// options of the JVM.
	command(ctx context.Context, job Job) (process, error)
}

// A process is one run of TLC that can be started.
type process struct {
	cmd     *exec.Cmd
	release func()             // to be called once it has ended or was interrupted
	use     func() (use, bool) // what it has used so far; false where that cannot be seen
}

// options are what the two roads that run TLC need to know.
type options struct {
	spec     string       // folder of the specs, with the Dockerfile
	base     string       // image that the Dockerfile starts from; "" for the Dockerfile's own
	javaHome string       // JAVA_HOME
	jars     *Jars        //
	say      func(string) // told in one line which road was taken or not, and why
}

// An absent error is one of a tool that is not installed.
type absent string

func (a absent) Error() string { return string(a) }

// ErrUnusable is the error of auto where Docker or Java is installed and neither
// can run TLC: then the record is no substitute that may be taken unasked.
var ErrUnusable = errors.New("what runs TLC is installed, and does not work (TLC=record takes the record)")

// Find returns the runner of the road called want, one of Roads; for auto that of the
// first road that is there. A nil runner is the record: it was asked for, or
// neither Docker nor Java is installed. A road that is named
// and not there is an error, and so is a jar that is not the pinned one.
// Find may build an image, pull its base and fetch the jar. TLC_BASE, TLC_JAR, JAVA_HOME
// and PERNET_CACHE say what to take.
func Find(ctx context.Context, want, spec string, say func(string)) (Runner, error) {
	if !slices.Contains(Roads, want) {
		return nil, fmt.Errorf("TLC=%s: not one of %s", want, strings.Join(Roads, ", "))
	}
	cache, err := CacheDir()
	if err != nil {
		return nil, err
	}
	o := options{spec, os.Getenv("TLC_BASE"), os.Getenv("JAVA_HOME"), NewJars(os.Getenv("TLC_JAR"), cache, say), say}
	tries := []struct {
		road Road
		find func(context.Context, options) (Runner, string, error)
	}{{Docker, findDocker}, {Java, findJava}}
	var unusable []string
	for _, try := range tries {
		if want != "auto" && want != string(try.road) {
			continue
		}
		runner, why, err := try.find(ctx, o)
		switch {
		case err == nil:
			say(fmt.Sprintf("TLC by %s: %s", try.road, why))
			return runner, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case want != "auto":
			return nil, fmt.Errorf("TLC=%s: %w", want, err)
		case errors.Is(err, errDigest), o.jars.Named != "" && errors.Is(err, errNamed): // a choice of the user's, not one that may be passed over
			return nil, err
		}
		say(fmt.Sprintf("TLC not by %s: %v", try.road, err))
		if _, ok := err.(absent); !ok {
			unusable = append(unusable, fmt.Sprintf("%s: %v", try.road, err))
		}
	}
	if len(unusable) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrUnusable, strings.Join(unusable, "; "))
	}
	say("TLC by record: nothing is run; what spec/models.tsv says counts as long as the digests of the spec files match")
	return nil, nil
}

// jarLine says which jar is used.
func jarLine(j Jar) string {
	if j.Named {
		return fmt.Sprintf("%s (TLC_JAR: not one of the pinned two, SHA-256 %s)", j.Path, j.SHA256)
	}
	return fmt.Sprintf("%s, SHA-256 as pinned", j.Path)
}
