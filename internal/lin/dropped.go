// SPDX-License-Identifier: MIT

package lin

import "slices"

// A search that went on with some of its configurations has dropped ways that a
// later window may need. So the checker keeps where the search stood before it
// first dropped one, and the windows since: when a window does not fit, all of them
// are gone through again, with more configurations at a time.

// dropped is what to go through again.
type dropped struct {
	from  *search   // before the first of windows; nil: nothing was dropped, or too long ago
	since []*window // those that fit since
}

// mostSince is how many windows are kept. Each is about minWindow operations.
const mostSince = 64

// add notes that w fit, from start, and that the search stands at end now.
func (d *dropped) add(w *window, start, end *search) {
	switch {
	case !end.cut, len(d.since) == mostSince:
		*d = dropped{}
	case d.from != nil:
		d.since = append(d.since, w)
	case !start.cut:
		*d = dropped{start, []*window{w}}
	}
}

func (d *dropped) calls() (calls []*call) {
	for _, w := range d.since {
		calls = append(calls, w.calls...)
	}
	return calls
}

// searches returns the searches whose configurations live.
func (c *Checker) searches() []*search {
	if c.dropped.from == nil {
		return []*search{c.search}
	}
	return []*search{c.search, c.dropped.from}
}

// widenAll is widen for w and all windows since the first way was dropped. It
// returns where the search stood before w, too.
func (c *Checker) widenAll(w *window) (start *search, fit int, err error) {
	for beam := 2 * c.narrow; ; beam *= 4 {
		start = c.dropped.from
		for _, v := range append(slices.Clone(c.dropped.since), w) {
			fit, err = c.run(start, v, beam)
			if v == w || err != nil {
				break
			}
			if fit < len(v.returns) { // what fits needs more configurations already here
				fit = 0
				break
			}
			start = c.search
		}
		if err != nil || fit == len(w.returns) || !c.search.cut || beam >= start.limit {
			return start, fit, err
		}
	}
}
