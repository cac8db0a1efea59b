/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/about.h"

#include <healthprobe/check/check.h>
#include <healthprobe/net/tls.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "config.h"

static void say_library(struct hp_buffer *ret)
{
    hp_buffer_add(ret, "libfake 1.2");
}

static const struct hp_option rows[] = {
    {.name = "fake",
     .metavar = "URL",
     .fallback = "fake://localhost",
     .help = "what to ask",
     .flags = HP_OPTION_TARGET | HP_OPTION_SOURCE},
    {.name = "fake-quietly", .help = "make no noise"},
    {.name = NULL},
};

static const struct hp_option no_rows[] = {{.name = NULL}};
static const char *const variables[] = {"FAKE_URL", NULL};

static const struct hp_check_ops fake = {.kind = "fake",
                                         .title = "Fakes",
                                         .options = rows,
                                         .app_variables = variables,
                                         .presence_variable = "FAKE_PORT",
                                         .asks = {"a fake", "half a fake", "all fakes"},
                                         .library = say_library};
static const struct hp_check_ops other = {.kind = "other",
                                          .options = no_rows,
                                          .asks = {[HP_MODE_FULL] = "the other"},
                                          .library = say_library};

/* It needs none. */
static const struct hp_check_ops without_library = {.kind = "plain", .options = no_rows};

const struct hp_check_ops *const hp_check_kinds[] = {&fake, &without_library, &other, NULL};

static char text[16384];

/* Standard output of a test is TAP's: @print has another one. */
static bool capture(bool (*print)(void))
{
    FILE *file = tmpfile();
    bool printed;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(dup2(fileno(file), STDOUT_FILENO), 0);
    printed = print();
    text[pread(fileno(file), text, sizeof text - 1, 0)] = '\0';
    fclose(file);
    return printed;
}

static bool print_help(void)
{
    return hp_about_help(NULL);
}

static const char *topic;

static bool print_topic(void)
{
    return hp_about_help(topic);
}

static const char *const help[] = {
    "Usage: healthprobe [live|ready|full] [TARGET...] [OPTION...]\n",
    "\n       healthprobe help [fake|plain|other|wait]\n",
    /* examples, before all else that takes time to read */
    "\n\n  healthprobe http://localhost:8080/health\n",
    "\n  HEALTHCHECK CMD [\"/healthprobe\", \"full\"]\n\nA TARGET is ",
    /* the modes, with what each kind asks */
    "  live     a fake (default); what a restart depends on\n"
    "  ready    half a fake; what traffic depends on\n"
    "  full     all fakes and the other\n",
    /* the commands, broken at blanks */
    "\n  explain  print what would be checked and where each setting comes from, and\n"
    "           connect to nothing; a table, or JSON with --format json\n",
    /* the general rows, with their variables */
    "\n\nCommon:\n\n  --check LIST ",
    "  --timeout DUR             ",
    "\n                            HEALTHPROBE_TIMEOUT\n",
    "  --format FORMAT           ",
    /* a kind's */
    "\n\nFakes:\n\n"
    "  --fake URL                what to ask (fake://localhost)\n"
    "                            HEALTHPROBE_FAKE, …_FILE\n"
    "  --fake-quietly            make no noise\n"
    "                            HEALTHPROBE_FAKE_QUIETLY\n",
    /* the application's variables */
    "A flag overrides its variable. FAKE_URL, FAKE_URL_FILE and FAKE_PORT are read\n",
    /* what has no variable */
    "\n  --help                    print this text; also -h and help\n",
    /* those that have no title, and those of wait */
    "\n\nplain:\n\n\nother:\n\n\nwait:\n\n  --for DUR ",
};

START_TEST(help_has_every_row_with_its_default_and_variable)
{
    ck_assert(capture(print_help));
    ck_assert_msg(strstr(text, help[_i]) != NULL, "\"%s\" is not in\n%s", help[_i], text);
}
END_TEST

START_TEST(help_fits_a_terminal_of_100_columns)
{
    ck_assert(capture(print_help));
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        ck_assert_msg(strcspn(line, "\n") <= 100, "%.120s", line);
}
END_TEST

START_TEST(help_names_no_variable_of_what_has_none)
{
    ck_assert(capture(print_help));
    ck_assert_ptr_null(strstr(text, "HEALTHPROBE_HELP"));
    ck_assert_ptr_null(strstr(text, "HEALTHPROBE_VERSION"));
}
END_TEST

START_TEST(version_names_the_commit_and_every_library)
{
    char expected[2048];
    const char *tls = hp_tls_available() ? hp_tls_version() : "no TLS";

    snprintf(expected, sizeof expected, "healthprobe %s (%s)\n%s\nlibfake 1.2\nlibfake 1.2\n%s\n",
             HP_VERSION, HP_COMMIT, HP_LIBC, tls);
    ck_assert(capture(hp_about_version));
    ck_assert_int_eq(strncmp(text, expected, strlen(expected)), 0);
    if (HP_SOURCES[0] == '\0')
        ck_assert_uint_eq(strlen(text), strlen(expected));
    else
        ck_assert_str_eq(text + strlen(expected), "sources: " HP_SOURCES "\n");
}
END_TEST

static const struct {
    const char *topic;
    const char *begins;
    const char *ends;
} topics[] = {
    {"fake", "Fakes:\n\n  --fake URL ", "HEALTHPROBE_FAKE_QUIETLY\n"},
    {"wait", "wait:\n\n  --for DUR ", "HEALTHPROBE_BACKOFF\n"},
};

START_TEST(a_help_topic_prints_one_group_alone)
{
    size_t end = strlen(topics[_i].ends);

    topic = topics[_i].topic;
    ck_assert(capture(print_topic));
    ck_assert_int_eq(strncmp(text, topics[_i].begins, strlen(topics[_i].begins)), 0);
    ck_assert_uint_gt(strlen(text), end);
    ck_assert_str_eq(text + strlen(text) - end, topics[_i].ends);
    ck_assert_ptr_null(strstr(text, "--timeout DUR"));
}
END_TEST

static bool (*const printers[])(void) = {print_help, hp_about_version};

START_TEST(what_cannot_be_written_is_a_failure)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    ck_assert_int_ge(dup2(full, STDOUT_FILENO), 0);
    ck_assert(!printers[_i]());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("about");

    HP_UNIT_TABLE(suite, help_has_every_row_with_its_default_and_variable, help);
    HP_UNIT_TABLE(suite, a_help_topic_prints_one_group_alone, topics);
    HP_UNIT_CASE(suite, help_fits_a_terminal_of_100_columns);
    HP_UNIT_CASE(suite, help_names_no_variable_of_what_has_none);
    HP_UNIT_CASE(suite, version_names_the_commit_and_every_library);
    HP_UNIT_TABLE(suite, what_cannot_be_written_is_a_failure, printers);
    return hp_unit_run(suite);
}
