#include "clear.h"
#include "counters.h"
#include "inbox.h"
#include "outbox.h"
#include "replica.h"
#include "reseed.h"
#include "resync.h"
#include <sys/random.h>

struct counters counters;
struct replica replica;

static bool subscribed;

bool command(redisCallbackFn *answered, void *data, int count, const struct bytes *words)
{
	const char *texts[COMMAND_WORDS];
	size_t lengths[COMMAND_WORDS];
	for (int each = 0; each < count; ++each) {
		texts[each] = (const char *)words[each].data;
		lengths[each] = words[each].length;
	}
	return link_send(&replica.commands, answered, data, count, texts, lengths);
}

/* Only once the news come in: else what is written between the two would be missed. */
static void resync_if_ready(void)
{
	if (replica.commands.ready && subscribed)
		resync_begin();
}

static void on_commands_ready(struct link *link)
{
	(void)link;
	counters.connected = 1;
	resync_if_ready();
	outbox_send();
}

static void on_commands_down(struct link *link)
{
	(void)link;
	counters.connected = 0;
	++counters.disconnects;
	resync_abandon();
	reseed_abandon();
	clear_abandon();
	outbox_rewind();
}

static void on_news(redisAsyncContext *context, void *data, void *unused)
{
	const redisReply *reply = data;
	struct message message;
	(void)unused;
	if (!reply || context != replica.news.context)
		return;
	replica.news.seen = moment();
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) {
		++counters.errors;
		return;
	}
	const redisReply *body = reply->element[2];
	if (body->type == REDIS_REPLY_INTEGER) {
		subscribed = true;
		resync_if_ready();
		return;
	}
	if (!message_read((struct bytes){ (uint8_t *)body->str, body->len }, &message))
		return; /* a heartbeat */
	if (memcmp(message.sender, replica.self, SENDER_SIZE) == 0)
		return;
	++counters.received;
	inbox_take(message.key, message.sealed);
}

static void on_news_ready(struct link *link)
{
	const char *words[] = { "SUBSCRIBE", replica.channel };
	const size_t lengths[] = { 9, strlen(replica.channel) };
	link_send(link, on_news, NULL, 2, words, lengths); /* and stays unanswered, so that silence is noticed */
}

static void on_news_down(struct link *link)
{
	(void)link;
	subscribed = false;
}

void on_heard(redisAsyncContext *context, void *reply, void *unused)
{
	(void)unused;
	link_answered(&replica.commands, context, reply);
}

/* Our own echo proves that the news still come. */
static void beat(void)
{
	static uint64_t last;
	if (!replica.commands.ready || moment() - last <= replica.settings.redis.stall_ms / 3)
		return;
	last = moment();
	command(on_heard, NULL, 3, (struct bytes[]){ text("PUBLISH"), text(replica.channel), text(".") });
}

void replication_tick(void)
{
	link_tend(&replica.commands);
	link_tend(&replica.news);
	beat();
	reseed_tick();
	outbox_send();
}

bool replication_start(const struct replication_settings *settings, const char *key, const char *previous_key)
{
	const struct link_settings *redis = &replica.settings.redis;
	replica.settings = *settings;
	replica.codec = codec_new(settings->name_space, key, previous_key);
	if (!replica.codec || getrandom(replica.self, sizeof(replica.self), 0) != sizeof(replica.self))
		return false;
	snprintf(replica.prefix, sizeof(replica.prefix), "%s:", settings->name_space);
	snprintf(replica.channel, sizeof(replica.channel), "%s/news", settings->name_space);
	replica.commands = (struct link){
		.settings = redis, .name = "Redis", .on_ready = on_commands_ready, .on_down = on_commands_down,
	};
	replica.news = (struct link){
		.settings = redis, .name = "Redis' news", .on_ready = on_news_ready, .on_down = on_news_down,
	};
	outbox_open(settings->most_queued_bytes);
	return true;
}

void replication_stop(void)
{
	link_close(&replica.commands);
	link_close(&replica.news);
	outbox_close();
	codec_free(replica.codec);
	replica.codec = NULL;
}
