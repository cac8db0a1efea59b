// SPDX-License-Identifier: MIT
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe.h"

/* Validation of reports: what holds for every report, then what a test expects. */

static const char *const reasons[] = {
    "config",   "usage",       "dns",      "refused", "unreachable", "closed",   "timeout",
    "tls",      "auth",        "missing",  "stale",   "starting",    "stopping", "capacity",
    "loading",  "readonly",    "role",     "status",  "expectation", "query",    "upstream",
    "protocol", "interrupted", "internal", NULL};
static const char *const error_reasons[] = {"config", "usage", "internal", NULL};
static const char *const phases[] = {"dns", "connect", "tls", "login", "query", "response", NULL};
static const char *const modes[] = {"live", "ready", "full", "custom", NULL};

static bool among(const char *text, const char *const *list)
{
    for (; text != NULL && *list != NULL; list++) {
        if (strcmp(text, *list) == 0) {
            return true;
        }
    }
    return false;
}

static bool matches(const char *text, const char *pattern)
{
    regex_t regex;

    if (text == NULL || regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        return false;
    }
    bool found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

static const char *text_in(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Each number after "key": must have exactly this many decimals. */
static const char *check_decimals(const char *out, const char *key, int decimals)
{
    const char *mark = hpt_strf("\"%s\":", key);
    const char *form = hpt_strf("^[0-9]+\\.[0-9]{%d}[,}]", decimals);

    for (const char *at = strstr(out, mark); at != NULL; at = strstr(at + 1, mark)) {
        if (!matches(at + strlen(mark), form)) {
            return hpt_strf("%s is not written with %d decimals", key, decimals);
        }
    }
    return NULL;
}

static const char *check_timestamp(const char *text)
{
    struct tm tm = {0};

    if (!matches(text, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$")) {
        return "timestamp is not RFC 3339 with milliseconds in UTC";
    }
    strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    double apart = difftime(timegm(&tm), time(NULL));
    return apart > -60 && apart < 60 ? NULL : "timestamp is not now";
}

static const char *check_common(json_t *report)
{
    static const char *const known[] = {"status",  "summary", "error",   "checks",    "mode",
                                        "latency", "version", "uptime",  "timestamp", "probe",
                                        "notes",   "ignored", "skipped", "truncated", NULL};
    static const char *const lists[] = {"notes", "ignored", "skipped", NULL};
    const char *key;
    json_t *value;

    json_object_foreach(report, key, value)
    {
        if (!among(key, known)) {
            return hpt_strf("unknown key %s", key);
        }
        if (among(key, lists) && (!json_is_array(value) || json_array_size(value) == 0)) {
            return hpt_strf("%s is not a list, or is empty", key);
        }
    }
    if (json_object_get(report, "mode") == NULL || !among(text_in(report, "mode"), modes)) {
        return "mode is missing or unknown";
    }
    if (text_in(report, "version") == NULL) {
        return "version is missing";
    }
    if (!matches(text_in(report, "probe"), "^healthprobe [0-9]+\\.[0-9]+\\.[0-9]+")) {
        return "probe is not `healthprobe` and a version";
    }
    return check_timestamp(text_in(report, "timestamp"));
}

/* --exit-codes: by default 0 or 1, otherwise a number for each kind or state. */
static bool codes_are(const char *exit_codes, const char *name)
{
    return exit_codes != NULL && strcmp(exit_codes, name) == 0;
}

static int exit_of_error(const char *exit_codes, const char *reason)
{
    if (codes_are(exit_codes, "nagios")) {
        return 3;
    }
    if (codes_are(exit_codes, "detailed")) {
        return strcmp(reason, "usage") == 0 ? 64 : strcmp(reason, "config") == 0 ? 78 : 70;
    }
    return 1;
}

static const char *check_exit(const struct hpt_run *run, int want)
{
    return run->exit_status == want ? NULL : hpt_strf("the exit status is not %d", want);
}

static const char *check_error_report(const struct hpt_run *run, const json_t *report)
{
    const json_t *error = json_object_get(report, "error");
    const char *reason = text_in(error, "reason");
    const char *message = text_in(error, "message");

    if (strncmp(run->out, "{\"status\":\"unhealthy\",\"error\":{", 31) != 0) {
        return "error does not follow an unhealthy status";
    }
    if (json_object_get(report, "checks") != NULL || json_object_get(report, "summary") != NULL) {
        return "a configuration error comes with checks or a summary";
    }
    if (!among(reason, error_reasons)) {
        return "the error's reason is not config, usage or internal";
    }
    if (message == NULL || message[0] == '\0' || has_control(message)) {
        return "the error has no clean message";
    }
    return check_exit(run, exit_of_error(run->exit_codes, reason));
}

/* The kind of a check by its target; NULL if the target does not show it. */
static const char *kind_of(const json_t *check)
{
    const char *target = text_in(check, "target");

    if (matches(target, "^https?://")) {
        return "http";
    }
    if (matches(target, "^(postgresql|jdbc:postgresql)://")) {
        return "database";
    }
    if (matches(target, "^(/|\\(a relative path\\)$)")) {
        return "heartbeat";
    }
    return matches(target, "^(rediss?|valkeys?|unix|redis\\+unix)://") ? "redis" : NULL;
}

static bool is_true(const json_t *check, const char *key)
{
    return json_is_true(json_object_get(check, key));
}

static bool is_down(const json_t *check)
{
    return strcmp(text_in(check, "status"), "down") == 0;
}

/* Down, and neither optional nor tolerated. */
static bool is_failing(const json_t *check)
{
    return is_down(check) && !is_true(check, "optional") && !is_true(check, "tolerated");
}

static const char *check_flags(const char *name, const json_t *check)
{
    static const char *const flags[] = {"slow", "optional", "tolerated", NULL};
    static const char *const never[] = {"config", "usage", "interrupted", "internal", NULL};

    for (const char *const *flag = flags; *flag != NULL; flag++) {
        const json_t *value = json_object_get(check, *flag);
        if (value != NULL && !json_is_true(value)) {
            return hpt_strf("%s of %s is present but not true", *flag, name);
        }
    }
    if (is_true(check, "slow") && is_down(check)) {
        return hpt_strf("%s is down, and slow", name);
    }
    if (is_true(check, "tolerated") &&
        (!is_down(check) || among(text_in(check, "reason"), never))) {
        return hpt_strf("%s has no reason that can be tolerated", name);
    }
    return NULL;
}

static const char *check_down(const char *name, const json_t *check, bool truncated)
{
    const char *reason = text_in(check, "reason");
    const char *phase = text_in(check, "phase");
    const char *error = text_in(check, "error");
    const char *hint = text_in(check, "hint");

    if (!among(reason, reasons)) {
        return hpt_strf("%s has no known reason", name);
    }
    if ((strcmp(reason, "timeout") == 0) != (phase != NULL) ||
        (phase != NULL && !among(phase, phases))) {
        return hpt_strf("%s: a timeout, and only a timeout, has a known phase", name);
    }
    if (error == NULL && !truncated) {
        return hpt_strf("%s has no error", name);
    }
    if (error != NULL && (strlen(error) > 160 || has_control(error))) {
        return hpt_strf("the error of %s is longer than 160 bytes or has control characters", name);
    }
    if (hint != NULL &&
        (strlen(hint) > 160 || has_control(hint) || json_object_get(check, "error") == NULL)) {
        return hpt_strf("the hint of %s is not a text that follows an error", name);
    }
    return NULL;
}

static const char *check_one(const char *name, json_t *check, bool truncated)
{
    static const char *const known[] = {"status", "reason",  "code",      "phase",   "error",
                                        "hint",   "slow",    "target",    "latency", "optional",
                                        "age",    "timings", "tolerated", NULL};
    const char *status = text_in(check, "status");
    const json_t *code = json_object_get(check, "code");
    const json_t *age = json_object_get(check, "age");
    const char *kind = kind_of(check);
    const char *key;
    json_t *value;

    if (!matches(name, "^[a-z0-9][a-z0-9_.-]{0,31}$")) {
        return hpt_strf("a check is named %s", name);
    }
    json_object_foreach(check, key, value)
    {
        if (!among(key, known)) {
            return hpt_strf("unknown key %s of %s", key, name);
        }
    }
    if (status == NULL || (strcmp(status, "up") != 0 && strcmp(status, "down") != 0)) {
        return hpt_strf("%s is neither up nor down", name);
    }
    if (!json_is_number(json_object_get(check, "latency"))) {
        return hpt_strf("%s has no latency", name);
    }
    if (kind == NULL && (!truncated || json_object_get(check, "target") != NULL)) {
        return hpt_strf("%s has no target of a known kind", name);
    }
    if (code != NULL && kind != NULL &&
        (strcmp(kind, "http") == 0 ? !json_is_integer(code) : !json_is_string(code))) {
        return hpt_strf("the code of %s has the wrong type", name);
    }
    if (age != NULL && (!json_is_number(age) || (kind != NULL && strcmp(kind, "heartbeat") != 0))) {
        return hpt_strf("the age of %s is not a number, or it is not a heartbeat", name);
    }
    if (!is_down(check) &&
        (json_object_get(check, "reason") != NULL || json_object_get(check, "phase") != NULL ||
         json_object_get(check, "error") != NULL || json_object_get(check, "hint") != NULL)) {
        return hpt_strf("%s is up, but has a reason, a phase, an error or a hint", name);
    }
    const char *problem = is_down(check) ? check_down(name, check, truncated) : NULL;
    return problem != NULL ? problem : check_flags(name, check);
}

/*
 * "name reason", and the code or phase. A timeout has its phase: a late answer may still have had a
 * code.
 */
static const char *entry_of(const char *name, const json_t *check)
{
    const char *reason = text_in(check, "reason");
    const char *phase = text_in(check, "phase");
    const json_t *code = json_object_get(check, "code");

    if (phase != NULL) {
        return hpt_strf("%s %s %s", name, reason, phase);
    }
    if (json_is_integer(code)) {
        return hpt_strf("%s %s %d", name, reason, (int)json_integer_value(code));
    }
    if (json_is_string(code)) {
        return hpt_strf("%s %s %s", name, reason, json_string_value(code));
    }
    return hpt_strf("%s %s", name, reason);
}

/* What the checks of a report amount to. */
struct judgement {
    size_t down;
    size_t failing;
    bool slow;
    bool interrupted;
    int exit_bits; /* of the kinds that fail */
    bool ran;      /* not all of them failed for the probe's own lack of resources */
};

static struct judgement judge(json_t *checks, const char *summary)
{
    struct judgement sum = {.interrupted = matches(summary, "^interrupted(,|$)")};
    const char *name;
    json_t *check;

    json_object_foreach(checks, name, check)
    {
        const char *kind = kind_of(check);
        const char *reason = text_in(check, "reason");
        sum.down += is_down(check);
        sum.slow = sum.slow || is_true(check, "slow");
        sum.interrupted = sum.interrupted || (reason != NULL && strcmp(reason, "interrupted") == 0);
        sum.ran = sum.ran || reason == NULL || strcmp(reason, "internal") != 0;
        if (is_failing(check)) {
            sum.failing++;
            sum.exit_bits |= kind == NULL                    ? 0
                             : strcmp(kind, "http") == 0     ? 8
                             : strcmp(kind, "database") == 0 ? 16
                             : strcmp(kind, "redis") == 0    ? 32
                                                             : 4;
        }
    }
    return sum;
}

static const char *status_of(const struct judgement *sum)
{
    if (sum->failing > 0 || sum->interrupted) {
        return "unhealthy";
    }
    return sum->down > 0 || sum->slow ? "degraded" : "healthy";
}

static int exit_of(const char *exit_codes, const struct judgement *sum)
{
    const char *status = status_of(sum);

    if (codes_are(exit_codes, "nagios")) {
        return strcmp(status, "healthy") == 0    ? 0
               : strcmp(status, "degraded") == 0 ? 1
               : sum->ran                        ? 2
                                                 : 3;
    }
    if (strcmp(status, "unhealthy") != 0) {
        return 0;
    }
    if (codes_are(exit_codes, "detailed")) {
        return !sum->ran ? 70 : sum->exit_bits != 0 ? sum->exit_bits : 1;
    }
    return 1;
}

/* As many of the first entries as fit, in order; then the number of the others. */
static const char *check_summary(json_t *checks, const char *summary, const struct judgement *sum)
{
    const char *at = summary;
    const char *name;
    json_t *check;
    size_t shown = 0;
    size_t longest = 0;

    if (strlen(summary) > 400) {
        return "the summary is longer than 400 bytes";
    }
    if (strcmp(summary, "interrupted") == 0 && sum->down == 0) {
        return NULL;
    }
    if (strncmp(at, "interrupted, ", 13) == 0) {
        at += 13;
    }
    json_object_foreach(checks, name, check)
    {
        const char *entry = is_down(check) ? entry_of(name, check) : NULL;
        if (entry == NULL) {
            continue;
        }
        longest = strlen(entry) > longest ? strlen(entry) : longest;
        if (shown > 0 && strncmp(at, ", ", 2) == 0 && at[2] != '+') {
            at += 2;
        }
        if (strncmp(at, entry, strlen(entry)) != 0) {
            break;
        }
        at += strlen(entry);
        shown++;
    }
    if (shown == sum->down) {
        return *at == '\0' ? NULL : "the summary continues after the last check that is down";
    }
    if (strcmp(at, hpt_strf(", +%zu", sum->down - shown)) != 0) {
        return hpt_strf("the summary does not name all checks that are down: `%s`", at);
    }
    return strlen(summary) + longest + 10 > 400 ? NULL
                                                : "the summary is cut although there is room";
}

static const char *check_order(json_t *checks, bool truncated, double latency)
{
    int rank = 0;
    const char *name;
    json_t *check;

    json_object_foreach(checks, name, check)
    {
        const char *problem = check_one(name, check, truncated);
        if (problem != NULL) {
            return problem;
        }
        int its = is_failing(check) ? 0 : is_down(check) ? 1 : 2;
        if (its < rank) {
            return "the checks are not ordered as failing, down and up";
        }
        rank = its;
        if (json_number_value(json_object_get(check, "latency")) > latency + 1) {
            return hpt_strf("%s took longer than the whole run", name);
        }
    }
    return NULL;
}

static const char *check_verdicts(const struct hpt_run *run, const json_t *report)
{
    json_t *checks = json_object_get(report, "checks");
    const char *status = text_in(report, "status");
    const char *summary = text_in(report, "summary");
    const json_t *truncated = json_object_get(report, "truncated");
    double latency = json_number_value(json_object_get(report, "latency"));

    if (!json_is_object(checks) || json_object_size(checks) == 0 || json_object_size(checks) > 16) {
        return "there are no checks, or more than 16";
    }
    if (truncated != NULL && !json_is_true(truncated)) {
        return "truncated is present but not true";
    }
    const char *problem = check_order(checks, truncated != NULL, latency);
    if (problem != NULL) {
        return problem;
    }
    if (!json_is_number(json_object_get(report, "latency")) || latency > run->wall_ms + 1) {
        return "the latency of the run is missing, or longer than the run";
    }
    struct judgement sum = judge(checks, summary);
    if (status == NULL || strcmp(status, status_of(&sum)) != 0) {
        return "the status does not follow from the checks";
    }
    if ((problem = check_exit(run, exit_of(run->exit_codes, &sum))) != NULL) {
        return problem;
    }
    if (sum.down == 0 && !sum.interrupted) {
        return summary == NULL ? NULL : "no check is down, but there is a summary";
    }
    const char *begin = hpt_strf("{\"status\":\"%s\",\"summary\":", status);
    if (summary == NULL || strncmp(run->out, begin, strlen(begin)) != 0) {
        return "the summary does not follow the status";
    }
    return check_summary(checks, summary, &sum);
}

static const char *check_report(struct hpt_run *run)
{
    json_error_t error;
    const char *problem;

    if (run->err_len != 0) {
        return "standard error is not empty";
    }
    if (run->out_len == 0 || run->out_len > 4096) {
        return hpt_strf("the report has %zu bytes", run->out_len);
    }
    if (memchr(run->out, '\n', run->out_len) != run->out + run->out_len - 1) {
        return "the report is not exactly one line";
    }
    run->report = json_loadb(run->out, run->out_len, JSON_REJECT_DUPLICATES, &error);
    if (run->report == NULL) {
        return hpt_strf("the report is not JSON: %s", error.text);
    }
    if (!json_is_object(run->report) || strncmp(run->out, "{\"status\":", 10) != 0) {
        return "the report does not begin with its status";
    }
    if ((problem = check_decimals(run->out, "latency", 3)) != NULL ||
        (problem = check_decimals(run->out, "uptime", 1)) != NULL ||
        (problem = check_common(run->report)) != NULL) {
        return problem;
    }
    if (json_object_get(run->report, "error") != NULL) {
        return check_error_report(run, run->report);
    }
    return check_verdicts(run, run->report);
}

const char *hpt_is_report(struct hpt_run *run)
{
    if (run->report != NULL) {
        return NULL;
    }
    const char *problem = check_report(run);
    return problem == NULL ? NULL : hpt_strf("%s; %s", problem, hpt_said(run));
}

json_t *hpt_get(struct hpt_run *run, const char *path)
{
    json_t *value = run->report;

    while (value != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        const char *key = hpt_strf("%.*s", (int)len, path);
        value = json_is_array(value) ? json_array_get(value, (size_t)strtoul(key, NULL, 10))
                                     : json_object_get(value, key);
        path += len + (path[len] == '.' ? 1 : 0);
    }
    return value;
}

double hpt_number(struct hpt_run *run, const char *path)
{
    const json_t *value = hpt_get(run, path);

    return json_is_number(value) ? json_number_value(value) : -1;
}

bool hpt_lists(struct hpt_run *run, const char *path, const char *text)
{
    const json_t *list = hpt_get(run, path);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *its = json_string_value(json_array_get(list, i));
        if (its != NULL && strcmp(its, text) == 0) {
            return true;
        }
    }
    return false;
}

const char *hpt_is_text(struct hpt_run *run, const char *path, const char *want)
{
    const char *problem = hpt_is_report(run);
    if (problem != NULL) {
        return problem;
    }
    json_t *value = hpt_get(run, path);
    const char *text = json_string_value(value);
    if (want == NULL) {
        return value == NULL ? NULL : hpt_strf("%s is present; %s", path, hpt_said(run));
    }
    return text != NULL && strcmp(text, want) == 0
               ? NULL
               : hpt_strf("%s is not `%s`; %s", path, want, hpt_said(run));
}

const char *hpt_has_text(struct hpt_run *run, const char *path, const char *part)
{
    const char *problem = hpt_is_report(run);
    if (problem != NULL) {
        return problem;
    }
    const char *text = json_string_value(hpt_get(run, path));
    return text != NULL && strstr(text, part) != NULL
               ? NULL
               : hpt_strf("%s does not contain `%s`; %s", path, part, hpt_said(run));
}

const char *hpt_is_up(struct hpt_run *run, const char *check)
{
    return hpt_is_text(run, hpt_strf("checks.%s.status", check), "up");
}

const char *hpt_has_checks(struct hpt_run *run, const char *checks)
{
    const char *problem = hpt_is_report(run);
    const char *names = "";
    const char *name;
    json_t *check;

    if (problem != NULL) {
        return problem;
    }
    json_object_foreach(hpt_get(run, "checks"), name, check)
    {
        names = hpt_strf("%s%s%s", names, names[0] != '\0' ? "," : "", name);
    }
    return strcmp(names, checks) == 0
               ? NULL
               : hpt_strf("the checks are not `%s`; %s", checks, hpt_said(run));
}

const char *hpt_is_healthy(struct hpt_run *run, const char *checks)
{
    const char *problem = hpt_is_text(run, "status", "healthy");

    return problem != NULL ? problem : hpt_has_checks(run, checks);
}

/* One of "a|b|c". */
static bool is_one_of(const char *text, const char *alternatives)
{
    while (*alternatives != '\0') {
        size_t len = strcspn(alternatives, "|");
        if (strlen(text) == len && strncmp(text, alternatives, len) == 0) {
            return true;
        }
        alternatives += len + (alternatives[len] == '|' ? 1 : 0);
    }
    return false;
}

static const char *is_down_in(struct hpt_run *run, const char *status, const char *check,
                              const char *reason, const char *detail)
{
    const char *problem = hpt_is_text(run, "status", status);
    if (problem == NULL) {
        problem = hpt_is_text(run, hpt_strf("checks.%s.status", check), "down");
    }
    if (problem != NULL) {
        return problem;
    }
    const char *its = json_string_value(hpt_get(run, hpt_strf("checks.%s.reason", check)));
    if (!is_one_of(its, reason)) {
        return hpt_strf("the reason of %s is not `%s`; %s", check, reason, hpt_said(run));
    }
    const json_t *code = hpt_get(run, hpt_strf("checks.%s.code", check));
    const char *is = json_string_value(hpt_get(run, hpt_strf("checks.%s.phase", check)));
    if (is == NULL && json_is_integer(code)) {
        is = hpt_strf("%d", (int)json_integer_value(code));
    } else if (is == NULL && json_is_string(code)) {
        is = json_string_value(code);
    }
    if (detail == NULL) {
        return is == NULL ? NULL : hpt_strf("%s has a code or a phase; %s", check, hpt_said(run));
    }
    if (strcmp(detail, "*") == 0) {
        return NULL;
    }
    return is != NULL && is_one_of(is, detail)
               ? NULL
               : hpt_strf("%s does not have the code or phase `%s`; %s", check, detail,
                          hpt_said(run));
}

const char *hpt_is_down(struct hpt_run *run, const char *check, const char *reason,
                        const char *detail)
{
    return is_down_in(run, "unhealthy", check, reason, detail);
}

const char *hpt_is_forgiven(struct hpt_run *run, const char *check, const char *reason,
                            const char *detail)
{
    return is_down_in(run, "degraded", check, reason, detail);
}

static const char *is_error(struct hpt_run *run, const char *reason, const char *needles)
{
    const char *problem = hpt_is_text(run, "error.reason", reason);

    while (problem == NULL && *needles != '\0') {
        size_t len = strcspn(needles, "|");
        problem = hpt_has_text(run, "error.message", hpt_strf("%.*s", (int)len, needles));
        needles += len + (needles[len] == '|' ? 1 : 0);
    }
    return problem;
}

const char *hpt_is_config(struct hpt_run *run, const char *needles)
{
    return is_error(run, "config", needles);
}

const char *hpt_is_usage(struct hpt_run *run, const char *needles)
{
    return is_error(run, "usage", needles);
}

const char *hpt_is_punctual(const struct hpt_run *run, double limit_ms)
{
    hpt_diag("%.1f ms after the limit of %.0f ms", run->wall_ms - limit_ms, limit_ms);
    if (run->wall_ms < limit_ms - 5) {
        return hpt_strf("ended before its limit of %.0f ms; %s", limit_ms, hpt_said(run));
    }
    return run->wall_ms <= limit_ms + HPT_OVERSHOOT_MS
               ? NULL
               : hpt_strf("ended long after its limit of %.0f ms; %s", limit_ms, hpt_said(run));
}
