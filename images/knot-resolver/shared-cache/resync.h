/* What happened while nobody listened: all of Redis is read, in small parts. Warming up is the first time. */
#pragma once
#include <stdbool.h>

/* Begins, unless it is at work. */
void resync_begin(void);
bool resync_at_work(void);

/* The connection is gone. */
void resync_abandon(void);
