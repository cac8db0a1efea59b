/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DATABASE_HOSTS_H
#define HEALTHPROBE_DATABASE_HOSTS_H

#include "session.h"
#include "settings.h"

/** Try all hosts until there is a session. False: the attempt has its verdict. */
bool hp_database_connect(const struct hp_database_settings *settings,
                         struct hp_database_session *session, struct hp_attempt *attempt);

#endif
