// SPDX-License-Identifier: MIT

package tlcrun

import (
	"context"
	"errors"
	"fmt"
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

// Options are what Find needs to know.
type Options struct {
	Want     string       // one of Roads
	Spec     string       // folder of the specs, with the Dockerfile
	BaseTag  string       // image that the Dockerfile starts from; "" for the Dockerfile's own
	Jars     *Jars        //
	JavaHome string       // JAVA_HOME
	Say      func(string) // told in one line which road was taken or not, and why
}

// Find gives the runner of the road that o.Want names; for auto that of the
// first road that is there. A nil runner is the record. A road that is named
// and not there is an error, and so is a jar that is not the pinned one.
// Find may build an image, pull its base and fetch the jar.
func Find(ctx context.Context, o Options) (Runner, error) {
	if !slices.Contains(Roads, o.Want) {
		return nil, fmt.Errorf("TLC=%s: not one of %s", o.Want, strings.Join(Roads, ", "))
	}
	tries := []struct {
		road Road
		find func(context.Context, Options) (Runner, string, error)
	}{{Docker, findDocker}, {Java, findJava}}
	for _, try := range tries {
		if o.Want != "auto" && o.Want != string(try.road) {
			continue
		}
		runner, why, err := try.find(ctx, o)
		switch {
		case err == nil:
			o.Say(fmt.Sprintf("TLC by %s: %s", try.road, why))
			return runner, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case o.Want != "auto":
			return nil, fmt.Errorf("TLC=%s: %w", o.Want, err)
		case errors.Is(err, errDigest), o.Jars.Named != "" && errors.Is(err, errNamed): // a choice of the user's, not one that may be passed over
			return nil, err
		}
		o.Say(fmt.Sprintf("TLC not by %s: %v", try.road, err))
	}
	o.Say("TLC by record: nothing is run; what spec/models.tsv says counts as long as the digests of the spec files match")
	return nil, nil
}

// jarLine says which jar is used.
func jarLine(j Jar) string {
	if j.Named {
		return fmt.Sprintf("%s (TLC_JAR: not one of the pinned two, SHA-256 %s)", j.Path, j.SHA256)
	}
	return fmt.Sprintf("%s, SHA-256 as pinned", j.Path)
}
