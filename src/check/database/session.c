/* SPDX-License-Identifier: MIT */
#include "session.h"

#include <string.h>

#include "error.h"

void hp_database_down(struct hp_attempt *attempt, enum hp_reason reason, const char *message,
                      struct hp_untrusted shown)
{
    if (hp_secrets_found(attempt->secrets, hp_untrusted_of(message)))
        shown = hp_untrusted_of(message);
    hp_attempt_down(attempt, reason, shown);
}

bool hp_database_starved(const struct hp_database_session *session)
{
    return session->leg.uses_tls && hp_tls_starved();
}

void hp_database_broke_off(const struct hp_database_session *session, struct hp_attempt *attempt,
                           const char *message)
{
    if (hp_database_starved(session))
        hp_attempt_no_memory(attempt);
    else
        hp_database_down(attempt, hp_postgres_reason_of_words(message), message,
                         (struct hp_untrusted){message, strcspn(message, "\n"), false});
}
