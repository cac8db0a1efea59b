/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/span.h>
#include <healthprobe/check/check.h>
#include <healthprobe/net/dial.h>

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "header.h"
#include "redirect.h"

struct session {
    struct hp_http_response response;
    struct hp_http_exchange exchange;
    struct hp_http_target redirect; /* where the last redirect led; all zero before the first */
    bool redirect_withheld;         /* one held a secret, of which what is left may be a piece */
    struct hp_tls_settings tls;
};

/* An error begins with this if it happened at another host or path than the target's. */
#define REDIRECTED "redirected to "

/* What a connection waits for once the request is out. */
#define AWAITED "headers"

/* A redirect's URL is cut to this length, to leave room for what went wrong there. */
#define REDIRECT_SHOWN_MAX 80

/* What is sent, and where, once a redirect led to session->redirect. */
static void aim(struct session *session, struct hp_http_request *request,
                struct hp_endpoint *endpoint)
{
    const struct hp_http_settings *settings = session->response.settings;
    const struct hp_http_target *target = &session->redirect;
    bool first = hp_http_redirect_is_first(&settings->target, target);

    session->tls = settings->tls;
    session->tls.server_name = target->host;
    if (!first)
        session->tls.cert_file = session->tls.key_file = NULL;
    *endpoint = hp_http_settings_endpoint(settings, target);
    request->target = target;
    request->tls = &session->tls;
    request->headers = first ? &settings->headers : &settings->other_headers;
    if (hp_http_redirect_makes_get(session->response.status, request->method)) {
        request->method = "GET";
        request->body = NULL;
    }
}

/* Why a redirect is not followed. */
static void refuse_redirect(struct hp_http_response *response, enum hp_http_redirect why)
{
    static const char *const words[] = {
        [HP_HTTP_REDIRECT_NO_URL] = "which is not a URL",
        [HP_HTTP_REDIRECT_OTHER_SCHEME] = "which is neither http nor https",
        [HP_HTTP_REDIRECT_NO_TLS] = "but this build has no TLS; use the build with TLS",
    };
    struct hp_attempt *attempt = response->attempt;

    if (why == HP_HTTP_REDIRECT_NO_MEMORY) {
        hp_attempt_no_memory(attempt);
        return;
    }
    attempt->result.http_status = response->status;
    if (response->location_withheld)
        hp_attempt_down(attempt, HP_REASON_STATUS, hp_untrusted_of(HP_WITHHELD));
    else
        hp_attempt_down_format(attempt, HP_REASON_STATUS, "redirects to %s, %s", response->location,
                               words[why]);
}

/* Go where the response in hand redirects to. False: the attempt has its verdict. */
static bool follow(struct session *session, struct hp_http_request *request,
                   struct hp_endpoint *endpoint)
{
    struct hp_http_target next = {0};
    enum hp_http_redirect found =
        hp_http_redirect_resolve(&next, request->target, session->response.next);

    if (found != HP_HTTP_REDIRECT_FOUND) {
        refuse_redirect(&session->response, found);
        return false;
    }
    hp_http_exchange_release(&session->exchange);
    hp_http_target_release(&session->redirect);
    session->redirect = next;
    session->redirect_withheld = session->response.location_withheld;
    aim(session, request, endpoint);
    return true;
}

/* The report's target is the first; what went wrong at another says where that was. */
static void tell_where(struct session *session, int64_t limit_ns)
{
    struct hp_attempt *attempt = session->response.attempt;
    char url[HP_TARGET_TEXT_MAX + 1];
    char words[REDIRECT_SHOWN_MAX + 32];
    struct hp_buffer text;

    if (attempt->result.status != HP_STATUS_DOWN || session->redirect.host == NULL)
        return;
    hp_result_explain_timeout(&attempt->result, limit_ns, AWAITED, false);
    /* The host may be part of the secret for which the redirect is withheld. */
    if (session->redirect_withheld && attempt->result.reason == HP_REASON_REFUSED)
        hp_attempt_explain(attempt, hp_untrusted_of("nothing listens there"));
    hp_buffer_init(&text, url, sizeof url);
    hp_http_target_describe(&session->redirect, &text);
    if (session->redirect_withheld || hp_secrets_found(attempt->secrets, hp_untrusted_of(url)))
        snprintf(url, sizeof url, HP_WITHHELD);
    snprintf(words, sizeof words, REDIRECTED "%.*s", REDIRECT_SHOWN_MAX, url);
    hp_attempt_explain_before(attempt, words);
}

static void ask(struct session *session, struct hp_attempt *attempt,
                const struct hp_http_settings *settings)
{
    struct hp_endpoint endpoint = hp_http_settings_endpoint(settings, &settings->target);
    struct hp_http_request request = {
        .target = &settings->target,
        .headers = &settings->headers,
        .tls = &settings->tls,
        .method = settings->method,
        .body = settings->body,
    };

    for (unsigned redirects = 0;; redirects++) {
        int fd = hp_dial(attempt, &endpoint);
        hp_http_response_release(&session->response);
        hp_http_response_init(&session->response, settings, attempt, redirects < settings->follow);
        session->response.is_hidden = session->redirect_withheld;
        if (fd < 0)
            break;
        hp_http_exchange_run(&session->exchange, &request, fd, &session->response);
        if (!session->response.redirected || !follow(session, &request, &endpoint))
            break;
    }
}

static void run(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session)
{
    struct session *session = calloc(1, sizeof *session);

    *ret_session = session;
    if (session == NULL) {
        hp_attempt_no_memory(attempt);
        return;
    }
    ask(session, attempt, check->settings);
    tell_where(session, check->timeout_ns);
}

static void close_session(void *data, struct hp_deadline deadline)
{
    struct session *session = data;

    (void)deadline;
    hp_http_exchange_release(&session->exchange);
    hp_http_response_release(&session->response);
    hp_http_target_release(&session->redirect);
    free(session);
}

static bool global_init(const struct hp_check *check)
{
    (void)check;
    return curl_global_init(CURL_GLOBAL_NOTHING) == CURLE_OK;
}

static const struct hp_http_target *target_of(const struct hp_check *check)
{
    return &((const struct hp_http_settings *)check->settings)->target;
}

static bool parse(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err)
{
    return hp_http_settings_read(ret->settings, input, err);
}

static void show(const struct hp_check *check, struct hp_buffer *ret)
{
    hp_http_target_describe(target_of(check), ret);
}

static void release(void *settings)
{
    hp_http_settings_release(settings);
}

static void hint_at_status(const struct hp_http_settings *settings, int status,
                           struct hp_buffer *ret)
{
    if (status == 404 && settings->target.path_is_default)
        hp_buffer_add(ret, "give the path of its health check, such as /healthz");
    else if ((status == 400 || status == 403) && !hp_http_headers_have(&settings->headers, "Host"))
        hp_buffer_add_format(ret, "does the service restrict Host? --%s 'Host: NAME'",
                             hp_http_header_option->name);
}

static void hint(const struct hp_check *check, const struct hp_result *result,
                 struct hp_buffer *ret)
{
    const struct hp_http_settings *settings = check->settings;
    const struct hp_http_target *target = &settings->target;

    /* The target answered well enough. */
    if (hp_after_prefix(result->error.bytes, REDIRECTED) != NULL)
        return;
    if (strstr(result->error.bytes, " body ") == NULL)
        hp_hint_tls(check, result, target->tls, target->tls ? "http://" : "https://",
                    hp_http_connect_option, ret);
    if (result->reason == HP_REASON_STATUS)
        hint_at_status(settings, result->http_status, ret);
    else if (result->reason == HP_REASON_REFUSED && settings->port_is_assumed)
        hp_buffer_add_format(ret, "PORT is not set, so %u is assumed: set PORT or give :8080",
                             target->port);
    else if (result->reason == HP_REASON_CLOSED && ret->len > 0)
        hp_buffer_add(ret, "; it may also expect the PROXY protocol");
    else if (strstr(result->error.bytes, "HTTP/0.9") != NULL)
        hp_buffer_add(ret, "the server may speak HTTP/2 alone (h2c), TLS, or not HTTP");
}

static void describe(const struct hp_check *check, struct hp_facts *ret)
{
    const struct hp_http_settings *settings = check->settings;

    if (settings->port_origin != NULL)
        hp_facts_add(ret, "port", settings->port_origin);
    hp_facts_add(ret, "path", settings->target.path_is_default ? settings->path_origin : "given");
    if (strcmp(settings->method, "GET") != 0)
        hp_facts_add(ret, "method",
                     hp_http_method_known(settings->method) ? settings->method : "(set)");
    if (settings->target.user != NULL)
        hp_facts_add_password(ret, settings->target.password);
    if (settings->target.tls)
        hp_facts_add_tls(ret, &settings->tls, false);
}

static bool shows(const struct hp_check *check, const char *text)
{
    return hp_http_target_shows(target_of(check), text);
}

static void library(struct hp_buffer *ret)
{
    hp_buffer_add_format(ret, "libcurl %s", curl_version_info(CURLVERSION_NOW)->version);
}

static const char *const schemes[] = {"http", "https", NULL};

const struct hp_check_ops hp_check_http_ops = {
    .kind = "http",
    .title = "HTTP",
    .options = hp_http_options,
    .asks = {"GET " HP_HTTP_LIVE, "GET " HP_HTTP_READY, "GET " HP_HTTP_FULL},
    .schemes = schemes,
    .example = "http://HOST:PORT",
    .exit_bit = 8,
    .has_default_target = true,
    .presence_variable = "PORT",
    .library = library,
    .settings_size = sizeof(struct hp_http_settings),
    .parse = parse,
    .show = show,
    .describe = describe,
    .hint = hint,
    .awaits = AWAITED,
    .shows = shows,
    .global_init = global_init,
    .run = run,
    .close = close_session,
    .release = release,
};
