/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/redact.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hp_secrets secrets;

static void keep_secrets(void)
{
    ck_assert(hp_secrets_add(&secrets, "s3cr3t-Zq9"));
    ck_assert(hp_secrets_add(&secrets, "p@ss/w%rd \xC3\xA4"));
    ck_assert(hp_secrets_add(&secrets, "%41%zz"));
    ck_assert(hp_secrets_add(&secrets, "\xF0\x9F\x98\x80-after"));
    ck_assert(hp_secrets_add(&secrets, "hunt\\\\er<2"));
    ck_assert(hp_secrets_add(&secrets, "zunt%25er\"2"));
    ck_assert(hp_secrets_add(&secrets, "munt&amp;er\"2"));
    ck_assert(hp_secrets_add(&secrets, "q\"u\\o/t<e>&'+ \xC3\xA4\xF0\x9F\x98\x80"));
}

static void release_secrets(void)
{
    hp_secrets_release(&secrets);
}

/* HP_UNIT_TABLE() with secrets to search for. */
static void add_with_secrets(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, keep_secrets, release_secrets);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

struct text {
    const char *bytes;
    size_t len;
};

#define TEXT(bytes)                                                                                \
    {                                                                                              \
        bytes, sizeof bytes - 1                                                                    \
    }

static const struct text secret_texts[] = {
    TEXT("s3cr3t-Zq9"),
    TEXT("password \"s3cr3t-Zq9\" refused"),
    TEXT("\0\0s3cr3t-Zq9\0"),
    TEXT("\xFF\xFEs3cr3t-Zq9"),
    TEXT("at the end s3cr3t-Zq9"),
    TEXT("s3cr3s3cr3t-Zq9"),
    TEXT("s3cr3t%2DZq9"),
    TEXT("s3cr3t%2dZq9"),
    TEXT("%73%33%63%72%33%74%2d%5a%71%39"),
    TEXT("%73%33%63%72%33%74%2D%5A%71%39"),
    TEXT("%733cr3t%2d%5Aq9"),
    TEXT("100% s3cr3t-Zq9"),
    TEXT("%s3cr3t-Zq9"),
    TEXT("%2s3cr3t-Zq9"),
    TEXT("p@ss/w%rd \xC3\xA4"),
    TEXT("p%40ss%2fw%25rd%20%c3%A4"),
    TEXT("p%40ss/w%rd%20\xC3%a4"),
    TEXT("p@ss/w%25rd \xC3\xA4"),
    TEXT("p%40ss%2Fw%25rd+%C3%A4"), /* as a form has it */
    TEXT("%41%zz"),
    TEXT("%2541%25zz"),
    TEXT("%25%34%31%25%7A%7a"),
    TEXT("q\"u\\o/t<e>&'+ \xC3\xA4\xF0\x9F\x98\x80"),
    /* As JSON has it, of JavaScript, PHP, Go, .NET and Python; and HTML. */
    TEXT("{\"e\":\"q\\\"u\\\\o/t<e>&'+ \xC3\xA4\xF0\x9F\x98\x80\"}"),
    TEXT("{\"e\":\"q\\\"u\\\\o\\/t<e>&'+ \\u00e4\\ud83d\\ude00\"}"),
    TEXT("{\"e\":\"q\\\"u\\\\o/t\\u003ce\\u003e\\u0026'+ \xC3\xA4\xF0\x9F\x98\x80\"}"),
    TEXT("{\"e\":\"q\\u0022u\\\\o/t\\u003Ce\\u003E\\u0026\\u0027\\u002B \\u00E4\\uD83D\\uDE00\"}"),
    TEXT("{\"e\":\"q\\\"u\\\\o/t<e>&'+ \\u00e4\\ud83d\\ude00\"}"),
    TEXT("<p>q&quot;u\\o/t&lt;e&gt;&amp;&#x27;+ \xC3\xA4\xF0\x9F\x98\x80</p>"),
    TEXT("<p>q&#34;u\\o/t&lt;e&gt;&amp;&#39;+ &#228;&#128512;</p>"),
    /* A secret that itself holds what looks like an escape, as it is, beside one that is. */
    TEXT("\\ud83d\\ude00-after"),
    TEXT("hunt\\\\er&lt;2"),
    TEXT("hunt\\\\er%3C2"),
    TEXT("hunt\\\\\\\\er<2"),
    TEXT("zunt%25er\\\"2"),
    TEXT("zunt%2525er\"2"),
    TEXT("munt&amp;er\\\"2"),
    TEXT("munt&amp;amp;er&quot;2"),
    TEXT("postgresql://u:q%22u%5Co%2Ft%3Ce%3E%26'%2B%20%C3%A4%F0%9F%98%80@h"),
};

START_TEST(text_with_a_secret_is_withheld)
{
    struct hp_untrusted said = {.bytes = secret_texts[_i].bytes, .len = secret_texts[_i].len};
    struct hp_text text;

    ck_assert(hp_secrets_found(&secrets, said));
    hp_redact(&text, said, &secrets);
    ck_assert_str_eq(text.bytes, "(withheld)");
}
END_TEST

/* Redis repeats 128 bytes of the arguments of a command that it does not know. */
START_TEST(first_64_bytes_of_a_long_secret_are_found)
{
    static const char secret[] =
        "Zq9-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789";
    char said[sizeof secret + 16];

    ck_assert(hp_secrets_add(&secrets, secret));
    snprintf(said, sizeof said, "with '%.64s'", secret);
    ck_assert(hp_secrets_found(&secrets, hp_untrusted_of(said)));
    snprintf(said, sizeof said, "with %%5A%.63s'", secret + 1);
    ck_assert(hp_secrets_found(&secrets, hp_untrusted_of(said)));
    snprintf(said, sizeof said, "with '%.63s'", secret);
    ck_assert(!hp_secrets_found(&secrets, hp_untrusted_of(said)));
}
END_TEST

static const struct text harmless_texts[] = {
    TEXT(""),           TEXT("s3cr3t"),       TEXT("s3cr3t-Zq"),
    TEXT("S3CR3T-ZQ9"), TEXT("s3cr3t-\0Zq9"), TEXT("s3cr3t%252DZq"),
    TEXT("%73%33%6"),   TEXT("p+ss"),         TEXT("A%zz"),
};

START_TEST(other_text_is_shown)
{
    struct hp_untrusted said = {.bytes = harmless_texts[_i].bytes, .len = harmless_texts[_i].len};

    ck_assert(!hp_secrets_found(&secrets, said));
}
END_TEST

static const struct {
    const char *bytes;
    bool found;
} incomplete[] = {
    {"password is s3c", true},
    {"password is s3cr3t-Zq", true},
    {"s3c", true},
    {"password is s3", false},
    {"password is s3c!", false},
    {"s3cs3", false},
    {"%733%63", true},
    {"%73%33%63%7", true},
    {"%73%33%63%", true},
    {"%73%33%6", false},
    {"p%40s", true},
    {"%41", true},
    {"plain", false},
    {"{\"e\": \"q\\\"u", true},
    {"{\"e\": \"q\\\"u\\", true},
    {"{\"e\": \"q\\u0022u\\u00", true},
    {"{\"e\": \"q\\\"", false},
    {"<p>q&quot;u", true},
    {"<p>q&quot;u&#9", true},
    {"<p>q&quot", false},
};

START_TEST(incomplete_text_may_not_end_in_the_beginning_of_a_secret)
{
    struct hp_untrusted said = hp_untrusted_of(incomplete[_i].bytes);

    said.incomplete = true;
    ck_assert_int_eq(hp_secrets_found(&secrets, said), incomplete[_i].found);
    said.incomplete = false;
    ck_assert(!hp_secrets_found(&secrets, said));
}
END_TEST

START_TEST(text_is_searched_before_it_is_cut)
{
    char bytes[1024];
    struct hp_text text;

    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes + HP_TEXT_MAX - 4, "s3cr3t-Zq9", 10);
    hp_redact(&text, (struct hp_untrusted){.bytes = bytes, .len = sizeof bytes}, &secrets);
    ck_assert_str_eq(text.bytes, "(withheld)");

    memcpy(bytes + HP_TEXT_MAX - 4, "xxxxxxxxxx", 10);
    memcpy(bytes + sizeof bytes - 10, "s3cr3t-Zq9", 10);
    hp_redact(&text, (struct hp_untrusted){.bytes = bytes, .len = sizeof bytes}, &secrets);
    ck_assert_str_eq(text.bytes, "(withheld)");
}
END_TEST

START_TEST(what_is_shown_is_cleaned_and_cut)
{
    char bytes[1024];
    struct hp_text text;

    hp_redact(&text, hp_untrusted_of("FATAL:\x1B[1m no\xFF\n"), &secrets);
    ck_assert_str_eq(text.bytes, "FATAL:\xEF\xBF\xBD[1m no\xEF\xBF\xBD");

    memset(bytes, 'x', sizeof bytes);
    hp_redact(&text, (struct hp_untrusted){.bytes = bytes, .len = sizeof bytes}, &secrets);
    ck_assert_uint_eq(strlen(text.bytes), HP_TEXT_MAX);
}
END_TEST

START_TEST(short_secrets_and_texts_need_no_room)
{
    ck_assert(hp_secrets_add(&secrets, "~"));
    ck_assert(hp_secrets_found(&secrets, hp_untrusted_of("a~")));
    ck_assert(hp_secrets_found(&secrets, hp_untrusted_of("%7e")));
    ck_assert(!hp_secrets_found(&secrets, (struct hp_untrusted){.incomplete = true}));
    ck_assert(!hp_secrets_found(&secrets,
                                (struct hp_untrusted){.bytes = "%", .len = 1, .incomplete = true}));
}
END_TEST

START_TEST(empty_secrets_are_ignored_and_thousands_are_kept)
{
    struct hp_secrets own = {0};

    ck_assert(hp_secrets_add(&own, NULL));
    ck_assert(hp_secrets_add(&own, ""));
    ck_assert_uint_eq(own.n, 0);
    for (unsigned i = 0; i < 3000; i++) {
        char secret[16];
        snprintf(secret, sizeof secret, "secret-%u", i);
        ck_assert(hp_secrets_add(&own, secret));
    }
    ck_assert_uint_eq(own.n, 3000);
    ck_assert_str_eq(own.items[2999], "secret-2999");
    hp_secrets_release(&own);
    ck_assert_uint_eq(own.n, 0);
    hp_secrets_release(&own);
}
END_TEST

START_TEST(without_secrets_all_text_is_shown)
{
    struct hp_secrets none = {0};
    struct hp_text text;

    hp_redact(&text, hp_untrusted_of("s3cr3t-Zq9"), &none);
    ck_assert_str_eq(text.bytes, "s3cr3t-Zq9");
    hp_redact(&text, hp_untrusted_of("s3cr3t-Zq9"), NULL);
    ck_assert_str_eq(text.bytes, "s3cr3t-Zq9");
    hp_redact(&text, (struct hp_untrusted){0}, NULL);
    ck_assert_str_eq(text.bytes, "");
}
END_TEST

static bool is_shown(const void *owner, const char *secret)
{
    return strcmp(owner, secret) == 0;
}

START_TEST(a_secret_that_the_owner_shows_withholds_nothing)
{
    const struct hp_secrets view = {.of = &secrets, .is_shown = is_shown, .owner = "s3cr3t-Zq9"};
    struct hp_untrusted begun = {.bytes = "so s3cr3", .len = 8, .incomplete = true};

    ck_assert(!hp_secrets_found(&view, hp_untrusted_of("it is s3cr3t-Zq9")));
    ck_assert(!hp_secrets_found(&view, hp_untrusted_of("it is s3cr3t%2DZq9")));
    ck_assert(!hp_secrets_found(&view, begun));
    ck_assert(hp_secrets_found(&view, hp_untrusted_of("s3cr3t-Zq9 and %41%zz")));
    ck_assert(hp_secrets_found(&secrets, hp_untrusted_of("it is s3cr3t-Zq9")));
}
END_TEST

START_TEST(secret_that_begins_with_a_common_word_is_only_found_whole)
{
    struct hp_secrets own = {0};
    struct hp_untrusted said = hp_untrusted_of("there is no token");

    ck_assert(hp_secrets_add_whole(&own, "token=s3cr3t-Zq9"));
    ck_assert(hp_secrets_add(&own, "s3cr3t-Zq9"));
    said.incomplete = true;
    ck_assert(!hp_secrets_found(&own, said));
    said = hp_untrusted_of("/x?token=s3c");
    said.incomplete = true;
    ck_assert(hp_secrets_found(&own, said));
    ck_assert(hp_secrets_add_whole(&own, "a=1&b=2&c=3"));
    ck_assert(hp_secrets_found(&own, hp_untrusted_of("/x?a=1&b=2&c=3")));
    ck_assert(hp_secrets_found(&own, hp_untrusted_of("/x?a%3d1%26b=2&c=3 ")));
    hp_secrets_release(&own);
    ck_assert_ptr_null(own.whole);
}
END_TEST

/* Each byte of the secret raw, or encoded with upper or lower case digits: all mixes. */
START_TEST(every_mix_of_encodings_is_found)
{
    const char *secret = "k/J\xF5o?";
    struct hp_secrets own = {0};

    ck_assert(hp_secrets_add(&own, secret));
    for (int mix = 0; mix < 729; mix++) {
        char text[64] = "";
        int forms = mix;

        for (const char *at = secret; *at != '\0'; at++, forms /= 3) {
            unsigned byte = (unsigned char)*at;
            char piece[4];

            if (forms % 3 == 0)
                snprintf(piece, sizeof piece, "%c", *at);
            else if (forms % 3 == 1)
                snprintf(piece, sizeof piece, "%%%02X", byte);
            else
                snprintf(piece, sizeof piece, "%%%02x", byte);
            strcat(text, piece);
        }
        ck_assert(hp_secrets_found(&own, hp_untrusted_of(text)));
    }
    hp_secrets_release(&own);
}
END_TEST

/* Of backslashes there are 2^32 readings: Check would end a search that tries each. */
START_TEST(readings_of_a_text_are_not_tried_one_by_one)
{
    char secret[64] = "";
    char *bytes = malloc(65536);
    struct hp_secrets own = {0};

    memset(secret, '\\', sizeof secret - 2);
    secret[sizeof secret - 2] = 'x';
    memset(bytes, '\\', 65536);
    ck_assert(hp_secrets_add(&own, secret));
    for (int i = 0; i < 10; i++)
        ck_assert(!hp_secrets_found(&own, (struct hp_untrusted){bytes, 65536, false}));
    hp_secrets_release(&own);
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("redact");

    add_with_secrets(suite, "text_with_a_secret_is_withheld", text_with_a_secret_is_withheld,
                     HP_UNIT_ROWS(secret_texts));
    add_with_secrets(suite, "first_64_bytes_of_a_long_secret_are_found",
                     first_64_bytes_of_a_long_secret_are_found, 1);
    add_with_secrets(suite, "other_text_is_shown", other_text_is_shown,
                     HP_UNIT_ROWS(harmless_texts));
    add_with_secrets(suite, "incomplete_text_may_not_end_in_the_beginning_of_a_secret",
                     incomplete_text_may_not_end_in_the_beginning_of_a_secret,
                     HP_UNIT_ROWS(incomplete));
    add_with_secrets(suite, "text_is_searched_before_it_is_cut", text_is_searched_before_it_is_cut,
                     1);
    add_with_secrets(suite, "what_is_shown_is_cleaned_and_cut", what_is_shown_is_cleaned_and_cut,
                     1);
    add_with_secrets(suite, "short_secrets_and_texts_need_no_room",
                     short_secrets_and_texts_need_no_room, 1);
    HP_UNIT_CASE(suite, empty_secrets_are_ignored_and_thousands_are_kept);
    HP_UNIT_CASE(suite, without_secrets_all_text_is_shown);
    add_with_secrets(suite, "a_secret_that_the_owner_shows_withholds_nothing",
                     a_secret_that_the_owner_shows_withholds_nothing, 1);
    HP_UNIT_CASE(suite, secret_that_begins_with_a_common_word_is_only_found_whole);
    HP_UNIT_CASE(suite, every_mix_of_encodings_is_found);
    HP_UNIT_CASE(suite, readings_of_a_text_are_not_tried_one_by_one);
    return hp_unit_run(suite);
}
