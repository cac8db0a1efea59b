/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <healthprobe/base/redact.h>
#include <healthprobe/base/utf8.h>
#include <healthprobe/report/render.h>
#include <healthprobe/report/report.h>

#include <jansson.h>

/* The renderers, with texts of a peer in the results. */

struct input {
    const uint8_t *data;
    size_t size;
};

static unsigned take_byte(struct input *input)
{
    unsigned byte = 0;

    if (input->size > 0) {
        byte = *input->data++;
        input->size--;
    }
    return byte;
}

static size_t take_text(struct input *input, const char **ret)
{
    size_t len = take_byte(input) * 2;

    if (len > input->size)
        len = input->size;
    *ret = (const char *)input->data;
    input->data += len;
    input->size -= len;
    return len;
}

static void fill_check(struct hp_report_check *check, size_t i, struct input *input)
{
    struct hp_result *result = &check->result;
    const char *text = NULL;
    size_t len = 0;

    unsigned flags = take_byte(input);

    /* Some names have the maximum length. */
    snprintf(check->name, sizeof check->name,
             flags & 8 ? "check-%02zu-nnnnnnnnnnnnnnnnnnnnnnn" : "check-%zu", i);
    result->status = flags & 1 ? HP_STATUS_DOWN : HP_STATUS_UP;
    check->slow = result->status == HP_STATUS_UP && (flags & 2);
    check->tolerated = result->status == HP_STATUS_DOWN && (flags & 2);
    check->optional = (flags & 4) != 0;
    result->reason = (enum hp_reason)(take_byte(input) % HP_REASON_COUNT);
    result->phase = (enum hp_phase)(take_byte(input) % HP_PHASE_COUNT);
    result->http_status = (int)take_byte(input) * 3;
    result->latency_ns = (int64_t)take_byte(input) * 1234567890;
    result->phase_ns[result->phase] = result->latency_ns;
    result->has_age = (flags & 16) != 0;
    result->age_ns = flags & 32 ? -result->latency_ns : result->latency_ns;
    len = take_text(input, &text);
    hp_redact(&result->error, (struct hp_untrusted){text, len, false}, NULL);
    len = take_text(input, &text);
    hp_utf8_clean(check->target, sizeof check->target, text, len);
}

static void fill_names(struct hp_names *names, struct input *input)
{
    for (unsigned n = take_byte(input) % 40; n > 0; n--) {
        const char *text = NULL;
        size_t len = take_text(input, &text);
        char *name = strndup(len > 0 ? text : "", len);
        hp_names_add(names, name);
        free(name);
    }
}

static void check_json(const char *text, size_t len)
{
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

    HP_FUZZ_CHECK(json_is_object(root));
    HP_FUZZ_CHECK(json_is_string(json_object_get(root, "status")));
    HP_FUZZ_CHECK(json_is_object(json_object_get(root, "checks")));
    json_decref(root);
}

static bool is_utf8(const char *text, size_t len)
{
    json_t *string = json_stringn(text, len);
    bool valid = string != NULL;

    json_decref(string);
    return valid;
}

/* Exactly one bar: Nagios reads numbers after it. */
static void check_nagios(const char *text)
{
    const char *bar = strchr(text, '|');

    HP_FUZZ_CHECK(bar != NULL && strchr(bar + 1, '|') == NULL);
    HP_FUZZ_CHECK(is_utf8(text, strlen(text)));
}

/* The end of a label's value: the first quote that no backslash escapes. */
static const char *end_of_value(const char *at)
{
    for (; *at != '"'; at++) {
        HP_FUZZ_CHECK(*at != '\n' && *at != '\0');
        if (*at == '\\') {
            at++;
            HP_FUZZ_CHECK(*at == '\\' || *at == '"' || *at == 'n');
        }
    }
    return at;
}

static void check_sample(const char *at)
{
    static const char age[] = "healthprobe_check_age_seconds{";
    bool may_be_negative = strncmp(at, age, strlen(age)) == 0;
    double value = 0;
    char *end = NULL;

    HP_FUZZ_CHECK(strncmp(at, "healthprobe_", 12) == 0);
    at += strspn(at, "abcdefghijklmnopqrstuvwxyz_");
    if (*at == '{') {
        do {
            at += 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");
            HP_FUZZ_CHECK(at[0] == '=' && at[1] == '"');
            at = end_of_value(at + 2) + 1;
        } while (*at == ',');
        HP_FUZZ_CHECK(*at++ == '}');
    }
    HP_FUZZ_CHECK(*at++ == ' ');
    value = strtod(at, &end);
    HP_FUZZ_CHECK(end != at && *end == '\n' && (value >= 0 || may_be_negative));
}

static void check_metrics(const char *text)
{
    for (; *text != '\0'; text = strchr(text, '\n') + 1)
        if (*text != '#')
            check_sample(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct hp_report *report = calloc(1, sizeof *report);
    char text[HP_METRICS_MAX + 1];
    size_t len = 0;
    unsigned flags = 0;
    bool good = true;

    flags = take_byte(&input);
    report->verbose = (flags & 1) != 0;
    report->interrupted = (flags & 2) != 0;
    report->uptime_tenths = (int64_t)take_byte(&input) - 1;
    report->n_checks = 1 + take_byte(&input) % HP_CHECKS_MAX;
    fill_names(&report->ignored, &input);
    for (size_t i = 0; i < report->n_checks; i++) {
        fill_check(&report->checks[i], i, &input);
        good = good && !hp_report_check_fails(&report->checks[i]);
    }
    hp_report_judge(report, (int64_t)take_byte(&input) * 1000000);
    HP_FUZZ_CHECK((hp_report_exit_code(report) == 0) == (good && !report->interrupted));
    len = hp_render(HP_FORMAT_JSON, report, text);
    HP_FUZZ_CHECK(hp_fuzz_is_line(text, len, HP_REPORT_MAX));
    check_json(text, len);
    len = hp_render(HP_FORMAT_SHORT, report, text);
    HP_FUZZ_CHECK(hp_fuzz_is_line(text, len, HP_REPORT_MAX));
    len = hp_render(HP_FORMAT_HEALTH_JSON, report, text);
    HP_FUZZ_CHECK(hp_fuzz_is_line(text, len, HP_REPORT_MAX));
    check_json(text, len);
    len = hp_render(HP_FORMAT_NAGIOS, report, text);
    HP_FUZZ_CHECK(hp_fuzz_is_line(text, len, HP_REPORT_MAX));
    check_nagios(text);
    len = hp_render(HP_FORMAT_TEXT, report, text);
    HP_FUZZ_CHECK(hp_fuzz_is_text(text, len, HP_REPORT_MAX));
    HP_FUZZ_CHECK(is_utf8(text, len));
    len = hp_render(HP_FORMAT_PROMETHEUS, report, text);
    HP_FUZZ_CHECK(hp_fuzz_is_text(text, len, HP_METRICS_MAX));
    HP_FUZZ_CHECK(is_utf8(text, len));
    check_metrics(text);
    free(report);
    return 0;
}
