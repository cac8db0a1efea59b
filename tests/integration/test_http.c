// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "net.h"
#include "nginx.h"
#include "probe.h"

/* The http check against a real nginx, and against simple peers for what nginx would never send. */

static struct hpt_nginx nginx;

#define BASIC_PASSWORD "basic$secret-9"
#define TOKEN          "header-secret-77"

static void start_servers(void)
{
    hpt_nginx_create(&nginx);
    hpt_nginx_start(&nginx);
    hpt_probe_secret(BASIC_PASSWORD);
    hpt_probe_secret(TOKEN);
    hpt_probe_secret(hpt_base64("user:" BASIC_PASSWORD));
}

static const char *url(const char *rest)
{
    return hpt_strf("http://127.0.0.1:%d%s", nginx.port, rest);
}

static const char *port_env(void)
{
    return hpt_strf("PORT=%d", nginx.port);
}

static const char *sent(const char *target, const char *field)
{
    json_t *request = hpt_nginx_request(&nginx, target);

    ck_assert_msg(request != NULL, "nginx got no request for %s", target);
    return json_string_value(json_object_get(request, field));
}

static const char *peer_url(const struct hpt_peer *peer)
{
    return hpt_strf("http://127.0.0.1:%d/", peer->port);
}

START_TEST(without_arguments_liveness_is_checked_at_port)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(port_env()), HPT_NONE);
    HPT_OK(hpt_is_healthy(&run, "http"));
    HPT_OK(hpt_is_text(&run, "mode", "live"));
    HPT_OK(hpt_is_text(&run, "checks.http.target",
                       hpt_strf("http://localhost:%d/health/live", nginx.port)));
    ck_assert_int_eq((int)hpt_number(&run, "checks.http.code"), 200);
}
END_TEST

static const struct {
    const char *mode;
    const char *path;
} mode_paths[] = {
    {"live", "/health/live"},
    {"ready", "/health/ready"},
    {"full", "/health"},
};

START_TEST(each_mode_requests_its_own_path)
{
    struct hpt_run run;
    const char *mode = mode_paths[_i].mode;

    hpt_probe(&run, HPT_NONE, HPT_LIST(mode, "--check", "http", "--http", url("")));
    HPT_OK(hpt_is_healthy(&run, "http"));
    HPT_OK(hpt_is_text(&run, "mode", mode));
    HPT_OK(hpt_is_text(&run, "checks.http.target", url(mode_paths[_i].path)));
}
END_TEST

static const struct {
    const char *given;  /* with PORT for the port of nginx */
    const char *target; /* the same; the host is localhost if the value has none */
} forms[] = {
    {"/status/204", "http://localhost:PORT/status/204"},
    {":PORT", "http://localhost:PORT/health/live"},
    {":PORT/status/204", "http://localhost:PORT/status/204"},
    {"PORT", "http://localhost:PORT/health/live"},
    {"127.0.0.1:PORT", "http://127.0.0.1:PORT/health/live"},
    {"127.0.0.1:PORT/status/204", "http://127.0.0.1:PORT/status/204"},
    {"http://127.0.0.1:PORT", "http://127.0.0.1:PORT/health/live"},
    {"http://127.0.0.1:PORT/", "http://127.0.0.1:PORT/"},
    {"http://127.0.0.1:PORT/health#part", "http://127.0.0.1:PORT/health"},
    {"http://127.0.0.1:PORT/health?key=value", "http://127.0.0.1:PORT/health"},
    {"http://user:pass@127.0.0.1:PORT/health", "http://127.0.0.1:PORT/health"},
    {"HTTP://127.0.0.1:PORT/health", "http://127.0.0.1:PORT/health"},
};

static const char *with_port(const char *text)
{
    const char *at = strstr(text, "PORT");

    return at == NULL ? text : hpt_strf("%.*s%d%s", (int)(at - text), text, nginx.port, at + 4);
}

START_TEST(missing_parts_of_a_target_come_from_the_default)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(port_env()), HPT_LIST("live", "--http", with_port(forms[_i].given)));
    HPT_OK(hpt_is_healthy(&run, "http"));
    HPT_OK(hpt_is_text(&run, "checks.http.target", with_port(forms[_i].target)));
}
END_TEST

/* One of the environment is a setting, of which a mode's path may be the rest. */
START_TEST(a_url_typed_without_a_mode_is_requested_unchanged)
{
    struct hpt_run run;
    const char *variable = hpt_strf("APP=%s", url(""));

    hpt_probe(&run, HPT_NONE, HPT_LIST("--check", "http", "--http", url("")));
    HPT_OK(hpt_is_text(&run, "checks.http.target", url("/")));
    hpt_probe(&run, HPT_LIST(variable), HPT_LIST("--check", "http", "--http", "env:APP"));
    HPT_OK(hpt_is_text(&run, "checks.http.target", url("/health/live")));
    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_HTTP=%s", url(""))),
              HPT_LIST("--check", "http"));
    HPT_OK(hpt_is_text(&run, "checks.http.target", url("/health/live")));
}
END_TEST

START_TEST(the_query_is_sent_but_not_shown)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/health?key=shown-to-nobody")));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?key=shown-to-nobody", "status"), "200");
    ck_assert_ptr_null(strstr(run.out, "shown-to-nobody"));
}
END_TEST

/* Some services distinguish such a path from its normalized form. */
START_TEST(dots_in_a_path_are_sent_unchanged)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/no/../health")));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/no/../health", "status"), "200");
}
END_TEST

START_TEST(a_query_without_a_path_keeps_the_path_of_the_mode)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--http", url("?no=path")));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health/live?no=path", "status"), "200");
}
END_TEST

START_TEST(a_request_names_its_agent_and_closes_the_connection)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/health?who")));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?who", "method"), "GET");
    ck_assert_str_eq(sent("/health?who", "host"), hpt_strf("127.0.0.1:%d", nginx.port));
    ck_assert_str_eq(sent("/health?who", "accept"), "*/*");
    ck_assert_str_eq(sent("/health?who", "connection"), "close");
    ck_assert_str_eq(sent("/health?who", "authorization"), "");
    const char *probe = json_string_value(hpt_get(&run, "probe"));
    ck_assert_str_eq(sent("/health?who", "agent"), hpt_strf("healthprobe/%s", probe + 12));
}
END_TEST

START_TEST(headers_add_to_the_defaults_or_replace_them)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/health?headers"), "--http-header", "X-Probe: here",
                       "--http-header", "Host: service.example", "--http-header",
                       "User-Agent: someone/1", "--http-header", "Accept: text/plain"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?headers", "probe"), "here");
    ck_assert_str_eq(sent("/health?headers", "host"), "service.example");
    ck_assert_str_eq(sent("/health?headers", "agent"), "someone/1");
    ck_assert_str_eq(sent("/health?headers", "accept"), "text/plain");
}
END_TEST

START_TEST(the_headers_variable_holds_one_header_per_line)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("HEALTHPROBE_HTTP_HEADER=X-Probe: one\nX-Token: two"),
              HPT_LIST("--http", url("/health?lines")));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?lines", "probe"), "one");
    ck_assert_str_eq(sent("/health?lines", "token"), "two");
}
END_TEST

START_TEST(a_header_value_can_come_from_a_variable_or_file)
{
    struct hpt_run run;
    const char *file = hpt_strf("%s/token.%d", hpt_tmpdir(), _i);

    hpt_write_file(file, TOKEN "\n", 0644);
    const char *header = _i == 0 ? "X-Token: env:TOKEN" : hpt_strf("X-Token: file:%s", file);
    const char *target = hpt_strf("/health?token=%d", _i);
    hpt_probe(&run, HPT_LIST("TOKEN=" TOKEN),
              HPT_LIST("--http", url(target), "--http-header", header));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent(target, "token"), TOKEN);
}
END_TEST

START_TEST(headers_can_come_from_a_file)
{
    struct hpt_run run;
    const char *file = hpt_strf("%s/headers", hpt_tmpdir());

    hpt_write_file(file, "X-Token: " TOKEN "\n", 0644);
    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_HTTP_HEADER_FILE=%s", file)),
              HPT_LIST("--http", url("/health?file")));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?file", "token"), TOKEN);
}
END_TEST

START_TEST(user_and_password_are_sent_as_basic_authentication)
{
    struct hpt_run run;
    const char *given = hpt_strf("http://user:%s@127.0.0.1:%d/health?basic",
                                 hpt_percent_encode(BASIC_PASSWORD, _i == 0), nginx.port);

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", given));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?basic", "authorization"),
                     hpt_strf("Basic %s", hpt_base64("user:" BASIC_PASSWORD)));
}
END_TEST

START_TEST(a_body_that_repeats_a_secret_is_withheld)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http",
                       hpt_strf("http://user:%s@127.0.0.1:%d/echo", BASIC_PASSWORD, nginx.port)));
    HPT_OK(hpt_is_down(&run, "http", "status", "500"));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "(withheld)"));
    HPT_OK(hpt_is_text(&run, "checks.http.target", url("/echo")));

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/echo"), "--http-header", "X-Token: " TOKEN));
    HPT_OK(hpt_is_down(&run, "http", "status", "500"));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "(withheld)"));
}
END_TEST

static const int accepted[] = {200, 204, 206};

START_TEST(a_2xx_status_is_up)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url(hpt_strf("/status/%d", accepted[_i]))));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_int_eq((int)hpt_number(&run, "checks.http.code"), accepted[_i]);
}
END_TEST

static const int refused[] = {401, 404, 429, 500, 503};

START_TEST(another_status_is_down_and_its_body_says_why)
{
    struct hpt_run run;
    const char *status = hpt_strf("%d", refused[_i]);

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url(hpt_strf("/status/%s", status))));
    HPT_OK(hpt_is_down(&run, "http", "status", status));
    HPT_OK(hpt_has_text(&run, "checks.http.error", hpt_strf("status %s here", status)));
    HPT_OK(hpt_is_text(&run, "summary", hpt_strf("http status %s", status)));
}
END_TEST

START_TEST(a_redirect_is_not_followed_but_its_location_is_shown)
{
    struct hpt_run run;
    const char *status = _i == 0 ? "301" : "302";

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url(hpt_strf("/status/%s", status))));
    HPT_OK(hpt_is_down(&run, "http", "status", status));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "/elsewhere"));
}
END_TEST

static const struct {
    const char *accept;
    int status;
    bool up;
} expectations[] = {
    {"200-399,401", 301, true},  {"200-399,401", 401, true}, {"200-399,401", 200, true},
    {"200-399,401", 404, false}, {"503", 503, true},         {"503", 200, false},
    {"404-404", 404, true},      {"200,204", 206, false},
};

START_TEST(the_accepted_statuses_can_be_chosen)
{
    struct hpt_run run;
    const char *target = url(hpt_strf("/status/%d", expectations[_i].status));

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", target, "--http-status", expectations[_i].accept));
    if (expectations[_i].up) {
        HPT_OK(hpt_is_healthy(&run, "http"));
    } else {
        HPT_OK(hpt_is_down(&run, "http", "status", hpt_strf("%d", expectations[_i].status)));
    }
    ck_assert_int_eq((int)hpt_number(&run, "checks.http.code"), expectations[_i].status);
}
END_TEST

static const char *const methods[] = {"HEAD", "POST", "OPTIONS"};

START_TEST(the_method_can_be_chosen)
{
    struct hpt_run run;
    const char *target = hpt_strf("/health?method=%d", _i);

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url(target), "--http-method", methods[_i]));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent(target, "method"), methods[_i]);
}
END_TEST

START_TEST(escapes_and_broken_utf8_in_a_body_are_cleaned)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/status/dirty")));
    HPT_OK(hpt_is_down(&run, "http", "status", "500"));
    HPT_OK(
        hpt_has_text(&run, "checks.http.error", "dirty \xef\xbf\xbd[31m \"quoted\" back\\slash"));
}
END_TEST

START_TEST(a_long_body_is_cut)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/status/long")));
    HPT_OK(hpt_is_down(&run, "http", "status", "500"));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "xxxxxxxxxx"));
    ck_assert_uint_lt(run.out_len, 900);
}
END_TEST

START_TEST(a_unix_socket_gets_the_host_of_the_url)
{
    struct hpt_run run;

    hpt_probe(
        &run, HPT_NONE,
        HPT_LIST("--http", "http://service.example/health?unix", "--http-unix", nginx.socket));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?unix", "host"), "service.example");
}
END_TEST

START_TEST(a_missing_unix_socket_is_refused)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", "http://service.example/", "--http-unix", "/nowhere/http.sock"));
    HPT_OK(hpt_is_down(&run, "http", "refused", NULL));
}
END_TEST

START_TEST(http_connect_overrides_the_address_of_the_url)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", "http://service.example/health?connect", "--http-connect",
                       hpt_strf("127.0.0.1:%d", nginx.port)));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent("/health?connect", "host"), "service.example");
}
END_TEST

START_TEST(ipv6_literals_are_understood)
{
    struct hpt_run run;

    if (!hpt_net_have_ipv6()) {
        hpt_diag("no IPv6 on loopback here");
        return;
    }
    const char *target = hpt_strf("http://[::1]:%d/health", nginx.port);
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", target));
    HPT_OK(hpt_is_healthy(&run, "http"));
    HPT_OK(hpt_is_text(&run, "checks.http.target", target));
}
END_TEST

START_TEST(localhost_means_both_loopback_addresses)
{
    struct hpt_run run;

    if (!hpt_net_have_ipv6()) {
        hpt_diag("no IPv6 on loopback here");
        return;
    }
    /* Nobody listens at this port of 127.0.0.1. */
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", hpt_strf("http://localhost:%d/health", nginx.ipv6_port)));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

START_TEST(subdomains_of_localhost_need_no_resolver)
{
    struct hpt_run run;
    const char *target = hpt_strf("http://service.localhost:%d/health", nginx.port);

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", target));
    HPT_OK(hpt_is_healthy(&run, "http"));
    HPT_OK(hpt_is_text(&run, "checks.http.target", target));
}
END_TEST

START_TEST(an_unknown_name_is_down_within_the_limit)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", "http://nobody.invalid/", "--timeout", "1s"));
    /* This machine's name server may deny the name or not answer at all. */
    HPT_OK(hpt_is_down(&run, "http", "dns|timeout", "*"));
    if (hpt_get(&run, "checks.http.phase") != NULL) {
        HPT_OK(hpt_is_text(&run, "checks.http.phase", "dns"));
    }
    ck_assert_double_lt(run.wall_ms, 1000 + HPT_OVERSHOOT_MS);
}
END_TEST

START_TEST(a_closed_port_is_refused)
{
    struct hpt_run run;
    int port = hpt_net_refusing_port();
    const char *const hosts[] = {"127.0.0.1", "localhost"};

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", hpt_strf("http://%s:%d/", hosts[_i], port)));
    HPT_OK(hpt_is_down(&run, "http", "refused", NULL));
    HPT_OK(hpt_is_text(&run, "summary", "http refused"));
}
END_TEST

START_TEST(a_silent_service_times_out_at_the_limit)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/hang"), "--timeout", "600ms"));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    HPT_OK(hpt_is_text(&run, "summary", "http timeout response"));
    HPT_OK(hpt_is_punctual(&run, 600));
}
END_TEST

START_TEST(a_port_that_drops_packets_times_out_while_connecting)
{
    struct hpt_run run;
    int port = hpt_net_deaf_port();

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", hpt_strf("http://127.0.0.1:%d/", port), "--timeout", "600ms"));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "connect"));
    HPT_OK(hpt_is_punctual(&run, 600));
}
END_TEST

static const struct {
    const char *own;
    const char *whole;
    double ends_ms;
} limits[] = {
    {"400ms", "5s", 400},
    {"10s", "500ms", 500},
    {"0.4", "1m", 400},
};

START_TEST(the_shorter_limit_applies)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/hang"), "--http-timeout", limits[_i].own, "--timeout",
                       limits[_i].whole));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    HPT_OK(hpt_is_punctual(&run, limits[_i].ends_ms));
}
END_TEST

START_TEST(the_default_limit_is_two_and_a_half_seconds)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/hang")));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    HPT_OK(hpt_is_punctual(&run, 2500));
}
END_TEST

START_TEST(the_latency_is_that_of_the_response)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/slow"), "--http-status", "504"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_double_ge(hpt_number(&run, "checks.http.latency"), 400);
    ck_assert_double_le(hpt_number(&run, "checks.http.latency"), run.wall_ms);
}
END_TEST

/* What a peer sends and what it means. The text ends at a NUL. */
static const struct {
    const char *name;
    const char *bytes;
    bool linger;        /* keep the connection open afterwards */
    const char *reason; /* NULL: up with 200 */
    const char *detail;
} peers[] = {
    {"nothing", "", false, "closed", NULL},
    {"half a header", "HTTP/1.1 200 OK\r\nContent-", false, "closed", NULL},
    {"another protocol", "220 mail.example ESMTP ready\r\n", false, "protocol", NULL},
    {"an endless body", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n",
     true, NULL, NULL},
    {"a body that does not come", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", true, NULL,
     NULL},
    {"a body that breaks off", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc", false, NULL,
     NULL},
    {"a broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", false, NULL,
     NULL},
    {"early hints", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", false,
     NULL, NULL},
    {"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", false, NULL, NULL},
    {"no reason phrase", "HTTP/1.1 200\r\n\r\n", false, NULL, NULL},
    {"a silent error page", "HTTP/1.1 503 No\r\nContent-Length: 100\r\n\r\n", true, "status",
     "503"},
    {"interim headers alone", "HTTP/1.1 103 Early Hints\r\n\r\n", false, "closed", NULL},
};

START_TEST(the_final_headers_decide)
{
    struct hpt_run run;
    struct hpt_peer peer;

    hpt_diag("the peer sends: %s", peers[_i].name);
    hpt_peer_start(&peer, peers[_i].bytes, strlen(peers[_i].bytes), false, peers[_i].linger);
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", peer_url(&peer), "--timeout", "5s"));
    if (peers[_i].reason == NULL) {
        HPT_OK(hpt_is_healthy(&run, "http"));
        ck_assert_int_eq((int)hpt_number(&run, "checks.http.code"), 200);
    } else {
        HPT_OK(hpt_is_down(&run, "http", peers[_i].reason, peers[_i].detail));
    }
    /* Only an error page's body is waited for, and for at most 100 ms. */
    ck_assert_double_lt(run.wall_ms, 100 + 1500);
}
END_TEST

START_TEST(endless_headers_are_not_a_response)
{
    struct hpt_run run;
    struct hpt_peer peer;
    static char flood[200000];

    int at = snprintf(flood, sizeof flood, "HTTP/1.1 200 OK\r\n");
    while (at < (int)sizeof flood - 100) {
        at += snprintf(flood + at, sizeof flood - (size_t)at, "X-Filler-%d: %064d\r\n", at, at);
    }
    hpt_peer_start(&peer, flood, (size_t)at, false, true);
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", peer_url(&peer), "--timeout", "5s"));
    HPT_OK(hpt_is_down(&run, "http", "protocol", NULL));
    ck_assert_double_lt(run.wall_ms, 2500);
}
END_TEST

START_TEST(proxy_variables_are_ignored)
{
    struct hpt_run run;
    const char *proxy = hpt_strf("http://127.0.0.1:%d", hpt_net_refusing_port());

    hpt_probe(&run,
              HPT_LIST(hpt_strf("http_proxy=%s", proxy), hpt_strf("HTTP_PROXY=%s", proxy),
                       hpt_strf("all_proxy=%s", proxy), hpt_strf("ALL_PROXY=%s", proxy)),
              HPT_LIST("--http", url("/health")));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

START_TEST(verbose_shows_the_time_of_each_phase)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", url("/slow"), "--http-status", "504", "--verbose"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_double_ge(hpt_number(&run, "checks.http.timings.connect"), 0);
    ck_assert_double_ge(hpt_number(&run, "checks.http.timings.response"), 400);

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/health")));
    HPT_OK(hpt_is_text(&run, "checks.http.timings", NULL));
}
END_TEST

START_TEST(a_paused_service_times_out_until_it_continues)
{
    struct hpt_run run;

    hpt_proc_pause(&nginx.proc);
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/health"), "--timeout", "500ms"));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    HPT_OK(hpt_is_punctual(&run, 500));
    hpt_proc_continue(&nginx.proc);
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url("/health")));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "target", 30);

    tcase_add_test(tc, without_arguments_liveness_is_checked_at_port);
    tcase_add_loop_test(tc, each_mode_requests_its_own_path, 0, HPT_COUNT(mode_paths));
    tcase_add_loop_test(tc, missing_parts_of_a_target_come_from_the_default, 0, HPT_COUNT(forms));
    tcase_add_test(tc, a_url_typed_without_a_mode_is_requested_unchanged);
    tcase_add_test(tc, the_query_is_sent_but_not_shown);
    tcase_add_test(tc, dots_in_a_path_are_sent_unchanged);
    tcase_add_test(tc, a_query_without_a_path_keeps_the_path_of_the_mode);
    tcase_add_test(tc, a_unix_socket_gets_the_host_of_the_url);
    tcase_add_test(tc, a_missing_unix_socket_is_refused);
    tcase_add_test(tc, http_connect_overrides_the_address_of_the_url);
    tcase_add_test(tc, ipv6_literals_are_understood);
    tcase_add_test(tc, localhost_means_both_loopback_addresses);
    tcase_add_test(tc, subdomains_of_localhost_need_no_resolver);
    tcase_add_test(tc, an_unknown_name_is_down_within_the_limit);
    tcase_add_loop_test(tc, a_closed_port_is_refused, 0, 2);
    tcase_add_test(tc, proxy_variables_are_ignored);

    tc = hpt_tcase(suite, "request", 30);
    tcase_add_test(tc, a_request_names_its_agent_and_closes_the_connection);
    tcase_add_test(tc, headers_add_to_the_defaults_or_replace_them);
    tcase_add_test(tc, the_headers_variable_holds_one_header_per_line);
    tcase_add_loop_test(tc, a_header_value_can_come_from_a_variable_or_file, 0, 2);
    tcase_add_test(tc, headers_can_come_from_a_file);
    tcase_add_loop_test(tc, user_and_password_are_sent_as_basic_authentication, 0, 2);
    tcase_add_loop_test(tc, the_method_can_be_chosen, 0, HPT_COUNT(methods));

    tc = hpt_tcase(suite, "answer", 30);
    tcase_add_loop_test(tc, a_2xx_status_is_up, 0, HPT_COUNT(accepted));
    tcase_add_loop_test(tc, another_status_is_down_and_its_body_says_why, 0, HPT_COUNT(refused));
    tcase_add_loop_test(tc, a_redirect_is_not_followed_but_its_location_is_shown, 0, 2);
    tcase_add_loop_test(tc, the_accepted_statuses_can_be_chosen, 0, HPT_COUNT(expectations));
    tcase_add_test(tc, escapes_and_broken_utf8_in_a_body_are_cleaned);
    tcase_add_test(tc, a_long_body_is_cut);
    tcase_add_test(tc, a_body_that_repeats_a_secret_is_withheld);
    tcase_add_loop_test(tc, the_final_headers_decide, 0, HPT_COUNT(peers));
    tcase_add_test(tc, endless_headers_are_not_a_response);

    tc = hpt_tcase(suite, "time", 30);
    tcase_add_test(tc, a_silent_service_times_out_at_the_limit);
    tcase_add_test(tc, a_port_that_drops_packets_times_out_while_connecting);
    tcase_add_loop_test(tc, the_shorter_limit_applies, 0, HPT_COUNT(limits));
    tcase_add_test(tc, the_default_limit_is_two_and_a_half_seconds);
    tcase_add_test(tc, the_latency_is_that_of_the_response);
    tcase_add_test(tc, verbose_shows_the_time_of_each_phase);
    tcase_add_test(tc, a_paused_service_times_out_until_it_continues);
}

int main(void)
{
    return hpt_main("http", start_servers, build, true);
}
