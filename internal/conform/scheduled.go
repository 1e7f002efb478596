// SPDX-License-Identifier: MIT

package conform

import (
	"fmt"
	"strings"
	"time"

	"example.com/pernet/internal/vectors"
	"example.com/pernet/internal/wire"
)

// scheduled gives the adapter the programs with schedules of each set.
func (r *run) scheduled() error {
	return r.vectors(Scheduled, func(_ *vectors.Set, v *vectors.Vector) func(c *Case) error {
		if v.Program == nil || v.Program.Schedule == nil {
			return nil
		}
		return func(c *Case) error { return r.schedule(v, c) }
	})
}

// schedule has the adapter follow one schedule, and compares its answer with the one that is due.
func (r *run) schedule(v *vectors.Vector, c *Case) error {
	began := time.Now()
	defer func() { c.Time = time.Since(began) }()
	p := *v.Program
	history, end, f, err := r.answered(&p)
	if err != nil {
		return err
	}
	text := ""
	if f == nil {
		text = vectors.Untold(vectors.Told(history, end), v.Due)
	}
	switch {
	case f != nil:
		c.Verdict, c.Details = f.verdict, f.trouble.Error()+"\nthe program:"
		if f.trouble.Reset {
			c.Details = f.trouble.Error() + "\nthe line:"
		}
	case text == "":
		c.Verdict = Passed
		return nil
	case end.At != nil && len(v.Due) > 1:
		c.Verdict, c.Details = Wrong, misfit(end.At)
	default:
		c.Verdict, c.Details = Wrong, "the answer differs from the one that is due:"+text
	}
	c.replay(r.Discipline, r.Seed, *v)
	if f != nil && f.trouble.Reset {
		c.Scenario = []string{resetLine}
		return nil
	}
	c.Scenario = []string{strings.TrimSuffix(string(v.Program.Append(nil)), "\n")}
	return nil
}

// misfit says why the schedule does not fit.
func misfit(at *wire.Misfit) string {
	found := "is before " + at.Found
	switch at.Found {
	case "":
		found = "has ended"
	case at.Step:
		found = "has to wait there"
	}
	return fmt.Sprintf("entry %d of the schedule does not fit: client %d is to take the step %s, and %s", at.Index, at.Client, at.Step, found)
}
