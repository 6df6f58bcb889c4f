import { type Way, ways } from "../integration/support/dns";
import type { Domain } from "../lab/internet/domains";
import type { RecordType } from "../lab/internet/expectation";
import { pick, random } from "../lab/internet/random";

/** A question, and how it is asked. */
export interface Query {
    readonly name: string;
    readonly type: RecordType;
    readonly way: Way;
    readonly transport: "udp" | "tcp";
}

const types: readonly RecordType[] = [
    ...([
        "A",
        "AAAA",
        "MX",
        "TXT",
        "NS",
        "SOA",
        "CNAME",
        "DNAME",
        "DS",
        "DNSKEY",
        "HTTPS",
        "SVCB",
        "SRV",
    ] as const),
];

/** Without recursion there is only what the resolver knows already. */
const notRecursive: Way = { flags: 0, size: 1232 };

const way = (key: readonly (string | number)[]): Way =>
    random(50, "recursion", ...key) === 0 ? notRecursive : pick(ways, "way", ...key);

const transport = (key: readonly (string | number)[]) =>
    random(10, "transport", ...key) === 0 ? ("tcp" as const) : ("udp" as const);

/**
 * That many queries, always the same for the same seed: each name of a special domain in each way, and as many as it takes
 * of ordinary ones, for their own types and for others.
 */
export function queries(
    special: readonly Domain[],
    ordinary: readonly Domain[],
    count: number,
    seed: number,
): Query[] {
    const fixed = special.flatMap(({ expectations }) =>
        expectations.flatMap(({ question: { name, type } }) =>
            ways.map((each): Query => ({ name, type, way: each, transport: transport([seed, name, type]) })),
        ),
    );
    const drawn = Array.from({ length: Math.max(0, count - fixed.length) }, (_, index): Query => {
        const { expectations, zone } = pick(ordinary, seed, "domain", index);
        const { name, type } = pick(expectations, seed, "expectation", index).question;
        const key = [seed, index];
        const own = random(5, "own", ...key) < 3;
        const other = pick(types, "type", ...key);
        return {
            name: own || random(2, "apex", ...key) ? name : zone.origin,
            type: own ? type : other,
            way: way(key),
            transport: transport(key),
        };
    });
    return [...fixed, ...drawn];
}
