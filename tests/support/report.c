// SPDX-License-Identifier: MIT
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe.h"

/* The judgement over reports: what must hold for every one, then what a test expects of its own. */

static const char *const reasons[] = {
    "config",   "usage",    "dns",      "refused",     "unreachable", "closed",
    "timeout",  "tls",      "auth",     "missing",     "starting",    "stopping",
    "capacity", "loading",  "readonly", "role",        "status",      "expectation",
    "query",    "upstream", "protocol", "interrupted", "internal",    NULL};
static const char *const error_reasons[] = {"config", "usage", "internal", NULL};
static const char *const phases[] = {"dns", "connect", "tls", "login", "query", "response", NULL};
static const char *const kinds[] = {"http", "database", "redis", NULL};
static const char *const modes[] = {"live", "ready", "full", NULL};

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

/* Each number after "key": must be written with exactly so many decimals. */
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
            return hpt_strf("%s is no list with something in it", key);
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

static const char *check_error_report(const struct hpt_run *run, const json_t *report)
{
    const json_t *error = json_object_get(report, "error");
    const char *reason = text_in(error, "reason");
    const char *message = text_in(error, "message");

    if (strncmp(run->out, "{\"status\":\"unhealthy\",\"error\":{", 31) != 0) {
        return "error does not stand right after an unhealthy status";
    }
    if (json_object_get(report, "checks") != NULL || json_object_get(report, "summary") != NULL) {
        return "a configuration error comes with checks or a summary";
    }
    if (!among(reason, error_reasons)) {
        return "the error's reason is none of config, usage and internal";
    }
    if (message == NULL || message[0] == '\0' || has_control(message)) {
        return "the error has no clean message";
    }
    return run->exit_status == 1 ? NULL : "the exit status of an error is not 1";
}

static const char *check_one(const char *name, json_t *check)
{
    static const char *const known[] = {"status",   "reason",    "code",    "phase",
                                        "error",    "slow",      "target",  "latency",
                                        "optional", "tolerated", "timings", NULL};
    const char *status = text_in(check, "status");
    const char *reason = text_in(check, "reason");
    const char *phase = text_in(check, "phase");
    const char *error = text_in(check, "error");
    const json_t *code = json_object_get(check, "code");
    const char *key;
    json_t *value;

    if (!among(name, kinds)) {
        return hpt_strf("unknown check %s", name);
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
    if (text_in(check, "target") == NULL) {
        return hpt_strf("%s has no target", name);
    }
    if (code != NULL &&
        (strcmp(name, "http") == 0 ? !json_is_integer(code) : !json_is_string(code))) {
        return hpt_strf("the code of %s has the wrong type", name);
    }
    if (strcmp(status, "up") == 0) {
        return reason == NULL && phase == NULL && error == NULL
                   ? NULL
                   : hpt_strf("%s is up, but has a reason, a phase or an error", name);
    }
    if (!among(reason, reasons)) {
        return hpt_strf("%s has no known reason", name);
    }
    if ((strcmp(reason, "timeout") == 0) != (phase != NULL) ||
        (phase != NULL && !among(phase, phases))) {
        return hpt_strf("%s: a timeout, and only a timeout, has a known phase", name);
    }
    if (error != NULL && (strlen(error) > 160 || has_control(error))) {
        return hpt_strf("the error of %s is longer than 160 bytes, or has control characters",
                        name);
    }
    return NULL;
}

/*
 * "name, reason, and code or phase of each, joined by `, `". A timeout is told by its phase: an
 * answer that came too late may still have had a code.
 */
static const char *summary_of(json_t *checks)
{
    const char *summary = "";
    const char *name;
    json_t *check;

    json_object_foreach(checks, name, check)
    {
        const char *reason = text_in(check, "reason");
        const char *phase = text_in(check, "phase");
        const json_t *code = json_object_get(check, "code");
        const char *detail = "";
        if (reason == NULL) {
            continue;
        }
        if (phase != NULL) {
            detail = hpt_strf(" %s", phase);
        } else if (json_is_integer(code)) {
            detail = hpt_strf(" %d", (int)json_integer_value(code));
        } else if (json_is_string(code)) {
            detail = hpt_strf(" %s", json_string_value(code));
        }
        summary =
            hpt_strf("%s%s%s %s%s", summary, summary[0] != '\0' ? ", " : "", name, reason, detail);
    }
    return summary;
}

static const char *check_verdicts(const struct hpt_run *run, const json_t *report)
{
    json_t *checks = json_object_get(report, "checks");
    const char *status = text_in(report, "status");
    const char *summary = text_in(report, "summary");
    double latency = json_number_value(json_object_get(report, "latency"));
    bool up_seen = false;
    bool down_seen = false;
    const char *name;
    json_t *check;

    if (!json_is_object(checks) || json_object_size(checks) == 0) {
        return "there are no checks";
    }
    json_object_foreach(checks, name, check)
    {
        const char *problem = check_one(name, check);
        if (problem != NULL) {
            return problem;
        }
        bool down = strcmp(text_in(check, "status"), "down") == 0;
        if (down && up_seen) {
            return "a check that is down stands after one that is up";
        }
        up_seen = up_seen || !down;
        down_seen = down_seen || down;
        if (json_number_value(json_object_get(check, "latency")) > latency + 1) {
            return hpt_strf("%s took longer than the whole run", name);
        }
    }
    if (!json_is_number(json_object_get(report, "latency")) || latency > run->wall_ms + 1) {
        return "the latency of the run is missing, or longer than the run was";
    }
    if (status == NULL || strcmp(status, down_seen ? "unhealthy" : "healthy") != 0) {
        return "the status does not follow from the checks";
    }
    if (run->exit_status != (down_seen ? 1 : 0)) {
        return "the exit status does not follow from the checks";
    }
    if (!down_seen) {
        return summary == NULL ? NULL : "a healthy run has a summary";
    }
    if (summary == NULL || strncmp(run->out, "{\"status\":\"unhealthy\",\"summary\":", 32) != 0) {
        return "the summary does not stand right after an unhealthy status";
    }
    return strcmp(summary, summary_of(checks)) == 0
               ? NULL
               : hpt_strf("the summary is not `%s`", summary_of(checks));
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
        return hpt_strf("the report is no JSON: %s", error.text);
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
        return value == NULL ? NULL : hpt_strf("%s is there; %s", path, hpt_said(run));
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
               : hpt_strf("%s does not hold `%s`; %s", path, part, hpt_said(run));
}

const char *hpt_is_up(struct hpt_run *run, const char *check)
{
    return hpt_is_text(run, hpt_strf("checks.%s.status", check), "up");
}

const char *hpt_is_healthy(struct hpt_run *run, const char *checks)
{
    const char *problem = hpt_is_text(run, "status", "healthy");
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

const char *hpt_is_down(struct hpt_run *run, const char *check, const char *reason,
                        const char *detail)
{
    const char *problem = hpt_is_text(run, "status", "unhealthy");
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
               : hpt_strf("%s has not the code or phase `%s`; %s", check, detail, hpt_said(run));
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
