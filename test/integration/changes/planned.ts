import type { Settings } from "../../../components";
import { docker } from "../../lab/docker";
import type { ExternalCache } from "../support/external-cache";
import { running } from "../support/host";
import { type Part, everything, parts } from "../support/parts";
import type { TestStack } from "../support/stack";
import { variant } from "../support/variants";

/** Where the stack is asked. */
export const port = 5397;

/** Its service addresses. */
export const addresses = (...more: string[]) => ({ addresses: ["127.0.0.1", "::1", ...more], port });

/** What a stack's file says: secrets too. */
export type StackSettings = Settings & { readonly cachePassword?: string };

/** A row: what changes, and what may be replaced for it. */
export interface Change {
    readonly name: string;
    /** What it begins from, where that matters. */
    readonly from?: StackSettings;
    /** What the settings become. In the short tests they stay so for the rows below; in the long ones they are rolled back. */
    readonly settings?: () => StackSettings | Promise<StackSettings>;
    /** What happens to a running stack in place of an update. */
    readonly event?: () => Promise<unknown>;
    /** The parts whose containers are all replaced; of those that are not named, none is. */
    readonly replaces: readonly Part[];
    /** Whether dnsdist's rules change, which is done in place. */
    readonly rules?: true;
    /** It undoes the row above: the long tests do that under the same load as the row itself. */
    readonly undoes?: true;
    /** For the long tests alone: what it takes is what other rows take. */
    readonly rare?: true;
}

/**
 * Each change is made under load and may cost nothing.
 *
 * @param external a Redis that is not the stack's own: there once the stack is
 */
export function plannedChanges(stack: TestStack, external: () => ExternalCache): readonly Change[] {
    const likeness = (part: Part) => variant(stack.name, parts[part], part);
    const restart = async (part: Part) => {
        const [container = ""] = await running(stack.name, parts[part]);
        await docker("restart", container);
    };
    return [
        {
            name: "a resolver setting",
            settings: () => ({ resolvers: { cacheMiB: 104 } }),
            replaces: ["resolvers"],
        },
        {
            name: "another image of the resolvers",
            settings: async () => ({ images: { resolver: await likeness("resolvers") } }),
            replaces: ["resolvers"],
        },
        { name: "an instance more", settings: () => ({ resolvers: { instances: 2 } }), replaces: [] },
        { name: "a service more", settings: () => ({ resolvers: { services: 3 } }), replaces: [] },
        {
            name: "an instance and a service less",
            settings: () => ({ resolvers: { services: 2, instances: 1 } }),
            replaces: [],
            undoes: true,
        },
        {
            name: "the resolvers' network",
            settings: () => ({ resolvers: { subnet: "198.18.40.0/24" } }),
            replaces: ["resolvers"],
        },
        {
            name: "a setting of dnsdist",
            settings: () => ({ dnsdist: { threads: 1 } }),
            replaces: ["frontend"],
        },
        {
            name: "another image of dnsdist",
            settings: async () => ({ images: { dnsdist: await likeness("frontend") } }),
            replaces: ["frontend"],
        },
        {
            name: "another console key",
            settings: () => ({ dnsdist: { consoleKeyRotation: "next" } }),
            replaces: ["frontend"],
            rare: true,
        },
        {
            name: "dnsdist's rules: who may ask, lists, pools, balancing",
            settings: () => ({
                dnsdist: {
                    acl: ["10.0.0.0/8"],
                    policy: "roundrobin",
                    clients: { kids: { subnets: ["10.1.0.0/16"] } },
                    lists: [
                        { name: "ads", action: "nxdomain", domains: ["ads.example"] },
                        { name: "games", action: "refuse", domains: ["games.example"], clients: ["kids"] },
                    ],
                    pools: [{ name: "corp", servers: ["127.0.0.1:9"], domains: ["corp.example"] }],
                },
            }),
            replaces: [],
            rules: true,
        },
        {
            name: "resolvers that are not told who asks",
            settings: () => ({ dnsdist: { proxyProtocol: false } }),
            replaces: ["frontend"],
            rare: true,
        },
        {
            name: "a standby",
            settings: () => ({ dnsdist: { standby: true } }),
            replaces: [],
            rare: true,
        },
        {
            name: "no standby any more",
            settings: () => ({ dnsdist: { standby: false } }),
            replaces: [],
            undoes: true,
            rare: true,
        },
        {
            name: "a service address more",
            settings: () => ({ serviceAddress: addresses("198.51.100.97") }),
            replaces: ["address"],
            rules: true,
        },
        {
            name: "that address moved",
            from: { serviceAddress: addresses("198.51.100.97") },
            settings: () => ({ serviceAddress: addresses("198.51.100.98") }),
            replaces: ["address"],
            rare: true,
            rules: true,
        },
        {
            name: "that address taken away",
            settings: () => ({ serviceAddress: addresses() }),
            replaces: ["address"],
            rules: true,
            undoes: true,
        },
        {
            name: "another image of the service address",
            settings: async () => ({ images: { serviceAddress: await likeness("address") } }),
            replaces: ["address"],
        },
        {
            name: "a setting of Redis",
            settings: () => ({ cache: { maxMemoryMiB: 64 } }),
            replaces: ["redis"],
        },
        {
            name: "another image of Redis",
            settings: async () => ({ images: { redis: await likeness("redis") } }),
            replaces: ["redis"],
            rare: true,
        },
        {
            name: "another password of Redis",
            settings: () => ({ cache: { passwordRotation: "next" } }),
            replaces: ["redis", "resolvers"],
        },
        {
            name: "another key of the shared cache beside the one before",
            settings: () => ({ cache: { signingKeys: ["2", "1"] } }),
            replaces: ["resolvers"],
            rare: true,
        },
        {
            name: "Valkey in place of Redis",
            settings: () => ({ cache: { engine: "valkey" }, images: { redis: undefined } }),
            replaces: ["redis"],
            rare: true,
        },
        {
            name: "Redis in place of Valkey",
            from: { cache: { engine: "valkey" } },
            settings: () => ({ cache: { engine: "redis" } }),
            replaces: ["redis"],
            rare: true,
            undoes: true,
        },
        {
            name: "another major version of Redis",
            settings: async () => ({
                images: { redis: await variant(stack.name, parts.redis, "redis-7", ...redis7) },
            }),
            replaces: ["redis"],
        },
        {
            name: "a Redis elsewhere, by TLS",
            settings: () => ({
                cache: { external: external().settings },
                cachePassword: external().password,
            }),
            replaces: ["resolvers"],
            rare: true,
        },
        {
            name: "a cache that nobody shares",
            settings: () => ({ cache: { engine: "lmdb", external: undefined } }),
            replaces: ["resolvers"],
        },
        {
            name: "everything in one update, images too",
            // From images of their own back to those of this project, and another engine: Valkey.
            settings: () => ({
                resolvers: { cacheMiB: 112, instances: 2, subnet: "198.18.41.0/24" },
                dnsdist: { threads: 2, outageCache: { seconds: 60 } },
                cache: { engine: "valkey", eviction: "allkeys-lfu", maxMemoryMiB: 96 },
                serviceAddress: addresses("198.51.100.97"),
                images: {
                    resolver: undefined,
                    dnsdist: undefined,
                    serviceAddress: undefined,
                    redis: undefined,
                },
            }),
            replaces: everything,
            rules: true,
        },
        { name: "docker restart of a resolver", event: () => restart("resolvers"), replaces: [] },
        {
            name: "docker restart of the service address",
            event: () => restart("address"),
            replaces: [],
            rare: true,
        },
        { name: "docker restart of Redis", event: () => restart("redis"), replaces: [], rare: true },
    ];
}

/** The one of an older Debian, which has other files on disk. */
const redis7 = [
    "WORKDIR /etc/apt",
    "RUN for f in $(find . -name '*.list' -o -name '*.sources'); do sed 's/forky/bookworm/g' $f >sources.list.d/older-${f##*/}; done",
    "RUN apt-get update && apt-get install -y --no-install-recommends --allow-downgrades redis-server=5:7.* redis-tools=5:7.*",
    "WORKDIR /data",
];
