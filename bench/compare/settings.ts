import { labNetwork, rootHints, rootTrustAnchor } from "../../test/lab/catalog";

/** What the contenders can change, whatever each of them calls it. */
export interface Settings {
    /** Of each resolver's cache. */
    readonly cacheMiB: number;
    /** Entries of dnsdist's packet cache. */
    readonly packetCache: number;
    readonly redisMiB: number;
    /** Which of the likenesses of an image runs. */
    readonly images: Readonly<Record<Kind, number>>;
}

export const kinds = ["resolver", "dnsdist", "redis"] as const;
export type Kind = (typeof kinds)[number];

export const first: Settings = {
    cacheMiB: 100,
    packetCache: 200_000,
    redisMiB: 64,
    images: { resolver: 1, dnsdist: 1, redis: 1 },
};

/** A change that every contender makes in its own way. */
export interface Change {
    readonly name: string;
    readonly replaces: string;
    readonly make: (settings: Settings) => Settings;
}

export const changes: readonly Change[] = [
    {
        name: "a resolver setting",
        replaces: "resolvers",
        make: (settings) => ({ ...settings, cacheMiB: 110 }),
    },
    {
        name: "a resolver image",
        replaces: "resolvers",
        make: (settings) => ({ ...settings, images: { ...settings.images, resolver: 2 } }),
    },
    {
        name: "a dnsdist setting",
        replaces: "dnsdist",
        make: (settings) => ({ ...settings, packetCache: 150_000 }),
    },
    {
        name: "a dnsdist image",
        replaces: "dnsdist",
        make: (settings) => ({ ...settings, images: { ...settings.images, dnsdist: 2 } }),
    },
    {
        name: "everything",
        replaces: "resolvers, dnsdist, redis",
        make: () => ({
            cacheMiB: 120,
            packetCache: 100_000,
            redisMiB: 96,
            images: { resolver: 3, dnsdist: 3, redis: 3 },
        }),
    },
];

export const imageName = (kind: Kind, version: number) => `recursive-dns/compare-${kind}:${version}`;

/** What compose.yaml takes from its environment. */
export function variables(settings: Settings, port: number, pool: string): Record<string, string> {
    return {
        RESOLVER_IMAGE: imageName("resolver", settings.images.resolver),
        DNSDIST_IMAGE: imageName("dnsdist", settings.images.dnsdist),
        REDIS_IMAGE: imageName("redis", settings.images.redis),
        CACHE_MIB: String(settings.cacheMiB),
        PACKET_CACHE: String(settings.packetCache),
        REDIS_MIB: String(settings.redisMiB),
        PORT: String(port),
        POOL: pool,
        LAB_NETWORK: labNetwork.name,
        ROOT_SERVERS: Object.values(rootHints)
            .map(([address]) => `"${address}"`)
            .join(", "),
        TRUST_ANCHOR: rootTrustAnchor,
    };
}
