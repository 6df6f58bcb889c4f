#include "inbox.h"
#include "counters.h"
#include "entry.h"
#include "outbox.h"
#include "replica.h"
#include "store.h"

/* Ours and theirs together are more than either: the others get it, too, and have the same in the end. */
static void hand_back(struct bytes key, struct bytes merged)
{
	struct entry entry;
	if (entry_parse(key_kind(key.data, key.length), merged.data, merged.length, &entry))
		outbox_write(key, merged, entry.expires);
}

bool inbox_take(struct bytes key, struct bytes sealed)
{
	struct bytes value, merged;
	if (key_kind(key.data, key.length) == KEY_LOCAL || !codec_open(replica.codec, key, sealed, &value)) {
		++counters.forged;
		return false;
	}
	if (value.length == 0) {
		store_remove(key);
		return true;
	}
	switch (store_apply(key, value, seconds(), &merged)) {
	case MERGED:
		hand_back(key, merged);
		/* fall through */
	case APPLIED:
		++counters.applied;
		return true;
	case NOT_BETTER:
		++counters.known;
		return false;
	case REFUSED:
		return false; /* counted by its reason */
	default:
		++counters.failed;
		return false;
	}
}
