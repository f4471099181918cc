# Debian's packages that the project needs, and how to install what is missing. Sourced by run.sh, test.sh and .ci/run.

build_packages=(
  g++ cmake ninja-build ccache
  qt6-base-dev libqt6svg6-dev libqt6opengl6-dev libxkbcommon-dev libgl1-mesa-dev qt6-charts-dev
  libtorch-dev libopenblas0-openmp
  nlohmann-json3-dev libcli11-dev libfmt-dev zlib1g-dev libpng-dev libjpeg-dev
)
run_packages=(dataset-fashion-mnist qt6-qpa-plugins fonts-inter fonts-dejavu-core)
test_packages=(python3-torch python3-torchvision python3-numpy xvfb openbox xdotool)
check_packages=(clang-format clang-tidy git)

# install_missing PACKAGE...: installs those that aren't there, with sudo where not root.
install_missing() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [[ ${#missing[@]} -eq 0 ]] && return 0
  if ! command -v apt-get >/dev/null; then
    echo "netwright: install what corresponds to these Debian packages, then try again: ${missing[*]}" >&2
    return 1
  fi
  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || { echo "netwright: as root, run: apt-get install ${missing[*]}" >&2; return 1; }
    as_root=(sudo)
  fi
  echo "netwright: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build TESTS(ON|OFF): the Release build in build/release.
build() {
  export CCACHE_SLOPPINESS=pch_defines,time_macros
  cmake -S . -B build/release -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DNETWRIGHT_TESTS="$1" -Wno-dev >build-log.txt 2>&1 || { cat build-log.txt >&2; return 1; }
  rm -f build-log.txt
  cmake --build build/release
}
