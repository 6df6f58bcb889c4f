#include "tls.h"
#include <arpa/inet.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>

static SSL_CTX *context_with(const char *ca_file)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (!context)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_load_verify_file(context, ca_file) == 1)
		return context;
	SSL_CTX_free(context);
	return NULL;
}

static bool expect(SSL *ssl, const char *host)
{
	struct in6_addr address;
	if (inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

const char *tls_begin(redisContext *connection, const char *ca_file, const char *host)
{
	static SSL_CTX *context;
	ERR_clear_error();
	if (!context)
		context = context_with(ca_file);
	SSL *ssl = context ? SSL_new(context) : NULL;
	if (ssl && expect(ssl, host) && redisInitiateSSL(connection, ssl) == REDIS_OK)
		return NULL; /* the connection frees it */
	const char *why = tls_complaint();
	SSL_free(ssl);
	return why ? why : "TLS cannot begin";
}

const char *tls_complaint(void)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());
	ERR_clear_error();
	return why;
}
