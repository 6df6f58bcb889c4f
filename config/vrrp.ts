import { z } from "zod";
import {
    type AnnouncementSettings,
    type Problem,
    announcedAddresses,
    announcementFields,
    checkAnnouncement,
    family,
    seconds,
} from "./announcement";
import { count, group, normalAddress } from "./fields";

/**
 * Has two or more hosts of one network hold service addresses in turn: one of those that answer has them, by VRRP
 * (RFC 9568), and another one when it does not answer any more: docs/anycast.md, "Without BGP".
 */
export interface VrrpSettings extends AnnouncementSettings {
    /** The number of the virtual router, 1 to 255: the same at each of the hosts, and at nothing else in their network. */
    readonly id: number;

    /** The interface of the host in that network, such as `eth0`. It is that interface that gets the addresses. */
    readonly interface: string;

    /**
     * Which of `serviceAddress.addresses` are held so. The others stay at this host; at least one has to, as by it the
     * host is asked whether it answers: `127.0.0.1`, or the `address` of a site.
     * @default all but those of loopback, and a site's `address`
     */
    readonly addresses?: readonly string[];

    /**
     * Which host comes first when several are there, 1 to 254: that of the highest priority, or else of the highest
     * address. One that has the addresses keeps them, also when one of a higher priority comes back.
     * @default 100
     */
    readonly priority?: number;

    /**
     * Whether the hosts tell each other, at their {@link AnnouncementSettings.peers}, instead of all the network: for
     * networks that carry no multicast. Those are then addresses of the hosts' interfaces in this network, of one family.
     * @default false
     */
    readonly unicast?: boolean;

    /**
     * How often the host that has the addresses says so, in seconds, 0.05 to 10. Another one takes over after
     * three to four of these without a word.
     * @default 0.1
     */
    readonly advertSeconds?: number;
}

export const vrrpSchema = group({
    id: count(1, 255),
    interface: z
        .string("must be the name of an interface")
        .regex(/^[A-Za-z0-9][\w.-]{0,14}$/, "must be the name of an interface, such as eth0"),
    priority: count(1, 254).default(100),
    unicast: z.boolean("must be true or false").default(false),
    advertSeconds: seconds(0.05, 10)
        // What is said is in hundredths.
        .transform((value) => Math.round(value * 100) / 100)
        .default(0.1),
    ...announcementFields,
});

/** The settings with every default filled in. */
export type ResolvedVrrp = z.output<typeof vrrpSchema>;

/** Says what is wrong with these settings beside the addresses that the site has. */
export function checkVrrp(vrrp: ResolvedVrrp, service: readonly string[], problem: Problem): void {
    checkAnnouncement(vrrp, service, problem);
    const { addresses, peers, unicast } = vrrp;
    const { virtual, fixed } = dividedAddresses(vrrp, service);
    const rule = "must leave one of serviceAddress.addresses at this host, such as 127.0.0.1, to ask it by";
    if (virtual.length === 0)
        problem(["addresses"], "must name an address that is not of loopback", addresses ?? service);
    else if (fixed.length === 0) problem(["addresses"], rule, addresses ?? service);
    if (unicast && peers.length === 0)
        problem(["peers"], "must name the other hosts, or sites an address each, for unicast", peers);
    if (unicast && new Set(peers.map(family)).size > 1)
        problem(["peers"], "must all be IPv4 or all IPv6, for unicast", peers);
}

/** The addresses that go from host to host, and those that stay. */
export function dividedAddresses(
    vrrp: Pick<ResolvedVrrp, "addresses">,
    service: readonly string[],
): { readonly virtual: readonly string[]; readonly fixed: readonly string[] } {
    const chosen = new Set(announcedAddresses(vrrp, service));
    const isVirtual = (address: string) => chosen.has(normalAddress(address));
    return { virtual: service.filter(isVirtual), fixed: service.filter((address) => !isVirtual(address)) };
}
