/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static _Thread_local struct answer *current; /* of the call that this thread is in */
static _Thread_local const char *copied;     /* the name of the net that it makes */
static _Thread_local struct world *copying;
static _Thread_local int unallocated; /* why it has no net, or 0 */

static const struct { const char *name; int err; } errnos[] = {
	{"ENOMEM", ENOMEM}, {"EBUSY", EBUSY}, {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EPERM", EPERM},
	{"EAGAIN", EAGAIN}, {"EEXIST", EEXIST}, {"ENOENT", ENOENT}, {"EINVAL", EINVAL}, {"ENOTSUP", ENOTSUP},
};

static void element(FILE *out, const char *name)
{
	if (ftell(out))
		putc(',', out);
	json_write(out, name);
}

static void pause_for(long long us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	if (us == 1)
		sched_yield();
	else if (us)
		nanosleep(&t, NULL);
}

static void called(const char *word, struct ops_entry *o, struct net_entry *n)
{
	FILE *out = current->calls;

	fprintf(out, "%s[\"%s\",", ftell(out) ? "," : "", word);
	json_write(out, o->name);
	putc(',', out);
	json_write(out, n->name);
	if (o->world->clock)
		fprintf(out, ",%lld", atomic_fetch_add(o->world->clock, 1));
	pause_for(o->world->pause);
	if (o->world->clock)
		fprintf(out, ",%lld", atomic_fetch_add(o->world->clock, 1));
	putc(']', out);
}

/* The next failure that is armed for this pair, or 0; it is used up. */
static int take(struct world *w, const char *ops, const char *net)
{
	struct armed **at, *armed;
	int err = 0;

	pthread_mutex_lock(&w->lock);
	for (at = &w->armed; (armed = *at); at = &armed->next) {
		if (!strcmp(armed->ops, ops) && !strcmp(armed->net, net)) {
			err = armed->err;
			*at = armed->next;
			free(armed->ops), free(armed->net), free(armed);
			break;
		}
	}
	pthread_mutex_unlock(&w->lock);
	return err;
}

static int on_init(struct pernet_operations *ops, struct net *net)
{
	struct ops_entry *o = (struct ops_entry *)ops;
	struct net_entry *n = (struct net_entry *)net;

	called("init", o, n);
	return take(o->world, o->name, n->name);
}

/* A callback that an exit has deferred. */
struct deferred {
	struct rcu_head head; /* first */
	struct ops_entry *ops;
	struct net_entry *net;
};

static void on_deferred(struct rcu_head *head)
{
	struct deferred *d = (struct deferred *)head;

	called("deferred", d->ops, d->net);
	free(d);
}

static void on_exit_(struct pernet_operations *ops, struct net *net)
{
	struct ops_entry *o = (struct ops_entry *)ops;
	struct deferred *d;

	called("exit", o, (struct net_entry *)net);
	if (!o->defers)
		return;
	d = calloc(1, sizeof *d);
	d->ops = o;
	d->net = (struct net_entry *)net;
	call_rcu(&o->world->pernet, &d->head, on_deferred);
}

static struct net *on_alloc(struct pernet *pernet)
{
	struct world *w = copying;
	struct net_entry *n;
	(void)pernet;

	if ((unallocated = take(w, "", "")))
		return NULL;
	n = calloc(1, sizeof *n);
	n->world = w;
	n->name = strdup(copied);
	pthread_mutex_lock(&w->lock);
	n->next = w->nets;
	w->nets = n;
	pthread_mutex_unlock(&w->lock);
	return &n->net;
}

static void on_free(struct net *net)
{
	struct net_entry *n = (struct net_entry *)net;

	atomic_store(&n->freed, true);
	atomic_store(&net->count, 0); /* of a copy that failed */
	element(current->freed, n->name);
}

struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof *w);

	pthread_mutex_init(&w->lock, NULL);
	w->pernet.net_alloc = on_alloc;
	w->pernet.net_free = on_free;
	w->init_net.name = strdup("init_net");
	w->init_net.world = w;
	w->nets = &w->init_net;
	pernet_start(&w->pernet, &w->init_net.net);
	return w;
}

void world_free(struct world *w)
{
	while (w->ops) {
		struct ops_entry *o = w->ops;
		w->ops = o->next;
		free(o->name), free(o);
	}
	while (w->nets) {
		struct net_entry *n = w->nets;
		w->nets = n->next;
		free(n->name);
		if (n != &w->init_net)
			free(n);
	}
	while (w->pernet.pending) {
		struct rcu_head *head = w->pernet.pending;
		w->pernet.pending = head->next;
		free(head);
	}
	while (w->armed) {
		struct armed *a = w->armed;
		w->armed = a->next;
		free(a->ops), free(a->net), free(a);
	}
	free(w);
}

/* The newest net of that name. */
static struct net_entry *find_net(struct world *w, const char *name)
{
	pthread_mutex_lock(&w->lock);
	struct net_entry *n = w->nets;
	while (n && strcmp(n->name, name))
		n = n->next;
	pthread_mutex_unlock(&w->lock);
	return n;
}

static struct ops_entry *find_ops(struct world *w, const char *name)
{
	pthread_mutex_lock(&w->lock);
	struct ops_entry *o = w->ops;
	while (o && strcmp(o->name, name))
		o = o->next;
	if (!o) {
		o = calloc(1, sizeof *o);
		o->world = w;
		o->name = strdup(name);
		o->next = w->ops;
		w->ops = o;
	}
	pthread_mutex_unlock(&w->lock);
	return o;
}

static int do_register(struct world *w, const struct json *line, bool device)
{
	struct ops_entry *o = find_ops(w, json_text(line, "ops", ""));

	if (o->registered)
		return -ENOTSUP; /* misuse: the C would link one node twice */
	o->ops.init = json_bool(line, "init", 1) ? on_init : NULL;
	o->ops.exit = json_bool(line, "exit", 1) ? on_exit_ : NULL;
	o->defers = json_bool(line, "defer", 0);
	int err = (device ? register_pernet_device : register_pernet_subsys)(&w->pernet, &o->ops);
	if (!err)
		o->registered = device ? 'd' : 's';
	return err;
}

static int do_unregister(struct world *w, const struct json *line, bool device)
{
	struct ops_entry *o = find_ops(w, json_text(line, "ops", ""));

	if (o->registered != (device ? 'd' : 's'))
		return -ENOTSUP; /* misuse */
	o->registered = 0;
	(device ? unregister_pernet_device : unregister_pernet_subsys)(&w->pernet, &o->ops);
	return 0;
}

static int do_copy(struct world *w, const struct json *line)
{
	struct net_entry *old = find_net(w, json_text(line, "from", "init_net")), *same;
	struct net *new;

	if (!json_bool(line, "newnet", 1))
		return !old ? -ENOTSUP : maybe_get_net(&old->net) ? 0 : -ENOENT;
	copied = json_text(line, "net", "");
	same = find_net(w, copied);
	if (!old || (same && !atomic_load(&same->freed)))
		return -ENOTSUP; /* misuse */
	copying = w;
	unallocated = 0;
	int err = copy_net_ns(&old->net, &new);
	return unallocated ? unallocated : err;
}

static int do_refer(struct world *w, const struct json *line, const char *op)
{
	struct net_entry *n = find_net(w, json_text(line, "net", ""));

	if (!n)
		return -ENOTSUP;
	if (!strcmp(op, "get"))
		return maybe_get_net(&n->net) ? 0 : -ENOENT;
	if (atomic_load(&n->freed))
		return -ENOTSUP;
	if (!strcmp(op, "put")) {
		if (atomic_load(&n->net.count) <= (n == &w->init_net))
			return -ENOTSUP;
		put_net(&n->net);
	} else if (!strcmp(op, "hold")) {
		hold_net(&n->net);
	} else {
		if (atomic_load(&n->net.use_count) == 0)
			return -ENOTSUP;
		release_net(&n->net);
	}
	return 0;
}

static int do_fail(struct world *w, const struct json *line)
{
	const char *name = json_text(line, "err", "ENOMEM");
	struct armed *a = calloc(1, sizeof *a), **tail;

	a->ops = strdup(json_text(line, "ops", ""));
	a->net = strdup(json_text(line, "net", ""));
	a->err = (int)json_number(line, "err", 0);
	for (size_t i = 0; !a->err && i < sizeof errnos / sizeof *errnos; i++)
		if (!strcmp(errnos[i].name, name))
			a->err = -errnos[i].err;
	pthread_mutex_lock(&w->lock);
	for (tail = &w->armed; *tail; tail = &(*tail)->next)
		;
	*tail = a;
	pthread_mutex_unlock(&w->lock);
	return 0;
}

static void answer_begin(struct answer *a)
{
	memset(a, 0, sizeof *a);
	a->calls = open_memstream(&a->calls_text, &a->size);
	a->freed = open_memstream(&a->freed_text, &a->size);
	a->kept = open_memstream(&a->kept_text, &a->size);
	current = a;
}

static void answer_end(struct answer *a, int err)
{
	a->failed = err != 0;
	strcpy(a->err, "\"\"");
	for (size_t i = 0; i < sizeof errnos / sizeof *errnos; i++)
		if (err == -errnos[i].err)
			snprintf(a->err, sizeof a->err, "\"%s\"", errnos[i].name);
	if (err > 0)
		snprintf(a->err, sizeof a->err, "%d", err);
	fclose(a->calls), fclose(a->freed), fclose(a->kept);
	if (a->nets)
		fclose(a->nets);
}

void answer_free(struct answer *a)
{
	free(a->calls_text), free(a->freed_text), free(a->kept_text), free(a->nets_text);
}

/* Runs one cleanup, and notes what became of its net; false if none is queued. */
static bool cleanup(struct world *w, struct answer *a, struct net_entry **net, bool *freed)
{
	*net = (struct net_entry *)cleanup_net(&w->pernet, freed);
	if (*net && !*freed)
		element(a->kept, (*net)->name);
	return *net;
}

bool world_cleanup(struct world *w, struct answer *a, struct net_entry **net, bool *freed)
{
	answer_begin(a);
	bool ran = cleanup(w, a, net, freed);
	answer_end(a, 0);
	return ran;
}

static void nets_of(struct world *w, FILE *out)
{
	struct list_head *head = &w->pernet.net_namespace_list;

	for (struct list_head *at = head->next; at != head; at = at->next)
		element(out, ((struct net_entry *)((char *)at - offsetof(struct net, list)))->name);
}

void world_do(struct world *w, const struct json *line, struct answer *a)
{
	const char *op = json_text(line, "op", "");
	struct net_entry *net;
	bool freed;
	int err = 0;

	answer_begin(a);
	if (!strncmp(op, "register_", 9)) {
		err = do_register(w, line, op[9] == 'd');
	} else if (!strncmp(op, "unregister_", 11)) {
		err = do_unregister(w, line, op[11] == 'd');
	} else if (!strcmp(op, "copy")) {
		err = do_copy(w, line);
	} else if (!strcmp(op, "get") || !strcmp(op, "put") || !strcmp(op, "hold") || !strcmp(op, "release")) {
		err = do_refer(w, line, op);
	} else if (!strcmp(op, "work")) {
		for (long long max = json_number(line, "max", -1); max && cleanup(w, a, &net, &freed); max--)
			;
	} else if (!strcmp(op, "barrier") || !strcmp(op, "run_deferred")) {
		rcu_barrier(&w->pernet); /* it runs them itself */
	} else if (!strcmp(op, "fail") || !strcmp(op, "fail_alloc")) {
		err = do_fail(w, line); /* an allocation has neither ops nor net */
	} else if (!strcmp(op, "list")) {
		a->nets = open_memstream(&a->nets_text, &a->size);
		pthread_mutex_lock(&w->pernet.rtnl); /* [R70] */
		nets_of(w, a->nets);
		pthread_mutex_unlock(&w->pernet.rtnl);
	}
	answer_end(a, err);
}

void world_lists(struct world *w, FILE *out, const struct answer *list)
{
	struct list_head *head = &w->pernet.pernet_list;
	char *text = NULL;
	size_t size;
	FILE *part = open_memstream(&text, &size);

	pthread_mutex_lock(&w->pernet.net_mutex);
	for (struct list_head *at = head->next; at != head; at = at->next)
		element(part, ((struct ops_entry *)at)->name);
	fclose(part);
	fprintf(out, "\"pernet_list\":[%s],\"first_device\":", text);
	free(text);
	if (w->pernet.first_device == head)
		fputs("null", out);
	else
		json_write(out, ((struct ops_entry *)w->pernet.first_device)->name);
	part = open_memstream(&text, &size);
	nets_of(w, part);
	pthread_mutex_unlock(&w->pernet.net_mutex);
	fclose(part);
	fprintf(out, ",\"nets\":[%s]", list ? list->nets_text : text);
	free(text);
}
