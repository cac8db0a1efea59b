/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "check/http/redirect.h"

/* The target of a Location, relative to a URL: the input is both, separated by a NUL. */

#define PIECES 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hp_http_target from = {0};
    struct hp_http_target to = {0};
    struct hp_error unheard = {0};
    char *pieces[PIECES + 1];

    if (hp_fuzz_split(data, size, pieces, PIECES) == PIECES &&
        hp_http_target_parse(&from, pieces[0], NULL, "", 3000, "/health", &unheard)) {
        if (hp_http_redirect_resolve(&to, &from, pieces[1]) == HP_HTTP_REDIRECT_FOUND) {
            HP_FUZZ_CHECK(to.user == NULL && to.password == NULL);
            HP_FUZZ_CHECK(to.host[0] != '\0' && to.port != 0);
            HP_FUZZ_CHECK(to.path[0] == '/' || to.path[0] == '?');
            for (const char *at = to.path; *at != '\0'; at++)
                HP_FUZZ_CHECK((unsigned char)*at > ' ' && *at != 0x7F);
        } else {
            HP_FUZZ_CHECK(to.host == NULL);
        }
    }
    hp_http_target_release(&from);
    hp_http_target_release(&to);
    hp_fuzz_free(pieces);
    return 0;
}
