import { z } from "zod";
import { count, distinct, group, subnet } from "./fields";

/** Addresses for clients that have IPv6 alone (RFC 6147). */
export interface Dns64Settings {
    /**
     * The /96 where the translator is.
     * @default "64:ff9b::/96"
     */
    readonly prefix?: string;

    /**
     * IPv6 subnets that do not count as addresses when it is decided whether a name needs one.
     * @default none
     */
    readonly exclude?: readonly string[];
}

export const dns64Schema = group({
    prefix: subnet
        .refine((text) => text.includes(":") && text.endsWith("/96"), "must be an IPv6 subnet of /96")
        .default("64:ff9b::/96"),
    exclude: distinct(
        subnet.refine((text) => text.includes(":"), "must be an IPv6 subnet, such as 2001:db8::/32"),
    ).default([]),
});

/** How long resolvers keep answers. dnsdist keeps them for as long as the answers say. */
export interface TtlSettings {
    /**
     * No answer is kept for a shorter time, in seconds, 0 to 3600.
     * @default 5
     */
    readonly minimum?: number;

    /**
     * And none for longer, in seconds, 60 to 604,800.
     * @default 86400
     */
    readonly maximum?: number;
}

export const ttlSchema = group({
    minimum: count(0, 3600).default(5),
    maximum: count(60, 604_800).default(86_400),
}).superRefine(({ minimum, maximum }, context) => {
    if (minimum <= maximum) return;
    const message = `must not be above ttl.maximum, ${maximum}`;
    context.addIssue({ code: "custom", path: ["minimum"], message, input: minimum });
});

/** What resolvers ask before anybody asks them. */
export interface PrefetchSettings {
    /**
     * Whether an answer is asked for anew when somebody gets it in the last hundredth of its time.
     * @default false
     */
    readonly expiring?: boolean;

    /**
     * Learns what is asked at which time of the day, and asks for it before.
     * @default none
     */
    readonly prediction?: PredictionSettings;
}

export interface PredictionSettings {
    /**
     * How long a time of the day is, in minutes, 1 to 1440.
     * @default 15
     */
    readonly windowMinutes?: number;

    /**
     * How many of them are kept in memory, 1 to 1000.
     * @default 24
     */
    readonly windows?: number;
}

export const prefetchSchema = group({
    expiring: z.boolean("must be true or false").default(false),
    prediction: group({
        windowMinutes: count(1, 1440).default(15),
        windows: count(1, 1000).default(24),
    }).optional(),
}).prefault({});

/** As Knot Resolver's YAML has them. */
export const dns64Yaml = ({ prefix, exclude }: z.output<typeof dns64Schema>) => ({
    enable: true,
    prefix,
    ...(exclude.length > 0 && { "exclude-subnets": exclude }),
});

export const ttlYaml = ({ minimum, maximum }: z.output<typeof ttlSchema>) => ({
    "ttl-min": `${minimum}s`,
    "ttl-max": `${maximum}s`,
});

export const prefetchYaml = ({ expiring, prediction }: z.output<typeof prefetchSchema>) => ({
    ...((expiring || prediction) && {
        prefetch: {
            expiring,
            ...(prediction && {
                prediction: {
                    enable: true,
                    window: `${prediction.windowMinutes}m`,
                    period: prediction.windows,
                },
            }),
        },
    }),
});
