/* What stands in Redis, and what instances tell one another: nothing that was not signed by one of them is let in. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAC_SIZE = 16, SENDER_SIZE = 8, NAMESPACE_MOST = 95 };

struct codec;

/*
 * `name_space` is part of what is signed: values of another format, or of instances with other trust anchors, are nobody's.
 * `previous` is the key before this one, whose values are still let in; or NULL. NULL if there is no memory.
 */
struct codec *codec_new(const char *name_space, const char *key, const char *previous);
void codec_free(struct codec *codec);

struct bytes {
	const uint8_t *data;
	size_t length;
};

/* Signs a value under its key: `mac` has MAC_SIZE bytes. */
void codec_sign(struct codec *codec, struct bytes key, struct bytes value, uint8_t *mac);

/* Takes the signature off a value. False if nobody who has one of the keys has signed it. */
bool codec_open(struct codec *codec, struct bytes key, struct bytes sealed, struct bytes *value);

/* A message: who sent it, a key, and its value as in Redis; without a value it says that the key is gone. */
struct message {
	struct bytes key;
	struct bytes sealed;
	const uint8_t *sender; /* SENDER_SIZE bytes */
};
size_t message_size(size_t key, size_t sealed);
void message_write(const struct message *message, uint8_t *out);
bool message_read(struct bytes from, struct message *message);
