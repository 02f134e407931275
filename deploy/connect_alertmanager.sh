#!/bin/sh
# Gives Alertmanager a webhook of its own, once: the address with its token goes into a volume that only the two of them share.
set -eu
file=/run/nightdesk/alertmanager-url
[ -s "$file" ] && exit 0
token=$(nightdesk integration create alertmanager --name "Alertmanager of this compose project" --json |
    python -c 'import json, sys; print(json.load(sys.stdin)["token"])')
umask 022
printf 'http://api:8700/webhooks/alertmanager/%s' "$token" >"$file.new"
mv "$file.new" "$file"
