/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_RENDER_PARTS_H
#define HEALTHPROBE_RENDER_PARTS_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/base/names.h>

/* What both reports and the explained plan are written with. */

/** ,"key":"text" */
void hp_render_json_member(struct hp_buffer *ret, const char *key, const char *text);

/** ,"key":["a","b","2 not shown"], or nothing for an empty list. */
void hp_render_json_names(struct hp_buffer *ret, const char *key, const struct hp_names *names);

/** ,"notes":["a"], or nothing for none. */
void hp_render_json_notes(struct hp_buffer *ret, const struct hp_notes *notes);

/** "what: a, b, 2 not shown", or nothing for an empty list. */
void hp_render_text_names(struct hp_buffer *ret, const char *what, const struct hp_names *names);

#endif
