#include "queue.h"
#include <stdlib.h>

static uint64_t size_of(const struct write *write)
{
	return sizeof(*write) + write->key_length + write->sealed_length;
}

static void empty(struct list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void append(struct list *list, struct write *write)
{
	write->next = NULL;
	*list->end = write;
	list->end = &write->next;
}

static struct write *take(struct list *list)
{
	struct write *write = list->first;
	if (write && !(list->first = write->next))
		list->end = &list->first;
	return write;
}

static void discard(struct queue *queue, struct write *write)
{
	if (!write)
		return;
	queue->bytes -= size_of(write);
	--queue->count;
	free(write);
}

void queue_init(struct queue *queue, uint64_t most_bytes)
{
	*queue = (struct queue){ .most_bytes = most_bytes };
	empty(&queue->waiting);
	empty(&queue->sent);
}

struct write *queue_add(struct queue *queue, uint32_t key_length, uint32_t sealed_length)
{
	const uint64_t size = sizeof(struct write) + key_length + sealed_length;
	while (queue->waiting.first && queue->bytes + size > queue->most_bytes) {
		discard(queue, take(&queue->waiting));
		++queue->dropped;
	}
	struct write *write = queue->bytes + size > queue->most_bytes ? NULL : malloc(size);
	if (!write) {
		++queue->dropped;
		return NULL;
	}
	write->key_length = key_length;
	write->sealed_length = sealed_length;
	append(&queue->waiting, write);
	queue->bytes += size;
	++queue->count;
	return write;
}

struct write *queue_send(struct queue *queue)
{
	struct write *write = take(&queue->waiting);
	if (write)
		append(&queue->sent, write);
	return write;
}

void queue_acknowledge(struct queue *queue) { discard(queue, take(&queue->sent)); }

void queue_rewind(struct queue *queue)
{
	if (!queue->sent.first)
		return;
	*queue->sent.end = queue->waiting.first;
	if (!queue->waiting.first)
		queue->waiting.end = queue->sent.end;
	queue->waiting.first = queue->sent.first;
	empty(&queue->sent);
}

void queue_clear(struct queue *queue)
{
	queue_rewind(queue);
	while (queue->waiting.first)
		discard(queue, take(&queue->waiting));
}
