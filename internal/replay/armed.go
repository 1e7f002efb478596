// SPDX-License-Identifier: MIT

package replay

import "example.com/pernet/model"

// A pair names one init: that of an ops on a net, whether they exist or not.
type pair struct{ ops, net string }

// armed are the failures that fail has armed, for each pair in their order.
type armed map[pair][]model.Err

func (a armed) add(ops, net string, e model.Err) {
	p := pair{ops, net}
	a[p] = append(a[p], e)
}

// next returns what the next init of that pair will return; 0 is success.
func (a armed) next(ops, net string) model.Err {
	if len(a) == 0 {
		return 0
	}
	if q := a[pair{ops, net}]; len(q) > 0 {
		return q[0]
	}
	return 0
}

// take is next, and uses it up.
func (a armed) take(ops, net string) model.Err {
	e := a.next(ops, net)
	if e == 0 {
		return 0
	}
	p := pair{ops, net}
	if q := a[p]; len(q) > 1 {
		a[p] = q[1:]
	} else {
		delete(a, p)
	}
	return e
}
