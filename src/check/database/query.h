/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DATABASE_QUERY_H
#define HEALTHPROBE_DATABASE_QUERY_H

#include "session.h"
#include "settings.h"

/** Ask what the settings have asked, and give the verdict. */
void hp_database_query(const struct hp_database_settings *settings,
                       struct hp_database_session *session, struct hp_attempt *attempt);

/** A pooler throws a server connection away that is left within a transaction. */
void hp_database_roll_back(PGconn *conn, struct hp_deadline deadline);

#endif
