/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_REDIS_CONVERSATION_H
#define HEALTHPROBE_REDIS_CONVERSATION_H

#include <healthprobe/net/stream.h>

#include <hiredis/hiredis.h>

#include "settings.h"

/* What is said to a server, and what its replies mean. */

struct hp_redis_session {
    struct hp_stream stream;
    redisReader *reader;
    redisReplyObjectFunctions *hiredis; /* its own */
    redisReplyObjectFunctions bounded;
    bool wants_array; /* the command in hand is answered by one */
};

/** Without a connection yet. NULL: out of memory. */
struct hp_redis_session *hp_redis_session_new(void);
void hp_redis_session_free(struct hp_redis_session *session);

/** Log in and ask what the settings have asked, over session->stream, and give the verdict. */
void hp_redis_converse(struct hp_redis_session *session, const struct hp_redis_settings *settings,
                       struct hp_attempt *attempt);

#endif
