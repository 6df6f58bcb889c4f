import { z } from "zod";
import { count, group } from "./fields";

/**
 * What Knot Resolver does by itself against clients that ask too much, by their true addresses. dnsdist does as much before
 * ([dnsdist.protection](../docs/protection.md)), and counts what it does not answer; so this is off.
 * https://www.knot-resolver.cz/documentation/stable/config-rate-limiting.html
 */
export interface ResolverLimits {
    /**
     * Queries a second of one client that an instance answers by UDP, 10 to 1,000,000. Who has more is told to come by TCP:
     * nothing is dropped, or dnsdist would take the instance for one that fails.
     * @default none
     */
    readonly queries?: number;

    /**
     * And how many at once, 1 to 1,000,000.
     * @default a tenth of {@link queries}
     */
    readonly burst?: number;

    /**
     * Whether clients whose connections take much of the processor's time wait for the others while an instance is busy:
     * upstream's deferral. It tells clients of TCP apart; all of UDP, which is most of what dnsdist asks, is one to it, and
     * some of that is lost (docs/resolvers.md).
     * https://www.knot-resolver.cz/documentation/stable/config-defer.html
     * @default false
     */
    readonly defer?: boolean;
}

export const limitsSchema = group({
    queries: count(10, 1_000_000).optional(),
    burst: count(1, 1_000_000).optional(),
    defer: z.boolean("must be true or false").default(false),
})
    .superRefine(({ queries, burst }, context) => {
        if (burst === undefined || queries !== undefined) return;
        const message = "must be set where limits.burst is";
        context.addIssue({ code: "custom", path: ["queries"], message, input: queries });
    })
    .prefault({});

/** As Knot Resolver's YAML has them. */
export const limitsYaml = ({ queries, burst, defer }: z.output<typeof limitsSchema>) => ({
    defer: { enable: defer },
    ...(queries && {
        "rate-limiting": {
            enable: true,
            "rate-limit": queries,
            "instant-limit": burst ?? Math.ceil(queries / 10),
            slip: 1,
        },
    }),
});
