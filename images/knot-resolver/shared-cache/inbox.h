/* In: what another instance has learned, whether it comes as news or is found in Redis. */
#pragma once
#include "codec.h"
#include <stdbool.h>

/* False if nothing of it is of use here. */
bool inbox_take(struct bytes key, struct bytes sealed);
