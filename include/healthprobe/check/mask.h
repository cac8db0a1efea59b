/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_MASK_H
#define HEALTHPROBE_MASK_H

#include <healthprobe/base/buffer.h>

#include <stdbool.h>
#include <stddef.h>

/** What a field of a target is. */
enum hp_part {
    HP_PART_USER,
    HP_PART_HOST,    /* one name, address or, where the kind has them, directory of a socket */
    HP_PART_ADDRESS, /* hostaddr, which may stand for a host; never a directory */
    HP_PART_PORT,
    HP_PART_DATABASE,
    HP_PART_SHOWN_MAX =
        HP_PART_DATABASE, /* reports show values in parts up to here, unless they are private */
    HP_PART_PATH, /* of HTTP: a value is percent-encoded but for "/" and unreserved characters */
    HP_PART_SOCKET,
    HP_PART_MASKED_MAX = HP_PART_SOCKET, /* reports show the literal text in parts up to here */
    HP_PART_QUERY,                       /* of HTTP: encoded, "/" too */
    HP_PART_OTHER
};

/** The texts that replace fields with a hidden value in reports. */
struct hp_masks {
    size_t n;
    struct hp_mask {
        enum hp_part part;
        size_t i;   /* of several hosts or ports */
        char *text; /* owned; percent-encoded but for the placeholders in it; NULL: none */
    } * items;
};

/** The text to show for a field; NULL: the field itself. */
const char *hp_masks_find(const struct hp_masks *masks, enum hp_part part, size_t i);

/** Add the text to show for a field. False: it is not masked, and nothing was added. */
bool hp_masks_show(const struct hp_masks *masks, enum hp_part part, size_t i,
                   struct hp_buffer *ret);

/**
 * Show @text for a field; NULL: show the field itself.
 *
 * @text    on the heap; taken over, on failure too
 * @return  false: out of memory
 */
bool hp_masks_set(struct hp_masks *masks, enum hp_part part, size_t i, char *text);
void hp_masks_release(struct hp_masks *masks);

#endif
