/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "peer.h"

/* What is decided at the final headers. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const arguments[] = {"--http", "http://u:s3cr3t-Zq9@127.0.0.1/", NULL};
    struct hp_result result;

    hp_fuzz_run("http", arguments, data, size, &result);
    if (result.status == HP_STATUS_UP) {
        HP_FUZZ_CHECK(result.http_status >= 200 && result.http_status <= 299);
        HP_FUZZ_CHECK(size > 5 && memcmp(data, "HTTP/", 5) == 0);
    } else {
        HP_FUZZ_CHECK(result.status == HP_STATUS_DOWN);
    }
    HP_FUZZ_CHECK(strstr(result.error.bytes, "s3cr3t-Zq9") == NULL);
    return 0;
}
