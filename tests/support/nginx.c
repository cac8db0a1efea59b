// SPDX-License-Identifier: MIT
#include "nginx.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "net.h"

static const char locations[] =
    "location = / { return 200 \"home\\n\"; }\n"
    "location = /health { return 200 '{\"status\":\"ok\"}'; }\n"
    "location = /health/live { return 200 \"live\\n\"; }\n"
    "location = /health/ready { return 200 \"ready\\n\"; }\n"
    "location = /status/200 { return 200 \"fine\\n\"; }\n"
    "location = /status/204 { return 204; }\n"
    "location = /status/206 { return 206 \"part\\n\"; }\n"
    "location = /status/301 { return 301 /elsewhere; }\n"
    "location = /status/302 { return 302 /elsewhere; }\n"
    "location = /status/401 { return 401 \"status 401 here\\n\"; }\n"
    "location = /status/404 { return 404 \"status 404 here\\n\"; }\n"
    "location = /status/429 { return 429 \"status 429 here\\n\"; }\n"
    "location = /status/500 { return 500 \"status 500 here\\n\"; }\n"
    "location = /status/503 { return 503 \"status 503 here\\n\"; }\n"
    "location = /status/dirty { return 500 'dirty \x1b[31m \"quoted\" back\\\\slash \x01 "
    "\xff\xfe'; }\n"
    "location = /echo { return 500 \"you sent [$http_authorization] [$http_x_token]\\n\"; }\n"
    "location = /json { default_type application/json; add_header X-Ready yes; return 200 "
    "'{\"status\":\"healthy\",\"checks\":{\"database\":{\"status\":\"up\",\"latency\":1.50}},"
    "\"list\":[{\"id\":7}],\"ok\":true,\"none\":null,\"empty\":\"\"}'; }\n"
    "location = /token { return 200 '{\"token\":\"$http_x_token\"}'; }\n"
    "location ~ ^/to/301(/.*)$ { return 301 $1$is_args$args; }\n"
    "location ~ ^/to/302(/.*)$ { return 302 $1$is_args$args; }\n"
    "location ~ ^/to/303(/.*)$ { return 303 $1$is_args$args; }\n"
    "location ~ ^/to/307(/.*)$ { return 307 $1$is_args$args; }\n"
    "location ~ ^/to/308(/.*)$ { return 308 $1$is_args$args; }\n"
    "location = /slash { return 301 /slash/; }\n"
    "location = /gzipped { add_header Content-Encoding gzip; return 200 \"x\"; }\n"
    "location = /shop { if ($host != shop.example.com) { return 400; } return 200 \"shop\"; }\n"
    "location = /to/itself { return 302 /to/itself; }\n"
    "location = /to/gopher { return 302 gopher://user:secret-of-another@127.0.0.1/_x; }\n"
    "location = /to/token { return 302 /$http_x_token; }\n"
    "location = /slow { proxy_read_timeout 500ms; proxy_pass http://silent; }\n"
    "location = /hang { proxy_read_timeout 60s; proxy_pass http://silent; }\n"
    "location / { return 404 \"nothing here\\n\"; }\n";

void hpt_nginx_create(struct hpt_nginx *nginx)
{
    memset(nginx, 0, sizeof *nginx);
    nginx->dir = hpt_tmp_mkdir("nginx", 0755);
    nginx->socket = hpt_strf("%s/http.sock", nginx->dir);
    /* /slow and /hang wait for it; the socket lives as long as this process. */
    hpt_net_silent_socket(hpt_strf("%s/silent.sock", nginx->dir));
    hpt_certs();
    nginx->port = hpt_net_free_port();
}

static const char *tls_server(int port, const char *cert, const char *key)
{
    return hpt_strf("server {\nlisten 127.0.0.1:%d ssl;\n%sssl_certificate %s;\n"
                    "ssl_certificate_key %s;\ninclude locations.conf;\n}\n",
                    port, hpt_net_have_ipv6() ? hpt_strf("listen [::1]:%d ssl;\n", port) : "", cert,
                    key);
}

static const char *closed_server(int port)
{
    const struct hpt_certs *certs = hpt_certs();

    return hpt_strf("server {\nlisten 127.0.0.1:%d ssl;\nssl_certificate %s;\n"
                    "ssl_certificate_key %s;\nssl_client_certificate %s;\nssl_verify_client on;\n"
                    "include locations.conf;\n}\n",
                    port, certs->server_cert, certs->server_key, certs->ca);
}

/* Redirects and other locations that need a port. */
static const char *port_locations(const struct hpt_nginx *nginx)
{
    return hpt_strf(
        "location ~ ^/to/other(/.*)$ { return 302 http://127.0.0.1:%d$1$is_args$args; }\n"
        "location ~ ^/to/back(/.*)$ { return 302 http://127.0.0.1:%d$1$is_args$args; }\n"
        "location ~ ^/to/tls(/.*)$ { return 302 https://localhost:%d$1$is_args$args; }\n"
        "location ~ ^/to/wrong(/.*)$ { return 302 https://localhost:%d$1; }\n"
        "location ~ ^/to/closed(/.*)$ { return 302 https://localhost:%d$1; }\n"
        "location ~ ^/to/named(/.*)$ { return 302 http://service.example$1$is_args$args; }\n"
        "location /post { proxy_pass http://127.0.0.1:%d/health; }\n",
        nginx->other_port, nginx->port, nginx->tls_port, nginx->wrong_port, nginx->closed_port,
        nginx->port);
}

static void write_config(struct hpt_nginx *nginx)
{
    const struct hpt_certs *certs = hpt_certs();
    const struct hpt_cert usual = {.cert = certs->server_cert, .key = certs->server_key};
    const struct hpt_cert *shown = nginx->shown != NULL ? nginx->shown : &usual;
    bool ipv6 = hpt_net_have_ipv6();
    char letters[2001];

    memset(letters, 'x', sizeof letters - 1);
    letters[sizeof letters - 1] = '\0';
    nginx->ipv6_port = ipv6 ? hpt_net_free_port() : 0;
    nginx->other_port = hpt_net_free_port();
    nginx->tls_port = hpt_net_free_port();
    nginx->closed_port = hpt_net_free_port();
    nginx->wrong_port = hpt_net_free_port();
    nginx->expired_port = hpt_net_free_port();
    nginx->proxy_port = hpt_net_free_port();
    hpt_write_file(
        hpt_strf("%s/locations.conf", nginx->dir),
        hpt_strf("absolute_redirect off;\n%s%slocation = /status/long { return 500 \"%s\"; }\n",
                 port_locations(nginx), locations, letters),
        0644);
    hpt_write_file(
        hpt_strf("%s/nginx.conf", nginx->dir),
        hpt_strf("daemon off;\n"
                 "master_process off;\n"
                 "pid nginx.pid;\n"
                 "error_log stderr warn;\n"
                 "events { worker_connections 1024; }\n"
                 "http {\n"
                 "client_body_temp_path body;\nproxy_temp_path proxy;\nfastcgi_temp_path fastcgi;\n"
                 "uwsgi_temp_path uwsgi;\nscgi_temp_path scgi;\n"
                 "log_format test escape=json '{\"method\":\"$request_method\","
                 "\"target\":\"$request_uri\",\"protocol\":\"$server_protocol\","
                 "\"host\":\"$http_host\",\"agent\":\"$http_user_agent\","
                 "\"accept\":\"$http_accept\",\"connection\":\"$http_connection\","
                 "\"authorization\":\"$http_authorization\",\"probe\":\"$http_x_probe\","
                 "\"type\":\"$http_content_type\",\"body\":\"$request_body\","
                 "\"token\":\"$http_x_token\",\"sni\":\"$ssl_server_name\","
                 "\"port\":\"$server_port\",\"status\":\"$status\"}';\n"
                 "access_log access.log test;\n"
                 "upstream silent { server unix:%s/silent.sock; }\n"
                 "server {\nlisten 127.0.0.1:%d;\n%s%slisten 127.0.0.1:%d;\n"
                 "listen 127.0.0.1:%d proxy_protocol;\nlisten "
                 "unix:%s;\ninclude locations.conf;\n}\n"
                 "%s%s%s%s}\n",
                 nginx->dir, nginx->port, ipv6 ? hpt_strf("listen [::1]:%d;\n", nginx->port) : "",
                 ipv6 ? hpt_strf("listen [::1]:%d;\n", nginx->ipv6_port) : "", nginx->other_port,
                 nginx->proxy_port, nginx->socket,
                 tls_server(nginx->tls_port, shown->cert, shown->key),
                 tls_server(nginx->wrong_port, certs->wrong_cert, certs->wrong_key),
                 tls_server(nginx->expired_port, certs->expired_cert, certs->expired_key),
                 closed_server(nginx->closed_port)),
        0644);
}

static bool answers(int port)
{
    static const char request[] = "GET /status/204 HTTP/1.0\r\nUser-Agent: starting\r\n\r\n";
    char reply[64];

    int fd = hpt_net_connect("127.0.0.1", port, 1000);
    if (fd < 0) {
        return false;
    }
    ssize_t got = hpt_net_ask(fd, request, sizeof request - 1, reply, sizeof reply, 1000);
    close(fd);
    return got > 0;
}

static bool launch(struct hpt_nginx *nginx)
{
    double until = hpt_now_ms() + HPT_START_MS;

    write_config(nginx);
    unlink(nginx->socket);
    struct hpt_spawn spawn = {
        .name = "nginx",
        .argv = HPT_LIST("nginx", "-p", nginx->dir, "-c", hpt_strf("%s/nginx.conf", nginx->dir),
                         "-e", "stderr"),
        .as_server = true,
    };
    hpt_proc_start(&nginx->proc, &spawn);
    while (hpt_now_ms() < until && hpt_proc_running(&nginx->proc)) {
        if (answers(nginx->port)) {
            return hpt_proc_running(&nginx->proc);
        }
        hpt_sleep_ms(10);
    }
    return false;
}

void hpt_nginx_start(struct hpt_nginx *nginx)
{
    for (int tries = 1; !launch(nginx); tries++) {
        hpt_diag_file("nginx does not answer", nginx->proc.log);
        hpt_proc_stop(&nginx->proc);
        if (tries == 3) {
            hpt_fail("nginx does not start");
        }
        nginx->port = hpt_net_free_port();
    }
}

void hpt_nginx_stop(struct hpt_nginx *nginx)
{
    hpt_proc_stop(&nginx->proc);
}

static json_t *search_log(const char *path, const char *target)
{
    char *log = hpt_read_file(path, NULL);
    json_t *found = NULL;
    char *rest = NULL;

    for (char *line = log != NULL ? strtok_r(log, "\n", &rest) : NULL; line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        json_t *entry = json_loads(line, 0, NULL);
        const char *its = json_string_value(json_object_get(entry, "target"));
        if (its != NULL && strcmp(its, target) == 0) {
            json_decref(found);
            found = entry;
        } else {
            json_decref(entry);
        }
    }
    free(log);
    return found;
}

json_t *hpt_nginx_request(const struct hpt_nginx *nginx, const char *target)
{
    const char *path = hpt_strf("%s/access.log", nginx->dir);

    /* nginx logs a request when it has finished, which may be after the client has left. */
    for (int i = 0; i < 100; i++) {
        json_t *found = search_log(path, target);
        if (found != NULL) {
            return found;
        }
        hpt_sleep_ms(10);
    }
    return NULL;
}
