/* Keeps Redis and the cache of this instance alike: what kresd learns goes there, what others have learned comes here. */
#pragma once
#include "codec.h"
#include "link.h"
#include <stdbool.h>
#include <stdint.h>

struct replication_settings {
	struct link_settings redis;
	char name_space[NAMESPACE_MOST + 1];
	uint64_t most_queued_bytes;
	uint32_t stale_seconds; /* how long after its expiry a value is of use */
};

bool replication_start(const struct replication_settings *settings, const char *key, const char *previous_key);
void replication_stop(void);

/* To be called some times a second. */
void replication_tick(void);
