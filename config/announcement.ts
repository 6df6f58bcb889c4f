import ipaddr from "ipaddr.js";
import { z } from "zod";
import { count, distinct, domainName, group, ipAddress, normalAddress } from "./fields";

/** What {@link ./anycast} and {@link ./vrrp} have in common: clients are led to this host for as long as it answers. */
export interface AnnouncementSettings {
    readonly check?: AnnouncementCheckSettings;

    /**
     * The other sites with the same addresses: an address of each that leads to it alone, where it is asked at
     * `serviceAddress.port` whether it announces. Its `dnsdist.acl` has to let this host ask.
     * @default the addresses of the other {@link ./sites}
     */
    readonly peers?: readonly string[];

    /**
     * How long the site goes on answering after it has withdrawn on purpose, in seconds, 1 to 60: others have to find
     * their other ways.
     * @default 3
     */
    readonly drainSeconds?: number;
}

/** What it takes to be announced. */
export interface AnnouncementCheckSettings {
    /**
     * After how many seconds without the right answer the site withdraws, 0.2 to 30; six times as many when none of
     * {@link AnnouncementSettings.peers} announces.
     * @default 0.5
     */
    readonly failSeconds?: number;

    /**
     * For how many seconds everything has to be right before it announces again, 1 to 600.
     * @default 10
     */
    readonly riseSeconds?: number;

    /**
     * When dnsdist answers, but no resolver does, it can serve what it knows for `dnsdist.outageCache.seconds`:
     * `withdraw`, `stay` announced until then, or withdraw only while one of {@link AnnouncementSettings.peers} says that
     * it announces and has a live resolver.
     * @default "withdraw-if-another"
     */
    readonly whenStale?: "withdraw" | "stay" | "withdraw-if-another";

    /**
     * A name that resolvers have to be able to resolve, by an A record, to count as live; to be asked of the Internet
     * about as often as its TTL says.
     * @default none: a resolver that answers counts as live, whether it reaches the Internet or not
     */
    readonly name?: string;
}

export const seconds = (least: number, most: number) =>
    z
        .number(`must be a number from ${least} to ${most}`)
        .min(least, `must be from ${least} to ${most}`)
        .max(most, `must be from ${least} to ${most}`);

const stale = ["withdraw", "stay", "withdraw-if-another"] as const;

/** The fields of both, for their schemas. */
export const announcementFields = {
    addresses: distinct(ipAddress, normalAddress)
        .min(1, "must name at least one address; leave it out for all")
        .optional(),
    check: group({
        failSeconds: seconds(0.2, 30).default(0.5),
        riseSeconds: seconds(1, 600).default(10),
        whenStale: z.enum(stale, `must be one of ${stale.join(", ")}`).default("withdraw-if-another"),
        name: domainName
            .max(253, "must be a domain name of at most 253 characters")
            .refine((name) => /[^.]\.[^.]/.test(name), "must be a domain name, such as www.example.com")
            .optional(),
    }).prefault({}),
    peers: distinct(ipAddress, normalAddress).default([]),
    drainSeconds: count(1, 60).default(3),
};

export type ResolvedAnnouncement = z.output<z.ZodObject<typeof announcementFields>>;

/** Says what is wrong with settings: where, which rule, and the value. */
export type Problem = (path: (string | number)[], rule: string, value: unknown) => void;

/** Says which of these are not among the service addresses, and which peers are. */
export function checkAnnouncement(
    { addresses = [], peers }: Pick<ResolvedAnnouncement, "addresses" | "peers">,
    service: readonly string[],
    problem: Problem,
): void {
    const own = new Set(service.map(normalAddress));
    addresses.forEach((address, index) => {
        if (own.has(normalAddress(address))) return;
        problem(["addresses", index], "must be one of serviceAddress.addresses as well", address);
    });
    peers.forEach((address, index) => {
        if (own.has(address)) problem(["peers", index], "must not be an address of this site", address);
    });
}

/** The addresses that clients are led to, of those that the site has: all but those of loopback, unless it says so. */
export function announcedAddresses(
    { addresses }: Pick<ResolvedAnnouncement, "addresses">,
    service: readonly string[],
): readonly string[] {
    const chosen = addresses ?? service.filter((address) => !isLoopback(address));
    return chosen.map(normalAddress);
}

const isLoopback = (address: string) => ipaddr.parse(address).range() === "loopback";

/** "ipv4" or "ipv6". */
export const family = (address: string) => ipaddr.parse(address).kind();

/** An address as the prefix that holds it alone. */
export const hostPrefix = (address: string) => `${address}/${family(address) === "ipv4" ? 32 : 128}`;

/**
 * What the announcer itself has to know, as `images/announcer/announce` reads it.
 *
 * @param addresses that are asked
 * @param port where they, and peers, are asked
 * @param outageSeconds for how long dnsdist serves what it knows when every resolver is down
 * @param neighbors the routers that it has to have a session with
 */
export function checkFile(
    { check, peers, drainSeconds }: ResolvedAnnouncement,
    addresses: readonly string[],
    port: number,
    outageSeconds: number,
    neighbors: readonly { readonly address: string; readonly bfd: boolean }[] = [],
): string {
    return [
        ...addresses.map((address) => `address ${address}`),
        `port ${port}`,
        `fail ${check.failSeconds}`,
        `rise ${check.riseSeconds}`,
        `stale ${check.whenStale}`,
        `outage ${outageSeconds}`,
        `drain ${drainSeconds}`,
        ...(check.name === undefined ? [] : [`name ${check.name.replace(/\.$/, "")}`]),
        ...peers.map((peer) => `peer ${peer}`),
        ...neighbors.map(({ address, bfd }) => `neighbor ${address} ${bfd ? "bfd" : "plain"}`),
        "",
    ].join("\n");
}
