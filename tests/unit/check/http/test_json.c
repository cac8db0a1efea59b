/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/json.h"

static struct hp_json json;

static bool read_text(const char *text)
{
    hp_json_release(&json);
    return hp_json_read(&json, text, strlen(text));
}

static void release(void)
{
    hp_json_release(&json);
}

/* --- what stands at a path ------------------------------------------------------------------- */

#define DOCUMENT                                                                                   \
    "{\"status\":\"healthy\",\"n\":1.50,\"big\":123456789012345678901234567890,\"e\":-1E+2,"       \
    "\"zero\":-0,\"yes\":true,\"no\":false,\"nil\":null,\"empty\":\"\",\"word\":\"null\","         \
    "\"checks\":{\"database\":{\"status\":\"up\",\"0\":\"zero\"}},\"list\":[1,[2,{\"x\":\"y\"}],"  \
    "3],\"twice\":1,\"twice\":2,\"esc\":\"a\\u00e9\\n\\\"\",\"na\\u006de\":\"n\",\"a.b\":\"dot\"," \
    "\"a\":{\"c\":1},\"nul\":\"a\\u0000b\",\"01\":\"x\"}"

static const struct {
    const char *path;
    enum hp_json_kind kind;
    const char *text;
} values[] = {
    {"status", HP_JSON_TEXT, "healthy"},
    /* a number is as it was written */
    {"n", HP_JSON_TEXT, "1.50"},
    {"big", HP_JSON_TEXT, "123456789012345678901234567890"},
    {"e", HP_JSON_TEXT, "-1E+2"},
    {"zero", HP_JSON_TEXT, "-0"},
    {"yes", HP_JSON_TEXT, "true"},
    {"no", HP_JSON_TEXT, "false"},
    {"nil", HP_JSON_TEXT, "null"},
    {"word", HP_JSON_TEXT, "null"},
    {"empty", HP_JSON_TEXT, ""},
    {"checks", HP_JSON_OBJECT, NULL},
    {"checks.database.status", HP_JSON_TEXT, "up"},
    /* a number is a name in an object */
    {"checks.database.0", HP_JSON_TEXT, "zero"},
    {"01", HP_JSON_TEXT, "x"},
    {"list", HP_JSON_ARRAY, NULL},
    {"list.0", HP_JSON_TEXT, "1"},
    {"list.1.1.x", HP_JSON_TEXT, "y"},
    {"list.2", HP_JSON_TEXT, "3"},
    {"list.3", HP_JSON_NOTHING, NULL},
    {"list.-1", HP_JSON_NOTHING, NULL},
    {"list.x", HP_JSON_NOTHING, NULL},
    {"list.18446744073709551616", HP_JSON_NOTHING, NULL},
    {"list.99999999999999999999999999", HP_JSON_NOTHING, NULL},
    /* of two members of one name the last counts */
    {"twice", HP_JSON_TEXT, "2"},
    /* escapes are undone, in names too */
    {"esc", HP_JSON_TEXT, "a\xc3\xa9\n\""},
    {"name", HP_JSON_TEXT, "n"},
    /* a dot parts names always */
    {"a.b", HP_JSON_NOTHING, NULL},
    {"a.c", HP_JSON_TEXT, "1"},
    {"status.x", HP_JSON_NOTHING, NULL},
    {"nil.x", HP_JSON_NOTHING, NULL},
    {"missing", HP_JSON_NOTHING, NULL},
    {"missing.x.y", HP_JSON_NOTHING, NULL},
    {"stat", HP_JSON_NOTHING, NULL},
    {"Status", HP_JSON_NOTHING, NULL},
};

START_TEST(path_leads_to_the_text_of_a_value)
{
    struct hp_untrusted text = {0};

    ck_assert(read_text(DOCUMENT));
    ck_assert_int_eq(hp_json_find(&json, values[_i].path, strlen(values[_i].path), &text),
                     values[_i].kind);
    if (values[_i].text == NULL)
        return;
    ck_assert_uint_eq(text.len, strlen(values[_i].text));
    ck_assert(memcmp(text.bytes, values[_i].text, text.len) == 0);
}
END_TEST

START_TEST(string_may_hold_a_nul)
{
    struct hp_untrusted text = {0};

    ck_assert(read_text(DOCUMENT));
    ck_assert_int_eq(hp_json_find(&json, "nul", 3, &text), HP_JSON_TEXT);
    ck_assert_uint_eq(text.len, 3);
    ck_assert(memcmp(text.bytes, "a\0b", 3) == 0);
}
END_TEST

START_TEST(path_ends_where_its_length_says)
{
    struct hp_untrusted text = {0};

    ck_assert(read_text("[{\"a\":1}]"));
    ck_assert_int_eq(hp_json_find(&json, "0.a=1", 3, &text), HP_JSON_TEXT);
    ck_assert_int_eq(hp_json_find(&json, "0.a", 1, &text), HP_JSON_OBJECT);
}
END_TEST

/* --- what is JSON ------------------------------------------------------------------------------
 */

static const struct {
    const char *text;
    size_t error_at; /* of what is none */
    bool good;
} texts[] = {
    {"{}", 0, true},
    {"[]", 0, true},
    {" \t\r\n{ } \n", 0, true},
    {"{\n    \"a\": [\n        1,\n        2\n    ]\n}\n", 0, true},
    {"{\"a\":[{},[],\"\",0]}", 0, true},
    {"", 0, false},
    {"   ", 0, false},
    {"<html>", 0, false},
    /* what is neither an object nor an array has no members */
    {"true", 0, false},
    {"  \"text\"", 2, false},
    {"42", 0, false},
    {"{", 1, false},
    {"{\"a\":1", 6, false},
    {"[1,2", 4, false},
    {"[1,]", 2, false},
    {"{\"a\":1,}", 6, false},
    {"{a:1}", 1, false},
    {"{'a':1}", 1, false},
    {"[1] x", 4, false},
    {"[1][2]", 3, false},
    {"[01]", 1, false},
    {"[1.]", 3, false},
    {"[+1]", 1, false},
    {"[.5]", 1, false},
    {"[NaN]", 1, false},
    {"[Infinity]", 1, false},
    {"[tru]", 1, false},
    {"[\"\t\"]", 2, false},
    {"[\"\\x\"]", 2, false},
    {"[\"\\ud800\"]", 8, false},
    {"[\"\xff\"]", 2, false},
    {"[\"\xc0\x80\"]", 2, false},
    {"[\"\xed\xa0\x80\"]", 2, false},
    {"[/* comment */]", 1, false},
    {"[1 // comment\n]", 3, false},
    {"\xef\xbb\xbf{}", 0, false},
};

START_TEST(nothing_but_json_is_json)
{
    ck_assert_int_eq(read_text(texts[_i].text), texts[_i].good);
    ck_assert(!json.no_memory);
    if (texts[_i].good)
        return;
    ck_assert_ptr_nonnull(json.error);
    ck_assert_uint_gt(strlen(json.error), 0);
    /* Within an escape or a number, where exactly is the library's own business. */
    ck_assert_uint_le(json.error_at, texts[_i].error_at + 3);
    ck_assert_uint_ge(json.error_at + 1, texts[_i].error_at);
}
END_TEST

START_TEST(nul_between_values_is_not_json)
{
    hp_json_release(&json);
    ck_assert(!hp_json_read(&json, "[1\0]", 4));
    ck_assert(!hp_json_read(&json, "[1]\0", 4));
    ck_assert(!hp_json_read(&json, "\0[1]", 4));
}
END_TEST

/* Every cut of a document is seen, and nothing behind the cut is read. */
START_TEST(cut_document_is_not_json)
{
    for (size_t len = 0; len < strlen(DOCUMENT); len++) {
        char *cut = malloc(len > 0 ? len : 1);
        ck_assert_ptr_nonnull(cut);
        memcpy(cut, DOCUMENT, len);
        hp_json_release(&json);
        ck_assert(!hp_json_read(&json, cut, len));
        free(cut);
    }
}
END_TEST

#define DEEP 65536

START_TEST(depth_takes_no_stack)
{
    char *text = malloc(DEEP + 1);
    struct hp_untrusted found = {0};

    ck_assert_ptr_nonnull(text);
    memset(text, '[', DEEP / 2);
    memset(text + DEEP / 2, ']', DEEP / 2);
    hp_json_release(&json);
    ck_assert(hp_json_read(&json, text, DEEP));
    ck_assert_int_eq(hp_json_find(&json, "0.0.0", 5, &found), HP_JSON_ARRAY);
    memset(text, '[', DEEP);
    hp_json_release(&json);
    ck_assert(!hp_json_read(&json, text, DEEP));
    ck_assert_uint_eq(json.error_at, DEEP);
    free(text);
}
END_TEST

/* --- paths ---------------------------------------------------------------------------------------
 */

static const struct {
    const char *path;
    bool valid;
} paths[] = {
    {"a", true},  {"a.b", true}, {"0", true},   {"a b.c", true}, {"", false},
    {".", false}, {".a", false}, {"a.", false}, {"a..b", false}, {"..", false},
};

START_TEST(path_is_names_with_dots_between)
{
    ck_assert_int_eq(hp_json_path_valid(paths[_i].path, strlen(paths[_i].path)), paths[_i].valid);
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, NULL, release);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

#define CASE(suite, test)         add(suite, #test, test, 1)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("http_json");

    TABLE(suite, path_leads_to_the_text_of_a_value, values);
    CASE(suite, string_may_hold_a_nul);
    CASE(suite, path_ends_where_its_length_says);
    TABLE(suite, nothing_but_json_is_json, texts);
    CASE(suite, nul_between_values_is_not_json);
    CASE(suite, cut_document_is_not_json);
    CASE(suite, depth_takes_no_stack);
    TABLE(suite, path_is_names_with_dots_between, paths);
    return hp_unit_run(suite);
}
