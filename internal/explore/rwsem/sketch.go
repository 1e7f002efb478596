// SPDX-License-Identifier: MIT

package rwsem

import "example.com/pernet/internal/explore"

// Sketch is how a page draws a State, and a state of any other instance of spec/netns_rwsem.tla.
var Sketch = explore.Sketch{
	Rows: "W",
	Locks: []explore.Lock{
		{Named: explore.Named{Variable: "rwsem", Name: "pernet_ops_rwsem"}},
		{Named: explore.Named{Variable: "netRwsem", Name: "net_rwsem"}, Takes: []string{"SetupNetListAdd", "CleanupNetUnlink"}}, // to write
		{Named: explore.Named{Variable: "rtnl", Name: "rtnl"}, Takes: []string{"OpsUndoListRtnlLock"}},
	},
	Use: explore.Named{Variable: "passive", Name: "passive"},
	Lists: []explore.Named{
		{Variable: "cleanupList", Name: "cleanup_list, newest first"},
		{Variable: "deferFree", Name: "defer_free_list"},
	},
	Log:   "log",
	Works: "CleanupNet",
	Begins: map[string]string{
		"RegisterLink": "RegisterLock", "UnregisterUnlink": "UnregisterLock",
		"CopyNetNsAlloc": "CopyNetNsGet", "PutNetQueue": "PutNetZero", "ReleaseNetFree": "ReleaseNetZero",
		"ListNetsRead": "ListNetsLock", "ListNetsLock": "ListNetsRtnlLock", "MaybeGetNet": "RcuWalk",
		"RcuBarrierEnd": "BarrierBegin", "NetNsBarrierEnd": "NetNsBarrier", "CleanupNetLock": "CleanupNet",
	},
}
