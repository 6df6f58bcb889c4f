#include "reseed.h"
#include "counters.h"
#include "outbox.h"
#include "replica.h"
#include "resync.h"
#include "store.h"

enum {
	PART = 500,         /* entries looked at in a turn */
	LOOK_EVERY = 5000,  /* ms: has Redis been emptied? */
	PAUSE = 10 * 60000, /* ms: not as often without another sign of it, as an eviction may have taken the mark */
	ON_DISK = 2,        /* seconds: Redis is told to write once a second */
};

static struct {
	bool walking, emptied;
	int64_t since; /* what was learned before is in Redis */
	struct place place;
	uint64_t looked, pause_ends;
	uint64_t dropped; /* by the queue, and made good since */
	bool broken_off;  /* what Redis took last it may have lost before it was on disk */
	int64_t whole;    /* until then Redis was given all, and had the time to write it */
} it;

static void begin(bool emptied, int64_t since)
{
	it.walking = true;
	it.emptied = emptied;
	it.since = since;
	it.place.length = 0;
}

/* The mark says that somebody has filled this Redis. */
static struct bytes mark(void)
{
	static char key[NAMESPACE_MOST + 8];
	snprintf(key, sizeof(key), "%s/filled", replica.settings.name_space);
	return text(key);
}

static void on_mark(redisAsyncContext *context, void *data, void *unused)
{
	const redisReply *reply = data;
	(void)unused;
	if (!link_answered(&replica.commands, context, reply) || reply->type != REDIS_REPLY_NIL)
		return;
	if (it.walking || moment() < it.pause_ends)
		return;
	it.pause_ends = moment() + PAUSE;
	begin(true, 0);
}

static void ended(void)
{
	it.walking = false;
	if (it.emptied) {
		command(on_heard, NULL, 3, (struct bytes[]){ text("SET"), mark(), text("1") });
	} else {
		it.dropped = counters.dropped;
		it.broken_off = false;
	}
}

static void walk(void)
{
	struct bytes value;
	int64_t expires, learned;
	for (int each = 0; each < PART && counters.queued < PART; ++each) {
		if (!store_walk(&it.place, &value, &expires, &learned)) {
			ended();
			break;
		}
		const struct bytes key = { it.place.key, it.place.length };
		if (it.emptied)
			outbox_restore(key, value, expires);
		else if (learned >= it.since)
			outbox_write(key, value, expires); /* the others did not get it, either */
	}
	store_commit();
}

static void look(void)
{
	if (moment() - it.looked < LOOK_EVERY)
		return;
	it.looked = moment();
	command(on_mark, NULL, 2, (struct bytes[]){ text("GET"), mark() });
}

void reseed_tick(void)
{
	if (!replica.commands.ready || !counters.warm || resync_at_work())
		return;
	if (it.walking)
		walk();
	else if (counters.queued < PART && (it.broken_off || counters.dropped != it.dropped))
		begin(false, it.whole);
	else if (counters.queued < PART)
		it.whole = seconds() - ON_DISK;
	look();
}

void reseed_abandon(void)
{
	it.walking = false;
	it.broken_off = true;
	it.looked = it.pause_ends = 0;
}
