/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/net/dns_message.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define ID 0x1234

static struct hp_dns_query query;
static struct hp_ip_list list;

/* --- questions -------------------------------------------------------------------------------- */

START_TEST(a_question_asks_for_recursion_and_for_one_type)
{
    static const char wanted[] = "\x12\x34\x01\x00\0\1\0\0\0\0\0\0\2db\4test\0\0\1\0\1";

    ck_assert(hp_dns_query_make(&query, "db.test", AF_INET, ID, false));
    ck_assert_uint_eq(query.len, sizeof wanted - 1);
    ck_assert_mem_eq(query.bytes, wanted, sizeof wanted - 1);
    /* A dot at the end is the root's own. */
    ck_assert(hp_dns_query_make(&query, "db.test.", AF_INET, ID, false));
    ck_assert_uint_eq(query.len, sizeof wanted - 1);
    ck_assert_mem_eq(query.bytes, wanted, sizeof wanted - 1);
    ck_assert(hp_dns_query_make(&query, "db.test", AF_INET6, ID, false));
    ck_assert_uint_eq(query.bytes[query.len - 3], 28);
}
END_TEST

START_TEST(edns0_adds_a_record_with_the_size_of_an_answer)
{
    static const char wanted[] = "\0\0\x29\x04\xb0\0\0\0\0\0\0";

    ck_assert(hp_dns_query_make(&query, "db.test", AF_INET, ID, true));
    ck_assert_uint_eq(query.bytes[11], 1);
    ck_assert_uint_eq(query.len, query.question_len + sizeof wanted - 1);
    ck_assert_mem_eq(query.bytes + query.question_len, wanted, sizeof wanted - 1);
}
END_TEST

#define TEN   "aaaaaaaaa."
#define FIFTY TEN TEN TEN TEN TEN

static const char *const no_names[] = {
    "",
    ".",
    "..",
    ".db",
    "a..b",
    "db..",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test",
    /* 254 letters and dots: one more than there is room for in 255 bytes */
    FIFTY FIFTY FIFTY FIFTY FIFTY "aaaa",
};

START_TEST(an_invalid_name_is_not_asked_for)
{
    ck_assert(!hp_dns_query_make(&query, no_names[_i], AF_INET, ID, false));
}
END_TEST

START_TEST(the_longest_name_is_asked_for)
{
    ck_assert(hp_dns_query_make(&query, FIFTY FIFTY FIFTY FIFTY FIFTY "aaa", AF_INET, ID, true));
    ck_assert_uint_eq(query.len, 12 + 255 + 4 + 11);
    ck_assert(hp_dns_query_make(&query, FIFTY FIFTY FIFTY FIFTY FIFTY "aaa.", AF_INET, ID, true));
}
END_TEST

/* --- answers ---------------------------------------------------------------------------------- */

/* The header's parts, and the question as it was asked. */
#define HEAD(flags, answers) "\x12\x34" flags "\0\1" answers "\0\0\0\0"
#define QUESTION             "\2db\4test\0\0\1\0\1"
#define GOOD                 "\x81\x80"
#define A(owner, last)       owner "\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0" last
#define CNAME(owner, target) owner "\0\5\0\1\0\0\0\x3c\0\6" target
#define ASKED                "\xc0\x0c"
#define AT(offset)           "\xc0" offset

static const struct {
    const char *bytes;
    size_t len;
    enum hp_dns_kind kind;
    int code;
    const char *addresses;
} answers[] = {
#define ROW(text, ...)                                                                             \
    {                                                                                              \
        text, sizeof text - 1, __VA_ARGS__                                                         \
    }
    ROW(HEAD(GOOD, "\0\1") QUESTION A(ASKED, "\1"), HP_DNS_FOUND, 0, "10.0.0.1 "),
    ROW(HEAD(GOOD, "\0\2") QUESTION A(ASKED, "\1") A("\2DB\4tEst\0", "\2"), HP_DNS_FOUND, 0,
        "10.0.0.1 10.0.0.2 "),
    /* The question's letters may come back in another case, and more than was asked for. */
    ROW(HEAD(GOOD, "\0\1") "\2Db\4TEST\0\0\1\0\1" A(ASKED, "\1") "more", HP_DNS_FOUND, 0,
        "10.0.0.1 "),
    ROW(HEAD("\x85\x00", "\0\1") QUESTION A(ASKED, "\1"), HP_DNS_FOUND, 0, "10.0.0.1 "),
    /* Aliases, in their order: the second at 25 + 2 + 10 = 37 is "www". */
    ROW(HEAD(GOOD, "\0\2") QUESTION CNAME(ASKED, "\3www" ASKED) A(AT("\x25"), "\1"), HP_DNS_FOUND,
        0, "10.0.0.1 "),
    ROW(HEAD(GOOD, "\0\2") QUESTION A("\3www" ASKED, "\1") CNAME(ASKED, "\3www" ASKED),
        HP_DNS_NO_ADDRESS, 0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION CNAME(ASKED, "\3www" ASKED), HP_DNS_NO_ADDRESS, 0, ""),
    /* Of another name, type, class or size. */
    ROW(HEAD(GOOD, "\0\1") QUESTION A("\3www" ASKED, "\1"), HP_DNS_NO_ADDRESS, 0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION ASKED "\0\x1c\0\1\0\0\0\x3c\0\4\x0a\0\0\1", HP_DNS_NO_ADDRESS,
        0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION ASKED "\0\1\0\3\0\0\0\x3c\0\4\x0a\0\0\1", HP_DNS_NO_ADDRESS, 0,
        ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION ASKED "\0\1\0\1\0\0\0\x3c\0\5\x0a\0\0\1\1", HP_DNS_NO_ADDRESS,
        0, ""),

    ROW(HEAD(GOOD, "\0\0") QUESTION, HP_DNS_NO_DATA, 0, ""),
    ROW(HEAD("\x85\x00", "\0\0") QUESTION, HP_DNS_NO_DATA, 0, ""),
    ROW(HEAD("\x81\x00", "\0\0") QUESTION, HP_DNS_REFERRAL, 0, ""),
    ROW(HEAD("\x81\x83", "\0\0") QUESTION, HP_DNS_NO_NAME, 3, ""),
    ROW(HEAD("\x81\x83", "\0\1") QUESTION CNAME(ASKED, "\3www" ASKED), HP_DNS_NO_NAME, 3, ""),
    ROW(HEAD("\x81\x81", "\0\0") QUESTION, HP_DNS_ERROR, 1, ""),
    ROW(HEAD("\x81\x82", "\0\0") QUESTION, HP_DNS_ERROR, 2, ""),
    ROW(HEAD("\x81\x84", "\0\0") QUESTION, HP_DNS_ERROR, 4, ""),
    ROW(HEAD("\x81\x85", "\0\0") QUESTION, HP_DNS_ERROR, 5, ""),
    ROW(HEAD("\x81\x89", "\0\0") QUESTION, HP_DNS_ERROR, 9, ""),
    ROW(HEAD("\x81\x85", "\0\1") QUESTION A(ASKED, "\1"), HP_DNS_ERROR, 5, ""),
    ROW("\x12\x34\x81\x85\0\0\0\0\0\0\0\0", HP_DNS_ERROR, 5, ""),
    ROW("\x12\x34\x81\x82\0\0\0\0\0\0\0\0", HP_DNS_ERROR, 2, ""),
    ROW("\x12\x34\x81\x81\0\0\0\0\0\0\0\0", HP_DNS_ERROR, 1, ""),
    ROW("\x12\x34\x81\x83\0\0\0\0\0\0\0\0", HP_DNS_STRAY, 3, ""),
    ROW(HEAD("\x83\x80", "\0\1") QUESTION A(ASKED, "\1"), HP_DNS_TRUNCATED, 0, ""),
    ROW(HEAD("\x83\x83", "\0\0") QUESTION, HP_DNS_TRUNCATED, 3, ""),

    /* Not an answer to this question. */
    ROW("\x12\x35\x81\x80\0\1\0\1\0\0\0\0" QUESTION A(ASKED, "\1"), HP_DNS_STRAY, 0, ""),
    ROW(HEAD("\x01\x00", "\0\1") QUESTION A(ASKED, "\1"), HP_DNS_STRAY, 0, ""),
    ROW(HEAD(GOOD, "\0\1") "\2dc\4test\0\0\1\0\1" A(ASKED, "\1"), HP_DNS_STRAY, 0, ""),
    ROW(HEAD(GOOD, "\0\1") "\2db\4test\0\0\x1c\0\1" A(ASKED, "\1"), HP_DNS_STRAY, 0, ""),
    ROW(HEAD(GOOD, "\0\1") "\2db\4test\0\0\1\0\3" A(ASKED, "\1"), HP_DNS_STRAY, 0, ""),
    ROW("\x12\x34\x81\x80\0\2\0\0\0\0\0\0" QUESTION QUESTION, HP_DNS_STRAY, 0, ""),
    ROW(HEAD(GOOD, "\0\0"), HP_DNS_STRAY, 0, ""),
    ROW(HEAD(GOOD, "\0\0") "\2db\4test\0\0\1", HP_DNS_STRAY, 0, ""),
    ROW(HEAD(GOOD, "\0\0") "\xc0\x0c\0\1\0\1", HP_DNS_STRAY, 0, ""),

    /* Malformed: what stood before is not used either. */
    ROW("", HP_DNS_MALFORMED, 0, ""),
    ROW("\x12\x34\x81\x80\0\1\0\0\0\0\0", HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\0\2") QUESTION A(ASKED, "\1"), HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\x03\xe8") QUESTION A(ASKED, "\1"), HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION ASKED "\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0", HP_DNS_MALFORMED, 0,
        ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION ASKED "\0\1\0\1\0\0\0\x3c\0", HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION ASKED "\0\1\0\1\0\0\0\x3c\xff\xff\x0a\0\0\1", HP_DNS_MALFORMED,
        0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION A(AT("\x19"), "\1"), HP_DNS_MALFORMED, 0, ""), /* at itself */
    ROW(HEAD(GOOD, "\0\1") QUESTION A("\1a" AT("\x19"), "\1"), HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION A("\xff\xff", "\1"), HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION A("\x40", "\1"), HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION A("\x80", "\1"), HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION "\xc0", HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\0\1") QUESTION "\5ab", HP_DNS_MALFORMED, 0, ""),
    ROW(HEAD(GOOD, "\0\2") QUESTION A(ASKED, "\1") CNAME(ASKED, "\x3fwww" ASKED), HP_DNS_MALFORMED,
        0, ""),
#undef ROW
};

static const char *found(void)
{
    static char text[256];

    text[0] = '\0';
    for (size_t i = 0; i < list.n; i++) {
        char address[INET6_ADDRSTRLEN];
        inet_ntop(list.items[i].family, list.items[i].bytes, address, sizeof address);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", address);
    }
    return text;
}

/* From the heap and exactly as long as it is, for the sanitizers. */
static struct hp_dns_result read_copy(const char *bytes, size_t len, bool by_tcp)
{
    unsigned char *copy = malloc(len > 0 ? len : 1);
    struct hp_dns_result result;

    if (len > 0)
        memcpy(copy, bytes, len);
    result = hp_dns_answer_read(&list, &query, copy, len, by_tcp);
    free(copy);
    return result;
}

START_TEST(an_answer_is_read_as_glibc_reads_it)
{
    struct hp_dns_result result;

    ck_assert(hp_dns_query_make(&query, "db.test", AF_INET, ID, true));
    result = read_copy(answers[_i].bytes, answers[_i].len, false);
    ck_assert_int_eq(result.kind, answers[_i].kind);
    ck_assert_int_eq(result.code, answers[_i].code);
    ck_assert_str_eq(found(), answers[_i].addresses);
}
END_TEST

START_TEST(an_answer_cut_anywhere_gives_no_address)
{
    static const char whole[] =
        HEAD(GOOD, "\0\2") QUESTION CNAME(ASKED, "\3www" ASKED) A(AT("\x25"), "\1");

    ck_assert(hp_dns_query_make(&query, "db.test", AF_INET, ID, false));
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        ck_assert_int_ne(read_copy(whole, len, false).kind, HP_DNS_FOUND);
        ck_assert_uint_eq(list.n, 0);
    }
    ck_assert_int_eq(read_copy(whole, sizeof whole - 1, false).kind, HP_DNS_FOUND);
}
END_TEST

START_TEST(an_answer_by_tcp_is_complete)
{
    static const char answer[] = HEAD("\x83\x80", "\0\1") QUESTION A(ASKED, "\1");

    ck_assert(hp_dns_query_make(&query, "db.test", AF_INET, ID, false));
    ck_assert_int_eq(read_copy(answer, sizeof answer - 1, true).kind, HP_DNS_FOUND);
}
END_TEST

START_TEST(an_ipv6_address_is_read)
{
    static const char answer[] =
        HEAD(GOOD, "\0\1") "\2db\4test\0\0\x1c\0\1" ASKED "\0\x1c\0\1\0\0\0\x3c\0\x10"
                           "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1";

    ck_assert(hp_dns_query_make(&query, "db.test", AF_INET6, ID, false));
    ck_assert_int_eq(read_copy(answer, sizeof answer - 1, false).kind, HP_DNS_FOUND);
    ck_assert_str_eq(found(), "2001:db8::1 ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dns_message");

    HP_UNIT_CASE(suite, a_question_asks_for_recursion_and_for_one_type);
    HP_UNIT_CASE(suite, edns0_adds_a_record_with_the_size_of_an_answer);
    HP_UNIT_TABLE(suite, an_invalid_name_is_not_asked_for, no_names);
    HP_UNIT_CASE(suite, the_longest_name_is_asked_for);
    HP_UNIT_TABLE(suite, an_answer_is_read_as_glibc_reads_it, answers);
    HP_UNIT_CASE(suite, an_answer_cut_anywhere_gives_no_address);
    HP_UNIT_CASE(suite, an_answer_by_tcp_is_complete);
    HP_UNIT_CASE(suite, an_ipv6_address_is_read);
    return hp_unit_run(suite);
}
