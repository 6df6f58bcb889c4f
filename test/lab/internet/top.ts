/** The root, its ten top-level domains, and the companies that host most of what is below them. */

import { both, servers, v4, v6 } from "./addresses";
import type { NameServer, Signing, Zone } from "./zone";

const named = (prefix: string, addresses: readonly (readonly string[])[]): NameServer[] =>
    addresses.map((each, index) => ({ name: `${"abcdefgh"[index]}.${prefix}`, addresses: each }));

export const root: Zone = {
    origin: "",
    servers: named("root-lab", servers.root.map(both)),
    records: [],
    signing: { algorithm: "ecdsap256sha256" },
};

const p256: Signing = { algorithm: "ecdsap256sha256" };

/** Every algorithm in use, and every way to deny a name. */
const signings: Readonly<Record<string, Signing | undefined>> = {
    com: { ...p256, nsec3: { iterations: 0 } },
    net: p256,
    org: { ...p256, nsec3: { iterations: 0, optOut: true } },
    info: { algorithm: "rsasha256", nsec3: { iterations: 1, optOut: true } },
    dev: { algorithm: "ed25519" },
    se: { algorithm: "rsasha512" },
    nl: { algorithm: "ecdsap384sha384", nsec3: { iterations: 10 } },
    ch: { algorithm: "ed448" },
    app: { algorithm: "rsasha256" },
    io: undefined,
};

export const tlds: readonly Zone[] = Object.entries(signings).map(([origin, signing]) => ({
    origin,
    servers: named(`nic.${origin}`, servers.tld.map(both)),
    records: [],
    ...(signing && { signing }),
}));

/** A company whose name servers serve its customers' domains: they are found below the company's own domain. */
export interface Hoster {
    readonly zone: Zone;
    readonly servers: readonly NameServer[];
    /** Nobody reaches it by IPv4. */
    readonly ipv6Only: boolean;
}

export const hosters: readonly Hoster[] = servers.hosters.map((first, index) => {
    const origin = `hosting${index}.${tlds[index]!.origin}`;
    const pair = [first, first + 1];
    // The last but one has many name servers, on two addresses; the last is reached by IPv6 alone; half have both.
    const [many, ipv6Only] = [index === 8, index === 9];
    const addresses = many ? [...pair, ...pair, ...pair, ...pair] : pair;
    const where = ipv6Only ? (last: number) => [v6(last)] : index % 2 ? both : (last: number) => [v4(last)];
    const own = named(`ns.${origin}`, addresses.map(where));
    const signing = tlds[index]!.signing && index % 3 === 0 ? { signing: p256 } : {};
    return { zone: { origin, servers: own, records: [], ...signing }, servers: own, ipv6Only };
});
