#!/usr/bin/env bash
# Prints the folder whose node_modules holds onnxruntime-node, installing it there first where it isn't yet:
# $NETWRIGHT_ONNXRUNTIME, else the folder given. Without its scripts the package brings only its CPU library.
set -euo pipefail
folder=${NETWRIGHT_ONNXRUNTIME:-$1}
version=1.30

is_installed() { [ -e "$folder/node_modules/onnxruntime-node/package.json" ]; }

for program in node npm; do
  command -v "$program" >/dev/null || { echo "ONNX Runtime can't be had: there is no $program (apt install npm)." >&2; exit 1; }
done
mkdir -p "$folder"
# Tests run side by side; one installs, the others wait.
exec 9>"$folder/lock"
flock 9
if ! is_installed; then
  npm install "onnxruntime-node@$version" --ignore-scripts --no-audit --no-fund --silent --prefix "$folder" >&2 || {
    echo "ONNX Runtime can't be had: npm couldn't install onnxruntime-node@$version into $folder. Is there a network?" \
      "Else let NETWRIGHT_ONNXRUNTIME name a folder whose node_modules holds it." >&2
    exit 1
  }
fi
echo "$folder"
