#include "clear.h"
#include "counters.h"
#include "entry.h"
#include "outbox.h"
#include "replica.h"
#include "store.h"

static struct {
	char match[2 * sizeof(replica.prefix) + 2 * KEY_MOST + 1]; /* each byte may mean something in a pattern */
	size_t length;
} it;

static void scan(const char *cursor);

static void ended(bool well)
{
	counters.clearing = 0;
	counters.unclear += !well;
}

static void on_keys(redisAsyncContext *context, void *data, void *unused)
{
	const redisReply *reply = data;
	const size_t prefix = strlen(replica.prefix);
	(void)unused;
	if (!reply || context != replica.commands.context)
		return;
	if (!link_answered(&replica.commands, context, reply) || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
		ended(false);
		return;
	}
	for (size_t each = 0; each < reply->element[1]->elements; ++each) {
		const redisReply *found = reply->element[1]->element[each];
		if (found->type != REDIS_REPLY_STRING || found->len <= prefix || found->len > prefix + KEY_MOST)
			continue;
		const struct bytes key = { (uint8_t *)found->str + prefix, found->len - prefix };
		store_remove(key);
		outbox_remove(key);
	}
	if (strcmp(reply->element[0]->str, "0") == 0)
		ended(true);
	else
		scan(reply->element[0]->str);
}

static void scan(const char *cursor)
{
	const struct bytes match = { (uint8_t *)it.match, it.length };
	if (!command(on_keys, NULL, 6,
			(struct bytes[]){ text("SCAN"), text(cursor), text("MATCH"), match, text("COUNT"), text("1000") }))
		ended(false);
}

static void put(uint8_t byte)
{
	if (byte && strchr("*?[]\\", byte))
		it.match[it.length++] = '\\';
	it.match[it.length++] = byte;
}

const char *clear_begin(struct bytes name)
{
	if (counters.clearing)
		return "it is clearing something already";
	if (!replica.commands.ready)
		return "Redis is not connected";
	if (name.length > KEY_MOST)
		return "this is no name";
	it.length = 0;
	for (const char *at = replica.prefix; *at; ++at)
		put(*at);
	for (size_t each = 0; each < name.length; ++each)
		put(name.data[each]);
	it.match[it.length++] = '*';
	counters.clearing = 1;
	scan("0");
	return NULL;
}

void clear_abandon(void)
{
	if (counters.clearing)
		ended(false);
}
