/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_FACTS_H
#define HEALTHPROBE_FACTS_H

#include <healthprobe/base/redact.h>

#include <stdbool.h>
#include <stddef.h>

/** What `explain` says about a check beyond its options. */
#define HP_FACTS_MAX 8

struct hp_fact {
    const char *name; /* static */
    struct hp_text value;
};

struct hp_facts {
    size_t n;
    struct hp_fact items[HP_FACTS_MAX];
};

/** Add a fact that holds no secret; one without room is passed over. */
void hp_facts_add(struct hp_facts *facts, const char *name, const char *value);

struct hp_tls_settings;

/** The file to trust: the URL's own, which is not shown, or @ca_file, or the system's. */
void hp_facts_add_ca(struct hp_facts *facts, bool of_url, const char *ca_file);

/** Whether the server is verified, and by what. */
void hp_facts_add_tls(struct hp_facts *facts, const struct hp_tls_settings *tls, bool ca_of_url);

/** Whether there is one. */
void hp_facts_add_password(struct hp_facts *facts, const char *password);

#endif
