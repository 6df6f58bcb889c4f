/** What zones are made of, and how they are written down. */

/** A record; names have no dot at their end, and the root is "". */
export interface ZoneRecord {
    readonly name: string;
    readonly type: string;
    /** As a zone file has it: names in it are absolute. */
    readonly data: string;
    /** In seconds; the zone's own if there is none. */
    readonly ttl?: number;
}

/** A name server: what it is called, and where it is. */
export interface NameServer {
    readonly name: string;
    readonly addresses: readonly string[];
}

/** How a zone is signed. */
export interface Signing {
    readonly algorithm:
        "rsasha256" | "rsasha512" | "ecdsap256sha256" | "ecdsap384sha384" | "ed25519" | "ed448";
    /** Denial by NSEC3, with so many iterations more; by NSEC if there is none. */
    readonly nsec3?: { readonly iterations: number; readonly optOut?: true };
    /** Signs as if it was that moment, in seconds since the epoch, with signatures that last a day. */
    readonly at?: number;
}

export interface Zone {
    /** "" for the root. */
    readonly origin: string;
    readonly servers: readonly NameServer[];
    readonly records: readonly ZoneRecord[];
    readonly signing?: Signing;
    /**
     * What the parent says of its keys: nothing, or a DS record of this text.
     * @default a DS record of each, if the zone is signed
     */
    readonly ds?: "none" | { readonly data: string };
    /** Commands of sed that spoil the zone once it is signed: each line is `owner TTL type data`. */
    readonly spoiled?: readonly string[];
}

/** Is this the zone's own name, or one below it? */
const isWithin = (name: string, origin: string) =>
    origin === "" || name === origin || name.endsWith(`.${origin}`);

/** The name of the zone that delegates this one. */
export const parentOf = (origin: string) => origin.slice(origin.indexOf(".") + 1 || origin.length);

export const absolute = (name: string) => `${name}.`;

const line = ({ name, type, data, ttl }: ZoneRecord) =>
    `${absolute(name)} ${ttl === undefined ? "" : `${ttl} `}${type} ${data}`;

const addressRecords = ({ name, addresses }: NameServer) =>
    addresses.map((data) => ({ name, type: data.includes(":") ? "AAAA" : "A", data }));

const nameServers = (name: string, servers: readonly NameServer[]) =>
    servers.map((server) => ({ name, type: "NS", data: absolute(server.name) }));

/** The zone file, not signed. The DS records of what it delegates join it when those zones have been signed. */
export function zoneFile(zone: Zone, children: readonly Zone[]): string {
    const { origin, servers } = zone;
    const hostmaster = absolute(origin === "" ? "hostmaster" : `hostmaster.${origin}`);
    const soa = `${absolute(servers[0]!.name)} ${hostmaster} 1 1h 15m 1d 1m`;
    const delegations = children.flatMap((child) => [
        ...nameServers(child.origin, child.servers),
        // Glue, for servers that nobody finds without.
        ...child.servers.filter((server) => isWithin(server.name, child.origin)).flatMap(addressRecords),
        ...(typeof child.ds === "object" ? [{ name: child.origin, type: "DS", data: child.ds.data }] : []),
    ]);
    const all: ZoneRecord[] = [
        { name: origin, type: "SOA", data: soa },
        ...nameServers(origin, servers),
        ...servers.filter((server) => isWithin(server.name, origin)).flatMap(addressRecords),
        ...zone.records,
        ...delegations,
    ];
    const ttl = children.length > 0 ? "1h" : "5m";
    return `$TTL ${ttl}\n${[...new Set(all.map(line))].join("\n")}\n`;
}
