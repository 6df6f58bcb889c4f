/* Clears a name and all below it for everybody: Redis, the other instances, and this one. */
#pragma once
#include "codec.h"

/* `name` as keys begin with it. Returns why it cannot be done, or NULL: it goes on until counters.clearing is 0. */
const char *clear_begin(struct bytes name);

/* The connection is gone. */
void clear_abandon(void);
