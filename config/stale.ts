import { z } from "zod";
import { count, group } from "./fields";

/** How long answers are given that have expired, while nobody can give new ones (RFC 8767). */
export interface StaleSettings {
    /**
     * How long after its expiry an answer is still given, in seconds; 0 gives none. At most a day.
     * @default 600
     */
    readonly seconds?: number;

    /**
     * The time to live in such an answer, in seconds: how soon a client asks again, 1 to 3600.
     * RFC 8767 recommends 30.
     * @default 30
     */
    readonly ttl?: number;
}

export const staleSchema = group({
    seconds: count(0, 86400).default(600),
    ttl: count(1, 3600).default(30),
});

/** The settings with every default filled in. */
export type ResolvedStale = z.output<typeof staleSchema>;
