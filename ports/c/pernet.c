/* SPDX-License-Identifier: MIT */
/* The names in brackets are rows of docs/correspondence.md. */
#include "pernet.h"

#include <errno.h>
#include <stddef.h>

#define entry(ptr, type) ((type *)((char *)(ptr) - offsetof(type, list)))

static void list_init(struct list_head *head)
{
	head->next = head->prev = head;
}

/* Before head: at the tail of its list, or before the entry that head is. */
static void list_add_tail(struct list_head *item, struct list_head *head)
{
	item->next = head;
	item->prev = head->prev;
	head->prev->next = item;
	head->prev = item;
}

static void list_del(struct list_head *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
}

void pernet_start(struct pernet *p, struct net *init_net)
{
	pthread_mutex_init(&p->net_mutex, NULL);
	pthread_mutex_init(&p->rtnl, NULL);
	pthread_mutex_init(&p->queue_lock, NULL);
	pthread_mutex_init(&p->barrier_mutex, NULL);
	list_init(&p->pernet_list);
	list_init(&p->net_namespace_list);
	p->first_device = &p->pernet_list;
	p->queue = NULL;
	p->queue_tail = &p->queue;
	p->pending = NULL;
	p->pending_tail = &p->pending;
	init_net->pernet = p;
	atomic_init(&init_net->count, 1);
	atomic_init(&init_net->use_count, 0);
	list_add_tail(&init_net->list, &p->net_namespace_list);
}

static int register_operations(struct pernet *p, struct list_head *before, struct pernet_operations *ops)
{
	struct list_head *at, *done;
	int err = 0;

	list_add_tail(&ops->list, before); /* [R12] */
	if (!ops->init)
		return 0;
	for (at = p->net_namespace_list.next; at != &p->net_namespace_list; at = at->next) {
		err = ops->init(ops, entry(at, struct net)); /* [R13] */
		if (err)
			goto undo;
	}
	return 0;
undo:
	list_del(&ops->list); /* [R14] */
	for (done = p->net_namespace_list.next; done != at; done = done->next)
		if (ops->exit)
			ops->exit(ops, entry(done, struct net)); /* [R15] */
	return err;
}

static void unregister_operations(struct pernet *p, struct pernet_operations *ops)
{
	struct list_head *at;

	list_del(&ops->list); /* [R22] */
	for (at = p->net_namespace_list.next; at != &p->net_namespace_list; at = at->next)
		if (ops->exit)
			ops->exit(ops, entry(at, struct net)); /* [R23] */
}

int register_pernet_subsys(struct pernet *p, struct pernet_operations *ops)
{
	pthread_mutex_lock(&p->net_mutex); /* [R10] */
	int err = register_operations(p, p->first_device, ops);
	pthread_mutex_unlock(&p->net_mutex); /* [R16] [R17] */
	return err;
}

int register_pernet_device(struct pernet *p, struct pernet_operations *ops)
{
	pthread_mutex_lock(&p->net_mutex);
	int err = register_operations(p, &p->pernet_list, ops);
	if (!err && p->first_device == &p->pernet_list)
		p->first_device = &ops->list; /* [R16] */
	pthread_mutex_unlock(&p->net_mutex);
	return err;
}

void unregister_pernet_subsys(struct pernet *p, struct pernet_operations *ops)
{
	pthread_mutex_lock(&p->net_mutex); /* [R20] */
	unregister_operations(p, ops);
	pthread_mutex_unlock(&p->net_mutex); /* [R24] */
}

void unregister_pernet_device(struct pernet *p, struct pernet_operations *ops)
{
	pthread_mutex_lock(&p->net_mutex);
	if (p->first_device == &ops->list)
		p->first_device = p->first_device->next; /* [R22] */
	unregister_operations(p, ops);
	pthread_mutex_unlock(&p->net_mutex);
}

static int setup_net(struct pernet *p, struct net *net)
{
	struct list_head *at;
	int err = 0;

	for (at = p->pernet_list.next; at != &p->pernet_list; at = at->next) {
		struct pernet_operations *ops = entry(at, struct pernet_operations);
		if (!ops->init)
			continue;
		err = ops->init(ops, net); /* [R34] */
		if (err < 0)
			goto undo;
	}
	return err; /* of the last init, which may be positive */
undo:
	for (at = at->prev; at != &p->pernet_list; at = at->prev) {
		struct pernet_operations *ops = entry(at, struct pernet_operations);
		if (ops->exit)
			ops->exit(ops, net); /* [R35] */
	}
	rcu_barrier(p); /* [R36] */
	return err;
}

int copy_net_ns(struct net *old, struct net **new)
{
	struct pernet *p = old->pernet;
	struct net *net = NULL;
	int err = -ENOMEM;

	if (!maybe_get_net(old)) /* [R30] */
		return -ENOENT;
	net = p->net_alloc(p); /* [R32] */
	if (!net)
		goto out;
	net->pernet = p;
	atomic_init(&net->count, 1);
	atomic_init(&net->use_count, 0);
	pthread_mutex_lock(&p->net_mutex); /* [R33] */
	err = setup_net(p, net);
	if (!err) {
		pthread_mutex_lock(&p->rtnl); /* [R38] */
		list_add_tail(&net->list, &p->net_namespace_list); /* [R39] */
		pthread_mutex_unlock(&p->rtnl);
	}
	pthread_mutex_unlock(&p->net_mutex); /* [R37] [R40] */
	if (err)
		p->net_free(net); /* [R46] */
	else
		*new = net;
out:
	put_net(old); /* [R44] */
	return err;
}

bool maybe_get_net(struct net *net) /* [R50] */
{
	int count = atomic_load(&net->count);

	while (count && !atomic_compare_exchange_weak(&net->count, &count, count + 1))
		;
	return count != 0;
}

void put_net(struct net *net)
{
	struct pernet *p = net->pernet;

	if (atomic_fetch_sub(&net->count, 1) != 1) /* [R51] */
		return;
	pthread_mutex_lock(&p->queue_lock);
	net->next_work = NULL; /* [R52] */
	*p->queue_tail = net;
	p->queue_tail = &net->next_work;
	pthread_mutex_unlock(&p->queue_lock);
}

void hold_net(struct net *net) /* [R53] */
{
	atomic_fetch_add(&net->use_count, 1);
}

void release_net(struct net *net)
{
	atomic_fetch_sub(&net->use_count, 1);
}

void call_rcu(struct pernet *p, struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->next = NULL;
	head->func = func;
	pthread_mutex_lock(&p->queue_lock);
	*p->pending_tail = head;
	p->pending_tail = &head->next;
	pthread_mutex_unlock(&p->queue_lock);
}

void rcu_barrier(struct pernet *p) /* [R71] */
{
	struct rcu_head *head, *next;

	pthread_mutex_lock(&p->barrier_mutex); /* what another barrier has taken is pending, too */
	pthread_mutex_lock(&p->queue_lock);
	head = p->pending;
	p->pending = NULL;
	p->pending_tail = &p->pending;
	pthread_mutex_unlock(&p->queue_lock);
	for (; head; head = next) {
		next = head->next;
		head->func(head);
	}
	pthread_mutex_unlock(&p->barrier_mutex);
}

struct net *cleanup_net(struct pernet *p, bool *freed)
{
	struct list_head *at;

	pthread_mutex_lock(&p->queue_lock); /* [R60] */
	struct net *net = p->queue;
	if (net && !(p->queue = net->next_work))
		p->queue_tail = &p->queue;
	pthread_mutex_unlock(&p->queue_lock);
	if (!net)
		return NULL;
	pthread_mutex_lock(&p->net_mutex);
	pthread_mutex_lock(&p->rtnl); /* [R61] */
	list_del(&net->list); /* [R62] */
	pthread_mutex_unlock(&p->rtnl);
	for (at = p->pernet_list.prev; at != &p->pernet_list; at = at->prev) {
		struct pernet_operations *ops = entry(at, struct pernet_operations);
		if (ops->exit)
			ops->exit(ops, net); /* [R63] */
	}
	pthread_mutex_unlock(&p->net_mutex); /* [R64] */
	rcu_barrier(p); /* [R65] */
	*freed = atomic_load(&net->use_count) == 0; /* [R66] a net in use leaks */
	if (*freed)
		p->net_free(net);
	return net;
}
