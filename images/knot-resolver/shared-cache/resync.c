#include "resync.h"
#include "counters.h"
#include "inbox.h"
#include "log.h"
#include "replica.h"
#include "store.h"
#include <stdlib.h>

enum {
	BATCH = 100, /* keys that are read at a time: what comes in meanwhile waits for less than a millisecond */
	FULL = 70,   /* percent of the cache: there it ends, the rest is for what is asked */
};

static struct {
	bool at_work;
	bool complained;
	uint64_t began;
} it;

/* The keys of one part, whose values have been asked for. */
struct part {
	char cursor[24]; /* of the next one */
	size_t count;
	struct {
		uint8_t *data;
		size_t length;
	} key[];
};

static void part_free(struct part *part)
{
	for (size_t each = 0; part && each < part->count; ++each)
		free(part->key[each].data);
	free(part);
}

static struct part *part_of(const char *cursor, const redisReply *keys)
{
	struct part *part = calloc(1, sizeof(*part) + keys->elements * sizeof(part->key[0]));
	if (!part)
		return NULL;
	snprintf(part->cursor, sizeof(part->cursor), "%s", cursor);
	for (size_t each = 0; each < keys->elements; ++each) {
		const redisReply *key = keys->element[each];
		if (key->type != REDIS_REPLY_STRING || !(part->key[each].data = malloc(key->len + 1)))
			break;
		memcpy(part->key[each].data, key->str, key->len);
		part->key[each].length = key->len;
		++part->count;
	}
	return part;
}

static void ended(void)
{
	it.at_work = false;
	++counters.resyncs;
	if (counters.warm)
		return;
	counters.warm = 1;
	counters.warm_ms = moment() - it.began;
	log_notice("warm: %llu entries of others in %llu ms", (unsigned long long)counters.warmed,
		(unsigned long long)counters.warm_ms);
}

/* Somebody has to change something, and is told so once. What was read until now is of use. */
static void refused(const redisReply *reply)
{
	++counters.errors;
	if (!it.complained)
		log_notice("Redis does not let its keys be read: %s", reply->type == REDIS_REPLY_ERROR ? reply->str : "not a list");
	it.complained = true;
	ended();
}

static void scan(const char *cursor);

static void go_on(const char *cursor)
{
	if (strcmp(cursor, "0") == 0 || store_usage() >= FULL)
		ended();
	else
		scan(cursor);
}

static void take(const struct part *part, const redisReply *values)
{
	const size_t prefix = strlen(replica.prefix);
	for (size_t each = 0; each < part->count && each < values->elements; ++each) {
		const redisReply *value = values->element[each];
		if (value->type != REDIS_REPLY_STRING || part->key[each].length <= prefix)
			continue; /* it has just expired */
		const struct bytes key = { part->key[each].data + prefix, part->key[each].length - prefix };
		counters.warmed += inbox_take(key, (struct bytes){ (uint8_t *)value->str, value->len });
	}
	store_commit();
}

static void on_values(redisAsyncContext *context, void *data, void *asked)
{
	struct part *part = asked;
	const redisReply *reply = data;
	if (reply && context == replica.commands.context) {
		if (link_answered(&replica.commands, context, reply) && reply->type == REDIS_REPLY_ARRAY) {
			take(part, reply);
			go_on(part->cursor);
		} else {
			refused(reply);
		}
	}
	part_free(part);
}

static bool ask_for_values(struct part *part)
{
	const char **words = calloc(part->count + 1, sizeof(*words));
	size_t *lengths = calloc(part->count + 1, sizeof(*lengths));
	bool sent = false;
	if (words && lengths) {
		words[0] = "MGET";
		lengths[0] = 4;
		for (size_t each = 0; each < part->count; ++each) {
			words[each + 1] = (const char *)part->key[each].data;
			lengths[each + 1] = part->key[each].length;
		}
		sent = link_send(&replica.commands, on_values, part, part->count + 1, words, lengths);
	}
	free(words);
	free(lengths);
	return sent;
}

static void on_keys(redisAsyncContext *context, void *data, void *unused)
{
	const redisReply *reply = data;
	(void)unused;
	if (!reply || context != replica.commands.context)
		return;
	if (!link_answered(&replica.commands, context, reply) || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
		refused(reply);
		return;
	}
	const char *cursor = reply->element[0]->str;
	struct part *part = part_of(cursor, reply->element[1]);
	if (part && part->count > 0 && ask_for_values(part))
		return;
	part_free(part);
	go_on(cursor);
}

static void scan(const char *cursor)
{
	char match[sizeof(replica.prefix) + 1], count[12];
	snprintf(match, sizeof(match), "%s*", replica.prefix);
	snprintf(count, sizeof(count), "%d", BATCH);
	command(on_keys, NULL, 6,
		(struct bytes[]){ text("SCAN"), text(cursor), text("MATCH"), text(match), text("COUNT"), text(count) });
}

void resync_begin(void)
{
	if (it.at_work)
		return;
	it.at_work = true;
	it.began = moment();
	scan("0");
}

bool resync_at_work(void) { return it.at_work; }

void resync_abandon(void) { it.at_work = false; }
