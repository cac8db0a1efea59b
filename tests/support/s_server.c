// SPDX-License-Identifier: MIT
#include "s_server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

/* When it listens it prints a line, with the port if it chose one. */
static int said_port(const char *log)
{
    int port = 0;
    char *text = hpt_read_file(log, NULL);
    const char *line = text != NULL ? strstr(text, "ACCEPT 127.0.0.1:") : NULL;

    /* Only a complete line: it may still be writing it. */
    if (line == NULL || strchr(line, '\n') == NULL ||
        sscanf(line, "ACCEPT 127.0.0.1:%d", &port) != 1) {
        port = 0;
    }
    free(text);
    return port;
}

void hpt_s_server_start(struct hpt_s_server *server, const char *const *args)
{
    const char *argv[64] = {"openssl", "s_server", "-accept", "127.0.0.1:0", "-www"};
    size_t argc = 5;
    double until = hpt_now_ms() + HPT_START_MS;

    memset(server, 0, sizeof *server);
    for (size_t i = 0; args[i] != NULL && argc < 63; i++) {
        argv[argc++] = args[i];
    }
    struct hpt_spawn spawn = {
        .name = "s_server",
        .argv = argv,
        /* The machine's configuration may forbid what a test needs. */
        .envp = HPT_LIST("PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "OPENSSL_CONF=/dev/null"),
        .as_server = true,
        .stop_signal = SIGKILL, /* it needs no orderly end */
    };
    hpt_proc_start(&server->proc, &spawn);
    while (hpt_now_ms() < until && hpt_proc_running(&server->proc)) {
        server->port = said_port(server->proc.log);
        if (server->port != 0) {
            return;
        }
        hpt_sleep_ms(5);
    }
    hpt_diag_file("openssl s_server does not start", server->proc.log);
    hpt_fail("openssl s_server does not start");
}

void hpt_s_server_stop(struct hpt_s_server *server)
{
    hpt_proc_stop(&server->proc);
}
