/* SPDX-License-Identifier: MIT */
#include "reader.h"

#include <healthprobe/base/array.h>

#include <string.h>
#include <strings.h>

static const char *const sslmode_names[] = {
    [HP_SSLMODE_UNSET] = NULL,
    [HP_SSLMODE_DISABLE] = "disable",
    [HP_SSLMODE_ALLOW] = "allow",
    [HP_SSLMODE_PREFER] = "prefer",
    [HP_SSLMODE_REQUIRE] = "require",
    [HP_SSLMODE_VERIFY_CA] = "verify-ca",
    [HP_SSLMODE_VERIFY_FULL] = "verify-full",
};

const char *hp_sslmode_name(enum hp_sslmode mode)
{
    return sslmode_names[mode];
}

static enum hp_sslmode sslmode_of(const char *text)
{
    for (int mode = HP_SSLMODE_DISABLE; mode <= HP_SSLMODE_VERIFY_FULL; mode++)
        if (strcasecmp(text, sslmode_names[mode]) == 0)
            return (enum hp_sslmode)mode;
    return HP_SSLMODE_UNSET;
}

void hp_database_read_sslmode(struct hp_database_reader *reader, const char *value)
{
    if (*value == '\0')
        return;
    reader->never_verify = strcasecmp(value, "no-verify") == 0;
    reader->target.sslmode = reader->never_verify ? HP_SSLMODE_REQUIRE : sslmode_of(value);
    reader->mode_is_explicit = true;
    if (reader->target.sslmode == HP_SSLMODE_UNSET)
        hp_target_problem(&reader->base, "parameter sslmode",
                          "has to be disable, allow, prefer, require, verify-ca or verify-full");
}

void hp_database_read_ssl(struct hp_database_reader *reader, const char *value)
{
    static const struct {
        const char *value;
        enum hp_sslmode mode;
    } switches[] = {
        {"true", HP_SSLMODE_REQUIRE},
        {"1", HP_SSLMODE_REQUIRE},
        {"false", HP_SSLMODE_DISABLE},
        {"0", HP_SSLMODE_DISABLE},
    };
    /* asyncpg takes the names of sslmode here. */
    enum hp_sslmode mode = sslmode_of(value);

    if (*value == '\0')
        return;
    for (size_t i = 0; i < HP_COUNT(switches); i++)
        if (strcasecmp(value, switches[i].value) == 0)
            mode = switches[i].mode;
    if (mode == HP_SSLMODE_UNSET)
        hp_target_problem(&reader->base, "parameter ssl",
                          "has to be true, false or a value of sslmode");
    if (!reader->mode_is_explicit)
        reader->target.sslmode = mode;
}

/* libpq still translates it so. */
void hp_database_read_requiressl(struct hp_database_reader *reader, const char *value)
{
    if (!reader->mode_is_explicit)
        reader->target.sslmode = *value == '1' ? HP_SSLMODE_REQUIRE : HP_SSLMODE_PREFER;
}

void hp_database_read_sslaccept(struct hp_database_reader *reader, const char *value)
{
    reader->has_prisma = true;
    reader->is_strict = strcasecmp(value, "strict") == 0;
}

/* Prisma's sslcert is the server's CA; libpq would take it for the client's certificate. */
static void finish_prisma(struct hp_database_reader *reader)
{
    struct hp_url_params *params = &reader->target.libpq;
    struct hp_url_param *ca = hp_database_find_param(params, "sslcert");

    if (!reader->has_prisma)
        return;
    if (reader->is_strict)
        reader->target.sslmode = HP_SSLMODE_VERIFY_FULL;
    if (ca != NULL) {
        hp_target_set(&reader->base, &reader->target.sslrootcert, ca->value);
        hp_database_remove_param(params, ca);
    }
}

void hp_database_finish_tls(struct hp_database_reader *reader)
{
    struct hp_database_target *target = &reader->target;
    bool verifies;

    finish_prisma(reader);
    if (target->sslrootcert != NULL && strcmp(target->sslrootcert, "system") == 0) {
        target->ca_from_system = true;
        target->sslmode = HP_SSLMODE_VERIFY_FULL;
        hp_target_set(&reader->base, &target->sslrootcert, NULL);
    }
    /* With a CA at hand, libpq's "require" verifies; these dialects say that nothing is. */
    verifies = target->sslmode >= HP_SSLMODE_VERIFY_CA;
    if (!verifies && (reader->never_verify || reader->has_prisma))
        hp_target_set(&reader->base, &target->sslrootcert, NULL);
}
