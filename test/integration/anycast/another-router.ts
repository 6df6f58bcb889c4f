import assert from "node:assert/strict";
import type { DockerHost } from "../../hosts/docker-host";
import { Frr } from "../../hosts/frr";
import { routerAddresses, routerAsn } from "../../hosts/router";
import { type TwoSites, anycast4, anycast6 } from "../../hosts/two-sites";
import { eventually } from "../support/eventually";

/** The same announcements as FRR takes them, by the configuration that docs/anycast.md shows. */
export function anotherRouter(sites: TwoSites): void {
    const { a, b, stack } = sites;
    const frr = new Frr([anycast4, anycast6]);

    describe("are led to by FRR too", () => {
        before(async () => {
            await frr.start();
            const neighbors = [...routerAddresses, ...frr.addresses].map((address) => ({
                address,
                asn: routerAsn,
                bfd: true,
            }));
            stack.configure(sites.byBgp({ neighbors }));
            await stack.must(stack.up());
        });
        after(async () => {
            await frr.remove();
            stack.configure(sites.byBgp());
            await stack.must(stack.up());
        });

        const leads = async (...to: readonly DockerHost[]) => {
            const ways4 = to.map((host) => sites.addressesOf(host)[0]);
            await eventually(() => frr.waysTo(anycast4), ways4, 60);
            // Those of IPv6 are addresses of the link, which say nothing to people.
            await eventually(async () => (await frr.waysTo(anycast6)).length, to.length, 60);
        };

        it("by equal ways to both, watched by BFD", async () => {
            await leads(a, b);
            const peers = await frr.vtysh("show bfd peers brief");
            assert.equal([...peers.matchAll(/\bup\b/g)].length, 4, peers);
        });

        it("and by the other one while a host is frozen", async () => {
            await a.whileFrozen(() => leads(b));
            await leads(a, b);
        });

        it("and by the other one while a dnsdist is dead", async () => {
            const [frontend = ""] = await sites.component(b, "dnsdist-frontend");
            await b.docker("kill", frontend);
            await leads(a);
            await b.docker("start", frontend);
            await leads(a, b);
        });
    });
}
