import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { DockerHost } from "../../hosts/docker-host";
import { routerAddresses, routerAsn } from "../../hosts/router";
import { type TwoSites, anycast4 } from "../../hosts/two-sites";
import { eventually } from "../support/eventually";
import { failure } from "./costs";

/** What fails at one of two sites, and how the other one takes over. */
export function failuresOfSites(sites: TwoSites): void {
    const { a, b, router, stack } = sites;

    it("are withdrawn when another site alone has a live resolver", async function () {
        const all = async (host: DockerHost) => [
            ...(await sites.component(host, "resolver-a-1")),
            ...(await sites.component(host, "resolver-b-1")),
        ];
        const ofA = await all(a);
        await failure(sites, this.test!, "all resolvers of a site killed", async (mark) => {
            await sleep(2000);
            mark("killed");
            await a.docker("kill", ...ofA);
            await sites.led(b);
            await sleep(1000);
        });
        // When no other has one either, what is known is better than nothing.
        const ofB = await all(b);
        await b.docker("kill", ...ofB);
        await sites.led(a, b);
        await a.docker("start", ...ofA);
        await b.docker("start", ...ofB);
        await sites.live();
        await sites.led(a, b);
    });

    it("are withdrawn when the host is frozen, and come back by the rise of the check", async function () {
        await failure(sites, this.test!, "a host frozen", async (mark) => {
            await sleep(2000);
            mark("frozen");
            await a.whileFrozen(async () => {
                await sites.led(b);
                await sleep(3000);
            });
            mark("thawed");
            await sites.led(a, b);
            mark("back");
        });
    });

    it("are withdrawn when BIRD is killed, or hangs, and announced by another one", async function () {
        await failure(sites, this.test!, "BIRD killed, then hung", async (mark) => {
            await sleep(2000);
            mark("killed");
            await a.shell("pkill -KILL -x bird");
            await sleep(5000);
            await sites.led(a, b);
            mark("hung");
            await a.shell("pkill -STOP -x bird");
            await sites.led(b);
            await sites.led(a, b);
            mark("back");
        });
    });

    it("are left out when the way to them is cut", async function () {
        await failure(sites, this.test!, "the way to a site cut", async (mark) => {
            await sleep(2000);
            mark("cut");
            await a.shell(
                "nft 'table inet cut { chain in { type filter hook prerouting priority -400; iifname eth0 drop; }; " +
                    "chain out { type filter hook postrouting priority 400; oifname eth0 drop; }; }'",
            );
            await sites.led(b);
            await sleep(3000);
            await a.shell("nft delete table inet cut");
            mark("mended");
            await sites.led(a, b);
            mark("back");
        });
    });

    it("do not flap with a dnsdist that does", async () => {
        const [frontend = ""] = await sites.component(a, "dnsdist-frontend");
        const seen: boolean[] = [];
        for (let time = 0; time < 4; time++) {
            await a.docker("kill", frontend);
            await sites.led(b);
            await a.docker("start", frontend);
            for (const end = Date.now() + 5000; Date.now() < end; await sleep(200))
                seen.push((await router.waysTo(anycast4)).includes(a.address));
        }
        assert.ok(seen.length > 20 && !seen.includes(true), "it came back in between");
        await sites.led(a, b);
    });

    it("raise an alarm when BFD is not there", async () => {
        await a.shell(
            "nft 'table inet nobfd { chain in { type filter hook prerouting priority -400; udp dport 3784 drop; }; }'",
        );
        const health = async () => {
            const [announcer = ""] = await sites.component(a, "anycast-announcer");
            return a.docker("inspect", "--format", "{{json .State.Health}}", announcer);
        };
        await eventually(async () => /"Status":"unhealthy".*BFD is Down/.test(await health()), true);
        await a.shell("nft delete table inet nobfd");
        await eventually(async () => /"Status":"healthy"/.test(await health()), true);
        await sites.led(a, b);
    });

    it("do without the Redis of one of them", async function () {
        const [redis = ""] = await sites.component(a, "redis-server");
        await failure(
            sites,
            this.test!,
            "the Redis of a site killed",
            async (mark) => {
                await sleep(2000);
                mark("killed");
                await a.docker("kill", redis);
                await sleep(5000);
                await sites.led(a, b);
                await a.docker("start", redis);
                mark("back");
            },
            0,
        );
    });

    it("are missed for no longer than the hold time when there is no BFD", async function () {
        const holdSeconds = 3;
        const neighbors = routerAddresses.map((address) => ({ address, asn: routerAsn, holdSeconds }));
        stack.configure(sites.byBgp({ neighbors }));
        await stack.must(stack.up());
        await sites.led(a, b);
        await failure(
            sites,
            this.test!,
            "a host frozen, without BFD, hold time 3 s",
            async (mark) => {
                await sleep(2000);
                mark("frozen");
                await a.whileFrozen(async () => {
                    await sites.led(b);
                    mark("left out");
                });
                await sites.led(a, b);
                mark("back");
            },
            holdSeconds + 1,
        );
        stack.configure(sites.byBgp());
        await stack.must(stack.up());
        await sites.led(a, b);
    });
}
