/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/render.h>

static const struct {
    void (*render)(const struct hp_report *report, struct hp_buffer *ret);
    size_t max;
} formats[HP_FORMAT_COUNT] = {
    [HP_FORMAT_JSON] = {hp_render_json, HP_REPORT_MAX},
    [HP_FORMAT_SHORT] = {hp_render_short, HP_REPORT_MAX},
    [HP_FORMAT_TEXT] = {hp_render_text, HP_REPORT_MAX},
    [HP_FORMAT_HEALTH_JSON] = {hp_render_health_json, HP_REPORT_MAX},
    [HP_FORMAT_PROMETHEUS] = {hp_render_prometheus, HP_METRICS_MAX},
    [HP_FORMAT_NAGIOS] = {hp_render_nagios, HP_REPORT_MAX},
};

size_t hp_render_max(enum hp_format format)
{
    return formats[format].max;
}

size_t hp_render(enum hp_format format, const struct hp_report *report, char *ret)
{
    struct hp_buffer buffer;

    hp_buffer_init(&buffer, ret, formats[format].max);
    formats[format].render(report, &buffer);
    /* The buffer holds one byte less than a report may be long: the newline's. */
    ret[buffer.len] = '\n';
    ret[buffer.len + 1] = '\0';
    return buffer.len + 1;
}
