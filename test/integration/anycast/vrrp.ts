import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type TwoSites, port, virtual4, virtual6 } from "../../hosts/two-sites";
import { showcase } from "../../lab/internet/showcase";
import { assertAnswers } from "../support/dns";
import { eventually } from "../support/eventually";
import { root } from "../support/stack";
import { type Event, costs, long, rate } from "./costs";

/** The same hosts without BGP. */
export function vrrpInstead(sites: TwoSites): void {
    const { a, b, stack } = sites;

    describe("by VRRP instead", () => {
        const held = (group: Event["group"], name: string): Event => ({
            group,
            name: `VRRP: ${name}`,
            target: sites.held,
            ...(group === "failure" ? { tolerance: { lost: 1.5 * rate, wrong: rate, tcpLost: 200 } } : {}),
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
                const test = `echo 1 >/run/speaker/offer; keepalived -t/run/speaker/found -f /golden/${variant}/keepalived.conf; cat /run/speaker/found`;
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
                await sleep(12_000); // until it is a candidate again
                await sites.holds(b); // nothing is taken from one that answers
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

        if (!long) return;

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

        it("take it over from a host that is frozen", async function () {
            await costs(this.test!, held("failure", "a host frozen"), async (mark) => {
                await sleep(2000);
                mark("frozen");
                await a.whileFrozen(async () => {
                    await eventually(() => b.shell(`ip -o addr show to ${virtual4} | wc -l`), "1", 10);
                    await sleep(3000);
                });
                await sites.holds(b);
                mark("back");
            });
        });

        it("tell each other alone, by unicast", async () => {
            stack.configure(sites.byVrrp({ unicast: true }));
            await stack.must(stack.up());
            const [holder] = await sites.holders(virtual4);
            const [site, other] = holder === a ? (["a", b] as const) : (["b", a] as const);
            await sites.drain("drain", site);
            await sites.holds(other);
            await sites.drain("undrain", site);
        });

        it("hold it again when keepalived is killed, or the announcer", async function () {
            const event = held("failure", "keepalived killed, then the announcer");
            await costs(this.test!, event, async (mark) => {
                await sleep(2000);
                for (const what of ["-o keepalived", "-f '[/]usr/local/bin/announce'"]) {
                    const [holder] = await sites.holders(virtual4);
                    mark(`killed: ${what}`);
                    await holder!.shell(`pkill -KILL ${what}`);
                    await sleep(12_000); // until both are candidates again
                    const held = async () => (await sites.holders(virtual4)).length;
                    await eventually(held, 1, 20);
                }
            });
        });
    });
}
