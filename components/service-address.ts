import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { claimLabel } from "../config/labels";
import { defaultPatienceSeconds } from "../config/rollout";
import type { Steered } from "../config/steered";
import { container } from "./container";

export interface ServiceAddressArgs {
    /** What is asked where: at `service`, for plain DNS, are the addresses that are put on the host. */
    readonly steered: readonly Steered[];

    /**
     * Those of the addresses that are put on the host by somebody else: {@link ./vrrp}.
     * @default none
     */
    readonly virtual?: readonly string[];

    /**
     * The subnets of reverse proxies for DNS over HTTP/2.
     * @default none
     */
    readonly proxies?: readonly string[];

    readonly image: pulumi.Input<string>;

    /** The volume of the site's register. */
    readonly site: pulumi.Input<string>;

    /**
     * How long the container may take to be healthy, in seconds, before the update fails.
     * @default 60
     */
    readonly patienceSeconds?: number;
}

/**
 * Puts the service addresses on the host and steers what is asked there, and the web server's address, to the admitted
 * generation of dnsdist.
 *
 * It steers by one nftables table that goes on without it: stopping or replacing this container stops nothing. The
 * rest of a site depends on it, so that on destroy it goes last and takes the addresses and the table away.
 */
export class ServiceAddress extends pulumi.ComponentResource {
    /** The container's id: what the rollout admits. */
    public readonly instance: pulumi.Output<string>;

    constructor(name: string, args: ServiceAddressArgs, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:ServiceAddress", name, {}, options);
        this.instance = container(
            `${name}-steer`,
            {
                image: args.image,
                // Changing the host's network takes root, though only with the one capability.
                user: 0,
                capabilities: ["CAP_NET_ADMIN"],
                networks: "host",
                environment: {
                    TABLE: tableName(name),
                    STEERED: args.steered
                        .map(({ what, address, port }) => `${what} ${address} ${port}`)
                        .join(","),
                    PROXIES: (args.proxies ?? []).join(" "),
                    ...(args.virtual?.length ? { VIRTUAL: args.virtual.join(" ") } : {}),
                },
                volumes: { "/run/site": { volume: args.site } },
                memoryDirectories: { "/run/ready": 1 },
                memoryMiB: 32,
                processes: 64,
                readySeconds: args.patienceSeconds ?? defaultPatienceSeconds,
                stopSeconds: 10,
                labels: claims(args),
            },
            { parent: this },
        ).id;
        this.registerOutputs({ instance: this.instance });
    }
}

/** The nftables table: readable, and this stack's and site's alone. */
function tableName(site: string): string {
    const owner = `${pulumi.getProject()}/${pulumi.getStack()}/${site}`;
    const digest = createHash("sha256").update(owner).digest("hex").slice(0, 8);
    return `recursive_dns_${pulumi.getStack().replace(/\W/g, "_")}_${digest}`;
}

const claims = ({ steered }: ServiceAddressArgs) => ({
    [claimLabel]: [...new Set(steered.map(({ address, port }) => `${address}#${port}`))].join(" "),
});
