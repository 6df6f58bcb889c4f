/* The entries of Knot Resolver's cache, format 7: lib/cache/README.rst and lib/cache/impl.h upstream. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CACHE_FORMAT = 7, KEY_MOST = 512, VALUE_MOST = 128 * 1024 };

/* What a key is about. */
enum key_kind {
	KEY_LOCAL, /* this instance's own matter: round-trip times, the format's version */
	KEY_PLAIN, /* one set of records, or one whole answer */
	KEY_APEX,  /* what is known of a name as a zone: NSEC parameters, NS, CNAME, DNAME */
};
enum key_kind key_kind(const uint8_t *key, size_t length);

/* One part of an entry. Without a length there is none. */
struct item {
	const uint8_t *data;
	uint32_t length;
	uint32_t time, ttl; /* when it was learned, and for how long; NSEC parameters: valid until `time` */
	uint8_t rank;       /* how trustworthy it is */
};

enum { SLOT_NSEC, SLOT_NSEC_OTHER, SLOT_NS, SLOT_CNAME, SLOT_DNAME, SLOTS };

struct entry {
	enum key_kind kind;
	struct item item[SLOTS];  /* a plain entry has the first alone */
	uint8_t nsec_type[2];     /* of the first two slots: 1 NSEC, 3 NSEC3, 0 none */
	int64_t expires;          /* when the last of its items does */
	int64_t learned;          /* when the newest of its items was */
};

/* Reads a value, and trusts nothing in it. The entry points into the value. */
bool entry_parse(enum key_kind kind, const uint8_t *value, size_t length, struct entry *entry);

/*
 * What to keep when both sides have an entry: of each slot the better one, so that nobody's NS or NSEC3 parameters are lost
 * to somebody's who knows less. Writes it to `out`, which has VALUE_MOST bytes, and returns its length; 0 if ours is to stay.
 */
size_t entry_merge(const struct entry *ours, const struct entry *theirs, int64_t now, uint8_t *out);
