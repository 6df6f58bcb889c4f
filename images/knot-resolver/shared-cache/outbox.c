#include "outbox.h"
#include "counters.h"
#include "entry.h"
#include "queue.h"
#include "replica.h"
#include <poll.h>

enum {
	IN_FLIGHT = 4096, /* commands on their way at a time */
	GATHER = 10,      /* ms: what is learned within this goes together, for one wake-up of everybody instead of many */
};

static struct queue queue;
static uv_timer_t later;

static void report(void)
{
	counters.queued = queue.count;
	counters.queued_bytes = queue.bytes;
	counters.dropped = queue.dropped;
}

static void on_written(redisAsyncContext *context, void *reply, void *last)
{
	if (!reply || context != replica.commands.context)
		return; /* it will be sent again */
	if (!link_answered(&replica.commands, context, reply))
		++counters.errors;
	else if (last)
		++counters.acknowledged;
	if (last)
		queue_acknowledge(&queue);
}

static void publish(const struct write *write)
{
	static uint8_t body[SENDER_SIZE + 2 + KEY_MOST + MAC_SIZE + VALUE_MOST];
	const struct message news = { write_key(write), write_sealed(write), replica.self };
	message_write(&news, body);
	command(on_written, &queue, 3, (struct bytes[]){ text("PUBLISH"), text(replica.channel),
		{ body, message_size(news.key.length, news.sealed.length) } });
}

static void send_one(const struct write *write)
{
	uint8_t key[sizeof(replica.prefix) + KEY_MOST];
	const size_t prefix = strlen(replica.prefix);
	memcpy(key, replica.prefix, prefix);
	memcpy(key + prefix, write->bytes, write->key_length);
	const struct bytes name = { key, prefix + write->key_length };
	if (write->kind == REMOVAL) {
		command(on_written, NULL, 2, (struct bytes[]){ text("DEL"), name });
		publish(write);
		return;
	}
	/* What has waited for too long to be of use keeps its place in the row. */
	const int64_t left = write->expires - seconds();
	char life[24];
	snprintf(life, sizeof(life), "%lld", left > 0 ? (long long)left : 1);
	const struct bytes words[] = { text("SET"), name, write_sealed(write), text("EX"), text(life), text("NX") };
	if (write->kind == RESTORATION) {
		command(on_written, &queue, 6, words);
	} else {
		command(on_written, NULL, 5, words);
		publish(write);
	}
}

void outbox_send(void)
{
	while (replica.commands.ready && replica.commands.unanswered < IN_FLIGHT) {
		struct write *write = queue_send(&queue);
		if (!write)
			break;
		send_one(write);
	}
	report();
}

static void on_later(uv_timer_t *timer)
{
	(void)timer;
	outbox_send();
}

static void enqueue(enum write_kind kind, struct bytes key, struct bytes value, int64_t expires)
{
	struct write *write = queue_add(&queue, key.length, MAC_SIZE + value.length);
	if (!write)
		return;
	write->kind = kind;
	write->expires = expires + replica.settings.stale_seconds;
	uint8_t *sealed = write->bytes + key.length;
	memcpy(write->bytes, key.data, key.length);
	codec_sign(replica.codec, key, value, sealed);
	if (value.length)
		memcpy(sealed + MAC_SIZE, value.data, value.length);
	report();
	if (!uv_is_active((uv_handle_t *)&later))
		uv_timer_start(&later, on_later, GATHER, 0);
}

static bool of_use(int64_t expires) { return expires + replica.settings.stale_seconds > seconds(); }

void outbox_write(struct bytes key, struct bytes value, int64_t expires)
{
	if (!of_use(expires))
		return;
	++counters.written;
	enqueue(WRITE, key, value, expires);
}

void outbox_remove(struct bytes key)
{
	++counters.removed;
	enqueue(REMOVAL, key, (struct bytes){ key.data, 0 }, 0);
}

void outbox_restore(struct bytes key, struct bytes value, int64_t expires)
{
	if (!of_use(expires))
		return;
	++counters.reseeded;
	enqueue(RESTORATION, key, value, expires);
}

void outbox_rewind(void) { queue_rewind(&queue); }

void outbox_flush(void)
{
	outbox_send();
	int done = 0;
	for (int tries = 0; replica.commands.ready && !done && tries < 25; ++tries) {
		struct pollfd writable = { replica.commands.context->c.fd, POLLOUT, 0 };
		if (poll(&writable, 1, 10) > 0 && redisBufferWrite(&replica.commands.context->c, &done) != REDIS_OK)
			break;
	}
}

void outbox_open(uint64_t most_bytes)
{
	queue_init(&queue, most_bytes);
	uv_timer_init(uv_default_loop(), &later);
	uv_unref((uv_handle_t *)&later); /* it does not keep kresd from ending */
}

void outbox_close(void)
{
	uv_close((uv_handle_t *)&later, NULL);
	queue_clear(&queue);
}
