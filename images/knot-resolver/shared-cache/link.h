/* One connection to Redis that is kept up: never waits for anything, comes back by itself, and notices when it is dead. */
#pragma once
#include <hiredis/async.h>
#include <stdbool.h>
#include <stdint.h>

struct link_settings {
	char host[256], user[64], password[256], ca_file[256]; /* a host that is a path is a socket; TLS if there is a ca_file */
	int port, database;
	uint32_t stall_ms; /* without an answer for so long it counts as dead */
};

struct link {
	const struct link_settings *settings;
	const char *name; /* for the log */
	void (*on_ready)(struct link *);
	void (*on_down)(struct link *);

	redisAsyncContext *context;
	bool ready, resolving;
	bool told; /* that it is down: once, however often it is tried */
	uint32_t unanswered;
	uint64_t backoff, retry_at, seen;
};

/* To be called some times a second: connects, and finds out what is dead. */
void link_tend(struct link *link);
void link_close(struct link *link);

/* Sends a command. `answered` gets a reply, or NULL if the link went down first, and calls link_answered(). */
bool link_send(struct link *link, redisCallbackFn *answered, void *data, int count, const char **words, const size_t *lengths);

/* To be called for each reply; false if it is none, is one of a former connection, or says that something went wrong. */
bool link_answered(struct link *link, const redisAsyncContext *context, const redisReply *reply);
