import type { Reply } from "./compare";
import type { Query } from "./queries";

/** A disagreement that is understood: docs/compat.md tells of each. */
export interface Class {
    readonly name: string;
    readonly is: (query: Query, ours: Reply) => boolean;
}

export const classes: readonly Class[] = [
    {
        name: "One server calls every query an error",
        is: ({ name }, ours) => /(^|\.)half-formerr\.net$/.test(name) && ours.rcode === "SERVFAIL",
    },
    {
        name: "CNAME at a delegation",
        is: ({ type }, ours) => type === "CNAME" && ours.rcode === "NOERROR" && ours.answers.length === 0,
    },
];
