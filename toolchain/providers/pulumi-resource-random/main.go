// Command pulumi-resource-random makes random values for Pulumi's engine,
// under the names that the npm package @pulumi/random uses.
package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/validation"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"

	"recursive-dns/toolchain/providers/serve"
)

// version is the @pulumi/random release this speaks for; the build stamps it.
var version = "0.0.0"

func main() { serve.Main(provider()) }

func provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P: sdkv2.NewProvider(&schema.Provider{ResourcesMap: map[string]*schema.Resource{
			"random_password": resource(password, text(), fields{"result": secret(), "bcrypt_hash": secret()}),
			"random_string":   resource(characters, text(), fields{"result": output()}),
			"random_bytes":    resource(octets, fields{"length": length(), "base64": secret(), "hex": secret()}),
			"random_id": resource(identifier, fields{
				"byte_length": length(),
				"prefix":      option(schema.TypeString, ""),
				"b64_std":     output(),
				"b64_url":     output(),
				"dec":         output(),
				"hex":         output(),
			}),
		}}),
		Name:    "random",
		Version: version,
	}
	info.MustComputeTokens(tokens.SingleModule("", "index", tokens.MakeStandard("random")))
	return info
}

type (
	fields map[string]*schema.Schema
	values map[string]any
)

// resource is one that is made once by create, which returns its id and
// outputs, then kept as it is until an input or one of its keepers changes.
// It cannot be imported: the engine then says that it does not exist.
func resource(create func(*schema.ResourceData) (string, values, error), parts ...fields) *schema.Resource {
	all := fields{"keepers": {
		Type: schema.TypeMap, Optional: true, ForceNew: true, Elem: &schema.Schema{Type: schema.TypeString},
	}}
	for _, part := range parts {
		for name, field := range part {
			all[name] = field
		}
	}
	return &schema.Resource{
		Schema:        all,
		ReadContext:   schema.NoopContext,
		DeleteContext: schema.NoopContext,
		CreateContext: func(_ context.Context, d *schema.ResourceData, _ any) diag.Diagnostics {
			id, v, err := create(d)
			for name, value := range v {
				if err == nil {
					err = d.Set(name, value)
				}
			}
			if err == nil {
				d.SetId(id)
			}
			return diag.FromErr(err)
		},
	}
}

// text holds the inputs that password and string share.
func text() fields {
	f := fields{"length": length(), "override_special": option(schema.TypeString, "")}
	for _, alphabet := range []string{"lower", "upper", "numeric", "special"} {
		f[alphabet] = option(schema.TypeBool, true)
		f["min_"+alphabet] = option(schema.TypeInt, 0)
	}
	f["number"] = option(schema.TypeBool, true) // numeric's former name
	return f
}

func length() *schema.Schema {
	return &schema.Schema{
		Type: schema.TypeInt, Required: true, ForceNew: true, ValidateFunc: validation.IntAtLeast(1),
	}
}

func option(t schema.ValueType, value any) *schema.Schema {
	return &schema.Schema{Type: t, Optional: true, ForceNew: true, Default: value}
}

func output() *schema.Schema { return &schema.Schema{Type: schema.TypeString, Computed: true} }

func secret() *schema.Schema {
	return &schema.Schema{Type: schema.TypeString, Computed: true, Sensitive: true}
}
