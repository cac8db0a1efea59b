#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the official image does at the first start, run by the user postgres: a cluster with a superuser of the given name
# and password, set up by a server that listens on its socket only.

set -euo pipefail

if [[ ${1:-} == postgres && ! -s $PGDATA/PG_VERSION ]]; then
    # Word splitting is meant: these are arguments.
    # shellcheck disable=SC2086
    initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" ${POSTGRES_INITDB_ARGS:-}
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    pg_ctl --wait --silent --options "-c listen_addresses=''" start
    createdb --username="$POSTGRES_USER" --maintenance-db=postgres "${POSTGRES_DB:-$POSTGRES_USER}"
    pg_ctl --wait --silent --mode fast stop
fi
exec "$@"
