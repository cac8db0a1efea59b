/* SPDX-License-Identifier: MIT */
#include <healthprobe/render.h>

size_t hp_render(enum hp_format format, const struct hp_report *report, char *ret)
{
    struct hp_buffer buffer;

    hp_buffer_init(&buffer, ret, HP_REPORT_MAX);
    switch (format) {
    case HP_FORMAT_SHORT:
        hp_render_short(report, &buffer);
        break;
    case HP_FORMAT_JSON:
    case HP_FORMAT_COUNT:
        hp_render_json(report, &buffer);
        break;
    }
    /* The buffer holds one byte less than a report may be long: the newline's. */
    ret[buffer.len] = '\n';
    ret[buffer.len + 1] = '\0';
    return buffer.len + 1;
}
