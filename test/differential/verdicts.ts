import { AUTHENTIC_DATA, CHECKING_DISABLED, RECURSION_DESIRED } from "dns-packet";
import type { Expectation } from "../lab/internet/expectation";
import type { Reply } from "./compare";
import type { Query } from "./queries";

/** What was said to be secure, insecure or bogus and is not, by the lab's catalogue: a line for each. */
export function wrongVerdicts(
    queries: readonly Query[],
    replies: readonly Reply[],
    expected: (name: string, type: string) => Expectation | undefined,
): string[] {
    return queries.flatMap((query, index) => {
        const { name, type, way } = query;
        const right = expected(name, type);
        const { rcode, flags } = replies[index]!;
        // Who does not want a verdict gets none, and who may not recurse perhaps no answer.
        const wants = (way.flags & RECURSION_DESIRED) !== 0 && (way.flags & CHECKING_DISABLED) === 0;
        if (!right || !wants || (right.mayFail && rcode === "SERVFAIL")) return [];
        const shown = way.dnssec === true || (way.flags & AUTHENTIC_DATA) !== 0;
        const authenticated = flags.split(" ").includes("ad");
        if (rcode === right.rcode && authenticated === (shown && right.authenticated)) return [];
        return [`${name} ${type}: ${rcode} ${flags}, not ${right.rcode}${right.authenticated ? " ad" : ""}`];
    });
}
