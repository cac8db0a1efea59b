/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <healthprobe/base/array.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "config.h"
#include "header.h"
#include "secrets.h"

#define DEFAULT_PORT 3000

/* As many as curl follows by default. */
#define FOLLOW_MAX 50

enum {
    TARGET,
    TIMEOUT,
    SLOW,
    STATUS,
    METHOD,
    HEADER,
    BODY,
    FOLLOW,
    EXPECT_HEADER,
    CONTAINS,
    MATCH,
    JSON,
    CONNECT,
    SOCKET,
    CA,
    CERT,
    KEY,
    INSECURE,
    OPTIONS
};

const struct hp_option hp_http_options[] = {
    [TARGET] = {"http", "URL", "http://localhost:$PORT",
                "a URL, HOST:PORT/path, /path; PORT or 3000",
                .flags = HP_OPTION_TARGET | HP_OPTION_SOURCE | HP_OPTION_REPEATABLE,
                .also = "url uri http-url port=:PORT p=:PORT path=/PATH endpoint=/PATH"},
    [TIMEOUT] = {"http-timeout", "DUR", NULL, "time limit of this check, at most --timeout",
                 .role = HP_ROLE_TIMEOUT},
    [SLOW] = {"http-slow", "DUR", NULL, "the run is degraded if this check takes longer",
              .role = HP_ROLE_SLOW},
    [STATUS] = {"http-status", "LIST", "200-299",
                "statuses that mean up, such as 200-399,401 or 2xx",
                .also = "status expect-status"},
    [METHOD] = {"http-method", "NAME", "GET", "method of the request", .flags = HP_OPTION_PRIVATE,
                .also = "method request X"},
    [HEADER] = {"http-header", "LINE", NULL,
                "send this header 'Name: value', even Host; repeatable",
                .flags = HP_OPTION_REPEATABLE | HP_OPTION_SOURCE | HP_OPTION_HEADER,
                .also = "header H"},
    [BODY] = {"http-body", "TEXT", NULL, "send this, with POST unless --http-method is given",
              .flags = HP_OPTION_PRIVATE, .also = "data d"},
    [FOLLOW] = {"http-follow", "N", "0",
                "follow up to N redirects; credentials stay with the first host",
                .also = "location L follow"},
    [EXPECT_HEADER] = {"http-expect-header", "LINE", NULL,
                       "the response has this header 'Name: value'; repeatable",
                       .flags = HP_OPTION_REPEATABLE | HP_OPTION_PRIVATE},
    [CONTAINS] = {"http-contains", "TEXT", NULL,
                  "the body, its first 64 KiB, contains this; repeatable",
                  .flags = HP_OPTION_REPEATABLE | HP_OPTION_PRIVATE},
    [MATCH] = {"http-match", "REGEX", NULL,
               "the body matches this POSIX extended regular expression; repeatable",
               .flags = HP_OPTION_REPEATABLE | HP_OPTION_PRIVATE},
    [JSON] = {"http-json", "PATH=VALUE", NULL,
              "JSON in the body, such as checks.database.status=up; repeatable",
              .flags = HP_OPTION_REPEATABLE | HP_OPTION_PRIVATE},
    [CONNECT] = {"http-connect", "HOST:PORT", NULL,
                 "connect here; Host and certificate name stay the URL's",
                 .flags = HP_OPTION_PRIVATE},
    [SOCKET] = {"http-unix", "PATH", NULL, "connect to this socket; Host stays the URL's",
                .flags = HP_OPTION_PATH, .also = "unix-socket"},
    [CA] = {"http-ca", "FILE", NULL, "like --ca, for http only", .flags = HP_OPTION_PATH,
            .role = HP_ROLE_CA},
    [CERT] = {"http-cert", "FILE", NULL, "client certificate (PEM), with its key in --http-key",
              .flags = HP_OPTION_PATH, .role = HP_ROLE_CERT},
    [KEY] = {"http-key", "FILE", NULL, "key of that certificate (PEM), without a passphrase",
             .flags = HP_OPTION_PATH, .role = HP_ROLE_KEY},
    [INSECURE] = {"http-insecure", NULL, NULL, "verify neither certificate nor host name",
                  .role = HP_ROLE_INSECURE, .also = "k insecure no-check-certificate"},
    [OPTIONS] = {0},
};

const struct hp_option *const hp_http_status_option = &hp_http_options[STATUS];
const struct hp_option *const hp_http_follow_option = &hp_http_options[FOLLOW];
const struct hp_option *const hp_http_header_option = &hp_http_options[HEADER];
const struct hp_option *const hp_http_connect_option = &hp_http_options[CONNECT];

static const char *const mode_paths[HP_MODE_COUNT] = {HP_HTTP_LIVE, HP_HTTP_READY, HP_HTTP_FULL,
                                                      HP_HTTP_LIVE};

static const struct hp_option *const expectation_rows[HP_EXPECT_COUNT] = {
    [HP_EXPECT_HEADER] = &hp_http_options[EXPECT_HEADER],
    [HP_EXPECT_CONTAINS] = &hp_http_options[CONTAINS],
    [HP_EXPECT_JSON] = &hp_http_options[JSON],
    [HP_EXPECT_MATCH] = &hp_http_options[MATCH],
};

static const struct hp_value *value_of(const struct hp_check_input *input, size_t option)
{
    return hp_value_of(input->values, &hp_http_options[option]);
}

/* Or its default. */
static const char *text_of(const struct hp_check_input *input, size_t option)
{
    return hp_value_text(input->values, &hp_http_options[option]);
}

static void release_headers(struct hp_http_headers *headers)
{
    for (size_t i = 0; i < headers->n; i++)
        free(headers->lines[i]);
    free(headers->lines);
}

void hp_http_settings_release(struct hp_http_settings *settings)
{
    hp_http_target_release(&settings->target);
    hp_url_release(&settings->connect_url);
    hp_expectations_release(&settings->expectations);
    release_headers(&settings->headers);
    release_headers(&settings->other_headers);
    *settings = (struct hp_http_settings){0};
}

/* PORT is the platform's; it is read only where it is needed. */
static bool read_port(struct hp_http_settings *settings, const struct hp_check_input *input,
                      uint16_t *ret, struct hp_error *err)
{
    const char *text = hp_environment_get(input->values->environment, "PORT");
    struct hp_span given = hp_span_of(text != NULL ? text : "");
    unsigned port = DEFAULT_PORT;
    char digits[8];

    if (!hp_input_tidy(&given, "PORT", err))
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)given.len, given.data);
    if (text != NULL && (given.len >= sizeof digits ||
                         !hp_target_parse_number(digits, UINT16_MAX, &port) || port == 0)) {
        hp_error_add(err, HP_REASON_CONFIG, "PORT: is not a port number (1 to 65535)");
        return false;
    }
    if (text != NULL && given.len < strlen(text))
        hp_input_note_trimmed(input->collected, "PORT");
    settings->port_is_assumed = text == NULL;
    settings->port_origin = text != NULL ? "from PORT" : "default";
    *ret = (uint16_t)port;
    return true;
}

static bool read_target(struct hp_http_settings *settings, const struct hp_check_input *input,
                        struct hp_error *err)
{
    const char *text = input->target;
    char standard[8];
    uint16_t port = DEFAULT_PORT;

    if (text == NULL || text[0] == '/' || (text[0] == ':' && strcspn(text + 1, "/?#") == 0)) {
        if (!read_port(settings, input, &port, err))
            return false;
    }
    if (text == NULL) {
        snprintf(standard, sizeof standard, ":%u", port);
        text = standard;
    }
    settings->mode_path = mode_paths[input->mode];
    settings->path_origin =
        input->mode == HP_MODE_CUSTOM ? "live's, as no mode is given" : "the mode's";
    if (input->mode == HP_MODE_CUSTOM && input->target_is_typed &&
        hp_http_target_names_host(text)) {
        settings->mode_path = "/";
        settings->path_origin = "as typed";
    }
    return hp_target_check_unexpanded(text, input->origin, input->options,
                                      input->values->environment, err) &&
           hp_http_target_parse(&settings->target, text, input->placeholders, input->origin, port,
                                settings->mode_path, err);
}

static bool read_status(struct hp_http_settings *settings, const struct hp_check_input *input,
                        struct hp_error *err)
{
    if (hp_status_set_parse(&settings->accepted, text_of(input, STATUS)))
        return true;
    hp_error_add(err, HP_REASON_CONFIG, "%s: is not a list of statuses, such as 200-399,401",
                 value_of(input, STATUS)->origin);
    return false;
}

static bool read_method(struct hp_http_settings *settings, const struct hp_check_input *input,
                        struct hp_error *err)
{
    const struct hp_value *value = value_of(input, METHOD);

    settings->body = text_of(input, BODY);
    settings->method = settings->body != NULL ? "POST" : "GET";
    if (value != NULL)
        settings->method = value->text;
    if (hp_http_method_valid(settings->method))
        return true;
    hp_error_add(err, HP_REASON_CONFIG, "%s: is not an HTTP method, such as GET or HEAD",
                 value->origin);
    return false;
}

static bool read_follow(struct hp_http_settings *settings, const struct hp_check_input *input,
                        struct hp_error *err)
{
    if (hp_target_parse_number(text_of(input, FOLLOW), FOLLOW_MAX, &settings->follow))
        return true;
    hp_error_add(err, HP_REASON_CONFIG, "%s: is not a number of redirects (0 to %d)",
                 value_of(input, FOLLOW)->origin, FOLLOW_MAX);
    return false;
}

/* Neither a HEAD nor its response has a body. */
static bool read_expectations(struct hp_http_settings *settings, const struct hp_check_input *input,
                              struct hp_error *err)
{
    bool good = hp_expectations_read(&settings->expectations, input->values, expectation_rows, err);
    bool wants_body = settings->body != NULL || hp_expectations_want_body(&settings->expectations);

    if (strcmp(settings->method, "HEAD") != 0 || !wants_body)
        return good;
    hp_error_add(
        err, HP_REASON_CONFIG, "%s: HEAD has no body, which --%s, --%s, --%s and --%s need",
        value_of(input, METHOD)->origin, hp_http_options[BODY].name, hp_http_options[CONTAINS].name,
        hp_http_options[MATCH].name, hp_http_options[JSON].name);
    return false;
}

static bool append_header(struct hp_http_headers *headers, const char *line)
{
    char *copy = strdup(line);

    if (copy == NULL || !hp_array_room(headers->lines, headers->n)) {
        free(copy);
        return false;
    }
    headers->lines[headers->n] = copy;
    headers->n++;
    return true;
}

bool hp_http_headers_have(const struct hp_http_headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->n; i++)
        if (hp_http_header_is(headers->lines[i], strlen(headers->lines[i]), name))
            return true;
    return false;
}

static bool read_headers(struct hp_http_settings *settings, const struct hp_check_input *input,
                         struct hp_error *err)
{
    const struct hp_value *value = NULL;
    bool good = true;

    while ((value = hp_value_next(input->values, &hp_http_options[HEADER], value)) != NULL) {
        const char *text = NULL;
        if (!hp_http_header_valid(value->text, &text)) {
            hp_error_add(err, HP_REASON_CONFIG, "%s: is not a header of the form 'Name: value'",
                         value->origin);
            good = false;
            continue;
        }
        if (!append_header(&settings->headers, value->text) ||
            !hp_http_secrets_add_header(&input->collected->secrets, value, text))
            return hp_error_no_memory(err);
    }
    return good;
}

static bool add_basic_header(struct hp_http_settings *settings, struct hp_secrets *secrets)
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
            (hp_http_headers_have(&settings->headers, "Authorization") ||
             append_header(&settings->headers, line));
out:
    free(basic);
    free(line);
    return added;
}

static bool add_default_headers(struct hp_http_settings *settings)
{
    static const struct {
        const char *name;
        const char *line;
    } defaults[] = {
        {"User-Agent", "User-Agent: healthprobe/" HP_VERSION},
        {"Accept", "Accept: */*"},
        {"Connection", "Connection: close"},
    };

    for (size_t i = 0; i < HP_COUNT(defaults); i++)
        if ((!hp_http_headers_have(&settings->headers, defaults[i].name) &&
             !append_header(&settings->headers, defaults[i].line)) ||
            !append_header(&settings->other_headers, defaults[i].line))
            return false;
    return true;
}

static bool read_connect(struct hp_http_settings *settings, const struct hp_value *value,
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
        strpbrk(value->text, "@/?#") != NULL) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: is not of the form HOST:PORT", value->origin);
        return false;
    }
    settings->connect_to = (struct hp_endpoint){NULL, url->hosts[0].host, url->hosts[0].port};
    return true;
}

static bool read_endpoint(struct hp_http_settings *settings, const struct hp_check_input *input,
                          struct hp_error *err)
{
    const struct hp_value *connect_to = value_of(input, CONNECT);
    const struct hp_value *socket = value_of(input, SOCKET);

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
        hp_error_add(err, HP_REASON_CONFIG, "%s: is not an absolute path of a socket",
                     socket->origin);
        return false;
    }
    settings->connect_to.socket = socket->text;
    return true;
}

struct hp_endpoint hp_http_settings_endpoint(const struct hp_http_settings *settings,
                                             const struct hp_http_target *target)
{
    const struct hp_endpoint *other = &settings->connect_to;

    if ((other->socket != NULL || other->host != NULL) &&
        strcasecmp(target->host, settings->target.host) == 0)
        return *other;
    return (struct hp_endpoint){NULL, target->host, target->port};
}

/* Every option is looked at even after a problem, so that all problems are reported. */
bool hp_http_settings_read(struct hp_http_settings *ret, const struct hp_check_input *input,
                           struct hp_error *err)
{
    struct hp_secrets *secrets = &input->collected->secrets;
    bool good = read_target(ret, input, err);
    bool wants_tls = false;

    good = read_status(ret, input, err) && good;
    good = read_method(ret, input, err) && good;
    good = read_headers(ret, input, err) && good;
    good = read_follow(ret, input, err) && good;
    good = read_expectations(ret, input, err) && good;
    good = read_endpoint(ret, input, err) && good;
    /* A redirect may lead to https; a build without TLS reports that when it happens. */
    wants_tls = ret->target.tls || (ret->follow > 0 && hp_tls_available());
    if (!good || !hp_input_tls(input, wants_tls, &ret->tls, err))
        return false;
    ret->tls.server_name = ret->target.host;
    return (hp_http_secrets_add_query(secrets, &ret->target) &&
            hp_http_secrets_add_body(secrets, ret->body) && add_basic_header(ret, secrets) &&
            add_default_headers(ret)) ||
           hp_error_no_memory(err);
}
