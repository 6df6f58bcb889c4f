/* The cache of this instance, as the rest of the module sees it. It answers every read; nobody waits for Redis. */
#pragma once
#include "codec.h"
#include <stdint.h>

/* Takes in what another instance has learned, if it is better than what is here, or adds to it: then `merged` has both. */
enum outcome { APPLIED, MERGED, NOT_BETTER, REFUSED, FAILED };
enum outcome store_apply(struct bytes key, struct bytes value, int64_t now, struct bytes *merged);
void store_remove(struct bytes key);

/* Commits what was taken in: once per turn of the loop, not once per value. */
void store_commit(void);

/* How full it is, in percent. */
double store_usage(void);

/*
 * Walks through all that may be shared, backwards: `at` is where it is, KEY_MOST bytes, and is moved on; a length of 0 begins.
 * False at the end.
 */
struct place {
	uint8_t key[512];
	size_t length;
};
bool store_walk(struct place *at, struct bytes *value, int64_t *expires, int64_t *learned);
