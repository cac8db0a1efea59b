/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "check/database/target.h"
#include "check/http/target.h"
#include "check/redis/target.h"

static const struct hp_option url = {.name = "database"};
static char *const nothing[] = {NULL};
static const struct hp_database_reading ping = {.user_optional = true, .wants_search_path = true};

/* Each URL parser. Shown targets are ASCII; errors never quote the input. */

static void check_shown(const struct hp_buffer *text)
{
    HP_FUZZ_CHECK(text->len > 0 && text->len < text->cap);
    for (size_t i = 0; i < text->len; i++)
        HP_FUZZ_CHECK(text->data[i] > ' ' && text->data[i] < 0x7F);
}

static void check_error(const struct hp_error *err, bool good)
{
    HP_FUZZ_CHECK(good == (err->reason == HP_REASON_NONE));
    HP_FUZZ_CHECK(good == (err->len == 0));
}

static void fuzz_http(const char *text)
{
    struct hp_http_target target = {0};
    struct hp_error err = {0};
    bool good = hp_http_target_parse(&target, text, NULL, "--http", 3000, "/health", &err);
    char storage[64];
    struct hp_buffer shown;

    check_error(&err, good);
    if (!good)
        return;
    hp_buffer_init(&shown, storage, sizeof storage);
    hp_http_target_describe(&target, &shown);
    check_shown(&shown);
    hp_http_target_release(&target);
}

static void fuzz_database(const char *text)
{
    struct hp_database_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    bool good = hp_database_target_parse(&target, text, "--database", &ping, &ignored, &err);
    char storage[64];
    struct hp_buffer shown;

    check_error(&err, good);
    if (!good)
        return;
    hp_buffer_init(&shown, storage, sizeof storage);
    hp_database_target_describe(&target, &shown);
    check_shown(&shown);
    hp_database_target_release(&target);
}

static void fuzz_redis(const char *text)
{
    struct hp_redis_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    bool good = hp_redis_target_parse(&target, text, NULL, "--redis", &ignored, &err);
    char storage[64];
    struct hp_buffer shown;

    check_error(&err, good);
    if (!good)
        return;
    hp_buffer_init(&shown, storage, sizeof storage);
    hp_redis_target_describe(&target, &shown);
    check_shown(&shown);
    hp_redis_target_release(&target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct hp_error err = {0};

    hp_target_check_unexpanded(text, "--database", &url, nothing, &err);
    fuzz_http(text);
    fuzz_database(text);
    fuzz_redis(text);
    free(text);
    return 0;
}
