/** All that is known of the lab Internet's answers. */

import { brokenDomains } from "./broken";
import { type Domain, domains } from "./domains";
import type { Expectation } from "./expectation";
import { showcaseDomains } from "./showcase";

/** Every domain with what a right resolver answers, which has IPv6 or does without. */
export const catalogue = (ipv6: boolean): Domain[] =>
    [...showcaseDomains, ...brokenDomains, ...domains()].filter((domain) => ipv6 || !domain.ipv6Only);

/** What stands in the catalogue under a name and a type, whoever asks. */
export function lookup(all: readonly Domain[]): (name: string, type: string) => Expectation | undefined {
    const known = new Map(
        all
            .flatMap((each) => each.expectations)
            .filter(({ question }) => !question.checkingDisabled)
            .map((each) => [`${each.question.name} ${each.question.type}`, each]),
    );
    return (name, type) => known.get(`${name} ${type}`);
}
