/**
 * What the lab Internet is and what a right resolver says about it.
 * The zones themselves stand in image/zones; tests hold resolvers to this catalogue.
 */

/** The Docker network the lab lives on; resolvers join it to see the lab. */
export const labNetwork = {
    name: "recursive-dns-lab",
    subnet: "198.18.0.0/24",
    gateway: "198.18.0.1",
    /** Containers that join get their addresses here, away from the lab's servers. */
    joinRange: "198.18.0.128/25",
} as const;

/** Parent and child zones never share an address: a resolver would see no zone cut between them. */
export const servers = {
    root: ["198.18.0.10", "198.18.0.11"],
    tld: ["198.18.0.20", "198.18.0.21"],
    leaf: ["198.18.0.30", "198.18.0.31"],
} as const;

export const rootHints: Readonly<Record<string, readonly string[]>> = {
    "a.root-lab.": [servers.root[0]],
    "b.root-lab.": [servers.root[1]],
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

export type RecordType = "A" | "AAAA" | "CNAME" | "MX" | "TXT";

export interface ResourceRecord {
    name: string;
    type: RecordType;
    data: string;
}

export interface Question {
    name: string;
    type: RecordType;
    /** The CD bit: the client wants the data even if it does not validate. */
    checkingDisabled?: true;
}

/** A question and the only right answer to it, whatever the transport. */
export interface Expectation {
    question: Question;
    rcode: "NOERROR" | "NXDOMAIN" | "SERVFAIL";
    /** The AD bit, for a client that asks with AD or DO. */
    authenticated: boolean;
    /** The answer section without signatures, in any order within an RRset. */
    answers: readonly ResourceRecord[];
    /** UDP gives a truncated answer (TC), TCP the whole one. */
    truncatedOverUdp?: true;
}

/** Wildcards: any number of names that nobody has asked before. */
export const wildcards = {
    /** Asked upstream once; then a resolver makes the answers itself from signed records (RFC 8198). */
    signed: { suffix: "wild.example.com", address: "192.0.2.82" },
    /** Every new name is asked upstream. */
    unsigned: { suffix: "wild.example.net", address: "192.0.2.83" },
} as const;

const wwwExampleCom: ResourceRecord = { name: "www.example.com", type: "A", data: "192.0.2.80" };

const bigTexts = Array.from({ length: 17 }, (_, index) =>
    String(index + 1)
        .padStart(2, "0")
        .padEnd(250, "."),
);

/** One expectation for every kind of answer the lab has. */
export const expectations: readonly Expectation[] = [
    {
        question: { name: "www.example.com", type: "A" },
        rcode: "NOERROR",
        authenticated: true,
        answers: [wwwExampleCom],
    },
    {
        question: { name: "www.example.com", type: "AAAA" },
        rcode: "NOERROR",
        authenticated: true,
        answers: [{ name: "www.example.com", type: "AAAA", data: "2001:db8::80" }],
    },
    // The name exists, the type does not.
    { question: { name: "www.example.com", type: "MX" }, rcode: "NOERROR", authenticated: true, answers: [] },
    {
        question: { name: "alias.example.com", type: "A" },
        rcode: "NOERROR",
        authenticated: true,
        answers: [{ name: "alias.example.com", type: "CNAME", data: "www.example.com" }, wwwExampleCom],
    },
    {
        question: { name: "big.example.com", type: "TXT" },
        rcode: "NOERROR",
        authenticated: true,
        answers: bigTexts.map((data) => ({ name: "big.example.com", type: "TXT", data })),
        truncatedOverUdp: true,
    },
    {
        question: { name: "missing.example.com", type: "A" },
        rcode: "NXDOMAIN",
        authenticated: true,
        answers: [],
    },
    // No such TLD and no such domain: denied by the NSEC chain of the root and by NSEC3 of com.
    { question: { name: "www.nowhere", type: "A" }, rcode: "NXDOMAIN", authenticated: true, answers: [] },
    {
        question: { name: "www.unregistered.com", type: "A" },
        rcode: "NXDOMAIN",
        authenticated: true,
        answers: [],
    },
    {
        question: { name: `any.${wildcards.signed.suffix}`, type: "A" },
        rcode: "NOERROR",
        authenticated: true,
        answers: [{ name: `any.${wildcards.signed.suffix}`, type: "A", data: wildcards.signed.address }],
    },
    {
        question: { name: "www.example.net", type: "A" },
        rcode: "NOERROR",
        authenticated: false,
        answers: [{ name: "www.example.net", type: "A", data: "192.0.2.81" }],
    },
    {
        question: { name: `any.${wildcards.unsigned.suffix}`, type: "A" },
        rcode: "NOERROR",
        authenticated: false,
        answers: [{ name: `any.${wildcards.unsigned.suffix}`, type: "A", data: wildcards.unsigned.address }],
    },
    {
        question: { name: "missing.example.net", type: "A" },
        rcode: "NXDOMAIN",
        authenticated: false,
        answers: [],
    },
    // Forged after it was signed, in a zone that is otherwise good.
    { question: { name: "www.bogus.org", type: "A" }, rcode: "SERVFAIL", authenticated: false, answers: [] },
    {
        question: { name: "www.bogus.org", type: "A", checkingDisabled: true },
        rcode: "NOERROR",
        authenticated: false,
        answers: [{ name: "www.bogus.org", type: "A", data: "192.0.2.66" }],
    },
    {
        question: { name: "intact.bogus.org", type: "A" },
        rcode: "NOERROR",
        authenticated: true,
        answers: [{ name: "intact.bogus.org", type: "A", data: "192.0.2.85" }],
    },
];
