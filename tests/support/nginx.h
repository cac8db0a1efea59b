// SPDX-License-Identifier: MIT
#ifndef HPT_NGINX_H
#define HPT_NGINX_H

#include <stdbool.h>

#include <jansson.h>

#include "certs.h"
#include "proc.h"

/**
 * A real nginx. Its responses:
 *
 *   /  /health  /health/live  /health/ready  200
 *   /json                                    200, X-Ready: yes, JSON with status, checks, a list,
 *                                            true and null
 *   /token                                   200, JSON with the X-Token it got
 *   /post…                                   200, and logs the body it got
 *   /status/200 204 206 401 404 429 500 503  that status; from 400 with the body "status N here"
 *   /status/301 302                          to /elsewhere
 *   /status/dirty                            500, a body of escapes, quotes and invalid UTF-8
 *   /status/long                             500, a body of 2000 letters
 *   /to/301/PATH 302 303 307 308             that redirect to /PATH
 *   /to/other/PATH back tls wrong closed     to /PATH of that port (back: the first)
 *   /to/named/PATH                           to http://service.example/PATH
 *   /to/itself  /to/gopher  /to/token        to itself, to another scheme, to /X-TOKEN
 *   /echo                                    500, a body with the Authorization and X-Token it got
 *   /slow                                    504 after about half a second
 *   /hang                                    nothing
 *   anything else                            404
 *
 * All listeners respond alike. Requests are logged, so that a test can see what was sent.
 */

struct hpt_nginx {
    struct hpt_proc proc;
    int port;         /* http on 127.0.0.1 and, where there is IPv6, ::1 */
    int ipv6_port;    /* http on ::1 alone; 0 without IPv6 */
    int tls_port;     /* https with the certificate for localhost */
    int other_port;   /* another port for http */
    int closed_port;  /* https that requires a client certificate signed by the authority */
    int wrong_port;   /* https with the certificate for elsewhere.example */
    int expired_port; /* https with the expired certificate */
    int proxy_port;   /* requires a PROXY protocol header before the request */
    const char *dir;
    const char *socket;           /* http on a Unix socket */
    const struct hpt_cert *shown; /* at tls_port, instead of the usual one; set before the start */
};

/** Choose ports and write a configuration, but start nothing. */
void hpt_nginx_create(struct hpt_nginx *nginx);

/** Start it and wait until it answers; it changes its ports if they were taken. */
void hpt_nginx_start(struct hpt_nginx *nginx);

void hpt_nginx_stop(struct hpt_nginx *nginx);

/**
 * The newest logged request with this target in its request line ("/health?x=1"): method, target,
 * protocol, host, agent, accept, connection, authorization, probe (X-Probe), type (Content-Type),
 * body, token (X-Token), sni, port, status: all strings, empty if not sent.
 *
 * @return  a new reference; NULL if there was none
 */
json_t *hpt_nginx_request(const struct hpt_nginx *nginx, const char *target);

#endif
