#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Hold the reports that tests have seen against the schemas in docs, by a validator from npm. TAP on standard output.
#
#   tests/docs/reports.sh DIRECTORY BEGIN:LEAST...
#
# A suite keeps its reports in the directory that HEALTHPROBE_REPORTS names (tests/support/keep.h, keep.bash), which is
# one in DIRECTORY here. Where its name begins with BEGIN, there have to be LEAST reports in it.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

LINT_PACKAGES=$(tests/lint/npm)
export LINT_PACKAGES
exec node tests/docs/reports.mjs "$@"
