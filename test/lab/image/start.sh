#!/bin/sh
# Gives the container every address its servers listen on, then gives up all privileges.
set -eu

# A fixed hardware address, or resolvers would look for a restarted lab at its old one for a while.
ip link set dev eth0 address 02:42:c6:12:00:0a

addresses=$(grep -ohE '[0-9a-f.:]+@53' /lab/internet/*-serve.conf | sed 's/@53//')
for address in $addresses; do
    case $address in
        *:*) ip address replace "$address/64" dev eth0 nodad ;;
        *) ip address replace "$address/24" dev eth0 ;;
    esac
done

cp /lab/internet/faulty /run/lab/faulty
/lab/faults.py table | nft -f -

exec setpriv --reuid knot --regid knot --clear-groups /lab/serve.sh
