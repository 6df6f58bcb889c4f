/* What the module counts; shared_cache.lua has the same fields in the same order. */
#pragma once
#include <stdint.h>

struct counters {
	uint64_t written, removed;          /* by kresd, and handed to Redis */
	uint64_t acknowledged, errors;      /* what Redis said to that */
	uint64_t unreadable;                /* of kresd, in a form that this module does not know */
	uint64_t overflown;                 /* not handed on: one transaction had more than there is room for */
	uint64_t received, applied;         /* of other instances */
	uint64_t known;                     /* was here already, or something better */
	uint64_t forged;                    /* without a valid signature */
	uint64_t malformed, future, failed; /* signed, but no entry; from a clock that is ahead; no room */
	uint64_t warmed, warm_ms, resyncs;  /* taken in when a connection came up, how long it took, how often */
	uint64_t reseeded;                  /* given to a Redis that had been emptied */
	uint64_t connected, disconnects, warm; /* connected and warm: 1 or 0 */
	uint64_t queued, queued_bytes, dropped;
	uint64_t clearing, unclear;         /* at it now: 1 or 0; how often it could not be done to the end */
};
extern struct counters counters;
