import * as pulumi from "@pulumi/pulumi";
import { announcedAddresses, checkFile } from "../config/announcement";
import { type AnycastSettings, anycastSchema } from "../config/anycast";
import { birdConf } from "../config/bird-conf";
import { normalAddress } from "../config/fields";
import { Refusal } from "../config/refusal";
import { resolve } from "../config/resolve";
import { announcer } from "./announcer";

export interface AnycastArgs {
    readonly settings: AnycastSettings;

    /** The service addresses of the site, and the port that clients ask. */
    readonly serviceAddresses: readonly string[];
    readonly port: number;

    /**
     * The passwords of the sessions with neighbors, by their addresses.
     * @default {}
     */
    readonly passwords?: pulumi.Input<Readonly<Record<string, string>> | undefined>;

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
 * Announces service addresses by BGP while they answer, and withdraws them before every stop. Sessions with neighbors that
 * stay the same stay up, whatever else is set.
 *
 * @throws Refusal that names the neighbor, but not the password, when that cannot be one
 */
export class Anycast extends pulumi.ComponentResource {
    /** Resolves once every neighbor has been told. In a preview it is known. */
    public readonly done: pulumi.Output<true>;

    constructor(name: string, args: AnycastArgs, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:Anycast", name, {}, options);
        const { image, site, port, outageSeconds, patienceSeconds } = args;
        const settings = resolve(anycastSchema, args.settings, "anycast");
        const addresses = announcedAddresses(settings, args.serviceAddresses);
        const passwords = pulumi.secret(args.passwords).apply((given) => passwordsByAddress(given ?? {}));
        const files = {
            "bird.conf": passwords.apply((known) => birdConf(settings, addresses, known)),
            check: checkFile(settings, addresses, port, outageSeconds, settings.neighbors),
        };
        // BIRD opens its port, and sends BFD by one interface.
        const capabilities = ["CAP_NET_BIND_SERVICE", "CAP_NET_RAW"];
        this.done = announcer(name, { settings, files, capabilities, image, site, patienceSeconds }, this);
        this.registerOutputs({ done: this.done });
    }
}

/**
 * The passwords by the addresses of neighbors as BIRD's configuration has them. Those of other sites may be among them.
 * @throws Refusal that names the neighbor, but not the password, when that cannot be one
 */
export function passwordsByAddress(passwords: Readonly<Record<string, string>>): Record<string, string> {
    const entries = Object.entries(passwords);
    // TCP takes 80 bytes, and in BIRD's configuration nothing can be escaped.
    const problems = entries
        .filter(([, password]) => typeof password !== "string" || !/^[ !#-~]{1,80}$/.test(password))
        .map(
            ([address]) =>
                `anycastPasswords["${address}"]: must be 1 to 80 printable characters without a quotation mark`,
        );
    if (problems.length > 0) throw new Refusal(problems.join("\n"));
    return Object.fromEntries(entries.map(([address, password]) => [normalAddress(address), password]));
}
