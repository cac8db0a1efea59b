/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "echo.h"
#include "net.h"
#include "pairs.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"
#include "search.h"
#include "syntax.h"

/*
 * No secret is ever printed: passwords with every awkward character, in every place that can hold
 * one, given in every way, against servers that accept, refuse and send them back. The verdict must
 * be right, too: a mangled password would not log in.
 */

/* Far longer than needed: a loaded machine must not turn verdicts into timeouts. */
#define TIMEOUT "10s"

#define MIXED "@:/?#%&$+[] \"\\'\xc3\xa9"
#define LONG                                                                                       \
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhh"             \
    "iiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllllmmmmmmmmmmnnnnnnnnnnooooooooooppppppppppp"            \
    "qqqqqqqqqqrrrrrrrrrrssssssssssttttttttttuuuuuuuuuuvvvvvvvvvvwwwwwwwwwwxxxxxxxxxx"

/* The text between the two halves of a password, and before the first. */
static const struct {
    const char *name;
    const char *before;
    const char *between;
} variants[] = {
    {"plain", "", ""},
    {"@", "", "@"},
    {":", "", ":"},
    {"/", "", "/"},
    {"?", "", "?"},
    {"#", "", "#"},
    {"%", "", "%"},
    {"&", "", "&"},
    {"$", "", "$"},
    {"+", "", "+"},
    {"[", "", "["},
    {"]", "", "]"},
    {"space", "", " "},
    {"double quote", "", "\""},
    {"backslash", "", "\\"},
    {"quote", "", "'"},
    {"e acute", "", "\xc3\xa9"},
    {"%00", "", "%00"},
    {"%41", "", "%41"},
    {"=,;", "", "=,;"},
    {"port and /", "80/", ""},
    {"@ first", "@", ":"},
    {"what looks escaped", "", "\\\\%25&amp;\"<"},
    {"mixed", "", MIXED},
    {"long", "", LONG},
};

#define VARIANTS HPT_COUNT(variants)

enum encoding {
    ENCODING_RAW,
    ENCODING_UPPER,
    ENCODING_LOWER,
    ENCODING_ALL,         /* letters and digits are encoded, too */
    ENCODING_PLACEHOLDER, /* raw, in a variable or file */
    ENCODING_COUNT,
};

static const char *const encoding_names[] = {"raw", "upper", "lower", "every byte", "placeholder"};

/*
 * The grammar of a place in a URL. Parameters differ in whether they may contain an "@" and be
 * followed by a fragment: neither if the URL has a user before its host, and no "@" in a Redis URL.
 */
enum grammar {
    GRAMMAR_USERINFO,
    GRAMMAR_QUERY, /* of HTTP, which is sent unchanged */
    GRAMMAR_PARAMETER_BESIDE_USER,
    GRAMMAR_PARAMETER_OF_REDIS,
    GRAMMAR_PARAMETER_OF_JDBC,
    GRAMMAR_NONE
};

enum place {
    PLACE_HTTP_PASSWORD,
    PLACE_HTTP_USER,
    PLACE_HTTP_QUERY,
    PLACE_HTTP_HEADER,
    PLACE_HTTP_BEARER,
    PLACE_PG_PASSWORD,
    PLACE_PG_PARAMETER,
    PLACE_PG_SSLPASSWORD,
    PLACE_PG_JDBC,
    PLACE_PG_OPTION,
    PLACE_REDIS_PASSWORD,
    PLACE_REDIS_USER_PASSWORD,
    PLACE_REDIS_PARAMETER,
    PLACE_REDIS_USERNAME,
    PLACE_REDIS_OPTION,
    PLACE_COUNT,
};

static const struct {
    const char *name;
    enum kind kind;
    enum grammar grammar;
    const char *option; /* that holds the secret */
    const char *app;    /* the application's own variable */
} places[PLACE_COUNT] = {
    {"http://v:SECRET@", KIND_HTTP, GRAMMAR_USERINFO, "http", NULL},
    {"http://SECRET@", KIND_HTTP, GRAMMAR_USERINFO, "http", NULL},
    {"http://?token=SECRET", KIND_HTTP, GRAMMAR_QUERY, "http", NULL},
    {"X-Token: SECRET", KIND_HTTP, GRAMMAR_NONE, "http-header", NULL},
    {"Authorization: Bearer SECRET", KIND_HTTP, GRAMMAR_NONE, "http-header", NULL},
    {"postgres://v:SECRET@", KIND_DATABASE, GRAMMAR_USERINFO, "database", "DATABASE_URL"},
    {"postgresql://?password=SECRET", KIND_DATABASE, GRAMMAR_PARAMETER_BESIDE_USER, "database",
     "DATABASE_URL"},
    {"postgres://?sslpassword=SECRET", KIND_DATABASE, GRAMMAR_PARAMETER_BESIDE_USER, "database",
     "DATABASE_URL"},
    {"jdbc:postgresql://?password=SECRET", KIND_DATABASE, GRAMMAR_PARAMETER_OF_JDBC, "database",
     "DATABASE_URL"},
    {"--database-password SECRET", KIND_DATABASE, GRAMMAR_NONE, "database-password", NULL},
    {"redis://:SECRET@", KIND_REDIS, GRAMMAR_USERINFO, "redis", "REDIS_URL"},
    {"redis://v:SECRET@", KIND_REDIS, GRAMMAR_USERINFO, "redis", "REDIS_URL"},
    {"redis://?username=v&password=SECRET", KIND_REDIS, GRAMMAR_PARAMETER_OF_REDIS, "redis",
     "REDIS_URL"},
    {"redis://?username=SECRET", KIND_REDIS, GRAMMAR_PARAMETER_OF_REDIS, "redis", "REDIS_URL"},
    {"--redis-password SECRET", KIND_REDIS, GRAMMAR_NONE, "redis-password", NULL},
};

enum delivery {
    BY_FLAG,
    BY_FLAG_ENV,
    BY_FLAG_FILE,
    BY_TWIN,
    BY_TWIN_ENV,
    BY_TWIN_FILE,
    BY_OWN_FILE, /* HEALTHPROBE_…_FILE */
    BY_APP,
    BY_APP_FILE,
    DELIVERY_COUNT,
};

static const char *const delivery_names[] = {
    "flag",       "flag env:", "flag file:", "twin",          "twin env:",
    "twin file:", "twin_FILE", "app's own",  "app's own_FILE"};

enum behaviour {
    ACCEPTS,
    REFUSES,
    ECHOES_RAW,
    ECHOES_UPPER,
    ECHOES_LOWER,
    ECHOES_ALL,
    ECHOES_JSON,
    ECHOES_HTML,
    ECHOES_BASE64,
    CANNOT_PARSE,
    STALLS,
    BEHAVIOUR_COUNT,
};

static const char *const behaviour_names[] = {"accepts",      "refuses",      "echoes raw",
                                              "echoes upper", "echoes lower", "echoes every byte",
                                              "echoes JSON",  "echoes HTML",  "echoes base64",
                                              "wrong syntax", "stalls"};

enum format {
    FORMAT_JSON,
    FORMAT_VERBOSE,
    FORMAT_SHORT,
    FORMAT_TEXT,
    FORMAT_HEALTH_JSON,
    FORMAT_PROMETHEUS,
    FORMAT_NAGIOS,
    /* The output of `explain`, which connects to nothing. */
    FORMAT_EXPLAIN,
    FORMAT_EXPLAIN_JSON,
    FORMAT_COUNT
};

#define REPORT_FORMATS FORMAT_EXPLAIN

static bool explains(enum format format)
{
    return format == FORMAT_EXPLAIN || format == FORMAT_EXPLAIN_JSON;
}

/* The formats other than JSON reports: names, and how they show a verdict. */
static const struct {
    const char *name;
    const char *healthy;
    const char *unhealthy;
    const char *refused; /* no check could run */
} formats[REPORT_FORMATS] = {
    [FORMAT_SHORT] = {"short", "healthy\n", "unhealthy: ", "unhealthy: "},
    [FORMAT_TEXT] = {"text", "HEALTHY\n", "UNHEALTHY  ", "UNHEALTHY  "},
    [FORMAT_HEALTH_JSON] = {"health+json", "{\"status\":\"pass\",", "{\"status\":\"fail\",",
                            "{\"status\":\"fail\",\"output\":\""},
    [FORMAT_PROMETHEUS] = {"prometheus", "healthprobe_status{status=\"healthy\"} 1\n",
                           "healthprobe_status{status=\"unhealthy\"} 1\n",
                           "healthprobe_error{reason=\""},
    [FORMAT_NAGIOS] = {"nagios", "OK: ", "CRITICAL: ", "UNKNOWN: "},
};

/* Metrics show it somewhere, the others at the start. */
static bool tells(const struct hpt_run *run, enum format format, const char *what)
{
    const char *found = strstr(run->out, what);

    return found != NULL && (found == run->out || format == FORMAT_PROMETHEUS);
}

/* Whether the target has a name, and a second one of its kind. With a name, failures are logged. */
enum naming { UNNAMED, NAMED, NAMED_BESIDE_ANOTHER, NAMING_COUNT };

static const char *const naming_names[] = {"", ", named", ", named beside another"};

enum mode { MODE_CHECK, MODE_READY, MODE_FULL, MODE_COUNT };

/* Forms of echoes, of wrong syntax, and signals, modulo their number. */
#define FORMS 9

/* --- servers ---------------------------------------------------------------------------------- */

static struct hpt_postgres postgres;
static struct hpt_redis redis;       /* knows the passwords of all variants */
static struct hpt_redis other_redis; /* knows none of them */
static struct peer plain_http;       /* healthy, for modes that check it too */

static const char *password_of(int variant)
{
    return hpt_strf("%s" FIRST_HALF "%s" SECOND_HALF, variants[variant].before,
                    variants[variant].between);
}

static const char *user_of(int variant)
{
    return hpt_strf("v%d", variant);
}

static void make_roles(void)
{
    const char *sql = "";

    for (int i = 0; i < VARIANTS; i++) {
        const char *doubled = "";
        for (const char *at = password_of(i); *at != '\0'; at++) {
            doubled = hpt_strf("%s%s%c", doubled, *at == '\'' ? "'" : "", *at);
        }
        sql = hpt_strf("%sCREATE ROLE %s LOGIN PASSWORD '%s'; ", sql, user_of(i), doubled);
    }
    free(hpt_postgres_sql(&postgres, sql));
}

static void make_redis_users(void)
{
    for (int i = 0; i < VARIANTS; i++) {
        const char *password = hpt_strf(">%s", password_of(i));
        const char *const users[] = {user_of(i), "default"};
        for (int j = 0; j < 2; j++) {
            char *out = hpt_redis_cli(
                &redis, HPT_LIST("ACL", "SETUSER", users[j], "on", password, "~*", "&*", "+@all"));
            if (strncmp(out, "OK", 2) != 0) {
                hpt_fail("ACL SETUSER %s: %s", users[j], out);
            }
            free(out);
        }
    }
}

static void start_servers(void)
{
    bool tls = hpt_probe_tls();

    hpt_postgres_create(&postgres, &(struct hpt_postgres_opts){.tls = tls});
    hpt_postgres_start(&postgres);
    make_roles();
    hpt_redis_create(&redis, &(struct hpt_redis_opts){.password = true, .tls = tls});
    hpt_redis_start(&redis);
    make_redis_users();
    hpt_redis_create(
        &other_redis,
        &(struct hpt_redis_opts){.password = true, .tls = tls, .config = hpt_redis_acl_users});
    hpt_redis_start(&other_redis);
    hpt_certs();
    echo_start_http(&plain_http, false, "HTTP/1.1 200 fine\r\nContent-Length: 0\r\n\r\n");
}

/* --- rows ------------------------------------------------------------------------------------- */

enum factor {
    FACTOR_PLACE,
    FACTOR_VARIANT,
    FACTOR_ENCODING,
    FACTOR_DELIVERY,
    FACTOR_BEHAVIOUR,
    FACTOR_FORM,
    FACTOR_FORMAT,
    FACTOR_MODE,
    FACTOR_TLS,
    FACTOR_NAMING,
    FACTOR_COUNT,
};

struct row {
    enum place place;
    int variant;
    enum encoding encoding;
    enum delivery delivery;
    enum behaviour behaviour;
    int form;
    enum format format;
    enum mode mode;
    bool tls;
    enum naming naming;
};

static struct row row_of(const struct pairs_row *pairs)
{
    return (struct row){
        .place = (enum place)pairs->level[FACTOR_PLACE],
        .variant = pairs->level[FACTOR_VARIANT],
        .encoding = (enum encoding)pairs->level[FACTOR_ENCODING],
        .delivery = (enum delivery)pairs->level[FACTOR_DELIVERY],
        .behaviour = (enum behaviour)pairs->level[FACTOR_BEHAVIOUR],
        .form = pairs->level[FACTOR_FORM],
        .format = (enum format)pairs->level[FACTOR_FORMAT],
        .mode = (enum mode)pairs->level[FACTOR_MODE],
        .tls = pairs->level[FACTOR_TLS] == 1,
        .naming = (enum naming)pairs->level[FACTOR_NAMING],
    };
}

static const char *describe(const struct row *row)
{
    return hpt_strf("%s, password with %s, %s, by %s; server %s (form %d)%s%s, format %d, mode %d",
                    places[row->place].name, variants[row->variant].name,
                    encoding_names[row->encoding], delivery_names[row->delivery],
                    behaviour_names[row->behaviour], row->form, row->tls ? ", TLS" : "",
                    naming_names[row->naming], (int)row->format, (int)row->mode);
}

static bool is_echo(enum behaviour behaviour)
{
    return behaviour >= ECHOES_RAW && behaviour <= ECHOES_BASE64;
}

static bool holds_any(const char *text, const char *set)
{
    return strpbrk(text, set) != NULL;
}

/*
 * The exceptions are not secrets by the contract: the user of a target with a password, the path
 * and host of an HTTP target (a raw "?" or "#" in a user ends its host), names of parameters that
 * do not follow a password, a value of less than eight bytes in a query.
 */
static bool is_secret(const struct row *row)
{
    const char *password = password_of(row->variant);

    if (row->encoding != ENCODING_RAW) {
        return true;
    }
    switch ((int)row->place) {
    case PLACE_HTTP_PASSWORD:
        return variants[row->variant].before[0] != '8';
    case PLACE_HTTP_USER:
        return !holds_any(password, ":/?#");
    case PLACE_HTTP_QUERY:
        return !holds_any(password, "#&");
    case PLACE_REDIS_USERNAME:
        return !holds_any(password, "&");
    default:
        return true;
    }
}

static bool is_valid(const struct pairs_row *pairs)
{
    struct row row = row_of(pairs);
    enum kind kind = places[row.place].kind;

    if (row.encoding == ENCODING_PLACEHOLDER && row.delivery != BY_FLAG &&
        row.delivery != BY_TWIN) {
        return false;
    }
    if (row.delivery >= BY_APP && places[row.place].app == NULL) {
        return false;
    }
    /* The application's own variables give no names, and a flag beside a variable replaces it. */
    if (row.naming != UNNAMED && row.delivery >= BY_APP) {
        return false;
    }
    if (row.naming == NAMED_BESIDE_ANOTHER && places[row.place].grammar != GRAMMAR_NONE &&
        row.delivery >= BY_TWIN) {
        return false;
    }
    /* These are never sent to a server. */
    if (is_echo(row.behaviour) && row.place == PLACE_REDIS_USERNAME) {
        return false;
    }
    if (is_echo(row.behaviour) && row.place == PLACE_HTTP_USER && row.behaviour != ECHOES_BASE64) {
        return false;
    }
    if (row.behaviour == ECHOES_BASE64 &&
        (kind != KIND_HTTP || places[row.place].grammar != GRAMMAR_USERINFO)) {
        return false;
    }
    if (row.mode == MODE_READY && kind == KIND_REDIS) {
        return false;
    }
    return is_secret(&row);
}

static struct pairs_row *rows;
static size_t row_count;

static void make_rows(void)
{
    static const int levels[FACTOR_COUNT] = {
        PLACE_COUNT, VARIANTS, ENCODING_COUNT, DELIVERY_COUNT, BEHAVIOUR_COUNT, FORMS, FORMAT_COUNT,
        MODE_COUNT,  2,        NAMING_COUNT};
    size_t impossible = 0;

    row_count = pairs_make(levels, FACTOR_COUNT, is_valid, &rows, &impossible);
    hpt_diag("%zu rows, %zu impossible pairs", row_count, impossible);
}

/* --- the meaning of a password ---------------------------------------------------------------- */

static const char *encode_all(const char *text)
{
    const char *encoded = "";

    for (; *text != '\0'; text++) {
        encoded = hpt_strf("%s%%%02x", encoded, (unsigned)(unsigned char)*text);
    }
    return encoded;
}

/* As JSON or HTML has what is not a letter or digit; no character takes over two bytes. */
static const char *escape(const char *text, bool as_html)
{
    const char *escaped = "";

    for (; *text != '\0'; text++) {
        unsigned code = (unsigned)(unsigned char)*text;
        char piece[16] = {*text};

        if (code >= 0xC0) {
            text++;
            code = (code & 0x1F) << 6 | ((unsigned)(unsigned char)*text & 0x3F);
        }
        if (!isalnum((int)code)) {
            snprintf(piece, sizeof piece, as_html ? "&#%u;" : "\\u%04x", code);
        }
        escaped = hpt_strf("%s%s", escaped, piece);
    }
    return escaped;
}

static const char *encode(const char *text, enum encoding encoding)
{
    switch (encoding) {
    case ENCODING_UPPER:
        return hpt_percent_encode(text, true);
    case ENCODING_LOWER:
        return hpt_percent_encode(text, false);
    case ENCODING_ALL:
        return encode_all(text);
    case ENCODING_RAW:
    case ENCODING_PLACEHOLDER:
    case ENCODING_COUNT:
        break;
    }
    return text;
}

/* A percent sign without two digits stands for itself. */
static const char *decode(const char *text)
{
    const char *decoded = "";

    while (*text != '\0') {
        unsigned byte = (unsigned char)*text;
        int used = 1;
        if (text[0] == '%' && strspn(text + 1, "0123456789abcdefABCDEF") >= 2) {
            sscanf(text + 1, "%2x", &byte);
            used = 3;
        }
        decoded = hpt_strf("%s%c", decoded, (int)byte);
        text += used;
    }
    return decoded;
}

/*
 * The password of a URL with this text by the contract's grammar; NULL: it is invalid. Only a
 * fragment can end the text there.
 */
static const char *meaning(const char *text, enum grammar grammar)
{
    if (grammar == GRAMMAR_NONE) {
        return text;
    }
    static const char *const refused[] = {
        [GRAMMAR_USERINFO] = "/?#",
        [GRAMMAR_QUERY] = " ",
        [GRAMMAR_PARAMETER_BESIDE_USER] = "@#",
        [GRAMMAR_PARAMETER_OF_REDIS] = "@",
        [GRAMMAR_PARAMETER_OF_JDBC] = "",
    };
    if (holds_any(text, refused[grammar])) {
        return NULL;
    }
    const char *kept = hpt_strf("%.*s", (int)strcspn(text, "#"), text);
    if (strstr(kept, "%00") != NULL) {
        return NULL;
    }
    if (grammar != GRAMMAR_USERINFO) {
        kept = hpt_strf("%.*s", (int)strcspn(kept, "&"), kept);
    }
    return decode(kept);
}

enum verdict {
    VERDICT_UP,
    VERDICT_AUTH,
    VERDICT_STATUS,
    VERDICT_CONFIG,
    VERDICT_USAGE,
    VERDICT_DOWN,
    VERDICT_INTERRUPTED,
    VERDICT_KILLED,
    VERDICT_EXPLAINED
};

/* --- a run ------------------------------------------------------------------------------------ */

#define MOST 24

struct command {
    const char *args[MOST];
    size_t n_args;
    const char *env[MOST];
    size_t n_env;
};

static void add_arg(struct command *command, const char *text)
{
    if (command->n_args == MOST - 1) {
        abort();
    }
    command->args[command->n_args++] = text;
}

static void add_env(struct command *command, const char *text)
{
    if (command->n_env == MOST - 1) {
        abort();
    }
    command->env[command->n_env++] = text;
}

static const char *twin_of(const char *option)
{
    char *twin = strdup(hpt_strf("HEALTHPROBE_%s", option));

    for (char *at = twin; at != NULL && *at != '\0'; at++) {
        *at = *at == '-' ? '_' : (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    }
    return twin;
}

static const char *write_secret(const char *dir, const char *text)
{
    const char *path = hpt_strf("%s/secret", dir);

    hpt_write_file(path, hpt_strf("%s\n", text), 0644);
    return path;
}

/* @lead precedes the secret, and does not come from env: or file:. */
static void deliver(struct command *command, const struct row *row, const char *lead,
                    const char *text, const char *dir)
{
    const char *option = places[row->place].option;
    const char *twin = twin_of(option);
    const char *whole = hpt_strf("%s%s", lead, text);
    const char *by_env = hpt_strf("%senv:SOURCE_OF_IT", lead);
    bool env = row->delivery == BY_FLAG_ENV || row->delivery == BY_TWIN_ENV;

    if (env) {
        add_env(command, hpt_strf("SOURCE_OF_IT=%s", text));
    }
    switch (row->delivery) {
    case BY_FLAG:
    case BY_FLAG_ENV:
        /* Both ways to write an option. */
        if (row->variant % 2 == 0) {
            add_arg(command, hpt_strf("--%s=%s", option, env ? by_env : whole));
        } else {
            add_arg(command, hpt_strf("--%s", option));
            add_arg(command, env ? by_env : whole);
        }
        return;
    case BY_FLAG_FILE:
        add_arg(command, hpt_strf("--%s", option));
        add_arg(command, hpt_strf("%sfile:%s", lead, write_secret(dir, text)));
        return;
    case BY_TWIN:
    case BY_TWIN_ENV:
        add_env(command, hpt_strf("%s=%s", twin, env ? by_env : whole));
        return;
    case BY_TWIN_FILE:
        add_env(command, hpt_strf("%s=%sfile:%s", twin, lead, write_secret(dir, text)));
        return;
    case BY_OWN_FILE:
        add_env(command, hpt_strf("%s_FILE=%s", twin, write_secret(dir, whole)));
        return;
    case BY_APP:
        add_env(command, hpt_strf("%s=%s", places[row->place].app, whole));
        return;
    case BY_APP_FILE:
        add_env(command, hpt_strf("%s_FILE=%s", places[row->place].app, write_secret(dir, whole)));
        return;
    case DELIVERY_COUNT:
        break;
    }
}

/* What is wrong with a URL, apart from the effect of its password. */
enum fault {
    FAULT_NONE,
    FAULT_PORT,
    FAULT_PORT_TEXT,
    FAULT_BRACKET,
    FAULT_SCHEME,
    FAULT_SLASHES,
    FAULT_HOST,
    FAULT_USAGE,
    FAULT_COUNT
};

static const char *server_part(enum fault fault, int port)
{
    switch ((int)fault) {
    case FAULT_PORT:
        return "localhost:99999";
    case FAULT_PORT_TEXT:
        return hpt_strf("localhost:%dx", port);
    case FAULT_BRACKET:
        return hpt_strf("[::1:%d", port);
    case FAULT_HOST:
        return "";
    default:
        return hpt_strf("localhost:%d", port);
    }
}

static const char *scheme_part(enum fault fault, const char *scheme)
{
    if (fault == FAULT_SCHEME) {
        return hpt_strf("x%s://", scheme);
    }
    return hpt_strf("%s:%s", scheme, fault == FAULT_SLASHES ? "" : "//");
}

static const char *http_url(const struct row *row, const char *text, const char *server,
                            enum fault fault)
{
    const char *scheme = scheme_part(fault, row->tls ? "https" : "http");

    if (row->place == PLACE_HTTP_PASSWORD) {
        return hpt_strf("%s%s:%s@%s/check", scheme, user_of(row->variant), text, server);
    }
    if (row->place == PLACE_HTTP_USER) {
        return hpt_strf("%s%s@%s/check", scheme, text, server);
    }
    if (row->place == PLACE_HTTP_QUERY) {
        return hpt_strf("%s%s/check?token=%s", scheme, server, text);
    }
    return hpt_strf("%s%s/check", scheme, server);
}

static const char *database_url(const struct row *row, const char *text, const char *server,
                                const char *user, enum fault fault)
{
    const char *scheme = scheme_part(fault, row->variant % 2 == 0 ? "postgres" : "postgresql");
    const char *mode = row->tls ? "require" : "disable";

    switch ((int)row->place) {
    case PLACE_PG_PASSWORD:
        return hpt_strf("%s%s:%s@%s/app?sslmode=%s", scheme, user, text, server, mode);
    case PLACE_PG_PARAMETER:
        return hpt_strf("%s%s@%s/app?sslmode=%s&password=%s", scheme, user, server, mode, text);
    case PLACE_PG_SSLPASSWORD:
        return hpt_strf("%sapp@%s/app?sslmode=%s&password=%s&sslpassword=%s", scheme, server, mode,
                        row->behaviour == REFUSES ? "not-the-one" : HPT_PG_PASSWORD, text);
    case PLACE_PG_JDBC:
        return hpt_strf("jdbc:%s%s/app?sslmode=%s&user=%s&password=%s",
                        scheme_part(fault, "postgresql"), server, mode, user, text);
    default:
        return hpt_strf("%s%s@%s/app?sslmode=%s", scheme, user, server, mode);
    }
}

static const char *redis_url(const struct row *row, const char *text, const char *server,
                             const char *user, enum fault fault)
{
    const char *scheme = scheme_part(fault, row->tls ? "rediss" : "redis");

    switch ((int)row->place) {
    case PLACE_REDIS_PASSWORD:
        return hpt_strf("%s:%s@%s", scheme, text, server);
    case PLACE_REDIS_USER_PASSWORD:
        return hpt_strf("%s%s:%s@%s/2", scheme, user, text, server);
    case PLACE_REDIS_PARAMETER:
        return hpt_strf("%s%s/1?username=%s&password=%s", scheme, server, user, text);
    case PLACE_REDIS_USERNAME:
        return hpt_strf("%s%s?username=%s", scheme, server, text);
    default:
        return hpt_strf("%s%s@%s", scheme, user, server);
    }
}

static const char *url_of(const struct row *row, const char *text, int port, enum fault fault)
{
    const char *server = server_part(fault, port);
    const char *user = row->behaviour == REFUSES ? "app" : user_of(row->variant);

    switch (places[row->place].kind) {
    case KIND_HTTP:
        return http_url(row, text, server, fault);
    case KIND_DATABASE:
        return database_url(row, text, server, user, fault);
    case KIND_REDIS:
        return redis_url(row, text, server, user, fault);
    case KIND_COUNT:
        break;
    }
    return "";
}

static enum fault fault_of(const struct row *row)
{
    enum fault fault = (enum fault)(FAULT_PORT + row->form % (FAULT_COUNT - FAULT_PORT));

    if (row->behaviour != CANNOT_PARSE) {
        return FAULT_NONE;
    }
    /* Only an option can be misspelt. */
    return fault == FAULT_USAGE && row->delivery != BY_FLAG ? FAULT_PORT : fault;
}

/* --- peers ------------------------------------------------------------------------------------ */

/* What the server sends back: the secret that it received. */
static const char *echo_text(const struct row *row, const char *told)
{
    switch ((int)row->behaviour) {
    case ECHOES_UPPER:
        return hpt_percent_encode(told, true);
    case ECHOES_LOWER:
        return hpt_percent_encode(told, false);
    case ECHOES_ALL:
        return encode_all(told);
    case ECHOES_JSON:
        return escape(told, false);
    case ECHOES_HTML:
        return escape(told, true);
    case ECHOES_BASE64:
        return row->place == PLACE_HTTP_USER
                   ? hpt_base64(hpt_strf("%s:", told))
                   : hpt_base64(hpt_strf("%s:%s", user_of(row->variant), told));
    default:
        return told;
    }
}

static int real_port(const struct row *row, enum kind kind)
{
    const struct hpt_redis *asked = row->behaviour == REFUSES ? &other_redis : &redis;

    if (kind == KIND_DATABASE) {
        return postgres.port;
    }
    return row->tls ? asked->tls_port : asked->port;
}

/* Start the peer of this row. Returns the port. */
static int start_peer(struct peer *peer, const struct row *row, const char *told)
{
    enum kind kind = places[row->place].kind;

    if (row->behaviour == STALLS) {
        echo_start_silent(peer);
    } else if (is_echo(row->behaviour)) {
        echo_start(peer, kind, row->form % echo_forms(kind), row->tls, echo_text(row, told));
    } else if (kind == KIND_HTTP) {
        echo_start_http(peer, row->tls,
                        row->behaviour == REFUSES
                            ? "HTTP/1.1 401 no\r\nContent-Length: 2\r\n\r\nno"
                            : "HTTP/1.1 200 fine\r\nContent-Length: 0\r\n\r\n");
    } else {
        return real_port(row, kind);
    }
    return peer->port;
}

/* The other checks beside the one under test are healthy. */
static void add_others(struct command *command, enum kind kind, enum mode mode)
{
    if (mode == MODE_CHECK) {
        add_arg(command, hpt_strf("--check=%s", kind_names[kind]));
        return;
    }
    add_arg(command, mode == MODE_FULL ? "full" : "ready");
    if (kind != KIND_HTTP) {
        add_arg(command, "--http");
        add_arg(command, hpt_strf("http://127.0.0.1:%d/health", plain_http.port));
    }
    if (kind != KIND_DATABASE) {
        add_arg(command, "--database");
        add_arg(command, hpt_strf("postgres://app:%s@127.0.0.1:%d/app?sslmode=disable",
                                  HPT_PG_PASSWORD, postgres.port));
    }
    if (kind != KIND_REDIS && mode == MODE_FULL) {
        add_arg(command, "--redis");
        add_arg(command, hpt_strf("redis://:%s@127.0.0.1:%d", HPT_REDIS_PASSWORD, redis.port));
    }
}

static void add_format(struct command *command, enum format format)
{
    if (explains(format)) {
        /* For any other format `explain` prints a table. */
        add_arg(command, format == FORMAT_EXPLAIN_JSON ? "--format=json" : "--format=text");
    } else if (format == FORMAT_VERBOSE) {
        add_arg(command, "--verbose");
    } else if (formats[format].name != NULL) {
        add_arg(command, hpt_strf("--format=%s", formats[format].name));
    }
}

/* The name of the check under test. */
static const char *name_of(const struct row *row)
{
    return row->naming == UNNAMED ? kind_names[places[row->place].kind] : "main";
}

/* A healthy check of the same kind. */
static void add_another(struct command *command, enum kind kind)
{
    add_arg(command, hpt_strf("--%s", kind_names[kind]));
    if (kind == KIND_HTTP) {
        add_arg(command, hpt_strf("other=http://127.0.0.1:%d/health", plain_http.port));
    } else if (kind == KIND_DATABASE) {
        add_arg(command, hpt_strf("other=postgres://app:%s@127.0.0.1:%d/app?sslmode=disable",
                                  HPT_PG_PASSWORD, postgres.port));
    } else {
        add_arg(command,
                hpt_strf("other=redis://:%s@127.0.0.1:%d", HPT_REDIS_PASSWORD, redis.port));
    }
}

static void make_command(struct command *command, const struct row *row, const char *text, int port,
                         const char *dir)
{
    static const char *const leads[PLACE_COUNT] = {
        [PLACE_HTTP_HEADER] = "X-Token: ", [PLACE_HTTP_BEARER] = "Authorization: "};
    enum kind kind = places[row->place].kind;
    enum fault fault = fault_of(row);
    const char *url = url_of(row, text, port, fault);
    const char *lead = leads[row->place] != NULL ? leads[row->place] : "";

    if (explains(row->format)) {
        add_arg(command, "explain");
    }
    add_others(command, kind, row->mode);
    add_format(command, row->format);
    add_arg(command, "--timeout=" TIMEOUT);
    if (row->tls) {
        add_arg(command, "--ca");
        add_arg(command, hpt_certs()->ca);
    }
    if (row->naming != UNNAMED) {
        add_env(command, hpt_strf("HEALTHPROBE_LOG_FAILURES=%s/log", dir));
    }
    if (row->naming == NAMED_BESIDE_ANOTHER) {
        add_another(command, kind);
    }
    if (places[row->place].grammar != GRAMMAR_NONE) {
        text = url;
        lead = row->naming == UNNAMED ? "" : "main=";
    } else {
        add_arg(command, hpt_strf("--%s", kind_names[kind]));
        add_arg(command, row->naming == UNNAMED ? url : hpt_strf("main=%s", url));
        if (row->place == PLACE_HTTP_BEARER) {
            text = hpt_strf("Bearer %s", text);
        }
    }
    if (fault == FAULT_USAGE) {
        add_arg(command, hpt_strf("--x%s", places[row->place].option));
        add_arg(command, hpt_strf("%s%s", lead, text));
        return;
    }
    deliver(command, row, lead, text, dir);
}

/* --- assertions ------------------------------------------------------------------------------- */

static const char *basic_of(const struct row *row, const char *told)
{
    if (told == NULL) {
        return NULL;
    }
    if (row->place == PLACE_HTTP_USER) {
        return hpt_base64(hpt_strf("%s:", told));
    }
    return hpt_base64(hpt_strf("%s:%s", user_of(row->variant), told));
}

static void must_not_hold(const struct row *row, const char *what, const char *bytes, size_t len,
                          const char *told)
{
    const char *found = search_secret(bytes, len, basic_of(row, told));

    ck_assert_msg(found == NULL, "%s holds %s: [%.*s]; %s", what, found, (int)len, bytes,
                  describe(row));
}

/* Nothing may be written, least of all a core. */
static void must_be_empty(const char *dir, const struct row *row)
{
    DIR *directory = opendir(dir);
    const struct dirent *entry;

    ck_assert_ptr_nonnull(directory);
    while ((entry = readdir(directory)) != NULL) {
        ck_assert_msg(entry->d_name[0] == '.', "the probe left a file: %s; %s", entry->d_name,
                      describe(row));
    }
    closedir(directory);
}

static enum verdict verdict_of(const struct row *row, const char *told)
{
    enum kind kind = places[row->place].kind;
    bool right = told != NULL && strcmp(told, password_of(row->variant)) == 0;

    if (fault_of(row) == FAULT_USAGE) {
        return VERDICT_USAGE;
    }
    if (told == NULL || row->behaviour == CANNOT_PARSE || (row->tls && !hpt_probe_tls())) {
        return VERDICT_CONFIG;
    }
    if (explains(row->format)) {
        return VERDICT_EXPLAINED;
    }
    if (row->behaviour == STALLS) {
        return row->form % 3 == 0 ? VERDICT_KILLED : VERDICT_INTERRUPTED;
    }
    if (is_echo(row->behaviour)) {
        return VERDICT_DOWN;
    }
    if (kind == KIND_HTTP) {
        return row->behaviour == ACCEPTS ? VERDICT_UP : VERDICT_STATUS;
    }
    if (row->place == PLACE_PG_SSLPASSWORD) {
        return row->behaviour == ACCEPTS ? VERDICT_UP : VERDICT_AUTH;
    }
    return right && row->behaviour == ACCEPTS && row->place != PLACE_REDIS_USERNAME ? VERDICT_UP
                                                                                    : VERDICT_AUTH;
}

/*
 * The other formats must show the verdict; the integration tests check that they are well-formed.
 */
static const char *judge_other(const struct hpt_run *run, enum format format, enum verdict verdict)
{
    bool refused = verdict == VERDICT_CONFIG || verdict == VERDICT_USAGE;
    const char *want = verdict == VERDICT_UP ? formats[format].healthy
                       : refused             ? formats[format].refused
                                             : formats[format].unhealthy;
    bool good = tells(run, format, want) && run->err_len == 0 &&
                run->exit_status == (verdict == VERDICT_UP ? 0 : 1) &&
                (format == FORMAT_PROMETHEUS || run->out_len <= 4096) &&
                run->out[run->out_len - 1] == '\n';

    return good ? NULL : hpt_strf("not `%s`: %s", want, hpt_said(run));
}

static const char *judge_explanation(const struct hpt_run *run, enum format format,
                                     const char *check)
{
    json_t *document = json_loads(run->out, JSON_REJECT_DUPLICATES, NULL);
    bool good = run->exit_status == 0 && run->err_len == 0;

    if (format == FORMAT_EXPLAIN_JSON) {
        good = good && json_object_get(json_object_get(document, "checks"), check) != NULL;
    } else {
        good = good && strstr(run->out, hpt_strf("\n%s ", check)) != NULL;
    }
    json_decref(document);
    return good ? NULL : hpt_said(run);
}

static const char *judge(struct hpt_run *run, const struct row *row, enum verdict verdict)
{
    const char *check = name_of(row);
    /* Errors have the format of the run: with a table from `explain`, text. */
    enum format format = row->format == FORMAT_EXPLAIN        ? FORMAT_TEXT
                         : row->format == FORMAT_EXPLAIN_JSON ? FORMAT_JSON
                                                              : row->format;

    if (verdict == VERDICT_EXPLAINED) {
        return judge_explanation(run, row->format, check);
    }

    if (verdict == VERDICT_KILLED) {
        return run->term_signal != 0 && run->out_len == 0 && run->err_len == 0 ? NULL
                                                                               : hpt_said(run);
    }
    if (formats[format].name != NULL) {
        return judge_other(run, format, verdict);
    }
    switch (verdict) {
    case VERDICT_UP:
        return hpt_is_up(run, check);
    case VERDICT_AUTH:
        return hpt_is_down(run, check, "auth",
                           places[row->place].kind == KIND_DATABASE ? "28P01" : "*");
    case VERDICT_STATUS:
        return hpt_is_down(run, check, "status", "401");
    case VERDICT_CONFIG:
        return hpt_is_config(run, "");
    case VERDICT_USAGE:
        return hpt_is_usage(run, "");
    case VERDICT_INTERRUPTED:
        return hpt_is_down(run, check, "interrupted", "*");
    case VERDICT_DOWN:
    case VERDICT_KILLED:
    case VERDICT_EXPLAINED:
        break;
    }
    const char *problem = hpt_is_text(run, "status", "unhealthy");
    return problem != NULL ? problem
                           : hpt_is_text(run, hpt_strf("checks.%s.status", check), "down");
}

/* What an accepting HTTP server received; its verdict shows that a header has the right bytes. */
static void must_have_heard(const struct peer *peer, const struct row *row, const char *text,
                            const char *told)
{
    const char *line;

    if (row->place == PLACE_HTTP_QUERY && row->encoding == ENCODING_PLACEHOLDER) {
        line = hpt_strf("GET /check?token=%s ", hpt_percent_encode(told, true));
    } else if (row->place == PLACE_HTTP_QUERY) {
        line = hpt_strf("GET /check?token=%s ", text);
    } else if (row->place == PLACE_HTTP_HEADER) {
        line = hpt_strf("\r\nX-Token: %s\r\n", told);
    } else if (row->place == PLACE_HTTP_BEARER) {
        line = hpt_strf("\r\nAuthorization: Bearer %s\r\n", told);
    } else {
        line = hpt_strf("\r\nAuthorization: Basic %s\r\n", basic_of(row, told));
    }
    ck_assert_msg(peer_heard(peer, line), "the server did not receive [%s]; %s", line,
                  describe(row));
}

/* --- the run ---------------------------------------------------------------------------------- */

static void allow_core(void *arg)
{
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    const char *dir = arg;

    if (setrlimit(RLIMIT_CORE, &limit) < 0 && getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_CORE, &limit);
    }
    if (chdir(dir) < 0) {
        _exit(126);
    }
}

/* While the peer is silent: the command line can be read, and a signal tries to dump core. */
static void meanwhile(struct hpt_run *run, const struct peer *peer, const struct row *row,
                      const char *told)
{
    static const int signals[] = {SIGABRT, SIGTERM, SIGINT};
    size_t len = 0;

    for (int i = 0; i < 5000 && atomic_load(&peer->heard->connections) == 0; i++) {
        hpt_sleep_ms(1);
    }
    ck_assert_msg(atomic_load(&peer->heard->connections) > 0, "it never connected; %s",
                  describe(row));
    char *line = hpt_read_file(hpt_strf("/proc/%d/cmdline", (int)run->proc.pid), &len);
    ck_assert_msg(line != NULL && len > 0, "no command line; %s", describe(row));
    if (row->delivery != BY_FLAG || row->encoding == ENCODING_PLACEHOLDER) {
        must_not_hold(row, "the command line", line, len, told);
    }
    free(line);
    hpt_proc_signal(&run->proc, signals[row->form % 3]);
}

/* The log must be as free of secrets as the output. */
static void check_log(const struct hpt_run *run, const struct row *row, enum verdict verdict,
                      const char *path, const char *told)
{
    size_t len = 0;
    char *log = hpt_read_file(path, &len);
    bool logged = row->naming != UNNAMED && verdict != VERDICT_UP && verdict != VERDICT_KILLED &&
                  !explains(row->format);

    ck_assert_msg((log != NULL) == logged, "there is %s log; %s", log != NULL ? "a" : "no",
                  describe(row));
    if (log == NULL) {
        return;
    }
    must_not_hold(row, "the log", log, len, told);
    ck_assert_msg(row->format != FORMAT_JSON || strcmp(log, run->out) == 0,
                  "the log is not what was printed: %s; %s", log, describe(row));
    free(log);
}

/* How it is written there; @ret_told: its value, NULL if it is refused. */
static const char *write_password(struct command *command, const struct row *row, const char *dir,
                                  const char **ret_told)
{
    const char *password = password_of(row->variant);
    const char *path = hpt_strf("%s/placed", dir);

    if (row->encoding != ENCODING_PLACEHOLDER) {
        const char *text = encode(password, row->encoding);
        *ret_told = meaning(text, places[row->place].grammar);
        return text;
    }
    /* Basic authentication has no such user. */
    *ret_told = row->place == PLACE_HTTP_USER && strchr(password, ':') != NULL ? NULL : password;
    if (row->variant % 2 == 0) {
        add_env(command, hpt_strf("PLACED=%s", password));
        return "{env:PLACED}";
    }
    hpt_write_file(path, hpt_strf("%s\n", password), 0644);
    return hpt_strf("{file:%s}", path);
}

static void run_row(const struct row *row)
{
    const char *cwd = hpt_tmp_mkdir("cwd", 0777);
    const char *dir = hpt_tmp_mkdir("in", 0755);
    struct command command = {.n_args = 0};
    const char *told = NULL;
    const char *text = write_password(&command, row, dir, &told);
    enum verdict verdict = verdict_of(row, told);
    struct peer peer = {.port = 0};
    struct hpt_run run;

    /* A URL that cannot be parsed sends nothing. */
    int port = start_peer(&peer, row, told != NULL ? told : text);
    make_command(&command, row, text, port, dir);
    if (is_echo(row->behaviour)) {
        enum kind kind = places[row->place].kind;
        const char *option = echo_form_option(kind, row->form % echo_forms(kind));
        if (option != NULL) {
            add_arg(&command, option);
        }
    }
    union {
        const char *from;
        void *to;
    } arg = {.from = cwd};
    struct hpt_probe_opts opts = {
        .env = command.env, .args = command.args, .in_child = allow_core, .in_child_arg = arg.to};
    hpt_probe_start(&run, &opts);
    if (verdict == VERDICT_KILLED || verdict == VERDICT_INTERRUPTED) {
        meanwhile(&run, &peer, row, told);
    }
    hpt_probe_finish(&run, &opts);
    must_not_hold(row, "standard output", run.out, run.out_len, told);
    must_not_hold(row, "standard error", run.err, run.err_len, told);
    must_be_empty(cwd, row);
    check_log(&run, row, verdict, hpt_strf("%s/log", dir), told);
    const char *problem = judge(&run, row, verdict);
    ck_assert_msg(problem == NULL, "%s; %s", problem, describe(row));
    if (verdict == VERDICT_UP && places[row->place].kind == KIND_HTTP) {
        must_have_heard(&peer, row, text, told);
    }
    /* Not peer_stop(): it reads all of /proc to find descendants, thousands of times here. */
    hpt_proc_signal(&peer.proc, SIGKILL);
    hpt_proc_wait(&peer.proc, 5000);
    free(run.out);
    free(run.err);
    json_decref(run.report);
}

/* --- cases ------------------------------------------------------------------------------------ */

START_TEST(every_pair_of_conditions_hides_the_password_and_gets_the_verdict_right)
{
    struct row row = row_of(&rows[_i]);

    run_row(&row);
}
END_TEST

/* Each form of an answer with each password, which pairs alone would not combine. */
static void echo_every_password(enum kind kind, int form)
{
    static const enum place at[KIND_COUNT] = {PLACE_HTTP_PASSWORD, PLACE_PG_PASSWORD,
                                              PLACE_REDIS_PASSWORD};

    hpt_diag("%s, echo as %s", kind_names[kind], echo_form_name(kind, form));
    for (int i = 0; i < VARIANTS; i++) {
        struct row row = {
            .place = at[kind],
            .variant = i,
            .encoding = ENCODING_UPPER,
            .delivery = BY_FLAG_ENV,
            .behaviour = ECHOES_RAW,
            .form = form,
            .format = (enum format)(i % REPORT_FORMATS),
        };
        run_row(&row);
    }
}

START_TEST(a_password_sent_back_by_an_http_server_is_not_printed)
{
    echo_every_password(KIND_HTTP, _i);
}
END_TEST

START_TEST(a_password_sent_back_by_a_postgres_server_is_not_printed)
{
    echo_every_password(KIND_DATABASE, _i);
}
END_TEST

START_TEST(a_password_sent_back_by_a_redis_server_is_not_printed)
{
    echo_every_password(KIND_REDIS, _i);
}
END_TEST

/*
 * Header values and queries as well as passwords: the whole value, and a token alone. A third of
 * the variants each, since the cases above combine all forms and variants.
 */
START_TEST(a_token_sent_back_by_an_http_server_is_not_printed)
{
    static const enum place at[] = {PLACE_HTTP_HEADER, PLACE_HTTP_BEARER, PLACE_HTTP_QUERY};

    for (int i = _i % 3; i < VARIANTS; i += 3) {
        struct row row = {
            .place = at[_i / echo_forms(KIND_HTTP)],
            .variant = i,
            .encoding = places[at[_i / echo_forms(KIND_HTTP)]].grammar == GRAMMAR_NONE
                            ? ENCODING_RAW
                            : ENCODING_LOWER,
            .delivery = BY_FLAG_FILE,
            .behaviour = ECHOES_RAW,
            .form = _i % echo_forms(KIND_HTTP),
        };
        run_row(&row);
    }
}
END_TEST

static bool is_refusal(const struct hpt_run *run)
{
    bool refused = strstr(run->out, "\"reason\":\"config\"") != NULL ||
                   strstr(run->out, "\"reason\":\"usage\"") != NULL;

    for (int format = FORMAT_SHORT; format < REPORT_FORMATS; format++) {
        refused = refused || tells(run, (enum format)format, formats[format].refused);
    }
    return refused;
}

START_TEST(errors_do_not_repeat_the_input)
{
    const struct syntax_case *what = &syntax_cases[_i];

    /* verbose makes no difference here and stands for json. */
    for (int format = FORMAT_VERBOSE; format < FORMAT_COUNT; format++) {
        const char *cwd = hpt_tmp_mkdir("cwd", 0777);
        const char *name = explains((enum format)format) ? "json" : formats[format].name;
        struct command command = {.n_args = 0};
        struct hpt_run run;
        if (explains((enum format)format)) {
            add_arg(&command, "explain");
        }
        for (size_t i = 0; i < 6 && what->args[i] != NULL; i++) {
            add_arg(&command, what->args[i]);
        }
        add_env(&command, hpt_strf("HEALTHPROBE_FORMAT=%s", name != NULL ? name : "json"));
        for (size_t i = 0; i < 2 && what->env[i] != NULL; i++) {
            add_env(&command, what->env[i]);
        }
        union {
            const char *from;
            void *to;
        } arg = {.from = cwd};
        hpt_probe_with(&run, &(struct hpt_probe_opts){.env = command.env,
                                                      .args = command.args,
                                                      .in_child = allow_core,
                                                      .in_child_arg = arg.to});
        const char *found = search_secret(run.out, run.out_len, NULL);
        ck_assert_msg(found == NULL && run.err_len == 0, "standard output holds %s; %s", found,
                      hpt_said(&run));
        /* With two formats in a variable, judge by the first. */
        bool refused = is_refusal(&run);
        ck_assert_msg(refused && run.exit_status == 1, "it is not refused; %s", hpt_said(&run));
    }
}
END_TEST

/*
 * A password of two pieces, an "@" and an unencoded character, in every order: each cuts the URL at
 * another place.
 */
static const struct {
    const char *form; /* "%s" stands for the password */
    const char *args[2];
} cut_urls[] = {
    {"postgres://u:%s@h.invalid/db", {"--check=database"}},
    {"postgres://u:%s@h.invalid/db", {"--check=database", "--database-level=ping"}},
    {"postgres://%s@h.invalid", {"--check=database", "--database-level=ping"}},
    {"postgres://u:p@%s@h.invalid/db?a=b", {"--check=database"}},
    {"postgres://u@h.invalid/db?password=%s@", {"--check=database"}},
    {"jdbc:postgresql://u:%s@h.invalid/db", {"--check=database"}},
    {"redis://:%s@h.invalid", {"--check=redis"}},
    {"redis://u:%s@h.invalid/1", {"--check=redis"}},
    {"redis://%s@h.invalid", {"--check=redis"}},
    {"rediss://u:p@%s@h.invalid", {"--check=redis"}},
    {"redis://h.invalid?password=%s@", {"--check=redis"}},
    {"unix://u:%s@/run/socket", {"--check=redis"}},
    {"http://u:p@%s@h.invalid/x", {"--check=http"}},
    {"https://u:@%s@h.invalid/x?y", {"--check=http"}},
    {"http://@%s@h.invalid", {"--check=http"}},
};

/* Digits before the character look like a port. */
static const char *const first_pieces[] = {FIRST_HALF, "12"};

/* One of the 24 orders. */
static const char *arrange(int order, const char *first, const char *cut)
{
    const char *left[] = {first, SECOND_HALF, "@", cut};
    const char *text = "";

    for (int n = HPT_COUNT(left); n > 0; order /= n--) {
        text = hpt_strf("%s%s", text, left[order % n]);
        left[order % n] = left[n - 1];
    }
    return text;
}

static void must_be_refused(const char *url, const char *const *args, enum format format)
{
    static const char *const names[KIND_COUNT] = {"HTTP", "DATABASE", "REDIS"};
    struct command command = {.n_args = 0};
    struct hpt_run run;

    if (explains(format)) {
        add_arg(&command, "explain");
    }
    add_format(&command, format);
    for (int i = 0; i < 2 && args[i] != NULL; i++) {
        add_arg(&command, args[i]);
    }
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if (strcmp(args[0] + strlen("--check="), kind_names[kind]) == 0) {
            add_env(&command, hpt_strf("HEALTHPROBE_%s=%s", names[kind], url));
        }
    }
    hpt_probe(&run, command.env, command.args);
    const char *found = search_secret(run.out, run.out_len, NULL);
    ck_assert_msg(found == NULL && run.err_len == 0, "%s: standard output holds %s; %s", url, found,
                  hpt_said(&run));
    ck_assert_msg(is_refusal(&run) && run.exit_status == 1, "%s is not refused; %s", url,
                  hpt_said(&run));
    free(run.out);
    free(run.err);
    json_decref(run.report);
}

START_TEST(a_second_at_sign_never_cuts_a_password)
{
    static const char *const cuts[] = {"/", "?", "#"};
    const char *form = cut_urls[_i].form;
    const char *at = strstr(form, "%s");

    for (int i = 0; i < 24 * HPT_COUNT(cuts) * HPT_COUNT(first_pieces); i++) {
        const char *cut = cuts[i / 24 % HPT_COUNT(cuts)];
        const char *first = first_pieces[i / 24 / HPT_COUNT(cuts)];
        const char *url =
            hpt_strf("%.*s%s%s", (int)(at - form), form, arrange(i % 24, first, cut), at + 2);
        must_be_refused(url, cut_urls[_i].args, (enum format)(i % FORMAT_COUNT));
    }
}
END_TEST

static const struct {
    const char *text;
    bool found;
} searched[] = {
    {"error: " FIRST_HALF "!", true},
    {"error: zq7wvk", true},
    {"port 9Rm2Tb", true},
    {"%5a%71%37%57%76%4b", true},
    {"%5A%717W%76K", true},
    {"%255A%2571%2537%2557%2576%254B", true},
    {"Basic djI6WnE3V3ZLeDlSbTJUYlll", true},
    {"V3ZLeDlSbT", true},
    {"q7WvK and m2TbY", false},
    {"v2@localhost:5432/app", false},
    {"", false},
};

START_TEST(the_search_finds_pieces_and_encodings)
{
    const char *basic = hpt_base64("v2:" FIRST_HALF SECOND_HALF);
    const char *text = searched[_i].text;

    ck_assert_msg((search_secret(text, strlen(text), basic) != NULL) == searched[_i].found, "%s",
                  text);
}
END_TEST

/*
 * Without the fixture that wakes paused servers: none is paused here, and it would take most of the
 * time.
 */
static TCase *add_tcase(Suite *suite, const char *name, double timeout_s)
{
    TCase *tc = tcase_create(name);

    tcase_set_timeout(tc, timeout_s);
    suite_add_tcase(suite, tc);
    return tc;
}

static void build(Suite *suite)
{
    make_rows();
    TCase *search = add_tcase(suite, "search", 30);
    tcase_add_loop_test(search, the_search_finds_pieces_and_encodings, 0, HPT_COUNT(searched));
    TCase *syntax = add_tcase(suite, "syntax", 60);
    tcase_add_loop_test(syntax, errors_do_not_repeat_the_input, 0, syntax_case_count);
    TCase *positions = add_tcase(suite, "positions", 300);
    tcase_add_loop_test(positions, a_second_at_sign_never_cuts_a_password, 0, HPT_COUNT(cut_urls));
    TCase *echo = add_tcase(suite, "echo", 120);
    tcase_add_loop_test(echo, a_password_sent_back_by_an_http_server_is_not_printed, 0,
                        echo_forms(KIND_HTTP));
    tcase_add_loop_test(echo, a_password_sent_back_by_a_postgres_server_is_not_printed, 0,
                        echo_forms(KIND_DATABASE));
    tcase_add_loop_test(echo, a_password_sent_back_by_a_redis_server_is_not_printed, 0,
                        echo_forms(KIND_REDIS));
    tcase_add_loop_test(echo, a_token_sent_back_by_an_http_server_is_not_printed, 0,
                        3 * echo_forms(KIND_HTTP));
    TCase *pairs = add_tcase(suite, "pairs", 60);
    tcase_add_loop_test(pairs,
                        every_pair_of_conditions_hides_the_password_and_gets_the_verdict_right, 0,
                        (int)row_count);
}

int main(void)
{
    return hpt_main("secrets", start_servers, build, true);
}
