/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <stdlib.h>
#include <string.h>

static void space(const char **s)
{
	*s += strspn(*s, " \t\r\n");
}

static unsigned hex(const char *s)
{
	char four[5] = {0};

	memcpy(four, s, strnlen(s, 4));
	return (unsigned)strtoul(four, NULL, 16);
}

static char *put_utf8(char *to, unsigned c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

static char *string(const char **s)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	char *text, *to;
	const char *at = *s + 1, *known;

	if (**s != '"')
		return NULL;
	to = text = malloc(strlen(at) + 1);
	for (; *at && *at != '"'; at++) {
		if (*at != '\\') {
			*to++ = *at;
		} else if (*++at == 'u') {
			unsigned c = hex(at + 1);
			at += strnlen(at, 4);
			if (c >= 0xd800 && c < 0xdc00 && at[1] == '\\' && at[2] == 'u') {
				c = 0x10000 + ((c - 0xd800) << 10) + (hex(at + 3) - 0xdc00);
				at += 2 + strnlen(at + 2, 4);
			}
			to = put_utf8(to, c);
		} else if (*at && (known = strchr(from, *at))) {
			*to++ = into[known - from];
		} else {
			break;
		}
	}
	*to = 0;
	if (*at != '"') {
		free(text);
		return NULL;
	}
	*s = at + 1;
	return text;
}

static char *word(const char **s, const char *letters)
{
	size_t n = strspn(*s, letters);
	char *text = n ? strndup(*s, n) : NULL;

	*s += n;
	return text;
}

static struct json *members(const char **s, struct json *v, char end)
{
	struct json **tail = &v->child;

	++*s;
	for (space(s); **s != end; space(s)) {
		char *name = NULL;
		if (end == '}') {
			name = string(s);
			space(s);
			if (!name || *(*s)++ != ':')
				return free(name), json_free(v), NULL;
		}
		struct json *item = json_parse(s);
		if (!item)
			return free(name), json_free(v), NULL;
		item->name = name;
		*tail = item;
		tail = &item->next;
		space(s);
		if (**s == ',')
			++*s;
		else if (**s != end)
			return json_free(v), NULL;
	}
	++*s;
	return v;
}

struct json *json_parse(const char **s)
{
	struct json *v = calloc(1, sizeof *v);

	space(s);
	v->type = **s;
	switch (**s) {
	case '{':
		return members(s, v, '}');
	case '[':
		return members(s, v, ']');
	case '"':
		v->text = string(s);
		break;
	case 't': case 'f': case 'n':
		v->text = word(s, "abcdefghijklmnopqrstuvwxyz");
		break;
	default:
		v->type = '0';
		v->text = word(s, "+-.0123456789eE");
	}
	if (v->text)
		return v;
	json_free(v);
	return NULL;
}

void json_free(struct json *v)
{
	while (v) {
		struct json *next = v->next;
		json_free(v->child);
		free(v->name);
		free(v->text);
		free(v);
		v = next;
	}
}

const struct json *json_get(const struct json *object, const char *name)
{
	const struct json *v = object->child;

	while (v && (!v->name || strcmp(v->name, name)))
		v = v->next;
	return v;
}

const char *json_text(const struct json *object, const char *name, const char *absent)
{
	const struct json *v = json_get(object, name);

	return v && v->text ? v->text : absent;
}

long long json_number(const struct json *object, const char *name, long long absent)
{
	const struct json *v = json_get(object, name);

	return v && v->type == '0' ? strtoll(v->text, NULL, 10) : absent;
}

int json_bool(const struct json *object, const char *name, int absent)
{
	const struct json *v = json_get(object, name);

	return v ? v->type == 't' : absent;
}

void json_write(FILE *out, const char *s)
{
	putc('"', out);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			fprintf(out, "\\u%04x", *s);
		else
			putc(*s, out);
	}
	putc('"', out);
}

void json_copy(FILE *out, const struct json *v)
{
	if (v->type == '"')
		json_write(out, v->text);
	else
		fputs(v->text, out);
}
