/* Unit tests of what can be tested without kresd and Redis. */
#include "../codec.h"
#include "../entry.h"
#include "../queue.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "recorded.h"

static int failures;

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			++failures; \
		} \
	} while (0)

struct buffer {
	uint8_t data[4096];
	size_t length;
};

static void put(struct buffer *to, const void *data, size_t length)
{
	memcpy(to->data + to->length, data, length);
	to->length += length;
}

static void put16(struct buffer *to, uint16_t value) { put(to, &value, 2); }
static void put32(struct buffer *to, uint32_t value) { put(to, &value, 4); }

/* An item with one record of that many bytes and one signature of 8, as upstream's entry_h. */
static void put_item(struct buffer *to, uint32_t time, uint32_t ttl, uint8_t rank, uint16_t bytes)
{
	static const uint8_t zeros[512];
	put32(to, time);
	put32(to, ttl);
	put(to, &rank, 1);
	put(to, zeros, 1);
	put16(to, 1);
	put16(to, bytes);
	put(to, zeros, bytes + (bytes & 1));
	put16(to, 1);
	put16(to, 8);
	put(to, zeros, 8);
}

static struct bytes of(const struct buffer *buffer) { return (struct bytes){ buffer->data, buffer->length }; }

static void keys(void)
{
	const uint8_t name[] = "\3com\0\7example\0\0E\1\0"; /* lookup format: labels from the root down */
	CHECK(key_kind((const uint8_t *)"VERS", 4) == KEY_LOCAL);
	CHECK(key_kind((const uint8_t *)"\0S\x7f\0\0\1", 6) == KEY_LOCAL);
	CHECK(key_kind((const uint8_t *)"com\0example\0\0E\1\0", 16) == KEY_PLAIN);
	CHECK(key_kind((const uint8_t *)"com\0example\0\0E\2\0", 16) == KEY_APEX);
	CHECK(key_kind((const uint8_t *)"com\0\0001hash", 10) == KEY_PLAIN);
	CHECK(key_kind((const uint8_t *)"\0E\2\0", 4) == KEY_APEX);
	CHECK(key_kind((const uint8_t *)"com\0example\0\0E\1", 15) == KEY_LOCAL);
	CHECK(key_kind(name, 0) == KEY_LOCAL);
}

static void plain_entries(void)
{
	struct buffer value = { 0 };
	struct entry entry;
	put_item(&value, 1000, 300, 020, 5);
	CHECK(entry_parse(KEY_PLAIN, value.data, value.length, &entry));
	CHECK(entry.expires == 1300 && entry.learned == 1000);
	for (size_t length = 0; length < value.length; ++length)
		CHECK(!entry_parse(KEY_PLAIN, value.data, length, &entry));
	value.data[7] = 0x80; /* a time to live beyond 2^31 */
	CHECK(!entry_parse(KEY_PLAIN, value.data, value.length, &entry));
}

static void apex(struct buffer *value, bool nsec3, uint32_t ns, uint32_t cname)
{
	const uint8_t head[] = { (ns ? 1 : 0) | (cname ? 2 : 0), 0, nsec3 ? 3 : 0, 0 };
	put(value, head, 4);
	if (nsec3) {
		const uint8_t parameters[] = { 1, 0, 0, 0, 3, 'a', 'b', 'c' };
		put32(value, 5000);
		put(value, parameters, sizeof(parameters));
	}
	if (ns)
		put_item(value, ns, 300, 020, 4);
	if (cname)
		put_item(value, cname, 300, 020, 4);
}

static void apex_entries(void)
{
	struct buffer ours = { 0 }, theirs = { 0 };
	struct entry mine, other, merged;
	static uint8_t out[VALUE_MOST];
	apex(&ours, false, 1000, 0);
	apex(&theirs, true, 0, 1100);
	CHECK(entry_parse(KEY_APEX, ours.data, ours.length, &mine));
	CHECK(entry_parse(KEY_APEX, theirs.data, theirs.length, &other));
	for (size_t length = 0; length < theirs.length; ++length)
		CHECK(!entry_parse(KEY_APEX, theirs.data, length, &merged));

	/* Neither side loses what the other does not know. */
	const size_t length = entry_merge(&mine, &other, 1200, out);
	CHECK(length > 0 && entry_parse(KEY_APEX, out, length, &merged));
	CHECK(merged.nsec_type[0] == 3 && merged.item[SLOT_NS].time == 1000 && merged.item[SLOT_CNAME].time == 1100);
	CHECK(merged.expires == 5000);
	CHECK(entry_merge(&merged, &other, 1200, out) == 0);
	CHECK(entry_merge(&merged, &mine, 1200, out) == 0);
}

static void preferences(void)
{
	static uint8_t out[VALUE_MOST];
	static const struct { uint32_t time, rank, their_time, their_rank; bool theirs; } cases[] = {
		{ 1000, 020, 1001, 020, true },  /* newer */
		{ 1000, 020, 1000, 020, false }, /* the same */
		{ 1000, 020, 999, 020, false },  /* older */
		{ 1000, 030, 1001, 020, false }, /* newer, but less trustworthy */
		{ 1000, 020, 1000, 030, true },  /* more trustworthy */
		{ 1000, 020, 999, 030, false },  /* more trustworthy, but older: never a longer life */
		{ 600, 030, 1001, 020, true },   /* ours has expired */
	};
	for (size_t each = 0; each < sizeof(cases) / sizeof(*cases); ++each) {
		struct buffer ours = { 0 }, theirs = { 0 };
		struct entry mine, other;
		put_item(&ours, cases[each].time, 300, cases[each].rank, 4);
		put_item(&theirs, cases[each].their_time, 300, cases[each].their_rank, 6);
		CHECK(entry_parse(KEY_PLAIN, ours.data, ours.length, &mine));
		CHECK(entry_parse(KEY_PLAIN, theirs.data, theirs.length, &other));
		const size_t length = entry_merge(&mine, &other, 1100, out);
		CHECK(length == (cases[each].theirs ? theirs.length : 0));
	}
}

/* What kresd really writes is read whole, and nothing that is cut short or longer. */
static void recorded_entries(void)
{
	for (size_t each = 0; each < sizeof(recorded) / sizeof(*recorded); ++each) {
		const uint8_t *key = (const uint8_t *)recorded[each].key, *value = (const uint8_t *)recorded[each].value;
		const size_t length = recorded[each].length;
		const enum key_kind kind = key_kind(key, recorded[each].key_length);
		struct entry entry;
		uint8_t copy[4096], slots = 0;
		CHECK(kind == (recorded[each].apex ? KEY_APEX : KEY_PLAIN));
		CHECK(entry_parse(kind, value, length, &entry));
		CHECK(entry.expires > entry.learned);
		for (int slot = 0; slot < SLOTS; ++slot)
			slots |= (entry.item[slot].length > 0) << slot;
		CHECK(!recorded[each].apex || slots == recorded[each].slots);
		for (size_t cut = 0; cut < length; ++cut)
			CHECK(!entry_parse(kind, value, cut, &entry));
		memcpy(copy, value, length);
		memset(copy + length, 0, 2);
		CHECK(!entry_parse(kind, copy, length + 2, &entry));
	}
}

/* Two instances that know different things of a zone know all of it in the end, whoever tells whom first. */
static void recorded_merges(void)
{
	static uint8_t one[VALUE_MOST], other[VALUE_MOST];
	struct entry a, b, merged;
	for (size_t first = 0; first < sizeof(recorded) / sizeof(*recorded); ++first) {
		for (size_t second = 0; second < sizeof(recorded) / sizeof(*recorded); ++second) {
			if (first == second || !recorded[first].apex || !recorded[second].apex)
				continue;
			CHECK(entry_parse(KEY_APEX, (const uint8_t *)recorded[first].value, recorded[first].length, &a));
			CHECK(entry_parse(KEY_APEX, (const uint8_t *)recorded[second].value, recorded[second].length, &b));
			const size_t length = entry_merge(&a, &b, 0, one), again = entry_merge(&b, &a, 0, other);
			CHECK(length == 0 || entry_parse(KEY_APEX, one, length, &merged));
			for (int slot = 0; length && slot < SLOTS; ++slot)
				CHECK(!a.item[slot].length == !merged.item[slot].length || b.item[slot].length);
			CHECK(length == 0 || again == 0 || (length == again && memcmp(one, other, length) == 0));
		}
	}
}

static void signatures(void)
{
	struct buffer sealed = { 0 };
	struct bytes value = { (const uint8_t *)"value", 5 }, key = { (const uint8_t *)"key", 3 }, opened;
	struct codec *old = codec_new("a", "old", NULL), *new = codec_new("a", "new", "old"),
		     *next = codec_new("a", "next", "new"), *elsewhere = codec_new("b", "new", "old");
	uint8_t mac[MAC_SIZE];
	codec_sign(old, key, value, mac);
	put(&sealed, mac, MAC_SIZE);
	put(&sealed, value.data, value.length);
	CHECK(codec_open(old, key, of(&sealed), &opened) && opened.length == 5 && !memcmp(opened.data, "value", 5));
	CHECK(codec_open(new, key, of(&sealed), &opened));       /* the key before */
	CHECK(!codec_open(next, key, of(&sealed), &opened));     /* the one before that */
	CHECK(!codec_open(elsewhere, key, of(&sealed), &opened)); /* another name space */
	CHECK(!codec_open(old, value, of(&sealed), &opened));     /* another name */
	for (size_t bit = 0; bit < sealed.length * 8; ++bit) {
		sealed.data[bit / 8] ^= 1 << bit % 8;
		CHECK(!codec_open(old, key, of(&sealed), &opened));
		sealed.data[bit / 8] ^= 1 << bit % 8;
	}
	for (size_t length = 0; length < sealed.length; ++length)
		CHECK(!codec_open(old, key, (struct bytes){ sealed.data, length }, &opened));
	codec_free(old);
	codec_free(new);
	codec_free(next);
	codec_free(elsewhere);
}

static void messages(void)
{
	const uint8_t sender[SENDER_SIZE] = { 1, 2, 3 }, sealed[MAC_SIZE + 5] = { 0 };
	struct message message = { { (const uint8_t *)"key", 3 }, { sealed, sizeof(sealed) }, sender }, read;
	uint8_t wire[64];
	const size_t size = message_size(3, sizeof(sealed));
	message_write(&message, wire);
	CHECK(message_read((struct bytes){ wire, size }, &read));
	CHECK(read.key.length == 3 && !memcmp(read.key.data, "key", 3) && read.sealed.length == sizeof(sealed));
	CHECK(!memcmp(read.sender, sender, SENDER_SIZE));
	CHECK(!message_read((struct bytes){ wire, message_size(3, MAC_SIZE) - 1 }, &read));
	wire[SENDER_SIZE] = 60; /* a key that is longer than the message */
	CHECK(!message_read((struct bytes){ wire, size }, &read));
}

static void queues(void)
{
	struct queue queue;
	const uint64_t size = sizeof(struct write) + 4 + MAC_SIZE;
	queue_init(&queue, 3 * size);
	for (uint8_t each = 1; each <= 4; ++each)
		queue_add(&queue, 4, MAC_SIZE)->bytes[0] = each;
	CHECK(queue.count == 3 && queue.dropped == 1 && queue.bytes == 3 * size);
	CHECK(queue_send(&queue)->bytes[0] == 2); /* the oldest was dropped */
	CHECK(queue_send(&queue)->bytes[0] == 3);
	queue_acknowledge(&queue);
	queue_rewind(&queue);
	CHECK(queue.count == 2 && queue_send(&queue)->bytes[0] == 3);
	CHECK(queue_send(&queue)->bytes[0] == 4);
	CHECK(queue_send(&queue) == NULL);
	CHECK(queue_add(&queue, 4, 1000) == NULL); /* larger than all there is */
	queue_rewind(&queue);
	queue_add(&queue, 4, MAC_SIZE)->bytes[0] = 5;
	queue_clear(&queue);
	CHECK(queue.count == 0 && queue.bytes == 0);
}

int main(void)
{
	keys();
	plain_entries();
	apex_entries();
	preferences();
	recorded_entries();
	recorded_merges();
	signatures();
	messages();
	queues();
	printf("%s\n", failures ? "failed" : "passed");
	return failures != 0;
}
