/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/attempt.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct hp_secrets secrets;
static struct hp_attempt attempt;

/** Begin an attempt with so much time; a negative one has run out. */
static void begin(int64_t left_ms)
{
    hp_attempt_init(&attempt, &secrets, hp_deadline_at(hp_clock_now_ns(), left_ms * HP_NS_PER_MS));
}

static void set_up(void)
{
    ck_assert(hp_secrets_add(&secrets, HP_UNIT_SECRET));
    ck_assert(hp_secrets_add(&secrets, "HUNTER2"));
    begin(60000);
}

static void tear_down(void)
{
    hp_secrets_release(&secrets);
}

static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

/* --- beginning -------------------------------------------------------------------------------- */

static const struct {
    enum hp_phase phase;
    const char *name;
} phases[] = {
    {HP_PHASE_NONE, ""},
    {HP_PHASE_DNS, "dns"},
    {HP_PHASE_CONNECT, "connect"},
    {HP_PHASE_TLS, "tls"},
    {HP_PHASE_LOGIN, "login"},
    {HP_PHASE_QUERY, "query"},
    {HP_PHASE_RESPONSE, "response"},
};

START_TEST(phase_is_named_as_the_report_spells_it)
{
    ck_assert_str_eq(hp_phase_name(phases[_i].phase), phases[_i].name);
}
END_TEST

START_TEST(attempt_without_verdict_is_neither_up_nor_down)
{
    ck_assert(!hp_attempt_decided(&attempt));
    ck_assert_int_eq(attempt.result.status, HP_STATUS_UNKNOWN);
    hp_attempt_phase(&attempt, HP_PHASE_CONNECT);
    ck_assert(!hp_attempt_decided(&attempt));
}
END_TEST

/* --- phases and times ------------------------------------------------------------------------- */

START_TEST(time_is_counted_for_the_phase_it_was_spent_in)
{
    const int64_t *spent_ns = attempt.result.phase_ns;

    hp_attempt_phase(&attempt, HP_PHASE_CONNECT);
    usleep(20000);
    hp_attempt_phase(&attempt, HP_PHASE_LOGIN);
    usleep(40000);
    hp_attempt_phase(&attempt, HP_PHASE_CONNECT);
    usleep(20000);
    hp_attempt_phase(&attempt, HP_PHASE_CONNECT);
    hp_attempt_up(&attempt);

    ck_assert_int_eq(atomic_load(&attempt.phase), HP_PHASE_CONNECT);
    ck_assert_int_ge(spent_ns[HP_PHASE_CONNECT], 40 * HP_NS_PER_MS);
    ck_assert_int_ge(spent_ns[HP_PHASE_LOGIN], 40 * HP_NS_PER_MS);
    ck_assert_int_eq(spent_ns[HP_PHASE_DNS], 0);
    ck_assert_int_eq(spent_ns[HP_PHASE_QUERY], 0);
    ck_assert_int_ge(attempt.result.latency_ns,
                     spent_ns[HP_PHASE_CONNECT] + spent_ns[HP_PHASE_LOGIN]);
}
END_TEST

START_TEST(latency_ends_with_the_verdict)
{
    int64_t latency_ns;

    usleep(10000);
    hp_attempt_up(&attempt);
    latency_ns = attempt.result.latency_ns;
    ck_assert_int_ge(latency_ns, 10 * HP_NS_PER_MS);
    ck_assert_int_le(latency_ns, hp_clock_now_ns() - attempt.started_ns);
    usleep(10000);
    hp_attempt_up(&attempt);
    hp_attempt_timeout(&attempt);
    ck_assert_int_eq(attempt.result.latency_ns, latency_ns);
}
END_TEST

/* --- verdicts --------------------------------------------------------------------------------- */

static void give_up(void)
{
    hp_attempt_up(&attempt);
}

static void give_down(void)
{
    hp_attempt_down(&attempt, HP_REASON_REFUSED, hp_untrusted_of("down"));
}

static void give_format(void)
{
    hp_attempt_down_format(&attempt, HP_REASON_CLOSED, "%s %d", "format", 1);
}

static void give_no_memory(void)
{
    hp_attempt_no_memory(&attempt);
}

static void give_timeout(void)
{
    hp_attempt_timeout(&attempt);
}

static const struct {
    void (*give)(void);
    enum hp_status status;
    enum hp_reason reason;
    enum hp_phase phase;
    const char *error;
} verdicts[] = {
    {give_up, HP_STATUS_UP, HP_REASON_NONE, HP_PHASE_NONE, ""},
    {give_down, HP_STATUS_DOWN, HP_REASON_REFUSED, HP_PHASE_NONE, "down"},
    {give_format, HP_STATUS_DOWN, HP_REASON_CLOSED, HP_PHASE_NONE, "format 1"},
    {give_no_memory, HP_STATUS_DOWN, HP_REASON_INTERNAL, HP_PHASE_NONE, "out of memory"},
    {give_timeout, HP_STATUS_DOWN, HP_REASON_TIMEOUT, HP_PHASE_TLS, ""},
};

START_TEST(verdict_tells_status_reason_and_the_phase_of_a_timeout)
{
    hp_attempt_phase(&attempt, HP_PHASE_TLS);
    verdicts[_i].give();
    ck_assert(hp_attempt_decided(&attempt));
    ck_assert_int_eq(attempt.result.status, verdicts[_i].status);
    ck_assert_int_eq(attempt.result.reason, verdicts[_i].reason);
    ck_assert_int_eq(attempt.result.phase, verdicts[_i].phase);
    ck_assert_str_eq(attempt.result.error.bytes, verdicts[_i].error);
}
END_TEST

START_TEST(first_verdict_holds)
{
    struct hp_result first;

    hp_attempt_phase(&attempt, HP_PHASE_TLS);
    verdicts[_i].give();
    first = attempt.result;
    for (size_t i = 0; i < HP_UNIT_ROWS(verdicts); i++)
        verdicts[i].give();
    ck_assert_int_eq(attempt.result.status, first.status);
    ck_assert_int_eq(attempt.result.reason, first.reason);
    ck_assert_int_eq(attempt.result.phase, first.phase);
    ck_assert_str_eq(attempt.result.error.bytes, first.error.bytes);
}
END_TEST

static const int64_t passed_ms[] = {0, -1, -10000};

START_TEST(late_up_is_a_timeout_in_its_phase)
{
    begin(passed_ms[_i]);
    hp_attempt_phase(&attempt, HP_PHASE_QUERY);
    hp_attempt_up(&attempt);
    ck_assert_int_eq(attempt.result.status, HP_STATUS_DOWN);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(attempt.result.phase, HP_PHASE_QUERY);
}
END_TEST

START_TEST(up_just_after_the_deadline_is_late_too)
{
    begin(1);
    hp_attempt_phase(&attempt, HP_PHASE_RESPONSE);
    usleep(3000);
    hp_attempt_up(&attempt);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(attempt.result.phase, HP_PHASE_RESPONSE);
}
END_TEST

START_TEST(down_by_timeout_has_its_phase_whoever_says_it)
{
    hp_attempt_phase(&attempt, HP_PHASE_CONNECT);
    hp_attempt_down(&attempt, HP_REASON_TIMEOUT, hp_untrusted_of("Connection timed out"));
    ck_assert_int_eq(attempt.result.phase, HP_PHASE_CONNECT);
    ck_assert_str_eq(attempt.result.error.bytes, "Connection timed out");
}
END_TEST

/* --- codes ------------------------------------------------------------------------------------ */

static const struct {
    const char *code;
    const char *kept;
} codes[] = {
    {"28P01", "28P01"},
    {"WRONGPASS", "WRONGPASS"},
    {"ERR", "ERR"},
    {"A_B_2", "A_B_2"},
    {"ABCDEFGHIJKLMNO", "ABCDEFGHIJKLMNO"},
    {"ABCDEFGHIJKLMNOP", ""},
    {"", ""},
    {"wrongpass", ""},
    {"Err", ""},
    {"28 P01", ""},
    {"28P01\n", ""},
    {"A-B", ""},
    {"\"", ""},
    {"\xC3\x84", ""},
    {"HUNTER2", ""},
    {"XHUNTER2X", ""},
    {HP_UNIT_SECRET, ""},
};

START_TEST(code_is_a_plain_word_without_a_secret)
{
    hp_attempt_down(&attempt, HP_REASON_AUTH, hp_untrusted_of("no"));
    hp_attempt_code(&attempt, codes[_i].code);
    ck_assert_str_eq(attempt.result.code, codes[_i].kept);
}
END_TEST

START_TEST(code_without_secrets_in_use_is_kept)
{
    hp_attempt_init(&attempt, NULL, hp_deadline_at(hp_clock_now_ns(), HP_NS_PER_S));
    hp_attempt_code(&attempt, "HUNTER2");
    ck_assert_str_eq(attempt.result.code, "HUNTER2");
}
END_TEST

/* --- what was said ---------------------------------------------------------------------------- */

static const struct {
    const char *said;
    const char *error;
} texts[] = {
    {"password authentication failed for user \"app\"",
     "password authentication failed for user \"app\""},
    {"", ""},
    {"line\nbreak\tand \x1B[31m", "line\xEF\xBF\xBD"
                                  "break\xEF\xBF\xBD"
                                  "and \xEF\xBF\xBD[31m"},
    {"trailing \r\n", "trailing"},
    {"bad \xFF utf", "bad \xEF\xBF\xBD utf"},
    {"it was s3cr3t-Zq9", "(withheld)"},
    {"it was s3cr3t%2DZq9", "(withheld)"},
    {"the code HUNTER2", "(withheld)"},
};

START_TEST(what_was_said_is_cleaned_or_withheld)
{
    hp_attempt_down(&attempt, HP_REASON_AUTH, hp_untrusted_of(texts[_i].said));
    ck_assert_str_eq(attempt.result.error.bytes, texts[_i].error);
}
END_TEST

START_TEST(our_own_words_are_searched_for_secrets_too)
{
    hp_attempt_down_format(&attempt, HP_REASON_AUTH, "the server said %s", texts[_i].said);
    if (strcmp(texts[_i].error, "(withheld)") == 0)
        ck_assert_str_eq(attempt.result.error.bytes, "(withheld)");
    else
        ck_assert_int_eq(strncmp(attempt.result.error.bytes, "the server said", 15), 0);
}
END_TEST

START_TEST(explanation_changes_the_text_alone)
{
    hp_attempt_down(&attempt, HP_REASON_STATUS, hp_untrusted_of("503"));
    attempt.result.http_status = 503;
    hp_attempt_explain(&attempt, hp_untrusted_of(texts[_i].said));
    ck_assert_int_eq(attempt.result.reason, HP_REASON_STATUS);
    ck_assert_int_eq(attempt.result.status, HP_STATUS_DOWN);
    ck_assert_int_eq(attempt.result.http_status, 503);
    ck_assert_str_eq(attempt.result.error.bytes, texts[_i].error);
}
END_TEST

START_TEST(error_is_at_most_160_bytes)
{
    char said[4096];

    memset(said, 'x', sizeof(said) - 1);
    said[sizeof(said) - 1] = '\0';
    hp_attempt_down(&attempt, HP_REASON_QUERY, hp_untrusted_of(said));
    ck_assert_uint_eq(strlen(attempt.result.error.bytes), 160);

    begin(60000);
    hp_attempt_down_format(&attempt, HP_REASON_QUERY, "%s", said);
    ck_assert_uint_eq(strlen(attempt.result.error.bytes), 160);
}
END_TEST

START_TEST(secret_behind_the_cut_withholds_as_well)
{
    char said[4096];

    memset(said, 'x', sizeof(said));
    memcpy(said + 3000, HP_UNIT_SECRET, sizeof(HP_UNIT_SECRET));
    hp_attempt_down(&attempt, HP_REASON_QUERY, hp_untrusted_of(said));
    ck_assert_str_eq(attempt.result.error.bytes, "(withheld)");
}
END_TEST

/* Wherever a formatted text is cut, the beginning of a secret may be what is left of it. */
START_TEST(secret_across_any_cut_of_a_formatted_text_does_not_show)
{
    for (int blanks = 0; blanks <= 2048; blanks++) {
        begin(60000);
        hp_attempt_down_format(&attempt, HP_REASON_QUERY, "%*s" HP_UNIT_SECRET, blanks, "");
        ck_assert(!hp_unit_leaks(attempt.result.error.bytes));
    }
}
END_TEST

/* --- our words, and a peer's behind them -------------------------------------------------------
 */

static const struct {
    const char *own;
    const char *quoted;
    const char *error;
    size_t varies;
} quotes[] = {
    {"is not up", "down", "is not up but: down", sizeof(" but: down") - 1},
    {"is not up", "", "is not up but:", sizeof(" but:") - 1},
    {"is not up", HP_UNIT_SECRET, "is not up but: (withheld)", sizeof(" but: (withheld)") - 1},
    {"is not up", "a " HP_UNIT_SECRET " b", "is not up but: (withheld)",
     sizeof(" but: (withheld)") - 1},
    {HP_UNIT_SECRET, "down", "(withheld)", 0},
};

START_TEST(what_a_peer_said_is_withheld_alone)
{
    hp_attempt_down_quoting(&attempt, HP_REASON_EXPECTATION, quotes[_i].own,
                            " but: ", hp_untrusted_of(quotes[_i].quoted));
    ck_assert_int_eq(attempt.result.reason, HP_REASON_EXPECTATION);
    ck_assert_str_eq(attempt.result.error.bytes, quotes[_i].error);
    ck_assert_uint_eq(attempt.result.error_varies, quotes[_i].varies);
}
END_TEST

START_TEST(words_before_an_error_leave_what_varies)
{
    hp_attempt_down_quoting(&attempt, HP_REASON_EXPECTATION, "is not up",
                            " but: ", hp_untrusted_of("down"));
    hp_attempt_explain_before(&attempt, "elsewhere");
    ck_assert_str_eq(attempt.result.error.bytes, "elsewhere: is not up but: down");
    ck_assert_uint_eq(attempt.result.error_varies, strlen(" but: down"));
}
END_TEST

START_TEST(words_before_no_error_stand_alone)
{
    hp_attempt_timeout(&attempt);
    hp_attempt_explain_before(&attempt, "elsewhere");
    ck_assert_str_eq(attempt.result.error.bytes, "elsewhere");
    ck_assert_uint_eq(attempt.result.error_varies, 0);
}
END_TEST

/* However long either is: what varies is never more than what is there. */
START_TEST(what_varies_ends_where_the_error_ends)
{
    char own[256] = "";
    char peer[256] = "";

    for (size_t len = 0; len < sizeof(own) - 1; len++) {
        own[len] = 'o';
        peer[len] = 'p';
        begin(60000);
        hp_attempt_down_quoting(&attempt, HP_REASON_EXPECTATION, own, "", hp_untrusted_of(peer));
        ck_assert_uint_le(attempt.result.error_varies, strlen(attempt.result.error.bytes));
        ck_assert_uint_eq(strcspn(attempt.result.error.bytes, "p") + attempt.result.error_varies,
                          strlen(attempt.result.error.bytes));
        hp_attempt_explain_before(&attempt, "xx");
        ck_assert_uint_le(attempt.result.error_varies, strlen(attempt.result.error.bytes));
        ck_assert_uint_eq(strcspn(attempt.result.error.bytes, "p") + attempt.result.error_varies,
                          strlen(attempt.result.error.bytes));
    }
}
END_TEST

#define CASE(suite, test)         add(suite, #test, test, 1)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("attempt");

    TABLE(suite, phase_is_named_as_the_report_spells_it, phases);
    CASE(suite, attempt_without_verdict_is_neither_up_nor_down);
    CASE(suite, time_is_counted_for_the_phase_it_was_spent_in);
    CASE(suite, latency_ends_with_the_verdict);
    TABLE(suite, verdict_tells_status_reason_and_the_phase_of_a_timeout, verdicts);
    TABLE(suite, first_verdict_holds, verdicts);
    TABLE(suite, late_up_is_a_timeout_in_its_phase, passed_ms);
    CASE(suite, up_just_after_the_deadline_is_late_too);
    CASE(suite, down_by_timeout_has_its_phase_whoever_says_it);
    TABLE(suite, code_is_a_plain_word_without_a_secret, codes);
    CASE(suite, code_without_secrets_in_use_is_kept);
    TABLE(suite, what_was_said_is_cleaned_or_withheld, texts);
    TABLE(suite, our_own_words_are_searched_for_secrets_too, texts);
    TABLE(suite, explanation_changes_the_text_alone, texts);
    CASE(suite, error_is_at_most_160_bytes);
    CASE(suite, secret_behind_the_cut_withholds_as_well);
    CASE(suite, secret_across_any_cut_of_a_formatted_text_does_not_show);
    TABLE(suite, what_a_peer_said_is_withheld_alone, quotes);
    CASE(suite, words_before_an_error_leave_what_varies);
    CASE(suite, words_before_no_error_stand_alone);
    CASE(suite, what_varies_ends_where_the_error_ends);
    return hp_unit_run(suite);
}
