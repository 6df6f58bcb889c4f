/*
 * Puts this module between kresd and its cache. LMDB goes on answering every read; what is written is remembered, and read
 * back just before the transaction that it belongs to is committed: kresd reserves room first and fills it afterwards.
 */
#include "clear.h"
#include "counters.h"
#include "entry.h"
#include "outbox.h"
#include "replication.h"
#include "store.h"
#include <libkres/cdb_api.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define EXPORT __attribute__((visibility("default")))

enum { TRANSACTION = 256 /* keys that one writes at most; upstream writes a few dozen */, TICK = 100, SKEW = 10 };

/* The first members of upstream's `struct kr_cache`, which knot-resolver6-dev does not ship. */
struct cache {
	kr_cdb_pt db;
	const struct kr_cdb_api *api;
	struct kr_cdb_stats stats;
};
extern const struct kr_cdb_api *kr_cdb_lmdb(void);

static struct {
	struct cache *cache;
	const struct kr_cdb_api *lmdb;
	struct kr_cdb_api wrapped;
	struct kr_cdb_stats own; /* what we read ourselves is not kresd's */
	struct {
		uint16_t length;
		uint8_t key[KEY_MOST];
	} touched[TRANSACTION];
	int touched_count;
	int uncommitted; /* values taken in since the last commit */
	uv_timer_t tick;
	uv_check_t check;
} it;

static bool attached(void) { return it.cache && it.cache->db && it.cache->api == &it.wrapped; }

/* ---- what kresd does with its cache ---- */

static void touch(const knot_db_val_t *key)
{
	if (key_kind(key->data, key->len) == KEY_LOCAL)
		return;
	for (int each = it.touched_count - 1; each >= 0; --each)
		if (it.touched[each].length == key->len && memcmp(it.touched[each].key, key->data, key->len) == 0)
			return;
	if (it.touched_count == TRANSACTION) {
		++counters.overflown;
		return;
	}
	it.touched[it.touched_count].length = key->len;
	memcpy(it.touched[it.touched_count++].key, key->data, key->len);
}

static int on_write(kr_cdb_pt db, struct kr_cdb_stats *stats, const knot_db_val_t *keys, knot_db_val_t *values, int count)
{
	const int result = it.lmdb->write(db, stats, keys, values, count);
	for (int each = 0; result == 0 && each < count; ++each)
		touch(&keys[each]);
	return result;
}

static void hand_on(kr_cdb_pt db)
{
	for (int each = 0; each < it.touched_count; ++each) {
		knot_db_val_t key = { it.touched[each].key, it.touched[each].length }, value = { NULL, 0 };
		struct entry entry;
		if (it.lmdb->read(db, &it.own, &key, &value, 1) != 0)
			continue;
		if (!entry_parse(key_kind(key.data, key.len), value.data, value.len, &entry)) {
			++counters.unreadable;
			continue;
		}
		outbox_write((struct bytes){ key.data, key.len }, (struct bytes){ value.data, value.len }, entry.expires);
	}
}

static int on_commit(kr_cdb_pt db, struct kr_cdb_stats *stats, bool accept_rw, bool reset_ro)
{
	if (accept_rw)
		hand_on(db);
	it.touched_count = 0;
	it.uncommitted = 0;
	return it.lmdb->commit(db, stats, accept_rw, reset_ro);
}

static int on_remove(kr_cdb_pt db, struct kr_cdb_stats *stats, knot_db_val_t *keys, int count)
{
	const int result = it.lmdb->remove(db, stats, keys, count);
	for (int each = 0; result >= 0 && each < count; ++each)
		if (key_kind(keys[each].data, keys[each].len) != KEY_LOCAL)
			outbox_remove((struct bytes){ keys[each].data, keys[each].len });
	return result;
}

/* Not for the others: kresd does that also when its cache is full. */
static int on_clear(kr_cdb_pt db, struct kr_cdb_stats *stats, const size_t most)
{
	it.touched_count = 0;
	return it.lmdb->clear(db, stats, most);
}

static void on_close(kr_cdb_pt db, struct kr_cdb_stats *stats)
{
	it.touched_count = it.uncommitted = 0;
	outbox_flush(); /* the loop does not run any more when kresd ends */
	it.lmdb->close(db, stats);
}

/* ---- what the rest of the module does with it ---- */

enum outcome store_apply(struct bytes key, struct bytes value, int64_t now, struct bytes *merged)
{
	static uint8_t out[VALUE_MOST];
	const enum key_kind kind = key_kind(key.data, key.length);
	struct entry ours = { 0 }, theirs;
	if (!attached())
		return FAILED;
	if (!entry_parse(kind, value.data, value.length, &theirs)) {
		++counters.malformed;
		return REFUSED;
	}
	if (theirs.learned > now + SKEW) {
		++counters.future; /* it would live for longer than it may */
		return REFUSED;
	}
	knot_db_val_t at = { (void *)key.data, key.length }, found = { NULL, 0 };
	const bool here = it.lmdb->read(it.cache->db, &it.own, &at, &found, 1) == 0
		&& entry_parse(kind, found.data, found.len, &ours);
	if (!here)
		ours = (struct entry){ .kind = kind };
	const size_t length = entry_merge(&ours, &theirs, now, out);
	if (length == 0)
		return NOT_BETTER;
	knot_db_val_t result = { out, length };
	if (it.lmdb->write(it.cache->db, &it.own, &at, &result, 1) != 0)
		return FAILED;
	++it.uncommitted;
	*merged = (struct bytes){ out, length };
	return length == value.length && memcmp(out, value.data, length) == 0 ? APPLIED : MERGED;
}

void store_remove(struct bytes key)
{
	knot_db_val_t at = { (void *)key.data, key.length };
	if (attached() && it.lmdb->remove(it.cache->db, &it.own, &at, 1) > 0)
		++it.uncommitted;
}

void store_commit(void)
{
	if (attached())
		on_commit(it.cache->db, &it.own, true, true); /* kresd's own writes may be among it */
}

double store_usage(void) { return attached() ? it.lmdb->usage_percent(it.cache->db) : 100; }

/* The greatest key below the one where we are; of all keys at the beginning. */
static bool step(struct place *at, knot_db_val_t *value)
{
	const bool begin = at->length == 0;
	knot_db_val_t key = { at->key, at->length };
	if (begin)
		store_commit(); /* which leaves the cursor nowhere, and from there the last key is the next one */
	int less = begin ? 0 : it.lmdb->read_leq(it.cache->db, &it.own, &key, value);
	if (less == 0) /* the cursor is where we were; this goes by the cursor alone */
		less = it.lmdb->read_less(it.cache->db, &it.own, &key, value);
	if (less < 0 || key.len > sizeof(at->key))
		return false;
	memmove(at->key, key.data, key.len);
	at->length = key.len;
	return true;
}

bool store_walk(struct place *at, struct bytes *value, int64_t *expires, int64_t *learned)
{
	knot_db_val_t found = { NULL, 0 };
	struct entry entry;
	while (attached() && step(at, &found)) {
		const enum key_kind kind = key_kind(at->key, at->length);
		if (kind == KEY_LOCAL || !entry_parse(kind, found.data, found.len, &entry))
			continue;
		*value = (struct bytes){ found.data, found.len };
		*expires = entry.expires;
		*learned = entry.learned;
		return true;
	}
	return false;
}

/* ---- from Lua ---- */

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
	if (it.cache->db && it.cache->api == it.lmdb)
		it.cache->api = &it.wrapped; /* cache.open() has put the plain one back */
	replication_tick();
}

static void on_turn(uv_check_t *check)
{
	(void)check;
	if (it.uncommitted)
		store_commit();
}

/* Why a kresd is not one that this module was written for; NULL if it is. */
static const char *objection(struct cache *cache)
{
	if (it.cache)
		return "it is in use already";
	if (!cache || !cache->db || cache->api != kr_cdb_lmdb() || strcmp(cache->api->name, "lmdb") != 0)
		return "the cache is not open, not in LMDB, or of another version of Knot Resolver";
	knot_db_val_t key = { (void *)"VERS", 4 }, value = { NULL, 0 };
	uint16_t version = 0;
	if (cache->api->read(cache->db, &it.own, &key, &value, 1) == 0 && value.len == sizeof(version))
		memcpy(&version, value.data, sizeof(version));
	cache->api->commit(cache->db, &it.own, true, true);
	return version == CACHE_FORMAT ? NULL : "the cache has another format";
}

EXPORT const struct counters *shared_cache_counters(void) { return &counters; }

EXPORT const char *shared_cache_start(struct cache *cache, const struct replication_settings *settings, const char *key,
	const char *previous_key)
{
	const char *why = objection(cache);
	if (why)
		return why;
	if (!replication_start(settings, key, previous_key))
		return "there is no memory, or no randomness";
	it.cache = cache;
	it.lmdb = cache->api;
	it.wrapped = *it.lmdb;
	it.wrapped.write = on_write;
	it.wrapped.commit = on_commit;
	it.wrapped.remove = on_remove;
	it.wrapped.clear = on_clear;
	it.wrapped.close = on_close;
	cache->api = &it.wrapped;
	uv_timer_init(uv_default_loop(), &it.tick);
	uv_timer_start(&it.tick, on_tick, 0, TICK);
	uv_check_init(uv_default_loop(), &it.check);
	uv_check_start(&it.check, on_turn);
	/* They do not keep kresd from ending. */
	uv_unref((uv_handle_t *)&it.tick);
	uv_unref((uv_handle_t *)&it.check);
	return NULL;
}

EXPORT const char *shared_cache_clear(const char *name, size_t length)
{
	return clear_begin((struct bytes){ (const uint8_t *)name, length });
}

EXPORT void shared_cache_stop(void)
{
	if (!it.cache)
		return;
	if (it.uncommitted)
		store_commit();
	if (it.cache->api == &it.wrapped)
		it.cache->api = it.lmdb;
	uv_close((uv_handle_t *)&it.tick, NULL);
	uv_close((uv_handle_t *)&it.check, NULL);
	it.cache = NULL;
	replication_stop();
}
