/* What the parts of the replication share. */
#pragma once
#include "replication.h"
#include <string.h>
#include <time.h>
#include <uv.h>

enum { COMMAND_WORDS = 8 };

struct replica {
	struct replication_settings settings;
	struct link commands, news;
	struct codec *codec;
	uint8_t self[SENDER_SIZE];
	char prefix[NAMESPACE_MOST + 2];  /* of every key in Redis */
	char channel[NAMESPACE_MOST + 8]; /* on which instances tell one another what they have learned */
};
extern struct replica replica;

/* Seconds since 1970, as in kresd's entries. */
static inline int64_t seconds(void) { return time(NULL); }

/* Milliseconds of this process. */
static inline uint64_t moment(void) { return uv_now(uv_default_loop()); }

static inline struct bytes text(const char *from) { return (struct bytes){ (const uint8_t *)from, strlen(from) }; }

/* Sends a command of at most COMMAND_WORDS words to Redis. */
bool command(redisCallbackFn *answered, void *data, int count, const struct bytes *words);

/* For a command of whose answer nothing matters but that there is one. */
void on_heard(redisAsyncContext *context, void *reply, void *unused);
