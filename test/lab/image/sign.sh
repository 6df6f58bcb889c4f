#!/bin/bash
# Makes /lab/zones, signed, of what is in /lab/internet. Runs when the image is built.
set -euo pipefail

internet=/lab/internet
zones=/lab/zones
work=$(mktemp -d)
mkdir -p $zones "$work/keys"
cd $zones

awk '/^;; / { close(file); file = $2; next } { print >file }' $internet/zones

conf() { # LEVEL ZONE-LIST: how its zones are signed
    cat <<END
server:
    rundir: $work
    listen: $work/$1.sock
log:
  - target: stderr
    any: warning
database:
    storage: $work/keys
template:
  - id: default
    storage: $zones
    zonefile-sync: 0
    journal-content: none
    dnssec-signing: on
END
    cat $internet/policies.conf "$2"
}

signed() { # FILE...: how many of these are signed
    { grep -lE 'RRSIG\s+SOA' -- "$@" || true; } | wc -l
}

sign() { # LEVEL: signs its zones in place
    local files
    mapfile -t files < <(sed -n 's/^ *file: "\(.*\)"$/\1/p' $internet/"$1"-sign.conf)
    conf "$1" $internet/"$1"-sign.conf >$work/"$1".conf
    knotd --config $work/"$1".conf &
    until [ "$(signed "${files[@]}")" = ${#files[@]} ]; do
        kill -0 $!
        sleep 0.5
    done
    kill $!
    wait $!
}

vouch() { # PARENT...: adds the DS records of their children, which these have made out themselves (CDS)
    local parent
    for parent; do
        awk -v parent="${parent%root}" '
            FNR == NR { vouched[$1]; next }
            { child = $1; sub(/^[^.]*\.?/, "", child) }
            $3 == "CDS" && $1 in vouched && child == (parent == "" ? "" : parent ".") && !($1 $4 in done) {
                done[$1 $4]; print $1, "DS", $4, $5, $6, $7
            }' $internet/vouched $work/cds >>"$parent".zone
    done
}

collect() { grep -hE '\sCDS\s' -- *.zone | sort -u >$work/cds || true; }

dated() { # signs those zones whose signatures are of another time
    local origin moment
    while read -r origin moment; do
        {
            conf "$origin" /dev/null
            printf 'zone:\n  - domain: "%s."\n    file: "%s.zone"\n    dnssec-policy: dated\n' "$origin" "$origin"
        } >$work/dated.conf
        kzonesign --config $work/dated.conf --outdir $work --rollover --time "$moment" "$origin"
        mv $work/"$origin".zone $zones
    done <$internet/dated
}

mapfile -t tlds < <(sed -n 's/^ *file: "\(.*\)\.zone"$/\1/p' $internet/tld-serve.conf)

sign leaf
dated
collect
vouch "${tlds[@]}"
sign tld
collect
vouch root
conf root $internet/root-sign.conf >$work/root.conf
keymgr --config $work/root.conf . import-pem /lab/lab.pem algorithm=ecdsap256sha256 ksk=yes zsk=yes
sign root

while read -r origin command; do sed -Ei "$command" "$origin".zone; done <$internet/spoiled

rm -rf $work
chmod -R a+rX /lab
