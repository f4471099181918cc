#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs every test; CTest's summary comes last.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source scripts/packages.sh

install_missing "${build_packages[@]}" "${run_packages[@]}" "${test_packages[@]}"
build
exec ctest --test-dir build/release --output-on-failure "$@"
