#!/usr/bin/env bash
# Installs the real servers that the tests drive (Docker, Prometheus, Alertmanager, Chromium, PostgreSQL 15) when apt may.
set -u
export DEBIAN_FRONTEND=noninteractive
declare -A package=(
    [dockerd]=docker.io
    [prometheus]=prometheus
    [prometheus-alertmanager]=prometheus-alertmanager
    [chromium]=chromium
    [busybox]=busybox-static
    [nginx]=nginx-light
    [docker-compose]=docker-compose
    [/usr/lib/postgresql/15/bin/postgres]=postgresql-15
)
missing=()
for program in "${!package[@]}"; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || missing+=("${package[$program]}")
done
# pgTAP is an extension, not a program.
[ -e /usr/share/postgresql/15/extension/pgtap.control ] || missing+=(postgresql-15-pgtap)
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=""
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
        echo "Not root: tests that need ${missing[*]} are skipped. To run them: sudo apt install ${missing[*]}" >&2
        exit 0
    fi
    sudo="sudo"
fi
echo "Installing for the tests: ${missing[*]}"
# Services must not start by themselves: the tests start them, on loopback, with their own configuration.
policy=/usr/sbin/policy-rc.d
made=""
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null && $sudo chmod +x "$policy" && made=yes
fi
$sudo apt-get update -qq
for name in "${missing[@]}"; do
    $sudo apt-get install -y -qq --no-install-recommends "$name" >/dev/null || echo "Could not install $name" >&2
done
[ -n "$made" ] && $sudo rm -f "$policy"
exit 0
