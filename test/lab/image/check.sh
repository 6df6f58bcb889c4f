#!/bin/sh
# Succeeds if the root, TLD and leaf servers each answer for a zone of theirs.
set -eu

serves() { kdig +short +time=1 +retry=0 "@$1" "$2" SOA | grep -q hostmaster; }

serves 198.18.0.10 .
serves 198.18.0.20 com
serves 198.18.0.30 example.com
