/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DATABASE_CONNECT_H
#define HEALTHPROBE_DATABASE_CONNECT_H

#include "error.h"
#include "session.h"
#include "settings.h"

/** What came of one address, or of a host. */
enum hp_database_outcome {
    HP_DATABASE_OUTCOME_SESSION,
    HP_DATABASE_OUTCOME_NEXT_ADDRESS,
    HP_DATABASE_OUTCOME_NEXT_HOST,
    HP_DATABASE_OUTCOME_DECIDED
};

/** What is reported when no host gave a session. */
struct hp_database_failure {
    enum hp_reason reason;
    enum hp_phase phase; /* of a timeout */
    char sqlstate[HP_SQLSTATE_SIZE];
    struct hp_text text;
    const struct hp_database_host *host;
};

/** A host while it is tried. */
struct hp_database_trial {
    const struct hp_database_settings *settings;
    const struct hp_database_host *host;
    const char *session_attrs; /* as libpq gets it; NULL: any */
    const char *ca_file;
    struct hp_deadline deadline; /* its share of the time */
    struct hp_attempt *attempt;
    struct hp_database_failure *failure;
};

/** Keep why a host gave no session, unless another's failure says more. */
void hp_database_keep_failure(const struct hp_database_trial *trial, enum hp_reason reason,
                              const char *sqlstate, struct hp_untrusted said);

/**
 * Connect to one address of the trial's host and log in.
 *
 * @address  NULL: the host is a directory of sockets
 * @share    until when it has to accept the connection; from then on the host's time counts
 */
enum hp_database_outcome hp_database_try_address(const struct hp_database_trial *trial,
                                                 struct hp_database_session *session,
                                                 const char *address, struct hp_deadline share);

#endif
