// SPDX-License-Identifier: MIT
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "net.h"
#include "postgres.h"
#include "probe.h"

/* The database check against a real Postgres without TLS. */

static struct hpt_postgres pg;

static const char hba[] = "local all postgres trust\n"
                          "local all all scram-sha-256\n"
                          "host gssonly all all gss\n"
                          "host rejected all all reject\n"
                          "host trusted all all trust\n"
                          "host all odd all password\n"
                          "host all md5user all md5\n"
                          "host all all all scram-sha-256\n";

#define TEN "0123456789"

/* SCRAM hashes a password after SASLprep (RFC 4013): strings that look the same are equal. */
static const struct {
    const char *role, *stored, *given;
} prepared[] = {
    {"composed", "caf\xC3\xA9", "cafe\xCC\x81"},
    {"compatible", "123 fi", "\xE2\x91\xA0\xEF\xBC\x92\xEF\xBC\x93\xC2\xA0\xEF\xAC\x81"},
    {"syllable", "\xED\x95\x9C", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"},
    /* Longer than one block of the hash. */
    {"longest", TEN TEN TEN TEN TEN TEN TEN TEN, TEN TEN TEN TEN TEN TEN TEN TEN},
};

static void start_servers(void)
{
    hpt_postgres_create(
        &pg, &(struct hpt_postgres_opts){.hba = hba, .settings = HPT_LIST("log_statement=all")});
    hpt_postgres_start(&pg);
    free(hpt_postgres_sql(&pg, "CREATE DATABASE trusted"));
    for (size_t i = 0; i < HPT_COUNT(prepared); i++) {
        free(hpt_postgres_sql(&pg, hpt_strf("CREATE ROLE %s LOGIN PASSWORD '%s'", prepared[i].role,
                                            prepared[i].stored)));
    }
}

static const char *url_at(int port, const char *rest)
{
    return hpt_strf("postgresql://app:%s@127.0.0.1:%d%s", HPT_PG_PASSWORD, port, rest);
}

static const char *url(const char *rest)
{
    return url_at(pg.port, rest);
}

/* `--check database` alone: the mode does not matter then. */
static void probe_database(struct hpt_run *run, const char *target)
{
    hpt_probe(run, HPT_NONE, HPT_LIST("ready", "--check", "database", "--database", target));
}

static void probe_level(struct hpt_run *run, const char *target, const char *level)
{
    hpt_probe(
        run, HPT_NONE,
        HPT_LIST("ready", "--check", "database", "--database", target, "--database-level", level));
}

static const char *level_of(int i)
{
    static const char *const levels[] = {"ping", "login", "query"};

    return levels[i];
}

START_TEST(a_database_that_answers_is_up)
{
    struct hpt_run run;

    probe_database(&run, url("/app"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@127.0.0.1:%d/app", pg.port)));
}
END_TEST

START_TEST(every_level_is_up)
{
    struct hpt_run run;

    probe_level(&run, url("/app"), level_of(_i));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(the_database_defaults_to_the_user)
{
    struct hpt_run run;
    const char *const rests[] = {"", "/"};

    probe_database(&run, url(rests[_i]));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@127.0.0.1:%d/app", pg.port)));
}
END_TEST

static const char *const schemes[] = {
    "postgres://",
    "postgresql://",
    "postgresql+asyncpg://",
    "postgresql+psycopg2://",
    "postgres+any://",
    "pgsql://",
    "postgis://",
    "ecto://",
    "cockroachdb://",
};

START_TEST(every_common_scheme_is_understood)
{
    struct hpt_run run;

    probe_database(&run,
                   hpt_strf("%sapp:%s@127.0.0.1:%d/app", schemes[_i], HPT_PG_PASSWORD, pg.port));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_has_text(&run, "checks.database.target", hpt_strf("app@127.0.0.1:%d/app", pg.port)));
}
END_TEST

START_TEST(a_jdbc_url_has_user_and_password_as_parameters)
{
    struct hpt_run run;

    probe_database(&run, hpt_strf("jdbc:postgresql://127.0.0.1:%d/app?user=app&password=%s",
                                  pg.port, HPT_PG_PASSWORD));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_has_text(&run, "checks.database.target", hpt_strf("app@127.0.0.1:%d/app", pg.port)));
}
END_TEST

START_TEST(an_awkward_password_is_percent_encoded)
{
    struct hpt_run run;

    /* The password goes in cleartext, so the server compares it byte by byte. */
    probe_database(&run, hpt_strf("postgresql://odd:%s@127.0.0.1:%d/odd",
                                  hpt_percent_encode(HPT_PG_ODD_PASSWORD, _i == 0), pg.port));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(a_raw_password_may_hold_characters_that_do_not_end_it)
{
    struct hpt_run run;

    probe_database(&run,
                   hpt_strf("postgresql://raw:%s@127.0.0.1:%d/app", HPT_PG_RAW_PASSWORD, pg.port));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(a_password_option_completes_the_url)
{
    struct hpt_run run;
    const char *target = hpt_strf("postgresql://odd@127.0.0.1:%d/odd", pg.port);
    const char *file = hpt_strf("%s/password.%d", hpt_tmpdir(), _i);
    const char *const flags[] = {HPT_PG_ODD_PASSWORD, "env:SECRET", hpt_strf("file:%s", file)};
    const char *const twins[] = {
        "HEALTHPROBE_DATABASE_PASSWORD=" HPT_PG_ODD_PASSWORD,
        "HEALTHPROBE_DATABASE_PASSWORD=env:SECRET",
        hpt_strf("HEALTHPROBE_DATABASE_PASSWORD=file:%s", file),
        hpt_strf("HEALTHPROBE_DATABASE_PASSWORD_FILE=%s", file),
    };

    hpt_write_file(file, HPT_PG_ODD_PASSWORD "\n", 0644);
    if (_i < 3) {
        hpt_probe(&run, HPT_LIST("SECRET=" HPT_PG_ODD_PASSWORD),
                  HPT_LIST("ready", "--check", "database", "--database", target,
                           "--database-password", flags[_i]));
    } else {
        hpt_probe(&run, HPT_LIST("SECRET=" HPT_PG_ODD_PASSWORD, twins[_i - 3]),
                  HPT_LIST("ready", "--check", "database", "--database", target));
    }
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(a_password_is_normalized_as_the_server_does_it)
{
    struct hpt_run run;
    const char *given = hpt_percent_encode(prepared[_i].given, true);

    probe_database(
        &run, hpt_strf("postgresql://%s:%s@127.0.0.1:%d/app", prepared[_i].role, given, pg.port));
    HPT_OK(hpt_is_healthy(&run, "database"));
    probe_database(
        &run, hpt_strf("postgresql://%s:%s.@127.0.0.1:%d/app", prepared[_i].role, given, pg.port));
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
}
END_TEST

START_TEST(passwords_stored_as_md5_work)
{
    struct hpt_run run;

    probe_database(
        &run, hpt_strf("postgresql://md5user:%s@127.0.0.1:%d/app", HPT_PG_MD5_PASSWORD, pg.port));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(no_password_is_needed_unless_the_server_asks)
{
    struct hpt_run run;

    probe_database(&run, hpt_strf("postgresql://app@127.0.0.1:%d/trusted", pg.port));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

/* How a login fails and how the report says so. PORT stands for the port. */
static const struct {
    const char *target;
    const char *reason;
    const char *detail;
    const char *error; /* a part of it; NULL: any */
} failures[] = {
    {"postgresql://app:wrong-password@127.0.0.1:PORT/app", "auth", "28P01",
     "password authentication failed for user \"app\""},
    {"postgresql://app@127.0.0.1:PORT/app", "auth", "*", NULL},
    {"postgresql://nobody:wrong-password@127.0.0.1:PORT/app", "auth", "28P01", NULL},
    {"postgresql://nologin:" HPT_PG_PASSWORD "@127.0.0.1:PORT/app", "auth", "28000", "nologin"},
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:PORT/rejected", "auth", "28000", NULL},
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:PORT/gssonly", "auth", "*", NULL},
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:PORT/closed", "auth", "42501", "closed"},
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:PORT/nowhere", "missing", "3D000",
     "\"nowhere\" does not exist"},
    {"postgresql://busy:" HPT_PG_PASSWORD "@127.0.0.1:PORT/app", "capacity", "53300",
     "too many connections"},
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:PORT/app?options=-c%20nonsense_of=1", "query",
     "42704", NULL},
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:PORT/app?target_session_attrs=standby", "role",
     "*", NULL},
};

static const char *with_port(const char *text)
{
    const char *at = strstr(text, "PORT");

    return hpt_strf("%.*s%d%s", (int)(at - text), text, pg.port, at + 4);
}

START_TEST(a_failed_login_says_why)
{
    struct hpt_run run;

    hpt_probe_secret("wrong-password");
    probe_database(&run, with_port(failures[_i].target));
    HPT_OK(hpt_is_down(&run, "database", failures[_i].reason, failures[_i].detail));
    if (failures[_i].error != NULL) {
        HPT_OK(hpt_has_text(&run, "checks.database.error", failures[_i].error));
    }
}
END_TEST

/* A user with the same name as the password: the target shows that name anyway. */
START_TEST(a_password_shown_in_the_target_withholds_nothing)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("ready", "--check", "database", "--database",
                         hpt_strf("postgresql://%s:%s@127.0.0.1:%d/app", HPT_PG_PASSWORD,
                                  HPT_PG_PASSWORD, pg.port)),
        .secrets_shown = true,
    };

    hpt_probe_with(&run, &opts);
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
    HPT_OK(hpt_has_text(&run, "checks.database.error",
                        hpt_strf("failed for user \"%s\"", HPT_PG_PASSWORD)));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://%s@127.0.0.1:%d/app", HPT_PG_PASSWORD, pg.port)));

    free(hpt_postgres_sql(&pg, "CREATE ROLE shop LOGIN PASSWORD 'shop'"));
    probe_database(&run, with_port("postgresql://shop:shop@127.0.0.1:PORT/shop"));
    HPT_OK(hpt_is_down(&run, "database", "missing", "3D000"));
    HPT_OK(hpt_is_text(&run, "checks.database.error", "database \"shop\" does not exist"));
    /* Unlike the name of another database. */
    free(hpt_postgres_sql(&pg, "CREATE ROLE other LOGIN PASSWORD 'shop'"));
    probe_database(&run, with_port("postgresql://other:shop@127.0.0.1:PORT/shopping"));
    HPT_OK(hpt_is_down(&run, "database", "missing", "3D000"));
    HPT_OK(hpt_is_text(&run, "checks.database.error", "(withheld)"));
}
END_TEST

START_TEST(a_ping_needs_no_credentials)
{
    struct hpt_run run;
    const char *const targets[] = {
        "postgresql://127.0.0.1:PORT",
        "postgresql://127.0.0.1:PORT/nowhere",
        "postgresql://app:wrong-password@127.0.0.1:PORT/app",
        "postgresql://app:wrong-password@127.0.0.1:PORT/rejected",
        "postgresql://app@127.0.0.1:PORT/nowhere",
    };

    hpt_probe_secret("wrong-password");
    probe_level(&run, with_port(targets[_i]), "ping");
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

/* Any server at that address could ask for it in cleartext. */
START_TEST(a_ping_never_sends_the_password)
{
    struct hpt_run run;

    hpt_probe_secret("wrong-password");
    probe_level(&run, with_port("postgresql://pinged:wrong-password@127.0.0.1:PORT/app"), "ping");
    HPT_OK(hpt_is_healthy(&run, "database"));
    ck_assert(!hpt_postgres_logged(&pg, "password authentication failed for user \"pinged\""));
    probe_level(&run, with_port("postgresql://pinged:wrong-password@127.0.0.1:PORT/app"), "login");
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
    ck_assert(hpt_postgres_logged(&pg, "password authentication failed for user \"pinged\""));
}
END_TEST

START_TEST(above_ping_the_credentials_matter)
{
    struct hpt_run run;

    hpt_probe_secret("wrong-password");
    probe_level(&run, with_port("postgresql://app:wrong-password@127.0.0.1:PORT/app"),
                level_of(_i));
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
}
END_TEST

START_TEST(irrelevant_parameters_are_ignored_and_listed)
{
    struct hpt_run run;

    probe_database(&run, url("/app?schema=public&pgbouncer=true&connection_limit=5"
                             "&serverVersion=16&charset=utf8"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    ck_assert(hpt_lists(&run, "ignored", "schema"));
    ck_assert(hpt_lists(&run, "ignored", "pgbouncer"));
    ck_assert(hpt_lists(&run, "ignored", "connection_limit"));
    ck_assert(hpt_lists(&run, "ignored", "serverVersion"));
    ck_assert(hpt_lists(&run, "ignored", "charset"));
    ck_assert_uint_eq(json_array_size(hpt_get(&run, "ignored")), 5);
}
END_TEST

START_TEST(dropped_libpq_parameters_are_not_listed)
{
    struct hpt_run run;

    probe_database(&run, url("/app?connect_timeout=1&application_name=other&client_encoding=LATIN1"
                             "&fallback_application_name=x&service=none&passfile=/none"
                             "&replication=database"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "ignored", NULL));
}
END_TEST

START_TEST(relevant_libpq_parameters_are_kept)
{
    struct hpt_run run;
    const char *const rests[] = {
        "/app?target_session_attrs=read-write",
        "/app?keepalives=0&keepalives_idle=5",
        "/app?options=-c%20geqo%3Doff",
        "/app?require_auth=scram-sha-256",
        "/app?sslmode=disable&gssencmode=disable",
    };

    probe_database(&run, url(rests[_i]));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "ignored", NULL));
}
END_TEST

START_TEST(an_unused_required_method_is_reported_as_auth)
{
    struct hpt_run run;

    probe_database(&run, url("/app?require_auth=md5"));
    HPT_OK(hpt_is_down(&run, "database", "auth", "*"));
}
END_TEST

START_TEST(parameter_names_that_may_be_secrets_are_only_counted)
{
    struct hpt_run run;

    probe_database(&run,
                   hpt_strf("jdbc:postgresql://127.0.0.1:%d/app?user=app&schema=public&password=%s"
                            "&tail-of-it=1&more_of_it",
                            pg.port, HPT_PG_PASSWORD));
    HPT_OK(hpt_is_healthy(&run, "database"));
    ck_assert(hpt_lists(&run, "ignored", "schema"));
    HPT_OK(hpt_is_text(&run, "ignored.1", "2 not shown"));
    ck_assert_ptr_null(strstr(run.out, "of-it"));
    ck_assert_ptr_null(strstr(run.out, "of_it"));

    probe_database(&run, url("/app?a_name_of_thirty_three_characters=1&schema=x"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "ignored.0", "schema"));
    HPT_OK(hpt_is_text(&run, "ignored.1", "1 not shown"));
}
END_TEST

static bool logged_soon(const char *text)
{
    for (int i = 0; i < 200; i++) {
        if (hpt_postgres_logged(&pg, text)) {
            return true;
        }
        hpt_sleep_ms(10);
    }
    return false;
}

static char *log_after(const char *mark)
{
    char *log = hpt_read_file(pg.proc.log, NULL);
    char *at = log;

    /* The last line with the mark. */
    for (char *next = strstr(log, mark); next != NULL; next = strstr(next + 1, mark)) {
        at = next;
    }
    return at;
}

START_TEST(the_session_is_one_statement_and_ends_properly)
{
    struct hpt_run run;

    free(hpt_postgres_sql(&pg, "select 'mark of the session'"));
    probe_database(&run, url("/app"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    ck_assert(logged_soon("disconnection: session time"));
    hpt_sleep_ms(300);

    const char *log = log_after("mark of the session");
    ck_assert_ptr_nonnull(strstr(log, "application_name=healthprobe"));
    const char *statement = strstr(log, "app=healthprobe user=app db=app LOG:  statement: ");
    ck_assert_msg(statement != NULL, "no simple statement of the probe in the log");
    ck_assert_int_eq(strncasecmp(strstr(statement, "statement: ") + 11, "SELECT 1", 8), 0);
    ck_assert_ptr_null(strstr(statement + 1, "app=healthprobe user=app db=app LOG:  statement: "));
    ck_assert_ptr_nonnull(
        strstr(log, "app=healthprobe user=app db=app LOG:  disconnection: session time"));
    ck_assert_ptr_null(strstr(log, "unexpected EOF"));
    ck_assert_ptr_null(strstr(log, "could not receive data"));
}
END_TEST

START_TEST(libpq_variables_are_ignored)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST("PGHOST=nowhere.invalid", "PGHOSTADDR=192.0.2.1", "PGPORT=1",
                       "PGSSLMODE=verify-full", "PGOPTIONS=-c nonsense_of=1", "PGUSER=nobody",
                       "PGTARGETSESSIONATTRS=standby", "PGSERVICE=none", "PGREQUIREAUTH=md5",
                       "PGPASSWORD=x", "PGDATABASE=nowhere", "PGCHANNELBINDING=require",
                       "HOME=/nonexistent"),
              HPT_LIST("ready", "--check", "database", "--database", url("/app")));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(a_host_is_a_literal_a_name_or_a_socket)
{
    struct hpt_run run;
    const char *const targets[] = {
        hpt_strf("postgresql://app:%s@localhost:%d/app", HPT_PG_PASSWORD, pg.port),
        hpt_strf("postgresql://app:%s@db.localhost:%d/app", HPT_PG_PASSWORD, pg.port),
        hpt_strf("postgresql://app:%s@/app?host=%s&port=%d", HPT_PG_PASSWORD, pg.sockets, pg.port),
        hpt_strf("postgresql://app:%s@%s:%d/app", HPT_PG_PASSWORD,
                 hpt_percent_encode(pg.sockets, true), pg.port),
        hpt_strf("postgresql://app:%s@[::1]:%d/app", HPT_PG_PASSWORD, pg.port),
    };
    const char *const wanted[] = {
        hpt_strf("postgresql://app@localhost:%d/app", pg.port),
        hpt_strf("postgresql://app@db.localhost:%d/app", pg.port),
        hpt_strf("postgresql://app@/app?host=%s", pg.sockets),
        hpt_strf("postgresql://app@/app?host=%s", pg.sockets),
        hpt_strf("postgresql://app@[::1]:%d/app", pg.port),
    };

    if (_i == 4 && !hpt_net_have_ipv6()) {
        hpt_diag("no IPv6 on loopback here");
        return;
    }
    probe_database(&run, targets[_i]);
    HPT_OK(hpt_is_healthy(&run, "database"));
    /* A socket's port may follow the directory: it is part of the socket's name. */
    HPT_OK(hpt_has_text(&run, "checks.database.target", wanted[_i]));
}
END_TEST

START_TEST(a_missing_socket_is_refused)
{
    struct hpt_run run;

    probe_level(&run, "postgresql://app:whatever-it-is@/app?host=/nowhere", level_of(_i));
    HPT_OK(hpt_is_down(&run, "database", "refused", NULL));
}
END_TEST

START_TEST(a_closed_port_is_refused)
{
    struct hpt_run run;

    probe_level(&run, url_at(hpt_net_refusing_port(), "/app"), level_of(_i));
    HPT_OK(hpt_is_down(&run, "database", "refused", NULL));
    HPT_OK(hpt_is_text(&run, "summary", "database refused"));
}
END_TEST

START_TEST(a_silent_server_times_out_at_the_limit)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       url_at(hpt_net_silent_port(), "/app?sslmode=disable"), "--database-level",
                       level_of(_i), "--database-timeout", "500ms"));
    HPT_OK(hpt_is_down(&run, "database", "timeout", "login"));
    HPT_OK(hpt_is_punctual(&run, 500));
}
END_TEST

START_TEST(a_port_that_drops_packets_times_out_while_connecting)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       url_at(hpt_net_deaf_port(), "/app"), "--timeout", "500ms"));
    HPT_OK(hpt_is_down(&run, "database", "timeout", "connect"));
    HPT_OK(hpt_is_punctual(&run, 500));
}
END_TEST

START_TEST(a_paused_server_times_out_until_it_continues)
{
    struct hpt_run run;

    hpt_proc_pause(&pg.proc);
    hpt_probe(
        &run, HPT_NONE,
        HPT_LIST("ready", "--check", "database", "--database", url("/app"), "--timeout", "600ms"));
    /* Without an sslmode, libpq first asks for TLS. */
    HPT_OK(hpt_is_down(&run, "database", "timeout", hpt_probe_tls() ? "tls|login" : "login"));
    HPT_OK(hpt_is_punctual(&run, 600));
    hpt_proc_continue(&pg.proc);
    probe_database(&run, url("/app"));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

/* Peers other than Postgres. */
static const struct {
    const char *bytes;
    bool linger;
    const char *reason;
} peers[] = {
    {"", false, "closed"},
    {"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", false, "protocol"},
    {"-ERR unknown command\r\n", true, "protocol"},
};

START_TEST(a_peer_that_is_not_postgres_is_recognized)
{
    struct hpt_run run;
    struct hpt_peer peer;

    hpt_peer_start(&peer, peers[_i].bytes, strlen(peers[_i].bytes), false, peers[_i].linger);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", url_at(peer.port, "/app"),
                       "--timeout", "3s"));
    HPT_OK(hpt_is_down(&run, "database", peers[_i].reason, NULL));
    ck_assert_double_lt(run.wall_ms, 2500);
}
END_TEST

START_TEST(a_server_is_up_only_between_start_and_stop)
{
    struct hpt_run run;
    struct hpt_postgres late;

    hpt_postgres_create(&late, &(struct hpt_postgres_opts){.standby = false});
    probe_database(&run, url_at(late.port, "/app"));
    HPT_OK(hpt_is_down(&run, "database", "refused", NULL));
    hpt_postgres_start(&late);
    probe_database(&run, url_at(late.port, "/app"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_postgres_stop(&late);
    probe_database(&run, url_at(late.port, "/app"));
    HPT_OK(hpt_is_down(&run, "database", "refused", NULL));
}
END_TEST

START_TEST(a_server_that_accepts_no_connections_yet_is_reported_as_starting)
{
    struct hpt_run run;
    struct hpt_postgres standby;

    hpt_postgres_create(&standby, &(struct hpt_postgres_opts){
                                      .standby = true, .settings = HPT_LIST("hot_standby=off")});
    hpt_postgres_start_unready(&standby);
    for (int i = 0; i < 3; i++) {
        probe_level(&run, url_at(standby.port, "/app"), level_of(i));
        HPT_OK(hpt_is_down(&run, "database", "starting", "57P03"));
    }
}
END_TEST

/*
 * One session of a service. The log shows when it exists, since asking the server would take a slot
 * itself.
 */
static void hold_session(const struct hpt_postgres *server, struct hpt_proc *session)
{
    struct hpt_spawn spawn = {
        .argv = HPT_LIST("psql", "-Xc", "select pg_sleep(60)", url_at(server->port, "/app")),
    };

    hpt_proc_start(session, &spawn);
    for (int i = 0; i < 1000; i++) {
        if (hpt_postgres_logged(server, "connection authorized: user=app database=app")) {
            return;
        }
        hpt_sleep_ms(10);
    }
    ck_abort_msg("the session is missing");
}

START_TEST(a_server_that_shuts_down_is_reported_as_stopping)
{
    struct hpt_run run;
    struct hpt_postgres ending;
    struct hpt_proc session = {.name = NULL};

    hpt_postgres_create(&ending, &(struct hpt_postgres_opts){.standby = false});
    hpt_postgres_start(&ending);
    hold_session(&ending, &session);
    /* A smart shutdown waits for the session and accepts no new ones. */
    hpt_proc_signal(&ending.proc, SIGTERM);
    for (int i = 0; i < 500; i++) {
        char code[6];
        hpt_postgres_knock(ending.port, "app", "app", code);
        if (strcmp(code, "57P03") == 0) {
            break;
        }
        hpt_sleep_ms(10);
    }
    for (int i = 0; i < 3; i++) {
        probe_level(&run, url_at(ending.port, "/app"), level_of(i));
        HPT_OK(hpt_is_down(&run, "database", "stopping", "57P03"));
    }
    hpt_proc_stop(&session);
}
END_TEST

START_TEST(a_server_without_a_free_slot_is_reported_as_capacity)
{
    struct hpt_run run;
    struct hpt_postgres full;
    struct hpt_proc session = {.name = NULL};

    hpt_postgres_create(
        &full, &(struct hpt_postgres_opts){.settings = HPT_LIST("max_connections=5",
                                                                "superuser_reserved_connections=4",
                                                                "max_wal_senders=0")});
    hpt_postgres_start(&full);
    hold_session(&full, &session);
    for (int i = 1; i < 3; i++) {
        probe_level(&run, url_at(full.port, "/app"), level_of(i));
        HPT_OK(hpt_is_down(&run, "database", "capacity", "53300"));
    }
    hpt_proc_stop(&session);
}
END_TEST

START_TEST(verbose_shows_the_time_of_each_phase)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", url("/app"), "--verbose"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    ck_assert_double_ge(hpt_number(&run, "checks.database.timings.connect"), 0);
    ck_assert_double_gt(hpt_number(&run, "checks.database.timings.login"), 0);
    ck_assert_double_gt(hpt_number(&run, "checks.database.timings.query"), 0);
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "up", 30);

    tcase_add_test(tc, a_database_that_answers_is_up);
    tcase_add_loop_test(tc, every_level_is_up, 0, 3);
    tcase_add_loop_test(tc, the_database_defaults_to_the_user, 0, 2);
    tcase_add_loop_test(tc, every_common_scheme_is_understood, 0, HPT_COUNT(schemes));
    tcase_add_test(tc, a_jdbc_url_has_user_and_password_as_parameters);
    tcase_add_loop_test(tc, an_awkward_password_is_percent_encoded, 0, 2);
    tcase_add_test(tc, a_raw_password_may_hold_characters_that_do_not_end_it);
    tcase_add_loop_test(tc, a_password_option_completes_the_url, 0, 7);
    tcase_add_loop_test(tc, a_password_is_normalized_as_the_server_does_it, 0, HPT_COUNT(prepared));
    tcase_add_test(tc, passwords_stored_as_md5_work);
    tcase_add_test(tc, no_password_is_needed_unless_the_server_asks);
    tcase_add_test(tc, a_ping_never_sends_the_password);
    tcase_add_loop_test(tc, a_ping_needs_no_credentials, 0, 5);
    tcase_add_loop_test(tc, a_host_is_a_literal_a_name_or_a_socket, 0, 5);
    tcase_add_test(tc, libpq_variables_are_ignored);
    tcase_add_test(tc, the_session_is_one_statement_and_ends_properly);
    tcase_add_test(tc, verbose_shows_the_time_of_each_phase);

    tc = hpt_tcase(suite, "parameters", 30);
    tcase_add_test(tc, irrelevant_parameters_are_ignored_and_listed);
    tcase_add_test(tc, dropped_libpq_parameters_are_not_listed);
    tcase_add_loop_test(tc, relevant_libpq_parameters_are_kept, 0, 5);
    tcase_add_test(tc, an_unused_required_method_is_reported_as_auth);
    tcase_add_test(tc, parameter_names_that_may_be_secrets_are_only_counted);

    tc = hpt_tcase(suite, "down", 30);
    tcase_add_loop_test(tc, a_failed_login_says_why, 0, HPT_COUNT(failures));
    tcase_add_loop_test(tc, above_ping_the_credentials_matter, 1, 3);
    tcase_add_test(tc, a_password_shown_in_the_target_withholds_nothing);
    tcase_add_loop_test(tc, a_missing_socket_is_refused, 0, 3);
    tcase_add_loop_test(tc, a_closed_port_is_refused, 0, 3);
    tcase_add_loop_test(tc, a_peer_that_is_not_postgres_is_recognized, 0, HPT_COUNT(peers));

    tc = hpt_tcase(suite, "time", 60);
    tcase_add_loop_test(tc, a_silent_server_times_out_at_the_limit, 0, 3);
    tcase_add_test(tc, a_port_that_drops_packets_times_out_while_connecting);
    tcase_add_test(tc, a_paused_server_times_out_until_it_continues);
    tcase_add_test(tc, a_server_is_up_only_between_start_and_stop);
    tcase_add_test(tc, a_server_that_accepts_no_connections_yet_is_reported_as_starting);
    tcase_add_test(tc, a_server_that_shuts_down_is_reported_as_stopping);
    tcase_add_test(tc, a_server_without_a_free_slot_is_reported_as_capacity);
}

int main(void)
{
    return hpt_main("database", start_servers, build, true);
}
