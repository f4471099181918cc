#!/usr/bin/env bash
# Formatting (clang-format) and static checks (clang-tidy, with the settings of .clang-tidy) of the project's own files.
# Needs a build in build/release (test.sh makes one).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t files < <(git ls-files '*.cpp' '*.h')
clang-format --dry-run --Werror "${files[@]}"
echo "clang-format: ${#files[@]} files"

# clang-tidy reads compile commands without GCC's precompiled headers, which clang can't use. A dozen files at a time:
# most of its time goes into the headers that they share.
cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DNETWRIGHT_TESTS=OFF \
  -DNETWRIGHT_UNITY=ON -Wno-dev >/dev/null
# Nor can clang parse LibTorch 1.13's headers as C++20 (std::vector of the incomplete c10::IValue): what includes them
# has the compiler's warnings and the tests alone.
mapfile -t sources < <(find build/tidy -name 'unity_*_cxx.cxx' -not -path '*netwright_engine.dir*' -not -path '*netwright-engine.dir*')
[[ ${#sources[@]} -gt 0 ]]
printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy -p build/tidy --quiet --warnings-as-errors='*' 2>/dev/null
echo "clang-tidy: $(cat "${sources[@]}" | grep -c '^#include ".*\.cpp"') files"
