/** Ten thousand domains of ordinary people, each a bit different, and what a right resolver says about them. */

import type { Expectation, ResourceRecord } from "./expectation";
import { both, servers } from "./addresses";
import { pick, random } from "./random";
import { hosters, tlds } from "./top";
import { absolute, type Signing, type Zone, type ZoneRecord } from "./zone";

const domainCount = 10_000;

/** A domain, and questions with the only right answers to them. */
export interface Domain {
    readonly zone: Zone;
    readonly expectations: readonly Expectation[];
    /** Nobody without IPv6 can resolve it. */
    readonly ipv6Only?: boolean;
}

const syllables = [
    "ba",
    "de",
    "fi",
    "go",
    "hu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "wu",
    "zy",
];

/** How often a signed domain is signed in which way. */
const signings: readonly Signing[] = [
    ...Array<Signing>(4).fill({ algorithm: "ecdsap256sha256" }),
    ...Array<Signing>(3).fill({ algorithm: "ecdsap256sha256", nsec3: { iterations: 0 } }),
    { algorithm: "rsasha256" },
    { algorithm: "rsasha256", nsec3: { iterations: 1 } },
    { algorithm: "ecdsap256sha256", nsec3: { iterations: 5, optOut: true } },
    { algorithm: "ed25519" },
    { algorithm: "ecdsap384sha384", nsec3: { iterations: 10 } },
    { algorithm: "ed448" },
    { algorithm: "rsasha512" },
];

const originOf = (index: number) => {
    const word = [1, 2, 3].map((part) => pick(syllables, "name", index, part)).join("");
    return `${word}${index}.${tlds[index % tlds.length]!.origin}`;
};

const signingOf = (index: number): Signing | undefined =>
    random(10, "signed", index) < 4 ? pick(signings, "signing", index) : undefined;

/** Is there a chain of trust to it? Some have keys that their parent says nothing of. */
const lacksDs = (index: number) => random(20, "ds", index) === 0;
const isSecure = (index: number) =>
    signingOf(index) !== undefined && !lacksDs(index) && tlds[index % tlds.length]!.signing !== undefined;

const hosterOf = (index: number) =>
    random(5, "own", index) === 0 ? undefined : pick(hosters, "hoster", index);

/** An address that only this name has. */
const address = (index: number, salt: number) => {
    const number = index * 8 + salt;
    return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
};

/** What one domain has beside its web site. */
interface Feature {
    readonly records: readonly ZoneRecord[];
    readonly expectations: readonly Pick<Expectation, "question" | "answers" | "truncatedOverUdp">[];
    /** The answers prove that there is no such name, which opt-out leaves open. */
    readonly wildcard?: true;
    /** Other domains that its answers come from. */
    readonly from?: readonly number[];
}

const www = (index: number): ResourceRecord => ({
    name: `www.${originOf(index)}`,
    type: "A",
    data: address(index, 1),
});

/** The record as it stands in the zone, and the question that it answers. */
const asked = (record: ResourceRecord): Feature => ({
    records: [record],
    expectations: [{ question: record, answers: [record] }],
});

const features: readonly ((index: number, origin: string) => Feature)[] = [
    (_, origin) => ({
        records: [{ name: origin, type: "MX", data: `10 mail.${origin}.` }],
        expectations: [
            {
                question: { name: origin, type: "MX" },
                answers: [{ name: origin, type: "MX", data: `10 mail.${origin}` }],
            },
        ],
    }),
    (index, origin) => {
        const names = ["shop", "shop.cdn", "shop.edge"].map((label) => `${label}.${origin}`);
        const next = (index + 1 + random(domainCount - 1, "alias", index)) % domainCount;
        const targets = [...names.slice(1), www(next).name];
        const chain = names.map((name, hop) => ({ name, type: "CNAME" as const, data: targets[hop]! }));
        return {
            records: chain.map((record) => ({ ...record, data: absolute(record.data) })),
            expectations: [{ question: { name: names[0]!, type: "A" }, answers: [...chain, www(next)] }],
            from: [next],
        };
    },
    (index, origin) => {
        const target: ResourceRecord = { name: `host.new.${origin}`, type: "A", data: address(index, 2) };
        const dname = { name: `old.${origin}`, type: "DNAME" as const, data: `new.${origin}` };
        const alias = { name: `host.old.${origin}`, type: "CNAME" as const, data: target.name };
        return {
            records: [target, { ...dname, data: absolute(dname.data) }],
            expectations: [{ question: { name: alias.name, type: "A" }, answers: [dname, alias, target] }],
        };
    },
    (index, origin) => {
        const data = address(index, 2);
        const name = `anybody${random(1000, "wildcard", index)}.users.${origin}`;
        return {
            records: [{ name: `*.users.${origin}`, type: "A", data }],
            expectations: [{ question: { name, type: "A" }, answers: [{ name, type: "A", data }] }],
            wildcard: true,
        };
    },
    (index, origin) => {
        const deep = asked({ name: `a.deep.tree.${origin}`, type: "A", data: address(index, 2) });
        // An empty non-terminal: there is nothing at it, but it exists.
        const empty = { question: { name: `tree.${origin}`, type: "A" as const }, answers: [] };
        return { ...deep, expectations: [...deep.expectations, empty] };
    },
    (index, origin) => {
        const { records, ...rest } = asked({ name: `short.${origin}`, type: "A", data: address(index, 2) });
        return { ...rest, records: records.map((record) => ({ ...record, ttl: 1 })) };
    },
    (index, origin) => {
        const { records, ...rest } = asked({ name: `long.${origin}`, type: "A", data: address(index, 2) });
        return { ...rest, records: records.map((record) => ({ ...record, ttl: 604_800 })) };
    },
    (_, origin) => {
        const name = `large.${origin}`;
        const data = Array.from({ length: 12 }, (_, part) => String(part).padStart(3, "0").repeat(80));
        return {
            records: data.map((text) => ({ name, type: "TXT", data: `"${text}"` })),
            expectations: [
                {
                    question: { name, type: "TXT" },
                    answers: data.map((text) => ({ name, type: "TXT" as const, data: text })),
                    truncatedOverUdp: true,
                },
            ],
        };
    },
    (_, origin) => asked({ name: origin, type: "HTTPS", data: "\\# 10 00010000010003026832" }),
    (_, origin) => asked({ name: `_dns.${origin}`, type: "SVCB", data: "\\# 11 0001000001000403646f74" }),
];

type Draft = Pick<Expectation, "question" | "answers"> &
    Partial<Expectation> & { readonly unproven?: boolean | undefined };

function domain(index: number): Domain {
    const origin = originOf(index);
    const signing = signingOf(index);
    const hoster = hosterOf(index);
    const feature = pick(features, "feature", index)(index, origin);
    const site: ResourceRecord[] = [
        { name: origin, type: "A", data: address(index, 0) },
        { name: origin, type: "AAAA", data: `2001:db8::${index.toString(16)}` },
        www(index),
    ];
    const own = servers.own.map((last, number) => ({
        name: `ns${number + 1}.${origin}`,
        addresses: both(last),
    }));
    const foreign = !(feature.from ?? []).every(isSecure);
    const ipv6Only = [index, ...(feature.from ?? [])].some((each) => hosterOf(each)?.ipv6Only);
    const missing = `missing.${origin}`;
    const optOut = signing?.nsec3?.optOut;
    return {
        zone: {
            origin,
            servers: hoster?.servers ?? own,
            records: [
                ...site,
                { name: `mail.${origin}`, type: "A", data: address(index, 7) },
                ...feature.records,
            ],
            ...(signing && { signing }),
            ...(lacksDs(index) && { ds: "none" as const }),
        },
        expectations: [
            ...site.map((record) => ({ question: record, answers: [record] })),
            ...feature.expectations.map((each) => ({
                ...each,
                unproven: foreign || (optOut && feature.wildcard),
            })),
            { question: { name: `www.${origin}`, type: "MX" as const }, answers: [] },
            {
                question: { name: missing, type: "A" as const },
                rcode: "NXDOMAIN" as const,
                answers: [],
                unproven: optOut,
            },
        ].map(({ question: { name, type }, unproven = false, ...rest }: Draft) => ({
            rcode: "NOERROR" as const,
            authenticated: isSecure(index) && !unproven,
            question: { name, type },
            ...rest,
        })),
        ...(ipv6Only && { ipv6Only }),
    };
}

export const domains = (): Domain[] => Array.from({ length: domainCount }, (_, index) => domain(index));
