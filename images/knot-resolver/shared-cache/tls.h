/* TLS, with a server that proves to be the one that was meant: hiredis' own would take any that the CA has signed. */
#pragma once
#include <hiredis/hiredis.h>

/* Returns why it cannot begin, or NULL. */
const char *tls_begin(redisContext *connection, const char *ca_file, const char *host);

/* What TLS has to say of the connection that has just failed, where hiredis has no words for it; or NULL. */
const char *tls_complaint(void);
