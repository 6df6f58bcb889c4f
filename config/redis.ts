import { z } from "zod";
import { count, group, rotation } from "./fields";

/** The cache that all resolvers share. */
export interface RedisSettings {
    /**
     * Which server: `redis` or `valkey`. Neither reads the other's file, so each has a volume of its own.
     * @default "redis"
     */
    readonly engine?: "redis" | "valkey";

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
     * Any text. Another text makes another password.
     * @default none
     */
    readonly passwordRotation?: string;
}

const engines = ["redis", "valkey"] as const;
const evictions = ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-ttl"] as const;

export const redisSchema = group({
    engine: z.enum(engines, `must be one of ${engines.join(", ")}`).default("redis"),
    maxMemoryMiB: count(16, 65536).default(256),
    eviction: z.enum(evictions, `must be one of ${evictions.join(", ")}`).default("allkeys-lru"),
    passwordRotation: rotation.optional(),
});

/** The settings with every default filled in. */
export type ResolvedRedis = z.output<typeof redisSchema>;
