/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_EXPLAIN_H
#define HEALTHPROBE_EXPLAIN_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/base/error.h>
#include <healthprobe/base/redact.h>
#include <healthprobe/plan/plan.h>
#include <healthprobe/plan/select.h>
#include <healthprobe/plan/values.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * What `explain` prints: the plan of a run, and where each setting of it came
 * from. Nothing is connected to or looked up.
 */

/** Where a setting came from. */
enum hp_from {
    HP_FROM_UNSET = 0, /* from nowhere: it has no value */
    HP_FROM_DEFAULT,
    HP_FROM_ARGUMENT, /* a mode, or a target without its flag */
    HP_FROM_FLAG,
    HP_FROM_ENVIRONMENT,
    HP_FROM_FILE,
    HP_FROM_COUNT
};

/** "unset", "default", "argument", "flag", "environment", "file". Static storage. */
const char *hp_from_name(enum hp_from from);

struct hp_setting {
    const char *name;             /* of an option, or of a variable that is not a twin */
    const struct hp_check *check; /* of a target: the check that it is of; NULL */
    struct hp_text value;         /* "" where @check is given: its target is the value */
    enum hp_from from;
    struct hp_text source; /* the flag, variable or file; "" for the others */
    struct hp_text by;     /* the flag or variable that named that one; "" for none */
    const struct hp_placeholders *placeholders; /* of its value; borrowed; NULL: none */
};

/** As it is shown: redacted, "(set)" for a secret, "" where there is none. */
const char *hp_setting_value(const struct hp_setting *setting);

/** A HEALTHPROBE_… variable that nobody reads. */
struct hp_unknown {
    struct hp_text variable;
    char nearest[HP_TWIN_MAX]; /* "": none is near */
};

/** At most so many are named, the others counted. */
#define HP_UNKNOWN_MAX 16

struct hp_explanation {
    const struct hp_plan *plan; /* borrowed */
    bool as_json;               /* that format was given, and is not the default */
    size_t n;
    struct hp_setting *settings; /* in the order of the option table, the mode first */
    struct hp_notes notes;       /* the plan's, and notes on how it will run */
    size_t n_unknown;
    size_t n_unknown_more;
    struct hp_unknown unknown[HP_UNKNOWN_MAX];
};

/**
 * Explain a plan that is good.
 *
 * @ret  zero before; the caller owns it, release with hp_explanation_release()
 * @plan, @selection, @values  as hp_plan_build() had them; borrowed
 * @return  false: out of memory, as @err says
 */
bool hp_explanation_make(struct hp_explanation *ret, const struct hp_plan *plan,
                         const struct hp_selection *selection, const struct hp_values *values,
                         struct hp_error *err);
void hp_explanation_release(struct hp_explanation *explanation);

/** The room that any rendering needs, the NUL included: unlike a report, it is never cut. */
size_t hp_explanation_size(const struct hp_explanation *explanation);

/** A table for people; several lines. */
void hp_explain_text(const struct hp_explanation *explanation, struct hp_buffer *ret);

/** One line, one JSON document. */
void hp_explain_json(const struct hp_explanation *explanation, struct hp_buffer *ret);

#endif
