/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/database/target.h"

#include <stdio.h>
#include <string.h>

static const struct hp_database_reading strict = {.user_optional = false};
static const struct hp_database_reading ping = {.user_optional = true};
static const struct hp_database_reading query = {.wants_search_path = true};

#define PW "s3cr3t-Zq9"

#define CUT "an @ or # follows the host: percent-encode / ? # @ in the password as %2F %3F %23 %40"

static const char *shown(const char *field)
{
    return field ? field : "-";
}

/* "key=value key=value", sorted by key, so that a row of a table can be read. */
static void show_params(const struct hp_url_params *params, char *ret, size_t size)
{
    const char *last = "";

    ret[0] = '\0';
    for (size_t done = 0; done < params->n; done++) {
        const struct hp_url_param *next = NULL;

        for (size_t i = 0; i < params->n; i++) {
            const struct hp_url_param *param = &params->items[i];

            if (strcmp(param->key, last) > 0 && (!next || strcmp(param->key, next->key) < 0))
                next = param;
        }
        ck_assert_ptr_nonnull(next);
        snprintf(ret + strlen(ret), size - strlen(ret), "%s%s=%s", done ? " " : "", next->key,
                 next->value);
        last = next->key;
    }
}

static void show_names(const struct hp_names *names, char *ret, size_t size)
{
    ret[0] = '\0';
    for (size_t i = 0; i < names->n; i++)
        snprintf(ret + strlen(ret), size - strlen(ret), "%s%s", i ? " " : "", names->items[i]);
    if (names->not_shown)
        snprintf(ret + strlen(ret), size - strlen(ret), "+%zu", names->not_shown);
}

static const struct row {
    const char *text;
    const char *user;
    const char *password;
    const char *host;
    int port;
    const char *dbname;
    const char *sslmode;
    const char *sslrootcert; /* "system" for ca_from_system */
    const char *libpq;
    const char *ignored;
    const char *described;
} rows[] = {
    /* the forms */
    {"postgres://app:" PW "@db/app", "app", PW, "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    {"postgresql://app@db:5433", "app", "-", "db", 5433, "app", "-", "-", "", "",
     "postgresql://app@db:5433/app"},
    {"postgres://app:@db/", "app", "-", "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    {"POSTGRES://app:" PW "@DB/x", "app", PW, "DB", 5432, "x", "-", "-", "", "",
     "postgresql://app@DB:5432/x"},
    {"postgres://app:p%40s%2Fs%3A%25@db/a%20b", "app", "p@s/s:%", "db", 5432, "a b", "-", "-", "",
     "", "postgresql://app@db:5432/a%20b"},
    {"postgres://app:p@ss@db/x", "app", "p@ss", "db", 5432, "x", "-", "-", "", "",
     "postgresql://app@db:5432/x"},
    {"postgres://a%40tenant:" PW "@db/x", "a@tenant", PW, "db", 5432, "x", "-", "-", "", "",
     "postgresql://a%40tenant@db:5432/x"},
    {"postgres://app:" PW "@[::1]:5433/x", "app", PW, "::1", 5433, "x", "-", "-", "", "",
     "postgresql://app@[::1]:5433/x"},
    {"postgres://app:" PW "@[fe80::1%25eth0]/x", "app", PW, "fe80::1%eth0", 5432, "x", "-", "-", "",
     "", "postgresql://app@[fe80::1%25eth0]:5432/x"},
    {"postgres://app:" PW "@db//x/", "app", PW, "db", 5432, "/x/", "-", "-", "", "",
     "postgresql://app@db:5432//x/"},
    {"postgres://app:" PW "@db/dbname=x", "app", PW, "db", 5432, "dbname=x", "-", "-", "", "",
     "postgresql://app@db:5432/dbname=x"},
    {"postgres://app:" PW "@db/postgres:%2F%2Fx", "app", PW, "db", 5432, "postgres://x", "-", "-",
     "", "", "postgresql://app@db:5432/postgres://x"},
    {"postgres://app:p%23%40@db/a%40b?password=p%40s", "app", "p@s", "db", 5432, "a@b", "-", "-",
     "", "", "postgresql://app@db:5432/a@b"},
    {"postgres://db:4711/x?user=app@server&application_name=me@here", "app@server", "-", "db", 4711,
     "x", "-", "-", "", "", "postgresql://app%40server@db:4711/x"},
    {"postgres://[::1]/x?user=u&schema=a@b", "u", "-", "::1", 5432, "x", "-", "-", "", "+1",
     "postgresql://u@[::1]:5432/x"},
    {"postgres://db/x?user=app@server&schema=y", "app@server", "-", "db", 5432, "x", "-", "-", "",
     "+1", "postgresql://app%40server@db:5432/x"},
    {"postgres://db/x?user=app#f", "app", "-", "db", 5432, "x", "-", "-", "", "",
     "postgresql://app@db:5432/x"},
    /* an empty port is the default one */
    {"postgres://app@db:/x", "app", "-", "db", 5432, "x", "-", "-", "", "",
     "postgresql://app@db:5432/x"},
    {"postgres://app@[::1]:/x?port=", "app", "-", "::1", 5432, "x", "-", "-", "", "",
     "postgresql://app@[::1]:5432/x"},
    /* sockets */
    {"postgres://app@%2Fvar%2Frun%2Fpostgresql/x", "app", "-", "/var/run/postgresql", 5432, "x",
     "-", "-", "", "", "postgresql://app@/x?host=/var/run/postgresql"},
    {"postgres://app@/app?host=/directory", "app", "-", "/directory", 5432, "app", "-", "-", "", "",
     "postgresql://app@/app?host=/directory"},
    {"postgres://app:" PW "@:5433/app?host=/a%26b", "app", PW, "/a&b", 5433, "app", "-", "-", "",
     "", "postgresql://app@/app?host=/a%26b&port=5433"},
    /* libpq's parameters fill and override fields, the later one wins */
    {"postgres:///x?host=db&port=5433&user=app&password=" PW, "app", PW, "db", 5433, "x", "-", "-",
     "", "", "postgresql://app@db:5433/x"},
    {"postgres://a:b@c:1/d?host=h&port=2&user=u&password=" PW "&dbname=n", "u", PW, "h", 2, "n",
     "-", "-", "", "", "postgresql://u@h:2/n"},
    {"postgres://a@c/d?host=h&host=i&port=2&port=3", "a", "-", "i", 3, "d", "-", "-", "", "",
     "postgresql://a@i:3/d"},
    {"postgres://a:" PW "@c:1/d?port=&password=&dbname=", "a", "-", "c", 5432, "a", "-", "-", "",
     "", "postgresql://a@c:5432/a"},
    {"postgres://a@c/d?host=::1", "a", "-", "::1", 5432, "d", "-", "-", "", "",
     "postgresql://a@[::1]:5432/d"},
    {"postgres://a@c/d?hostaddr=10.0.0.1", "a", "-", "c", 5432, "d", "-", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@/d?hostaddr=10.0.0.1", "a", "-", "10.0.0.1", 5432, "d", "-", "-", "", "",
     "postgresql://a@10.0.0.1:5432/d"},
    {"postgres://a@c/d?keepalives=1&keepalives_idle=2&keepalives_idle=3&gsslib=&options=-c%20x=y",
     "a", "-", "c", 5432, "d", "-", "-", "keepalives=1 keepalives_idle=3 options=-c x=y", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?target_session_attrs=prefer-standby&load_balance_hosts=random", "a", "-",
     "c", 5432, "d", "-", "-", "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslcert=/c&sslkey=/k&sslpassword=" PW "&sslcrl=/l&sslcrldir=/m&sslsni=0"
     "&sslnegotiation=direct&sslcompression=0&sslcertmode=allow",
     "a", "-", "c", 5432, "d", "-", "-",
     "sslcert=/c sslcertmode=allow sslcompression=0 sslcrl=/l sslcrldir=/m sslkey=/k "
     "sslnegotiation=direct sslpassword=" PW " sslsni=0",
     "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.3"
     "&gssencmode=disable&requirepeer=postgres&require_auth=scram-sha-256&min_protocol_version=3.0",
     "a", "-", "c", 5432, "d", "-", "-",
     "gssencmode=disable min_protocol_version=3.0 require_auth=scram-sha-256 requirepeer=postgres "
     "ssl_max_protocol_version=TLSv1.3 ssl_min_protocol_version=TLSv1.3",
     "", "postgresql://a@c:5432/d"},
    /* libpq's own that are dropped without a word */
    {"postgres://a@c/d?service=x&servicefile=x&passfile=x&sslkeylogfile=/x&oauth_issuer=x"
     "&oauth_client_secret=" PW "&replication=true&connect_timeout=10&client_encoding=utf8"
     "&application_name=x&fallback_application_name=x&load_balance_hosts=random",
     "a", "-", "c", 5432, "d", "-", "-", "", "", "postgresql://a@c:5432/d"},
    /* sslmode and what means it */
    {"postgres://a@c/d?sslmode=disable", "a", "-", "c", 5432, "d", "disable", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=allow&sslmode=verify-ca", "a", "-", "c", 5432, "d", "verify-ca", "-",
     "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=prefer", "a", "-", "c", 5432, "d", "prefer", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=require&sslrootcert=/ca.pem", "a", "-", "c", 5432, "d", "require",
     "/ca.pem", "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=no-verify&sslrootcert=/ca.pem", "a", "-", "c", 5432, "d", "require",
     "-", "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslrootcert=system", "a", "-", "c", 5432, "d", "verify-full", "system", "",
     "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslrootcert=system&sslrootcert=/ca.pem", "a", "-", "c", 5432, "d", "-",
     "/ca.pem", "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?ssl=true", "a", "-", "c", 5432, "d", "require", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?ssl=1", "a", "-", "c", 5432, "d", "require", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?ssl=True", "a", "-", "c", 5432, "d", "require", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?ssl=false", "a", "-", "c", 5432, "d", "disable", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?ssl=0", "a", "-", "c", 5432, "d", "disable", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?ssl=disable", "a", "-", "c", 5432, "d", "disable", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=Verify-Full&ssl=TRUE", "a", "-", "c", 5432, "d", "verify-full", "-",
     "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=NO-VERIFY&sslrootcert=/x", "a", "-", "c", 5432, "d", "require", "-",
     "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?ssl=Require", "a", "-", "c", 5432, "d", "require", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=&ssl=", "a", "-", "c", 5432, "d", "-", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=&ssl=true", "a", "-", "c", 5432, "d", "require", "-", "", "",
     "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=require&sslaccept=STRICT", "a", "-", "c", 5432, "d", "verify-full",
     "-", "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslmode=verify-full&ssl=true", "a", "-", "c", 5432, "d", "verify-full", "-",
     "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?ssl=true&sslmode=verify-full", "a", "-", "c", 5432, "d", "verify-full", "-",
     "", "", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?requiressl=1", "a", "-", "c", 5432, "d", "require", "-", "", "",
     "postgresql://a@c:5432/d"},
    /* what platforms and frameworks set */
    /* Heroku */
    {"postgres://uf1:" PW "@ec2-3-4-5-6.compute-1.amazonaws.com:5432/d1?sslmode=no-verify", "uf1",
     PW, "ec2-3-4-5-6.compute-1.amazonaws.com", 5432, "d1", "require", "-", "", "",
     "postgresql://uf1@ec2-3-4-5-6.compute-1.amazonaws.com:5432/d1"},
    /* Render */
    {"postgresql://web_user:" PW "@dpg-abc123-a/web_db", "web_user", PW, "dpg-abc123-a", 5432,
     "web_db", "-", "-", "", "", "postgresql://web_user@dpg-abc123-a:5432/web_db"},
    /* Railway */
    {"postgresql://postgres:" PW "@postgres.railway.internal:5432/railway", "postgres", PW,
     "postgres.railway.internal", 5432, "railway", "-", "-", "", "",
     "postgresql://postgres@postgres.railway.internal:5432/railway"},
    /* Supabase's pooler */
    {"postgres://postgres.abcdef:" PW
     "@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?sslmode=require&supa=base-pooler.x",
     "postgres.abcdef", PW, "aws-0-eu-central-1.pooler.supabase.com", 6543, "postgres", "require",
     "-", "", "supa",
     "postgresql://postgres.abcdef@aws-0-eu-central-1.pooler.supabase.com:6543/postgres"},
    /* Neon */
    {"postgresql://neondb_owner:" PW "@ep-cool-1.eu-central-1.aws.neon.tech/neondb"
     "?sslmode=require&channel_binding=require&options=endpoint%3Dep-cool-1",
     "neondb_owner", PW, "ep-cool-1.eu-central-1.aws.neon.tech", 5432, "neondb", "require", "-",
     "channel_binding=require options=endpoint=ep-cool-1", "",
     "postgresql://neondb_owner@ep-cool-1.eu-central-1.aws.neon.tech:5432/neondb"},
    /* Prisma */
    {"postgresql://app:" PW "@db:5432/app?schema=public&pgbouncer=true&connection_limit=5"
     "&pool_timeout=10&connect_timeout=300&socket_timeout=5&statement_cache_size=0",
     "app", PW, "db", 5432, "app", "-", "-", "",
     "schema pgbouncer connection_limit pool_timeout socket_timeout statement_cache_size",
     "postgresql://app@db:5432/app"},
    {"postgresql://app:" PW "@db/app?sslmode=require&sslaccept=strict&sslcert=/ca.pem", "app", PW,
     "db", 5432, "app", "verify-full", "/ca.pem", "", "", "postgresql://app@db:5432/app"},
    {"postgresql://app:" PW "@db/app?sslcert=/ca.pem&sslaccept=strict&sslpassword=x", "app", PW,
     "db", 5432, "app", "verify-full", "/ca.pem", "sslpassword=x", "",
     "postgresql://app@db:5432/app"},
    {"postgresql://app:" PW "@db/app?sslmode=require&sslaccept=accept_invalid_certs&sslcert=/ca",
     "app", PW, "db", 5432, "app", "require", "-", "", "", "postgresql://app@db:5432/app"},
    {"postgresql://app:" PW "@db/app?sslaccept=strict", "app", PW, "db", 5432, "app", "verify-full",
     "-", "", "", "postgresql://app@db:5432/app"},
    /* Rails */
    {"postgis://app:" PW "@db/app_production?pool=5&prepared_statements=false&encoding=unicode",
     "app", PW, "db", 5432, "app_production", "-", "-", "", "pool prepared_statements encoding",
     "postgresql://app@db:5432/app_production"},
    /* Django */
    {"pgsql://app:" PW "@db/app?conn_max_age=600", "app", PW, "db", 5432, "app", "-", "-", "",
     "conn_max_age", "postgresql://app@db:5432/app"},
    /* Symfony */
    {"postgresql://app:" PW "@127.0.0.1:5432/app?serverVersion=16&charset=utf8", "app", PW,
     "127.0.0.1", 5432, "app", "-", "-", "", "serverVersion charset",
     "postgresql://app@127.0.0.1:5432/app"},
    /* SQLAlchemy with asyncpg and psycopg */
    {"postgresql+asyncpg://app:" PW "@db/app?ssl=require&prepared_statement_cache_size=0", "app",
     PW, "db", 5432, "app", "require", "-", "", "prepared_statement_cache_size",
     "postgresql://app@db:5432/app"},
    {"postgres+psycopg://app:" PW "@db/app", "app", PW, "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    /* Phoenix */
    {"ecto://postgres:" PW "@localhost/app_prod?pool_size=10", "postgres", PW, "localhost", 5432,
     "app_prod", "-", "-", "", "pool_size", "postgresql://postgres@localhost:5432/app_prod"},
    /* node-postgres */
    {"postgres://app:" PW "@db/app?sslmode=require&uselibpqcompat=true", "app", PW, "db", 5432,
     "app", "require", "-", "", "uselibpqcompat", "postgresql://app@db:5432/app"},
    /* JDBC */
    {"jdbc:postgresql://db:5432/app?user=app&password=" PW "&currentSchema=x&ssl=true", "app", PW,
     "db", 5432, "app", "require", "-", "", "+1", "postgresql://app@db:5432/app"},
    {"JDBC:postgresql://db/app?currentSchema=x&user=a@b&password=" PW, "a@b", PW, "db", 5432, "app",
     "-", "-", "", "currentSchema", "postgresql://a%40b@db:5432/app"},
    {"jdbc:postgresql://x:y@db/app?user=a@b&password=" PW "@", "a@b", PW "@", "db", 5432, "app",
     "-", "-", "", "", "postgresql://a%40b@db:5432/app"},
    {"jdbc:aws-wrapper:postgresql://db/app?user=app&password=" PW, "app", PW, "db", 5432, "app",
     "-", "-", "", "", "postgresql://app@db:5432/app"},
    {"jdbc:x:Y_1.z:PostgreSQL://db/app?user=app", "app", "-", "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    {"r2dbc:postgresql://app:" PW "@db/app", "app", PW, "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    {"R2DBC:pool:postgresql://db/app?user=a@b&password=" PW "@", "a@b", PW "@", "db", 5432, "app",
     "-", "-", "", "", "postgresql://a%40b@db:5432/app"},
    /* other names of Postgres */
    {"psql://app@db", "app", "-", "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    {"timescaledb://app@db", "app", "-", "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    {"cockroach://app@db", "app", "-", "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    {"cockroachdb+psycopg2://app@db", "app", "-", "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    {"postgresql+psycopg_async://app@db", "app", "-", "db", 5432, "app", "-", "-", "", "",
     "postgresql://app@db:5432/app"},
    /* CockroachDB */
    {"cockroachdb://root@crdb:26257/defaultdb?sslmode=disable", "root", "-", "crdb", 26257,
     "defaultdb", "disable", "-", "", "", "postgresql://root@crdb:26257/defaultdb"},
    {"postgresql://u:" PW "@free-tier.cockroachlabs.cloud:26257/bank?sslmode=verify-full"
     "&sslrootcert=/ca.crt&options=--cluster%3Dfunny-skunk-123",
     "u", PW, "free-tier.cockroachlabs.cloud", 26257, "bank", "verify-full", "/ca.crt",
     "options=--cluster=funny-skunk-123", "",
     "postgresql://u@free-tier.cockroachlabs.cloud:26257/bank"},
    /* Cloud SQL */
    {"postgresql://app:" PW "@/app?host=/cloudsql/project:region:instance", "app", PW,
     "/cloudsql/project:region:instance", 5432, "app", "-", "-", "", "",
     "postgresql://app@/app?host=/cloudsql/project:region:instance"},
    {"postgresql://app:" PW "@//cloudsql/project:region:instance/app", "app", PW,
     "/cloudsql/project:region:instance", 5432, "app", "-", "-", "", "",
     "postgresql://app@/app?host=/cloudsql/project:region:instance"},
    {"postgresql+pg8000://app:" PW "@//cloudsql/p%3Ar:i/a%20b?sslmode=disable", "app", PW,
     "/cloudsql/p:r:i", 5432, "a b", "disable", "-", "", "",
     "postgresql://app@/a%20b?host=/cloudsql/p:r:i"},
    {"postgresql://app@//run/postgresql/", "app", "-", "/run/postgresql", 5432, "app", "-", "-", "",
     "", "postgresql://app@/app?host=/run/postgresql"},
    {"postgresql://app@:5433//run/x", "app", "-", "/run", 5433, "x", "-", "-", "", "",
     "postgresql://app@/x?host=/run&port=5433"},
    {"postgresql://app@//run/x?host=db", "app", "-", "db", 5432, "x", "-", "-", "", "",
     "postgresql://app@db:5432/x"},
    /* an unescaped "&" in a password: what follows may be a piece of it */
    {"postgres://a@c/d?x=1&password=abc&" PW "=1&y=2&sslmode=require", "a", "abc", "c", 5432, "d",
     "require", "-", "", "x+2", "postgresql://a@c:5432/d"},
    {"postgres://a@c/d?sslpassword=abc&" PW "=1", "a", "-", "c", 5432, "d", "-", "-",
     "sslpassword=abc", "+1", "postgresql://a@c:5432/d"},
    /* names that are too long */
    {"postgres://a@c/d?" PW PW PW PW "=1&schema=x", "a", "-", "c", 5432, "d", "-", "-", "",
     "schema+1", "postgresql://a@c:5432/d"},
};

START_TEST(url_is_read_as_its_writer_means_it)
{
    const struct row *row = &rows[_i];
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    struct hp_buffer text;
    char storage[512];

    ck_assert_msg(
        hp_database_target_parse(&target, row->text, "--database", &strict, &ignored, &err),
        "%s: %s", row->text, err.msg);
    ck_assert_uint_eq(err.len, 0);
    ck_assert_str_eq(shown(target.user), row->user);
    ck_assert_str_eq(shown(target.password), row->password);
    ck_assert_uint_eq(target.n_hosts, 1);
    ck_assert_str_eq(target.hosts[0].name, row->host);
    ck_assert_int_eq(target.hosts[0].port, row->port);
    ck_assert_str_eq(target.dbname, row->dbname);
    ck_assert_str_eq(shown(hp_sslmode_name(target.sslmode)), row->sslmode);
    if (strcmp(row->sslrootcert, "system") == 0)
        ck_assert(target.ca_from_system && !target.sslrootcert);
    else
        ck_assert_str_eq(shown(target.sslrootcert), row->sslrootcert);
    show_params(&target.libpq, storage, sizeof(storage));
    ck_assert_str_eq(storage, row->libpq);
    show_names(&ignored, storage, sizeof(storage));
    ck_assert_str_eq(storage, row->ignored);

    hp_buffer_init(&text, storage, sizeof(storage));
    hp_database_target_describe(&target, &text);
    ck_assert_str_eq(storage, row->described);
    ck_assert(!hp_unit_leaks(storage));
    hp_database_target_release(&target);
    hp_database_target_release(&target);
}
END_TEST

static const struct {
    const char *text;
    const char *message; /* behind "--database: " */
} refused[] = {
    {"", "not a URL: give postgresql://user:password@host:port/database"},
    {PW, "not a URL: give postgresql://"},
    {"host=db user=app password=" PW, "a key=value string is not a URL: give postgresql://"},
    {"postgres:app:" PW "@db/app", "not a URL"},
    {"app:" PW "@db:5432/app", "not a URL"},
    {"mongo://app:" PW "@db/app", "the scheme is not one of Postgres: give postgresql://"},
    {"mysql://app:" PW "@db/app",
     "mysql is not supported; leave the database out with --check http"},
    {"mysql2://app:" PW "/@db", "mysql is not supported"},
    {"MySQL+pymysql://app:" PW "@db", "mysql is not supported"},
    {"mongodb+srv://app:" PW "@db", "mongodb is not supported"},
    {"sqlite3:///" PW, "sqlite is not supported"},
    {"jdbc:sqlserver://db;password=" PW, "sqlserver is not supported"},
    {"r2dbc:mysql://app:" PW "@db/app", "mysql is not supported"},
    {"jdbc:oracle:thin:@//" PW, "oracle is not supported"},
    {"mysql:" PW, "not a URL"},
    {"mysql" PW "://x", "the scheme is not one of Postgres"},
    {"r2dbc:h2:mem:" PW, "not a URL"},
    {"jdbc:" PW, "not a URL"},
    {"jdbc:postgresql.x://" PW, "the scheme after jdbc: or r2dbc: is not postgresql"},
    {"http://app:" PW "@db/app", "the scheme is not one of Postgres"},
    {"postgresql+://app:" PW "@db/app", "the scheme is not one of Postgres"},
    {"postgresqlx+y://app:" PW "@db/app", "the scheme is not one of Postgres"},
    {"ecto+x://app:" PW "@db/app", "the scheme is not one of Postgres"},
    {"jdbc:mysql://db/app?user=app&password=" PW, "mysql is not supported"},
    {"jdbc:postgres://db/app?user=app&password=" PW,
     "the scheme after jdbc: or r2dbc: is not postgresql"},
    {"jdbc:a:b://db/app?user=app&password=" PW, "not a URL"},
    {"postgresql://app:" PW "@//x", "the URL names no host"},
    {"jdbc:postgresql:app", "names no host: give jdbc:postgresql://host:port/database"},
    {"jdbc:postgresql:/", "names no host: give jdbc:postgresql://host:port/database"},
    {"jdbc:postgresql:app?password=" PW, "names no host: give jdbc:postgresql://"},
    {"jdbc:postgresql:///app?user=app&password=" PW, "the URL names no host"},
    {"jdbc:postgresql://db/app?password=" PW, "the URL names no user"},
    {"jdbc:" PW, "not a URL"},
    {"postgres://app:" PW "@/app", "the URL names no host"},
    {"postgres:///app", "the URL names no host"},
    {"postgres://app:" PW "@db/app?host=", "the URL names no host"},
    {"postgres://db/app", "the URL names no user: give postgresql://user:password@host"},
    {"postgres://:" PW "@db/app", "the URL names no user"},
    {"postgres://app:" PW "@db/app?user=", "the URL names no user"},
    {"postgres://app:" PW "@a,,b/app", "the URL leaves a host out"},
    {"postgres://app:" PW "@a%2Cb/app", "the host is not valid"},
    {"postgres://app:" PW "@a/app?host=b,c%20d", "the host is not valid"},
    {"postgres://app:" PW "@a/app?host=b,", "the URL leaves a host out"},
    {"postgres://app:" PW "@a,b:1x/app", "the port is not a number"},
    {"postgres://app:" PW "@a/app?port=1,2", "the port is neither one for all hosts nor one for"},
    {"postgres://app:" PW "@a,b,c/app?port=1,2", "the port is neither one for all hosts nor one"},
    {"postgres://app:" PW "@a,b/app?port=1,70000", "the port is not one of 1 to 65535"},
    {"postgres://app:" PW "@a/app?hostaddr=1.1.1.1,2.2.2.2",
     "the parameter hostaddr does not have one"},
    {"postgres://app:" PW "@a,b/app?hostaddr=1.1.1.1",
     "the parameter hostaddr does not have one address"},
    {"postgres://app:" PW "@1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h/app", "the URL has too many hosts"},
    {"postgres://app:" PW "@/app?host=1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h", "the URL has too many"},
    {"postgres://app:" PW "@a/app?target_session_attrs=" PW,
     "the parameter target_session_attrs has to be any, primary, standby, prefer-standby, "
     "read-write or read-only"},
    {"postgres://app:" PW "@a b/app", "the host is not valid"},
    {"postgres://app:" PW "@a%2Fb/app", "the host is not valid"},
    {"postgres://app:" PW "@a/app?host=%0a", "the host is not valid"},
    {"postgres://app:" PW "@a/app?host=/x%0a", "the host is not valid"},
    {"postgres://app:" PW "@a%0a/app", "the host holds a control character"},
    {"postgres://app:" PW "@a:0/app", "the port is not one of 1 to 65535"},
    {"postgres://app:" PW "@a/app?port=0", "the port is not one of 1 to 65535"},
    {"postgres://app:" PW "@a/app?port=65536", "the port is not one of 1 to 65535"},
    {"postgres://app:" PW "@a/app?port=4294967376", "the port is not one of 1 to 65535"},
    {"postgres://app:" PW "@a/app?port=18446744073709551696", "the port is not one of 1 to 65535"},
    {"postgres://app:" PW "@a:4294967376/app", "the port is not one of 1 to 65535"},
    {"postgres://app:" PW "@a/app?port=x", "the port is not one of 1 to 65535"},
    {"postgres://app:" PW "@a/app?port=-1", "the port is not one of 1 to 65535"},
    {"postgres://app:" PW "@a/app%00", "the path holds an encoded NUL"},
    {"postgres://app:" PW "@a/app?password=" PW "%00", "the query holds an encoded NUL"},
    {"postgres://app:" PW "%00@a/app", "the password holds an encoded NUL"},
    /* an unescaped "/", "?" or "#" in a password */
    {"postgres://app:" PW "/x@db/app", CUT},
    {"postgres://app:" PW "?x@db/app", CUT},
    {"postgres://app:" PW "?x=y@db/app", CUT},
    {"postgres://app:" PW "#x@db/app", CUT},
    {"postgres://app:12/" PW "@db/app", CUT},
    {"postgres://app:12?" PW "@db/app", CUT},
    {"postgres://app:12?a=b&" PW "@db/app", CUT},
    {"postgres://app:?" PW "&x@db/app", CUT},
    {"postgres://app:12?a=" PW "@db/app", CUT},
    {"postgres://app:12/x?a=b&c=" PW "@db/app", CUT},
    {"postgres://app:12?user=u&a=" PW "@db/app", CUT},
    {"postgres://app:12?passwords=" PW "@db/app", CUT},
    {"postgres://app?a=" PW "@db/app", "the URL names no user"},
    {"postgres://app:12?ssl" PW "&a=@db/app", CUT},
    {"postgres://app?ssl" PW "&a=@db/app", "the parameter that begins with ssl or tls"},
    {"jdbc:postgresql://app:x@" PW "?" PW "@db/app", CUT},
    {"postgres://app:12#" PW "@db/app", CUT},
    {"postgres://app:x@" PW "/" PW "@db/app", CUT},
    {"postgres://app:x@" PW "?" PW "@db/app", CUT},
    {"postgres://app:x@" PW "#" PW "@db/app", CUT},
    {"postgres://app:x@db/app#" PW, CUT},
    {"postgres://app:x@db/app?" PW "#", CUT},
    {"postgres://app@" PW "/x@db/app", CUT},
    {"postgres://@" PW "/x@db/app", CUT},
    {"postgres://app@db/app?password=" PW "@", CUT},
    {"postgres://db/" PW "@db?user=app", CUT},
    {"postgres://db/app?user=app#" PW "@db", CUT},
    {"jdbc:postgresql://db/" PW "@db?user=app", CUT},
    {"jdbc:postgresql://app:x@db/app#" PW, CUT},
    {"jdbc:postgresql://db/app?user=app&password=a#" PW "@db", CUT},
    {"mongo://app:x@" PW "/" PW "@db/app", CUT},
    {"redis://app:x@" PW "/" PW "@db/app", CUT},
    /* parameters */
    {"postgres://app@a/app?sslmode=" PW,
     "the parameter sslmode has to be disable, allow, prefer, require, verify-ca or verify-full"},
    {"postgres://app@a/app?sslmode=Required",
     "the parameter sslmode has to be disable, allow, prefer, require, verify-ca or verify-full"},
    {"postgres://app@a/app?ssl=" PW,
     "the parameter ssl has to be true, false or a value of sslmode"},
    {"postgres://app@a/app?sslmode=require&ssl=" PW, "the parameter ssl has to be true"},
    {"postgres://app@a/app?sslidentity=" PW, "the parameter sslidentity is not supported"},
    {"postgres://app@a/app?sslaccept=strict&sslidentity=" PW,
     "the parameter sslidentity is not supported"},
    {"jdbc:postgresql://a/app?user=app&sslfactory=" PW,
     "the parameter sslfactory is not supported"},
    {"postgres://app@a/app?sslMode=" PW, "the parameter sslMode is not supported"},
    {"postgres://app@a/app?tls=" PW, "the parameter tls is not supported"},
    {"postgres://app@a/app?tls_ca=" PW, "the parameter tls_ca is not supported"},
    {"postgres://app@a/app?password=x&ssl" PW "=1",
     "the parameter that begins with ssl or tls is not supported"},
    {"postgres://app@a/app?ssl%0a" PW "=1",
     "the parameter that begins with ssl or tls is not supported"},
    {"postgres://app@a/app?ssl_" PW PW PW "=1",
     "the parameter that begins with ssl or tls is not supported"},
};

START_TEST(wrong_url_is_told_by_its_field)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    char names[512];

    ck_assert_msg(
        !hp_database_target_parse(&target, refused[_i].text, "--database", &strict, &ignored, &err),
        "%s", refused[_i].text);
    ck_assert_uint_eq(target.n_hosts, 0);
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_msg(strncmp(err.msg, "--database: ", 12) == 0, "%s", err.msg);
    ck_assert_msg(strncmp(err.msg + 12, refused[_i].message, strlen(refused[_i].message)) == 0,
                  "%s: %s", refused[_i].text, err.msg);
    ck_assert_msg(!hp_unit_leaks(err.msg), "%s", err.msg);
    show_names(&ignored, names, sizeof(names));
    ck_assert_msg(!hp_unit_leaks(names), "%s", names);
}
END_TEST

START_TEST(every_problem_is_told)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};

    ck_assert(!hp_database_target_parse(&target, "mongo://u@h/d?port=x&sslmode=y&tlsz=1",
                                        "DATABASE_URL", &strict, &ignored, &err));
    ck_assert_str_eq(err.msg, "DATABASE_URL: the scheme is not one of Postgres: give "
                              "postgresql://user:password@host:port/database; "
                              "DATABASE_URL: the port is not one of 1 to 65535; "
                              "DATABASE_URL: the parameter sslmode has to be disable, allow, "
                              "prefer, require, verify-ca or verify-full; "
                              "DATABASE_URL: the parameter tlsz is not supported");
}
END_TEST

START_TEST(what_may_be_cut_from_a_password_is_told_once)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};

    ck_assert(!hp_database_target_parse(&target, "postgres://app:" PW "/x:y@[z/@db/app?sslmode=x",
                                        "--database", &strict, &ignored, &err));
    ck_assert_str_eq(err.msg, "--database: " CUT);
}
END_TEST

static const struct {
    const char *text;
    const char *user;
    const char *dbname;
    const char *described;
} pings[] = {
    {"postgres://db", "-", "-", "postgresql://db:5432"},
    {"postgres://db/app", "-", "app", "postgresql://db:5432/app"},
    {"postgres://:" PW "@db/app", "-", "app", "postgresql://db:5432/app"},
    {"postgres://app@db", "app", "app", "postgresql://app@db:5432/app"},
    {"postgres:///?host=/run&port=5433", "-", "-", "postgresql:///?host=/run&port=5433"},
};

START_TEST(ping_needs_no_user)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    struct hp_buffer text;
    char storage[128];

    ck_assert_msg(
        hp_database_target_parse(&target, pings[_i].text, "--database", &ping, &ignored, &err),
        "%s", err.msg);
    ck_assert_str_eq(shown(target.user), pings[_i].user);
    ck_assert_str_eq(shown(target.dbname), pings[_i].dbname);
    hp_buffer_init(&text, storage, sizeof(storage));
    hp_database_target_describe(&target, &text);
    ck_assert_str_eq(storage, pings[_i].described);
    hp_database_target_release(&target);
}
END_TEST

static const char *const broken_passwords[] = {
    "postgres://app?" PW "&x=@db/app",
    "postgres://app?x=1&" PW "=y@db/app",
    "postgres://app?" PW "=@db/app",
};

START_TEST(ping_names_no_piece_of_a_password_with_a_question_mark)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};

    ck_assert(hp_database_target_parse(&target, broken_passwords[_i], "--database", &ping, &ignored,
                                       &err));
    ck_assert_uint_eq(ignored.n, 0);
    ck_assert_uint_gt(ignored.not_shown, 0);
    hp_database_target_release(&target);
}
END_TEST

/* A user and the beginning of a password would be taken for host and port. */
static const char *const cut_passwords[] = {
    "postgres://app:4711?x=y@db/app",
    "postgres://app:12?" PW "&x=@db/app",
    "postgres://app:12?x=1&" PW "=y@db/app",
    "postgres://app:12/" PW "?x=@db/app",
};

START_TEST(ping_refuses_what_may_be_cut_from_a_password)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};

    ck_assert(
        !hp_database_target_parse(&target, cut_passwords[_i], "--database", &ping, &ignored, &err));
    ck_assert_str_eq(err.msg, "--database: " CUT);
}
END_TEST

static const struct {
    const char *text;
    const char *hosts; /* name, port and address of each */
    const char *described;
} lists[] = {
    {"postgres://u@a,b/d", "a 5432 - b 5432 -", "postgresql://u@a:5432,b:5432/d"},
    {"postgres://u@a:1,b,[::1]:3/d", "a 1 - b 5432 - ::1 3 -",
     "postgresql://u@a:1,b:5432,[::1]:3/d"},
    {"postgres://u@a:1,b:2/d?port=7", "a 7 - b 7 -", "postgresql://u@a:7,b:7/d"},
    {"postgres://u@a,b/d?port=7,8", "a 7 - b 8 -", "postgresql://u@a:7,b:8/d"},
    {"postgres://u@a,b/d?port=7,", "a 7 - b 5432 -", "postgresql://u@a:7,b:5432/d"},
    {"postgres://u@a:7,b:/d", "a 7 - b 5432 -", "postgresql://u@a:7,b:5432/d"},
    {"postgres://u@x:9/d?host=a,b", "a 9 - b 9 -", "postgresql://u@a:9,b:9/d"},
    {"postgres://u@x,y/d?host=::1,b&port=1,2", "::1 1 - b 2 -", "postgresql://u@[::1]:1,b:2/d"},
    {"postgres://u@a,b/d?hostaddr=10.0.0.1,::2", "a 5432 10.0.0.1 b 5432 ::2",
     "postgresql://u@a:5432,b:5432/d"},
    {"postgres://u@a,b/d?hostaddr=10.0.0.1,", "a 5432 10.0.0.1 b 5432 -",
     "postgresql://u@a:5432,b:5432/d"},
    {"postgres://u@/d?hostaddr=10.0.0.1,::2&port=1,2", "10.0.0.1 1 10.0.0.1 ::2 2 ::2",
     "postgresql://u@10.0.0.1:1,[::2]:2/d"},
    {"postgres://u@x,y,z/d?host=a", "a 5432 -", "postgresql://u@a:5432/d"},
    {"postgres://u@%2Frun,b/d", "/run 5432 - b 5432 -", "postgresql://u@/d?host=/run,b"},
    {"postgres://u@/d?host=/run,/r%26n&port=1,2", "/run 1 - /r&n 2 -",
     "postgresql://u@/d?host=/run,/r%26n&port=1,2"},
    {"jdbc:postgresql://a:1,b:2/d?user=u", "a 1 - b 2 -", "postgresql://u@a:1,b:2/d"},
};

START_TEST(several_hosts_are_kept_as_they_stand)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    struct hp_buffer text;
    char storage[256] = "";

    ck_assert_msg(
        hp_database_target_parse(&target, lists[_i].text, "--database", &strict, &ignored, &err),
        "%s: %s", lists[_i].text, err.msg);
    for (size_t i = 0; i < target.n_hosts; i++) {
        const struct hp_database_host *host = &target.hosts[i];

        snprintf(storage + strlen(storage), sizeof(storage) - strlen(storage), "%s%s %u %s",
                 i > 0 ? " " : "", host->name, host->port, shown(host->address));
    }
    ck_assert_str_eq(storage, lists[_i].hosts);
    hp_buffer_init(&text, storage, sizeof(storage));
    hp_database_target_describe(&target, &text);
    ck_assert_str_eq(storage, lists[_i].described);
    hp_database_target_release(&target);
}
END_TEST

static const struct {
    const char *value;
    const char *session_attrs;
    bool prefers_standby;
} roles[] = {
    {"any", NULL, false},
    {"", NULL, false},
    {"primary", "primary", false},
    {"standby", "standby", false},
    {"read-write", "read-write", false},
    {"read-only", "read-only", false},
    {"prefer-standby", NULL, true},
    {"primary&target_session_attrs=any", NULL, false},
};

START_TEST(a_role_is_kept_as_libpq_spells_it)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    char text[96];

    snprintf(text, sizeof text, "postgres://u@h/d?target_session_attrs=%s", roles[_i].value);
    ck_assert(hp_database_target_parse(&target, text, "--database", &strict, &ignored, &err));
    ck_assert_str_eq(shown(target.session_attrs), shown(roles[_i].session_attrs));
    ck_assert(target.prefers_standby == roles[_i].prefers_standby);
    ck_assert_uint_eq(target.libpq.n, 0);
    hp_database_target_release(&target);
}
END_TEST

static const struct {
    const char *parameters;
    const char *search_path;
} search_paths[] = {
    {"", NULL},
    {"?schema=public", "\"public\""},
    {"?schema=a%22b,c", "\"a\"\"b,c\""},
    {"?schema=%22", "\"\"\"\""},
    {"?schema=", NULL},
    {"?currentSchema=a,%22B%22", "a,\"B\""},
    {"?currentSchema=", NULL},
};

START_TEST(a_schema_is_a_search_path_or_is_ignored)
{
    char text[64];
    const char *search_path = search_paths[_i].search_path;
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};

    snprintf(text, sizeof text, "postgres://u@h/d%s", search_paths[_i].parameters);
    ck_assert(hp_database_target_parse(&target, text, "--database", &query, &ignored, &err));
    if (search_path)
        ck_assert_str_eq(target.search_path, search_path);
    else
        ck_assert_ptr_null(target.search_path);
    ck_assert_uint_eq(ignored.n, 0);
    hp_database_target_release(&target);

    ck_assert(hp_database_target_parse(&target, text, "--database", &strict, &ignored, &err));
    ck_assert_ptr_null(target.search_path);
    ck_assert_uint_eq(ignored.n, _i > 0);
    hp_database_target_release(&target);
}
END_TEST

START_TEST(description_that_does_not_fit_ends_in_dots)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    struct hp_buffer text;
    char storage[32];

    ck_assert(hp_database_target_parse(&target, "postgres://%01%02%03%04%05%06@db/app",
                                       "--database", &ping, &ignored, &err));
    hp_buffer_init(&text, storage, sizeof(storage));
    hp_database_target_describe(&target, &text);
    ck_assert_str_eq(storage, "postgresql://%01%02%03%04%05...");
    ck_assert(!text.overflow);
    hp_buffer_init(&text, storage, sizeof(storage) - 1);
    hp_database_target_describe(&target, &text);
    ck_assert_str_eq(storage, "postgresql://%01%02%03%04...");
    hp_database_target_release(&target);
}
END_TEST

START_TEST(nothing_to_release_is_fine)
{
    hp_database_target_release(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("database_target");

    HP_UNIT_TABLE(suite, url_is_read_as_its_writer_means_it, rows);
    HP_UNIT_TABLE(suite, wrong_url_is_told_by_its_field, refused);
    HP_UNIT_CASE(suite, every_problem_is_told);
    HP_UNIT_CASE(suite, what_may_be_cut_from_a_password_is_told_once);
    HP_UNIT_TABLE(suite, ping_needs_no_user, pings);
    HP_UNIT_TABLE(suite, ping_names_no_piece_of_a_password_with_a_question_mark, broken_passwords);
    HP_UNIT_TABLE(suite, ping_refuses_what_may_be_cut_from_a_password, cut_passwords);
    HP_UNIT_TABLE(suite, several_hosts_are_kept_as_they_stand, lists);
    HP_UNIT_TABLE(suite, a_role_is_kept_as_libpq_spells_it, roles);
    HP_UNIT_TABLE(suite, a_schema_is_a_search_path_or_is_ignored, search_paths);
    HP_UNIT_CASE(suite, description_that_does_not_fit_ends_in_dots);
    HP_UNIT_CASE(suite, nothing_to_release_is_fine);
    return hp_unit_run(suite);
}
