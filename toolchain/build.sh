#!/bin/sh
# Builds Pulumi's command, its Node.js language host and the two providers from Go modules:
#   build.sh DIRECTORY
# Each carries the version that the npm packages beside it expect, or the engine warns.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")"

# One value for all, or the packages that both modules share are compiled twice.
export CGO_ENABLED=0
# The compiler's runs are short: collecting their garbage less often saves an eighth of the time.
export GOGC="${GOGC:-400}"

build() { # directory of the module, flags for the linker, packages...
    module=$1 stamps=$2
    shift 2
    # No debug information: the linker would strip it again, and making it costs a seventh of the time.
    (cd "$module" && go build -buildvcs=false -trimpath -tags no_compose -gcflags=all=-dwarf=false \
        -ldflags "-s -w $stamps" -o "$out/" "$@")
}

echo "the pulumi command, v3.256.0 (about 3 minutes on two cores)"
build cli "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.256.0" \
    github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
echo "the providers, docker v5.2.0 and random v4.21.2 (about 1 minute)"
build providers "-X main.version=5.2.0" ./pulumi-resource-docker
build providers "-X main.version=4.21.2" ./pulumi-resource-random
echo "the Node.js language host"
install -m 755 language-host/pulumi-language-nodejs.cjs "$out/pulumi-language-nodejs"
