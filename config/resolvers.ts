import { z } from "zod";
import { count, distinct, domainName, group, ipAddress, normalAddress, subnet } from "./fields";
import {
    type Dns64Settings,
    type PrefetchSettings,
    type TtlSettings,
    dns64Schema,
    prefetchSchema,
    ttlSchema,
} from "./answers";
import { type DnssecSettings, dnssecSchema } from "./dnssec";
import { type ForwardSettings, forwardsSchema } from "./forwards";
import { type LuaSettings, luaSchema } from "./kresd-lua";
import { type ResolverLimits, limitsSchema } from "./limits";
import { type LocalDataSettings, localDataSchema } from "./local-data";
import { type NsidSettings, nsidSchema } from "./nsid";
import { type Passthrough, passthroughSchema } from "./passthrough";
import { type StaleSettings, staleSchema } from "./stale";
import { type ViewSettings, viewsSchema } from "./views";

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
     * The network that the instances are in. `bridge`: one of their own on the Docker host, from where Docker's NAT leads to
     * the Internet. `host`: the host's, without NAT and with its IPv6; there each instance listens at a loopback address
     * of its own.
     * @default "bridge"
     */
    readonly network?: "bridge" | "host";

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

    /** More of DNSSEC. */
    readonly dnssec?: DnssecSettings;

    /**
     * Servers that are asked in place of those that the Internet names.
     * @default none
     */
    readonly forwards?: readonly ForwardSettings[];

    /**
     * Clients that are treated otherwise than the rest.
     * @default none
     */
    readonly views?: readonly ViewSettings[];

    /** What the resolvers know themselves: names, blocked domains, response policy zones. */
    readonly localData?: LocalDataSettings;

    /**
     * Addresses for clients that have IPv6 alone.
     * @default none
     */
    readonly dns64?: Dns64Settings;

    /**
     * Whether addresses of private networks are left out of answers from the Internet: some web sites give those to make
     * browsers talk to what is there. Not for domains of {@link localData}; and those that {@link forwards} lead to your
     * own servers have such addresses for good, so it is off.
     * @default false
     */
    readonly rebindingProtection?: boolean;

    /** How long answers are kept. */
    readonly ttl?: TtlSettings;

    /** What is asked before anybody asks. */
    readonly prefetch?: PrefetchSettings;

    /** Limits of each client, behind those of dnsdist. */
    readonly limits?: ResolverLimits;

    /**
     * Who may learn which instance has answered.
     * @default nobody
     */
    readonly nsid?: NsidSettings;

    /** Code of your own, and more modules. */
    readonly lua?: LuaSettings;

    /**
     * The CPUs that each service's instances run on, one after the other, such as `["0-1", "2-3"]`: the first instance on
     * the first, and from the beginning again when there are more instances.
     * @default all of them
     */
    readonly cpus?: readonly string[];

    /**
     * Whatever else Knot Resolver can do, as its own YAML: groups are merged with what is set here, lists get longer, and
     * nothing that is set here can be changed.
     * https://www.knot-resolver.cz/documentation/stable/config-schema.html
     * @default {}
     */
    readonly extra?: Passthrough;

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

export const isRoot = (anchor: string) => /^\.\s/.test(anchor);

export const resolversSchema = group({
    services: count(1, 26).default(2),
    instances: count(1, 16).default(2),
    cacheMiB: count(16, 16384).default(100),
    memoryMiB: count(96, 65536).default(256),
    ipv6: z.boolean("must be true or false").default(false),
    network: z.enum(["bridge", "host"], "must be bridge or host").default("bridge"),
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
    dnssec: dnssecSchema.prefault({}),
    forwards: forwardsSchema,
    views: viewsSchema,
    localData: localDataSchema,
    dns64: dns64Schema.optional(),
    rebindingProtection: z.boolean("must be true or false").default(false),
    ttl: ttlSchema.prefault({}),
    prefetch: prefetchSchema,
    limits: limitsSchema,
    nsid: nsidSchema.optional(),
    lua: luaSchema,
    cpus: z
        .array(
            z
                .string("must be CPUs")
                .regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, "must be CPUs, such as 0, 0-1 or 0,2, as a text"),
        )
        .min(1, "must name CPUs at least once; leave it out instead")
        .optional(),
    extra: passthroughSchema,
    serveStale: staleSchema.optional(),
}).superRefine((settings, context) => {
    const { cacheMiB, memoryMiB, services, instances, subnet, views, localData } = settings;
    if (context.issues.length > 0) return; // what is wrong by itself is not worth comparing
    const onHost = settings.network === "host";
    if (onHost && settings.networks.length > 0) {
        const message =
            "must be empty with resolvers.network: host, which reaches all of the host's networks";
        context.addIssue({ code: "custom", path: ["networks"], message, input: settings.networks });
    }
    if (onHost && subnet !== undefined) {
        const message = "must be left out with resolvers.network: host, where the instances have no network";
        context.addIssue({ code: "custom", path: ["subnet"], message, input: subnet });
    }
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
    const known = new Set(views.flatMap(({ tags }) => tags));
    for (const kind of ["rules", "rpz"] as const) {
        localData[kind].forEach(({ tags }, index) => {
            tags.forEach((tag, at) => {
                if (known.has(tag)) return;
                const message = "must be a tag of one of resolvers.views, or it is for nobody";
                const path = ["localData", kind, index, "tags", at];
                context.addIssue({ code: "custom", path, message, input: tag });
            });
        });
    }
    if (settings.dnssec.keyRollover === "rfc5011" && settings.trustAnchors?.some(isRoot)) {
        const message = "must be image with a root of your own (resolvers.trustAnchors)";
        context.addIssue({ code: "custom", path: ["dnssec", "keyRollover"], message, input: "rfc5011" });
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
