/* SPDX-License-Identifier: MIT */
/* Speaks the protocol of docs/formats.md: a template for an adapter in C. */
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct program {
	struct world *world;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	FILE *history;
	char *text;
	size_t size;
	long long operations;
	char **open;               /* of each client, and of the worker: the call that it is in */
	int clients, running;
	bool begun, done;          /* done: no client runs */
	atomic_llong clock;
};

struct client {
	struct program *program;
	int number;
	const struct json *lines;
};

/* Begins a line of the history: op, client, call, and the fields of the line that asks for it. */
static char *begin_call(struct program *p, int client, const char *op, const struct json *line)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "{\"op\":\"%s\",\"client\":%d,\"call\":%lld", op, client, atomic_fetch_add(&p->clock, 1));
	for (const struct json *v = line ? line->child : NULL; v; v = v->next) {
		if (!strcmp(v->name, "op") || !strcmp(v->name, "id") || !strcmp(v->name, "if"))
			continue;
		fprintf(out, ",\"%s\":", v->name);
		json_copy(out, v);
	}
	fclose(out);
	if (client > -2) {
		pthread_mutex_lock(&p->lock);
		p->open[client + 1] = text;
		pthread_mutex_unlock(&p->lock);
	}
	return text;
}

/* Adds the call to the history. rest are the fields of its answer. */
static void end_call(struct program *p, int client, char *text, const char *rest)
{
	long long now = atomic_fetch_add(&p->clock, 1);

	pthread_mutex_lock(&p->lock);
	if (client > -2)
		p->open[client + 1] = NULL;
	fprintf(p->history, "%s,\"return\":%lld%s}\n", text, now, rest);
	p->operations++;
	pthread_mutex_unlock(&p->lock);
	free(text);
}

static void run_lines(struct program *p, int client, const struct json *lines)
{
	int n = 0;
	bool *failed;

	for (const struct json *l = lines; l; l = l->next)
		n++;
	failed = calloc((size_t)n + 1, sizeof *failed);
	n = 0;
	for (const struct json *l = lines; l; l = l->next, n++) {
		const char *op = json_text(l, "op", "");
		bool arms = !strcmp(op, "fail") || !strcmp(op, "fail_alloc"), state = !strcmp(op, "state");
		long long after = json_number(l, "if", -1);
		struct answer a;
		char *text, *rest = NULL;
		size_t size;
		FILE *out;

		if (after >= 0 && failed[after]) {
			failed[n] = true;
			continue;
		}
		text = arms ? NULL : begin_call(p, client, op, l);
		world_do(p->world, l, &a);
		failed[n] = a.failed;
		out = open_memstream(&rest, &size);
		if (state) {
			putc(',', out);
			world_lists(p->world, out, NULL);
		} else if (a.nets_text) {
			fprintf(out, ",\"nets\":[%s]", a.nets_text);
		} else {
			fprintf(out, ",\"err\":%s,\"calls\":[%s]", a.err, a.calls_text);
		}
		fclose(out);
		if (!arms)
			end_call(p, client, text, rest);
		free(rest);
		answer_free(&a);
	}
	free(failed);
}

static void leave(struct program *p)
{
	pthread_mutex_lock(&p->lock);
	p->running--;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void *client_thread(void *arg)
{
	struct client *c = arg;
	struct program *p = c->program;

	pthread_mutex_lock(&p->lock);
	while (!p->begun)
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
	run_lines(p, c->number, c->lines);
	leave(p);
	return NULL;
}

static bool is_done(struct program *p)
{
	pthread_mutex_lock(&p->lock);
	bool done = p->done;
	pthread_mutex_unlock(&p->lock);
	return done;
}

static void *worker_thread(void *arg)
{
	struct program *p = arg;

	for (;;) {
		bool done = is_done(p), freed = false;
		char *text = begin_call(p, -1, "cleanup", NULL);
		struct net_entry *net;
		struct answer a;

		if (world_cleanup(p->world, &a, &net, &freed)) {
			char *rest = NULL;
			size_t size;
			FILE *out = open_memstream(&rest, &size);

			fputs(",\"nets\":[", out);
			json_write(out, net->name);
			fprintf(out, "],\"freed\":[%s],\"calls\":[%s]", a.freed_text, a.calls_text);
			fclose(out);
			end_call(p, -1, text, rest);
			free(rest);
		} else {
			struct timespec moment = {0, 10000};

			pthread_mutex_lock(&p->lock);
			p->open[0] = NULL;
			pthread_mutex_unlock(&p->lock);
			free(text);
			nanosleep(&moment, NULL);
			if (done) {
				answer_free(&a);
				break;
			}
		}
		answer_free(&a);
	}
	leave(p);
	return NULL;
}

/* Waits until so many threads run, at most; false if it is too late. */
static bool wait_for(struct program *p, int running, const struct timespec *late)
{
	int err = 0;

	pthread_mutex_lock(&p->lock);
	while (p->running > running && !err)
		err = pthread_cond_timedwait(&p->changed, &p->lock, late);
	bool ended = p->running <= running;
	if (running == 1 && ended)
		p->done = true;
	pthread_mutex_unlock(&p->lock);
	return ended;
}

static void start(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, arg)) {
		fputs("no thread\n", stderr);
		exit(1);
	}
	pthread_detach(thread);
}

/* A line run. After the deadline its threads, and what they use, are left alone. */
static void run(const struct json *line)
{
	struct program *p = calloc(1, sizeof *p);
	const struct json *clients = json_get(line, "clients"), *setup = json_get(line, "setup");
	struct client *all;
	struct timespec late;
	long long deadline = json_number(line, "deadline", 10000);
	int i = 0;

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
	p->world = world_new();
	p->world->clock = &p->clock;
	p->history = open_memstream(&p->text, &p->size);
	for (const struct json *c = clients ? clients->child : NULL; c; c = c->next)
		p->clients++;
	p->open = calloc((size_t)p->clients + 1, sizeof *p->open);
	all = calloc((size_t)p->clients + 1, sizeof *all);
	if (setup)
		run_lines(p, -2, setup->child);
	p->world->pause = json_number(line, "pause", 0);
	p->running = p->clients + 1;
	for (const struct json *c = clients ? clients->child : NULL; c; c = c->next, i++) {
		all[i] = (struct client){p, i, c->child};
		start(client_thread, &all[i]);
	}
	start(worker_thread, p);
	clock_gettime(CLOCK_REALTIME, &late);
	late.tv_sec += deadline / 1000;
	late.tv_nsec += deadline % 1000 * 1000000;
	late.tv_sec += late.tv_nsec / 1000000000;
	late.tv_nsec %= 1000000000;
	pthread_mutex_lock(&p->lock);
	p->begun = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	bool ended = wait_for(p, 1, &late) && wait_for(p, 0, &late);

	pthread_mutex_lock(&p->lock);
	for (i = 0; i <= p->clients; i++) {
		if (p->open[i]) {
			fprintf(p->history, "%s,\"return\":null}\n", p->open[i]);
			p->operations++;
		}
	}
	fflush(p->history);
	fwrite(p->text, 1, p->size, stdout);
	printf("{\"op\":\"run\",\"operations\":%lld,\"err\":\"%s\"", p->operations, ended ? "" : "ETIMEDOUT");
	if (json_get(line, "id"))
		printf(",\"id\":%s", json_get(line, "id")->text);
	puts("}");
	pthread_mutex_unlock(&p->lock);
	if (ended) {
		fclose(p->history);
		world_free(p->world);
		free(p->text), free(p->open), free(all), free(p);
	}
}

static void answer_line(struct world **w, const struct json *line, const char *op)
{
	struct answer a;

	if (!strcmp(op, "reset")) {
		world_free(*w);
		*w = world_new();
	}
	world_do(*w, line, &a); /* of a reset, nothing */
	printf("{\"op\":\"%s\",", op);
	if (json_get(line, "id"))
		printf("\"id\":%s,", json_get(line, "id")->text);
	printf("\"err\":%s,\"calls\":[%s],\"freed\":[%s],", a.err, a.calls_text, a.freed_text);
	if (*a.kept_text)
		printf("\"kept\":[%s],", a.kept_text);
	world_lists(*w, stdout, a.nets_text ? &a : NULL);
	puts("}");
	answer_free(&a);
}

int main(void)
{
	struct world *w = world_new();
	char *text = NULL;
	size_t size = 0;

	while (getline(&text, &size, stdin) > 0) {
		const char *at = text;
		struct json *line = json_parse(&at);
		const char *op = line ? json_text(line, "op", NULL) : NULL;

		if (!op) {
			fprintf(stderr, "not a line: %s", text);
			return 2;
		}
		bool hello = !strcmp(op, "hello");
		if (hello && (json_number(line, "version", 0) != 1 ||
			      strcmp(json_text(line, "discipline", "mutex"), "mutex"))) {
			puts("{\"op\":\"hello\",\"err\":\"EINVAL\"}");
			return 2;
		}
		if (hello)
			puts("{\"op\":\"hello\",\"version\":1,\"name\":\"pernet-c\",\"language\":\"c\",\"features\":"
			     "[\"positive-init\",\"no-callback\",\"use-count\",\"fail-alloc\",\"newnet\",\"defer\",\"run\"]}");
		else if (!strcmp(op, "run"))
			run(line);
		else
			answer_line(&w, line, op);
		fflush(stdout);
		json_free(line);
	}
	free(text);
	world_free(w);
	return 0;
}
