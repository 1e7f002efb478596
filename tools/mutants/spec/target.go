// SPDX-License-Identifier: MIT

// Package spec is the target of a campaign on the modules of spec/: one of them is changed
// in one place at a time. TLC or the graph of the code must show it, as after a make record:
// counts that differ from the recorded ones show nothing.
package spec

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"example.com/pernet/tools/mutants/campaign"
	"example.com/pernet/tools/tlcrun"
)

// Notes are what the file of results says of its columns.
const Notes = `# Mutants of the modules of spec/: one change each, and what shows it, counts apart, which a make record takes anew (make mutants-spec).
# mutant: file, line, kind, hash of what the definition then says. verdict: killed, equivalent (reason says why), survived. One without a line was not run.
# how: error (TLC's parser or evaluation), property (an invariant or property is violated, or a deadlock), endless (many times the states),
# graph (another state graph than the code's), refinement (of registry.tla), fault (a seeded fault is not found, or as another). where, name: on which cfg, and as what.
# digest: of the spec files that the line rests on, without their comments; while they are the same, it is not run again.
# To call a survivor equivalent, change its verdict and give the reason. A line that is killed all the same loses both.
`

// Options say how TLC is run.
type Options struct {
	Road  string // to TLC
	Jobs  int    // how many runs at one time
	Bound time.Duration
	Long  bool // the long instances too
}

// A subject is a module as it stands, with its instances.
type subject struct {
	Subject
	src     string // the text that is changed
	passing []rung // in the order of the ladder
	failing []rung // Bug… and Probe… cfgs, sorted
}

// A Target is the spec as it stands, its instances, and TLC.
type Target struct {
	Options
	dir, scratch string
	subjects     map[string]*subject // by file
	mutants      map[string]mutant
	runner       tlcrun.Runner

	mu      sync.Mutex
	base    map[string]func() error // by cfg: runs the spec as it is, once
	digests map[string]string       // by file
}

// New returns the target of the project at root. Scratch is a folder for its files.
func New(root, scratch string, o Options) (*Target, error) {
	dir, err := tlcrun.SpecDir(root)
	return &Target{Options: o, dir: dir, scratch: scratch, subjects: map[string]*subject{}, mutants: map[string]mutant{}, base: map[string]func() error{}, digests: map[string]string{}}, err
}

// Mutants is campaign.Target's.
func (t *Target) Mutants(context.Context) (all []campaign.Mutant, err error) {
	for _, about := range Subjects {
		text, err := os.ReadFile(filepath.Join(t.dir, about.file()))
		if err != nil {
			return nil, err
		}
		sub := &subject{Subject: about, src: string(text)}
		t.subjects[about.file()] = sub
		if sub.passing, sub.failing, err = readRungs(t.dir, about, t.Long); err != nil {
			return nil, err
		}
		invariants, properties := claims(about, sub.passing)
		extended := ""
		if about.Extends != "" {
			if text, err = os.ReadFile(filepath.Join(t.dir, about.Extends+".tla")); err != nil {
				return nil, err
			}
			extended = string(text)
		}
		made, err := mutate(about.file(), sub.src, extended, about.Next, invariants, properties)
		if err != nil {
			return nil, err
		}
		for _, m := range made {
			t.mutants[m.ID()] = m
			all = append(all, m.Mutant)
		}
	}
	return all, nil
}

// Start is campaign.Target's.
func (t *Target) Start(ctx context.Context, say func(string)) (err error) {
	t.runner, err = tlcrun.Find(ctx, t.Road, t.dir, say)
	if err == nil && t.runner == nil {
		err = errors.New("mutants are to be run, and there is no TLC")
	}
	return err
}

// Digest is campaign.Target's: of the files that the run which killed the mutant
// has read or, where none did, those of every run; all without their comments.
func (t *Target) Digest(cm campaign.Mutant, f campaign.Finding) (string, error) {
	files := []string{cm.File}
	found := false
	for _, r := range t.rungs(t.mutants[cm.ID()]) {
		if f.Where != "" && r.cfg.Name != f.Where || f.Where == "" && r.row.Long {
			continue
		}
		read, err := tlcrun.Files(t.dir, r.cfg.Name, r.row.Module)
		if err != nil {
			return "", err
		}
		files, found = append(files, read...), true
	}
	if !found && f.Where != "" {
		return "", nil // that cfg is there no more, or is not for this mutant
	}
	all := sha256.New()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range sorted(files) {
		if t.digests[name] == "" {
			text, err := tlcrun.ReadFile(t.dir, name)
			if err != nil {
				return "", err
			}
			t.digests[name] = fmt.Sprintf("%x", sha256.Sum256([]byte(bare(string(text)))))
		}
		fmt.Fprintf(all, "%s %s\n", name, t.digests[name])
	}
	return hex.EncodeToString(all.Sum(nil)[:8]), nil
}

// Try is campaign.Target's. What is quick are the small instances, first the one that killed the mutant last.
func (t *Target) Try(ctx context.Context, cm campaign.Mutant, thorough bool, before campaign.Result) (campaign.Finding, error) {
	m := t.mutants[cm.ID()]
	var first, then []rung
	for _, r := range t.rungs(m) {
		switch {
		case r.cfg.Name == before.Where && !thorough:
			first = append(first, r)
		case r.row.Long && !t.Long, r.isLarge() != thorough:
		default:
			then = append(then, r)
		}
	}
	var untold []string
	for _, r := range append(first, then...) {
		if r.old != "" {
			return campaign.Finding{}, fmt.Errorf("models.tsv, %s: %s: measure it first (make record)", r.cfg.Name, r.old)
		}
		found, err := t.climb(ctx, m.File, m.apply(t.subjects[m.File].src), r)
		if err == nil && found.Verdict == campaign.Killed {
			err = t.asRecorded(ctx, r)
		}
		if err != nil || found.Verdict == campaign.Killed {
			return found, err
		}
		if found.Reason != "" {
			untold = append(untold, r.cfg.Name+": "+found.Reason)
		}
	}
	return campaign.Finding{Verdict: campaign.Survived, Reason: strings.Join(untold, "; ")}, nil
}

// asRecorded runs the spec as it is on a cfg that has killed a mutant, once: if that were
// killed too, no verdict would mean anything.
func (t *Target) asRecorded(ctx context.Context, r rung) error {
	t.mu.Lock()
	once := t.base[r.cfg.Name]
	if once == nil {
		once = sync.OnceValue(func() error {
			found, err := t.climb(ctx, "", "", r)
			switch {
			case err != nil:
				return err
			case found.Verdict == campaign.Killed:
				return fmt.Errorf("%s: the spec without any change is killed: %s", r.cfg.Name, strings.TrimSpace(found.How+" "+found.Name))
			case found.Reason != "":
				return fmt.Errorf("%s: of the spec without any change: %s", r.cfg.Name, found.Reason)
			}
			return nil
		})
		t.base[r.cfg.Name] = once
	}
	t.mu.Unlock()
	return once()
}
