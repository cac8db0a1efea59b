/* SPDX-License-Identifier: MIT */
#include "echo.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"

#define STEPS_MAX 12

const char *const kind_names[KIND_COUNT] = {"http", "database", "redis"};

/* A script built at run time, since it contains a text from the test. */
struct script {
    struct step steps[STEPS_MAX];
    size_t n;
};

static void add(struct script *script, struct step step)
{
    if (script->n == STEPS_MAX - 1) {
        abort();
    }
    script->steps[script->n++] = step;
}

static void add_send(struct script *script, const char *text)
{
    add(script, (struct step){.op = STEP_SEND, .bytes = text, .len = strlen(text), .limit = 1});
}

static void add_message(struct script *script, char type, const char *bytes, size_t len)
{
    add(script, (struct step){.op = STEP_PG_SEND, .type = type, .bytes = bytes, .len = len});
}

/* --- http ------------------------------------------------------------------------------------- */

/* "%s" stands for the text. */
static const struct {
    const char *name;
    const char *answer;
    const char *option; /* an additional option of the probe */
} http_forms[] = {
    {"body", "HTTP/1.1 500 no\r\n\r\n%s", NULL},
    {"body, quoted", "HTTP/1.1 401 no\r\n\r\n{\"error\":\"wrong: <%s>\"}", NULL},
    {"body, cut by the report",
     "HTTP/1.1 500 no\r\n\r\n"
     "0123456789012345678901234567890123456789012345678901234567890123456789"
     "01234567890123456789012345678901234567890123456789012345678901234567890 %s end",
     NULL},
    {"Location, path", "HTTP/1.1 302 go\r\nLocation: /login/%s/here\r\n\r\n", NULL},
    {"Location, user", "HTTP/1.1 302 go\r\nLocation: http://app:%s@elsewhere.example/\r\n\r\n",
     NULL},
    {"Location, host", "HTTP/1.1 302 go\r\nLocation: http://%s/here\r\n\r\n", NULL},
    {"Location, query", "HTTP/1.1 302 go\r\nLocation: /login?was=%s\r\n\r\n", NULL},
    {"Location, no path", "HTTP/1.1 307 go\r\nLocation: %s\r\n\r\n", NULL},
    {"Location, cut by the report",
     "HTTP/1.1 302 go\r\nLocation: "
     "/0123456789012345678901234567890123456789012345678901234567890123"
     "456789012345678901234567890123456789012345678901234567890/%s\r\n\r\n",
     NULL},
    {"header", "HTTP/1.1 500 no\r\nX-Sent: %s\r\nContent-Length: 0\r\n\r\n", NULL},
    {"status text", "HTTP/1.1 500 %s\r\nContent-Length: 0\r\n\r\n", NULL},
    {"status", "HTTP/1.1 %s no\r\n\r\n", NULL},
    {"status line", "%s\r\n\r\n", NULL},
    {"header name", "HTTP/1.1 500 no\r\n%s: x\r\nContent-Length: 0\r\n\r\n", NULL},
    {"Transfer-Encoding", "HTTP/1.1 500 no\r\nTransfer-Encoding: chunked, %s\r\n\r\n", NULL},
    {"Content-Length", "HTTP/1.1 500 no\r\nContent-Length: %s\r\n\r\n", NULL},
    {"Content-Encoding", "HTTP/1.1 500 no\r\nContent-Encoding: %s\r\n\r\nx", NULL},
    {"body without what is expected", "HTTP/1.1 200 fine\r\n\r\nyou are <%s>",
     "--http-contains=nobody"},
    {"body that does not match", "HTTP/1.1 200 fine\r\n\r\n%s", "--http-match=^nobody$"},
    {"JSON with another value", "HTTP/1.1 200 fine\r\n\r\n{\"a\":[\"%s\"]}", "--http-json=a.0=b"},
    {"JSON with another name", "HTTP/1.1 200 fine\r\n\r\n{\"%s\":1}", "--http-json=a=b"},
    {"no JSON", "HTTP/1.1 200 fine\r\n\r\n{\"a\":1}%s", "--http-json=a=1"},
    {"header with another value", "HTTP/1.1 200 fine\r\nX-Sent: %s\r\n\r\n",
     "--http-expect-header=X-Sent: b"},
    {"Location, followed in circles", "HTTP/1.1 302 go\r\nLocation: /%s\r\n\r\n",
     "--http-follow=2"},
    {"Location, followed into nothing",
     "HTTP/1.1 302 go\r\nLocation: http://127.0.0.1:1/%s\r\n\r\n", "--http-follow=1"},
    {"Location, followed to another scheme",
     "HTTP/1.1 302 go\r\nLocation: ftp://127.0.0.1:1/%s\r\n\r\n", "--http-follow=1"},
};

static void script_http(struct script *script, const char *answer)
{
    add(script, (struct step)READ_UNTIL("\r\n\r\n"));
    add_send(script, answer);
}

static void echo_http(struct script *script, int form, const char *text)
{
    const char *answer = http_forms[form].answer;
    const char *at = strstr(answer, "%s");

    script_http(script, hpt_strf("%.*s%s%s", (int)(at - answer), answer, text, at + 2));
}

/* --- Postgres --------------------------------------------------------------------------------- */

/* The fields of an error, each ending in NUL. */
static void add_error(struct script *script, const char *code, const char *message,
                      const char *detail)
{
    size_t len = strlen(code) + strlen(message) + strlen(detail) + 32;
    char *body = calloc(1, len);
    char *to = body;

    if (body == NULL) {
        abort();
    }
    to = stpcpy(to, "SFATAL") + 1;
    to = stpcpy(to, "VFATAL") + 1;
    *to++ = 'C';
    to = stpcpy(to, code) + 1;
    *to++ = 'M';
    to = stpcpy(to, message) + 1;
    if (detail[0] != '\0') {
        *to++ = 'D';
        to = stpcpy(to, detail) + 1;
    }
    to++;
    add_message(script, 'E', body, (size_t)(to - body));
}

static void add_ready(struct script *script)
{
    add(script, (struct step)PG_SEND('R', "\0\0\0\0"));
    add(script, (struct step)PG_SEND('Z', "I"));
    add(script, (struct step)PG_READ);
}

static void error_message(struct script *script, const char *text)
{
    add_error(script, "28P01", text, "");
}

static void error_message_within(struct script *script, const char *text)
{
    add_error(script, "28P01", hpt_strf("wrong password \"%s\" given", text), "");
}

static void error_after_password(struct script *script, const char *text)
{
    add(script, (struct step)PG_SEND('R', "\0\0\0\003"));
    add(script, (struct step)PG_READ);
    add_error(script, "28P01", hpt_strf("you said %s", text), "");
}

static void error_detail(struct script *script, const char *text)
{
    add_error(script, "28P01", "wrong password", text);
}

static void error_code(struct script *script, const char *text)
{
    add_error(script, text, "wrong password", "");
}

static void error_of_pooler(struct script *script, const char *text)
{
    add_error(script, "08P01", hpt_strf("password authentication failed: %s", text), "");
}

static void error_of_query(struct script *script, const char *text)
{
    add_ready(script);
    add_error(script, "42601", hpt_strf("syntax error at or near \"%s\"", text), "");
}

static void error_after_notice(struct script *script, const char *text)
{
    add_ready(script);
    const char *notice = hpt_strf("SNOTICE|C00000|M%s||", text);
    char *body = strdup(notice);
    size_t len = strlen(notice);
    if (body == NULL) {
        abort();
    }
    for (size_t i = 0; i < len; i++) {
        body[i] = (char)(body[i] == '|' ? '\0' : body[i]);
    }
    add_message(script, 'N', body, len);
    add_error(script, "XX000", text, text);
}

static void error_of_scram(struct script *script, const char *text)
{
    size_t len = strlen(text) + 6;
    char *body = calloc(1, len + 1);

    if (body == NULL) {
        abort();
    }
    memcpy(body, "\0\0\0\014e=", 6);
    memcpy(body + 6, text, len - 6);
    add(script, (struct step)PG_SCRAM(16));
    add_message(script, 'R', body, len);
}

/* Before version 3 of the protocol, an error was plain text. */
static void error_of_old(struct script *script, const char *text)
{
    add_send(script, hpt_strf("EFATAL:  %s\n", text));
}

static void error_of_extension(struct script *script, const char *text)
{
    size_t len = strlen(text) + 9;
    char *body = calloc(1, len);

    if (body == NULL) {
        abort();
    }
    memcpy(body, "\0\003\0\0\0\0\0\001", 8);
    memcpy(body + 8, text, len - 9);
    add_message(script, 'v', body, len);
}

static const struct {
    const char *name;
    void (*script)(struct script *script, const char *text);
} database_forms[] = {
    {"message", error_message},
    {"message, within", error_message_within},
    {"message after the password", error_after_password},
    {"detail", error_detail},
    {"SQLSTATE", error_code},
    {"message of a pooler", error_of_pooler},
    {"message to the query", error_of_query},
    {"notice", error_after_notice},
    {"SCRAM error", error_of_scram},
    {"error of the old protocol", error_of_old},
    {"protocol extension", error_of_extension},
};

/* --- Redis ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    const char *answer;
    bool to_ping;
} redis_forms[] = {
    {"error", "-ERR %s\r\n", false},
    {"error, within", "-WRONGPASS the password '%s' is wrong\r\n", false},
    {"first word", "-%s\r\n", false},
    {"first word, then more", "-%s is wrong\r\n", false},
    {"status", "+%s\r\n", false},
    {"error of PING", "-ERR unknown command '%s'\r\n", true},
    {"first word of PING", "-%s no\r\n", true},
    {"bulk string", "$5\r\n%s\r\n", true},
    {"no Redis", "%s\r\n", false},
};

static void echo_redis(struct script *script, int form, const char *text)
{
    const char *answer = redis_forms[form].answer;
    const char *at = strstr(answer, "%s");

    add(script, (struct step)READ);
    if (redis_forms[form].to_ping) {
        add_send(script, "+OK\r\n");
        add(script, (struct step)READ);
    }
    add_send(script, hpt_strf("%.*s%s%s", (int)(at - answer), answer, text, at + 2));
}

/* --- all -------------------------------------------------------------------------------------- */

int echo_forms(enum kind kind)
{
    switch (kind) {
    case KIND_HTTP:
        return HPT_COUNT(http_forms);
    case KIND_DATABASE:
        return HPT_COUNT(database_forms);
    case KIND_REDIS:
        return HPT_COUNT(redis_forms);
    case KIND_COUNT:
        break;
    }
    return 0;
}

const char *echo_form_option(enum kind kind, int form)
{
    return kind == KIND_HTTP ? http_forms[form].option : NULL;
}

const char *echo_form_name(enum kind kind, int form)
{
    switch (kind) {
    case KIND_HTTP:
        return http_forms[form].name;
    case KIND_DATABASE:
        return database_forms[form].name;
    case KIND_REDIS:
        return redis_forms[form].name;
    case KIND_COUNT:
        break;
    }
    return "";
}

static void begin(struct script *script, enum kind kind, bool tls)
{
    if (kind == KIND_DATABASE) {
        if (tls) {
            add(script, (struct step)PG_TLS);
        }
        add(script, (struct step)PG_STARTUP);
    } else if (tls) {
        add(script, (struct step)TLS);
    }
}

static void start(struct peer *peer, struct script *script)
{
    struct peer_spec spec = {.steps = script->steps};

    add(script, (struct step){.op = STEP_END});
    peer_start(peer, &spec, 0);
}

void echo_start(struct peer *peer, enum kind kind, int form, bool tls, const char *text)
{
    struct script script = {.n = 0};

    begin(&script, kind, tls);
    switch (kind) {
    case KIND_HTTP:
        echo_http(&script, form, text);
        break;
    case KIND_DATABASE:
        database_forms[form].script(&script, text);
        break;
    case KIND_REDIS:
        echo_redis(&script, form, text);
        break;
    case KIND_COUNT:
        break;
    }
    start(peer, &script);
}

void echo_start_http(struct peer *peer, bool tls, const char *answer)
{
    struct script script = {.n = 0};

    begin(&script, KIND_HTTP, tls);
    script_http(&script, answer);
    start(peer, &script);
}

void echo_start_silent(struct peer *peer)
{
    struct script script = {.n = 0};

    add(&script, (struct step)STALL);
    start(peer, &script);
}
