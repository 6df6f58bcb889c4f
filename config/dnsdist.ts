import ipaddr from "ipaddr.js";
import { z } from "zod";
import { type ClientGroup, clientGroups } from "./clients";
import { encryptedMiB } from "./dnsdist-memory";
import { type Passthrough, passthroughSchema } from "./passthrough";
import { count, distinct, group, rotation, subnet } from "./fields";
import { type ListSettings, listsSchema } from "./lists";
import { type ProtectionSettings, protectionSchema } from "./protection";
import { type BalancingPolicy, type PoolSettings, balancingPolicy, poolsSchema } from "./pools";
import { type StaleSettings, staleSchema } from "./stale";
import { type TlsSettings, tlsSchema } from "./tls";
import { type WebserverSettings, webserverSchema } from "./webserver";

/** The frontend: dnsdist. */
export interface DnsdistSettings {
    /**
     * The subnets that may ask. Everybody else is dropped without an answer: a resolver that is open to the Internet
     * is a weapon in other people's hands. The service addresses themselves may always ask.
     * @default the loopback, private, shared (RFC 6598) and link-local ranges
     */
    readonly acl?: readonly string[];

    /**
     * Whether {@link acl} may hold more of the Internet than an IPv4 /8 or an IPv6 /20 at once, as nobody's own network does.
     * @default false
     */
    readonly openResolver?: boolean;

    /** What keeps one client from harming the others. */
    readonly protection?: ProtectionSettings;

    /**
     * Which resolver is asked.
     * @default "leastOutstanding"
     */
    readonly policy?: BalancingPolicy;

    /**
     * Groups of clients by name, for {@link lists} and {@link pools}.
     * @default none
     */
    readonly clients?: Readonly<Record<string, ClientGroup>>;

    /**
     * What dnsdist answers by itself: block lists, and what is allowed all the same.
     * @default none
     */
    readonly lists?: readonly ListSettings[];

    /**
     * Other servers for some domains or clients. The first that has a query gets it.
     * @default none
     */
    readonly pools?: readonly PoolSettings[];

    /**
     * Whether the resolvers are told who asks (the PROXY protocol, version 2), so that their views and limits see clients.
     * TCP connections to the resolvers are then one client's each.
     * @default true
     */
    readonly proxyProtocol?: boolean;

    /**
     * Threads that read UDP queries, 1 to 64. One serves some 100,000 cached answers a second.
     * @default 2
     */
    readonly threads?: number;

    /**
     * The container's memory limit in MiB, 64 to 65536. It holds the packet cache, 5 MiB for each resolver instance, twice
     * while they are replaced, and all connections that `protection.connections.total` allows.
     * @default 384; and 40 KiB for each encrypted connection that is allowed: 697 with {@link tls}
     */
    readonly memoryMiB?: number;

    /**
     * Whether a second dnsdist stands by on the same host: like the first in everything, and given the service address
     * within 0.3 s of the first one's last answer. It takes the same memory once more.
     * @default false
     */
    readonly standby?: boolean;

    /**
     * Any text. Another text makes another key of the console, password of the dashboard and key of the API.
     * @default none
     */
    readonly consoleKeyRotation?: string;

    readonly packetCache?: PacketCacheSettings;

    /** What the packet cache answers while every resolver is down. */
    readonly outageCache?: StaleSettings;

    readonly webserver?: WebserverSettings;

    /**
     * Encrypted DNS.
     * @default none
     */
    readonly tls?: TlsSettings;

    /**
     * What dnsdist can do and is not named here: its own YAML, laid over ours. It cannot change what we set.
     * https://www.dnsdist.org/reference/yaml-settings.html
     * @default none
     */
    readonly extra?: Passthrough;
}

/** Answers that dnsdist gives without asking a resolver. */
export interface PacketCacheSettings {
    /**
     * The most answers it holds, 1000 to 10,000,000, at some 0.5 KiB each.
     * @default 200000
     */
    readonly entries?: number;

    /**
     * The longest that "no such name" and "no such data" are kept, in seconds, 0 to 86400.
     * @default 3600
     */
    readonly negativeSeconds?: number;
}

const privateRanges = [
    "127.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
];

/** Whether a range is more than anybody's own network: an IPv4 /8 or an IPv6 /20, or a private range as a whole. */
function isOpen(range: string): boolean {
    const [network, length] = ipaddr.parseCIDR(range);
    const isPrivate = privateRanges.some((text) => {
        const [own, ownLength] = ipaddr.parseCIDR(text);
        return network.kind() === own.kind() && length >= ownLength && network.match(own, ownLength);
    });
    return !isPrivate && length < (network.kind() === "ipv4" ? 8 : 20);
}

/** Room for 200,000 answers, and for some 16 resolver instances. */
const plainMiB = 384;

export const dnsdistSchema = group({
    acl: distinct(subnet).min(1, "must name at least one subnet, or nobody may ask").default(privateRanges),
    openResolver: z.boolean("must be true or false").default(false),
    protection: protectionSchema.prefault({}),
    policy: balancingPolicy,
    clients: clientGroups,
    lists: listsSchema,
    pools: poolsSchema,
    proxyProtocol: z.boolean("must be true or false").default(true),
    threads: count(1, 64).default(2),
    memoryMiB: count(64, 65536).optional(),
    standby: z.boolean("must be true or false").default(false),
    consoleKeyRotation: rotation.optional(),
    packetCache: group({
        entries: count(1000, 10_000_000).default(200_000),
        negativeSeconds: count(0, 86400).default(3600),
    }).prefault({}),
    outageCache: staleSchema.prefault({}),
    webserver: webserverSchema.prefault({}),
    tls: tlsSchema.optional(),
    extra: passthroughSchema,
})
    .superRefine(({ acl, openResolver, protection, clients, lists, pools }, context) => {
        if (context.issues.length > 0) return; // what is wrong by itself is not worth comparing
        acl.forEach((range, index) => {
            if (openResolver || !isOpen(range)) return;
            const message = "must not be so large: set dnsdist.openResolver: true if the Internet shall ask";
            context.addIssue({ code: "custom", path: ["acl", index], message, input: range });
        });
        const check = (path: PropertyKey[], groups: readonly string[] = []) =>
            groups.forEach((name, index) => {
                if (Object.hasOwn(clients, name)) return;
                const message = "must be a group of dnsdist.clients";
                context.addIssue({ code: "custom", path: [...path, index], message, input: name });
            });
        lists.forEach((list, index) => check(["lists", index, "clients"], list.clients));
        pools.forEach((pool, index) => check(["pools", index, "clients"], pool.clients));
        check(["protection", "exempt"], protection.exempt);
    })
    .transform(({ memoryMiB, ...settings }) => ({
        ...settings,
        memoryMiB: memoryMiB ?? plainMiB + encryptedMiB(settings),
    }));

/** The settings with every default filled in. */
export type ResolvedDnsdist = z.output<typeof dnsdistSchema>;
