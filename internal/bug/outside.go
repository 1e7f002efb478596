// SPDX-License-Identifier: MIT

package bug

// A Row is a fault or hazard that has no switch here, and why.
type Row struct{ ID, Title, Source, Why string }

// Waiting rows need the modern discipline: read locks, batches, slots.
var Waiting = []Row{
	{"K2", "one cleanup for each net could not keep up with churn", "CVE-2011-2189; 2b035b399707, 72ad937abd0a (2009)", "batched cleanup is the cure, and it is not modelled yet; the algorithm here has the fault: it is slow, not wrong"},
	{"K9", "a failed init freed its data but left the slot of the net pointing at it", "d266935ac43d (2022)", "slots (`id` and `size`) are not modelled yet"},
	{"K10", "the cure of K9 cleared a slot that had never been assigned", "follow-up to K9 (2023)", "slots are not modelled yet"},
	{"K11", "the size of the array of slots was read twice without a lock", "a26ff37e624d, CVE-2024-36883", "slots are not modelled yet"},
	{"H11", "the list of deferred frees is taken after the barrier", "read off a model, never reported", "the list is of batched cleanup, which is not modelled yet"},
}

// Outside rows lie outside of what is modelled.
var Outside = []Row{
	{"K4", "ops that were registered before init_net was set up ran on it too early, and its set-up overwrote the count", "f8c46cb39079, 9c1be1935fb6", "it is the build without namespaces, where the seed has the fault; in Go nothing can be called before New returns, and the specs start that build after net_ns_init (`ASSUME Boot => NetNs`); P38 is what is nearest"},
	{"K14", "exits ran in the right order, but the state of one ops pointed into another's, whose exit came first", "ip_vs_ftp (2025)", "no registry can see what one ops keeps of another; P36 is the walk in the wrong order"},
	{"K15", "work was cancelled in an exit, armed again by a later step of the same exit, and ran after the free", "xfrm keepalive (6.12.80)", "timers and work are not what a barrier waits for, and are not modelled; a callback that is deferred late is K12"},
	{"K3", "a part of device unregistration ran after rtnl was dropped", "50624c934db1 (2013)", "devices of nets are no part of the registry"},
	{"H4", "callbacks run with net_mutex held: a register from one waits for itself", "", "the C leaves it to the caller; here it is an error where the context tells (K8 takes that away)"},
	{"H13", "of two nets put at once either may be cleaned up first", "", "no fault of the code: a check that expects an order is wrong, and testdata/histories/right has both"},
}
