#!/usr/bin/env bash
# Installs what is missing, builds Netwright and opens the designer on the Fashion-MNIST example. Without a display it
# trains that example in the terminal instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source scripts/packages.sh

install_missing "${build_packages[@]}" "${run_packages[@]}"
build netwright netwright-engine

example=${XDG_DATA_HOME:-$HOME/.local/share}/netwright/examples/fashion_mnist_cnn.netwright
if [[ ! -e $example ]]; then
  mkdir -p "$(dirname "$example")"
  build/release/bin/netwright-engine new fashion_mnist_cnn -o "$example"
fi

if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
  exec build/release/bin/netwright "$example" "$@"
fi
echo "netwright: there is no display, so the example is trained here; with one, the designer opens."
exec build/release/bin/netwright-engine train "$example" "$@"
