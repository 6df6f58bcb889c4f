#include "entry.h"
#include <string.h>

enum { TYPE_NS = 2, HEADER = 10, PACKET = 0x40, RANK = 0x3f, APEX_HEAD = 4, NSEC3_FIXED = 5, STAMP = 4 };

static uint16_t u16(const uint8_t *at)
{
	uint16_t value;
	memcpy(&value, at, sizeof(value));
	return value;
}

static uint32_t u32(const uint8_t *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof(value));
	return value;
}

static uint32_t even(uint32_t length) { return length + (length & 1); }

/* A key is a name in lookup format, which ends with an empty label, and then a tag and what belongs to it. */
static size_t tag_of(const uint8_t *key, size_t length)
{
	for (size_t at = 1; at < length; ++at)
		if (key[at - 1] == 0 && (at == 1 || key[at - 2] == 0))
			return at;
	return length;
}

enum key_kind key_kind(const uint8_t *key, size_t length)
{
	if (length < 3 || length > KEY_MOST || (key[0] == 0 && key[1] == 'S'))
		return KEY_LOCAL;
	const size_t tag = tag_of(key, length);
	if (tag >= length)
		return KEY_LOCAL;
	if (key[tag] == '1' || key[tag] == '3')
		return KEY_PLAIN;
	if (key[tag] != 'E' || length != tag + 3)
		return KEY_LOCAL;
	return u16(key + tag + 1) == TYPE_NS ? KEY_APEX : KEY_PLAIN;
}

/* The end of a list of records, each with its length before it; NULL if it goes beyond `end`. */
static const uint8_t *after_records(const uint8_t *at, const uint8_t *end)
{
	if (end - at < 2)
		return NULL;
	int count = u16(at);
	for (at += 2; count > 0; --count) {
		if (end - at < 2)
			return NULL;
		const uint32_t length = even(2 + u16(at));
		if (end - at < length)
			return NULL;
		at += length;
	}
	return at;
}

static const uint8_t *after_packet(const uint8_t *at, const uint8_t *end)
{
	if (end - at < 2)
		return NULL;
	const uint32_t length = u16(at);
	const uint32_t dns_header = 12;
	return length < dns_header || end - at < 2 + (ptrdiff_t)length ? NULL : at + 2 + length;
}

static bool parse_item(const uint8_t *value, const uint8_t *end, struct item *item)
{
	if (end - value < HEADER)
		return false;
	*item = (struct item){ .data = value, .time = u32(value), .ttl = u32(value + 4), .rank = value[8] & RANK };
	if (item->ttl > INT32_MAX)
		return false;
	const uint8_t *at = value + HEADER;
	if (value[8] & PACKET) {
		at = after_packet(at, end);
	} else {
		at = after_records(at, end); /* the records, and then their signatures */
		at = at ? after_records(at, end) : NULL;
	}
	if (!at)
		return false;
	item->length = at - value;
	return true;
}

static bool parse_parameters(uint8_t type, const uint8_t *at, const uint8_t *end, struct item *item)
{
	if ((type != 1 && type != 3) || end - at < STAMP)
		return false;
	*item = (struct item){ .data = at, .length = STAMP, .time = u32(at) };
	if (type == 3) {
		if (end - at < STAMP + NSEC3_FIXED)
			return false;
		item->length += NSEC3_FIXED + at[STAMP + NSEC3_FIXED - 1]; /* the salt, after its length */
	}
	return end - at >= even(item->length);
}

static void note(struct entry *entry, int64_t expires, int64_t learned)
{
	if (expires > entry->expires)
		entry->expires = expires;
	if (learned > entry->learned)
		entry->learned = learned;
}

static bool parse_apex(const uint8_t *value, const uint8_t *end, struct entry *entry)
{
	if (end - value < APEX_HEAD || (value[0] & ~7) || value[1])
		return false;
	const uint8_t *at = value + APEX_HEAD;
	for (int slot = SLOT_NSEC; slot <= SLOT_NSEC_OTHER; ++slot) {
		struct item *item = &entry->item[slot];
		entry->nsec_type[slot] = value[2 + slot];
		if (!entry->nsec_type[slot])
			continue;
		if (!parse_parameters(entry->nsec_type[slot], at, end, item))
			return false;
		note(entry, item->time, 0);
		at += even(item->length);
	}
	for (int slot = SLOT_NS; slot < SLOTS; ++slot) {
		struct item *item = &entry->item[slot];
		if (!(value[0] & (1 << (slot - SLOT_NS))))
			continue;
		if (!parse_item(at, end, item) || end - at < even(item->length))
			return false;
		note(entry, (int64_t)item->time + item->ttl, item->time);
		at += even(item->length);
	}
	return at == end;
}

bool entry_parse(enum key_kind kind, const uint8_t *value, size_t length, struct entry *entry)
{
	const uint8_t *end = value + length;
	*entry = (struct entry){ .kind = kind };
	if (kind == KEY_LOCAL || length > VALUE_MOST)
		return false;
	if (kind == KEY_APEX)
		return parse_apex(value, end, entry);
	struct item *item = &entry->item[0];
	if (!parse_item(value, end, item) || item->length != length)
		return false;
	note(entry, (int64_t)item->time + item->ttl, item->time);
	return true;
}

/* Ours gives way if it is not there, has expired, or is neither better ranked nor as new. */
static bool prefer_theirs(const struct item *ours, const struct item *theirs, int64_t now, bool parameters)
{
	if (!theirs->length)
		return false;
	if (!ours->length)
		return true;
	if (parameters)
		return theirs->time > ours->time;
	if ((int64_t)ours->time + ours->ttl <= now)
		return theirs->time > ours->time;
	if (theirs->rank != ours->rank)
		return theirs->rank > ours->rank && theirs->time >= ours->time;
	return theirs->time > ours->time;
}

static size_t append(uint8_t *out, size_t length, const struct item *item)
{
	memcpy(out + length, item->data, item->length);
	if (item->length & 1)
		out[length + item->length] = 0;
	return length + even(item->length);
}

static size_t merge_apex(const struct entry *ours, const struct entry *theirs, int64_t now, uint8_t *out)
{
	size_t length = APEX_HEAD;
	bool changed = false;
	memset(out, 0, APEX_HEAD);
	for (int slot = 0; slot < SLOTS; ++slot) {
		const bool parameters = slot < SLOT_NS;
		const bool better = prefer_theirs(&ours->item[slot], &theirs->item[slot], now, parameters);
		const struct entry *from = better ? theirs : ours;
		const struct item *item = &from->item[slot];
		changed |= better;
		if (!item->length)
			continue;
		if (length + even(item->length) > VALUE_MOST)
			return 0;
		if (parameters)
			out[2 + slot] = from->nsec_type[slot];
		else
			out[0] |= 1 << (slot - SLOT_NS);
		length = append(out, length, item);
	}
	return changed ? length : 0;
}

size_t entry_merge(const struct entry *ours, const struct entry *theirs, int64_t now, uint8_t *out)
{
	if (theirs->kind == KEY_APEX)
		return merge_apex(ours, theirs, now, out);
	const struct item *item = &theirs->item[0];
	if (!prefer_theirs(&ours->item[0], item, now, false))
		return 0;
	memcpy(out, item->data, item->length);
	return item->length;
}
