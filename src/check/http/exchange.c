/* SPDX-License-Identifier: MIT */
#include "exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what libcurl calls -------------------------------------------------------------- */

static curl_socket_t give_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct hp_http_exchange *exchange = data;
    int fd = exchange->fd;

    (void)purpose;
    (void)address;
    exchange->fd = -1;
    return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

static int is_connected(void *data, curl_socket_t fd, curlsocktype purpose)
{
    (void)data;
    (void)fd;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static int before_request(void *data, char *remote, char *local, int remote_port, int local_port)
{
    struct hp_http_exchange *exchange = data;

    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    /* libcurl does not compare names: send nothing to a peer whose name was not compared. */
    if (exchange->request.target->tls && !exchange->tls_is_set_up)
        return CURL_PREREQFUNC_ABORT;
    hp_attempt_phase(exchange->attempt, HP_PHASE_RESPONSE);
    return CURL_PREREQFUNC_OK;
}

static CURLcode prepare_tls(CURL *easy, void *ssl_ctx, void *data)
{
    struct hp_http_exchange *exchange = data;
    const struct hp_tls_settings *tls = exchange->request.tls;

    (void)easy;
    if (!tls->insecure && !hp_tls_verify(ssl_ctx, tls, &exchange->tls_error))
        return CURLE_SSL_CACERT_BADFILE;
    if (tls->cert_file != NULL && !hp_tls_identify(ssl_ctx, tls, &exchange->tls_error))
        return CURLE_SSL_CERTPROBLEM;
    exchange->tls_is_set_up = true;
    return CURLE_OK;
}

static size_t take_header(char *line, size_t size, size_t n, void *data)
{
    struct hp_http_exchange *exchange = data;

    return hp_http_response_header(exchange->response, line, size * n) ? size * n
                                                                       : CURL_WRITEFUNC_ERROR;
}

static size_t take_body(char *bytes, size_t size, size_t n, void *data)
{
    struct hp_http_exchange *exchange = data;

    return hp_http_response_body(exchange->response, bytes, size * n) ? size * n
                                                                      : CURL_WRITEFUNC_ERROR;
}

/* --- what libcurl gets ---------------------------------------------------------------- */

/* A literal is never looked up. */
static bool pin_address(struct hp_http_exchange *exchange)
{
    const struct hp_http_target *target = exchange->request.target;
    char *text = NULL;

    if (strchr(target->host, ':') != NULL)
        return true;
    if (asprintf(&text, "%s:%u:127.0.0.1", target->host, target->port) < 0)
        return false;
    exchange->pinned = curl_slist_append(NULL, text);
    free(text);
    return exchange->pinned != NULL;
}

/* Behind the last one: from the first, libcurl would walk along all of them each time. */
static bool append(struct hp_http_exchange *exchange, const char *text)
{
    struct curl_slist *list = curl_slist_append(exchange->last_header, text);

    if (list == NULL)
        return false;
    if (exchange->headers == NULL)
        exchange->headers = list;
    exchange->last_header = list->next != NULL ? list->next : list;
    return true;
}

/* libcurl spells a header without a value "Name;": its "Name:" would take one away. */
static bool add_header(struct hp_http_exchange *exchange, const char *line)
{
    size_t name_len = strcspn(line, ":");
    char *text = NULL;
    bool added = false;

    if (line[name_len + 1 + strspn(line + name_len + 1, " \t")] != '\0')
        return append(exchange, line);
    if (asprintf(&text, "%.*s;", (int)name_len, line) < 0)
        return false;
    added = append(exchange, text);
    free(text);
    return added;
}

static bool add_headers(struct hp_http_exchange *exchange)
{
    const struct hp_http_headers *headers = exchange->request.headers;

    for (size_t i = 0; i < headers->n; i++)
        if (!add_header(exchange, headers->lines[i]))
            return false;
    /* Without this, libcurl adds a Content-Type that nobody chose. */
    return exchange->request.body == NULL || hp_http_headers_have(headers, "Content-Type") ||
           append(exchange, "Content-Type:");
}

static void set_body(const struct hp_http_exchange *exchange)
{
    const char *body = exchange->request.body;

    if (body == NULL)
        return;
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDS, body);
}

static void set_request(const struct hp_http_exchange *exchange)
{
    const char *method = exchange->request.method;
    CURL *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_URL, exchange->url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, exchange->pinned);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    set_body(exchange);
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (strcmp(method, exchange->request.body != NULL ? "POST" : "GET") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static void set_callbacks(struct hp_http_exchange *exchange)
{
    CURL *easy = exchange->easy;

    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->curl_error);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, is_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
}

static void set_limits(const struct hp_http_exchange *exchange)
{
    CURL *easy = exchange->easy;
    long left_ms = hp_deadline_left_ms(exchange->attempt->deadline);

    /* 0 would mean "no limit"; the loop asks the deadline itself anyway. */
    if (left_ms == 0)
        left_ms = 1;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 0L); /* hp_dial() has set it */
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, left_ms);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
}

static void set_tls(struct hp_http_exchange *exchange)
{
    const struct hp_tls_settings *tls = exchange->request.tls;
    CURL *easy = exchange->easy;

    if (!exchange->request.target->tls)
        return;
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls->insecure ? 0L : 1L);
    /* prepare_tls() has the name verified with the chain, as for all kinds. */
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    /* Defaults of a system's libcurl must not count. */
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, exchange);
}

static bool set_up(struct hp_http_exchange *exchange)
{
    exchange->easy = curl_easy_init();
    exchange->multi = curl_multi_init();
    exchange->url = hp_http_target_url(exchange->request.target);
    if (exchange->easy == NULL || exchange->multi == NULL || exchange->url == NULL ||
        !pin_address(exchange) || !add_headers(exchange))
        return false;
    set_callbacks(exchange);
    set_request(exchange);
    set_limits(exchange);
    set_tls(exchange);
    return curl_multi_add_handle(exchange->multi, exchange->easy) == CURLM_OK;
}

/* --- what came of it -------------------------------------------------------------------- */

static bool says(const struct hp_http_exchange *exchange, const char *words)
{
    return strstr(exchange->curl_error, words) != NULL;
}

/* A peer that leaves in the middle of a handshake did not say anything about TLS. */
static bool left_in_handshake(const struct hp_http_exchange *exchange)
{
    return says(exchange, "SSL_ERROR_SYSCALL") || says(exchange, "unexpected eof") ||
           says(exchange, strerror(ECONNRESET));
}

/* By what we did not set up ourselves: of that, we know why. */
static bool is_starved(const struct hp_http_exchange *exchange)
{
    return exchange->request.target->tls && exchange->tls_error.text[0] == '\0' && hp_tls_starved();
}

/* Memory, descriptors or random bytes: libcurl has a code for the first alone. */
static bool is_short(const struct hp_http_exchange *exchange)
{
    return exchange->tls_error.ours || is_starved(exchange) ||
           says(exchange, "Insufficient randomness");
}

static enum hp_reason reason_of(const struct hp_http_exchange *exchange, CURLcode code)
{
    if (is_short(exchange))
        return HP_REASON_INTERNAL;
    switch ((int)code) {
    case CURLE_RECV_ERROR:
        /* In TLS 1.3 a server refuses a certificate after the client's handshake is over. */
        if (says(exchange, "alert"))
            return HP_REASON_TLS;
        return says(exchange, "chunk") ? HP_REASON_PROTOCOL : HP_REASON_CLOSED;
    case CURLE_OK:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return HP_REASON_CLOSED;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
        return HP_REASON_INTERNAL;
    case CURLE_SSL_CONNECT_ERROR:
        return left_in_handshake(exchange) ? HP_REASON_CLOSED : HP_REASON_TLS;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_SSL_ENGINE_INITFAILED:
        return HP_REASON_TLS;
    default:
        return HP_REASON_PROTOCOL;
    }
}

static const char *words_of(const struct hp_http_exchange *exchange, CURLcode code,
                            enum hp_reason reason)
{
    if (exchange->tls_error.text[0] != '\0')
        return exchange->tls_error.text;
    if (is_starved(exchange))
        return "out of memory";
    if (code == CURLE_OK)
        return "the server closed the connection before its headers were complete";
    /* libcurl's own text has the number of missing bytes, which varies. */
    if (reason == HP_REASON_CLOSED && exchange->response->has_headers)
        return "the server closed the connection before the body was complete";
    /* Of a server's list of encodings libcurl quotes one: a piece of a secret would be shown. */
    if (exchange->curl_error[0] != '\0' && code != CURLE_BAD_CONTENT_ENCODING)
        return exchange->curl_error;
    return curl_easy_strerror(code);
}

static void fail(struct hp_http_exchange *exchange, CURLcode code)
{
    enum hp_reason reason = reason_of(exchange, code);

    hp_attempt_down(exchange->attempt, reason, hp_untrusted_of(words_of(exchange, code, reason)));
}

static void conclude(struct hp_http_exchange *exchange, CURLcode code)
{
    struct hp_attempt *attempt = exchange->attempt;

    if (code == CURLE_OK)
        hp_http_response_end(exchange->response);
    if (hp_attempt_decided(attempt))
        hp_http_response_explain(exchange->response);
    else if (exchange->response->redirected)
        return;
    else if (code == CURLE_OPERATION_TIMEDOUT || hp_deadline_expired(attempt->deadline))
        hp_attempt_timeout(attempt);
    else
        fail(exchange, code);
    /* The headers came; the rest of the body did not. */
    if (attempt->result.reason == HP_REASON_TIMEOUT && exchange->response->body != NULL)
        attempt->result.http_status = exchange->response->status;
}

/* Drive libcurl until it is done or time is up. */
static CURLcode drive(struct hp_http_exchange *exchange)
{
    CURLMsg *message = NULL;
    int running = 1;
    int queued = 0;

    for (;;) {
        struct hp_deadline deadline = hp_http_response_deadline(exchange->response);
        if (hp_deadline_expired(deadline))
            break;
        if (curl_multi_perform(exchange->multi, &running) != CURLM_OK)
            return CURLE_FAILED_INIT;
        if (running == 0)
            break;
        deadline = hp_http_response_deadline(exchange->response);
        if (curl_multi_poll(exchange->multi, NULL, 0, hp_deadline_left_ms(deadline), NULL) !=
            CURLM_OK)
            return CURLE_FAILED_INIT;
    }
    message = curl_multi_info_read(exchange->multi, &queued);
    return message != NULL ? message->data.result : CURLE_OPERATION_TIMEDOUT;
}

void hp_http_exchange_run(struct hp_http_exchange *ret, const struct hp_http_request *request,
                          int fd, struct hp_http_response *response)
{
    *ret = (struct hp_http_exchange){
        .request = *request, .response = response, .attempt = response->attempt, .fd = fd};
    hp_attempt_phase(ret->attempt, request->target->tls ? HP_PHASE_TLS : HP_PHASE_RESPONSE);
    if (set_up(ret))
        conclude(ret, drive(ret));
    else
        hp_attempt_down(ret->attempt, HP_REASON_INTERNAL,
                        hp_untrusted_of("libcurl: out of memory"));
}

void hp_http_exchange_release(struct hp_http_exchange *exchange)
{
    if (exchange->multi != NULL && exchange->easy != NULL)
        curl_multi_remove_handle(exchange->multi, exchange->easy);
    curl_easy_cleanup(exchange->easy);
    curl_multi_cleanup(exchange->multi);
    curl_slist_free_all(exchange->headers);
    curl_slist_free_all(exchange->pinned);
    free(exchange->url);
    /* One that never began is all zero: its descriptor 0 is standard input, and not ours. */
    if (exchange->response != NULL && exchange->fd >= 0)
        close(exchange->fd);
    *exchange = (struct hp_http_exchange){.fd = -1};
}
