#!/usr/bin/env bash
# Formatting (clang-format) and static checks (clang-tidy, with the settings of .clang-tidy) of the project's own files.
# Needs a build in build/release (test.sh makes one).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t files < <(git ls-files '*.cpp' '*.h')
clang-format --dry-run --Werror "${files[@]}"
echo "clang-format: ${#files[@]} files"

# clang-tidy reads compile commands without GCC's precompiled headers, which clang can't use.
cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DNETWRIGHT_TESTS=OFF \
  -Wno-dev >/dev/null
mapfile -t sources < <(git ls-files 'app/*.cpp' 'backend/*.cpp' 'designer/*.cpp')
printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy -p build/tidy --quiet --warnings-as-errors='*' 2>&1 |
  { grep -vE '^[0-9]+ warnings? (generated|and)|^Suppressed|^Use -' || true; }
echo "clang-tidy: ${#sources[@]} files"
