import { z } from "zod";
import { count, distinct, group, ipAddress, domainName, rotation } from "./fields";

/** The cache that all resolvers share. */
export interface CacheSettings {
    /**
     * Which server keeps it, on a volume of this host: `redis` or `valkey`. With `lmdb` nothing is shared: each resolver
     * has its own cache alone, as Knot Resolver has it by itself.
     * @default "redis"
     */
    readonly engine?: "redis" | "valkey" | "lmdb";

    /**
     * A Redis or Valkey that runs elsewhere, in place of one of our own. Its password is no setting: see
     * `RecursiveDnsArgs.cachePassword`, and `pulumi config set --secret cachePassword`.
     * @default none
     */
    readonly external?: ExternalCacheSettings;

    /**
     * The most memory that the data may take, in MiB, 16 to 65536. The container may take half as much again, and
     * 64 more, for the copy that rewriting the append-only file needs.
     * @default 256
     */
    readonly maxMemoryMiB?: number;

    /**
     * What is dropped when the memory is full; see Redis' documentation of `maxmemory-policy`.
     * @default "allkeys-lru"
     */
    readonly eviction?: "allkeys-lru" | "allkeys-lfu" | "allkeys-random" | "volatile-ttl";

    /**
     * Whether the volume stays when the stack is destroyed, for the next stack of this name. What is on it is of use only
     * to a stack with the same key: see `RecursiveDnsArgs.cacheKey`, and `pulumi config set --secret cacheKey`.
     * @default false
     */
    readonly retain?: boolean;

    /**
     * Any text. Another text makes another password.
     * @default none
     */
    readonly passwordRotation?: string;

    /**
     * The keys by which resolvers know one another's answers, by names of your choice: one, or two while you roll. The
     * first signs, both are good. To roll: put a new name first; when no resolver has the old one alone any more, which
     * is when the update has ended, take the old name away.
     * @default ["1"]
     */
    readonly signingKeys?: readonly string[];
}

/** A Redis or Valkey that is not ours. Nothing in it is touched but keys and channels that begin with `cache:`. */
export interface ExternalCacheSettings {
    /** Its name or address. */
    readonly host: string;

    /**
     * @default 6379
     */
    readonly port?: number;

    /**
     * The number of its database, 0 to 15.
     * @default 0
     */
    readonly database?: number;

    /**
     * The user of its access control list. The commands that it needs are in docs/cache.md.
     * @default "default"
     */
    readonly user?: string;

    /**
     * The certificate authority that has signed the server's certificate, in PEM. With it, TLS is spoken, and the
     * certificate has to be for {@link host}.
     * @default none: no TLS
     */
    readonly tlsAuthority?: string;
}

const engines = ["redis", "valkey", "lmdb"] as const;
const evictions = ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-ttl"] as const;

const externalSchema = group({
    host: z
        .string("must be a name or an address")
        .refine(
            (text) => domainName.safeParse(text).success || ipAddress.safeParse(text).success,
            "must be a name or an address, such as redis.example.net or 192.0.2.63",
        ),
    port: count(1, 65535).default(6379),
    database: count(0, 15).default(0),
    user: z
        .string("must be a user's name")
        .regex(/^[\w.@-]{1,63}$/, "must be a user's name of letters, digits and . _ @ -")
        .default("default"),
    tlsAuthority: z
        .string("must be a certificate in PEM")
        .regex(
            /^\s*-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s-]+-----END CERTIFICATE-----\s*$/,
            "must be a certificate in PEM, from -----BEGIN CERTIFICATE----- on",
        )
        .optional(),
});

export const cacheSchema = group({
    engine: z.enum(engines, `must be one of ${engines.join(", ")}`).default("redis"),
    external: externalSchema.optional(),
    maxMemoryMiB: count(16, 65536).default(256),
    eviction: z.enum(evictions, `must be one of ${evictions.join(", ")}`).default("allkeys-lru"),
    retain: z.boolean("must be true or false").default(false),
    passwordRotation: rotation.optional(),
    signingKeys: distinct(
        z
            .string("must be a name")
            .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be a name of lower-case letters, digits and hyphens"),
    )
        .min(1, "must name one key, or two while you roll")
        .max(2, "must name one key, or two while you roll")
        .default(["1"]),
}).superRefine(({ engine, external }, context) => {
    if (context.issues.length > 0) return; // what is wrong by itself is not worth comparing
    if (external && engine === "lmdb") {
        context.addIssue({
            code: "custom",
            path: ["external"],
            message: "must not be set when cache.engine is lmdb, with which nothing is shared",
            input: external.host,
        });
    }
});

/** The settings with every default filled in. */
export type ResolvedCache = z.output<typeof cacheSchema>;
