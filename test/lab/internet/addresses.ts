/** Where the servers of the lab are. The network itself is in ../catalog.ts. */

/** The IPv4 address that ends in this number, and the IPv6 address that does. */
export const v4 = (last: number) => `198.18.0.${last}`;
export const v6 = (last: number) => `fd53:198:18::${last}`;
export const both = (last: number) => [v4(last), v6(last)];

/** Parent and child zones never share an address: a resolver would see no zone cut between them. */
export const servers = {
    root: [10, 11],
    tld: [20, 21],
    /** Of domains that have name servers of their own. */
    own: [30, 31],
    /** Of hosting companies: the first of two for each. */
    hosters: [32, 34, 36, 38, 40, 42, 44, 46, 48, 50],
} as const;

/** Servers that do not do as they should, and how: see ../image/faults.py. */
export const faulty = {
    slow: 60,
    refused: 61,
    servfail: 62,
    formerr: 63,
    silent: 64,
    lame: 65,
    truncated: 66,
    "truncated-no-tcp": 67,
    lowercase: 68,
    "no-edns": 69,
    "formerr-edns": 70,
    "drop-edns": 71,
    "nxdomain-for-nodata": 72,
} as const;

export type Fault = keyof typeof faulty;
