// SPDX-License-Identifier: MIT
#include "postgres.h"

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "probe.h"

static const char *bin_dir;
static const char *template_dir;

/* Debian keeps the programs of each version in a separate directory outside PATH. */
static void find_programs(void)
{
    glob_t found;

    if (bin_dir != NULL) {
        return;
    }
    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0) {
        char *path = found.gl_pathv[found.gl_pathc - 1];
        bin_dir = hpt_strf("%.*s/", (int)(strlen(path) - strlen("/initdb")), path);
        globfree(&found);
        return;
    }
    bin_dir = "";
}

static const char *program(const char *name)
{
    find_programs();
    return hpt_strf("%s%s", bin_dir, name);
}

/* One command per line, as single-user mode requires. */
static const char *bootstrap_sql(void)
{
    return hpt_strf("CREATE ROLE app LOGIN PASSWORD '%s'\n"
                    "CREATE ROLE odd LOGIN PASSWORD '%s'\n"
                    "CREATE ROLE raw LOGIN PASSWORD '%s'\n"
                    "CREATE ROLE nologin NOLOGIN PASSWORD '%s'\n"
                    "CREATE ROLE busy LOGIN CONNECTION LIMIT 0 PASSWORD '%s'\n"
                    "SET password_encryption = 'md5'\n"
                    "CREATE ROLE md5user LOGIN PASSWORD '%s'\n"
                    "CREATE DATABASE app OWNER app\n"
                    "CREATE DATABASE odd OWNER odd\n"
                    "CREATE DATABASE closed\n"
                    "REVOKE CONNECT ON DATABASE closed FROM PUBLIC\n",
                    HPT_PG_PASSWORD, "p@ss:w/rd#7?&%41$x+y \xc3\xbc''\"\\", HPT_PG_RAW_PASSWORD,
                    HPT_PG_PASSWORD, HPT_PG_PASSWORD, HPT_PG_MD5_PASSWORD);
}

void hpt_postgres_prepare(void)
{
    if (template_dir != NULL) {
        return;
    }
    const char *parent = hpt_tmp_mkdir("pgtemplate", 0755);
    const char *dir = hpt_strf("%s/data", parent);
    /* Segments of 1 MB and no syncing: copies are small, and nothing here need survive a crash. */
    hpt_proc_must(HPT_LIST(program("initdb"), "-D", dir, "-U", "postgres", "-E", "UTF8",
                           "--locale=C", "--auth=trust", "--no-sync", "--wal-segsize=1"),
                  true);

    const char *sql = hpt_strf("%s/bootstrap.sql", parent);
    hpt_write_file(sql, bootstrap_sql(), 0644);
    FILE *in = fopen(sql, "re");
    if (in == NULL) {
        hpt_fail("%s cannot be read", sql);
    }
    struct hpt_spawn spawn = {
        .argv = HPT_LIST(program("postgres"), "--single", "-D", dir, "-c", "fsync=off", "-c",
                         "exit_on_error=true", "postgres"),
        .as_server = true,
        .in_fd = fileno(in),
    };
    char *out = NULL;
    int status = hpt_proc_run(&spawn, 60000, &out);
    fclose(in);
    if (status != 0) {
        hpt_fail("postgres --single ended with %d: %s", status, out != NULL ? out : "");
    }
    free(out);
    hpt_probe_secret(HPT_PG_PASSWORD);
    hpt_probe_secret(HPT_PG_ODD_PASSWORD);
    hpt_probe_secret(HPT_PG_RAW_PASSWORD);
    hpt_probe_secret(HPT_PG_MD5_PASSWORD);
    /* The rest of a password that was split at a reserved character. */
    hpt_probe_secret("ss:w/rd");
    hpt_probe_secret("rd#7?&%41$x");
    hpt_probe_secret("w:pa%zz$1");
    template_dir = dir;
}

void hpt_postgres_create(struct hpt_postgres *pg, const struct hpt_postgres_opts *opts)
{
    static const char scram[] = "local all postgres trust\n"
                                "local all all scram-sha-256\n"
                                "host all md5user all md5\n"
                                "host all all all scram-sha-256\n";

    hpt_postgres_prepare();
    memset(pg, 0, sizeof *pg);
    pg->sockets = hpt_tmp_mkdir("pg", 0755);
    pg->data = hpt_strf("%s/data", pg->sockets);
    size_t count = 0;
    while (opts->settings != NULL && opts->settings[count] != NULL) {
        count++;
    }
    const char **settings = calloc(count + 1, sizeof *settings);
    if (settings == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        settings[i] = opts->settings[i];
    }
    pg->settings = settings;
    pg->port = hpt_net_free_port();
    hpt_proc_must(HPT_LIST("cp", "-a", template_dir, pg->data), true);
    const char *hba = hpt_strf("%s/pg_hba.conf", pg->data);
    hpt_write_file(hba, opts->hba != NULL ? opts->hba : scram, 0644);
    if (opts->standby) {
        hpt_write_file(hpt_strf("%s/standby.signal", pg->data), "", 0644);
    }
    const char *conf = hpt_strf("%s/postgresql.conf", pg->data);
    const char *tls = "";
    if (opts->tls) {
        tls = hpt_strf("ssl = on\nssl_cert_file = '%s'\nssl_key_file = '%s'\n",
                       hpt_certs()->server_cert, hpt_certs()->server_key);
    }
    hpt_write_file(conf,
                   hpt_strf("listen_addresses = '%s'\n"
                            "unix_socket_directories = '%s'\n"
                            "fsync = off\n"
                            "synchronous_commit = off\n"
                            "full_page_writes = off\n"
                            "autovacuum = off\n"
                            "max_connections = 30\n"
                            "superuser_reserved_connections = 3\n"
                            "shared_buffers = 4MB\n"
                            "log_connections = on\n"
                            "log_disconnections = on\n"
                            "log_line_prefix = '%%m app=%%a user=%%u db=%%d '\n"
                            "%s",
                            hpt_net_have_ipv6() ? "127.0.0.1,::1" : "127.0.0.1", pg->sockets, tls),
                   0644);
}

static void launch(struct hpt_postgres *pg)
{
    const char *argv[64] = {program("postgres"), "-D", pg->data, "-p", hpt_strf("%d", pg->port)};
    size_t argc = 5;

    for (size_t i = 0; pg->settings[i] != NULL && argc < 61; i++) {
        argv[argc++] = "-c";
        argv[argc++] = pg->settings[i];
    }
    /* A fast shutdown: it ends sessions and leaves consistent files. */
    struct hpt_spawn spawn = {
        .name = "postgres", .argv = argv, .as_server = true, .stop_signal = SIGINT};
    hpt_proc_start(&pg->proc, &spawn);
}

char hpt_postgres_knock(int port, const char *user, const char *database, char ret_code[6])
{
    char packet[256] = {0, 0, 0, 0, 0, 3, 0, 0};
    size_t len = 8;
    char reply[512] = {0};

    ret_code[0] = '\0';
    const char *const fields[] = {"user", user, "database", database};
    for (size_t i = 0; i < 4; i++) {
        size_t field = strlen(fields[i]) + 1;
        if (len + field + 1 > sizeof packet) {
            return 0;
        }
        memcpy(packet + len, fields[i], field);
        len += field;
    }
    len++;
    packet[2] = (char)(len >> 8);
    packet[3] = (char)(len & 0xff);
    int fd = hpt_net_connect("127.0.0.1", port, 1000);
    if (fd < 0) {
        return 0;
    }
    ssize_t got = hpt_net_ask(fd, packet, len, reply, sizeof reply - 1, 1000);
    close(fd);
    if (got < 1) {
        return 0;
    }
    /* An error is a list of fields; the SQLSTATE's begins with C. */
    for (ssize_t at = 5; reply[0] == 'E' && at < got && reply[at] != '\0';) {
        if (reply[at] == 'C' && at + 6 < got) {
            memcpy(ret_code, reply + at + 1, 5);
            ret_code[5] = '\0';
        }
        at += 2 + (ssize_t)strlen(reply + at + 1);
    }
    return reply[0];
}

static bool wait_for(struct hpt_postgres *pg, bool ready)
{
    double until = hpt_now_ms() + HPT_START_MS;

    while (hpt_now_ms() < until && hpt_proc_running(&pg->proc)) {
        char code[6];
        char kind = hpt_postgres_knock(pg->port, "app", "app", code);
        if (kind != 0 && (!ready || strcmp(code, "57P03") != 0)) {
            /* Another process's server at our port would be taken for ours. */
            return hpt_proc_running(&pg->proc);
        }
        hpt_sleep_ms(10);
    }
    return false;
}

static void start(struct hpt_postgres *pg, bool ready)
{
    launch(pg);
    for (int tries = 1; !wait_for(pg, ready); tries++) {
        hpt_diag_file("postgres does not answer", pg->proc.log);
        hpt_proc_stop(&pg->proc);
        if (tries == 3) {
            hpt_fail("postgres does not start");
        }
        pg->port = hpt_net_free_port();
        launch(pg);
    }
}

void hpt_postgres_start(struct hpt_postgres *pg)
{
    start(pg, true);
}

void hpt_postgres_start_unready(struct hpt_postgres *pg)
{
    start(pg, false);
}

void hpt_postgres_stop(struct hpt_postgres *pg)
{
    hpt_proc_stop(&pg->proc);
}

char *hpt_postgres_sql(const struct hpt_postgres *pg, const char *sql)
{
    return hpt_proc_must(HPT_LIST(program("psql"), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                                  pg->sockets, "-p", hpt_strf("%d", pg->port), "-U", "postgres",
                                  "-d", "postgres", "-c", sql),
                         true);
}

bool hpt_postgres_logged(const struct hpt_postgres *pg, const char *text)
{
    char *log = hpt_read_file(pg->proc.log, NULL);
    bool found = log != NULL && strstr(log, text) != NULL;

    free(log);
    return found;
}
