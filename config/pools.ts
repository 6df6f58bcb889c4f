import ipaddr from "ipaddr.js";
import { z } from "zod";
import { groupNames } from "./clients";
import { count, distinct, domainName, group, oneOf, word } from "./fields";

/** Other servers that dnsdist asks in place of the resolvers: for some domains, some clients, or some of both. */
export interface PoolSettings {
    /** What it is called in metrics and messages. */
    readonly name: string;

    /** The servers: `address`, or `address:port`; an IPv6 address with a port in brackets. */
    readonly servers: readonly string[];

    /**
     * The domains, each with all names below it, that they are asked for.
     * @default every name
     */
    readonly domains?: readonly string[];

    /**
     * The groups of `dnsdist.clients` whose queries they get. With {@link domains}: only their queries for those.
     * @default everybody
     */
    readonly clients?: readonly string[];

    /**
     * Which of the servers is asked.
     * @default "leastOutstanding"
     */
    readonly policy?: BalancingPolicy;

    /**
     * The most answers that its packet cache holds, 100 to 1,000,000. It is the pool's own: others answer otherwise.
     * @default 10000
     */
    readonly cacheEntries?: number;
}

/** How dnsdist chooses a server. https://www.dnsdist.org/guides/serverselection.html */
export type BalancingPolicy =
    "leastOutstanding" | "firstAvailable" | "roundrobin" | "wrandom" | "whashed" | "chashed";

export const balancingPolicy = z
    .enum(
        ["leastOutstanding", "firstAvailable", "roundrobin", "wrandom", "whashed", "chashed"],
        "must be leastOutstanding, firstAvailable, roundrobin, wrandom, whashed or chashed",
    )
    .default("leastOutstanding");

/** `192.0.2.1`, `192.0.2.1:5300`, `2001:db8::1` or `[2001:db8::1]:5300`, all as the last but one of these. */
const server = z.string("must be a server").transform((text, context) => {
    const [, bracketed, v4, port = "53"] = /^(?:\[(.*)\]|([\d.]+))(?::(\d+))?$/.exec(text) ?? [];
    const address = bracketed ?? v4 ?? text;
    if (ipaddr.isValid(address) && Number(port) > 0 && Number(port) < 65536)
        return address.includes(":") ? `[${normal(address)}]:${port}` : `${normal(address)}:${port}`;
    context.addIssue({
        code: "custom",
        message: "must be a server, such as 192.0.2.53, 192.0.2.53:5300 or [2001:db8::53]:5300",
        input: text,
    });
    return z.NEVER;
});

const normal = (address: string) => ipaddr.parse(address).toString();

/** What a pool may be called: dnsdist uses one itself. */
export const poolName = word.refine((name) => name !== "inherit", 'must not be "inherit"');

export const poolsSchema = distinct(
    group({
        name: poolName,
        servers: distinct(server).min(1, "must name at least one server"),
        domains: distinct(domainName)
            .min(1, "must name at least one domain; leave it out instead")
            .optional(),
        clients: groupNames,
        policy: balancingPolicy,
        cacheEntries: count(100, 1_000_000).default(10_000),
    }).superRefine(oneOf(["domains", "clients"], "must stand here, or clients: else it gets every query")),
    ({ name }) => name,
).default([]);

export type ResolvedPool = z.output<typeof poolsSchema>[number];
