#include "link.h"
#include "log.h"
#include "tls.h"
#include <hiredis/adapters/libuv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_RETRY = 250, LAST_RETRY = 8000 };

static bool by_socket(const struct link *link) { return link->settings->host[0] == '/'; }

static uint64_t now(void) { return uv_now(uv_default_loop()); }

/* What is waited for will not come: the next try is later each time, and not at the same moment for all instances. */
static void down(struct link *link, const char *why)
{
	redisAsyncContext *context = link->context;
	link->context = NULL;
	link->unanswered = 0;
	if (!link->told)
		log_notice("%s: %s; trying again", link->name, why);
	link->told = true;
	link->backoff = link->backoff == 0 ? FIRST_RETRY : link->backoff < LAST_RETRY ? link->backoff * 2 : LAST_RETRY;
	uint16_t jitter = 0;
	(void)!getrandom(&jitter, sizeof(jitter), 0);
	link->retry_at = now() + link->backoff + jitter % (link->backoff / 2 + 1);
	if (link->ready) {
		link->ready = false;
		link->on_down(link);
	}
	if (context)
		redisAsyncFree(context); /* all who wait for a reply are told that there is none */
}

static const char *reason(const redisAsyncContext *context)
{
	const char *why = tls_complaint();
	return why ? why : context->err ? context->errstr : "the connection was closed";
}

static void on_disconnect(const redisAsyncContext *context, int status)
{
	struct link *link = context->data;
	(void)status;
	if (link->context != context)
		return; /* it was ourselves */
	link->context = NULL; /* hiredis frees it */
	down(link, reason(context));
}

bool link_answered(struct link *link, const redisAsyncContext *context, const redisReply *reply)
{
	if (!reply || context != link->context)
		return false;
	link->seen = now();
	if (link->unanswered)
		--link->unanswered;
	return reply->type != REDIS_REPLY_ERROR;
}

bool link_send(struct link *link, redisCallbackFn *answered, void *data, int count, const char **words, const size_t *lengths)
{
	if (!link->context || redisAsyncCommandArgv(link->context, answered, data, count, words, lengths) != REDIS_OK)
		return false;
	if (link->unanswered++ == 0)
		link->seen = now();
	return true;
}

static void on_admitted(redisAsyncContext *context, void *reply, void *data)
{
	struct link *link = context->data;
	(void)data;
	if (!reply || context != link->context)
		return;
	if (!link_answered(link, context, reply)) {
		down(link, ((redisReply *)reply)->str);
		return;
	}
	if (link->unanswered)
		return; /* the last reply counts */
	link->ready = true;
	link->backoff = 0;
	if (link->told)
		log_notice("%s: connected", link->name);
	link->told = false;
	link->on_ready(link);
}

static void introduce(struct link *link, int count, const char **words)
{
	size_t lengths[3];
	for (int each = 0; each < count; ++each)
		lengths[each] = strlen(words[each]);
	link_send(link, on_admitted, NULL, count, words, lengths);
}

static void on_connect(const redisAsyncContext *connected, int status)
{
	redisAsyncContext *context = (redisAsyncContext *)connected;
	struct link *link = context->data;
	if (link->context != context)
		return;
	if (status != REDIS_OK) {
		link->context = NULL; /* hiredis frees it */
		down(link, reason(context));
		return;
	}
	const struct link_settings *settings = link->settings;
	if (!by_socket(link))
		redisEnableKeepAlive(&context->c);
	if (settings->password[0])
		introduce(link, 3, (const char *[]){ "AUTH", settings->user, settings->password });
	if (settings->database > 0) {
		char database[12];
		snprintf(database, sizeof(database), "%d", settings->database);
		introduce(link, 2, (const char *[]){ "SELECT", database });
	}
	introduce(link, 1, (const char *[]){ "PING" }); /* is refused while Redis still loads what it has on disk */
}

static void dial(struct link *link, const char *address)
{
	const struct link_settings *settings = link->settings;
	redisAsyncContext *context =
		by_socket(link) ? redisAsyncConnectUnix(address) : redisAsyncConnect(address, settings->port);
	if (!context || context->err) {
		if (context)
			redisAsyncFree(context);
		down(link, "no connection can be made");
		return;
	}
	context->data = link;
	link->context = context;
	link->seen = now();
	const char *why = redisLibuvAttach(context, uv_default_loop()) == REDIS_OK ? NULL : "no connection can be made";
	if (!why && settings->ca_file[0])
		why = tls_begin(&context->c, settings->ca_file, settings->host);
	if (why) {
		down(link, why);
		return;
	}
	redisAsyncSetDisconnectCallback(context, on_disconnect);
	redisAsyncSetConnectCallback(context, on_connect);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct link *link = request->data;
	char address[INET6_ADDRSTRLEN];
	link->resolving = false;
	if (status == 0 && found && uv_ip_name(found->ai_addr, address, sizeof(address)) == 0)
		dial(link, address);
	else if (status != UV_ECANCELED)
		down(link, "its name is not found");
	uv_freeaddrinfo(found);
	free(request);
}

/* In libuv's thread pool: hiredis itself would look the name up here, and the resolver would wait for it. */
static void look_up(struct link *link)
{
	uv_getaddrinfo_t *request = calloc(1, sizeof(*request));
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	if (!request)
		return;
	request->data = link;
	link->resolving = uv_getaddrinfo(uv_default_loop(), request, on_resolved, link->settings->host, NULL, &hints) == 0;
	if (!link->resolving)
		free(request);
}

void link_tend(struct link *link)
{
	if (link->context) {
		if ((!link->ready || link->unanswered) && now() - link->seen > link->settings->stall_ms)
			down(link, "no answer");
	} else if (!link->resolving && now() >= link->retry_at) {
		if (by_socket(link))
			dial(link, link->settings->host);
		else
			look_up(link);
	}
}

void link_close(struct link *link)
{
	redisAsyncContext *context = link->context;
	link->context = NULL;
	link->ready = false;
	link->retry_at = UINT64_MAX;
	if (context)
		redisAsyncFree(context);
}
