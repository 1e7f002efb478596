// SPDX-License-Identifier: MIT

package bug

// usersFaults are our own too, in code that uses nets (internal/users).
var usersFaults = []Fault{
	{
		ID: "P30", Title: "the exit of a table leaves the net in it",
		Breaks: "NoDeadInTable",
		Cfgs:   []string{"usersBugRemoveForgotten"},
		Story:  "a net is entered and put; the exit takes its id off first, and by that it can no more find what else it must take off",
		Caught: []string{layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"internal/users/table.go", `	delete(t.nets, t.ids[n])
	delete(t.ids, n)
`, `	delete(t.ids, n)
	delete(t.nets, t.ids[n])
`}},
	},
	{
		ID: "P31", Title: "a net is found by its id without a reference",
		Breaks: "KeptIsAlive",
		Cfgs:   []string{"usersBugFindWithout"},
		Story:  "a client finds a net; it is put and freed, and then the client uses it",
		Caught: []string{layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"internal/users/table.go", `		return nil, impl.ErrNotFound
	}
	if err := n.Get(); err != nil {
		return nil, err
	}
	return n, nil
`, `		return nil, impl.ErrNotFound
	}
	return n, nil
`}},
	},
	{
		ID: "P32", Title: "a user gives its reference back twice",
		Breaks: "TypeOK",
		Cfgs:   []string{"usersBugUsePutsTwice", "usersBugRunPutsTwice"},
		Story:  "a net is entered, and is freed although its owner has not put it",
		Caught: []string{layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"internal/users/table.go", `	defer giveBack(n)
	t.lock("EnterAdd")
`, `	defer giveBack(n)
	defer giveBack(n)
	t.lock("EnterAdd")
`}, {"internal/users/keeper.go", `		f(n)
	})
`, `		f(n)
		giveBack(n)
	})
`}},
	},
	{
		ID: "P33", Title: "a user does not give its reference back",
		Breaks: "CountIsExact",
		Cfgs:   []string{"usersBugUseForgets", "usersBugRunForgets"},
		Story:  "a net is entered and put by its owner, and is never freed",
		Caught: []string{layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"internal/users/table.go", `	defer giveBack(n)
	t.lock("EnterAdd")
`, `	t.lock("EnterAdd")
`}, {"internal/users/keeper.go", `		defer giveBack(n)
		f(n)
`, `		f(n)
`}},
	},
	{
		ID: "P34", Title: "a net that is in the table is entered a second time",
		Breaks: "OneIdEach",
		Cfgs:   []string{"usersBugEnterTwice"},
		Story:  "a net is entered twice, and has two ids",
		Caught: []string{layerInterleavings, layerRapid, layerTests},
		Edits: []Edit{{"internal/users/table.go", `	if id := t.ids[n]; id != 0 {
		return id, nil
	}
`, ``}},
	},
	{
		ID: "P35", Title: "a net gets an id that another net has",
		Breaks: "OneIdEach",
		Cfgs:   []string{"usersBugIdTaken"},
		Story:  "two nets are entered, the first goes, and a third gets the id of the second, for ids are counted by how many there are",
		Caught: []string{layerRapid, layerTests},
		Edits: []Edit{{"internal/users/table.go", `	t.last++
	id := t.last
`, `	id := ID(len(t.ids) + 1)
`}},
	},
}
