/* SPDX-License-Identifier: MIT */
#include <healthprobe/dial.h>

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "http_exchange.h"
#include "kinds.h"

struct session {
    struct hp_http_answer answer;
    struct hp_http_exchange exchange;
};

static void ask(struct session *session)
{
    const struct hp_http_settings *settings = session->answer.settings;
    struct hp_http_request request = {
        .target = &settings->target,
        .headers = &settings->headers,
        .tls = &settings->tls,
        .method = settings->method,
    };
    int fd = hp_dial(session->answer.attempt, &settings->endpoint);

    if (fd >= 0)
        hp_http_exchange_run(&session->exchange, &request, fd, &session->answer);
}

static void run(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session)
{
    struct session *session = calloc(1, sizeof *session);

    *ret_session = session;
    if (session == NULL) {
        hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("out of memory"));
        return;
    }
    session->answer.settings = check->settings;
    session->answer.attempt = attempt;
    ask(session);
}

static void close_session(void *data, struct hp_deadline deadline)
{
    struct session *session = data;

    (void)deadline;
    hp_http_exchange_release(&session->exchange);
    free(session);
}

static bool global_init(const struct hp_check *check)
{
    (void)check;
    return curl_global_init(CURL_GLOBAL_NOTHING) == CURLE_OK;
}

static void release(void *data)
{
    struct hp_http_settings *settings = data;

    if (settings != NULL)
        hp_http_settings_release(settings);
    free(settings);
}

static bool parse(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err)
{
    struct hp_http_settings *settings = calloc(1, sizeof *settings);
    struct hp_buffer text;

    if (settings == NULL)
        return hp_error_no_memory(err);
    if (!hp_http_settings_read(settings, input, err)) {
        release(settings);
        return false;
    }
    hp_buffer_init(&text, ret->target, sizeof ret->target);
    hp_http_target_describe(&settings->target, &text);
    ret->settings = settings;
    return true;
}

/* nginx's words and Go's. */
static bool wants_tls(const char *error)
{
    return strstr(error, "HTTP request was sent to HTTPS port") != NULL ||
           strstr(error, "HTTP request to an HTTPS server") != NULL;
}

static void hint(const struct hp_check *check, const struct hp_result *result,
                 struct hp_buffer *ret)
{
    const struct hp_http_settings *settings = check->settings;

    if (!settings->target.tls && wants_tls(result->error.bytes))
        hp_buffer_add(ret, "use https://");
    else if (settings->target.tls && strstr(result->error.bytes, "wrong version number") != NULL)
        hp_buffer_add(ret, "the port answers without TLS: use http://");
    else if (result->http_status == 404)
        hp_buffer_add_format(ret,
                             hp_http_settings_asks_mode_path(settings)
                                 ? "%s is this mode's path: give another with --http /path"
                                 : "a URL without a path asks %s in this mode",
                             settings->mode_path);
}

static void describe(const struct hp_check *check, struct hp_facts *ret)
{
    const struct hp_http_settings *settings = check->settings;

    if (settings->port_origin != NULL)
        hp_facts_add(ret, "port", settings->port_origin);
    if (hp_http_settings_asks_mode_path(settings))
        hp_facts_add(ret, "path", "the mode's");
    if (settings->target.user != NULL)
        hp_facts_add_password(ret, settings->target.password);
    if (settings->target.tls)
        hp_facts_add_tls(ret, &settings->tls, false);
}

static void library(struct hp_buffer *ret)
{
    hp_buffer_add_format(ret, "libcurl %s", curl_version_info(CURLVERSION_NOW)->version);
}

static const char *const app_variables[] = {NULL};

const struct hp_check_ops hp_check_http_ops = {
    .kind = "http",
    .options = hp_http_options,
    .n_options = HP_HTTP_OPTIONS,
    .app_variables = app_variables,
    .exit_bit = 8,
    .has_default_target = true,
    .presence_variable = "PORT",
    .library = library,
    .parse = parse,
    .describe = describe,
    .hint = hint,
    .global_init = global_init,
    .run = run,
    .close = close_session,
    .release = release,
};
