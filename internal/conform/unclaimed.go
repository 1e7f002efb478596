// SPDX-License-Identifier: MIT

package conform

import (
	"slices"

	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/vectors"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// alone are lines that need one feature and no other. Each published vector that shows these features needs more.
var alone = map[string][]wire.Line{
	"misuse": {
		{Op: wire.RegisterSubsys, Ops: "a"}, {Op: wire.RegisterSubsys, Ops: "a"}, {Op: wire.UnregisterDevice, Ops: "a"},
		{Op: wire.UnregisterSubsys, Ops: "b"}, {Op: wire.Copy, Net: "n1", From: "n2"}, {Op: wire.Get, Net: "n1"},
		{Op: wire.Put, Net: "n1"}, {Op: wire.Put, Net: wire.InitNet},
	},
	"fail-alloc": {
		{Op: wire.RegisterSubsys, Ops: "a"}, {Op: wire.FailAlloc, Err: model.ENOMEM}, {Op: wire.Copy, Net: "n1", From: wire.InitNet},
		{Op: wire.FailAlloc, Err: model.ENOSPC}, {Op: wire.Copy, Net: "n1", From: wire.InitNet}, {Op: wire.Copy, Net: "n1", From: wire.InitNet},
	},
}

// unclaimed tries the features that the adapter does not claim, and reports those that work, and those that were
// not tried. It tries none with an adapter that hangs: each try may take as long as an answer may.
func (r *run) unclaimed() error {
	for _, feature := range replay.Claims() {
		if r.lacks(feature) == "" {
			continue
		}
		shown, err := r.showing(feature)
		if err != nil {
			return err
		}
		if len(shown) == 0 || r.report.hung() > 0 {
			r.report.NotTried = append(r.report.NotTried, feature)
			continue
		}
		works := true
		for i := 0; i < len(shown) && works; i++ {
			if works, err = r.passes(&shown[i]); err != nil {
				return err
			}
		}
		if works {
			r.report.Works = append(r.report.Works, feature)
		}
	}
	return nil
}

// passes reports whether the vector passes.
func (r *run) passes(v *vectors.Vector) (bool, error) {
	if v.Program == nil {
		f, err := r.try(v, true)
		return f == nil, err
	}
	p := *v.Program
	p.Deadline = 1000 // an adapter that does not know the line may say nothing
	if p.Schedule == nil {
		o, err := r.execute(&p)
		return err == nil && o.verdict == Passed, err
	}
	c := &Case{}
	err := r.schedule(&vectors.Vector{Program: &p, Due: v.Due}, c)
	return c.Verdict == Passed, err
}

// showing returns what needs the feature, and else nothing that the adapter lacks: vectors by hand, schedules
// and a few programs.
func (r *run) showing(feature string) (shown []vectors.Vector, err error) {
	for _, set := range r.Sets {
		for _, v := range set.Vectors {
			if set.Bounds == nil && slices.Contains(v.Needs, feature) {
				shown = append(shown, v)
			}
		}
	}
	if lines := alone[feature]; lines != nil {
		v, err := vectors.Due(r.ctx, r.Discipline, lines)
		if err != nil {
			return nil, err
		}
		shown = append(shown, v)
	}
	for n := uint64(1); n <= 10 && feature == replay.FeatureRun; n++ {
		shown = append(shown, vectors.OfProgram(newProgram(r.Seed, n, func(f string) bool { return r.lacks(f) == "" })))
	}
	return slices.DeleteFunc(shown, func(v vectors.Vector) bool {
		return slices.ContainsFunc(v.Needs, func(f string) bool { return f != feature && r.lacks(f) != "" }) || r.above(feature)
	}), nil
}

// above reports whether the feature is of a level that is not to be run.
func (r *run) above(feature string) bool {
	level := map[string]string{replay.FeatureRun: Concurrent, replay.FeatureSteps: Scheduled}[feature]
	return level != "" && r.Level != "" && !r.does(level, feature)
}
