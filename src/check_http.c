/* SPDX-License-Identifier: MIT */
#include <healthprobe/dial.h>
#include <healthprobe/http_header.h>
#include <healthprobe/http_status.h>
#include <healthprobe/plan.h>
#include <healthprobe/stream.h>
#include <healthprobe/target.h>

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "config.h"
#include "kinds.h"

/*
 * libcurl speaks HTTP and TLS; the connection is our own and handed to it, so
 * that all kinds try a host's addresses alike. The verdict falls with the
 * final status line and headers: a body may never end.
 */

/* All header lines together, 1xx included. */
#define HEADERS_MAX 65536

/* Of a refused answer's body this much is read, for as long as this. */
#define EXCERPT_MAX     1024
#define EXCERPT_WAIT_NS (100 * HP_NS_PER_MS)

#define DEFAULT_PORT 3000

struct settings {
    struct hp_http_target target;
    struct hp_status_set accepted;
    struct hp_url connect_url; /* of --http-connect; owns endpoint's host */
    struct hp_endpoint endpoint;
    struct hp_tls_settings tls;
    struct curl_slist *headers;
    char *url;    /* as libcurl gets it, built from fields */
    char *pinned; /* "host:port:address": libcurl is to look nothing up; NULL: a literal */
    const char *method;
};

struct session {
    const struct settings *settings;
    struct hp_attempt *attempt;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *pinned;
    int fd; /* -1 once libcurl has it */
    size_t header_bytes;
    size_t excerpt_len;
    struct hp_deadline excerpt_deadline;
    bool location_withheld; /* it holds a secret, of which its shown part may be a piece */
    char location[256];
    char excerpt[EXCERPT_MAX];
    char trust_error[HP_TLS_ERROR_MAX];
    char curl_error[CURL_ERROR_SIZE];
};

/* --- what libcurl calls -------------------------------------------------------------- */

static curl_socket_t give_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct session *session = data;
    int fd = session->fd;

    (void)purpose;
    (void)address;
    session->fd = -1;
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
    struct session *session = data;

    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    hp_attempt_phase(session->attempt, HP_PHASE_RESPONSE);
    return CURL_PREREQFUNC_OK;
}

static CURLcode trust(CURL *easy, void *ssl_ctx, void *data)
{
    struct session *session = data;

    (void)easy;
    return hp_tls_trust(ssl_ctx, session->settings->tls.ca_file, session->trust_error)
               ? CURLE_OK
               : CURLE_SSL_CACERT_BADFILE;
}

/* The final headers are here. False: nothing more is wanted of the peer. */
static bool judge_headers(struct session *session)
{
    struct hp_attempt *attempt = session->attempt;
    long status = 0;

    curl_easy_getinfo(session->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 100 && status < 200 && status != 101)
        return true;
    if (hp_status_set_has(&session->settings->accepted, (int)status)) {
        hp_attempt_up(attempt);
        if (attempt->result.status == HP_STATUS_UP)
            attempt->result.http_status = (int)status;
        return false;
    }
    attempt->result.http_status = (int)status;
    hp_attempt_down(attempt, HP_REASON_STATUS, hp_untrusted_of(""));
    session->excerpt_deadline =
        hp_deadline_min(attempt->deadline, hp_deadline_at(hp_clock_now_ns(), EXCERPT_WAIT_NS));
    return session->location[0] == '\0' && !session->location_withheld;
}

static void keep_location(struct session *session, const char *line, size_t len)
{
    static const char name[] = "location";
    size_t start = sizeof name;

    if (!hp_http_header_is(line, len, name))
        return;
    while (start < len && (line[start] == ' ' || line[start] == '\t'))
        start++;
    session->location_withheld = hp_secrets_found(
        session->attempt->check->secrets, (struct hp_untrusted){line + start, len - start, false});
    hp_http_location_shown(session->location, sizeof session->location, line + start, len - start);
}

static size_t take_header(char *line, size_t size, size_t n, void *data)
{
    struct session *session = data;
    size_t len = size * n;
    bool blank = len > 0 && len <= 2 && line[len - 1] == '\n' && (len == 1 || line[0] == '\r');

    session->header_bytes += len;
    if (session->header_bytes > HEADERS_MAX) {
        hp_attempt_down(session->attempt, HP_REASON_PROTOCOL,
                        hp_untrusted_of("the headers are longer than 64 KiB"));
        return CURL_WRITEFUNC_ERROR;
    }
    if (hp_attempt_decided(session->attempt)) /* a trailer */
        return len;
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        session->location[0] = '\0';
        session->location_withheld = false;
        /* libcurl takes three digits of a longer number. */
        if (!hp_http_status_line_valid(line, len)) {
            hp_attempt_down(session->attempt, HP_REASON_PROTOCOL,
                            hp_untrusted_of("the status line is not valid"));
            return CURL_WRITEFUNC_ERROR;
        }
    }
    keep_location(session, line, len);
    return !blank || judge_headers(session) ? len : CURL_WRITEFUNC_ERROR;
}

static size_t take_body(char *bytes, size_t size, size_t n, void *data)
{
    struct session *session = data;
    size_t len = size * n;
    size_t room = sizeof session->excerpt - session->excerpt_len;

    memcpy(session->excerpt + session->excerpt_len, bytes, len < room ? len : room);
    session->excerpt_len += len < room ? len : room;
    return len < room ? len : CURL_WRITEFUNC_ERROR;
}

/* --- what libcurl is told ------------------------------------------------------------- */

static void set_request(const struct session *session)
{
    const struct settings *settings = session->settings;
    CURL *easy = session->easy;

    curl_easy_setopt(easy, CURLOPT_URL, settings->url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, session->pinned);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, settings->headers);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (strcmp(settings->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (strcmp(settings->method, "GET") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, settings->method);
}

static void set_callbacks(struct session *session)
{
    CURL *easy = session->easy;

    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, session->curl_error);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, session);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, is_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, session);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, session);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, session);
}

static void set_limits(const struct session *session)
{
    CURL *easy = session->easy;
    long left_ms = hp_deadline_left_ms(session->attempt->deadline);

    /* 0 would mean "no limit"; the loop asks the deadline itself anyway. */
    if (left_ms == 0)
        left_ms = 1;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, left_ms);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
}

static void set_tls(struct session *session)
{
    const struct settings *settings = session->settings;
    CURL *easy = session->easy;
    long verify = settings->tls.insecure ? 0L : 1L;

    if (!settings->target.tls)
        return;
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify * 2L);
    /* Where a system's libcurl has defaults of its own, they are not to be asked. */
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (!settings->tls.insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, trust);
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, session);
    }
}

static bool set_up(struct session *session)
{
    session->easy = curl_easy_init();
    session->multi = curl_multi_init();
    if (session->easy == NULL || session->multi == NULL)
        return false;
    if (session->settings->pinned != NULL) {
        session->pinned = curl_slist_append(NULL, session->settings->pinned);
        if (session->pinned == NULL)
            return false;
    }
    set_callbacks(session);
    set_request(session);
    set_limits(session);
    set_tls(session);
    return curl_multi_add_handle(session->multi, session->easy) == CURLM_OK;
}

/* --- what came of it -------------------------------------------------------------------- */

static bool says(const struct session *session, const char *words)
{
    return strstr(session->curl_error, words) != NULL;
}

/* A peer that leaves in the middle of a handshake did not say anything about TLS. */
static bool left_in_handshake(const struct session *session)
{
    return says(session, "SSL_ERROR_SYSCALL") || says(session, "unexpected eof") ||
           says(session, strerror(ECONNRESET));
}

static enum hp_reason reason_of(const struct session *session, CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return HP_REASON_CLOSED;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
        return HP_REASON_INTERNAL;
    case CURLE_SSL_CONNECT_ERROR:
        return left_in_handshake(session) ? HP_REASON_CLOSED : HP_REASON_TLS;
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

static const char *words_of(const struct session *session, CURLcode code)
{
    if (session->trust_error[0] != '\0')
        return session->trust_error;
    /* Of a server's list of encodings libcurl quotes one: a piece of a secret would be shown. */
    if (session->curl_error[0] != '\0' && code != CURLE_BAD_CONTENT_ENCODING)
        return session->curl_error;
    if (code == CURLE_OK)
        return "the server closed the connection before its headers were complete";
    return curl_easy_strerror(code);
}

static void explain_status(struct session *session)
{
    char text[sizeof session->location + 128];

    if (session->location_withheld) {
        hp_attempt_explain(session->attempt, hp_untrusted_of("(withheld)"));
        return;
    }
    if (session->location[0] == '\0') {
        hp_attempt_explain(session->attempt,
                           (struct hp_untrusted){session->excerpt, session->excerpt_len, true});
        return;
    }
    snprintf(text, sizeof text,
             "redirects to %s; check that URL, or accept the status with "
             "--http-status",
             session->location);
    hp_attempt_explain(session->attempt, hp_untrusted_of(text));
}

static void conclude(struct session *session, CURLcode code)
{
    struct hp_attempt *attempt = session->attempt;

    if (hp_attempt_decided(attempt)) {
        if (attempt->result.reason == HP_REASON_STATUS)
            explain_status(session);
    } else if (code == CURLE_OPERATION_TIMEDOUT || hp_deadline_expired(attempt->deadline)) {
        hp_attempt_timeout(attempt);
    } else {
        hp_attempt_down(attempt, reason_of(session, code),
                        hp_untrusted_of(words_of(session, code)));
    }
}

static struct hp_deadline current_deadline(const struct session *session)
{
    return hp_attempt_decided(session->attempt) ? session->excerpt_deadline
                                                : session->attempt->deadline;
}

/* Drive libcurl until it is done or time is up. */
static CURLcode drive(struct session *session)
{
    CURLMsg *message = NULL;
    int running = 1;
    int queued = 0;

    while (!hp_deadline_expired(current_deadline(session))) {
        if (curl_multi_perform(session->multi, &running) != CURLM_OK)
            return CURLE_FAILED_INIT;
        if (running == 0)
            break;
        if (curl_multi_poll(session->multi, NULL, 0, hp_deadline_left_ms(current_deadline(session)),
                            NULL) != CURLM_OK)
            return CURLE_FAILED_INIT;
    }
    message = curl_multi_info_read(session->multi, &queued);
    return message != NULL ? message->data.result : CURLE_OPERATION_TIMEDOUT;
}

static void run(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session)
{
    const struct settings *settings = check->settings;
    struct session *session = calloc(1, sizeof *session);

    *ret_session = session;
    if (session == NULL) {
        hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("out of memory"));
        return;
    }
    session->settings = settings;
    session->attempt = attempt;
    session->fd = hp_dial(attempt, &settings->endpoint);
    if (session->fd < 0)
        return;
    hp_attempt_phase(attempt, settings->target.tls ? HP_PHASE_TLS : HP_PHASE_RESPONSE);
    if (set_up(session))
        conclude(session, drive(session));
    else
        hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("libcurl: out of memory"));
}

static void close_session(void *data, struct hp_deadline deadline)
{
    struct session *session = data;
    struct hp_stream unused = {.fd = session->fd};

    (void)deadline;
    if (session->multi != NULL && session->easy != NULL)
        curl_multi_remove_handle(session->multi, session->easy);
    curl_easy_cleanup(session->easy);
    curl_multi_cleanup(session->multi);
    curl_slist_free_all(session->pinned);
    hp_stream_release(&unused);
    free(session);
}

static bool global_init(const struct hp_check *check)
{
    (void)check;
    return curl_global_init(CURL_GLOBAL_NOTHING) == CURLE_OK;
}

/* --- settings ------------------------------------------------------------------------------ */

static const char *const mode_paths[HP_MODE_COUNT] = {"/health/live", "/health/ready", "/health"};

static void release(void *data)
{
    struct settings *settings = data;

    if (settings == NULL)
        return;
    hp_http_target_release(&settings->target);
    hp_url_release(&settings->connect_url);
    curl_slist_free_all(settings->headers);
    free(settings->url);
    free(settings->pinned);
    free(settings);
}

/* PORT is the platform's; it is read only where it is needed. */
static bool read_port(const struct hp_check_input *input, uint16_t *ret, struct hp_error *err)
{
    const char *text = hp_environment_get(input->values->environment, "PORT");
    long port = DEFAULT_PORT;
    char *end = NULL;

    if (text != NULL) {
        port = strtol(text, &end, 10);
        if (text[0] < '0' || text[0] > '9' || *end != '\0' || port < 1 || port > UINT16_MAX) {
            hp_error_add(err, HP_REASON_CONFIG, "PORT: is no port number (1 to 65535)");
            return false;
        }
    }
    *ret = (uint16_t)port;
    return true;
}

static bool read_target(struct settings *settings, const struct hp_check_input *input,
                        struct hp_error *err)
{
    const char *text = input->target;
    char standard[8];
    uint16_t port = DEFAULT_PORT;

    if (text == NULL || text[0] == '/') {
        if (!read_port(input, &port, err))
            return false;
    }
    if (text == NULL) {
        snprintf(standard, sizeof standard, ":%u", port);
        text = standard;
    }
    return hp_target_check_unexpanded(text, input->origin, err) &&
           hp_http_target_parse(&settings->target, text, input->origin, port,
                                mode_paths[input->mode], err);
}

static bool read_status(struct settings *settings, const struct hp_check_input *input,
                        struct hp_error *err)
{
    const struct hp_value *value = hp_values_next(input->values, "http-status", NULL);

    if (hp_status_set_parse(&settings->accepted, value != NULL ? value->text : "200-299"))
        return true;
    hp_error_add(err, HP_REASON_CONFIG, "%s: is no list of statuses, such as 200-399,401",
                 value->origin);
    return false;
}

static bool read_method(struct settings *settings, const struct hp_check_input *input,
                        struct hp_error *err)
{
    const struct hp_value *value = hp_values_next(input->values, "http-method", NULL);

    settings->method = value != NULL ? value->text : "GET";
    if (hp_http_method_valid(settings->method))
        return true;
    hp_error_add(err, HP_REASON_CONFIG, "%s: is no HTTP method, such as GET or HEAD",
                 value->origin);
    return false;
}

static bool append_header(struct settings *settings, const char *line)
{
    struct curl_slist *longer = curl_slist_append(settings->headers, line);

    if (longer == NULL)
        return false;
    settings->headers = longer;
    return true;
}

static bool has_header(const struct settings *settings, const char *name)
{
    for (const struct curl_slist *item = settings->headers; item != NULL; item = item->next)
        if (hp_http_header_is(item->data, strlen(item->data), name) ||
            (strncasecmp(item->data, name, strlen(name)) == 0 && item->data[strlen(name)] == ';'))
            return true;
    return false;
}

/* libcurl spells a header without a value "Name;": its "Name:" would take one away. */
static bool append_given_header(struct settings *settings, const char *line, const char *value)
{
    char *copy = NULL;
    bool appended = false;

    if (*value != '\0')
        return append_header(settings, line);
    copy = strdup(line);
    if (copy == NULL)
        return false;
    copy[strcspn(copy, ":") + 1] = '\0';
    copy[strcspn(copy, ":")] = ';';
    appended = append_header(settings, copy);
    free(copy);
    return appended;
}

/* Shorter values are common words rather than secrets. */
#define SECRET_HEADER_MIN 8

/* What follows "Bearer " is a secret of its own: servers repeat it without the word. */
static bool add_credentials(struct hp_secrets *secrets, const char *line, const char *value)
{
    const char *blank = strchr(value, ' ');

    if (blank == NULL || (!hp_http_header_is(line, strlen(line), "Authorization") &&
                          !hp_http_header_is(line, strlen(line), "Proxy-Authorization")))
        return true;
    blank += strspn(blank, " ");
    return strlen(blank) < SECRET_HEADER_MIN || hp_secrets_add(secrets, blank);
}

static bool read_headers(struct settings *settings, const struct hp_check_input *input,
                         struct hp_error *err)
{
    const struct hp_value *value = NULL;
    bool good = true;

    while ((value = hp_values_next(input->values, "http-header", value)) != NULL) {
        const char *text = NULL;
        if (!hp_http_header_valid(value->text, &text)) {
            hp_error_add(err, HP_REASON_CONFIG, "%s: is no header of the form 'Name: value'",
                         value->origin);
            good = false;
            continue;
        }
        if (!append_given_header(settings, value->text, text) ||
            (strlen(text) >= SECRET_HEADER_MIN && !hp_secrets_add(&input->plan->secrets, text)) ||
            !add_credentials(&input->plan->secrets, value->text, text))
            return hp_error_no_memory(err);
    }
    return good;
}

static bool add_basic_header(struct settings *settings, struct hp_secrets *secrets)
{
    const struct hp_http_target *target = &settings->target;
    char *basic = NULL;
    char *line = NULL;
    bool added = false;

    if (target->user == NULL)
        return true;
    /* A user without a password is a token. */
    if (!hp_secrets_add(secrets, target->password) ||
        (target->password[0] == '\0' && !hp_secrets_add(secrets, target->user)))
        return false;
    basic = hp_http_basic(target->user, target->password);
    if (basic == NULL || asprintf(&line, "Authorization: %s", basic) < 0)
        goto out;
    added = hp_secrets_add(secrets, strchr(basic, ' ') + 1) &&
            (has_header(settings, "Authorization") || append_header(settings, line));
out:
    free(basic);
    free(line);
    return added;
}

static bool add_default_headers(struct settings *settings)
{
    static const struct {
        const char *name;
        const char *line;
    } defaults[] = {
        {"User-Agent", "User-Agent: healthprobe/" HP_VERSION},
        {"Accept", "Accept: */*"},
        {"Connection", "Connection: close"},
    };

    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        if (!has_header(settings, defaults[i].name) && !append_header(settings, defaults[i].line))
            return false;
    return true;
}

static bool read_connect(struct settings *settings, const struct hp_value *value,
                         struct hp_error *err)
{
    struct hp_url *url = &settings->connect_url;
    char *text = NULL;
    bool good = false;

    if (asprintf(&text, "connect://%s", value->text) < 0)
        return hp_error_no_memory(err);
    good = hp_url_split(url, text, value->origin, err);
    free(text);
    if (!good)
        return false;
    if (url->n_hosts != 1 || url->hosts[0].host[0] == '\0' || url->hosts[0].port == 0 ||
        url->user != NULL || url->path[0] != '\0' || url->query != NULL) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: is not of the form HOST:PORT", value->origin);
        return false;
    }
    settings->endpoint = (struct hp_endpoint){NULL, url->hosts[0].host, url->hosts[0].port};
    return true;
}

static bool read_endpoint(struct settings *settings, const struct hp_check_input *input,
                          struct hp_error *err)
{
    const struct hp_value *connect_to = hp_values_next(input->values, "http-connect", NULL);
    const struct hp_value *socket = hp_values_next(input->values, "http-unix", NULL);

    settings->endpoint = (struct hp_endpoint){NULL, settings->target.host, settings->target.port};
    if (connect_to != NULL && socket != NULL) {
        hp_error_add(err, HP_REASON_CONFIG, "%s and %s: only one of them can hold",
                     connect_to->origin, socket->origin);
        return false;
    }
    if (connect_to != NULL)
        return read_connect(settings, connect_to, err);
    if (socket == NULL)
        return true;
    if (socket->text[0] != '/' ||
        strlen(socket->text) >= sizeof((struct sockaddr_un *)0)->sun_path) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: is no absolute path of a socket", socket->origin);
        return false;
    }
    settings->endpoint.socket = socket->text;
    return true;
}

static bool read_tls(struct settings *settings, const struct hp_check_input *input,
                     struct hp_error *err)
{
    if (!settings->target.tls)
        return true;
    if (!hp_plan_need_tls(input->origin, err))
        return false;
    settings->tls.insecure = hp_values_on(input->values, "http-insecure");
    if (settings->tls.insecure)
        hp_plan_note_unverified(input);
    else
        settings->tls.ca_file = hp_plan_ca_file(input->plan, input->values, "http-ca");
    return true;
}

/* A zone matters to connect(2), which is ours; it does not belong into a Host header. */
static bool build_url(struct settings *settings)
{
    const struct hp_http_target *target = &settings->target;
    bool bracketed = strchr(target->host, ':') != NULL;
    int host_len = (int)strcspn(target->host, bracketed ? "%" : "");
    const char *scheme = target->tls ? "https" : "http";
    uint16_t usual_port = target->tls ? 443 : 80;
    char port[8] = "";

    if (target->port != usual_port)
        snprintf(port, sizeof port, ":%u", target->port);
    if (asprintf(&settings->url, bracketed ? "%s://[%.*s]%s%s" : "%s://%.*s%s%s", scheme, host_len,
                 target->host, port, target->path) < 0)
        settings->url = NULL;
    if (settings->url == NULL || bracketed) /* a literal is never looked up */
        return settings->url != NULL;
    if (asprintf(&settings->pinned, "%s:%u:127.0.0.1", target->host, target->port) < 0)
        settings->pinned = NULL;
    return settings->pinned != NULL;
}

/* Every option is looked at even after a problem, so that all problems are told. */
static bool read_settings(struct settings *settings, const struct hp_check_input *input,
                          struct hp_error *err)
{
    bool good = read_target(settings, input, err);

    good = read_status(settings, input, err) && good;
    good = read_method(settings, input, err) && good;
    good = read_headers(settings, input, err) && good;
    good = read_endpoint(settings, input, err) && good;
    if (!good || !read_tls(settings, input, err))
        return false;
    if (add_basic_header(settings, &input->plan->secrets) && add_default_headers(settings) &&
        build_url(settings))
        return true;
    return hp_error_no_memory(err);
}

static bool parse(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err)
{
    struct settings *settings = calloc(1, sizeof *settings);
    struct hp_buffer text;

    if (settings == NULL)
        return hp_error_no_memory(err);
    if (!read_settings(settings, input, err)) {
        release(settings);
        return false;
    }
    settings->tls.server_name = settings->target.host;
    hp_buffer_init(&text, ret->target, sizeof ret->target);
    hp_http_target_describe(&settings->target, &text);
    ret->settings = settings;
    return true;
}

static void library(struct hp_buffer *ret)
{
    hp_buffer_add_format(ret, "libcurl %s", curl_version_info(CURLVERSION_NOW)->version);
}

static const struct hp_option options[] = {
    {"http", "URL", "http://localhost:$PORT", "a URL, /path, :PORT or :PORT/path; PORT or 3000",
     HP_OPTION_TARGET | HP_OPTION_SOURCE | HP_OPTION_REPEATABLE},
    {"http-timeout", "DUR", NULL, "limit of this check; cut to --timeout", 0},
    {"http-slow", "DUR", NULL, "slower than this is up and slow: the run is degraded", 0},
    {"http-status", "LIST", "200-299", "statuses that mean up, such as 200-399,401", 0},
    {"http-method", "NAME", "GET", "method of the request", 0},
    {"http-header", "LINE", NULL, "a header 'Name: value' of the request, Host too; repeatable",
     HP_OPTION_REPEATABLE | HP_OPTION_SOURCE | HP_OPTION_HEADER},
    {"http-connect", "HOST:PORT", NULL, "connect there; Host and certificate stay the URL's", 0},
    {"http-unix", "PATH", NULL, "connect to this socket; Host stays the URL's", 0},
    {"http-ca", "FILE", NULL, "as --ca, for http alone", HP_OPTION_PATH},
    {"http-insecure", NULL, NULL, "verify neither certificate nor host name", 0},
};

static const char *const app_variables[] = {NULL};

const struct hp_check_ops hp_check_http_ops = {
    .kind = "http",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .app_variables = app_variables,
    .exit_bit = 8,
    .has_default_target = true,
    .presence_variable = "PORT",
    .library = library,
    .parse = parse,
    .global_init = global_init,
    .run = run,
    .close = close_session,
    .release = release,
};
