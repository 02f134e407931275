#!/usr/bin/env bash
# Makes .venv with the Python given; on Debian and Ubuntu the venv module is a package of its own.
set -eu
python=$1
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Nightdesk needs Python 3.11 or newer; $python is $("$python" --version 2>&1). Try: make PYTHON=python3.12" >&2
    exit 1
}
if "$python" -m venv .venv 2>/dev/null; then exit 0; fi
rm -rf .venv
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
echo "Python's venv module is missing; installing python$version-venv" >&2
if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo"; fi
$sudo apt-get update -qq
$sudo apt-get install -y -qq "python$version-venv" || {
    echo "Could not install it. Run: sudo apt install python$version-venv" >&2
    exit 1
}
"$python" -m venv .venv
