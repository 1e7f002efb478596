/* SPDX-License-Identifier: MIT */
/* The pernet registry with pthreads, laid out as in the kernel of 2009. */
#ifndef PERNET_H
#define PERNET_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct list_head {
	struct list_head *next, *prev;
};

struct pernet;

struct net {
	struct list_head list;         /* of net_namespace_list, under net_mutex and rtnl */
	atomic_int count, use_count;
	struct net *next_work;         /* of the work queue */
	struct pernet *pernet;
};

/* The kernel's callbacks get the net alone. */
struct pernet_operations {
	struct list_head list;         /* of pernet_list, under net_mutex */
	int (*init)(struct pernet_operations *ops, struct net *net);
	void (*exit)(struct pernet_operations *ops, struct net *net);
};

/* A callback that waits for rcu_barrier. */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

struct pernet {
	pthread_mutex_t net_mutex, rtnl, queue_lock, barrier_mutex;
	struct list_head pernet_list;  /* subsystems first, then devices */
	struct list_head *first_device; /* the first device, or the head: under net_mutex */
	struct list_head net_namespace_list;
	struct net *queue, **queue_tail;
	struct rcu_head *pending, **pending_tail; /* under queue_lock, as the queue is */
	struct net *(*net_alloc)(struct pernet *pernet); /* NULL: no memory */
	void (*net_free)(struct net *net);
};

void pernet_start(struct pernet *pernet, struct net *init_net);
int register_pernet_subsys(struct pernet *pernet, struct pernet_operations *ops);
int register_pernet_device(struct pernet *pernet, struct pernet_operations *ops);
void unregister_pernet_subsys(struct pernet *pernet, struct pernet_operations *ops);
void unregister_pernet_device(struct pernet *pernet, struct pernet_operations *ops);

/* These return 0, a negative errno, or the positive number of the last init. */
int copy_net_ns(struct net *old, struct net **new);

bool maybe_get_net(struct net *net); /* false: the count is zero, and stays so */
void put_net(struct net *net);
void hold_net(struct net *net);
void release_net(struct net *net);

/* An exit may defer a callback. rcu_barrier returns when those that are pending have run; no
 * reader holds them up here, so it runs them itself, oldest first. */
void call_rcu(struct pernet *pernet, struct rcu_head *head, void (*func)(struct rcu_head *head));
void rcu_barrier(struct pernet *pernet);

/* cleanup_net ends the net that was queued first. It returns the net, and whether it was freed;
 * NULL if none is queued. One thread calls it. */
struct net *cleanup_net(struct pernet *pernet, bool *freed);

#endif
