import { z } from "zod";
import { count, distinct, group, subnet } from "./fields";
import { poolName } from "./pools";

/**
 * Clients that the resolvers treat otherwise than the rest. dnsdist tells them who asks, and keeps their answers apart.
 * The most specific subnet decides. https://www.knot-resolver.cz/documentation/stable/config-views.html
 */
export interface ViewSettings {
    /** What it is called in dnsdist's metrics: its clients have a pool, and a packet cache, of that name. */
    readonly name: string;

    readonly subnets: readonly string[];

    /**
     * Tags of the local data and the response policy zones that are for these clients alone.
     * @default none
     */
    readonly tags?: readonly string[];

    /**
     * Whether they get addresses of DNS64, if that is on.
     * @default true
     */
    readonly dns64?: boolean;

    /**
     * The most answers that the packet cache holds for them, 100 to 1,000,000.
     * @default 10000
     */
    readonly cacheEntries?: number;
}

/** A tag as Knot Resolver knows them. */
export const tag = z
    .string("must be a tag")
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "must be a tag of lower-case letters, digits and -");

export const viewsSchema = distinct(
    group({
        name: poolName,
        subnets: distinct(subnet).min(1, "must name at least one subnet"),
        tags: distinct(tag).default([]),
        dns64: z.boolean("must be true or false").default(true),
        cacheEntries: count(100, 1_000_000).default(10_000),
    }),
    ({ name }) => name,
).default([]);

export type ResolvedView = z.output<typeof viewsSchema>[number];

/** As Knot Resolver's YAML has it: either with tags, or with an answer. */
export function viewYaml({ subnets, tags, dns64 }: ResolvedView) {
    return {
        subnets,
        ...(tags.length > 0 ? { tags } : { answer: "allow" }),
        ...(!dns64 && { options: { dns64 } }),
    };
}
