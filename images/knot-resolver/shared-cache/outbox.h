/* Out: what this instance has learned, to Redis and to the others. */
#pragma once
#include "codec.h"
#include <stdbool.h>
#include <stdint.h>

void outbox_open(uint64_t most_bytes);
void outbox_close(void);

/* kresd has learned this, or wants it gone. */
void outbox_write(struct bytes key, struct bytes value, int64_t expires);
void outbox_remove(struct bytes key);

/* Redis has lost this, as all the rest; what it has learned since is newer, and stays. */
void outbox_restore(struct bytes key, struct bytes value, int64_t expires);

/* Sends what waits, as far as Redis takes it. */
void outbox_send(void);

/* The connection is gone: what was not acknowledged waits again. */
void outbox_rewind(void);

/* Before the process ends: what waits is given to the kernel, for a quarter of a second at most. */
void outbox_flush(void);
