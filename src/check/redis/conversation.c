/* SPDX-License-Identifier: MIT */
#include "conversation.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/span.h>

#include <stdlib.h>
#include <string.h>

/*
 * hiredis formats commands and reads replies; the connection is our own. Its
 * time limits count per system call, it tries one family and one address
 * alone, and it verifies no host name.
 */

/* No valid response has more bytes than this. */
#define ANSWER_MAX 65536

/*
 * An answer to ROLE is an array, of a master with one array a replica. A parser
 * that takes any depth needs as much stack as a peer wants it to.
 */
#define ARRAY_DEPTH_MAX    4
#define ARRAY_ELEMENTS_MAX 256

enum step { STEP_AUTH, STEP_SELECT, STEP_PING, STEP_ROLE };

/* --- what an error reply means ---------------------------------------------------------------- */

struct meaning {
    const char *prefix;
    enum hp_reason reason;
};

static const struct meaning meanings[] = {
    {"NOAUTH ", HP_REASON_AUTH},
    {"WRONGPASS ", HP_REASON_AUTH},
    {"NOPERM ", HP_REASON_AUTH},
    {"DENIED ", HP_REASON_AUTH},
    {"ERR AUTH ", HP_REASON_AUTH},
    {"ERR Client sent AUTH", HP_REASON_AUTH},
    {"ERR max number of clients", HP_REASON_CAPACITY},
    {"ERR DB index is out of range", HP_REASON_MISSING},
    {"MISCONF ", HP_REASON_READONLY},
    {"READONLY ", HP_REASON_READONLY},
    {"LOADING ", HP_REASON_LOADING},
    {"MASTERDOWN ", HP_REASON_ROLE},
    {"BUSY ", HP_REASON_QUERY},
};

static const struct meaning *find_meaning(const char *error)
{
    for (size_t i = 0; i < HP_COUNT(meanings); i++)
        if (hp_after_prefix(error, meanings[i].prefix) != NULL)
            return &meanings[i];
    return NULL;
}

static enum hp_reason reason_of(const char *error, enum step step)
{
    const struct meaning *meaning = find_meaning(error);

    if (meaning != NULL)
        return meaning->reason;
    switch (step) {
    case STEP_AUTH:
        return HP_REASON_AUTH;
    case STEP_SELECT:
        return HP_REASON_MISSING;
    case STEP_PING:
    case STEP_ROLE:
        break;
    }
    return HP_REASON_QUERY;
}

/* The first word, whole: a piece of a longer one could be the beginning of a password. */
static void take_code(struct hp_attempt *attempt, const char *error)
{
    char code[sizeof attempt->result.code];
    size_t len = strcspn(error, " ");

    if (len >= sizeof code)
        return;
    memcpy(code, error, len);
    code[len] = '\0';
    hp_attempt_code(attempt, code);
}

static void error_reply(struct hp_attempt *attempt, const redisReply *reply, enum step step)
{
    struct hp_untrusted said = {reply->str, reply->len, false};

    if (find_meaning(reply->str) != NULL || !hp_secrets_found(attempt->secrets, said))
        take_code(attempt, reply->str);
    hp_attempt_down(attempt, reason_of(reply->str, step), said);
}

/* --- one command, one reply ------------------------------------------------------------------- */

/*
 * All that is asked here but ROLE is answered by a status or an error. Anything
 * else is refused at its first byte: a bulk string may announce a length that
 * never comes, and a few thousand nested arrays take the parser's stack.
 */
static bool is_expected(const struct hp_redis_session *session, char type)
{
    return type == '-' || type == (session->wants_array ? '*' : '+');
}

static void *create_array(const redisReadTask *task, size_t n)
{
    const struct hp_redis_session *session = task->privdata;
    int depth = 1;

    for (const redisReadTask *parent = task->parent; parent != NULL; parent = parent->parent)
        depth++;
    if (!session->wants_array || depth > ARRAY_DEPTH_MAX || n > ARRAY_ELEMENTS_MAX)
        return NULL;
    return session->hiredis->createArray(task, n);
}

static void not_redis(struct hp_attempt *attempt)
{
    hp_attempt_down(attempt, HP_REASON_PROTOCOL,
                    hp_untrusted_of("the answer is not what Redis answers"));
}

static bool send_command(struct hp_redis_session *session, struct hp_attempt *attempt, int argc,
                         const char **argv)
{
    char *command = NULL;
    long long len = 0;
    bool sent = false;

    /* Bytes that arrived before the command was sent are not a reply to it. */
    if (session->reader->pos < session->reader->len) {
        hp_attempt_down(attempt, HP_REASON_PROTOCOL,
                        hp_untrusted_of("the server sent more than its replies"));
        return false;
    }
    len = redisFormatCommandArgv(&command, argc, argv, NULL);
    if (len < 0) {
        hp_attempt_no_memory(attempt);
        return false;
    }
    sent = hp_stream_write(&session->stream, command, (size_t)len, attempt);
    explicit_bzero(command, (size_t)len);
    redisFreeCommand(command);
    return sent;
}

/* Take what the reader has. NULL with no verdict: more bytes are needed. */
static redisReply *take_reply(struct hp_redis_session *session, struct hp_attempt *attempt)
{
    void *reply = NULL;

    if (redisReaderGetReply(session->reader, &reply) != REDIS_OK)
        not_redis(attempt);
    return reply;
}

/* The next reply, which the caller frees; NULL: the attempt has its verdict. */
static redisReply *read_reply(struct hp_redis_session *session, struct hp_attempt *attempt)
{
    size_t total = 0;

    for (;;) {
        char bytes[4096];
        redisReply *reply = take_reply(session, attempt);
        ssize_t len = 0;
        if (reply != NULL || hp_attempt_decided(attempt))
            return reply;
        len = hp_stream_read(&session->stream, bytes, sizeof bytes, attempt);
        if (len < 0)
            return NULL;
        if (len == 0) {
            hp_attempt_down(attempt, HP_REASON_CLOSED,
                            hp_untrusted_of("the server closed the connection"));
            return NULL;
        }
        if (total == 0 && !is_expected(session, bytes[0])) {
            not_redis(attempt);
            return NULL;
        }
        total += (size_t)len;
        if (total > ANSWER_MAX) {
            hp_attempt_down(attempt, HP_REASON_PROTOCOL,
                            hp_untrusted_of("the answer is longer than 64 KiB"));
            return NULL;
        }
        if (redisReaderFeed(session->reader, bytes, (size_t)len) != REDIS_OK) {
            hp_attempt_no_memory(attempt);
            return NULL;
        }
    }
}

static redisReply *ask(struct hp_redis_session *session, struct hp_attempt *attempt, int argc,
                       const char **argv)
{
    if (!send_command(session, attempt, argc, argv))
        return NULL;
    return read_reply(session, attempt);
}

static bool is_text(const redisReply *reply, const char *text)
{
    return hp_span_equals((struct hp_span){reply->str, reply->len}, text);
}

/* Every reply must be the one that means success. False: the attempt has its verdict. */
static bool expect(struct hp_attempt *attempt, redisReply *reply, const char *wanted,
                   enum step step)
{
    bool good = false;

    if (reply == NULL)
        return false;
    if (reply->type == REDIS_REPLY_ERROR)
        error_reply(attempt, reply, step);
    else if (reply->type == REDIS_REPLY_STATUS && is_text(reply, wanted))
        good = true;
    else
        hp_attempt_down_format(attempt, HP_REASON_PROTOCOL, "the answer is not %s", wanted);
    freeReplyObject(reply);
    return good;
}

/* --- the conversation ------------------------------------------------------------------------- */

/* Before Redis 6, AUTH knew passwords alone. */
static bool knows_no_users(const redisReply *reply)
{
    return reply != NULL && reply->type == REDIS_REPLY_ERROR &&
           hp_after_prefix(reply->str, "ERR wrong number of arguments") != NULL;
}

static bool authenticate(struct hp_redis_session *session, struct hp_attempt *attempt,
                         const struct hp_redis_target *target)
{
    const char *with_user[] = {"AUTH", target->user, target->password};
    const char *password_alone[] = {"AUTH", target->password};
    redisReply *reply = NULL;

    if (target->password == NULL)
        return true;
    if (target->user != NULL) {
        reply = ask(session, attempt, 3, with_user);
        if (!knows_no_users(reply))
            return expect(attempt, reply, "OK", STEP_AUTH);
        freeReplyObject(reply);
    }
    return expect(attempt, ask(session, attempt, 2, password_alone), "OK", STEP_AUTH);
}

/* Not for database 0: a user may be denied SELECT and yet use the default. */
static bool select_database(struct hp_redis_session *session, struct hp_attempt *attempt,
                            unsigned database)
{
    char number[16];
    const char *command[] = {"SELECT", number};
    struct hp_buffer text;

    if (database == 0)
        return true;
    hp_buffer_init(&text, number, sizeof number);
    hp_buffer_add_format(&text, "%u", database);
    return expect(attempt, ask(session, attempt, 2, command), "OK", STEP_SELECT);
}

static bool ping(struct hp_redis_session *session, struct hp_attempt *attempt)
{
    const char *command[] = {"PING"};

    hp_attempt_phase(attempt, HP_PHASE_RESPONSE);
    return expect(attempt, ask(session, attempt, 1, command), "PONG", STEP_PING);
}

/* The word that an answer to ROLE begins with. */
static bool begins_with(const redisReply *reply, const char *word)
{
    const redisReply *first = NULL;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0)
        return false;
    first = reply->element[0];
    return first->type == REDIS_REPLY_STRING && is_text(first, word);
}

/* False: the attempt has its verdict. */
static bool judge_role(struct hp_attempt *attempt, const redisReply *reply,
                       enum hp_redis_role wanted)
{
    static const struct {
        const char *word;
        const char *name;
        enum hp_redis_role role;
    } roles[] = {
        {"master", "master", HP_REDIS_ROLE_MASTER},
        {"slave", "replica", HP_REDIS_ROLE_REPLICA},
        {"replica", "replica", HP_REDIS_ROLE_REPLICA},
        {"sentinel", "sentinel", HP_REDIS_ROLE_COUNT},
    };

    if (reply->type == REDIS_REPLY_ERROR) {
        error_reply(attempt, reply, STEP_ROLE);
        return false;
    }
    for (size_t i = 0; i < HP_COUNT(roles); i++) {
        if (!begins_with(reply, roles[i].word))
            continue;
        if (roles[i].role == wanted)
            return true;
        hp_attempt_down_format(attempt, HP_REASON_ROLE, "the server is a %s, not a %s",
                               roles[i].name, hp_redis_role_name(wanted));
        return false;
    }
    not_redis(attempt);
    return false;
}

static bool has_role(struct hp_redis_session *session, struct hp_attempt *attempt,
                     enum hp_redis_role wanted)
{
    const char *command[] = {"ROLE"};
    redisReply *reply = NULL;
    bool good = false;

    if (wanted == HP_REDIS_ROLE_ANY)
        return true;
    session->wants_array = true;
    reply = ask(session, attempt, 1, command);
    if (reply == NULL)
        return false;
    good = judge_role(attempt, reply, wanted);
    freeReplyObject(reply);
    return good;
}

void hp_redis_converse(struct hp_redis_session *session, const struct hp_redis_settings *settings,
                       struct hp_attempt *attempt)
{
    hp_attempt_phase(attempt, HP_PHASE_LOGIN);
    if (authenticate(session, attempt, &settings->target) &&
        select_database(session, attempt, settings->target.database) && ping(session, attempt) &&
        has_role(session, attempt, settings->role))
        hp_attempt_up(attempt);
}

struct hp_redis_session *hp_redis_session_new(void)
{
    struct hp_redis_session *session = calloc(1, sizeof *session);

    if (session == NULL)
        return NULL;
    hp_stream_init(&session->stream, -1);
    session->reader = redisReaderCreate();
    if (session->reader == NULL) {
        free(session);
        return NULL;
    }
    session->hiredis = session->reader->fn;
    session->bounded = *session->hiredis;
    session->bounded.createArray = create_array;
    session->reader->fn = &session->bounded;
    session->reader->privdata = session;
    return session;
}

void hp_redis_session_free(struct hp_redis_session *session)
{
    if (session == NULL)
        return;
    hp_stream_release(&session->stream);
    redisReaderFree(session->reader);
    free(session);
}
