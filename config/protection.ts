import { z } from "zod";
import { groupNames } from "./clients";
import { count, group } from "./fields";

/**
 * What keeps one client from harming the others. The rates are for a network of people and their devices: a thousand
 * behind one address stay below them. The host itself is not limited, nor is who is exempt. All of it changes in place, but
 * for {@link connections}.
 */
export interface ProtectionSettings {
    /**
     * Whether anybody is limited. Without it only {@link connections} is.
     * @default true
     */
    readonly enabled?: boolean;

    /**
     * The groups of `dnsdist.clients` that are not limited, such as other resolvers that ask this one.
     * @default none
     */
    readonly exempt?: readonly string[];

    /**
     * Queries a second of one client, an IPv4 address or an IPv6 /64, 10 to 1,000,000. What is over it is told to come
     * by TCP, which somebody who forges addresses cannot; by TCP it is refused. A client that asks twice as much for 5 s
     * is dropped for {@link blockSeconds}.
     * @default 1000
     */
    readonly queries?: number;

    /**
     * Queries a second of all clients of one IPv4 /24 or IPv6 /56, 10 to 1,000,000: the same for them together.
     * @default 5000
     */
    readonly prefixQueries?: number;

    /**
     * Answers "no such name" a second of one client, over 5 s, 10 to 1,000,000. One that has more is refused for
     * {@link blockSeconds}.
     * @default 300
     */
    readonly denials?: number;

    /**
     * Answers SERVFAIL a second of one client, over 5 s, 10 to 1,000,000. One that has more is refused for
     * {@link blockSeconds}.
     * @default 200
     */
    readonly failures?: number;

    /**
     * KiB of answers a second of one client, over 5 s, 10 to 1,000,000. One that has more is told to come by TCP for
     * {@link blockSeconds}; one that has four times as much is refused.
     * @default 512
     */
    readonly kibibytes?: number;

    /**
     * How long who is found out is held off, in seconds, 1 to 3600.
     * @default 30
     */
    readonly blockSeconds?: number;

    /**
     * From which part of a limit on a warning stands in the log, in per cent, 10 to 100.
     * @default 50
     */
    readonly warnPercent?: number;

    /**
     * Names a second that the resolvers are asked below a domain that is under attack, 1 to 100,000. It is under attack
     * while ten times as many names below it, each another one, are denied or fail in a second. What is over it is SERVFAIL;
     * what the packet cache has is answered.
     * @default 20
     */
    readonly attackedNames?: number;

    /**
     * What becomes of queries of type ANY by UDP: `tcp` tells them to come by TCP.
     * @default "tcp"
     */
    readonly any?: "tcp" | "allow";

    /**
     * What becomes of queries that desire no recursion. They ask what others have asked, and nobody's stub resolver sends
     * them.
     * @default "drop"
     */
    readonly nonRecursive?: "drop" | "refuse" | "allow";

    /** Limits of TCP connections, TLS included. They are for everybody; dnsdist takes them only when it starts. */
    readonly connections?: ConnectionLimits;
}

/** https://www.dnsdist.org/reference/yaml-settings.html#yaml-settings-tcptuningconfiguration */
export interface ConnectionLimits {
    /**
     * Of one client at the same time, an IPv4 address or an IPv6 /64, 1 to 100,000. From nine tenths on they carry one
     * query each.
     * @default 500
     */
    readonly perClient?: number;

    /**
     * Of all clients at the same time, by each of IPv4 and IPv6, TCP, TLS and HTTP/2, 100 to 100,000.
     * @default 2000
     */
    readonly total?: number;

    /**
     * New ones of one client a second, over a minute, 1 to 100,000. One that makes more is not let in for
     * {@link banSeconds}.
     * @default 500
     */
    readonly newPerSecond?: number;

    /**
     * New TLS sessions of one client a second, over a minute, 1 to 100,000: a handshake takes 100 times the processor time
     * of a query.
     * @default 200
     */
    readonly handshakesPerSecond?: number;

    /**
     * How long a client that makes too many, or sends its queries byte by byte, is not let in, in seconds, 1 to 3600.
     * @default 10
     */
    readonly banSeconds?: number;

    /**
     * How long one may be silent, in seconds, 1 to 600. It is the time for a TLS handshake as well.
     * @default 10
     */
    readonly idleSeconds?: number;
}

const rate = count(10, 1_000_000);

export const protectionSchema = group({
    enabled: z.boolean("must be true or false").default(true),
    exempt: groupNames,
    queries: rate.default(1000),
    prefixQueries: rate.default(5000),
    denials: rate.default(300),
    failures: rate.default(200),
    kibibytes: rate.default(512),
    blockSeconds: count(1, 3600).default(30),
    warnPercent: count(10, 100).default(50),
    attackedNames: count(1, 100_000).default(20),
    any: z.enum(["tcp", "allow"], "must be tcp or allow").default("tcp"),
    nonRecursive: z.enum(["drop", "refuse", "allow"], "must be drop, refuse or allow").default("drop"),
    connections: group({
        perClient: count(1, 100_000).default(500),
        total: count(100, 100_000).default(2000),
        newPerSecond: count(1, 100_000).default(500),
        handshakesPerSecond: count(1, 100_000).default(200),
        banSeconds: count(1, 3600).default(10),
        idleSeconds: count(1, 600).default(10),
    }).prefault({}),
}).superRefine(({ queries, prefixQueries }, context) => {
    if (prefixQueries >= queries) return;
    const message = `must be at least protection.queries, ${queries}`;
    context.addIssue({ code: "custom", path: ["prefixQueries"], message, input: prefixQueries });
});

export type ResolvedProtection = z.output<typeof protectionSchema>;

/** What `images/dnsdist/protection.lua` makes rules of; undefined when nobody is limited. */
export function protectionOf(protection: ResolvedProtection, host: readonly string[]) {
    return protection.enabled
        ? { ...protection, enabled: undefined, connections: undefined, host }
        : undefined;
}

/** What a generation of dnsdist keeps, in its own words: for `tuning.tcp`. */
export function connectionTuning({ connections }: ResolvedProtection) {
    return {
        receive_timeout: connections.idleSeconds,
        max_connections_per_client: connections.perClient,
        max_connection_rate_per_client: connections.newPerSecond,
        max_tls_new_session_rate_per_client: connections.handshakesPerSecond,
        connection_rate_interval: 1,
        connections_mask_v6: 64,
        ban_duration_for_exceeding_tcp_tls_rate: connections.banSeconds,
        ban_duration_for_exceeding_max_read_ios_per_query: connections.banSeconds,
    };
}
