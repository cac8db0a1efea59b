/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/expectation.h"

#include <stdio.h>

/* The values' module asks for kinds; no expectation does. */
const struct hp_check_ops *const hp_check_kinds[] = {NULL};

static const struct hp_option options[] = {
    {"http-expect-header", "LINE", NULL, "", .flags = HP_OPTION_REPEATABLE},
    {"http-contains", "TEXT", NULL, "", .flags = HP_OPTION_REPEATABLE},
    {"http-match", "REGEX", NULL, "", .flags = HP_OPTION_REPEATABLE},
    {"http-json", "PATH=VALUE", NULL, "", .flags = HP_OPTION_REPEATABLE},
};

#define HEADER   &options[0]
#define CONTAINS &options[1]
#define MATCH    &options[2]
#define JSON     &options[3]

#define GIVEN_MAX 4

struct given {
    const struct hp_option *option;
    const char *text;
};

static struct hp_secrets secrets;
static struct hp_attempt attempt;
static struct hp_expectations expectations;
static struct hp_error err;
static struct hp_value items[GIVEN_MAX];
static char texts[GIVEN_MAX][512];

static void set_up(void)
{
    ck_assert(hp_secrets_add(&secrets, HP_UNIT_SECRET));
}

static void tear_down(void)
{
    hp_expectations_release(&expectations);
    hp_secrets_release(&secrets);
}

static const struct hp_option *const row_of_kind[HP_EXPECT_COUNT] = {
    [HP_EXPECT_HEADER] = HEADER,
    [HP_EXPECT_CONTAINS] = CONTAINS,
    [HP_EXPECT_JSON] = JSON,
    [HP_EXPECT_MATCH] = MATCH,
};

static bool read_given(const struct given *given)
{
    struct hp_values values = {.items = items};

    hp_expectations_release(&expectations);
    err = (struct hp_error){0};
    for (; values.n < GIVEN_MAX && given[values.n].option != NULL; values.n++) {
        struct hp_value *value = &items[values.n];
        snprintf(texts[values.n], sizeof(texts[0]), "%s", given[values.n].text);
        *value = (struct hp_value){.option = given[values.n].option, .text = texts[values.n]};
        snprintf(value->origin, sizeof(value->origin), "--%s", value->option->name);
    }
    return hp_expectations_read(&expectations, &values, row_of_kind, &err);
}

/* What is said about a response; NULL: all holds. */
static const char *judge_bytes(const char *headers, const char *body, size_t len)
{
    char *copy = malloc(len + 1);
    struct hp_seen seen = {.headers = headers,
                           .headers_len = strlen(headers),
                           .body = copy,
                           .body_len = len,
                           .body_cut = len >= HP_BODY_MAX};
    bool holds;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, body, len);
    hp_attempt_init(&attempt, &secrets, hp_deadline_at(hp_clock_now_ns(), 60 * HP_NS_PER_S));
    holds = hp_expectations_hold(&expectations, &seen, &attempt);
    free(copy);
    ck_assert_int_eq(holds, !hp_attempt_decided(&attempt));
    if (holds)
        return NULL;
    ck_assert_int_eq(attempt.result.status, HP_STATUS_DOWN);
    ck_assert(!hp_unit_leaks(attempt.result.error.bytes));
    return attempt.result.error.bytes;
}

static const char *judge(const char *headers, const char *body)
{
    return judge_bytes(headers, body, strlen(body));
}

/* --- what can be asked for -----------------------------------------------------------------------
 */

static const struct {
    struct given given;
    const char *message; /* NULL: it is fine */
} readings[] = {
    {{HEADER, "X-Ready: yes"}, NULL},
    {{HEADER, "X-Ready:"}, NULL},
    {{HEADER, "X-Ready"}, "--http-expect-header: is not a header of the form 'Name: value'"},
    {{HEADER, ": yes"}, "--http-expect-header: is not a header of the form 'Name: value'"},
    {{CONTAINS, "x"}, NULL},
    {{CONTAINS, ""}, "--http-contains: is empty, which every body contains"},
    {{MATCH, "^(a|b)+$"}, NULL},
    {{MATCH, ""}, "--http-match: is empty, which every body matches"},
    {{JSON, "status=healthy"}, NULL},
    {{JSON, "a.0.b="}, NULL},
    {{JSON, "a=b=c"}, NULL},
    {{JSON, "status"},
     "--http-json: is not of the form PATH=VALUE, such as checks.database.status=up"},
    {{JSON, "=x"}, "--http-json: is not of the form PATH=VALUE, such as checks.database.status=up"},
    {{JSON, ".a=x"},
     "--http-json: is not of the form PATH=VALUE, such as checks.database.status=up"},
    {{JSON, "a..b=x"},
     "--http-json: is not of the form PATH=VALUE, such as checks.database.status=up"},
};

START_TEST(what_cannot_be_expected_is_told)
{
    const struct given given[] = {readings[_i].given, {NULL, NULL}};

    ck_assert_int_eq(read_given(given), readings[_i].message == NULL);
    ck_assert_str_eq(err.msg, readings[_i].message != NULL ? readings[_i].message : "");
}
END_TEST

static const char *const broken[] = {"(", "a(b", "[", "a{2,1}", "a{1", "\\"};

START_TEST(broken_regular_expression_says_what_is_wrong)
{
    const struct given given[] = {{MATCH, broken[_i]}, {NULL, NULL}};
    const char *start = "--http-match: is not an extended regular expression: ";

    ck_assert(!read_given(given));
    ck_assert(strncmp(err.msg, start, strlen(start)) == 0);
    ck_assert_uint_gt(strlen(err.msg), strlen(start) + 4);
}
END_TEST

START_TEST(all_that_is_wrong_is_told)
{
    const struct given given[] = {{MATCH, ""}, {JSON, "x"}, {CONTAINS, "fine"}, {HEADER, "y"}};

    ck_assert(!read_given(given));
    ck_assert_uint_eq(err.n, 3);
    ck_assert_uint_eq(expectations.n, 1);
}
END_TEST

static const struct {
    struct given given[GIVEN_MAX];
    bool headers;
    bool body;
} wants[] = {
    {{{NULL, NULL}}, false, false},   {{{HEADER, "A: b"}}, true, false},
    {{{CONTAINS, "x"}}, false, true}, {{{MATCH, "x"}}, false, true},
    {{{JSON, "x=y"}}, false, true},   {{{JSON, "x=y"}, {HEADER, "A: b"}}, true, true},
};

START_TEST(what_is_needed_of_an_answer_is_known)
{
    ck_assert(read_given(wants[_i].given));
    ck_assert_int_eq(hp_expectations_want_headers(&expectations), wants[_i].headers);
    ck_assert_int_eq(hp_expectations_want_body(&expectations), wants[_i].body);
}
END_TEST

/* --- what is judged
 * -------------------------------------------------------------------------------- */

#define HEADERS                                                                                    \
    "Content-Type: text/plain\r\nX-A:  one \t\r\nx-a: two\r\nX-Empty:\r\nX-Lf: lf\nX-Long: yesyes" \
    "\r\n\r\n"

static const struct {
    struct given given[GIVEN_MAX];
    const char *body;
    const char *error; /* NULL: all holds */
} judgements[] = {
    {{{NULL, NULL}}, "", NULL},
    /* headers: the name in any case, the value exactly */
    {{{HEADER, "content-type: text/plain"}}, "", NULL},
    {{{HEADER, "X-A: one"}, {HEADER, "X-A: two"}}, "", NULL},
    {{{HEADER, "X-Empty:"}}, "", NULL},
    {{{HEADER, "X-Lf: lf"}}, "", NULL},
    {{{HEADER, "X-A: three"}}, "", "expected the header X-A to be \"three\", got \"two\""},
    {{{HEADER, "X-A: One"}}, "", "expected the header X-A to be \"One\", got \"two\""},
    {{{HEADER, "X-Long: yes"}}, "", "expected the header X-Long to be \"yes\", got \"yesyes\""},
    {{{HEADER, "X-Empty: x"}}, "", "expected the header X-Empty to be \"x\", got \"\""},
    {{{HEADER, "X-B: x"}}, "", "there is no header X-B"},
    {{{HEADER, "X: x"}}, "", "there is no header X"},
    /* a text in the body */
    {{{CONTAINS, "lo wo"}}, "hello world", NULL},
    {{{CONTAINS, "hello world"}}, "hello world", NULL},
    {{{CONTAINS, "World"}},
     "hello world",
     "the body does not contain \"World\"; it begins: hello world"},
    {{{CONTAINS, "x"}}, "", "the body does not contain \"x\"; it is empty"},
    {{{CONTAINS, "a"}, {CONTAINS, "b"}}, "ab", NULL},
    {{{CONTAINS, "a"}, {CONTAINS, "c"}}, "ab", "the body does not contain \"c\"; it begins: ab"},
    /* a regular expression; its ends are the body's */
    {{{MATCH, "^ok$"}}, "ok", NULL},
    {{{MATCH, "^(up|ok)\n$"}}, "ok\n", NULL},
    {{{MATCH, "^a.*b$"}}, "a\n\nb", NULL},
    {{{MATCH, "[0-9]{3}"}}, "build 123", NULL},
    {{{MATCH, "^[[:alpha:]]+[[:digit:]][[:punct:]][[:space:]][^[:alnum:]][[:xdigit:]]$"}},
     "aZ0!\t-F",
     NULL},
    {{{MATCH, "^[^[:alpha:]]{2}$"}}, "\xc3\xa9", NULL},
    {{{MATCH, "[[:print:]]"}},
     "\x01\xff",
     "the body does not match \"[[:print:]]\"; it begins: "
     "\xef\xbf\xbd\xef\xbf\xbd"},
    {{{MATCH, "^b"}},
     "a\nb",
     "the body does not match \"^b\"; it begins: a\xef\xbf\xbd"
     "b"},
    {{{MATCH, "^ok$"}}, "ok\n", "the body does not match \"^ok$\"; it begins: ok"},
    {{{MATCH, "x"}}, "", "the body does not match \"x\"; it is empty"},
    /* JSON */
    {{{JSON, "status=healthy"}, {JSON, "a.0=1"}}, "{\"status\":\"healthy\",\"a\":[1]}", NULL},
    {{{JSON, "a="}}, "{\"a\":\"\"}", NULL},
    {{{JSON, "a=b=c"}}, "{\"a\":\"b=c\"}", NULL},
    {{{JSON, "a=null"}}, "{\"a\":null}", NULL},
    {{{JSON, "a=1"}}, "{\"a\":1.0}", "expected a to be \"1\", got \"1.0\""},
    {{{JSON, "a=1"}}, "{\"a\":\"\"}", "expected a to be \"1\", got \"\""},
    {{{JSON, "status=healthy"}},
     "{\"status\":\"degraded\"}",
     "expected status to be \"healthy\", got \"degraded\""},
    {{{JSON, "a.b=x"}}, "{\"a\":{}}", "the JSON has no a.b"},
    {{{JSON, "a=x"}}, "{\"a\":{\"x\":1}}", "expected a to be \"x\", got an object"},
    {{{JSON, "a=x"}}, "{\"a\":[\"x\"]}", "expected a to be \"x\", got an array"},
    {{{JSON, "a=x"}},
     "<p>no</p>",
     "the body is not JSON (neither an object nor an array, byte 0); it begins: <p>no</p>"},
    {{{JSON, "a=x"}},
     "{\"a\":1",
     "the body is not JSON (unexpected end of data, byte 6); it begins: {\"a\":1"},
    {{{JSON, "a=x"}}, "", "the body is not JSON; it is empty"},
    /* all kinds at once; the first that does not hold is told */
    {{{MATCH, "x"}, {JSON, "a=1"}, {CONTAINS, "a"}, {HEADER, "X-Lf: lf"}},
     "{\"a\":1}",
     "the body does not match \"x\"; it begins: {\"a\":1}"},
    {{{MATCH, "x"}, {JSON, "a=1"}, {CONTAINS, "a"}, {HEADER, "X-Lf: no"}},
     "",
     "expected the header X-Lf to be \"no\", got \"lf\""},
};

START_TEST(expectation_holds_or_is_told_with_what_is_there)
{
    const char *error = NULL;

    ck_assert(read_given(judgements[_i].given));
    error = judge(HEADERS, judgements[_i].body);
    if (judgements[_i].error == NULL) {
        ck_assert_msg(error == NULL, "%s", error);
        return;
    }
    ck_assert_ptr_nonnull(error);
    ck_assert_str_eq(error, judgements[_i].error);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_EXPECTATION);
}
END_TEST

/* The part that is not the peer's is what equal failures share. */
START_TEST(what_the_peer_said_is_marked_as_varying)
{
    const struct given given[] = {{CONTAINS, "x"}, {NULL, NULL}};

    ck_assert(read_given(given));
    ck_assert_ptr_nonnull(judge("", "body 4711"));
    ck_assert_uint_eq(attempt.result.error_varies, strlen("; it begins: body 4711"));
}
END_TEST

/* --- bytes that are no text
 * ------------------------------------------------------------------------ */

START_TEST(nul_in_a_body_ends_nothing)
{
    static const char body[] = "a\0ok\0z";
    const struct given good[] = {{CONTAINS, "ok"}, {MATCH, "^a.ok.z$"}, {NULL, NULL}};
    const struct given bad[] = {{MATCH, "^a$"}, {NULL, NULL}};

    ck_assert(read_given(good));
    ck_assert_ptr_null(judge_bytes("", body, sizeof(body) - 1));
    ck_assert(read_given(bad));
    ck_assert_ptr_nonnull(judge_bytes("", body, sizeof(body) - 1));
}
END_TEST

START_TEST(body_that_is_no_utf8_is_matched_and_cleaned)
{
    const struct given given[] = {{CONTAINS, "\xc3\xa9"}, {NULL, NULL}};

    ck_assert(read_given(given));
    ck_assert_ptr_null(judge("", "\xff\xfe\xc3\xa9"));
    ck_assert_str_eq(judge("", "\xff\x1b[31m"),
                     "the body does not contain \"\xc3\xa9\"; it begins: "
                     "\xef\xbf\xbd\xef\xbf\xbd[31m");
}
END_TEST

/* --- a body that was cut
 * ----------------------------------------------------------------------------- */

START_TEST(json_that_goes_on_behind_64_kib_says_so)
{
    const struct given given[] = {{JSON, "a=1"}, {NULL, NULL}};
    char *body = malloc(HP_BODY_MAX);

    ck_assert_ptr_nonnull(body);
    memset(body, ' ', HP_BODY_MAX);
    memcpy(body, "{\"a\":1,", 7);
    ck_assert(read_given(given));
    ck_assert_str_eq(judge_bytes("", body, HP_BODY_MAX),
                     "the JSON in the body does not end within 64 KiB");
    free(body);
}
END_TEST

/* --- secrets
 * ------------------------------------------------------------------------------------------- */

static const struct {
    struct given given;
    const char *headers;
    const char *body;
    const char *error;
} leaks[] = {
    {{CONTAINS, "x!"},
     "",
     "token " HP_UNIT_SECRET,
     "the body does not contain \"x!\"; it begins: (withheld)"},
    {{CONTAINS, "x!"},
     "",
     "token s3cr3t%2dZq9",
     "the body does not contain \"x!\"; it begins: (withheld)"},
    {{MATCH, "x!"}, "", HP_UNIT_SECRET, "the body does not match \"x!\"; it begins: (withheld)"},
    {{HEADER, "X-T: x"},
     "X-T: " HP_UNIT_SECRET "\r\n",
     "",
     "expected the header X-T to be \"x\", got \"(withheld)\""},
    {{JSON, "a=x"},
     "",
     "{\"a\":\"" HP_UNIT_SECRET "\"}",
     "expected a to be \"x\", got \"(withheld)\""},
    /* escapes are undone before it is searched */
    {{JSON, "a=x"},
     "",
     "{\"a\":\"s3cr\\u0033t\\u002dZq9\"}",
     "expected a to be \"x\", got \"(withheld)\""},
    {{JSON, "a=x"},
     "",
     "{" HP_UNIT_SECRET,
     "the body is not JSON (unexpected character, expected a string for object key, byte 1); it "
     "begins: (withheld)"},
    /* what was asked for holds it */
    {{CONTAINS, HP_UNIT_SECRET},
     "",
     "none",
     "the body does not contain \"(withheld)\"; it begins: none"},
    {{JSON, "a=" HP_UNIT_SECRET},
     "",
     "{\"a\":\"b\"}",
     "expected a to be \"(withheld)\", got \"b\""},
    {{HEADER, "X-T: " HP_UNIT_SECRET},
     "X-T: b\r\n",
     "",
     "expected the header X-T to be \"(withheld)\", got \"b\""},
};

START_TEST(secret_is_withheld_and_our_words_stay)
{
    const struct given given[] = {leaks[_i].given, {NULL, NULL}};

    ck_assert(read_given(given));
    ck_assert_str_eq(judge(leaks[_i].headers, leaks[_i].body), leaks[_i].error);
}
END_TEST

/* Wherever what is shown of a body, or of what was asked for, is cut. */
START_TEST(secret_across_any_cut_does_not_show)
{
    char text[400];

    for (int blanks = 0; blanks < 300; blanks++) {
        const struct given given[] = {{CONTAINS, "no"}, {NULL, NULL}};
        snprintf(
            text, sizeof(text), "%.*s" HP_UNIT_SECRET, blanks,
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
        ck_assert(read_given(given));
        ck_assert_ptr_nonnull(judge("", text));
        ck_assert(read_given((const struct given[]){{CONTAINS, text}, {NULL, NULL}}));
        ck_assert_ptr_nonnull(judge("", "other"));
    }
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

#define CASE(suite, test)         add(suite, #test, test, 1)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("http_expectation");

    TABLE(suite, what_cannot_be_expected_is_told, readings);
    TABLE(suite, broken_regular_expression_says_what_is_wrong, broken);
    CASE(suite, all_that_is_wrong_is_told);
    TABLE(suite, what_is_needed_of_an_answer_is_known, wants);
    TABLE(suite, expectation_holds_or_is_told_with_what_is_there, judgements);
    CASE(suite, what_the_peer_said_is_marked_as_varying);
    CASE(suite, nul_in_a_body_ends_nothing);
    CASE(suite, body_that_is_no_utf8_is_matched_and_cleaned);
    CASE(suite, json_that_goes_on_behind_64_kib_says_so);
    TABLE(suite, secret_is_withheld_and_our_words_stay, leaks);
    CASE(suite, secret_across_any_cut_does_not_show);
    return hp_unit_run(suite);
}
