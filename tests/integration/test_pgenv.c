// SPDX-License-Identifier: MIT
#include <string.h>

#include "common.h"
#include "postgres.h"
#include "probe.h"

/* The variables of libpq, which are read only with --database-pgenv. */

static struct hpt_postgres pg;

static void start_servers(void)
{
    hpt_postgres_create(&pg, &(struct hpt_postgres_opts){.standby = false});
    hpt_postgres_start(&pg);
    hpt_probe_secret("wrong-password");
}

static const char *port(void)
{
    return hpt_strf("PGPORT=%d", pg.port);
}

static const char *shown(void)
{
    return hpt_strf("postgresql://app@127.0.0.1:%d/app", pg.port);
}

START_TEST(pghost_alone_makes_the_target)
{
    struct hpt_run run;
    const char *const env[] = {"PGHOST=127.0.0.1", port(),
                               "PGUSER=app",       "PGPASSWORD=" HPT_PG_PASSWORD,
                               "PGDATABASE=app",   NULL};
    const char *const checks[] = {"database", "database?"};

    hpt_probe(&run, env, HPT_LIST("ready", "--check", checks[_i], "--database-pgenv"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target", shown()));
}
END_TEST

START_TEST(a_variable_turns_pgenv_on)
{
    struct hpt_run run;
    const char *const env[] = {"PGHOST=127.0.0.1",
                               port(),
                               "PGUSER=app",
                               "PGPASSWORD=" HPT_PG_PASSWORD,
                               "HEALTHPROBE_DATABASE_PGENV=1",
                               NULL};

    hpt_probe(&run, env, HPT_LIST("ready", "--check", "database"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target", shown()));
}
END_TEST

START_TEST(without_the_option_pg_variables_are_ignored)
{
    struct hpt_run run;
    const char *const env[] = {"PGHOST=127.0.0.1", port(), "PGUSER=app",
                               "PGPASSWORD=" HPT_PG_PASSWORD, NULL};

    hpt_probe(&run, env, HPT_LIST("ready", "--check", "database"));
    HPT_OK(hpt_is_config(&run, "DATABASE_URL is not set"));
    hpt_probe(&run, env,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://app@127.0.0.1:%d/app", pg.port)));
    HPT_OK(hpt_is_down(&run, "database", "auth", NULL));
}
END_TEST

START_TEST(without_a_host_there_is_no_target)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("PGUSER=app", port()),
              HPT_LIST("ready", "--check", "database", "--database-pgenv"));
    HPT_OK(hpt_is_config(&run, "DATABASE_URL is not set"));
}
END_TEST

static const struct {
    const char *url; /* %d is the port */
    const char *variables;
} fills[] = {
    {"postgresql://app@127.0.0.1:%d", "PGPASSWORD=" HPT_PG_PASSWORD},
    {"postgresql://app@127.0.0.1:%d", "PGPASSWORD=" HPT_PG_PASSWORD "\r\n"},
    {"postgresql://127.0.0.1:%d/app", "PGUSER=app PGPASSWORD=" HPT_PG_PASSWORD},
    {"postgresql:///app", "PGHOST=127.0.0.1 PGUSER=app PGPASSWORD=" HPT_PG_PASSWORD " PGPORT=%d"},
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1", "PGPORT=%d"},
    /* The URL takes precedence. */
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:%d/app",
     "PGHOST=nowhere.invalid PGHOSTADDR=127.0.0.9 PGPORT=1 PGUSER=x PGPASSWORD=wrong-password "
     "PGDATABASE=x"},
    {"postgresql:///app?host=127.0.0.1&port=%d&user=app&password=" HPT_PG_PASSWORD,
     "PGHOST=nowhere.invalid PGHOSTADDR=127.0.0.9 PGPORT=1 PGUSER=x PGPASSWORD=wrong-password"},
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:%d/app?sslmode=disable", "PGSSLMODE=require"},
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:%d/app?target_session_attrs=any",
     "PGTARGETSESSIONATTRS=standby"},
    /* Settings that a URL may not have are not taken from variables either. */
    {"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:%d/app",
     "PGSERVICE=nowhere PGSERVICEFILE=/nowhere PGPASSFILE=/nowhere PGCONNECT_TIMEOUT=x "
     "PGAPPNAME=other PGCLIENTENCODING=nonsense PGDATESTYLE=nonsense PGTZ=nowhere PGREPLICATION=1"},
};

static const char *with_port(const char *text)
{
    const char *at = strstr(text, "%d");

    return at == NULL ? text : hpt_strf("%.*s%d%s", (int)(at - text), text, pg.port, at + 2);
}

START_TEST(the_environment_fills_what_the_url_leaves_out)
{
    struct hpt_run run;
    const char *env[16] = {NULL};
    const char *text = with_port(fills[_i].variables);

    for (int i = 0; *text != '\0'; i++) {
        size_t len = strcspn(text, " ");
        env[i] = hpt_strf("%.*s", (int)len, text);
        text += len + (text[len] == ' ');
    }
    hpt_probe(&run, env,
              HPT_LIST("ready", "--check", "database", "--database", with_port(fills[_i].url),
                       "--database-pgenv"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target", shown()));
}
END_TEST

static const struct {
    const char *variable;
    const char *reason;
    const char *detail;
} counts[] = {
    {"PGPASSWORD=wrong-password", "auth", "28P01"},
    {"PGDATABASE=nowhere", "missing", "3D000"},
    {"PGTARGETSESSIONATTRS=standby", "role", NULL},
    {"PGOPTIONS=-c nonsense.x.y", "query|protocol", "*"},
    {"PGHOSTADDR=127.0.0.9", "refused|unreachable|timeout", "*"},
};

START_TEST(a_filled_in_value_is_used)
{
    struct hpt_run run;
    bool has_password = _i == 0;
    const char *const env[] = {counts[_i].variable,
                               port(),
                               "PGUSER=app",
                               "PGHOST=127.0.0.1",
                               has_password ? NULL : "PGPASSWORD=" HPT_PG_PASSWORD,
                               NULL};

    hpt_probe(&run, env, HPT_LIST("ready", "--check", "database", "--database-pgenv"));
    HPT_OK(hpt_is_down(&run, "database", counts[_i].reason, counts[_i].detail));
}
END_TEST

/* The superuser needs no password on the socket, so the server quotes the options. */
START_TEST(pgpassword_is_a_secret)
{
    struct hpt_run run;
    const char *const env[] = {
        hpt_strf("PGHOST=%s", pg.sockets), port(), "PGUSER=postgres", "PGPASSWORD=s3cretZq9",
        "PGOPTIONS=-c s3cretZq9=1",        NULL};

    hpt_probe_secret("s3cretZq9");
    hpt_probe(&run, env, HPT_LIST("ready", "--check", "database", "--database-pgenv"));
    HPT_OK(hpt_is_text(&run, "checks.database.error", "(withheld)"));
}
END_TEST

START_TEST(a_password_option_overrides_pgpassword)
{
    struct hpt_run run;
    const char *const env[] = {"PGHOST=127.0.0.1", port(), "PGUSER=app",
                               "PGPASSWORD=wrong-password", NULL};

    hpt_probe(&run, env,
              HPT_LIST("ready", "--check", "database", "--database-pgenv", "--database-password",
                       HPT_PG_PASSWORD));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

static const struct {
    const char *variable;
    const char *message;
} wrong[] = {
    {"PGPORT=x", "PGPORT: the port is not one of 1 to 65535"},
    {"PGSSLMODE=nonsense", "PGSSLMODE: the parameter sslmode has to be disable, allow, prefer, "
                           "require, verify-ca or verify-full"},
    {"PGTARGETSESSIONATTRS=x", "PGTARGETSESSIONATTRS: the parameter target_session_attrs"},
};

START_TEST(a_wrong_variable_is_reported_by_its_name)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("PGHOST=127.0.0.1", "PGUSER=app", wrong[_i].variable),
              HPT_LIST("ready", "--check", "database", "--database-pgenv"));
    HPT_OK(hpt_is_config(&run, wrong[_i].message));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "pgenv", 60);

    tcase_add_loop_test(tc, pghost_alone_makes_the_target, 0, 2);
    tcase_add_test(tc, a_variable_turns_pgenv_on);
    tcase_add_test(tc, without_the_option_pg_variables_are_ignored);
    tcase_add_test(tc, without_a_host_there_is_no_target);
    tcase_add_loop_test(tc, the_environment_fills_what_the_url_leaves_out, 0, HPT_COUNT(fills));
    tcase_add_loop_test(tc, a_filled_in_value_is_used, 0, HPT_COUNT(counts));
    tcase_add_test(tc, pgpassword_is_a_secret);
    tcase_add_test(tc, a_password_option_overrides_pgpassword);
    tcase_add_loop_test(tc, a_wrong_variable_is_reported_by_its_name, 0, HPT_COUNT(wrong));
}

int main(void)
{
    return hpt_main("pgenv", start_servers, build, true);
}
