import { z } from "zod";
import { count, distinct, domainName, group, ipAddress, normalAddress, subnet } from "./fields";
import { type StaleSettings, staleSchema } from "./stale";

/** The resolvers: services of Knot Resolver instances. */
export interface ResolverSettings {
    /**
     * How many services there are, 1 to 26. They are named resolver-a, resolver-b, and so on.
     * @default 2
     */
    readonly services?: number;

    /**
     * How many instances each service has, 1 to 16. An instance is one container with one worker.
     * @default 2
     */
    readonly instances?: number;

    /**
     * The size of each instance's cache in MiB, 16 to 16384. It lies in memory.
     * @default 100
     */
    readonly cacheMiB?: number;

    /**
     * Each container's memory limit in MiB, 96 to 65536: the cache, and at least 80 beside it.
     * @default 256
     */
    readonly memoryMiB?: number;

    /**
     * Whether to ask authoritative servers over IPv6. Turn it on where the resolvers' network has a route.
     * @default false
     */
    readonly ipv6?: boolean;

    /**
     * Networks of the Docker host that every instance joins beside its own, by name; for servers to ask that run in
     * containers there.
     * @default []
     */
    readonly networks?: readonly string[];

    /**
     * The IPv4 subnet of the instances' own network, where dnsdist asks them, such as 10.53.0.0/24. Set it where Docker's
     * choice is in use already. It must have room for twice the instances.
     * @default Docker's choice
     */
    readonly subnet?: string;

    /**
     * The servers of the root zone, by name, if not the Internet's own.
     * @default what the Knot Resolver image brings
     */
    readonly rootHints?: Readonly<Record<string, readonly string[]>>;

    /**
     * DNSSEC trust anchors: DS or DNSKEY records in presentation form. One for the root stands in place of the
     * Internet's own; each other one is added.
     * @default the Internet's root keys that the Knot Resolver image brings
     */
    readonly trustAnchors?: readonly string[];

    /**
     * What resolvers answer from their cache while they do not reach the servers that know.
     * @default what dnsdist.outageCache says, so that the service forgets nothing sooner for either reason
     */
    readonly serveStale?: StaleSettings;
}

const trustAnchor = z
    .string("must be a DS or DNSKEY record")
    .regex(
        /^\S+\.?\s+(\d+\s+)?(IN\s+)?(DS\s+\d+\s+\d+\s+\d+\s+[0-9a-f\s]+|DNSKEY\s+257\s+3\s+\d+\s+[0-9a-z+/=\s]+)$/i,
        "must be a DS or DNSKEY record in presentation form, such as `. IN DS 20326 8 2 E06D...`",
    );

/** Digits of a DS record's digest, by its type: https://www.iana.org/assignments/ds-rr-types */
const digestDigits: Readonly<Record<string, number>> = { 1: 40, 2: 64, 4: 96 };

/** Knot Resolver takes a digest of any length, and with a wrong one every signed answer for bogus. */
const wholeDigest = (anchor: string) => {
    const [, type = "", digest = ""] = /\sDS\s+\d+\s+\d+\s+(\d+)\s+(.*)$/i.exec(anchor) ?? [];
    return type === "" || digest.replace(/\s/g, "").length === digestDigits[type];
};

export const resolversSchema = group({
    services: count(1, 26).default(2),
    instances: count(1, 16).default(2),
    cacheMiB: count(16, 16384).default(100),
    memoryMiB: count(96, 65536).default(256),
    ipv6: z.boolean("must be true or false").default(false),
    networks: distinct(
        z
            .string("must be a network's name")
            .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, "must be a Docker network's name"),
    ).default([]),
    subnet: subnet
        .refine((text) => !text.includes(":"), "must be an IPv4 subnet, such as 10.53.0.0/24")
        .optional(),
    rootHints: z
        .record(domainName, distinct(ipAddress, normalAddress).min(1, "must have at least one address"))
        .refine(
            (hints) => Object.keys(hints).length > 0,
            "must name at least one server; leave it out for the Internet's own",
        )
        .optional(),
    trustAnchors: distinct(
        trustAnchor.refine(
            wholeDigest,
            "must have a digest type of 1, 2 or 4, and a digest of 40, 64 or 96 digits after it",
        ),
    )
        .min(1, "must hold at least one record; leave it out for the Internet's own")
        .optional(),
    serveStale: staleSchema.optional(),
}).superRefine(({ cacheMiB, memoryMiB, services, instances, subnet }, context) => {
    if (context.issues.length > 0) return; // what is wrong by itself is not worth comparing
    // Docker takes the network's own address, the broadcast address and the gateway's.
    const room = subnet ? 2 ** (32 - Number(subnet.split("/")[1])) - 3 : Infinity;
    if (room < 2 * services * instances) {
        context.addIssue({
            code: "custom",
            path: ["subnet"],
            message: `must have room for ${2 * services * instances} instances, twice ${services * instances}: while they are replaced there are both`,
            input: subnet,
        });
    }
    if (memoryMiB < cacheMiB + 80) {
        context.addIssue({
            code: "custom",
            path: ["memoryMiB"],
            message: `must be at least ${cacheMiB + 80}: the cache (resolvers.cacheMiB: ${cacheMiB}) and 80 beside it`,
            input: memoryMiB,
        });
    }
});

/** The settings with every default filled in. */
export type ResolvedResolvers = z.output<typeof resolversSchema>;
