import type { TwoSites } from "../../hosts/two-sites";
import { planned } from "./costs";

/** What both sites take in, one after the other, without a query lost. */
export function changesOfSites(sites: TwoSites): void {
    const { a, b, stack } = sites;

    const changes = {
        "the resolvers": { cacheMiB: 40 },
        "dnsdist, the resolvers and the routes in one update": { threads: 1, cacheMiB: 32, med: 3 },
        "the image of the announcer": { announcer: "recursive-dns/test-announcer:variant" },
        "that image back": {},
    };
    for (const [what, changed] of Object.entries(changes)) {
        it(`take a change of ${what}`, async function () {
            if ("announcer" in changed)
                for (const host of [a, b]) await sites.variant(host, "anycast-announcer", changed.announcer);
            await planned(sites, this.test!, `${what} changed at both sites`, async (mark) => {
                stack.configure(sites.byBgp(changed));
                mark("begun");
                await stack.must(stack.up());
                mark("done");
                await sites.led(a, b);
            });
        });
    }
}
