#!/bin/sh
# Writes the secrets of docker-compose.yml to .env, readable by you alone; what is there already stays.
set -eu
exec "${PYTHON:-python3}" "$(dirname "$0")/make_env.py" "$@"
