#!/bin/bash
# Serves the zones until one server stops: half an Internet is none.
set -eu

for server in root tld leaf; do
    mkdir -p "/run/lab/$server"
    {
        printf 'include: /lab/server.conf\nserver:\n    rundir: /run/lab/%s\ndatabase:\n    storage: /run/lab/%s\n' $server $server
        cat /lab/internet/$server-serve.conf
    } >/run/lab/$server.conf
    knotd --config "/run/lab/$server.conf" &
done
/lab/faults.py &

trap exit TERM INT
wait -n
echo "A server stopped; the lab stops with it." >&2
exit 1
