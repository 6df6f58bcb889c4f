import { family, hostPrefix } from "./announcement";
import type { ResolvedVrrp } from "./vrrp";

/**
 * keepalived's configuration (https://www.keepalived.org/manpage.html): one virtual router for the addresses of both
 * families, so that they are always at the same host.
 *
 * @param virtual the addresses that go from host to host
 */
export function keepalivedConf(settings: ResolvedVrrp, virtual: readonly string[]): string {
    const { id, priority, peers, unicast, advertSeconds } = settings;
    const spoken = (unicast ? peers : virtual).map(family).includes("ipv4") ? "ipv4" : "ipv6";
    const held = (named: string, addresses: readonly string[]) =>
        addresses.length > 0 ? block(named, addresses.map(hostPrefix)) : [];
    return [
        // A neighbor that has missed the change of hosts hears of it again.
        ...block("global_defs", ["vrrp_version 3", "vrrp_garp_master_refresh 60"]),
        // Anything but 0 in it is a fault: images/announcer/Keepalived.pm writes what the check has found.
        ...block("track_file offer", ['file "/run/speaker/offer"', "weight 0"]),
        ...block("vrrp_instance service", [
            "state BACKUP",
            "nopreempt",
            `interface ${settings.interface}`,
            `virtual_router_id ${id}`,
            `priority ${priority}`,
            `advert_int ${advertSeconds}`,
            ...(unicast ? block("unicast_peer", peers) : []),
            ...held(
                "virtual_ipaddress",
                virtual.filter((address) => family(address) === spoken),
            ),
            ...held(
                "virtual_ipaddress_excluded",
                virtual.filter((address) => family(address) !== spoken),
            ),
            ...block("track_file", ["offer"]),
        ]),
        "",
    ].join("\n");
}

const block = (named: string, lines: readonly string[]): string[] => [
    `${named} {`,
    ...lines.map((line) => `    ${line}`),
    "}",
];
