import { z } from "zod";
import { groupNames } from "./clients";
import { distinct, filePath, group, ipAddress, listedDomain, normalAddress, oneOf, word } from "./fields";

/**
 * Queries that dnsdist answers by itself. A query is held against the lists in their order; the first that has it decides,
 * and what is in none is asked of the resolvers. Lists change in place, also those of a million names.
 */
export interface ListSettings {
    /** What the list is called in metrics and messages. */
    readonly name: string;

    /**
     * `allow` ends the search: the resolvers are asked. `nxdomain` and `refuse` say so, with the extended error Blocked;
     * `drop` says nothing; `address` gives {@link addresses}, and no data of any other type.
     */
    readonly action: "allow" | "nxdomain" | "refuse" | "drop" | "address";

    /** With the action `address`: what it gives to A and AAAA queries. */
    readonly addresses?: readonly string[];

    /** The domains, each with all names below it. They stand here or in {@link file}; with neither it has every name. */
    readonly domains?: readonly string[];

    /**
     * A file of domains on the machine that runs Pulumi, one a line; `#` begins a comment. Relative to the program. One
     * that is empty, or has a line that is no domain, is refused.
     */
    readonly file?: string;

    /**
     * The groups of `dnsdist.clients` that it is for.
     * @default everybody
     */
    readonly clients?: readonly string[];
}

const rules = {
    addresses: 'must name at least one address with the action "address", and none with another',
    names: "must stand here or in a file, and not in both",
    everything:
        "must name domains, a file of them, or clients: this list would have every query of everybody",
};

export const listsSchema = distinct(
    group({
        name: word,
        action: z.enum(
            ["allow", "nxdomain", "refuse", "drop", "address"],
            "must be allow, nxdomain, refuse, drop or address",
        ),
        addresses: distinct(ipAddress, normalAddress).optional(),
        domains: distinct(listedDomain)
            .min(1, "must name at least one domain; leave it out instead")
            .optional(),
        file: filePath.optional(),
        clients: groupNames,
    })
        .superRefine(({ action, addresses = [], domains, file }, context) => {
            const problem = (path: string, message: string, input: unknown) =>
                context.addIssue({ code: "custom", path: [path], message, input });
            if ((action === "address") !== addresses.length > 0)
                problem("addresses", rules.addresses, addresses);
            if (domains && file) problem("domains", rules.names, domains);
        })
        .superRefine(oneOf(["domains", "file", "clients"], rules.everything)),
    ({ name }) => name,
).default([]);
