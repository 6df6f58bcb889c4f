#!/bin/bash
# Signs the zones and serves them until one server stops: half an Internet is none.
set -eu

/lab/sign.sh

for server in root tld leaf; do
    mkdir "/run/lab/$server"
    knotd --config "/lab/knot/$server.conf" &
done

trap exit TERM INT
wait -n
echo "A server stopped; the lab stops with it." >&2
exit 1
