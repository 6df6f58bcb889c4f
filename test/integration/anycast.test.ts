import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TwoSites, anycast4, anycast6, port } from "../hosts/two-sites";
import { showcase } from "../lab/internet/showcase";
import { changesOfSites } from "./anycast/changes";
import { failure, long, planned, rate } from "./anycast/costs";
import { failuresOfSites } from "./anycast/failures";
import { refusalsOfSites } from "./anycast/refusals";
import { anotherRouter } from "./anycast/another-router";
import { vrrpInstead } from "./anycast/vrrp";
import { assertAnswers, leadingFrontend } from "./support/dns";
import { root } from "./support/stack";

describe("sites that announce one address", () => {
    const sites = new TwoSites(rate);
    const { a, b, router, stack } = sites;

    before(() => sites.start());
    after(() => sites.remove());

    // What the announcers have said is what is needed to understand why a query was lost.
    afterEach(async function () {
        if (this.currentTest?.state !== "failed") return;
        for (const host of [a, b]) {
            const announcers = [
                ...(await sites.component(host, "anycast-announcer").catch(() => [])),
                ...(await sites.component(host, "vrrp-announcer").catch(() => [])),
            ];
            for (const announcer of announcers.filter(Boolean))
                console.log(host.name, await host.shell(`docker logs --timestamps ${announcer} 2>&1`));
        }
    });

    it("are announced while they answer, by IPv4 and IPv6", async () => {
        await stack.must(stack.up());
        await sites.led(a);
        // Whoever comes first, to whichever thread, is let in by the access list that was set.
        const first = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? anycast4 : anycast6));
        await Promise.all(
            first.map((address) => assertAnswers({ address, port, transport: "tcp" }, showcase[0]!)),
        );
        for (const expectation of showcase) {
            await assertAnswers({ address: anycast4, port, transport: "udp" }, expectation);
            await assertAnswers({ address: anycast6, port, transport: "tcp" }, expectation);
        }
    });

    it("keep an announcement within its limits", async () => {
        const [announcer = ""] = await sites.component(a, "anycast-announcer");
        const used = await a.docker("stats", "--no-stream", "--format", "{{.MemUsage}}", announcer);
        assert.match(used, /^\d+(\.\d+)?MiB \/ 32MiB$/);
    });

    it("have what is rendered accepted by BIRD", async () => {
        const [announcer = ""] = await sites.component(a, "anycast-announcer");
        const image = await a.docker("inspect", "--format", "{{.Image}}", announcer);
        await cp(path.join(root, "test/golden/anycast"), path.join(a.directory, "golden"), {
            recursive: true,
        });
        const alone = ["--rm", "--network", "none", "--volume", "/socket/golden:/golden:ro"];
        for (const variant of ["least", "all"])
            await a.docker(
                ...["run", ...alone, "--entrypoint", "bird", image],
                ...["-p", "-c", `/golden/${variant}/bird.conf`],
            );
    });

    it("are added, by TLS and by ssh, without a query lost", async function () {
        await sites.share();
        await planned(sites, this.test!, "a site more", async (mark) => {
            stack.configure(sites.byBgp());
            mark("begun");
            await stack.must(stack.up());
            await sites.led(a, b);
            mark("announced");
        });
    });

    it("share what is asked", async () => {
        const lead = () => leadingFrontend({ address: anycast4, port, transport: "udp" });
        const leads = new Set(await Promise.all(Array.from({ length: 40 }, lead)));
        assert.equal(leads.size, 2);
    });

    const changed = { threads: 1, med: 2 };
    it("take a change, one after the other", async function () {
        await planned(sites, this.test!, "dnsdist and the routes changed at both sites", async (mark) => {
            stack.configure(sites.byBgp(changed));
            mark("begun");
            await stack.must(stack.up());
            mark("done");
            await sites.led(a, b);
        });
        assert.match(await router.birdc("show", "route", "for", anycast4, "all"), /bgp_med: 2/);
    });

    it("are drained and come back", async function () {
        await planned(sites, this.test!, "a site drained and back", async (mark) => {
            await sites.drain("drain", "a");
            mark("drained");
            await sites.led(b);
            await sleep(2000);
            await sites.drain("undrain", "a");
            await sites.led(a, b);
            mark("back");
        });
    });

    it("are withdrawn when dnsdist is killed", async function () {
        await failure(sites, this.test!, "kill -9 of dnsdist", async (mark) => {
            await sleep(2000);
            const [frontend = ""] = await sites.component(a, "dnsdist-frontend");
            mark("killed");
            await a.docker("kill", frontend);
            await sites.led(b);
            await a.docker("start", frontend);
            await sites.led(a, b);
            mark("back");
        });
    });

    if (long) {
        changesOfSites(sites);
        failuresOfSites(sites);
        refusalsOfSites(sites);
        anotherRouter(sites);

        it("leave without a query lost", async function () {
            await planned(sites, this.test!, "a site removed", async (mark) => {
                stack.configure(sites.byBgp({}, "b"));
                mark("begun");
                await stack.must(stack.up());
                await sites.led(b);
                mark("gone");
            });
        });
    }
    vrrpInstead(sites);
});
