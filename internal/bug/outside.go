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
	{"K4", "ops that were registered before init_net was set up ran on it too early, and its set-up overwrote the count", "f8c46cb39079, 9c1be1935fb6", "the seed has both halves: a register before net_ns_init runs its init on init_net in the build without namespaces, and in the other a get before it is lost when the count is set. In Go nothing can be called before New returns; the specs answer ENOENT to a call on a net that is not listed yet, and start the build without namespaces after net_ns_init (`ASSUME Boot => NetNs`); P38 is what is nearest"},
	{"K14", "exits ran in the right order, but the state of one ops pointed into another's, whose exit came first", "ip_vs_ftp (2025)", "no registry can see what one ops keeps of another; P36 is the walk in the wrong order"},
	{"K15", "work was cancelled in an exit, armed again by a later step of the same exit, and ran after the free", "xfrm keepalive (6.12.80)", "timers and work are not what a barrier waits for, and are not modelled; a callback that is deferred late is K12"},
	{"K3", "a part of device unregistration ran after rtnl was dropped", "50624c934db1 (2013)", "devices of nets are no part of the registry"},
	{"H4", "callbacks run with net_mutex held: a register from one waits for itself", "", "the C leaves it to the caller; here it is an error where the context tells (K8 takes that away)"},
	{"H13", "of two nets put at once either may be cleaned up first", "", "no fault of the code: a check that expects an order is wrong, and testdata/histories/right has both"},
	{"H14", "a reference that an init took on a net whose set-up fails dangles", "", "no callback of the specs gets, puts or holds the net that it is given; in Go such a net answers ErrNotFound"},
	{"H15", "there is no grace period between unlink and free", "", "readers under RCU are outside; Go's readers copy the list under rtnl"},
	{"H16", "in the exits of an undo and of an unregister a get succeeds", "", "no fault: what a caller may not conclude from a count of zero in a cleanup"},
	{"H17", "what an ops keeps from init to exit counts its own net, which then never goes", "", "the caller's to avoid; P16 and the users' faults lose a reference in the same way"},
	{"H18", "an unregister has no barrier: what its exits deferred may run after it has returned", "", "no fault: specs and code do as the C, the deferred callbacks are in the compared states, and a module waits for them with the barrier"},
	{"H19", "a register and an unregister act on nets that others are using", "", "no fault: specs and code do as the C"},
	{"H20", "a register runs its init on nets whose count is zero", "", "no fault by itself, specs and code do as the C; K21 is what it led to"},
	{"H21", "a deferred callback wants net_mutex, while the undo of a set-up waits for it with net_mutex held", "", "callbacks of the specs take no locks; in Go, Defer's docs warn"},
	{"H22", "an exit waits for the free of another net, and so for itself: there is one worker", "", "what callbacks do inside is not modelled; in Go, Wait answers ErrInCallback where the context tells"},
}
