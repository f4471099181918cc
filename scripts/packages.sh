# Debian's packages that the project needs, and how to install what is missing. Sourced by run.sh, test.sh and .ci/run.

build_packages=(
  g++ cmake ninja-build ccache
  qt6-base-dev qt6-svg-dev libqt6opengl6-dev libxkbcommon-dev libgl1-mesa-dev qt6-charts-dev
  libtorch-dev libgloo-dev libopenblas0-openmp
  nlohmann-json3-dev libcli11-dev libfmt-dev zlib1g-dev libpng-dev libjpeg-dev
  libonnx-dev libprotobuf-dev protobuf-compiler
  libgraphviz-dev pkg-config
)
run_packages=(
  dataset-fashion-mnist wamerican wfrench wngerman wspanish witalian
  qt6-qpa-plugins fonts-inter fonts-dejavu-core
)
test_packages=(python3-torch python3-torchvision python3-numpy python3-pil python3-onnx python3-sklearn python3-scipy python3-protobuf xvfb openbox xdotool)
# ONNX Runtime comes from npm; Node.js may be there with an npm of its own, which Debian's would collide with.
command -v npm >/dev/null || test_packages+=(nodejs npm)
check_packages=(clang-format clang-tidy git)

# install_missing PACKAGE...: installs those that aren't there, with sudo where not root.
install_missing() {
  local missing=() package installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || true)
  for package in "$@"; do
    grep -qxF "$package" <<<"$installed" || missing+=("$package")
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

# build [TARGET ...]: the Release build in build/release; all of it where no target is named.
build() {
  export CCACHE_SLOPPINESS=pch_defines,time_macros
  # Ninja configures again by itself when a CMakeLists changes.
  if [[ ! -e build/release/build.ninja ]]; then
    local log
    log=$(cmake --preset release -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -Wno-dev 2>&1) || { echo "$log" >&2; return 1; }
  fi
  cmake --build build/release ${1:+--target "$@"}
}
