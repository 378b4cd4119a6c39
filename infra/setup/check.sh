#!/usr/bin/env bash
# The fast part of `make test`: lint, format, types, import contracts. Every part runs; one failure fails all.
set -u
cd "$(dirname "$0")/../.." || exit 2
bin=.venv/bin
failed=0
run() { echo "== $*"; "$@" || failed=1; }
run $bin/ruff check .
run $bin/ruff format --check .
run $bin/mypy
run $bin/lint-imports
run env PYTHONPATH=platform DJANGO_SETTINGS_MODULE=afterbell.settings $bin/python -m django check --fail-level WARNING
exit $failed
