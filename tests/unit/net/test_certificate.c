/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "der.h"

static const struct {
    unsigned char kind;
    const char *text;
    size_t len;
} spellings[] = {
#define SPELLING(kind, text)                                                                       \
    {                                                                                              \
        kind, text, sizeof text - 1                                                                \
    }
    SPELLING(0x0c, "ISRG Root X1"),
    SPELLING(0x13, "ISRG Root X1"),
    SPELLING(0x16, "isrg root x1"),
    SPELLING(0x0c, "  ISRG   Root X1 "),
};

START_TEST(equal_names_have_equal_hashes_however_they_are_spelled)
{
    ck_assert_uint_eq(hash_of(spellings[_i].kind, spellings[_i].text, spellings[_i].len),
                      hash_of(0x0c, "ISRG Root X1", 12));
}
END_TEST

/* What each kind of string makes of other letters is not alike. */
START_TEST(other_scripts_do_not_count)
{
    ck_assert_uint_eq(hash_of(0x0c, "A\xE4\xB8\xAD", 4), hash_of(0x13, "A", 1));
    ck_assert_uint_eq(hash_of(0x14, "A\xE4", 2), hash_of(0x13, "A", 1));
}
END_TEST

/* Their library compares them: it would take a table of letters. */
START_TEST(a_name_with_wide_strings_has_no_hash)
{
    ck_assert_uint_eq(hash_of(0x1e, "\0I\0S", 4), 0);
    ck_assert_uint_eq(hash_of(0x1c, "\0\0\0I", 4), 0);
    ck_assert_uint_eq(hash_of(0x0c, "A\xE4", 2), 0);
}
END_TEST

START_TEST(other_names_have_other_hashes)
{
    ck_assert_uint_ne(hash_of(0x0c, "ISRG Root X2", 12), hash_of(0x0c, "ISRG Root X1", 12));
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} no_names[] = {
#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }
    BYTES(""),
    BYTES("\x30"),
    BYTES("\x31\x00"),
    BYTES("\x30\x02\x31"),
    BYTES("\x30\x02\x30\x00"),
    BYTES("\x30\x04\x31\x02\x31\x00"),
    BYTES("\x30\x04\x31\x02\x30\x00"),
    BYTES("\x30\x07\x31\x05\x30\x03\x06\x01\x55"),
    BYTES("\x30\x84\xff\xff\xff\xff"),
    BYTES("\x30\x83\xff\xff\xff"),
    BYTES("\x30\x80"),
};

START_TEST(bytes_that_are_not_a_name_have_no_hash)
{
    ck_assert_uint_eq(
        hp_certificate_hash_name((const unsigned char *)no_names[_i].bytes, no_names[_i].len), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("certificate");

    HP_UNIT_TABLE(suite, equal_names_have_equal_hashes_however_they_are_spelled, spellings);
    HP_UNIT_CASE(suite, other_scripts_do_not_count);
    HP_UNIT_CASE(suite, a_name_with_wide_strings_has_no_hash);
    HP_UNIT_CASE(suite, other_names_have_other_hashes);
    HP_UNIT_TABLE(suite, bytes_that_are_not_a_name_have_no_hash, no_names);
    return hp_unit_run(suite);
}
