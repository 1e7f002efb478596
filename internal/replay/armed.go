// SPDX-License-Identifier: MIT

package replay

import "example.com/pernet/model"

// A pair names one init: that of an ops on a net, whether they exist or not.
type pair struct{ ops, net string }

// armed are the failures that fail has armed, for each pair in their order, at least one.
type armed map[pair][]model.Err

func (a armed) add(ops, net string, e model.Err) {
	p := pair{ops, net}
	a[p] = append(a[p], e)
}

// take returns what the init of that pair returns, and uses it up; 0 is success.
func (a armed) take(ops, net string) model.Err {
	p := pair{ops, net}
	q := a[p]
	if len(q) == 0 {
		return 0
	}
	if a[p] = q[1:]; len(q) == 1 {
		delete(a, p)
	}
	return q[0]
}
