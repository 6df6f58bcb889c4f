/*
 * Lets the clients of DNS over HTTP/2 go without losing a query of theirs.
 *
 * A dnsdist that is superseded ends its TCP and TLS connections after their next answer. For HTTP/2 it has no such limit: a
 * connection ends when its client is silent, or in the middle of a query. What HTTP/2 has for this is GOAWAY: the client
 * learns which of its queries will be answered, asks the others again elsewhere, and closes (RFC 9113, section 6.8).
 *
 * This library stands before nghttp2 (LD_PRELOAD). While the file LEAVING is there, the next answer on a connection is
 * followed by a GOAWAY that names the last query that was taken in. nghttp2 then takes in no more, and dnsdist closes the
 * connection once the last answer is sent.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <unistd.h>

static const char leaving[] = "/run/dnsdist/leaving";

typedef int32_t submit_response(nghttp2_session *, int32_t, const nghttp2_nv *, size_t, const nghttp2_data_provider *);

int32_t nghttp2_submit_response(nghttp2_session *session, int32_t stream, const nghttp2_nv *headers, size_t count,
                                const nghttp2_data_provider *body)
{
    static submit_response *next;
    if (next == NULL) {
        /* POSIX's own way to make a function of what dlsym() returns. */
        *(void **)&next = dlsym(RTLD_NEXT, "nghttp2_submit_response");
        if (next == NULL) abort();
    }
    int32_t result = next(session, stream, headers, count, body);
    /* One that is sent already names no later query, so it does no harm to say it again. */
    if (result == 0 && access(leaving, F_OK) == 0)
        nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session),
                              NGHTTP2_NO_ERROR, NULL, 0);
    return result;
}
