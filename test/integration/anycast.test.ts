import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DockerHost } from "../hosts/docker-host";
import { TwoSites, anycast4, anycast6, port, virtual4, virtual6 } from "../hosts/two-sites";
import { docker } from "../lab/docker";
import { showcase } from "../lab/internet/showcase";
import { moments, record } from "../report/rows";
import { assertAnswers, leadingFrontend } from "./support/dns";
import { eventually } from "./support/eventually";
import { root } from "./support/stack";
import { type Target, type Tolerance, summary, underLoad } from "./support/under-load";

type Moments = ReturnType<typeof moments>;

/** Two sites, the router and the load share this machine. */
const long = Boolean(process.env.RECURSIVE_DNS_LONG);
const rate = long ? 2000 : 1000;

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

    interface Event {
        readonly group: "planned" | "failure";
        readonly name: string;
        readonly target?: Target;
        readonly tolerance?: Tolerance;
    }

    /** What an event costs who asks meanwhile: not more than is tolerated, which is written down. */
    async function costs(
        test: Mocha.Runnable,
        { group, name, target = sites.announced, tolerance }: Event,
        what: (mark: Moments["mark"]) => Promise<unknown>,
    ) {
        const { marks, mark } = moments();
        const report = await underLoad(target, () => what(mark), tolerance);
        record({ group, name, rate, report, marks });
        test.title += ` (${summary(report)})`;
    }

    /** A planned event costs no query. */
    const planned = (test: Mocha.Runnable, name: string, what: (mark: Moments["mark"]) => Promise<unknown>) =>
        costs(test, { group: "planned", name: `anycast: ${name}` }, what);

    /** A failure costs no more than what is asked of one of two sites within the bar. */
    const tolerance = { lost: rate / 2, wrong: rate / 2, tcpLost: 40 };
    const failure = (test: Mocha.Runnable, name: string, what: (mark: Moments["mark"]) => Promise<unknown>) =>
        costs(test, { group: "failure", name: `anycast: ${name}`, tolerance }, what);

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
        await planned(this.test!, "a site more", async (mark) => {
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
        await planned(this.test!, "dnsdist and the routes changed at both sites", async (mark) => {
            stack.configure(sites.byBgp(changed));
            mark("begun");
            await stack.must(stack.up());
            mark("done");
            await sites.led(a, b);
        });
        assert.match(await router.birdc("show", "route", "for", anycast4, "all"), /bgp_med: 2/);
    });

    it("are drained and come back", async function () {
        await planned(this.test!, "a site drained and back", async (mark) => {
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
        await failure(this.test!, "kill -9 of dnsdist", async (mark) => {
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

    it("say what is wrong with a neighbor, and go on as before", async () => {
        stack.configure(sites.byBgp({ ...changed, password: "another one" }));
        const { code, output } = await stack.up();
        assert.notEqual(code, 0, output);
        await sites.led(a, b);
        const [steer = ""] = await sites.component(a, "address-steer");
        const said = await a.docker("exec", steer, "cat", "/run/site/announcement/diagnosis");
        assert.match(said, /announcement failed: a session with every neighbor/);
        assert.match(said, /neighbor 198\.18\.2\.2 down/);
        stack.configure(sites.byBgp(changed));
        await stack.must(stack.up());
        await sites.led(a, b);
    });

    if (long) {
        it("take other resolvers, one after the other", async function () {
            await planned(this.test!, "the resolvers changed at both sites", async (mark) => {
                stack.configure(sites.byBgp({ ...changed, cacheMiB: 40 }));
                mark("begun");
                await stack.must(stack.up());
                mark("done");
                await sites.led(a, b);
            });
        });

        it("take everything at once, one after the other", async function () {
            await planned(
                this.test!,
                "dnsdist, the resolvers and the routes changed at both sites",
                async (mark) => {
                    stack.configure(sites.byBgp({ ...changed, threads: 2, cacheMiB: 32, med: 3 }));
                    mark("begun");
                    await stack.must(stack.up());
                    mark("done");
                    await sites.led(a, b);
                },
            );
        });

        it("are withdrawn when another site alone has a live resolver", async function () {
            const all = async (host: DockerHost, site: string) => [
                ...(await sites.component(host, "resolver-a-1")),
                ...(await sites.component(host, "resolver-b-1")),
            ];
            const ofA = await all(a, "a");
            await failure(this.test!, "all resolvers of a site killed", async (mark) => {
                await sleep(2000);
                mark("killed");
                await a.docker("kill", ...ofA);
                await sites.led(b);
                await sleep(1000);
            });
            // When no other has one either, what is known is better than nothing.
            const ofB = await all(b, "b");
            await b.docker("kill", ...ofB);
            await sites.led(a, b);
            await a.docker("start", ...ofA);
            await b.docker("start", ...ofB);
            await sites.led(a, b);
        });

        it("are withdrawn when the host is frozen, and come back by the rise of the check", async function () {
            await failure(this.test!, "a host frozen", async (mark) => {
                await sleep(2000);
                mark("frozen");
                await docker("pause", a.name);
                await sites.led(b);
                await sleep(3000);
                await docker("unpause", a.name);
                mark("thawed");
                await sites.led(a, b);
                mark("back");
            });
        });

        it("are withdrawn when BIRD is killed, or hangs, and announced by another one", async function () {
            await failure(this.test!, "BIRD killed, then hung", async (mark) => {
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
            await failure(this.test!, "the way to a site cut", async (mark) => {
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

        it("leave without a query lost", async function () {
            await planned(this.test!, "a site removed", async (mark) => {
                stack.configure(sites.byBgp({}, "b"));
                mark("begun");
                await stack.must(stack.up());
                await sites.led(b);
                mark("gone");
            });
        });
    }

    describe("by VRRP instead", () => {
        const held = (group: Event["group"], name: string): Event => ({
            group,
            name: `VRRP: ${name}`,
            target: sites.held,
            ...(group === "failure" ? { tolerance: { lost: 1.5 * rate, wrong: rate, tcpLost: 40 } } : {}),
        });

        it("hold an address in turn", async () => {
            stack.configure(sites.byVrrp());
            await stack.must(stack.up());
            await sites.holds(a);
            for (const expectation of showcase) {
                await assertAnswers({ address: virtual4, port, transport: "udp" }, expectation);
                await assertAnswers({ address: virtual6, port, transport: "tcp" }, expectation);
            }
        });

        it("have what is rendered accepted by keepalived", async () => {
            const [announcer = ""] = await sites.component(a, "vrrp-announcer");
            const image = await a.docker("inspect", "--format", "{{.Image}}", announcer);
            await cp(path.join(root, "test/golden/vrrp"), path.join(a.directory, "vrrp"), {
                recursive: true,
            });
            for (const variant of ["least", "all"]) {
                const test = `echo 1 >/run/speaker/offer; keepalived -t/dev/stdout -f /golden/${variant}/keepalived.conf`;
                const said = await a.docker(
                    ...["run", "--rm", "--volume", "/socket/vrrp:/golden:ro", "--tmpfs", "/run/speaker"],
                    ...["--entrypoint", "sh", image, "-c", test],
                );
                assert.equal(said, "");
            }
        });

        it("hand it over when they are drained", async function () {
            await costs(this.test!, held("planned", "a site drained and back"), async (mark) => {
                await sites.drain("drain", "a");
                await sites.holds(b);
                mark("drained");
                await sites.drain("undrain", "a");
                await sleep(2000);
                await sites.holds(b); // it is not taken back from one that answers
            });
        });

        it("hand it over when dnsdist is killed", async function () {
            await costs(this.test!, held("failure", "kill -9 of dnsdist"), async (mark) => {
                await sleep(2000);
                const [frontend = ""] = await sites.component(b, "dnsdist-frontend");
                mark("killed");
                await b.docker("kill", frontend);
                await sites.holds(a);
                await b.docker("start", frontend);
            });
        });

        it("say that an interface is not there, and go on as before", async () => {
            stack.configure(sites.byVrrp({ interface: "eth7" }));
            const { code, output } = await stack.up();
            assert.notEqual(code, 0, output);
            await sites.holds(a);
            const [steer = ""] = await sites.component(a, "address-steer");
            const said = await a.docker("exec", steer, "cat", "/run/site/announcement/diagnosis");
            assert.match(said, /announcement failed: keepalived refuses the configuration/);
            stack.configure(sites.byVrrp());
            await stack.must(stack.up());
            await sites.holds(a);
        });

        if (!long) return;

        it("take it over from a host that is frozen", async function () {
            await costs(this.test!, held("failure", "a host frozen"), async (mark) => {
                await sleep(2000);
                mark("frozen");
                await docker("pause", a.name);
                await eventually(() => b.shell(`ip -o addr show to ${virtual4} | grep -c .`), "1", 10);
                await sleep(3000);
                await docker("unpause", a.name);
                await sites.holds(b);
                mark("back");
            });
        });

        it("hand it over when keepalived is killed, or the announcer", async function () {
            await costs(
                this.test!,
                held("failure", "keepalived killed, then the announcer"),
                async (mark) => {
                    await sleep(2000);
                    mark("killed");
                    await b.shell("pkill -KILL -o keepalived");
                    await sites.holds(a);
                    await sleep(12_000); // until the other is a candidate again
                    mark("the announcer");
                    await a.shell("pkill -KILL -f /usr/local/bin/announce");
                    await sites.holds(b);
                },
            );
        });
    });
});
