import * as pulumi from "@pulumi/pulumi";
import { checkFile } from "../config/announcement";
import { keepalivedConf } from "../config/keepalived-conf";
import { resolve } from "../config/resolve";
import { type VrrpSettings, dividedAddresses, vrrpSchema } from "../config/vrrp";
import { announcer } from "./announcer";

export interface VrrpArgs {
    readonly settings: VrrpSettings;

    /** The service addresses of the site, and the port that clients ask. */
    readonly serviceAddresses: readonly string[];
    readonly port: number;

    /** For how long dnsdist serves what it knows when every resolver is down, in seconds. */
    readonly outageSeconds: number;

    readonly image: pulumi.Input<string>;

    /** The volume of the site's register. */
    readonly site: pulumi.Input<string>;

    /**
     * How long each container may take to be healthy, in seconds, before the update fails.
     * @default 60
     */
    readonly patienceSeconds?: number;
}

/**
 * Has this host hold service addresses by VRRP, in turn with others, while it answers. They leave it before every stop.
 */
export class Vrrp extends pulumi.ComponentResource {
    /** Resolves once this host is a candidate. In a preview it is known. */
    public readonly done: pulumi.Output<true>;

    constructor(name: string, args: VrrpArgs, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:Vrrp", name, {}, options);
        const { image, site, port, outageSeconds, patienceSeconds } = args;
        const settings = resolve(vrrpSchema, args.settings, "vrrp");
        const { virtual, fixed } = dividedAddresses(settings, args.serviceAddresses);
        const files = {
            "keepalived.conf": keepalivedConf(settings, virtual),
            check: checkFile(settings, fixed, port, outageSeconds),
        };
        // keepalived puts addresses on the host, speaks a protocol of its own beside TCP and UDP, and tells the network.
        const capabilities = ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BROADCAST"];
        this.done = announcer(name, { settings, files, capabilities, image, site, patienceSeconds }, this);
        this.registerOutputs({ done: this.done });
    }
}
