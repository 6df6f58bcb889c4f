import ipaddr from "ipaddr.js";
import { z } from "zod";
import {
    type AnnouncementSettings,
    type Problem,
    announcedAddresses,
    announcementFields,
    checkAnnouncement,
    family,
} from "./announcement";
import { count, distinct, group, ipAddress, normalAddress } from "./fields";

/**
 * Announces service addresses by BGP for as long as they answer: docs/anycast.md. The reference of what it is made of is
 * https://bird.nic.cz/doc/bird-3.4.0.html
 */
export interface AnycastSettings extends AnnouncementSettings {
    /** The autonomous system of this site, 1 to 4294967294. It may be that of a neighbor: then it is internal BGP. */
    readonly asn: number;

    /** The routers that the addresses are announced to, at least one for each family of addresses. */
    readonly neighbors: readonly NeighborSettings[];

    /**
     * Which of `serviceAddress.addresses` are announced, each as a route of its own.
     * @default all but those of loopback
     */
    readonly addresses?: readonly string[];

    /**
     * What this site is called among routers, in the form of an IPv4 address.
     * @default the lowest IPv4 address of the host's interfaces
     */
    readonly routerId?: string;

    /**
     * Communities of the routes: `65001:100`, or large ones such as `65001:1:100`.
     * @default []
     */
    readonly communities?: readonly string[];

    /**
     * How often the path gets this site's system once more, 0 to 16: the more, the less the site is preferred.
     * @default 0
     */
    readonly prepend?: number;

    /**
     * The multi-exit discriminator of the routes, 0 to 4294967295: the lower, the more the site is preferred.
     * @default none
     */
    readonly med?: number;
}

/** A router. Its password is no setting: see `RecursiveDnsArgs.anycastPasswords`. */
export interface NeighborSettings {
    readonly address: string;

    /** Its autonomous system, 1 to 4294967294. */
    readonly asn: number;

    /**
     * Whether the way to it is watched by BFD, which notices in 0.3 s that it is cut; the router has to do the same. A
     * session that does not come up is an alarm: the container is unhealthy, and says so.
     * @default false
     */
    readonly bfd?: boolean;

    /**
     * How many hops away it may be, 1 to 255.
     * @default none: it is in a network of this host
     */
    readonly hops?: number;

    /**
     * The address of this host that speaks with it; BFD over {@link hops} needs to be told.
     * @default that of the way to it
     */
    readonly source?: string;

    /**
     * After how many seconds without a word of it the session ends, 3 to 3600. It is also what the router would wait for
     * this host, when that is gone and there is no BFD.
     * @default 9
     */
    readonly holdSeconds?: number;
}

const asn = count(1, 4294967294);
const community = z
    .string("must be a community")
    .refine(
        (text) =>
            /^\d+:\d+(:\d+)?$/.test(text) &&
            text
                .split(":")
                .every((part, _, parts) => Number(part) <= (parts.length === 2 ? 65535 : 4294967295)),
        "must be a community, such as 65001:100 or 65001:1:100",
    );

const neighborSchema = group({
    address: ipAddress.transform(normalAddress),
    asn,
    bfd: z.boolean("must be true or false").default(false),
    hops: count(1, 255).optional(),
    source: ipAddress.transform(normalAddress).optional(),
    holdSeconds: count(3, 3600).default(9),
}).superRefine(({ bfd, hops, source }, context) => {
    if (!bfd || hops === undefined || source !== undefined) return;
    const message = "must be set for BFD with a neighbor that is hops away";
    context.addIssue({ code: "custom", path: ["source"], message, input: source });
});

export const anycastSchema = group({
    asn,
    neighbors: distinct(neighborSchema, ({ address }) => address).min(1, "must name at least one router"),
    routerId: ipAddress
        .refine((text) => ipaddr.IPv4.isValid(text), "must be in the form of an IPv4 address")
        .optional(),
    communities: distinct(community).default([]),
    prepend: count(0, 16).default(0),
    med: count(0, 4294967295).optional(),
    ...announcementFields,
});

/** The settings with every default filled in. */
export type ResolvedAnycast = z.output<typeof anycastSchema>;

/** Says what is wrong with these settings beside the addresses that the site has. */
export function checkAnycast(anycast: ResolvedAnycast, service: readonly string[], problem: Problem): void {
    checkAnnouncement(anycast, service, problem);
    const { addresses, neighbors } = anycast;
    const announced = announcedAddresses(anycast, service);
    if (announced.length === 0) {
        const rule = "must name an address, as serviceAddress.addresses has only those of loopback";
        problem(["addresses"], rule, addresses);
    }
    const heard = neighbors.map(({ address }) => address);
    for (const [kind, name] of Object.entries({ ipv4: "IPv4", ipv6: "IPv6" })) {
        const first = announced.find((address) => family(address) === kind);
        if (first === undefined || heard.some((address) => family(address) === kind)) continue;
        problem(["neighbors"], `must have one that is reached by ${name}, to announce ${first} to`, heard);
    }
    const own = service.map(normalAddress);
    heard.forEach((address, index) => {
        if (!own.includes(address)) return;
        problem(["neighbors", index, "address"], "must not be an address of this site", address);
    });
}
