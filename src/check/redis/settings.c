/* SPDX-License-Identifier: MIT */
#include "settings.h"

static const char *const role_names[HP_REDIS_ROLE_COUNT + 1] = {"any", "master", "replica"};

enum { TARGET, PASSWORD, TIMEOUT, SLOW, CA, CERT, KEY, ROLE, INSECURE, OPTIONS };

const struct hp_option hp_redis_options[] = {
    [TARGET] = {"redis", "URL", NULL, "redis://, rediss://, valkey://, valkeys://, unix://",
                .flags = HP_OPTION_TARGET | HP_OPTION_SOURCE | HP_OPTION_REPEATABLE,
                .also = "cache valkey redis-url"},
    [PASSWORD] = {"redis-password", "TEXT", NULL, "for a URL that has no password",
                  .flags = HP_OPTION_SOURCE, .role = HP_ROLE_PASSWORD},
    [TIMEOUT] = {"redis-timeout", "DUR", NULL, "time limit of this check, at most --timeout",
                 .role = HP_ROLE_TIMEOUT},
    [SLOW] = {"redis-slow", "DUR", NULL, "the run is degraded if this check takes longer",
              .role = HP_ROLE_SLOW},
    [CA] = {"redis-ca", "FILE", NULL, "like --ca, for redis only", .flags = HP_OPTION_PATH,
            .role = HP_ROLE_CA},
    [CERT] = {"redis-cert", "FILE", NULL, "client certificate (PEM), with its key in --redis-key",
              .flags = HP_OPTION_PATH, .role = HP_ROLE_CERT},
    [KEY] = {"redis-key", "FILE", NULL, "key of that certificate (PEM), without a passphrase",
             .flags = HP_OPTION_PATH, .role = HP_ROLE_KEY},
    [ROLE] = {"redis-role", "ROLE", "any", "master, replica or any, by the command ROLE",
              .choices = role_names},
    [INSECURE] = {"redis-insecure", NULL, NULL, "verify neither certificate nor host name",
                  .role = HP_ROLE_INSECURE},
    [OPTIONS] = {0},
};

const char *hp_redis_role_name(enum hp_redis_role role)
{
    return role_names[role];
}

void hp_redis_settings_release(struct hp_redis_settings *settings)
{
    hp_redis_target_release(&settings->target);
}

static bool read_tls(struct hp_redis_settings *settings, const struct hp_check_input *input,
                     struct hp_error *err)
{
    const struct hp_redis_target *target = &settings->target;

    settings->tls = (struct hp_tls_settings){
        .server_name = target->host, .ca_file = target->ca_certs, .insecure = target->insecure};
    return hp_input_tls(input, target->tls, &settings->tls, err);
}

bool hp_redis_settings_read(struct hp_redis_settings *ret, const struct hp_check_input *input,
                            struct hp_error *err)
{
    struct hp_redis_target *target = &ret->target;
    int role = HP_REDIS_ROLE_ANY;
    bool good = hp_value_choice(input->values, &hp_redis_options[ROLE], &role, err);

    ret->role = (enum hp_redis_role)role;
    good =
        input->target != NULL &&
        hp_target_check_unexpanded(input->target, input->origin, input->options,
                                   input->values->environment, err) &&
        hp_redis_target_parse(target, input->target, input->placeholders, input->origin,
                              &input->collected->ignored, err) &&
        hp_input_password(input, (struct hp_span){0}, &target->password, err) &&
        read_tls(ret, input, err) &&
        (hp_secrets_add(&input->collected->secrets, target->password) || hp_error_no_memory(err)) &&
        good;
    ret->endpoint = (struct hp_endpoint){target->socket, target->host, target->port};
    return good;
}
