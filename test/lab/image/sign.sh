#!/bin/sh
# Turns the plain zones of /lab/zones into the served ones of /run/lab/zones.
# Runs at every start, so that signatures are always fresh.
set -eu

plain=/run/lab/plain    # the zones, and the DS records of their children
served=/run/lab/zones
mkdir -p /run/lab/kasp "$plain" "$served"

keymgr() { command keymgr --config /lab/knot/sign.conf "$@"; }
file_of() { [ "$1" = . ] && echo root.zone || echo "$1.zone"; }

cp /lab/zones/*.zone "$plain"
cp /lab/zones/example.net.zone "$served"

# Any zone but the root could come first: keymgr cannot share a key from the root.
key=$(keymgr com import-pem /lab/lab.pem algorithm=ecdsap256sha256 ksk=yes zsk=yes | head -n 1)

# Children come before their parents, whose zones take their DS records.
for zone in example.com bogus.org com net org .; do
    [ "$zone" = com ] || keymgr "$zone" share "$key" com > /dev/null
    kzonesign --config /lab/knot/sign.conf --outdir "$served" "$zone" > /dev/null
    if [ "$zone" != . ]; then
        case $zone in *.*) parent=${zone#*.} ;; *) parent=. ;; esac
        keymgr "$zone" ds "$key" | grep ' DS [0-9]* 13 2 ' >> "$plain/$(file_of "$parent")"
    fi
done

# Forge one answer after it was signed: its signature fits the record that stood here before.
sed -i 's/^\(www\.bogus\.org\..*\)192\.0\.2\.84$/\1192.0.2.66/' "$served/bogus.org.zone"
