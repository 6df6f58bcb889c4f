/** Where the lab Internet is, and how resolvers take it for the Internet. What is in it stands in ./internet. */

import { servers, v4 } from "./internet/addresses";

/** The Docker network the lab lives on; resolvers join it to see the lab. */
export const labNetwork = {
    name: "recursive-dns-lab",
    subnet: "198.18.0.0/24",
    gateway: "198.18.0.1",
    subnet6: "fd53:198:18::/64",
    gateway6: "fd53:198:18::1",
    /** Containers that join get their addresses here, away from the lab's servers. */
    joinRange: "198.18.0.128/25",
} as const;

export const rootHints: Readonly<Record<string, readonly string[]>> = {
    "a.root-lab.": [v4(servers.root[0])],
    "b.root-lab.": [v4(servers.root[1])],
};

/** The DS record of image/lab.pem as key of the root. */
export const rootTrustAnchor =
    ". IN DS 30545 13 2 27a91dee5b9297a9851e084290d9c09d81ed416fa2c89e7146af1a4b8aec5ab9";

/** The settings of resolvers that take the lab for the Internet. */
export const labResolvers = {
    networks: [labNetwork.name],
    rootHints,
    trustAnchors: [rootTrustAnchor],
};
