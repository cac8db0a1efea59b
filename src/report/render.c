/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/render.h>

#define NAME(constant, name, render, max)   name,
#define FORMAT(constant, name, render, max) {render, max},

const char *const hp_format_names[] = {HP_FORMATS(NAME) NULL};

static const struct {
    void (*render)(const struct hp_report *report, struct hp_buffer *ret);
    size_t max;
} formats[] = {HP_FORMATS(FORMAT)};

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
