import { z } from "zod";
import { distinct, filePath, group, oneOf, subnet, word } from "./fields";

/** Clients that rules treat alike. */
export interface ClientGroup {
    /**
     * Their subnets.
     * @default none beside those in {@link file}
     */
    readonly subnets?: readonly string[];

    /**
     * A file of subnets on the machine that runs Pulumi, one a line; `#` begins a comment. Relative to the program.
     * @default none
     */
    readonly file?: string;
}

export const clientGroups = z
    .record(
        word,
        group({
            subnets: distinct(subnet)
                .min(1, "must name at least one subnet; leave it out instead")
                .optional(),
            file: filePath.optional(),
        }).superRefine(oneOf(["subnets", "file"], "must stand here, or in a file")),
    )
    .default({});

/** Names of groups, as a list or a pool refers to them. */
export const groupNames = distinct(word)
    .min(1, "must name at least one group; leave it out for everybody")
    .optional();
