#include "codec.h"
#include "entry.h"
#include <endian.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

struct codec {
	char name_space[NAMESPACE_MOST + 1];
	gnutls_hmac_hd_t mac[2]; /* of the key, and of the one before */
};

static bool prepare(gnutls_hmac_hd_t *mac, const char *key)
{
	return gnutls_hmac_init(mac, GNUTLS_MAC_SHA256, key, strlen(key)) == 0;
}

struct codec *codec_new(const char *name_space, const char *key, const char *previous)
{
	struct codec *codec = calloc(1, sizeof(*codec));
	if (!codec)
		return NULL;
	strncpy(codec->name_space, name_space, NAMESPACE_MOST);
	if (!prepare(&codec->mac[0], key) || (previous && !prepare(&codec->mac[1], previous))) {
		codec_free(codec);
		return NULL;
	}
	return codec;
}

void codec_free(struct codec *codec)
{
	if (!codec)
		return;
	for (int each = 0; each < 2; ++each)
		if (codec->mac[each])
			gnutls_hmac_deinit(codec->mac[each], NULL);
	free(codec);
}

/* Lengths are signed too, or bytes could move from the end of one part to the beginning of the next. */
static void add(gnutls_hmac_hd_t mac, struct bytes part)
{
	const uint32_t length = htole32(part.length);
	gnutls_hmac(mac, &length, sizeof(length));
	gnutls_hmac(mac, part.data, part.length);
}

static void sign(const struct codec *codec, int which, struct bytes key, struct bytes value, uint8_t *out)
{
	uint8_t whole[32];
	gnutls_hmac_hd_t mac = codec->mac[which];
	add(mac, (struct bytes){ (const uint8_t *)codec->name_space, strlen(codec->name_space) });
	add(mac, key);
	add(mac, value);
	gnutls_hmac_output(mac, whole); /* and begins anew */
	memcpy(out, whole, MAC_SIZE);
}

void codec_sign(struct codec *codec, struct bytes key, struct bytes value, uint8_t *mac)
{
	sign(codec, 0, key, value, mac);
}

bool codec_open(struct codec *codec, struct bytes key, struct bytes sealed, struct bytes *value)
{
	if (sealed.length < MAC_SIZE)
		return false;
	*value = (struct bytes){ sealed.data + MAC_SIZE, sealed.length - MAC_SIZE };
	for (int which = 0; which < 2 && codec->mac[which]; ++which) {
		uint8_t mac[MAC_SIZE];
		sign(codec, which, key, *value, mac);
		if (gnutls_memcmp(mac, sealed.data, MAC_SIZE) == 0)
			return true;
	}
	return false;
}

size_t message_size(size_t key, size_t sealed) { return SENDER_SIZE + 2 + key + sealed; }

void message_write(const struct message *message, uint8_t *out)
{
	const uint16_t length = htole16(message->key.length);
	memcpy(out, message->sender, SENDER_SIZE);
	memcpy(out + SENDER_SIZE, &length, 2);
	memcpy(out + SENDER_SIZE + 2, message->key.data, message->key.length);
	memcpy(out + SENDER_SIZE + 2 + message->key.length, message->sealed.data, message->sealed.length);
}

bool message_read(struct bytes from, struct message *message)
{
	uint16_t length;
	if (from.length < message_size(1, MAC_SIZE))
		return false;
	memcpy(&length, from.data + SENDER_SIZE, 2);
	length = le16toh(length);
	if (length == 0 || length > KEY_MOST || from.length < message_size(length, MAC_SIZE))
		return false;
	const size_t head = message_size(length, 0);
	*message = (struct message){
		.sender = from.data,
		.key = { from.data + SENDER_SIZE + 2, length },
		.sealed = { from.data + head, from.length - head },
	};
	return true;
}
