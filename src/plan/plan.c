/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/plan.h>

#include <healthprobe/base/utf8.h>
#include <healthprobe/plan/kinds.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "tolerance.h"

/* What says how a report goes out holds for that of an error too. */
static void read_output(struct hp_plan *plan, const struct hp_values *values, struct hp_error *err)
{
    int format = HP_FORMAT_JSON;
    int exit_codes = -1; /* plain ones have no word: they are what there is without the option */

    hp_value_choice(values, hp_option_general(HP_GENERAL_FORMAT), &format, err);
    hp_value_choice(values, hp_option_general(HP_GENERAL_EXIT_CODES), &exit_codes, err);
    plan->format = (enum hp_format)format;
    plan->exit_codes = (enum hp_exit_codes)(exit_codes + 1);
    plan->verbose = hp_value_on(values, hp_option_general(HP_GENERAL_VERBOSE));
}

/* no-color.org: set and not empty, whatever it says. */
static void read_colour(struct hp_plan *plan, char *const environment[])
{
    const char *terminal = hp_environment_get(environment, "TERM");

    plan->colour = hp_environment_get(environment, "NO_COLOR") == NULL &&
                   (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static void read_version(struct hp_plan *plan, const struct hp_values *values)
{
    const char *version = hp_environment_get(values->environment, "APP_VERSION");

    if (version == NULL)
        version = "unknown";
    if (hp_utf8_clean(plan->version, sizeof plan->version, version, strlen(version)) == 0)
        snprintf(plan->version, sizeof plan->version, "unknown");
}

/* What the steps of building a plan share. */
struct building {
    struct hp_plan *plan;
    const struct hp_selection *selection;
    const struct hp_values *values;
    struct hp_error *err;
    size_t n_targets;      /* those that are wrong included */
    struct hp_names names; /* of all checks, the same */
};

/* False: the plan is full. That is reported once. */
static bool take_name(struct building *building, const char *name, const char *label)
{
    if (building->n_targets++ >= HP_CHECKS_MAX) {
        if (building->n_targets == HP_CHECKS_MAX + 1)
            hp_error_add(building->err, HP_REASON_CONFIG,
                         "%s: too many; a run has at most %d checks", label, HP_CHECKS_MAX);
        return false;
    }
    if (hp_names_has(&building->names, name))
        hp_error_add(building->err, HP_REASON_CONFIG,
                     "%s: a check is named %s already; name them: a=URL b=URL", label, name);
    hp_names_add(&building->names, name);
    return true;
}

static void read_kind_duration(const struct building *building, const struct hp_check_ops *ops,
                               enum hp_option_role role, int64_t *ret_ns)
{
    const struct hp_option *option = hp_option_of_role(ops->options, role);

    if (option != NULL)
        hp_value_duration(building->values, option, HP_NS_PER_HOUR, ret_ns, building->err);
}

/* A check ends when the run does. */
static void cut_timeout(const struct building *building, struct hp_check *check)
{
    const struct hp_value *value =
        hp_value_of(building->values, hp_option_of_role(check->ops->options, HP_ROLE_TIMEOUT));

    if (check->timeout_ns <= building->plan->timeout_ns)
        return;
    check->timeout_ns = building->plan->timeout_ns;
    hp_notes_add(&building->plan->collected.notes, "%s: longer than --%s, and cut to it",
                 value->origin, hp_option_general(HP_GENERAL_TIMEOUT)->name);
}

/* A password that is the database's name as well would hide that there is no such database. */
static bool is_shown(const void *owner, const char *secret)
{
    const struct hp_check *check = owner;

    return check->ops->shows != NULL && check->ops->shows(check, secret);
}

/* The right kind will report any other problem. In "redis:8080/path", redis is a host. */
static bool is_of_kind(const struct hp_check_ops *ops, const struct hp_check_input *input,
                       struct hp_error *err)
{
    const char *text = input->target != NULL ? input->target : "";
    size_t slash = strcspn(text, "/");
    const struct hp_check_ops *other =
        hp_kind_of_scheme((struct hp_span){text, strcspn(text, ":")});

    if (other == NULL || other == ops || slash == 0 || text[slash - 1] != ':')
        return true;
    hp_error_add(err, HP_REASON_CONFIG, "%s: this is a URL for --%s", input->origin,
                 other->options[0].name);
    return false;
}

/* True: it has a password of its own, which nothing else filled. */
static bool add_check(struct building *building, const struct hp_check_ops *ops,
                      const struct hp_value *target)
{
    const char *name = target != NULL && target->name[0] != '\0' ? target->name : ops->kind;
    struct hp_plan *plan = building->plan;
    struct hp_check *check = NULL;
    bool own_password = false;
    char label[HP_LABEL_MAX];
    struct hp_check_input input = {
        .options = ops->options,
        .target = target != NULL ? target->text : NULL,
        .placeholders = target != NULL ? &target->placeholders : NULL,
        .origin = label,
        .target_is_typed =
            target != NULL && target->from_flag && target->reference == HP_REFERENCE_NONE,
        .mode = plan->mode,
        .values = building->values,
        .collected = &plan->collected,
        .ret_own_password = &own_password,
    };

    snprintf(label, sizeof label, "%s", ops->kind);
    if (target != NULL)
        hp_value_label(label, target);
    if (!take_name(building, name, label))
        return false;
    if (target != NULL && target->was_trimmed)
        hp_input_note_trimmed(&plan->collected, label);
    check = &plan->checks[plan->n_checks];
    *check = (struct hp_check){
        .ops = ops,
        .given = target,
        .secrets = &check->own_secrets,
        .own_secrets = {.of = &plan->collected.secrets, .is_shown = is_shown, .owner = check},
        .timeout_ns = plan->timeout_ns,
    };
    snprintf(check->name, sizeof check->name, "%s", name);
    input.name = check->name;
    input.ca = hp_value_of(building->values, hp_option_general(HP_GENERAL_CA));
    read_kind_duration(building, ops, HP_ROLE_TIMEOUT, &check->timeout_ns);
    read_kind_duration(building, ops, HP_ROLE_SLOW, &check->slow_ns);
    cut_timeout(building, check);
    if (is_of_kind(ops, &input, building->err) && hp_check_parse(check, &input, building->err))
        plan->n_checks++;
    return own_password;
}

/* A password that completes no URL was meant for one, but nobody knows which. */
static void refuse_idle_password(const struct building *building, const struct hp_check_ops *ops,
                                 size_t n)
{
    const struct hp_value *value =
        hp_value_of(building->values, hp_option_of_role(ops->options, HP_ROLE_PASSWORD));

    if (value != NULL)
        hp_error_add(building->err, HP_REASON_CONFIG,
                     n == 1 ? "%s: the URL has a password already; drop one of the two"
                            : "%s: each URL has a password already; drop this one",
                     value->origin);
}

/* Without a target, the kind's other options are still read, to report all problems at once. */
static void build_kind(struct building *building, int kind)
{
    const struct hp_check_ops *ops = hp_check_kinds[kind];
    const struct hp_option *option = &ops->options[0];
    const struct hp_value *target = hp_value_of(building->values, option);
    size_t n = 0;
    size_t n_own_passwords = 0;

    if (building->selection->kinds[kind] != HP_SELECTED_YES)
        return;
    do {
        n_own_passwords += add_check(building, ops, target);
        n++;
        if (target != NULL)
            target = hp_value_next(building->values, option, target);
    } while (target != NULL);
    if (n_own_passwords == n)
        refuse_idle_password(building, ops, n);
}

static void refuse_nothing(const struct hp_options *options, const struct hp_selection *selection,
                           struct hp_error *err)
{
    int kind = 0;

    while (hp_check_kinds[kind] != NULL && !hp_check_kinds[kind]->has_default_target)
        kind++;
    if (options->command == NULL || hp_check_kinds[kind] == NULL ||
        selection->kinds[kind] != HP_SELECTED_SKIPPED)
        hp_error_add(err, HP_REASON_CONFIG,
                     "nothing to check: none of the checks that may be left out has a target");
    else
        hp_error_add(err, HP_REASON_CONFIG,
                     "nothing to check: %s is left out, since the command is what would answer; "
                     "give --%s %s if something else does%s",
                     hp_check_kinds[kind]->kind, hp_option_general(HP_GENERAL_CHECK)->name,
                     hp_check_kinds[kind]->kind,
                     selection->mode == HP_MODE_LIVE ? ", or take ready" : "");
}

void hp_plan_note_near_misses(struct hp_notes *notes, char *const environment[])
{
    for (; *environment != NULL; environment++) {
        size_t len = strcspn(*environment, "=");
        const struct hp_option *nearest = NULL;
        char name[HP_TWIN_MAX];
        char twin[HP_TWIN_MAX];
        if (!hp_options_unknown_variable(*environment, len, &nearest) || nearest == NULL)
            continue;
        hp_utf8_clean(name, sizeof name, *environment, len);
        hp_option_twin(twin, nearest, "");
        hp_notes_add(notes, "%s: did you mean %s?", name, twin);
    }
}

bool hp_plan_begin(struct hp_plan *ret, const struct hp_selection *selection,
                   const struct hp_values *values, struct hp_error *err)
{
    /* Not the checks, which are most of it: memory that nobody writes costs nothing. */
    memset(ret, 0, offsetof(struct hp_plan, checks));
    ret->mode = selection->mode;
    ret->failures_log = hp_value_text(values, hp_option_general(HP_GENERAL_LOG_FAILURES));
    read_output(ret, values, err);
    read_colour(ret, values->environment);
    read_version(ret, values);
    hp_value_duration(values, hp_option_general(HP_GENERAL_TIMEOUT), HP_NS_PER_HOUR,
                      &ret->timeout_ns, err);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (selection->kinds[kind] == HP_SELECTED_SKIPPED)
            hp_names_add(&ret->skipped, hp_check_kinds[kind]->kind);
    return err->reason == HP_REASON_NONE;
}

bool hp_plan_build(struct hp_plan *plan, const struct hp_options *options,
                   const struct hp_selection *selection, const struct hp_values *values,
                   struct hp_error *err)
{
    struct building building = {plan, selection, values, err, 0, {0}};

    hp_selection_fits(selection, options, values->environment, err);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        build_kind(&building, kind);
    for (size_t i = 0; i < values->n; i++)
        if (!hp_placeholders_keep(&values->items[i].placeholders, &plan->collected.secrets))
            hp_error_no_memory(err);
    hp_tolerance_read(plan, &building.names, values, err);
    if (err->reason == HP_REASON_NONE && plan->n_checks == 0)
        refuse_nothing(options, selection, err);
    /*
     * After the notes of the kinds, which matter more: there is room for only so many. `explain`
     * lists all unknown variables itself.
     */
    if (selection->action != HP_ACTION_EXPLAIN)
        hp_plan_note_near_misses(&plan->collected.notes, values->environment);
    return err->reason == HP_REASON_NONE;
}

void hp_plan_begin_report(const struct hp_plan *plan, struct hp_report *ret)
{
    hp_report_init(ret);
    ret->mode = plan->mode;
    ret->exit_codes = plan->exit_codes;
    ret->verbose = plan->verbose;
    ret->colour = plan->colour;
    ret->ignored = plan->collected.ignored;
    ret->skipped = plan->skipped;
    ret->notes = plan->collected.notes;
    memcpy(ret->version, plan->version, sizeof ret->version);
}

void hp_plan_release(struct hp_plan *plan)
{
    for (size_t i = 0; i < plan->n_checks; i++)
        hp_check_release(&plan->checks[i]);
    plan->n_checks = 0;
    hp_secrets_release(&plan->collected.secrets);
}
