/** A few domains for people to play with, and for tests that want to know every answer by heart. */

import type { Expectation, ResourceRecord } from "./expectation";
import { servers, v4 } from "./addresses";
import type { Domain } from "./domains";
import type { Signing, Zone, ZoneRecord } from "./zone";

/** Wildcards: any number of names that nobody has asked before. */
export const wildcards = {
    /** Asked upstream once; then a resolver makes the answers itself from signed records (RFC 8198). */
    signed: { suffix: "wild.example.com", address: "192.0.2.82" },
    /** Every new name is asked upstream, and there is no validation to pay for. */
    unsigned: { suffix: "wild.example.net", address: "192.0.2.83" },
} as const;

/** Names below the unsigned wildcard that no one knows who has not asked by the same label. */
export const newNames = (label: string | number, count: number) =>
    Array.from({ length: count }, (_, index) => `${label}-${index}.${wildcards.unsigned.suffix}`);

const signing: Signing = { algorithm: "ecdsap256sha256" };

const zone = (origin: string, records: readonly ZoneRecord[], more: Partial<Zone>): Zone => ({
    origin,
    servers: servers.own.map((last, index) => ({ name: `ns${index + 1}.${origin}`, addresses: [v4(last)] })),
    records,
    ...more,
});

const www: ResourceRecord = { name: "www.example.com", type: "A", data: "192.0.2.80" };
const www6: ResourceRecord = { name: "www.example.com", type: "AAAA", data: "2001:db8::80" };

const [signedName, unsignedName] = [`any.${wildcards.signed.suffix}`, `any.${wildcards.unsigned.suffix}`];

/** More than 4 kB: truncated over UDP. */
export const tooLongForUdp = (name: string) =>
    Array.from({ length: 17 }, (_, index): ResourceRecord => {
        const data = String(index + 1)
            .padStart(2, "0")
            .padEnd(250, ".");
        return { name, type: "TXT", data };
    });
/** Texts as a zone file has them. */
export const inZone = (texts: readonly ResourceRecord[]) =>
    texts.map((record) => ({ ...record, data: `"${record.data}"` }));

const big = tooLongForUdp("big.example.com");

const a = (name: string, data: string): ResourceRecord => ({ name, type: "A", data });
const ok = { rcode: "NOERROR", authenticated: true } as const;
const unsigned = { ...ok, authenticated: false } as const;

const exampleCom: Domain = {
    zone: zone(
        "example.com",
        [
            www,
            www6,
            { name: "alias.example.com", type: "CNAME", data: "www.example.com." },
            a("*.wild.example.com", wildcards.signed.address),
            ...inZone(big),
        ],
        { signing },
    ),
    expectations: [
        { question: { name: "www.example.com", type: "A" }, ...ok, answers: [www] },
        { question: { name: "www.example.com", type: "AAAA" }, ...ok, answers: [www6] },
        // The name exists, the type does not.
        { question: { name: "www.example.com", type: "MX" }, ...ok, answers: [] },
        {
            question: { name: "alias.example.com", type: "A" },
            ...ok,
            answers: [{ name: "alias.example.com", type: "CNAME", data: "www.example.com" }, www],
        },
        { question: { name: "big.example.com", type: "TXT" }, ...ok, answers: big, truncatedOverUdp: true },
        { question: { name: "missing.example.com", type: "A" }, ...ok, rcode: "NXDOMAIN", answers: [] },
        {
            question: { name: signedName, type: "A" },
            ...ok,
            answers: [a(signedName, wildcards.signed.address)],
        },
    ],
};

const exampleNet: Domain = {
    zone: zone(
        "example.net",
        [a("www.example.net", "192.0.2.81"), a("*.wild.example.net", wildcards.unsigned.address)],
        {},
    ),
    expectations: [
        {
            question: { name: "www.example.net", type: "A" },
            ...unsigned,
            answers: [a("www.example.net", "192.0.2.81")],
        },
        {
            question: { name: unsignedName, type: "A" },
            ...unsigned,
            answers: [a(unsignedName, wildcards.unsigned.address)],
        },
        { question: { name: "missing.example.net", type: "A" }, ...unsigned, rcode: "NXDOMAIN", answers: [] },
    ],
};

const bogusOrg: Domain = {
    zone: zone("bogus.org", [a("www.bogus.org", "192.0.2.84"), a("intact.bogus.org", "192.0.2.85")], {
        signing,
        // Forged after it was signed, in a zone that is otherwise good.
        spoiled: ["s/^(www\\..*\\sA\\s+)192\\.0\\.2\\.84$/\\1192.0.2.66/"],
    }),
    expectations: [
        { question: { name: "www.bogus.org", type: "A" }, ...unsigned, rcode: "SERVFAIL", answers: [] },
        {
            question: { name: "www.bogus.org", type: "A", checkingDisabled: true },
            ...unsigned,
            answers: [a("www.bogus.org", "192.0.2.66")],
        },
        {
            question: { name: "intact.bogus.org", type: "A" },
            ...ok,
            answers: [a("intact.bogus.org", "192.0.2.85")],
        },
    ],
};

/** No such TLD and no such domain: denied by the NSEC chain of the root and by NSEC3 of com. */
const nobodys: readonly Expectation[] = ["www.nowhere", "www.unregistered.com"].map((name) => ({
    question: { name, type: "A" },
    ...ok,
    rcode: "NXDOMAIN",
    answers: [],
}));

export const showcaseDomains: readonly Domain[] = [exampleCom, exampleNet, bogusOrg];

/** One expectation for every kind of answer. */
export const showcase: readonly Expectation[] = [
    ...showcaseDomains.flatMap((domain) => domain.expectations),
    ...nobodys,
];
