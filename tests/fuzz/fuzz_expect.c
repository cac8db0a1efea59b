/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "peer.h"

/* A whole response with every kind of expectation: headers, a text, JSON and an expression. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const arguments[] = {"--http",
                                            "http://u:s3cr3t-Zq9@127.0.0.1/",
                                            "--http-json=a.0.b=up",
                                            "--http-match=(a|b)+[0-9]*\"?:",
                                            "--http-contains=up",
                                            "--http-expect-header=X-A: yes",
                                            NULL};
    struct hp_result result;

    hp_fuzz_run("http", arguments, data, size, &result);
    if (result.status == HP_STATUS_UP) {
        HP_FUZZ_CHECK(memmem(data, size, "up", 2) != NULL);
        HP_FUZZ_CHECK(memmem(data, size, "yes", 3) != NULL);
        HP_FUZZ_CHECK(memchr(data, '{', size) != NULL || memchr(data, '[', size) != NULL);
    } else {
        HP_FUZZ_CHECK(result.status == HP_STATUS_DOWN);
    }
    HP_FUZZ_CHECK(strstr(result.error.bytes, "s3cr3t-Zq9") == NULL);
    HP_FUZZ_CHECK(result.error_varies <= strlen(result.error.bytes));
    return 0;
}
