/** Domains that are broken on purpose, one for each way, and what a right resolver makes of them. */

import type { Expectation, RecordType, ResourceRecord } from "./expectation";
import { both, type Fault, faulty, servers, v4 } from "./addresses";
import type { Domain } from "./domains";
import { inZone, tooLongForUdp } from "./showcase";
import { absolute, type NameServer, type Signing, type Zone, type ZoneRecord } from "./zone";

const p256: Signing = { algorithm: "ecdsap256sha256" };
const good = servers.own;

/** What is told of a broken domain; the rest is as in a good one. */
interface Case {
    readonly origin: string;
    readonly signing?: Signing;
    readonly ds?: Zone["ds"];
    readonly spoiled?: readonly string[];
    /** The last numbers of its servers' addresses. @default those of good ones */
    readonly at?: readonly number[];
    readonly servers?: readonly NameServer[];
    readonly records?: readonly ZoneRecord[];
    /** What its www is answered with. @default its address, and not authenticated */
    readonly www?: "secure" | "insecure" | "SERVFAIL";
    readonly mayFail?: true;
    readonly more?: readonly Expectation[];
}

const address = "192.0.2.90";

function broken({
    origin,
    at = good,
    www = "insecure",
    mayFail,
    more = [],
    records = [],
    ...zone
}: Case): Domain {
    const record: ResourceRecord = { name: `www.${origin}`, type: "A", data: address };
    const own = at.map((last, index) => ({
        name: `ns${index + 1}.${origin}`,
        addresses: at === good ? both(last) : [v4(last)],
    }));
    const fails = www === "SERVFAIL";
    return {
        zone: { servers: own, ...zone, origin, records: [record, ...records] },
        expectations: [
            {
                question: { name: record.name, type: "A" },
                rcode: fails ? "SERVFAIL" : "NOERROR",
                authenticated: www === "secure",
                answers: fails ? [] : [record],
                ...(mayFail && { mayFail }),
            },
            ...more,
        ],
    };
}

const day = 86_400;
const epoch = (year: number) => Date.UTC(year, 0) / 1000;

/** Of a signed zone: `sed` commands on lines of `owner TTL type data`. */
const withoutSignature = (name: string, type: string) => `/^${absolute(name)}\\s.*\\sRRSIG\\s*${type} /d`;

/** Keys, signatures and proofs that are not as they should be. */
const signatures: readonly Domain[] = [
    broken({
        origin: "expired-signatures.com",
        signing: { ...p256, at: epoch(2020) + day },
        www: "SERVFAIL",
    }),
    broken({ origin: "future-signatures.com", signing: { ...p256, at: epoch(2055) }, www: "SERVFAIL" }),
    broken({
        origin: "forged-record.com",
        signing: p256,
        spoiled: [`s/^(www\\..*\\sA\\s+)${address}$/\\1192.0.2.66/`],
        www: "SERVFAIL",
        more: [
            {
                question: { name: "www.forged-record.com", type: "A", checkingDisabled: true },
                rcode: "NOERROR",
                authenticated: false,
                answers: [{ name: "www.forged-record.com", type: "A", data: "192.0.2.66" }],
            },
        ],
    }),
    broken({
        origin: "missing-signature.com",
        signing: p256,
        spoiled: [withoutSignature("www.missing-signature.com", "A")],
        www: "SERVFAIL",
    }),
    broken({
        origin: "missing-key-signature.com",
        signing: p256,
        spoiled: [withoutSignature("missing-key-signature.com", "DNSKEY")],
        www: "SERVFAIL",
    }),
    broken({
        origin: "missing-proof.com",
        signing: p256,
        spoiled: ["/\\sNSEC\\s/d"],
        www: "secure",
        more: [
            answer("nothing.missing-proof.com", "A", "SERVFAIL"),
            answer("www.missing-proof.com", "MX", "SERVFAIL"),
        ],
    }),
    broken({
        origin: "wrong-ds.com",
        signing: p256,
        ds: { data: `12345 13 2 ${"ab".repeat(32)}` },
        www: "SERVFAIL",
    }),
    broken({
        origin: "not-signed-but-ds.com",
        ds: { data: `12345 13 2 ${"ab".repeat(32)}` },
        www: "SERVFAIL",
    }),
    broken({ origin: "missing-ds.com", signing: p256, ds: "none" }),
    // Nobody knows the algorithm, or how to digest the key: as good as not signed.
    broken({
        origin: "unknown-algorithm.com",
        signing: p256,
        ds: { data: `12345 200 2 ${"ab".repeat(32)}` },
    }),
    broken({ origin: "unknown-digest.com", signing: p256, ds: { data: `12345 13 200 ${"ab".repeat(32)}` } }),
    broken({ origin: "nsec3-50.com", signing: { ...p256, nsec3: { iterations: 50 } }, www: "secure" }),
    broken({ origin: "nsec3-500.com", signing: { ...p256, nsec3: { iterations: 500 } }, www: "secure" }),
];

/** A domain whose name servers all have this fault. */
const faultyDomain = (fault: Fault, www: Case["www"], signing?: Signing) =>
    broken({ origin: `${fault}.net`, at: [faulty[fault]], ...(www && { www }), ...(signing && { signing }) });

const large = tooLongForUdp("large.slow.net");

/** Name servers that do not do as they should. */
const behaviours: readonly Domain[] = [
    broken({
        origin: "slow.net",
        at: [faulty.slow],
        signing: p256,
        www: "secure",
        records: inZone(large),
        more: [
            {
                question: { name: "large.slow.net", type: "TXT" },
                rcode: "NOERROR",
                authenticated: true,
                answers: large,
                truncatedOverUdp: true,
            },
        ],
    }),
    faultyDomain("refused", "SERVFAIL"),
    faultyDomain("servfail", "SERVFAIL"),
    faultyDomain("formerr", "SERVFAIL"),
    faultyDomain("silent", "SERVFAIL"),
    faultyDomain("lame", "SERVFAIL"),
    faultyDomain("truncated", "secure", p256),
    faultyDomain("truncated-no-tcp", "SERVFAIL"),
    faultyDomain("lowercase", "secure", p256),
    faultyDomain("no-edns", "insecure"),
    faultyDomain("formerr-edns", "insecure"),
    faultyDomain("drop-edns", "SERVFAIL"),
    broken({
        origin: "nxdomain-for-nodata.net",
        at: [faulty["nxdomain-for-nodata"]],
        records: [{ name: "host.tree.nxdomain-for-nodata.net", type: "A", data: address }],
        more: [answer("host.tree.nxdomain-for-nodata.net", "A", "NOERROR", [address])],
    }),
    // One of two is good.
    ...(["refused", "silent", "lame", "servfail", "formerr"] as const).map((fault) =>
        broken({
            origin: `half-${fault}.net`,
            at: [faulty[fault], good[0]],
            signing: p256,
            www: "secure",
            ...(fault === "formerr" && { mayFail: true }),
        }),
    ),
];

/** Ways that lead nowhere, or further than is sane. */
const loops: readonly Domain[] = [
    broken({
        origin: "alias-loop.org",
        records: [
            alias("one.alias-loop.org", "two.alias-loop.org"),
            alias("two.alias-loop.org", "one.alias-loop.org"),
        ],
        more: [answer("one.alias-loop.org", "A", "SERVFAIL")],
    }),
    broken({
        origin: "alias-chain.org",
        records: Array.from({ length: 8 }, (_, hop) =>
            alias(
                `hop${hop}.alias-chain.org`,
                hop === 7 ? "www.alias-chain.org" : `hop${hop + 1}.alias-chain.org`,
            ),
        ),
        more: [answer("hop7.alias-chain.org", "A", "NOERROR", [address], ["www.alias-chain.org"])],
    }),
    broken({
        origin: "server-loop-a.org",
        servers: [{ name: "ns.server-loop-b.org", addresses: [] }],
        www: "SERVFAIL",
    }),
    broken({
        origin: "server-loop-b.org",
        servers: [{ name: "ns.server-loop-a.org", addresses: [] }],
        www: "SERVFAIL",
    }),
];

export const brokenDomains: readonly Domain[] = [...signatures, ...behaviours, ...loops];

function alias(name: string, target: string): ZoneRecord {
    return { name, type: "CNAME", data: absolute(target) };
}

function answer(
    name: string,
    type: RecordType,
    rcode: Expectation["rcode"],
    addresses: readonly string[] = [],
    [target]: readonly string[] = [],
): Expectation {
    const records = addresses.map((data): ResourceRecord => ({ name: target ?? name, type: "A", data }));
    const aliases: ResourceRecord[] = target === undefined ? [] : [{ name, type: "CNAME", data: target }];
    return { question: { name, type }, rcode, authenticated: false, answers: [...aliases, ...records] };
}
