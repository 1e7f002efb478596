/* SPDX-License-Identifier: MIT */
/* A registry, with the names that lines use for its ops and nets. */
#ifndef WORLD_H
#define WORLD_H

#include "json.h"
#include "pernet.h"

struct ops_entry {
	struct pernet_operations ops; /* first, so that a callback finds the entry */
	struct world *world;
	struct ops_entry *next;
	char *name;
	int registered; /* 0, or 's' or 'd' */
	bool defers;    /* its exit defers a callback */
};

struct net_entry {
	struct net net; /* first */
	struct world *world;
	struct net_entry *next;
	char *name;
	atomic_bool freed; /* its memory lives as long as the world, for clients may try it */
};

struct armed {
	struct armed *next;
	char *ops, *net;
	int err;
};

struct world {
	struct pernet pernet;
	struct net_entry init_net;
	pthread_mutex_t lock; /* of the tables below */
	struct ops_entry *ops;
	struct net_entry *nets;
	struct armed *armed;
	long long pause;   /* of a callback, in microseconds */
	atomic_llong *clock; /* of a program, or NULL */
};

/* What a line did, beside the lists. */
struct answer {
	FILE *calls, *freed, *kept, *nets; /* elements of arrays; nets of a list, or NULL */
	char *calls_text, *freed_text, *kept_text, *nets_text;
	size_t size;
	char err[32]; /* JSON */
	bool failed;
};

struct world *world_new(void);
void world_free(struct world *w);
void world_do(struct world *w, const struct json *line, struct answer *a); /* begins the answer */
void answer_free(struct answer *a);
void world_lists(struct world *w, FILE *out, const struct answer *list); /* list: has nets already */
bool world_cleanup(struct world *w, struct answer *a, struct net_entry **net, bool *freed);

#endif
