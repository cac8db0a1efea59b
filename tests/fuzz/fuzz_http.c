/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "peer.h"

/* What is decided at the final headers. */

/* The status of the last block of headers; interim responses are skipped. */
static int final_status(const uint8_t *data, size_t size)
{
    bool begins = true;
    int status = 0;

    for (size_t len = 0; size > 0; data += len, size -= len) {
        const uint8_t *newline = memchr(data, '\n', size);
        len = newline != NULL ? (size_t)(newline - data) + 1 : size;
        bool blank = newline == data || (newline == data + 1 && data[0] == '\r');
        if (begins)
            status = len > 12 ? (data[9] - '0') * 100 + (data[10] - '0') * 10 + data[11] - '0' : 0;
        else if (blank && (status < 100 || status > 199 || status == 101))
            return status;
        begins = blank;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const arguments[] = {"--http", "http://u:s3cr3t-Zq9@127.0.0.1/", NULL};
    struct hp_result result;

    hp_fuzz_run("http", arguments, data, size, &result);
    if (result.status == HP_STATUS_UP) {
        HP_FUZZ_CHECK(result.http_status >= 200 && result.http_status <= 299);
        HP_FUZZ_CHECK(size > 5 && memcmp(data, "HTTP/", 5) == 0);
        HP_FUZZ_CHECK(result.http_status == final_status(data, size));
    } else {
        HP_FUZZ_CHECK(result.status == HP_STATUS_DOWN);
    }
    HP_FUZZ_CHECK(strstr(result.error.bytes, "s3cr3t-Zq9") == NULL);
    return 0;
}
