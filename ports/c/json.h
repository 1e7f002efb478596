/* SPDX-License-Identifier: MIT */
/* As much JSON as an adapter needs. */
#ifndef JSON_H
#define JSON_H

#include <stdio.h>

struct json {
	char type;             /* '{' '[' '"' '0' 't' 'f' 'n' */
	char *name;            /* of a member of an object */
	char *text;            /* of a string; of a number, a bool or null as it is written */
	struct json *child, *next;
};

struct json *json_parse(const char **text);            /* NULL: no JSON */
void json_free(struct json *v);
const struct json *json_get(const struct json *object, const char *name); /* NULL: absent */
const char *json_text(const struct json *object, const char *name, const char *absent);
long long json_number(const struct json *object, const char *name, long long absent);
int json_bool(const struct json *object, const char *name, int absent);
void json_write(FILE *out, const char *string);
void json_copy(FILE *out, const struct json *v);       /* no array, no object */

#endif
