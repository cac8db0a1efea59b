// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "nginx.h"
#include "probe.h"

/*
 * Expectations of a response, request bodies, redirects and client certificates, against a real
 * nginx.
 */

#define TOKEN    "token-4711-of-the-test"
#define PASSWORD "password-4711-of-the-test"

static struct hpt_nginx nginx;

static void start_nginx(void)
{
    hpt_nginx_create(&nginx);
    hpt_nginx_start(&nginx);
    hpt_probe_secret(TOKEN);
    hpt_probe_secret(PASSWORD);
    hpt_probe_secret(hpt_base64("user:" PASSWORD));
}

static const char *url(const char *rest)
{
    return hpt_strf("http://127.0.0.1:%d%s", nginx.port, rest);
}

static const char *other_url(const char *rest)
{
    return hpt_strf("http://127.0.0.1:%d%s", nginx.other_port, rest);
}

static const char *secure_url(const char *rest)
{
    return hpt_strf("https://localhost:%d%s", nginx.tls_port, rest);
}

static const char *sent(const char *target, const char *field)
{
    json_t *request = hpt_nginx_request(&nginx, target);

    ck_assert_msg(request != NULL, "nginx got no request for %s", target);
    return json_string_value(json_object_get(request, field));
}

static bool was_asked(const char *target)
{
    return hpt_nginx_request(&nginx, target) != NULL;
}

/* --- expectations ----------------------------------------------------------------------------- */

static const struct {
    const char *path;
    const char *args[8];
} holds[] = {
    {"/json", {"--http-contains", "\"status\":\"up\""}},
    {"/json", {"--http-match", "^\\{.*\"latency\":[0-9.]+"}},
    {"/json", {"--http-expect-header", "X-Ready: yes"}},
    {"/json", {"--http-expect-header", "content-type: application/json"}},
    {"/json", {"--http-json", "status=healthy"}},
    {"/json", {"--http-json", "checks.database.status=up"}},
    {"/json", {"--http-json", "checks.database.latency=1.50"}},
    {"/json", {"--http-json", "list.0.id=7"}},
    {"/json", {"--http-json", "ok=true", "--http-json", "none=null", "--http-json", "empty="}},
    {"/json",
     {"--http-json", "ok=true", "--http-match", "}$", "--http-contains", "{",
      "--http-expect-header", "X-Ready: yes"}},
    {"/health/live", {"--http-match", "^live\n$"}},
    {"/status/404", {"--http-status", "404", "--http-contains", "404 here"}},
    {"/json", {"--http-expect-header", "X-Ready: yes", "--http-method", "HEAD"}},
};

START_TEST(a_met_expectation_is_up)
{
    struct hpt_run run;
    const char *const *args = holds[_i].args;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url(holds[_i].path), args[0], args[1], args[2], args[3], args[4],
                       args[5], args[6], args[7]));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

static const struct {
    const char *path;
    const char *option;
    const char *value;
    const char *error;
    const char *shortly; /* what --format short prints; NULL: the whole error */
} fails[] = {
    {"/health/live", "--http-contains", "dead",
     "the body does not contain \"dead\"; it begins: live", "the body does not contain \"dead\""},
    {"/health/live", "--http-match", "^live$",
     "the body does not match \"^live$\"; it begins: live", "the body does not match \"^live$\""},
    {"/json", "--http-expect-header", "X-Ready: no",
     "expected the header X-Ready to be \"no\", got \"yes\"",
     "expected the header X-Ready to be \"no\""},
    {"/json", "--http-expect-header", "X-Other: no", "there is no header X-Other", NULL},
    {"/json", "--http-json", "checks.database.status=down",
     "expected checks.database.status to be \"down\", got \"up\"",
     "expected checks.database.status to be \"down\""},
    {"/json", "--http-json", "checks.redis.status=up", "the JSON has no checks.redis.status", NULL},
    {"/json", "--http-json", "checks=up", "expected checks to be \"up\", got an object",
     "expected checks to be \"up\""},
    {"/json", "--http-json", "list=7", "expected list to be \"7\", got an array",
     "expected list to be \"7\""},
    {"/health/live", "--http-json", "status=ok",
     "the body is not JSON (neither an object nor an array, byte 0); it begins: live",
     "the body is not JSON"},
};

START_TEST(an_unmet_expectation_is_down_and_shows_the_actual_value)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url(fails[_i].path), fails[_i].option, fails[_i].value));
    HPT_OK(hpt_is_down(&run, "http", "expectation", "200"));
    HPT_OK(hpt_is_text(&run, "checks.http.error", fails[_i].error));
    HPT_OK(hpt_is_text(&run, "summary", "http expectation 200"));
}
END_TEST

START_TEST(short_omits_what_may_differ_each_time)
{
    struct hpt_run run;
    const char *error = fails[_i].shortly != NULL ? fails[_i].shortly : fails[_i].error;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url(fails[_i].path), fails[_i].option, fails[_i].value, "--format",
                       "short"));
    ck_assert_str_eq(run.out, hpt_strf("unhealthy: http expectation 200; http: %s at %s\n", error,
                                       url(fails[_i].path)));
}
END_TEST

START_TEST(the_status_is_judged_first)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/status/503"), "--http-contains", "none", "--http-json",
                       "a=b", "--http-expect-header", "X-Ready: yes"));
    HPT_OK(hpt_is_down(&run, "http", "status", "503"));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "status 503 here"));
}
END_TEST

START_TEST(a_response_without_a_body_counts_as_empty)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/status/204"), "--http-contains", "x"));
    HPT_OK(hpt_is_down(&run, "http", "expectation", "204"));
    HPT_OK(hpt_is_text(&run, "checks.http.error", "the body does not contain \"x\"; it is empty"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/status/204"), "--http-match", "^$"));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

START_TEST(a_variable_holds_one_expectation_per_line)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST("HEALTHPROBE_HTTP_JSON=status=healthy\nok=true",
                       "HEALTHPROBE_HTTP_CONTAINS=status\nlatency",
                       "HEALTHPROBE_HTTP_MATCH=^\\{\nlist",
                       "HEALTHPROBE_HTTP_EXPECT_HEADER=X-Ready: yes\n"),
              HPT_LIST("--http", url("/json")));
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_probe(&run, HPT_LIST("HEALTHPROBE_HTTP_JSON=status=healthy\nok=false"),
              HPT_LIST("--http", url("/json")));
    HPT_OK(hpt_is_down(&run, "http", "expectation", "200"));
    HPT_OK(hpt_is_text(&run, "checks.http.error", "expected ok to be \"false\", got \"true\""));
}
END_TEST

START_TEST(a_secret_repeated_in_the_body_is_withheld)
{
    static const char *const expectations[][2] = {
        {"--http-json", "token=x"}, {"--http-contains", "no"}, {"--http-match", "^x"}};
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/token"), "--http-header", "X-Token: " TOKEN,
                       expectations[_i][0], expectations[_i][1]));
    HPT_OK(hpt_is_down(&run, "http", "expectation", "200"));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "(withheld)"));
}
END_TEST

static const struct {
    const char *args[4];
    const char *needles;
} wrong[] = {
    {{"--http-json", "status"}, "--http-json|PATH=VALUE"},
    {{"--http-json", "=x"}, "--http-json|PATH=VALUE"},
    {{"--http-match", "a("}, "--http-match|extended regular expression"},
    {{"--http-match", ""}, "--http-match|empty"},
    {{"--http-contains", ""}, "--http-contains|empty"},
    {{"--http-expect-header", "X-Ready"}, "--http-expect-header|Name: value"},
    {{"--http-follow", "-1"}, "--http-follow|0 to 50"},
    {{"--http-follow", "51"}, "--http-follow|0 to 50"},
    {{"--http-follow", "many"}, "--http-follow|0 to 50"},
    {{"--http-follow", ""}, "--http-follow|0 to 50"},
    {{"--http-method", "HEAD", "--http-contains", "x"}, "HEAD|no body"},
    {{"--http-method", "HEAD", "--http-body", "x"}, "--http-body|HEAD"},
    {{"--http-json", "x", "--http-match", "["}, "--http-json|--http-match"},
};

START_TEST(an_invalid_expectation_is_a_configuration_error)
{
    struct hpt_run run;
    const char *const *args = wrong[_i].args;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/json"), args[0], args[1], args[2], args[3]));
    HPT_OK(hpt_is_config(&run, wrong[_i].needles));
}
END_TEST

/* --- a body to send --------------------------------------------------------------------------- */

START_TEST(a_body_makes_the_request_a_post_without_content_type)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/post?plain"), "--http-body", "{\"a\": 1}"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/post?plain", "method"), "POST");
    ck_assert_str_eq(sent("/post?plain", "body"), "{\"a\": 1}");
    ck_assert_str_eq(sent("/post?plain", "type"), "");
}
END_TEST

START_TEST(the_method_and_type_of_a_body_can_be_chosen)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/post?put"), "--http-body", "x=1", "--http-method", "PUT",
                       "--http-header", "Content-Type: text/x-test"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/post?put", "method"), "PUT");
    ck_assert_str_eq(sent("/post?put", "body"), "x=1");
    ck_assert_str_eq(sent("/post?put", "type"), "text/x-test");
    hpt_probe(&run, HPT_LIST("HEALTHPROBE_HTTP_BODY=from its twin"),
              HPT_LIST("--http", url("/post?twin"), "--http-method", "GET"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/post?twin", "method"), "GET");
    ck_assert_str_eq(sent("/post?twin", "body"), "from its twin");
}
END_TEST

START_TEST(a_body_may_be_empty_and_is_never_read_from_a_file)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/post?empty"), "--http-body", ""));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/post?empty", "method"), "POST");
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/post?file"), "--http-body", "file:/etc/hostname"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/post?file", "body"), "file:/etc/hostname");
}
END_TEST

/* --- redirects -------------------------------------------------------------------------------- */

static const char *const kinds[] = {"301", "302", "303", "307", "308"};

START_TEST(a_redirect_is_followed_on_request)
{
    struct hpt_run run;
    const char *path = hpt_strf("/to/%s/json", kinds[_i]);

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url(path), "--http-follow", "1", "--http-json", "status=healthy"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_int_eq((int)hpt_number(&run, "checks.http.code"), 200);
    HPT_OK(hpt_is_text(&run, "checks.http.target", url(path)));
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url(path)));
    HPT_OK(hpt_is_down(&run, "http", "status", kinds[_i]));
    HPT_OK(hpt_has_text(&run, "checks.http.error", ", redirects to /json"));
    HPT_OK(hpt_has_text(&run, "checks.http.hint", "follow it with --http-follow 1, or accept"));
}
END_TEST

START_TEST(only_the_given_number_of_redirects_is_followed)
{
    struct hpt_run run;
    const char *path = "/to/301/to/302/to/307/health";

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url(path), "--http-follow", "3"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_probe(&run, HPT_LIST("HEALTHPROBE_HTTP_FOLLOW=2"), HPT_LIST("--http", url(path)));
    HPT_OK(hpt_is_down(&run, "http", "status", "307"));
    HPT_OK(hpt_is_text(&run, "checks.http.hint",
                       "that is one redirect more than --http-follow allows"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url(path), "--http-follow", "0"));
    HPT_OK(hpt_is_down(&run, "http", "status", "301"));
    /* A redirect is followed even if its status would be accepted. */
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url(path), "--http-follow", "2", "--http-status", "200-399"));
    HPT_OK(hpt_is_down(&run, "http", "status", "307"));
}
END_TEST

START_TEST(a_redirect_loop_ends)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/itself"), "--http-follow", "50", "--timeout", "10s"));
    HPT_OK(hpt_is_down(&run, "http", "status", "302"));
}
END_TEST

static const struct {
    const char *redirect;
    const char *method;
    const char *then;
    bool keeps_body;
} methods[] = {
    {"301", "POST", "GET", false}, {"302", "POST", "GET", false}, {"303", "POST", "GET", false},
    {"307", "POST", "POST", true}, {"308", "POST", "POST", true}, {"302", "PUT", "PUT", true},
    {"303", "PUT", "GET", false},  {"307", "PUT", "PUT", true},
};

START_TEST(redirects_change_the_method_as_curl_does)
{
    struct hpt_run run;
    const char *then = hpt_strf("/post?method=%d", _i);

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url(hpt_strf("/to/%s%s", methods[_i].redirect, then)),
                       "--http-follow", "1", "--http-body", "text", "--http-method",
                       methods[_i].method));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent(then, "method"), methods[_i].then);
    ck_assert_str_eq(sent(then, "body"), methods[_i].keeps_body ? "text" : "");
}
END_TEST

START_TEST(a_redirected_head_stays_a_head)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/303/health?head"), "--http-follow", "1", "--http-method",
                       "HEAD"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?head", "method"), "HEAD");
}
END_TEST

static void follow_with_credentials(struct hpt_run *run, const char *base, const char *path)
{
    const char *target = strstr(base, "://") + 3;

    hpt_probe(
        run, HPT_NONE,
        HPT_LIST("--http",
                 hpt_strf("%.*suser:" PASSWORD "@%s%s", (int)(target - base), base, target, path),
                 "--http-header", "X-Token: " TOKEN, "--http-header", "User-Agent: me",
                 "--http-follow", "3", "--ca", hpt_certs()->ca));
}

START_TEST(credentials_go_only_to_the_first_host_and_port)
{
    struct hpt_run run;

    follow_with_credentials(&run, url(""), "/to/302/health?same");
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_ne(sent("/health?same", "authorization"), "");
    ck_assert_str_eq(sent("/health?same", "token"), TOKEN);
    ck_assert_str_eq(sent("/health?same", "agent"), "me");

    follow_with_credentials(&run, url(""), "/to/other/health?other");
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?other", "port"), hpt_strf("%d", nginx.other_port));
    ck_assert_str_eq(sent("/health?other", "authorization"), "");
    ck_assert_str_eq(sent("/health?other", "token"), "");
    ck_assert_ptr_nonnull(strstr(sent("/health?other", "agent"), "healthprobe/"));
    ck_assert_str_eq(sent("/health?other", "connection"), "close");

    /* A redirect back to it gets them again. */
    follow_with_credentials(&run, url(""), "/to/other/to/back/health?back");
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/to/back/health?back", "token"), "");
    ck_assert_str_eq(sent("/health?back", "port"), hpt_strf("%d", nginx.port));
    ck_assert_str_eq(sent("/health?back", "token"), TOKEN);
}
END_TEST

START_TEST(a_redirect_to_https_is_followed_and_verified)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/tls/health?tls"), "--http-follow", "1", "--http-ca",
                       hpt_certs()->ca));
    if (!hpt_probe_tls()) {
        HPT_OK(hpt_is_down(&run, "http", "status", "302"));
        HPT_OK(hpt_has_text(&run, "checks.http.error", "this build has no TLS"));
        return;
    }
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?tls", "sni"), "localhost");
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/tls/health"), "--http-follow", "1", "--http-ca",
                       hpt_certs()->other_ca));
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    HPT_OK(hpt_has_text(&run, "checks.http.error",
                        hpt_strf("redirected to https://localhost:%d/health: ", nginx.tls_port)));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/wrong/health"), "--http-follow", "1", "--http-ca",
                       hpt_certs()->ca));
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/wrong/health"), "--http-follow", "1", "--http-insecure"));
    HPT_OK(hpt_is_up(&run, "http"));
    ck_assert(hpt_lists(&run, "notes", "http: the server's certificate is not verified"));
}
END_TEST

START_TEST(credentials_do_not_leave_tls)
{
    struct hpt_run run;

    if (!hpt_probe_tls()) {
        return;
    }
    follow_with_credentials(&run, secure_url(""), "/to/back/health?down");
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?down", "authorization"), "");
    ck_assert_str_eq(sent("/health?down", "token"), "");
}
END_TEST

START_TEST(http_connect_applies_only_to_the_first_host)
{
    struct hpt_run run;
    const char *option = _i == 0 ? "--http-connect" : "--http-unix";
    const char *value = _i == 0 ? hpt_strf("127.0.0.1:%d", nginx.port) : nginx.socket;
    const char *target = hpt_strf("/health?named=%d", _i);

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", hpt_strf("http://service.example/to/named%s", target),
                       "--http-follow", "1", option, value));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent(target, "host"), "service.example");

    /* Another host is reached by its own name. */
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", hpt_strf("http://service.example/to/other%s&away", target),
                       "--http-follow", "1", option, value));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent(hpt_strf("%s&away", target), "port"), hpt_strf("%d", nginx.other_port));
}
END_TEST

START_TEST(a_redirect_to_another_scheme_is_not_followed)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/to/gopher"), "--http-follow", "1"));
    HPT_OK(hpt_is_down(&run, "http", "status", "302"));
    HPT_OK(hpt_is_text(&run, "checks.http.error",
                       "redirects to gopher://127.0.0.1/_x, which is neither http nor https"));
}
END_TEST

START_TEST(a_failure_after_a_redirect_shows_the_url)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/other/status/503"), "--http-follow", "1"));
    HPT_OK(hpt_is_down(&run, "http", "status", "503"));
    HPT_OK(hpt_is_text(&run, "checks.http.error",
                       hpt_strf("redirected to %s: answered 503 Service Temporarily "
                                "Unavailable: status 503 here",
                                other_url("/status/503"))));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/other/json"), "--http-follow", "1", "--http-json",
                       "status=ill", "--format", "short"));
    ck_assert_str_eq(run.out,
                     hpt_strf("unhealthy: http expectation 200; http: redirected to %s: expected "
                              "status to be \"ill\" at %s\n",
                              other_url("/json"), url("/to/other/json")));
}
END_TEST

START_TEST(a_server_that_hangs_after_a_redirect_times_out)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/302/hang"), "--http-follow", "1", "--timeout", "300ms"));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    HPT_OK(hpt_is_punctual(&run, 300));
    /* A worker that a busy machine delays for too long reports nothing. */
    if (hpt_get(&run, "checks.http.error") != NULL) {
        HPT_OK(hpt_has_text(&run, "checks.http.error", "redirected to "));
    }
}
END_TEST

START_TEST(a_secret_in_a_redirect_is_not_shown)
{
    struct hpt_run run;
    const char *const follow[] = {"0", "1"};

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/to/token"), "--http-follow", follow[_i], "--http-header",
                       "X-Token: " TOKEN));
    HPT_OK(hpt_is_down(&run, "http", "status", _i == 0 ? "302" : "404"));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "(withheld)"));
    ck_assert(_i == 0 || was_asked("/" TOKEN));
}
END_TEST

/* --- client certificates ---------------------------------------------------------------------- */

static void probe_closed(struct hpt_run *run, const char *target, const char *cert, const char *key)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("--http", target, "--http-ca", hpt_certs()->ca, "--http-cert", cert,
                       "--http-key", key, "--http-follow", "1"));
}

static const char *closed_url(void)
{
    return hpt_strf("https://localhost:%d/health", nginx.closed_port);
}

START_TEST(a_server_that_asks_for_a_certificate_gets_it)
{
    struct hpt_run run;

    probe_closed(&run, closed_url(), hpt_certs()->server_cert, hpt_certs()->server_key);
    if (!hpt_probe_tls()) {
        HPT_OK(hpt_is_config(&run, "TLS"));
        return;
    }
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", closed_url(), "--http-ca", hpt_certs()->ca));
    HPT_OK(hpt_is_down(&run, "http", "status", "400"));
    /* The client's certificate is independent of the authorities it trusts. */
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", closed_url(), "--http-insecure", "--http-cert",
                       hpt_certs()->server_cert, "--http-key", hpt_certs()->server_key));
    HPT_OK(hpt_is_up(&run, "http"));
}
END_TEST

START_TEST(an_unusable_certificate_is_reported_as_tls)
{
    struct hpt_run run;

    if (!hpt_probe_tls()) {
        return;
    }
    probe_closed(&run, closed_url(), hpt_certs()->server_key, hpt_certs()->server_key);
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "certificate's file holds none in PEM"));
    probe_closed(&run, closed_url(), hpt_certs()->server_cert, hpt_certs()->wrong_key);
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "the key is not the client certificate's"));
}
END_TEST

/* With TLS 1.3 the client learns of it only after its handshake. */
START_TEST(a_missing_client_certificate_is_reported_as_tls)
{
    struct hpt_run run;
    struct hpt_proc server = {0};
    int port = hpt_net_free_port();
    int fd = -1;

    if (!hpt_probe_tls()) {
        return;
    }
    struct hpt_spawn spawn = {
        .name = "s_server",
        .argv = HPT_LIST("openssl", "s_server", "-accept", hpt_strf("127.0.0.1:%d", port), "-cert",
                         hpt_certs()->server_cert, "-key", hpt_certs()->server_key, "-CAfile",
                         hpt_certs()->ca, "-Verify", "1", "-verify_return_error", "-www"),
        .as_server = true,
    };
    hpt_proc_start(&server, &spawn);
    for (int i = 0; i < 500 && (fd = hpt_net_connect("127.0.0.1", port, 1000)) < 0; i++) {
        hpt_sleep_ms(10);
    }
    close(fd);
    const char *target = hpt_strf("https://localhost:%d/", port);
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", target, "--http-ca", hpt_certs()->ca));
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    probe_closed(&run, target, hpt_certs()->server_cert, hpt_certs()->server_key);
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_proc_stop(&server);
}
END_TEST

START_TEST(a_certificate_and_its_key_need_each_other)
{
    struct hpt_run run;
    const char *const options[] = {"--http-cert", "--http-key"};

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/health"), options[_i], hpt_certs()->server_cert));
    HPT_OK(hpt_is_config(&run, hpt_strf("%s: needs %s", options[_i], options[1 - _i])));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/health"), options[_i], "/nowhere/client.pem",
                       options[1 - _i], hpt_certs()->server_cert));
    HPT_OK(hpt_is_config(&run, hpt_strf("%s|/nowhere/client.pem", options[_i])));
}
END_TEST

START_TEST(a_certificate_goes_only_to_the_first_host_and_port)
{
    struct hpt_run run;

    if (!hpt_probe_tls()) {
        return;
    }
    probe_closed(&run, secure_url("/to/closed/health"), hpt_certs()->server_cert,
                 hpt_certs()->server_key);
    HPT_OK(hpt_is_down(&run, "http", "status", "400"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *expectations = hpt_tcase(suite, "expectations", 60);
    TCase *bodies = hpt_tcase(suite, "bodies", 60);
    TCase *redirects = hpt_tcase(suite, "redirects", 60);
    TCase *certificates = hpt_tcase(suite, "certificates", 60);

    tcase_add_loop_test(expectations, a_met_expectation_is_up, 0, HPT_COUNT(holds));
    tcase_add_loop_test(expectations, an_unmet_expectation_is_down_and_shows_the_actual_value, 0,
                        HPT_COUNT(fails));
    tcase_add_loop_test(expectations, short_omits_what_may_differ_each_time, 0, HPT_COUNT(fails));
    tcase_add_test(expectations, the_status_is_judged_first);
    tcase_add_test(expectations, a_response_without_a_body_counts_as_empty);
    tcase_add_test(expectations, a_variable_holds_one_expectation_per_line);
    tcase_add_loop_test(expectations, a_secret_repeated_in_the_body_is_withheld, 0, 3);
    tcase_add_loop_test(expectations, an_invalid_expectation_is_a_configuration_error, 0,
                        HPT_COUNT(wrong));

    tcase_add_test(bodies, a_body_makes_the_request_a_post_without_content_type);
    tcase_add_test(bodies, the_method_and_type_of_a_body_can_be_chosen);
    tcase_add_test(bodies, a_body_may_be_empty_and_is_never_read_from_a_file);

    tcase_add_loop_test(redirects, a_redirect_is_followed_on_request, 0, HPT_COUNT(kinds));
    tcase_add_test(redirects, only_the_given_number_of_redirects_is_followed);
    tcase_add_test(redirects, a_redirect_loop_ends);
    tcase_add_loop_test(redirects, redirects_change_the_method_as_curl_does, 0, HPT_COUNT(methods));
    tcase_add_test(redirects, a_redirected_head_stays_a_head);
    tcase_add_test(redirects, credentials_go_only_to_the_first_host_and_port);
    tcase_add_test(redirects, a_redirect_to_https_is_followed_and_verified);
    tcase_add_test(redirects, credentials_do_not_leave_tls);
    tcase_add_loop_test(redirects, http_connect_applies_only_to_the_first_host, 0, 2);
    tcase_add_test(redirects, a_redirect_to_another_scheme_is_not_followed);
    tcase_add_test(redirects, a_failure_after_a_redirect_shows_the_url);
    tcase_add_test(redirects, a_server_that_hangs_after_a_redirect_times_out);
    tcase_add_loop_test(redirects, a_secret_in_a_redirect_is_not_shown, 0, 2);

    tcase_add_test(certificates, a_server_that_asks_for_a_certificate_gets_it);
    tcase_add_test(certificates, an_unusable_certificate_is_reported_as_tls);
    tcase_add_test(certificates, a_missing_client_certificate_is_reported_as_tls);
    tcase_add_loop_test(certificates, a_certificate_and_its_key_need_each_other, 0, 2);
    tcase_add_test(certificates, a_certificate_goes_only_to_the_first_host_and_port);
}

int main(void)
{
    return hpt_main("expect", start_nginx, build, true);
}
