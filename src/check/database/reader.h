/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DATABASE_READER_H
#define HEALTHPROBE_DATABASE_READER_H

#include "target.h"

/* A database's target while its URL is read, by several files. */

struct hp_database_reader {
    struct hp_target_reader base;
    struct hp_database_target target;
    const struct hp_database_reading *how;
    size_t n_addresses;
    bool addresses_are_foreign; /* the environment's, for hosts that it names */
    size_t n_ports;
    uint16_t ports[HP_DATABASE_HOSTS_MAX]; /* 0: none given */
    bool mode_is_explicit; /* "sslmode" beats "ssl" and "requiressl", in any order */
    bool never_verify;     /* sslmode=no-verify */
    bool has_prisma;       /* sslaccept */
    bool is_strict;        /* sslaccept=strict */
};

/**
 * Read one parameter of the URL, or what a variable has in its place; it may be kept.
 * @data is the reader.
 */
void hp_database_read_param(void *data, struct hp_url_param *param);

/** Read libpq's variables, where how->environment has them; before the URL, which overrides. */
void hp_database_read_environment(struct hp_database_reader *reader);

/** Set the name of the host at @i. */
void hp_database_set_host(struct hp_database_reader *reader, size_t i, const char *name,
                          bool bracketed);

/** What the environment said of hosts: those that the URL names are nowhere else. */
void hp_database_forget_hosts(struct hp_database_reader *reader);

/* The parameters of TLS, by which several libraries mean different things. */
void hp_database_read_sslmode(struct hp_database_reader *reader, const char *value);
void hp_database_read_ssl(struct hp_database_reader *reader, const char *value);
void hp_database_read_requiressl(struct hp_database_reader *reader, const char *value);
void hp_database_read_sslaccept(struct hp_database_reader *reader, const char *value);

/** What they mean together, once all are read. */
void hp_database_finish_tls(struct hp_database_reader *reader);

struct hp_url_param *hp_database_find_param(const struct hp_url_params *params, const char *key);
void hp_database_remove_param(struct hp_url_params *params, struct hp_url_param *param);

#endif
