/* SPDX-License-Identifier: MIT */
#include "settings.h"

static const char *const role_names[HP_REDIS_ROLE_COUNT] = {"any", "master", "replica"};

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
    bool good =
        hp_values_choice(input->values, "redis-role", role_names, HP_REDIS_ROLE_COUNT, &role, err);

    ret->role = (enum hp_redis_role)role;
    good = input->target != NULL && hp_target_check_unexpanded(input->target, input->origin, err) &&
           hp_redis_target_parse(target, input->target, input->origin, &input->collected->ignored,
                                 err) &&
           hp_input_password(input, &target->password, err) && read_tls(ret, input, err) && good;
    ret->endpoint = (struct hp_endpoint){target->socket, target->host, target->port};
    return good;
}
