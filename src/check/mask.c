/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/mask.h>

#include <healthprobe/base/array.h>

#include <stdlib.h>

static struct hp_mask *find(const struct hp_masks *masks, enum hp_part part, size_t i)
{
    for (size_t at = 0; at < masks->n; at++)
        if (masks->items[at].part == part && masks->items[at].i == i)
            return &masks->items[at];
    return NULL;
}

const char *hp_masks_find(const struct hp_masks *masks, enum hp_part part, size_t i)
{
    const struct hp_mask *mask = find(masks, part, i);

    return mask != NULL ? mask->text : NULL;
}

bool hp_masks_show(const struct hp_masks *masks, enum hp_part part, size_t i, struct hp_buffer *ret)
{
    const char *text = hp_masks_find(masks, part, i);

    if (text != NULL)
        hp_buffer_add(ret, text);
    return text != NULL;
}

bool hp_masks_set(struct hp_masks *masks, enum hp_part part, size_t i, char *text)
{
    struct hp_mask *mask = find(masks, part, i);

    if (mask == NULL && text != NULL && hp_array_room(masks->items, masks->n)) {
        mask = &masks->items[masks->n++];
        *mask = (struct hp_mask){part, i, NULL};
    }
    if (mask == NULL) {
        free(text);
        return text == NULL;
    }
    free(mask->text);
    mask->text = text;
    return true;
}

void hp_masks_release(struct hp_masks *masks)
{
    for (size_t i = 0; i < masks->n; i++)
        free(masks->items[i].text);
    free(masks->items);
    *masks = (struct hp_masks){0};
}
