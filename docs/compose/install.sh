#!/usr/bin/env bash
# install.sh CODE FOLDER: what the image needs besides Debian's packages, by the launcher's own steps.
set -euo pipefail

# shellcheck source=onemap
source "$1/onemap"
checkout=$1
mkdir -p "$2"
environment=$2/environment
(install_environment /usr/bin/python3 "$2")
export PYTHONPATH=$checkout PYTHONSAFEPATH=1
make_browser_libraries
"$environment/bin/python" -m compileall -q "$checkout" >/dev/null || true
rm -rf "$2/cache" "$2/tools"
chmod -R a+rX "$1" "$2"
