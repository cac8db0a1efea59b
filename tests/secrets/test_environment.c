/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "nginx.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"

/*
 * Only documented variables change a result. Each variable that a library or libc is known to read
 * is set to something harmful: report and exit status must be the same as without it.
 */

/* A loaded machine must not turn a verdict into a timeout. */
#define TIMEOUT "10s"

static struct hpt_postgres postgres;
static struct hpt_nginx nginx;
static struct hpt_redis redis;
static const char *key_log;

/* --- variables -------------------------------------------------------------------------------- */

/*
 * In a value, "DIR" stands for a directory with all the files that a library could read, "OTHER"
 * for a CA that signed nothing here, "DEAD" for a port that refuses.
 */
static const char *const variables[] = {
    /* libpq: PQconninfoOptions, and those in fe-connect.c, fe-secure.c and fe-misc.c. */
    "PGHOST=192.0.2.1",
    "PGHOSTADDR=192.0.2.1",
    "PGPORT=DEAD",
    "PGDATABASE=closed",
    "PGUSER=nologin",
    ("PGPASSWORD=" HPT_PG_PASSWORD),
    "PGPASSFILE=DIR/.pgpass",
    "PGSERVICE=evil",
    "PGSERVICEFILE=DIR/.pg_service.conf",
    "PGSYSCONFDIR=DIR",
    "PGOPTIONS=-c search_path=evil -c nonsense=1",
    "PGAPPNAME=evil",
    "PGCLIENTENCODING=nonsense",
    "PGDATESTYLE=nonsense",
    "PGTZ=nonsense",
    "PGGEQO=nonsense",
    "PGCONNECT_TIMEOUT=nonsense",
    "PGREALM=evil",
    "PGTTY=/dev/null",
    "PGLOCALEDIR=DIR",
    "PGSSLMODE=nonsense",
    "PGREQUIRESSL=1",
    "PGSSLNEGOTIATION=direct",
    "PGSSLCOMPRESSION=nonsense",
    "PGSSLCERT=DIR/garbage",
    "PGSSLKEY=DIR/garbage",
    "PGSSLCERTMODE=require",
    "PGSSLROOTCERT=OTHER",
    "PGSSLCRL=DIR/garbage",
    "PGSSLCRLDIR=DIR",
    "PGSSLSNI=0",
    "PGSSLMINPROTOCOLVERSION=nonsense",
    "PGSSLMAXPROTOCOLVERSION=TLSv1",
    "PGSSLKEYLOGFILE=DIR/keys",
    "PGREQUIREPEER=nobody",
    "PGREQUIREAUTH=none",
    "PGCHANNELBINDING=require",
    "PGGSSENCMODE=require",
    "PGKRBSRVNAME=evil",
    "PGGSSLIB=evil",
    "PGGSSDELEGATION=1",
    "PGTARGETSESSIONATTRS=standby",
    "PGLOADBALANCEHOSTS=nonsense",
    "PGMINPROTOCOLVERSION=nonsense",
    "PGMAXPROTOCOLVERSION=nonsense",
    "PGREPLICATION=1",
    "PGOAUTHDEBUG=UNSAFE",
    "PGOAUTHCAFILE=DIR/garbage",
    "KRB5_CONFIG=DIR/garbage",
    "KRB5CCNAME=DIR/garbage",
    /* Proxies, in curl's spelling and others. */
    "http_proxy=http://127.0.0.1:DEAD",
    "HTTP_PROXY=http://127.0.0.1:DEAD",
    "https_proxy=http://127.0.0.1:DEAD",
    "HTTPS_PROXY=http://127.0.0.1:DEAD",
    "all_proxy=socks5://127.0.0.1:DEAD",
    "ALL_PROXY=socks5h://127.0.0.1:DEAD",
    "no_proxy=*",
    "NO_PROXY=nonsense",
    "ftp_proxy=http://127.0.0.1:DEAD",
    /* libcurl and OpenSSL. */
    "CURL_HOME=DIR",
    "CURL_CA_BUNDLE=OTHER",
    "CURL_SSL_BACKEND=nonsense",
    "CURL_DEBUG=all",
    "CURL_MEMDEBUG=DIR/curl-memory",
    "CURL_ENTROPY=00000000",
    "CURL_TIME=0",
    "SSL_DIR=DIR",
    "SSL_CERT_DIR=DIR",
    "SSLKEYLOGFILE=DIR/keys",
    "OPENSSL_CONF=DIR/openssl.cnf",
    "OPENSSL_CONF_INCLUDE=DIR",
    "OPENSSL_MODULES=DIR",
    "OPENSSL_ENGINES=DIR",
    "OPENSSL_ia32cap=nonsense",
    "OPENSSL_armcap=nonsense",
    "OPENSSL_MALLOC_FAILURES=1@100",
    "OPENSSL_WIN32_UTF8=1",
    "CTLOG_FILE=DIR/garbage",
    "QLOGDIR=DIR",
    "RANDFILE=DIR/garbage",
    "REQUESTS_CA_BUNDLE=OTHER",
    "NODE_EXTRA_CA_CERTS=OTHER",
    "NODE_TLS_REJECT_UNAUTHORIZED=0",
    "GIT_SSL_NO_VERIFY=1",
    /* Redis. */
    "REDISCLI_AUTH=evil",
    "REDISCLI_RCFILE=DIR/garbage",
    "REDIS_HOST=192.0.2.1",
    /* Files below HOME. */
    "HOME=",
    "HOME=DIR",
    "HOME=DIR/unreadable",
    "HOME=DIR/garbage",
    "HOME=/nonexistent",
    "HOME=relative",
    "NETRC=DIR/.netrc",
    "XDG_CONFIG_HOME=DIR",
    "USER=nologin",
    "LOGNAME=nologin",
    /* Names. */
    "RES_OPTIONS=timeout:30 attempts:9 ndots:15 rotate use-vc",
    "LOCALDOMAIN=evil.example",
    "HOSTALIASES=DIR/aliases",
    "RES_CONF=DIR/garbage",
    "RESOLV_HOST_CONF=DIR/garbage",
    "RESOLV_MULTI=off",
    "NSS_WRAPPER_HOSTS=DIR/aliases",
    /* The loader and malloc. */
    "LD_PRELOAD=/nonexistent/evil.so",
    "LD_LIBRARY_PATH=DIR",
    "LD_AUDIT=/nonexistent/evil.so",
    "LD_DEBUG=all",
    "LD_DEBUG_OUTPUT=DIR/ld-debug",
    "LD_SHOW_AUXV=1",
    "LD_TRACE_LOADED_OBJECTS=1",
    "LD_BIND_NOW=1",
    "LD_PROFILE=libc.so.6",
    "LD_PROFILE_OUTPUT=DIR",
    "LD_USE_LOAD_BIAS=1",
    "GCONV_PATH=DIR",
    "GETCONF_DIR=DIR",
    "LOCPATH=DIR",
    "NLSPATH=DIR/%N",
    "MUSL_LOCPATH=DIR",
    "GLIBC_TUNABLES=glibc.malloc.check=3:glibc.malloc.tcache_count=0",
    "MALLOC_CHECK_=3",
    "MALLOC_PERTURB_=165",
    "MALLOC_ARENA_MAX=1",
    "MALLOC_TOP_PAD_=99999999999",
    "MALLOC_MMAP_THRESHOLD_=1",
    "MALLOC_TRACE=DIR/malloc-trace",
    "LIBC_FATAL_STDERR_=1",
    /* Language and time. */
    "TZ=:DIR/garbage",
    "TZ=nonsense-99:99:99,J999",
    "TZDIR=DIR",
    "LANG=de_DE.UTF-8",
    "LC_ALL=tr_TR.ISO-8859-9",
    "LC_NUMERIC=de_DE.UTF-8",
    "LC_MESSAGES=de_DE",
    "LC_CTYPE=C.UTF-8",
    "LANGUAGE=de:fr",
    "DATEMSK=DIR/garbage",
    /* Shells, terminals, directories. */
    "PATH=DIR",
    "IFS=.:/",
    "ENV=DIR/garbage",
    "BASH_ENV=DIR/garbage",
    "SHELLOPTS=xtrace",
    "POSIXLY_CORRECT=1",
    "TMPDIR=/nonexistent",
    "TEMP=DIR",
    "PWD=/nonexistent",
    "TERM=nonsense",
    "COLUMNS=1",
    "NO_COLOR=1",
    "CLICOLOR_FORCE=1",
    /* Set by engines and orchestrators. */
    "NOTIFY_SOCKET=DIR/notify",
    "LISTEN_FDS=3",
    "KUBERNETES_SERVICE_HOST=192.0.2.1",
    "HEALTHPROBE_PORT=tcp://192.0.2.1:80",
    "HEALTHPROBE_SERVICE_HOST=192.0.2.1",
    "HEALTHPROBE_PORT_80_TCP=tcp://192.0.2.1:80",
    "HEALTHPROBE_NONSENSE=nonsense",
};

#define VARIABLES HPT_COUNT(variables)

static const char *dir;

static const char *replace(const char *text, const char *word, const char *by)
{
    const char *at = strstr(text, word);

    return at == NULL ? text : hpt_strf("%.*s%s%s", (int)(at - text), text, by, at + strlen(word));
}

/* A dynamic executable's loader and C library obey these before main() runs. */
static bool precedes_main(const char *text)
{
    return strncmp(text, "LD_", 3) == 0 || strncmp(text, "MALLOC_", 7) == 0;
}

static const char *variable(int i)
{
    static int dead;

    if (!hpt_probe_static() && precedes_main(variables[i])) {
        return "";
    }
    if (dead == 0) {
        dead = hpt_net_refusing_port();
    }
    const char *text = replace(variables[i], "DIR", dir);
    text = replace(text, "OTHER", hpt_certs()->other_ca);
    return replace(text, "DEAD", hpt_strf("%d", dead));
}

static void put(const char *name, const char *text, mode_t mode)
{
    const char *path = hpt_strf("%s/%s", dir, name);

    hpt_write_file(path, text, mode);
}

/* Every file below HOME that a library could read and that would change a result. */
static void make_files(void)
{
    dir = hpt_tmp_mkdir("home", 0755);
    key_log = hpt_strf("%s/keys", dir);
    put(".netrc", "machine localhost login evil password evil\ndefault login evil password evil\n",
        0600);
    put(".pgpass", "*:*:*:*:" HPT_PG_PASSWORD "\n", 0600);
    put(".pg_service.conf", "[evil]\nhost=192.0.2.1\nport=1\nsslmode=verify-full\n", 0644);
    put("pg_service.conf", "[evil]\nhost=192.0.2.1\n", 0644);
    put(".curlrc", "proxy = \"http://127.0.0.1:1\"\nuser = \"evil:evil\"\n", 0644);
    put("openssl.cnf",
        "openssl_conf = all\n[all]\nssl_conf = ssl\nproviders = providers\n[ssl]\n"
        "system_default = tls\n[tls]\nMinProtocol = TLSv1.3\nMaxProtocol = TLSv1.1\n"
        "CipherString = NULL\n[providers]\nnull = null\n[null]\nactivate = 1\n",
        0644);
    put("aliases", "localhost evil.example\n", 0644);
    put("garbage", "neither a certificate nor anything else\n", 0644);
    const char *home = hpt_strf("%s/.postgresql", dir);
    if (mkdir(home, 0755) < 0) {
        hpt_fail("cannot make %s", home);
    }
    char *other = hpt_read_file(hpt_certs()->other_ca, NULL);
    put(".postgresql/root.crt", other, 0644);
    put(".postgresql/root.crl", "no list\n", 0644);
    put(".postgresql/postgresql.crt", "no certificate\n", 0644);
    put(".postgresql/postgresql.key", "no key\n", 0600);
    free(other);
    const char *unreadable = hpt_strf("%s/unreadable", dir);
    if (mkdir(unreadable, 0000) < 0) {
        hpt_fail("cannot make %s", unreadable);
    }
}

/* --- scenarios -------------------------------------------------------------------------------- */

/* With names instead of addresses, since variables affect resolvers too. */
static const char *http_url(const char *scheme, int port)
{
    return hpt_strf("%s://localhost:%d/health", scheme, port);
}

#define ARGS_MAX 16

enum scenario {
    PLAIN,
    WITHOUT_PASSWORDS, /* which files below HOME would provide */
    REFUSED,           /* with a message that a locale could change */
    BY_SOCKET,
    TLS_VERIFIED,
    TLS_UNVERIFIED,
    TLS_UNTRUSTED, /* by a CA that a variable could name */
    SCENARIOS,
};

static const char *const scenario_names[] = {
    "plain", "without passwords", "refused",         "by socket",
    "TLS",   "TLS, not verified", "TLS, not trusted"};

static void list_args(enum scenario scenario, const char *args[ARGS_MAX])
{
    const char *app = "postgres://app:" HPT_PG_PASSWORD "@localhost";
    const char *http = http_url("http", nginx.port);
    const char *https = http_url("https", nginx.tls_port);
    const char *database = "";
    const char *cache = hpt_strf("redis://:%s@localhost:%d/1", HPT_REDIS_PASSWORD, redis.port);
    const char *secure = hpt_strf("rediss://:%s@localhost:%d", HPT_REDIS_PASSWORD, redis.tls_port);
    const char *ca = "";
    size_t n = 0;

    args[n++] = "full";
    args[n++] = "--timeout=" TIMEOUT;
    switch (scenario) {
    case PLAIN:
        database = hpt_strf("%s:%d/app?sslmode=disable", app, postgres.port);
        break;
    case WITHOUT_PASSWORDS:
        database = hpt_strf("postgres://app@localhost:%d/app", postgres.port);
        cache = hpt_strf("redis://localhost:%d", redis.port);
        break;
    case REFUSED:
        http = hpt_strf("http://localhost:%d/status/503", nginx.port);
        database = hpt_strf("postgres://app:wrong@localhost:%d/app", postgres.port);
        cache = hpt_strf("redis://:wrong@localhost:%d", redis.port);
        break;
    case BY_SOCKET:
        database = hpt_strf("postgres://app:" HPT_PG_PASSWORD "@/app?host=%s&port=%d",
                            postgres.sockets, postgres.port);
        cache = hpt_strf("unix://:%s@%s", HPT_REDIS_PASSWORD, redis.socket);
        args[n++] = hpt_strf("--http-unix=%s", nginx.socket);
        break;
    case TLS_VERIFIED:
        http = https;
        database = hpt_strf("%s:%d/app?sslmode=verify-full", app, postgres.port);
        cache = secure;
        ca = hpt_certs()->ca;
        break;
    case TLS_UNVERIFIED:
        http = https;
        database = hpt_strf("%s:%d/app?sslmode=require", app, postgres.port);
        cache = secure;
        args[n++] = "--http-insecure";
        args[n++] = "--redis-insecure";
        break;
    case TLS_UNTRUSTED:
        http = https;
        database = hpt_strf("%s:%d/app?sslmode=verify-ca", app, postgres.port);
        cache = secure;
        ca = hpt_certs()->other_ca;
        break;
    case SCENARIOS:
        break;
    }
    if (ca[0] != '\0') {
        args[n++] = hpt_strf("--ca=%s", ca);
    }
    args[n++] = hpt_strf("--http=%s", http);
    args[n++] = hpt_strf("--database=%s", database);
    args[n++] = hpt_strf("--redis=%s", cache);
    args[n] = NULL;
}

/* The report without the parts that vary from run to run. */
static const char *what_is_said(struct hpt_run *run)
{
    const char *problem = hpt_is_report(run);
    const char *name;
    json_t *check;

    ck_assert_msg(problem == NULL, "%s", problem);
    json_object_del(run->report, "latency");
    json_object_del(run->report, "timestamp");
    json_object_del(run->report, "uptime");
    json_object_foreach(json_object_get(run->report, "checks"), name, check)
    {
        json_object_del(check, "latency");
    }
    char *text = json_dumps(run->report, JSON_COMPACT);
    const char *said = hpt_strf("exit %d: %s", run->exit_status, text);
    free(text);
    return said;
}

static const char *run_with(enum scenario scenario, const char *const *env)
{
    const char *args[ARGS_MAX];
    struct hpt_run run;

    list_args(scenario, args);
    unlink(key_log); /* left by a failed test */
    hpt_probe(&run, env, args);
    ck_assert_msg(access(key_log, F_OK) < 0, "a key log was written");
    const char *said = what_is_said(&run);
    free(run.out);
    free(run.err);
    json_decref(run.report);
    return said;
}

/*
 * The result of a scenario without variables. The first test that needs it finds out and saves it
 * for the others, which are separate processes.
 */
static const char *expected(enum scenario scenario)
{
    const char *path = hpt_strf("%s/expected.%d", hpt_tmpdir(), (int)scenario);
    const char *said = hpt_read_file(path, NULL);

    if (said == NULL) {
        said = run_with(scenario, HPT_NONE);
        hpt_write_file(path, said, 0644);
    }
    return said;
}

static bool is_left_out(enum scenario scenario)
{
    return scenario >= TLS_VERIFIED && !hpt_probe_tls();
}

/*
 * Scenarios in which variables are tried one at a time; the others get all of them together. In
 * each of these a variable could do harm: a login, a refusal, and a missing password.
 */
static bool is_asked_alone(enum scenario scenario)
{
    if (is_left_out(scenario)) {
        return false;
    }
    switch (scenario) {
    case WITHOUT_PASSWORDS:
    case REFUSED:
    case TLS_VERIFIED:
    case TLS_UNVERIFIED:
        return true;
    case PLAIN:
    case BY_SOCKET:
        return !hpt_probe_tls();
    case TLS_UNTRUSTED:
    case SCENARIOS:
        break;
    }
    return false;
}

static void must_be_as_without(enum scenario scenario, const char *const *env, const char *what)
{
    const char *want = expected(scenario);
    const char *said = run_with(scenario, env);

    ck_assert_msg(strcmp(said, want) == 0, "%s, %s: [%s] instead of [%s]", what,
                  scenario_names[scenario], said, want);
}

static void start_servers(void)
{
    bool tls = hpt_probe_tls();

    hpt_certs();
    make_files();
    hpt_postgres_create(&postgres, &(struct hpt_postgres_opts){.tls = tls});
    hpt_postgres_start(&postgres);
    hpt_nginx_create(&nginx);
    hpt_nginx_start(&nginx);
    hpt_redis_create(&redis, &(struct hpt_redis_opts){.password = true, .tls = tls});
    hpt_redis_start(&redis);
}

/* --- cases ------------------------------------------------------------------------------------ */

static const struct {
    enum scenario scenario;
    const char *holds[3];
} first[] = {
    {PLAIN, {"exit 0: ", "\"status\":\"healthy\""}},
    {WITHOUT_PASSWORDS, {"exit 1: ", "\"summary\":\"database auth, redis auth NOAUTH\""}},
    {REFUSED, {"exit 1: ", "\"summary\":\"http status 503, database auth 28P01, redis auth"}},
    {BY_SOCKET, {"exit 0: ", "\"status\":\"healthy\""}},
    {TLS_VERIFIED, {"exit 0: ", "\"status\":\"healthy\""}},
    {TLS_UNVERIFIED, {"exit 0: ", "not verified"}},
    {TLS_UNTRUSTED, {"exit 1: ", "\"summary\":\"http tls, database tls, redis tls\""}},
};

START_TEST(without_variables_each_run_ends_as_expected)
{
    if (is_left_out(first[_i].scenario)) {
        return;
    }
    const char *said = expected(first[_i].scenario);
    for (int i = 0; i < 3 && first[_i].holds[i] != NULL; i++) {
        ck_assert_msg(strstr(said, first[_i].holds[i]) != NULL, "%s: %s",
                      scenario_names[first[_i].scenario], said);
    }
}
END_TEST

START_TEST(no_variable_changes_a_result)
{
    const char *text = variable(_i);

    for (int scenario = 0; scenario < SCENARIOS; scenario++) {
        if (is_asked_alone((enum scenario)scenario)) {
            must_be_as_without((enum scenario)scenario, HPT_LIST(text), variables[_i]);
        }
    }
}
END_TEST

START_TEST(all_variables_together_change_no_result)
{
    const char *env[VARIABLES + 1];

    for (int i = 0; i < VARIABLES; i++) {
        env[i] = variable(i);
    }
    env[VARIABLES] = NULL;
    if (!is_left_out((enum scenario)_i)) {
        must_be_as_without((enum scenario)_i, env, "all variables");
    }
}
END_TEST

START_TEST(all_variables_together_change_nothing_that_a_server_sees)
{
    const char *env[VARIABLES + 1];

    for (int i = 0; i < VARIABLES; i++) {
        env[i] = variable(i);
    }
    env[VARIABLES] = NULL;
    run_with(PLAIN, env);
    json_t *request = hpt_nginx_request(&nginx, "/health");
    ck_assert_ptr_nonnull(request);
    ck_assert_str_eq(json_string_value(json_object_get(request, "authorization")), "");
    ck_assert_str_eq(json_string_value(json_object_get(request, "host")),
                     hpt_strf("localhost:%d", nginx.port));
    json_decref(request);
    ck_assert(hpt_postgres_logged(&postgres, "app=healthprobe user=app db=app"));
    ck_assert(!hpt_postgres_logged(&postgres, "app=evil"));
    ck_assert(!hpt_postgres_logged(&postgres, "user=nologin"));
}
END_TEST

/* Environments with the same name twice, or with entries that are not variables. */
static const char *const odd_entries[] = {
    "", "=", "=evil", "NO_EQUALS", "PATH", "\xff\xfe=\xff", "HOME", "PGHOST"};

START_TEST(malformed_variables_change_no_result)
{
    must_be_as_without(PLAIN, HPT_LIST(odd_entries[_i], odd_entries[_i]), odd_entries[_i]);
}
END_TEST

START_TEST(no_variable_creates_a_file)
{
    static const char *const made[] = {"keys", "curl-memory", "malloc-trace", "ld-debug",
                                       "libc.so.6.profile"};

    for (int i = 0; i < HPT_COUNT(made); i++) {
        ck_assert_msg(access(hpt_strf("%s/%s", dir, made[i]), F_OK) < 0, "%s was created", made[i]);
    }
}
END_TEST

static void build(Suite *suite)
{
    /* Without the fixture that wakes paused servers: none is paused here. */
    TCase *tc = tcase_create("environment");

    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);
    tcase_add_loop_test(tc, without_variables_each_run_ends_as_expected, 0, SCENARIOS);
    tcase_add_loop_test(tc, no_variable_changes_a_result, 0, VARIABLES);
    tcase_add_loop_test(tc, all_variables_together_change_no_result, 0, SCENARIOS);
    tcase_add_test(tc, all_variables_together_change_nothing_that_a_server_sees);
    tcase_add_loop_test(tc, malformed_variables_change_no_result, 0, HPT_COUNT(odd_entries));
    tcase_add_test(tc, no_variable_creates_a_file);
}

int main(void)
{
    return hpt_main("environment", start_servers, build, true);
}
