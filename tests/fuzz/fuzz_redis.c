/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "peer.h"

/* The replies to AUTH, SELECT and PING, after the caps on bytes and nesting. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const plain[] = {"--redis", "redis://127.0.0.1", NULL};
    static const char *const with_login[] = {"--redis", "redis://u:s3cr3t-Zq9@127.0.0.1/1", NULL};
    struct hp_result result;

    hp_fuzz_run("redis", plain, data, size, &result);
    /* Up is PONG first of all, and nothing else. */
    HP_FUZZ_CHECK((result.status == HP_STATUS_UP) ==
                  (size >= 7 && memcmp(data, "+PONG\r\n", 7) == 0));
    hp_fuzz_run("redis", with_login, data, size, &result);
    /* Bytes before the command are not a reply. */
    HP_FUZZ_CHECK(result.status == HP_STATUS_DOWN);
    HP_FUZZ_CHECK(strstr(result.error.bytes, "s3cr3t-Zq9") == NULL);
    return 0;
}
