// SPDX-License-Identifier: MIT

package lin

// The search first goes on with few configurations at a time, which is enough for most
// histories that are right. A search that left some out has dropped ways that this window
// or a later one may need. So the checker keeps where the search was before it first
// dropped one, and the windows since. When a window does not fit, it and then all of them
// are gone through again with more configurations at a time, in the end with all.

// dropped is what to go through again.
type dropped struct {
	from  *search   // before the first of windows; nil: nothing was dropped, or too long ago
	since []*window // those that fit since
}

// mostSince is how many windows are kept. Each is about minWindow operations.
const mostSince = 64

// add notes that w fit, from start, and that the search is at end now.
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

// widen runs the search over the windows, from start, with more and more configurations
// at a time, until they fit or none was left out. It returns where the search was before
// the last window, and how many returns of that fit.
func (c *Checker) widen(start *search, beam int, windows ...*window) (last *search, fit int, err error) {
	for ; ; beam *= 4 {
		last = start
		for i, w := range windows {
			if i > 0 {
				last = c.search
			}
			if fit, err = c.run(last, w, beam); err != nil {
				return last, fit, err
			}
			if fit < len(w.returns) && i < len(windows)-1 { // what fits needs more configurations already here
				fit = -1
				break
			}
		}
		if fit == len(windows[len(windows)-1].returns) || c.search.cut == start.cut || beam >= start.limit {
			return last, max(0, fit), nil
		}
	}
}
