/* What is on its way to Redis: bounded, so that a Redis that does not take it costs memory up to there and no further. */
#pragma once
#include "codec.h"
#include <stdint.h>

enum write_kind { WRITE, REMOVAL, RESTORATION };

struct write {
	struct write *next;
	enum write_kind kind;
	int64_t expires; /* in Redis; of no matter to a removal */
	uint32_t key_length, sealed_length;
	uint8_t bytes[]; /* the key, and the value with its signature; a removal's has the signature alone */
};

static inline struct bytes write_key(const struct write *write)
{
	return (struct bytes){ write->bytes, write->key_length };
}

static inline struct bytes write_sealed(const struct write *write)
{
	return (struct bytes){ write->bytes + write->key_length, write->sealed_length };
}

struct list {
	struct write *first, **end;
};

struct queue {
	struct list waiting; /* not sent yet */
	struct list sent;    /* and not acknowledged yet */
	uint64_t bytes, most_bytes;
	uint64_t count, dropped;
};

void queue_init(struct queue *queue, uint64_t most_bytes);

/* Room for a write of these sizes at the end, for the caller to fill; the oldest that wait are dropped for it. */
struct write *queue_add(struct queue *queue, uint32_t key_length, uint32_t sealed_length);

/* The next one that waits; from then on it counts as sent. */
struct write *queue_send(struct queue *queue);

/* The oldest that was sent has arrived. */
void queue_acknowledge(struct queue *queue);

/* Whoever was to acknowledge has gone: what was sent waits again. To write the same twice does no harm. */
void queue_rewind(struct queue *queue);

void queue_clear(struct queue *queue);
