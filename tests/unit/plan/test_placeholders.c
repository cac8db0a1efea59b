/* SPDX-License-Identifier: MIT */
#include "build.h"

#include "check/database/settings.h"
#include "check/http/settings.h"
#include "check/redis/settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* With the real kinds: where the values of placeholders go, and how they are shown. */

static void put_file(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}

/* --- the fields of a target ------------------------------------------------------------------- */

enum field { USER, PASSWORD, HOST, PORT, DATABASE, PATH, SOCKET, PARAM, FIELDS };

static void set(char ret[512], const char *text)
{
    snprintf(ret, 512, "%s", text != NULL ? text : "-");
}

static void set_number(char ret[512], unsigned number)
{
    snprintf(ret, 512, "%u", number);
}

static void read_http(char ret[FIELDS][512], const struct hp_http_target *target)
{
    set(ret[USER], target->user);
    set(ret[PASSWORD], target->password);
    set(ret[HOST], target->host);
    set_number(ret[PORT], target->port);
    set(ret[PATH], target->path);
}

static void read_database(char ret[FIELDS][512], const struct hp_database_target *target)
{
    set(ret[USER], target->user);
    set(ret[PASSWORD], target->password);
    set(ret[HOST], target->hosts[0].name);
    set_number(ret[PORT], target->hosts[0].port);
    set(ret[DATABASE], target->dbname);
    set(ret[PARAM], target->sslrootcert);
    ck_assert_uint_eq(target->n_hosts, 1);
}

static void read_redis(char ret[FIELDS][512], const struct hp_redis_target *target)
{
    set(ret[USER], target->user);
    set(ret[PASSWORD], target->password);
    set(ret[HOST], target->host);
    set_number(ret[PORT], target->port);
    set_number(ret[DATABASE], target->database);
    set(ret[SOCKET], target->socket);
    set(ret[PARAM], target->ca_certs);
}

/** Of the plan's only check. */
static void read_fields(char ret[FIELDS][512])
{
    const struct hp_check *check = &plan.checks[0];

    ck_assert_uint_eq(plan.n_checks, 1);
    for (int field = 0; field < FIELDS; field++)
        set(ret[field], NULL);
    if (strcmp(check->ops->kind, "http") == 0)
        read_http(ret, &((struct hp_http_settings *)check->settings)->target);
    else if (strcmp(check->ops->kind, "database") == 0)
        read_database(ret, &((struct hp_database_settings *)check->settings)->target);
    else
        read_redis(ret, &((struct hp_redis_settings *)check->settings)->target);
}

/* --- whatever a value holds, it moves no other part ------------------------------------------- */

enum { NAME = 1, ADDRESS = 2, DIRECTORY = 4, PORT_NUMBER = 8, NUMBER = 16, PLAIN_USER = 32 };

static const struct {
    const char *option;
    const char *target; /* V is a placeholder */
    enum field field;
    bool shown;   /* the value is, where it is not private */
    int accepted; /* 0: any value */
} parts[] = {
    {"--http", "http://{env:V}:pw@h:1/p?q=r", USER, true, PLAIN_USER},
    {"--http", "http://u:{env:V}@h:1/p?q=r", PASSWORD, false, 0},
    {"--http", "http://u:pw@{env:V}:1/p?q=r", HOST, true, NAME | ADDRESS},
    {"--http", "http://{env:V}:1", HOST, true, NAME | ADDRESS},
    {"--http", "http://u:pw@h:{env:V}/p?q=r", PORT, true, PORT_NUMBER},
    {"--http", ":{env:V}/p", PORT, true, PORT_NUMBER},
    {"--http", "http://u:pw@h:1/{env:V}", PATH, false, 0},
    {"--http", "/{env:V}", PATH, false, 0},
    {"--database", "postgresql://{env:V}:pw@h:1/d?sslrootcert=c", USER, true, 0},
    {"--database", "postgresql://u:{env:V}@h:1/d?sslrootcert=c", PASSWORD, false, 0},
    {"--database", "postgresql://u:pw@{env:V}:1/d?sslrootcert=c", HOST, true,
     NAME | ADDRESS | DIRECTORY},
    {"--database", "postgresql://u:pw@h:{env:V}/d?sslrootcert=c", PORT, true, PORT_NUMBER},
    {"--database", "postgresql://u:pw@h:1/{env:V}?sslrootcert=c", DATABASE, true, 0},
    {"--database", "postgresql://u:pw@h:1/d?sslrootcert={env:V}", PARAM, false, 0},
    {"--database", "postgresql://u:pw@/d?host={env:V}&port=1&sslrootcert=c", HOST, true,
     NAME | ADDRESS | DIRECTORY},
    {"--database", "postgresql://u:pw@/d?hostaddr={env:V}&port=1&sslrootcert=c", HOST, true,
     NAME | ADDRESS},
    {"--database", "postgresql://u:pw@h/d?port={env:V}&sslrootcert=c", PORT, true, PORT_NUMBER},
    {"--database", "jdbc:postgresql://h:1/d?user={env:V}&password=pw&sslrootcert=c", USER, true, 0},
    {"--database", "jdbc:postgresql://h:1/d?password={env:V}&user=u&sslrootcert=c", PASSWORD, false,
     0},
    {"--database", "postgresql://u:pw@h:1?dbname={env:V}&sslrootcert=c", DATABASE, true, 0},
    {"--redis", "redis://{env:V}:pw@h:1/2?ssl_ca_certs=c", USER, true, 0},
    {"--redis", "redis://u:{env:V}@h:1/2?ssl_ca_certs=c", PASSWORD, false, 0},
    {"--redis", "redis://u:pw@{env:V}:1/2?ssl_ca_certs=c", HOST, true, NAME | ADDRESS},
    {"--redis", "redis://u:pw@h:{env:V}/2?ssl_ca_certs=c", PORT, true, PORT_NUMBER},
    {"--redis", "redis://u:pw@h:1/{env:V}?ssl_ca_certs=c", DATABASE, true, NUMBER},
    {"--redis", "redis://u:pw@h:1?db={env:V}&ssl_ca_certs=c", DATABASE, true, NUMBER},
    {"--redis", "redis://h:1/2?username={env:V}&password=pw&ssl_ca_certs=c", USER, true, 0},
    {"--redis", "redis://h:1/2?password={env:V}&username=u&ssl_ca_certs=c", PASSWORD, false, 0},
    {"--redis", "redis://u:pw@h:1/2?ssl_ca_certs={env:V}", PARAM, false, 0},
    {"--redis", "unix:///{env:V}?db=2&ssl_ca_certs=c", SOCKET, false, 0},
};

static const struct {
    const char *text;
    int is;
} held[] = {
    {"db", NAME | PLAIN_USER},
    {"db.internal", NAME | PLAIN_USER},
    {"10.0.0.1", NAME | PLAIN_USER},
    {"::1", ADDRESS},
    {"fe80::1%eth0", ADDRESS},
    {"/run/postgresql", DIRECTORY | PLAIN_USER},
    {"/cloudsql/a:b:c", DIRECTORY},
    {"5", NAME | PORT_NUMBER | NUMBER | PLAIN_USER},
    {"65535", NAME | PORT_NUMBER | NUMBER | PLAIN_USER},
    {"65536", NAME | NUMBER | PLAIN_USER},
    {"0", NAME | NUMBER | PLAIN_USER},
    {"99999999999999999999", NAME | PLAIN_USER},
    {"-1", NAME | PLAIN_USER},
    {"+1", NAME | PLAIN_USER},
    {"tcp://10.0.0.1:6379", 0},
    {"db:5432", 0},
    {"[::1]", 0},
    {"a,b", PLAIN_USER},
    {"a@b", PLAIN_USER},
    {"a:b@c:1/d?e#f", 0},
    {"a/b", PLAIN_USER},
    {"../../x", PLAIN_USER},
    {"a?b=c&d", PLAIN_USER},
    {"a#b", PLAIN_USER},
    {"a%41", PLAIN_USER},
    {"%2F%00%0d%0a", PLAIN_USER},
    {"a b", PLAIN_USER},
    {" ", PLAIN_USER},
    {"a\r\nX-Evil: y", 0},
    {"a\nb", PLAIN_USER},
    {"\t\x7F\x1B", PLAIN_USER},
    {"\x01\x80", PLAIN_USER},
    {"\x01\x81", PLAIN_USER},
    {"\x01", PLAIN_USER},
    {"\xC3\xA4\xFF", NAME | PLAIN_USER},
    {"{env:OTHER}", 0},
    {"{file:/etc/passwd}", 0},
    {"${OTHER}", PLAIN_USER},
    {"$(OTHER)", NAME | PLAIN_USER},
    {"env:OTHER", 0},
    {"file:/etc/passwd", 0},
    {"http://evil/x", 0},
    {"a=b&sslmode=disable", NAME | PLAIN_USER},
    {"'\"\\;|<>`*!", PLAIN_USER},
};

/** As it is sent, of HTTP. */
static void encode(char ret[512], const char *value)
{
    size_t len = 0;

    for (; *value != '\0'; value++)
        len += (size_t)sprintf(ret + len,
                               hp_is_one_of(*value | 0x20, "abcdefghijklmnopqrstuvwxyz") ||
                                       hp_is_one_of(*value, "0123456789-._~/")
                                   ? "%c"
                                   : "%%%02X",
                               (unsigned char)*value);
}

/** A field whose placeholder follows its slash, if it has one. */
static void expect(char ret[512], enum field field, const char *value)
{
    char encoded[512] = "";

    encode(encoded, value);
    snprintf(ret, 512, "%s%s", field == PATH || field == SOCKET ? "/" : "",
             field == PATH ? encoded : value);
}

START_TEST(value_is_its_part_or_refused_and_moves_no_other)
{
    size_t part = (size_t)_i / HP_UNIT_ROWS(held);
    const char *value = held[(size_t)_i % HP_UNIT_ROWS(held)].text;
    int accepted = parts[part].accepted;
    bool fits = accepted == 0 || (held[(size_t)_i % HP_UNIT_ROWS(held)].is & accepted) != 0;
    struct input plain = {{parts[part].option, parts[part].target}, {"V=1", "OTHER=x"}};
    struct input input = plain;
    char before[FIELDS][512];
    char after[FIELDS][512];
    char variable[512];
    char expected[512];

    snprintf(variable, sizeof variable, "V=%s", value);
    input.environment[0] = variable;
    plain.arguments[2] = input.arguments[2] = "--check";
    plain.arguments[3] = input.arguments[3] = parts[part].option + 2;
    ck_assert_msg(build(&plain), "%s", err.msg);
    read_fields(before);

    ck_assert_msg(build(&input) == fits, "%s in %s: %s", value, parts[part].target, err.msg);
    if (!fits) {
        ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
        ck_assert_msg(strlen(value) < 4 || strstr(err.msg, value) == NULL ||
                          strncmp(value, "tcp:", 4) == 0,
                      "%s", err.msg);
        return;
    }
    read_fields(after);
    expect(expected, parts[part].field, value);
    ck_assert_str_eq(after[parts[part].field], expected);
    for (int field = 0; field < FIELDS; field++)
        if (field != (int)parts[part].field)
            ck_assert_msg(strcmp(before[field], after[field]) == 0, "%s in %s: %s and not %s",
                          value, parts[part].target, after[field], before[field]);
    ck_assert_int_eq(hp_secrets_found(&plan.collected.secrets, hp_untrusted_of(value)),
                     !parts[part].shown);
    ck_assert_msg(parts[part].shown || strlen(value) < 4 ||
                      strstr(plan.checks[0].target, value) == NULL,
                  "%s", plan.checks[0].target);
}
END_TEST

/* --- what is shown ---------------------------------------------------------------------------- */

static char directory[] = "/tmp/healthprobe-placeholders-XXXXXX";

/* In it: "pw", "port", "nul", "empty", "bom". */
static void make_files(void)
{
    strcpy(directory, "/tmp/healthprobe-placeholders-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    put_file("pw", "s3cr3t-Zq9@/?#%41\n", 18);
    put_file("port", "5433\r\n", 6);
    put_file("nul", "s3cr3t\0Zq9", 10);
    put_file("empty", "\n", 1);
    put_file("literal", "redis://{env:H}:{file:port}/${X}", 32);
}

static void remove_files(void)
{
    static const char *const names[] = {"pw", "port", "nul", "empty", "literal"};

    for (size_t i = 0; i < HP_UNIT_ROWS(names); i++)
        ck_assert_int_eq(remove(names[i]), 0);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(directory), 0);
}

static const struct {
    struct input input;
    const char *target; /* as it is shown */
} shown[] = {
    /* what the contract promises */
    {{{"--check", "http", "--http", "http://localhost:{env:SERVER_PORT:-8080}/health"}, {0}},
     "http://localhost:8080/health"},
    {{{"--check", "http", "--http", "http://localhost:{env:SERVER_PORT:-8080}/health"},
      {"SERVER_PORT=81"}},
     "http://localhost:81/health"},
    {{{"--check", "database", "--database",
       "postgresql://{env:DB_USER}:{file:pw}@{env:DB_HOST}/{env:DB_NAME}"},
      {"DB_USER=app", "DB_HOST=db", "DB_NAME=orders"}},
     "postgresql://app@db:5432/orders"},
    /* short forms */
    {{{"--check", "http", "--http", "{env:A}:{env:B}/x"}, {"A=::1", "B=7"}}, "http://[::1]:7/x"},
    {{{"--check", "http", "--http", ":{env:B}/x"}, {"B=7"}}, "http://localhost:7/x"},
    {{{"--check", "http", "--http", ":{env:B:-}/x"}, {0}}, "http://localhost:3000/x"},
    {{{"--check", "http", "--http", "{env:B}"}, {"B=7"}}, "http://localhost:7/health/live"},
    {{{"--check", "http", "--http", "/x/{env:B}"}, {"B=7"}}, "http://localhost:3000/x/{env:B}"},
    /* parts of parts */
    {{{"--check", "http", "--http", "http://{env:A}.{env:B:-svc}.local/v{env:C}/x"},
      {"A=db", "C=2"}},
     "http://db.svc.local/v{env:C}/x"},
    {{{"--check", "redis", "--redis", "redis://[{env:A}]:{env:B}"}, {"A=::1", "B=7"}},
     "redis://[::1]:7"},
    {{{"--check", "redis", "--redis", "redis://[fe80::1%25{env:A}]"}, {"A=eth0"}},
     "redis://[fe80::1%25eth0]:6379"},
    {{{"--check", "redis", "--redis", "redis://{env:A}"}, {"A=fe80::1%eth0"}},
     "redis://[fe80::1%25eth0]:6379"},
    {{{"--check", "redis", "--redis", "redis://h:{env:A:-}/"}, {0}}, "redis://h:6379"},
    {{{"--check", "database", "--database", "postgresql://u@{env:A}:{env:P},{env:B},c:{env:P}/d"},
      {"A=::1", "B=b", "P=7"}},
     "postgresql://u@[::1]:7,b:5432,c:7/d"},
    {{{"--check", "database", "--database", "postgresql://u@/d?host={env:A},{env:B}&port={env:P}"},
      {"A=a", "B=b", "P=7"}},
     "postgresql://u@a:7,b:7/d"},
    {{{"--check", "database", "--database", "postgresql://u@{env:A}/d"}, {"A=/cloudsql/a:b:c"}},
     "postgresql://u@/d?host=/cloudsql/a:b:c"},
    {{{"--check", "database", "--database", "postgresql://{env:A}@h"}, {"A=a b@c"}},
     "postgresql://a%20b%40c@h:5432/a%20b@c"},
    /* nothing in it splits the text, and it ends at its first brace */
    {{{"--check", "http", "--http", "http://{env:A:-h}/{env:B:-a@b?c#d&e=f}}/{x}"}, {0}},
     "http://h/{env:B}%7D/%7Bx%7D"},
    {{{"--check", "redis", "--redis", "redis://:{env:B:-{env:C}@h"}, {0}}, "redis://h:6379"},
    {{{"--check", "http", "--http", "http://h/{env}{ENV:X}{x}{file"}, {0}},
     "http://h/%7Benv%7D%7BENV:X%7D%7Bx%7D%7Bfile"},
    /* decoding is over before a value is put in */
    {{{"--check", "redis", "--redis", "redis://a%4{env:X}:pw@h"}, {"X=1"}},
     "redis://a%2541@h:6379"},
    /* a file, a telling name, another part: as it is written, but for the default */
    {{{"--check", "database", "--database", "postgresql://{file:pw}@h:{file:port}/d"}, {0}},
     "postgresql://{file:(a relative path)}@h:{file:(a relative path)}/d"},
    {{{"--check", "database", "--database", "postgresql://{env:A}@{env:B}:{env:C:-6}/{env:D}"},
      {"A=a", "B=b", "D=d"}},
     "postgresql://a@b:6/d"},
    {{{"--check", "database", "--database",
       "postgresql://{env:MY_TOKEN:-s3cr3t-Zq9}@{env:KEYHOST}:{env:x_pwd_port:-6}/{env:Secret_db}"},
      {"KEYHOST=b", "Secret_db=d"}},
     "postgresql://{env:MY_TOKEN}@{env:KEYHOST}:{env:x_pwd_port}/{env:Secret_db}"},
    {{{"--check", "database", "--database", "postgresql://{env:PASSPORT}@h"}, {"PASSPORT=x"}},
     "postgresql://{env:PASSPORT}@h:5432/{env:PASSPORT}"},
    {{{"--check", "database", "--database", "postgresql://u@/d?host=a,b&port={file:port}"}, {0}},
     "postgresql://u@a:{file:(a relative path)},b:{file:(a relative path)}/d"},
    {{{"--check", "database", "--database", "postgresql://u@{env:A_KEY}:5432/d?host=h"},
      {"A_KEY=x"}},
     "postgresql://u@h:5432/d"},
    {{{"--check", "database", "--database",
       "postgresql://u@/d?host={env:A_KEY},/run&port={env:A_KEY}"},
      {"A_KEY=5"}},
     "postgresql://u@/d?host={env:A_KEY},/run&port={env:A_KEY},{env:A_KEY}"},
    {{{"--check", "database", "--database", "postgresql://u@/d?hostaddr={env:A_KEY}"},
      {"A_KEY=10.0.0.1"}},
     "postgresql://u@{env:A_KEY}:5432/d"},
    {{{"--check", "redis", "--redis", "redis://{env:A_KEY}:pw@{env:A_KEY}:{env:A_KEY}/{env:A_KEY}"},
      {"A_KEY=5"}},
     "redis://{env:A_KEY}@{env:A_KEY}:{env:A_KEY}/{env:A_KEY}"},
    {{{"--check", "redis", "--redis", "redis://h/{env:A_KEY}"}, {"A_KEY=0"}},
     "redis://h:6379/{env:A_KEY}"},
    {{{"--check", "redis", "--redis", "redis://h/4?db={env:A_KEY}"}, {"A_KEY=5"}},
     "redis://h:6379/4"},
    {{{"--check", "redis", "--redis", "unix:///run/{env:A}/r.sock?db={env:B}"}, {"A=a", "B=3"}},
     "unix:///run/{env:A}/r.sock?db=3"},
    {{{"--check", "http", "--http", "http://h:{env:A_KEY}/x"}, {"A_KEY=80"}},
     "http://h:{env:A_KEY}/x"},
    {{{"--check", "http", "--http", "http://{env:A_KEY}b/x?{env:A}"}, {"A_KEY=h", "A=a"}},
     "http://{env:A_KEY}b/x"},
    /* line ends at the end go, from variables and files */
    {{{"--check", "http", "--http", "http://{env:A}:{file:port}/"}, {"A=h\r\n\n"}},
     "http://h:{file:(a relative path)}/"},
    /* all of a value is as env: and file: are */
    {{{"--check", "redis", "--redis", "{env:U}"}, {"U=redis://{env:H}x%40:pw@h/3"}},
     "redis://%7Benv@h:6379/3"},
    {{{"--check", "redis", "--redis", "{env:U:-redis://h}"}, {0}}, "redis://h:6379"},
    {{{"--check", "redis", "--redis", "a={env:U}"}, {"U=redis://h"}}, "redis://h:6379"},
    {{{"--check", "redis", "--redis", "a=redis://{env:U}"}, {"U=h"}}, "redis://h:6379"},
    /* twins */
    {{{"--check", "redis"}, {"HEALTHPROBE_REDIS=redis://{env:U:-a=/b}:x@h", "U=u"}},
     "redis://u@h:6379"},
    /* a parameter that replaces a masked part of the URL is shown */
    {{{"--check", "database", "--database", "postgresql://{file:pw}@h/{file:pw}?user=a&dbname=b"},
      {0}},
     "postgresql://a@h:5432/b"},
};

START_TEST(value_goes_where_its_placeholder_is)
{
    bool good;

    make_files();
    good = build(&shown[_i].input);
    remove_files();
    ck_assert_msg(good, "%s", err.msg);
    ck_assert_str_eq(plan.checks[0].target, shown[_i].target);
}
END_TEST

static const struct {
    struct input input;
    const char *message;
} refused[] = {
    {{{"--http", "http://{env:X}/"}, {0}},
     "--http: the variable X that it names is not set, or empty"},
    {{{"--http", "http://{env:X}/"}, {"X="}},
     "--http: the variable X that it names is not set, or empty"},
    {{{"--http", "http://{env:X}/"}, {"X=\r\n"}},
     "--http: the variable X that it names is not set, or empty"},
    {{{"--http", "http://{env:X}:{env:Y}/"}, {0}},
     "--http: the variable X that it names is not set, or empty; "
     "--http: the variable Y that it names is not set, or empty"},
    {{{"--http", "a={env:X}/"}, {0}},
     "--http (a): the variable X that it names is not set, or empty"},
    {{{"--http", "http://h/{file:none}"}, {0}},
     "--http: cannot open (a relative path): No such file or directory"},
    {{{"--http", "http://h/{file:/run/none}"}, {0}},
     "--http: cannot open /run/none: No such file or directory"},
    {{{"--http", "http://h/{file:nul}"}, {0}}, "--http: (a relative path) holds a NUL byte"},
    {{{"--http", "http://h/{file:empty}"}, {0}}, "--http: (a relative path) is empty"},
#define MALFORMED                                                                                  \
    "--http: has a malformed placeholder: write {env:NAME}, {env:NAME:-default} or {file:PATH}"
    {{{"--http", "http://h/{env:X"}, {"X=x"}}, MALFORMED},
    {{{"--http", "http://h/{env:}"}, {"X=x"}}, MALFORMED},
    {{{"--http", "http://h/{env:1X}"}, {"1X=x"}}, MALFORMED},
    {{{"--http", "http://h/{env:X-s3cr3t-Zq9}"}, {"X=x"}}, MALFORMED},
    {{{"--http", "http://h/{env:X:s3cr3t-Zq9}"}, {"X=x"}}, MALFORMED},
    {{{"--http", "http://h/{env: X}"}, {"X=x"}}, MALFORMED},
    {{{"--http", "http://h/{env:{env:X}}"}, {"X=x"}}, MALFORMED},
    {{{"--http", "http://h/{file:}"}, {0}}, MALFORMED},
    {{{"--http", "http://h/{file:/a"}, {0}}, MALFORMED},
    {{{"--http", "{env:X"}, {"X=x"}}, MALFORMED},
    /* what does not fit is named, and not quoted */
    {{{"--http", "http://a.{env:X}/"}, {"X=s3cr3t:Zq9"}},
     "--http: {env:X} is not one host name or address"},
    {{{"--http", "http://{env:X:-a/b}/"}, {0}}, "--http: {env:X} is not one host name or address"},
    {{{"--http", "http://{env:X:-}/"}, {0}}, "--http: {env:X} is not one host name or address"},
    {{{"--http", "http://{env:X}/"}, {"X=/run"}},
     "--http: {env:X} is not one host name or address"},
    {{{"--http", "http://[{env:X}]/"}, {"X=h"}},
     "--http: the host in brackets is not an IPv6 address"},
    {{{"--http", "http://{file:/etc/hostname}{env:X}/"}, {"X=/"}},
     "--http: {file:/etc/hostname} is not one host name or address"},
    {{{"--http", "http://h:{env:X}/"}, {"X=tcp://10.0.0.1:80"}},
     "--http: {env:X} is not a port: tcp://... is Kubernetes' own variable for a Service of that "
     "name"},
    {{{"--http", "http://h:{env:X}/"}, {"X=70000"}}, "--http: {env:X} is not a port (1 to 65535)"},
    {{{"--http", "http://h:{env:X}/"}, {"X=08080"}}, "--http: {env:X} is not a port (1 to 65535)"},
    {{{"--http", "http://h:{env:X}/"}, {"X=0"}}, "--http: {env:X} is not a port (1 to 65535)"},
    {{{"--http", "http://h:8{env:X}/"}, {"X=1"}}, "--http: {env:X} is not all of the port"},
    {{{"--http", "http://h:{env:X}{env:X}/"}, {"X=1"}}, "--http: {env:X} is not all of the port"},
    {{{"--http", "http://h{env:X}/"}, {"X=/api"}},
     "--http: {env:X} is not one host name or address"},
    {{{"--http", "{env:X}://h/"}, {"X=http"}},
     "--http: a placeholder cannot be the scheme: give http://{env:HOST}:{env:PORT}/path"},
    {{{"--http", "{env:X}/health"}, {"X=http://s3cr3t-Zq9"}},
     "--http: a placeholder cannot be the scheme: give http://{env:HOST}:{env:PORT}/path"},
    {{{"--http", "http{env:X}://h/"}, {"X=s"}}, "--http: a placeholder cannot be the scheme"},
    {{{"--check", "redis", "--redis", "{env:X}://h/"}, {"X=redis"}},
     "--redis: a placeholder cannot be the scheme"},
    {{{"--check", "redis", "--redis", "redis://h?{env:X}=1"}, {"X=db"}},
     "--redis: the query has a placeholder in the name of a parameter"},
    {{{"--check", "redis", "--redis", "redis://h/{env:X}"}, {"X=a"}},
     "--redis: the database is not a number"},
    {{{"--check", "database", "--database", "postgresql://u@h/d?sslmode={env:X}"},
      {"X=s3cr3t-Zq9"}},
     "--database: the parameter sslmode has to be disable, allow, prefer, require, verify-ca or "
     "verify-full"},
    /* the mark itself */
    {{{"--http", "http://h/%01{env:X}"}, {"X=x"}},
     "--http: holds the control character 01 beside a placeholder"},
    {{{"--http-header", "A: \1\x80{env:X}"}, {"X=x"}},
     "--http-header: holds the control character 01 beside a placeholder"},
    /* headers */
    {{{"--http-header", "A: b{env:X}"}, {"X=s3cr3t\r\nZq9: 1"}},
     "--http-header: the value that it names holds a control character"},
    {{{"--http-header", "A: env:X"}, {"X=s3cr3t\nZq9"}},
     "--http-header: the value that it names holds a control character"},
    {{{"--http-header", "A: {env:X}"}, {"X=s3cr3t\nZq9"}},
     "--http-header: the value that it names holds a control character"},
    {{{"--http-header", "A: b{env:X}"}, {"X=\t"}},
     "--http-header: the value that it names holds a control character"},
    {{{"--http-header", "A: b{env:X}"}, {0}},
     "--http-header: the variable X that it names is not set, or empty"},
    {{{"--http-header", "A: b{env:"}, {0}},
     "--http-header: has a malformed placeholder: write {env:NAME}, {env:NAME:-default} or "
     "{file:PATH}"},
    /* "$" */
    {{{"--http", "http://${env:X}/"}, {"X=h"}},
     "--http: holds a variable that was not expanded: the exec forms of Docker and Kubernetes "
     "expand nothing; write {env:NAME}"},
    {{{"--http-header", "Authorization: Bearer ${X}"}, {"X=s3cr3t-Zq9"}},
     "--http-header: holds a variable that was not expanded: the exec forms of Docker and "
     "Kubernetes expand nothing; write {env:X}"},
    {{{"--check", "redis", "--redis", "redis://h"}, {"HEALTHPROBE_REDIS_PASSWORD=$X", "X=x"}},
     "HEALTHPROBE_REDIS_PASSWORD: holds a variable that was not expanded: the exec forms of Docker "
     "and Kubernetes expand nothing; write {env:X} in --redis-password"},
    /* lines come first */
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=A: {env:X:-\n}"}},
     "HEALTHPROBE_HTTP_HEADER: has a malformed placeholder: write {env:NAME}, {env:NAME:-default} "
     "or {file:PATH}; HEALTHPROBE_HTTP_HEADER: is not a header of the form 'Name: value'"},
};

START_TEST(placeholder_with_an_unusable_value_is_a_config_error)
{
    bool good;

    make_files();
    good = build(&refused[_i].input);
    remove_files();
    ck_assert(!good);
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_str_eq(err.msg, refused[_i].message);
}
END_TEST

static const struct {
    struct input input;
    const char *target;
} literal[] = {
    {{{"--check", "redis"}, {"REDIS_URL=redis://{env:H}:x@h", "H=x"}}, "redis://%7Benv@h:6379"},
    {{{"--check", "redis"}, {"REDIS_URL=redis://\1\x80:x@h", "H=x"}}, "redis://%01%80@h:6379"},
    {{{"--check", "redis"}, {"REDIS_URL=redis://%01%80:x@h", "H=x"}}, "redis://%01%80@h:6379"},
    {{{"--check", "redis", "--redis", "redis://%01%80:x@h"}, {0}}, "redis://%01%80@h:6379"},
    {{{"--check", "redis", "--redis", "env:U"}, {"U=redis://\1\x80:{env:H}@h", "H=x"}},
     "redis://%01%80@h:6379"},
    {{{"--check", "database", "--database", "postgresql://", "--database-pgenv"},
      {"PGHOST=h", "PGUSER=\1\x80{env:X}"}},
     "postgresql://%01%80%7Benv%3AX%7D@h:5432/%01%80%7Benv:X%7D"},
    {{{"--check", "database", "--database", "postgresql://{env:U}@", "--database-pgenv"},
      {"U=u", "PGHOST=h", "PGDATABASE=\1\x80"}},
     "postgresql://u@h:5432/%01%80"},
};

START_TEST(application_variables_and_files_are_literal)
{
    ck_assert_msg(build(&literal[_i].input), "%s", err.msg);
    ck_assert_str_eq(plan.checks[0].target, literal[_i].target);
}
END_TEST

static const struct {
    struct input input;
    const char *said;
    bool is_secret;
} secrets[] = {
    {{{"--http", "http://{env:A}/"}, {"A=host"}}, "the host here", false},
    {{{"--http", "http://{env:A_KEY}/"}, {"A_KEY=host"}}, "the host here", true},
    {{{"--http", "http://h/{env:A}"}, {"A=v7"}}, "/v7", true},
    {{{"--http", "http://h/{env:A}"}, {"A=a/b c"}}, "GET /a%2fb%20c", true},
    {{{"--http", "http://h/?a={env:A}"}, {"A=v7"}}, "v7", true},
    {{{"--http", "http://h:{file:port}/"}, {0}}, "port 5433", true},
    {{{"--http-header", "Host: {env:A}.b"}, {"A=web"}}, "no web.b here", true},
    {{{"--http-header", "Host: web.b"}, {0}}, "no web.b here", false},
    {{{"--http-header", "X: a{env:A}"}, {"A=v7"}}, "v7", true},
    {{{"--http-header", "X: a{env:A:-v7}"}, {0}}, "v7", true},
    {{{"--check", "redis", "--redis", "redis://h", "--redis-password", "x{env:A}"}, {"A=v7"}},
     "v7",
     true},
    {{{"--check", "database", "--database", "postgresql://u@h/d?options={env:A}"}, {"A=v7"}},
     "v7",
     true},
    {{{"--check", "database", "--database", "postgresql://u@h/d?schema={env:A}"}, {"A=v7"}},
     "v7",
     true},
};

START_TEST(what_is_not_shown_is_a_secret)
{
    make_files();
    ck_assert_msg(build(&secrets[_i].input), "%s", err.msg);
    remove_files();
    ck_assert(hp_secrets_found(plan.checks[0].secrets, hp_untrusted_of(secrets[_i].said)) ==
              secrets[_i].is_secret);
}
END_TEST

/* --- what is not a target --------------------------------------------------------------------- */

static const struct {
    struct input input;
    const char *option;
    const char *text;
} texts[] = {
    {{{"--http-header", "Authorization: Bearer {env:T}"}, {"T=a{env:T}%41:,@"}},
     "http-header",
     "Authorization: Bearer a{env:T}%41:,@"},
    {{{"--http-header", "A:{env:T}{file:port}-{x}"}, {"T=a"}}, "http-header", "A:a5433-{x}"},
    {{{"--http-header", "{env:T}: b"}, {"T=a"}}, "http-header", "{env:T}: b"},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=A: b\nC: x{env:T}\r\n", "T=a"}}, "http-header", "A: b"},
    {{{"--check", "redis", "--redis", "redis://h", "--redis-password", "{env:T}%01"}, {"T=\1\x80"}},
     "redis-password",
     "\1\x80%01"},
    {{{"--check", "redis", "--redis", "redis://h", "--redis-password", "\1\x80"}, {0}},
     "redis-password",
     "\1\x80"},
    {{{"--check", "redis", "--redis", "redis://h", "--redis-password", "{file:pw}"}, {0}},
     "redis-password",
     "s3cr3t-Zq9@/?#%41"},
    {{{"--check", "redis", "--redis", "redis://h", "--redis-password", "a{env:T:-}b"}, {0}},
     "redis-password",
     "ab"},
    /* not looked through at all */
    {{{"--http-body", "{env:T}{env:"}, {"T=a"}}, "http-body", "{env:T}{env:"},
};

START_TEST(placeholders_work_in_passwords_and_headers)
{
    make_files();
    build(&texts[_i].input);
    remove_files();
    ck_assert_str_eq(value_of(texts[_i].option, 0)->text, texts[_i].text);
}
END_TEST

START_TEST(value_in_a_query_is_encoded)
{
    const struct input input = {{"--http", "http://h/a?b={env:V}&c=/%41"}, {"V=x&y=/?#%41+ \xFF"}};
    char fields[FIELDS][512];

    ck_assert_msg(build(&input), "%s", err.msg);
    read_fields(fields);
    ck_assert_str_eq(fields[PATH], "/a?b=x%26y%3D%2F%3F%23%2541%2B%20%FF&c=/%41");
}
END_TEST

START_TEST(more_than_64_placeholders_are_refused)
{
    char text[512] = "";
    struct input input = {{"--redis-password", text, "--check", "redis", "--redis", "redis://h"},
                          {"A=b"}};

    for (size_t i = 0; i < HP_PLACEHOLDERS_MAX; i++)
        strcat(text, "{env:A}");
    ck_assert_msg(build(&input), "%s", err.msg);
    ck_assert_str_eq(value_of("redis-password", 0)->text,
                     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    strcat(text, "{env:A}");
    ck_assert(!build(&input));
    ck_assert_str_eq(err.msg, "--redis-password: has too many placeholders; give at most 64");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("placeholders");

    add(suite, "value_is_its_part_or_refused_and_moves_no_other",
        value_is_its_part_or_refused_and_moves_no_other, HP_UNIT_ROWS(parts) * HP_UNIT_ROWS(held),
        release);
    add(suite, "value_goes_where_its_placeholder_is", value_goes_where_its_placeholder_is,
        HP_UNIT_ROWS(shown), release);
    add(suite, "placeholder_with_an_unusable_value_is_a_config_error",
        placeholder_with_an_unusable_value_is_a_config_error, HP_UNIT_ROWS(refused), release);
    add(suite, "application_variables_and_files_are_literal",
        application_variables_and_files_are_literal, HP_UNIT_ROWS(literal), release);
    add(suite, "what_is_not_shown_is_a_secret", what_is_not_shown_is_a_secret,
        HP_UNIT_ROWS(secrets), release);
    add(suite, "placeholders_work_in_passwords_and_headers",
        placeholders_work_in_passwords_and_headers, HP_UNIT_ROWS(texts), release);
    HP_UNIT_CASE_WITH(suite, value_in_a_query_is_encoded, NULL, release);
    HP_UNIT_CASE_WITH(suite, more_than_64_placeholders_are_refused, NULL, release);
    return hp_unit_run(suite);
}
