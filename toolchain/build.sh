#!/bin/sh
# Builds Pulumi's command, its Node.js language host and the two providers from Go modules:
#   build.sh DIRECTORY
# DIRECTORY/bin belongs on PATH; DIRECTORY/home is a PULUMI_HOME that has the providers as plugins.
set -eu

# The providers' versions are those of the npm packages @pulumi/docker and @pulumi/random, or the engine warns.
pulumi=v3.256.0
docker=v5.2.0
random=v4.21.2

out=$(mkdir -p "$1/bin" "$1/home" "$1/plugins" && cd "$1" && pwd)
cd "$(dirname "$0")"

# One value for all, or the packages that both modules share are compiled twice.
export CGO_ENABLED=0
# The compiler's runs are short: collecting their garbage less often saves an eighth of the time.
export GOGC="${GOGC:-400}"

build() { # directory of the module, directory to build into, package, stamp of the version
    # No debug information: the linker would strip it again, and making it costs a seventh of the time.
    (cd "$1" && go build -buildvcs=false -trimpath -tags no_compose -gcflags=all=-dwarf=false \
        -ldflags "-s -w -X $4" -o "$out/$2/" "$3")
}

provider() { # name, version
    build providers plugins "./pulumi-resource-$1" "main.version=${2#v}"
    PULUMI_HOME=$out/home PULUMI_SKIP_UPDATE_CHECK=true \
        "$out/bin/pulumi" plugin install resource "$1" "$2" --file "$out/plugins/pulumi-resource-$1"
}

echo "the pulumi command $pulumi (about 3 minutes on two cores)"
build cli bin github.com/pulumi/pulumi/pkg/v3/cmd/pulumi \
    "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$pulumi"
echo "the docker provider $docker (about 1 minute)"
provider docker "$docker"
echo "the random provider $random (some seconds)"
provider random "$random"
echo "the Node.js language host"
install -m 755 language-host/pulumi-language-nodejs.cjs "$out/bin/pulumi-language-nodejs"
rm -r "$out/plugins"
