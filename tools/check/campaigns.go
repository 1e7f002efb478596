// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/pernet/internal/plural"
	"example.com/pernet/tools/mutants/campaign"
	"example.com/pernet/tools/mutants/code"
	"example.com/pernet/tools/mutants/spec"
)

// stale is of results that are older than what they are about. It is no failure:
// a campaign takes days.
const stale = "stale"

// A mutation is a campaign, as make check tells of it.
type mutation struct {
	name, of, results string // of: what the verdicts are about
	target            func(ctx context.Context, root string) (campaign.Target, error)
}

var mutations = []mutation{
	{"mutants of the code", "the code", "tools/mutants/code.tsv", func(ctx context.Context, root string) (campaign.Target, error) {
		return code.All(ctx, root, "", 0)
	}},
	{"mutants of the specs", "the specs", "tools/mutants/spec.tsv", func(_ context.Context, root string) (campaign.Target, error) {
		return spec.New(root, "", spec.Options{})
	}},
}

// campaigns adds a row for each campaign that has results: how many of its verdicts are older than what they are about.
func (c *checker) campaigns() {
	for _, m := range mutations {
		if _, err := os.Stat(filepath.Join(c.root, m.results)); !errors.Is(err, fs.ErrNotExist) {
			c.add(c.campaign(m))
		}
	}
}

func (c *checker) campaign(m mutation) row {
	r := row{name: m.name, verdict: pass}
	target, err := m.target(c.ctx, c.root)
	var s campaign.State
	if err == nil {
		s, err = campaign.ReadState(c.ctx, target, campaign.Options{Results: filepath.Join(c.root, m.results)})
	}
	if err != nil {
		r.verdict, r.why = stale, fmt.Sprintf("it cannot be told which verdicts predate %s: %v", m.of, err)
		if c.ctx.Err() != nil {
			r.verdict, r.why = incomplete, "interrupted"
		}
		return r
	}
	r.figures = fmt.Sprintf("%d of %s predate %s", s.Stale, plural.N(s.Verdicts, "verdict"), m.of)
	if s.NotRun > 0 {
		r.figures += fmt.Sprintf(", %s not run", plural.N(s.NotRun, "mutant"))
	}
	if s.Stale+s.NotRun > 0 {
		r.verdict = stale
	}
	return r
}
