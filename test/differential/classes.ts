/** Disagreements that are understood: docs/compat.md tells of each. */

import type { Reply } from "./compare";
import type { Query } from "./queries";

export interface Class {
    readonly name: string;
    /** Why we differ, and why that is right, or does no harm. */
    readonly why: string;
    readonly is: (query: Query, ours: Reply, theirs: Reply) => boolean;
}

export const classes: readonly Class[] = [];
