/* libFuzzer: whatever comes from Redis, no entry leads out of its value, and what is merged is an entry again. */
#include "../codec.h"
#include "../entry.h"
#include <stdlib.h>
#include <string.h>

static uint8_t merged[VALUE_MOST];

static void within(const struct entry *entry, const uint8_t *value, size_t length)
{
	for (int slot = 0; slot < SLOTS; ++slot) {
		const struct item *item = &entry->item[slot];
		if (item->length && (item->data < value || item->data + item->length > value + length))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message message;
	struct entry ours, theirs, result;
	message_read((struct bytes){ data, size }, &message);
	key_kind(data, size);
	for (enum key_kind kind = KEY_PLAIN; kind <= KEY_APEX; ++kind) {
		const size_t half = size / 2;
		const bool whole = entry_parse(kind, data, size, &theirs);
		if (whole)
			within(&theirs, data, size);
		if (!entry_parse(kind, data, half, &ours) || !entry_parse(kind, data + half, size - half, &theirs))
			continue;
		within(&ours, data, half);
		within(&theirs, data + half, size - half);
		const size_t length = entry_merge(&ours, &theirs, 1000, merged);
		if (length && !entry_parse(kind, merged, length, &result))
			abort();
	}
	return 0;
}
