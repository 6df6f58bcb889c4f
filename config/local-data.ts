import { z } from "zod";
import {
    count,
    distinct,
    domainName,
    filePath,
    group,
    ipAddress,
    listedDomain,
    normalAddress,
    word,
} from "./fields";
import { tag } from "./views";

/**
 * What the resolvers know themselves, before they ask anybody.
 * https://www.knot-resolver.cz/documentation/stable/config-local-data.html
 */
export interface LocalDataSettings {
    /**
     * Addresses by name; their reverse names are known as well.
     * @default none
     */
    readonly addresses?: Readonly<Record<string, readonly string[]>>;

    /**
     * Records in the format of zone files; names are absolute.
     * @default none
     */
    readonly records?: string;

    /**
     * Domains that are answered without asking.
     * @default none
     */
    readonly rules?: readonly LocalRule[];

    /**
     * Response policy zones. The resolvers are replaced when one changes; one that cannot be read replaces nothing.
     * @default none
     */
    readonly rpz?: readonly RpzSettings[];

    /**
     * The time to live of all of it, where a record has none, in seconds, 1 to 86,400.
     * @default 300
     */
    readonly ttl?: number;
}

export interface LocalRule {
    /** The domains, each with all names below it. */
    readonly domains: readonly string[];

    /** What is said of them: no such name, or {@link addresses}, and no data of any other type. */
    readonly answer: "nxdomain" | "address";

    /** With the answer `address`: what A and AAAA queries get. */
    readonly addresses?: readonly string[];

    /**
     * Only for clients of views with one of these tags.
     * @default everybody
     */
    readonly tags?: readonly string[];
}

/** A response policy zone (RPZ). */
export interface RpzSettings {
    /** What it is called in files and messages. */
    readonly name: string;

    /** A zone file on the machine that runs Pulumi. Relative to the program. */
    readonly file: string;

    /**
     * Only for clients of views with one of these tags.
     * @default everybody
     */
    readonly tags?: readonly string[];

    /**
     * Whether each query that it answers stands in the log, with the client.
     * @default false
     */
    readonly log?: boolean;
}

const rule = group({
    domains: distinct(listedDomain).min(1, "must name at least one domain"),
    answer: z.enum(["nxdomain", "address"], "must be nxdomain or address"),
    addresses: distinct(ipAddress, normalAddress).default([]),
    tags: distinct(tag).default([]),
}).superRefine(({ answer, addresses }, context) => {
    if ((answer === "address") === addresses.length > 0) return;
    const message = 'must name at least one address with the answer "address", and none with another';
    context.addIssue({ code: "custom", path: ["addresses"], message, input: addresses });
});

export const localDataSchema = group({
    addresses: z
        .record(domainName, distinct(ipAddress, normalAddress).min(1, "must have at least one address"))
        .default({}),
    records: z
        .string("must be a text")
        // Knot Resolver puts it between these.
        .refine((text) => !/\[\[|\]\]/.test(text), "must not have [[ or ]] in it")
        .default(""),
    rules: z.array(rule).default([]),
    rpz: distinct(
        group({
            name: word,
            file: filePath,
            tags: distinct(tag).default([]),
            log: z.boolean("must be true or false").default(false),
        }),
        ({ name }) => name,
    ).default([]),
    ttl: count(1, 86_400).default(300),
}).prefault({});

export type ResolvedLocalData = z.output<typeof localDataSchema>;

const tagged = (tags: readonly string[]) => (tags.length > 0 ? { tags } : {});

/**
 * As Knot Resolver's YAML has it.
 * @param records what the project itself adds
 * @param file where a file of the machine that runs Pulumi will be
 */
export function localDataYaml(
    { addresses, records, rules, rpz, ttl }: ResolvedLocalData,
    own: string,
    file: (source: string) => string,
) {
    const text = records.trim();
    return {
        ...(Object.keys(addresses).length + rules.length + rpz.length + text.length > 0 && {
            ttl: `${ttl}s`,
        }),
        ...(Object.keys(addresses).length > 0 && { addresses }),
        records: text ? `${own}${text}\n` : own,
        ...(rules.length > 0 && { rules: rules.map(ruleYaml) }),
        ...(rpz.length > 0 && {
            rpz: rpz.map(({ file: source, tags, log }) => ({
                file: file(source),
                watchdog: false,
                ...tagged(tags),
                ...(log && { log: ["ip", "name"] }),
            })),
        }),
    };
}

function ruleYaml({ domains, answer, addresses, tags }: ResolvedLocalData["rules"][number]) {
    const subtree = { nxdomain: "nxdomain", address: "redirect" }[answer];
    return { name: domains, subtree, ...(addresses.length > 0 && { address: addresses }), ...tagged(tags) };
}
