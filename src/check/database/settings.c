/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <healthprobe/base/array.h>

#include <stdlib.h>
#include <string.h>

static const char *const level_names[HP_DATABASE_LEVEL_COUNT + 1] = {"ping", "login", "query"};
static const char *const role_names[HP_DATABASE_ROLE_COUNT + 1] = {"any", "primary", "standby"};

enum { TARGET, PASSWORD, TIMEOUT, SLOW, LEVEL, QUERY, ROLE, PGENV, CA, OPTIONS };

const struct hp_option hp_database_options[] = {
    [TARGET] = {"database", "URL", NULL, "postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
                .flags = HP_OPTION_TARGET | HP_OPTION_SOURCE | HP_OPTION_REPEATABLE,
                .also = "postgres pg db postgresql database-url db-url postgres-url"},
    [PASSWORD] = {"database-password", "TEXT", NULL, "for a URL that has no password",
                  .flags = HP_OPTION_SOURCE, .role = HP_ROLE_PASSWORD},
    [TIMEOUT] = {"database-timeout", "DUR", NULL, "time limit of this check, at most --timeout",
                 .role = HP_ROLE_TIMEOUT},
    [SLOW] = {"database-slow", "DUR", NULL, "the run is degraded if this check takes longer",
              .role = HP_ROLE_SLOW},
    [LEVEL] = {"database-level", "LEVEL", "query",
               "ping: it answers; login: it accepts the login; query: SELECT 1",
               .choices = level_names},
    [QUERY] = {"database-query", "SQL", NULL,
               "one statement instead of SELECT 1; no row, false or null is down",
               .flags = HP_OPTION_PRIVATE},
    [ROLE] = {"database-role", "ROLE", "any", "primary, standby or any, by pg_is_in_recovery()",
              .choices = role_names},
    [PGENV] = {"database-pgenv", NULL, NULL,
               "use PGHOST, PGUSER, PGPASSWORD etc. for what a URL leaves out",
               .role = HP_ROLE_IMPLIED},
    [CA] = {"database-ca", "FILE", NULL, "like --ca, for sslmode verify-ca and verify-full",
            .flags = HP_OPTION_PATH, .role = HP_ROLE_CA},
    [OPTIONS] = {0},
};

const char *hp_database_role_name(enum hp_database_role role)
{
    return role_names[role];
}

void hp_database_settings_release(struct hp_database_settings *settings)
{
    hp_database_target_release(&settings->target);
}

static bool read_level_and_role(struct hp_database_settings *settings,
                                const struct hp_values *values, struct hp_error *err)
{
    int level = HP_DATABASE_LEVEL_QUERY;
    int role = HP_DATABASE_ROLE_ANY;
    bool good = hp_value_choice(values, &hp_database_options[LEVEL], &level, err);

    good = hp_value_choice(values, &hp_database_options[ROLE], &role, err) && good;
    settings->level = (enum hp_database_level)level;
    settings->role = (enum hp_database_role)role;
    return good;
}

/* False: a problem was added. */
static bool read_question(struct hp_database_settings *settings, const struct hp_check_input *input,
                          struct hp_error *err)
{
    static const struct hp_option *const asking[] = {&hp_database_options[QUERY],
                                                     &hp_database_options[ROLE]};
    bool good = read_level_and_role(settings, input->values, err);

    settings->query = hp_value_text(input->values, &hp_database_options[QUERY]);
    if (settings->query != NULL && settings->query[0] == '\0') {
        hp_error_add(err, HP_REASON_CONFIG, "%s: is empty; give one SQL statement",
                     hp_value_of(input->values, &hp_database_options[QUERY])->origin);
        good = false;
    }
    for (size_t i = 0; good && i < HP_COUNT(asking); i++) {
        const struct hp_value *value = hp_value_of(input->values, asking[i]);
        if (value == NULL || settings->level == HP_DATABASE_LEVEL_QUERY)
            continue;
        hp_error_add(err, HP_REASON_CONFIG, "%s: needs --%s %s", value->origin,
                     hp_database_options[LEVEL].name, level_names[HP_DATABASE_LEVEL_QUERY]);
        good = false;
    }
    return good;
}

/*
 * A CA is handed over for the two verifying modes alone: with it, libpq would
 * turn "require" into verify-ca.
 */
static bool read_tls(struct hp_database_settings *settings, const struct hp_check_input *input,
                     struct hp_error *err)
{
    const struct hp_database_target *target = &settings->target;
    bool verifies = target->sslmode >= HP_SSLMODE_VERIFY_CA;

    if (target->sslmode >= HP_SSLMODE_REQUIRE && !hp_input_need_tls(input, err))
        return false;
    settings->verify_ca = target->ca_from_system || (verifies && target->sslrootcert == NULL);
    if (settings->verify_ca && !target->ca_from_system)
        settings->ca_file = hp_input_ca_file(input);
    return true;
}

/* All that lets somebody in. */
static bool keep_secrets(struct hp_secrets *secrets, const struct hp_database_target *target)
{
    const char *const texts[] = {
        target->password,
        hp_database_target_parameter(target, "sslpassword"),
        hp_database_target_parameter(target, "scram_client_key"),
        hp_database_target_parameter(target, "scram_server_key"),
    };

    for (size_t i = 0; i < HP_COUNT(texts); i++)
        if (!hp_secrets_add(secrets, texts[i]))
            return false;
    return true;
}

/* @environment may be NULL, as may the .data of what this returns. */
static struct hp_span pgpassword(char *const *environment)
{
    const char *text = environment != NULL ? hp_environment_get(environment, "PGPASSWORD") : NULL;

    return text != NULL ? hp_span_trim_end(hp_span_of(text), HP_LINE_ENDS) : (struct hp_span){0};
}

bool hp_database_settings_read(struct hp_database_settings *ret, const struct hp_check_input *input,
                               struct hp_error *err)
{
    struct hp_database_target *target = &ret->target;
    bool good = read_question(ret, input, err);
    char *const *environment =
        hp_value_on(input->values, &hp_database_options[PGENV]) ? input->values->environment : NULL;
    const struct hp_database_reading reading = {
        .user_optional = ret->level == HP_DATABASE_LEVEL_PING,
        .wants_search_path = ret->query != NULL,
        .environment = environment,
        .placeholders = input->placeholders,
    };

    if (input->target == NULL)
        return false;
    good = hp_target_check_unexpanded(input->target, input->origin, input->options,
                                      input->values->environment, err) &&
           hp_database_target_parse(target, input->target, input->origin, &reading,
                                    &input->collected->ignored, err) &&
           good;
    return good && hp_input_password(input, pgpassword(environment), &target->password, err) &&
           read_tls(ret, input, err) &&
           (keep_secrets(&input->collected->secrets, target) || hp_error_no_memory(err));
}
