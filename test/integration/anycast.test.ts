import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { NeighborSettings } from "../../config/anycast";
import { DockerHost } from "../hosts/docker-host";
import { sshKeys, sshOptions, tlsKeys } from "../hosts/keys";
import { Router, access, fabric, routerAddresses, routerAsn } from "../hosts/router";
import { labResolvers } from "../lab/catalog";
import { docker } from "../lab/docker";
import { showcase } from "../lab/internet/showcase";
import { ensureLabImage, startLab } from "../lab/lab";
import { moments, record } from "../report/rows";
import { assertAnswers, leadingFrontend } from "./support/dns";
import { eventually } from "./support/eventually";
import { TestStack, root } from "./support/stack";
import { summary, underLoad } from "./support/under-load";

const run = promisify(execFile);
type Moments = ReturnType<typeof moments>;

const port = 5391;
const anycast4 = "198.51.100.91";
const anycast6 = "2001:db8::91";
const password = "between routers";
/** Two sites, the router and the load share this machine. */
const long = Boolean(process.env.RECURSIVE_DNS_LONG);
const rate = long ? 2000 : 1000;

describe("sites that announce one address", () => {
    const join = (number: number) => ({
        network: fabric.name,
        number,
        ipv6: `${fabric.subnet6}${number}`,
    });
    const a = new DockerHost("recursive-dns-test-a", fabric.subnet, join(11));
    const b = new DockerHost("recursive-dns-test-b", fabric.subnet, join(12));
    const router = new Router(
        [anycast4, anycast6],
        [
            { asn: 65001, addresses: [a.address, join(11).ipv6], password },
            { asn: 65002, addresses: [b.address, join(12).ipv6], password },
        ],
    );
    const stack = new TestStack("test-anycast");
    const target = { port, udp: anycast4, tcp: anycast6, retries: 1, rate };

    /** A site of its own host, and what all have in common. */
    const siteA = () => ({
        docker: { host: `tcp://${a.address}:2376`, certificates: `${a.directory}/client` },
        address: a.address,
        anycast: { asn: 65001 },
    });
    const images: Record<string, string> = {}; // as A has built them
    const siteB = () => ({
        images,
        docker: { host: `ssh://root@${b.address}`, sshOptions: sshOptions(b.directory) },
        address: b.address,
        anycast: { asn: 65002 },
    });
    const neighbors = routerAddresses.map((address) => ({ address, asn: routerAsn, bfd: true }));
    const settings = (
        changed: {
            password?: string;
            cacheMiB?: number;
            threads?: number;
            med?: number;
            neighbors?: readonly NeighborSettings[];
            images?: object;
        } = {},
        sites: object = { a: siteA(), b: siteB() },
    ) => ({
        sites,
        serviceAddress: { addresses: [anycast4, anycast6], port },
        anycast: { asn: 65000, neighbors: changed.neighbors ?? neighbors, med: changed.med ?? 1 },
        dnsdist: {
            acl: [`${fabric.subnet}.0/24`, `${access.subnet}.0/24`, `${access.subnet6}/64`],
            threads: changed.threads ?? 2,
            clients: { load: { subnets: [`${access.subnet}.0/24`, `${access.subnet6}/64`] } },
            protection: { exempt: ["load"] },
        },
        resolvers: { ...labResolvers, services: 2, instances: 1, cacheMiB: changed.cacheMiB ?? 32 },
        images: changed.images ?? {},
        anycastPasswords: Object.fromEntries(
            routerAddresses.map((address) => [address, changed.password ?? password]),
        ),
    });

    const alone = () => settings({}, { a: siteA() });

    before(async () => {
        await router.prepare();
        await Promise.all([
            a.start((directory) => tlsKeys(directory, a.address)),
            b.start((directory) => sshKeys(directory, b.address)),
        ]);
        const images = ["debian:forky-slim", await ensureLabImage()];
        await Promise.all(
            [a, b].map(async (host) => {
                await host.shell(Router.wayBack);
                await host.load(...images);
            }),
        );
        for (const host of [a, b]) await host.instead(startLab);
        await router.start();
        await stack.create(alone());
    });
    after(async () => {
        await stack.destroy();
        await Promise.all([a.remove(), b.remove()]);
        await router.remove();
    });

    // What the announcers have said is what is needed to understand why a query was lost.
    afterEach(async function () {
        if (this.currentTest?.state !== "failed") return;
        for (const [site, host] of Object.entries({ a, b })) {
            const [announcer] = await component(host, `dns-${site}-anycast-announcer`).catch(() => []);
            if (announcer) console.log(site, await host.shell(`docker logs --timestamps ${announcer} 2>&1`));
        }
    });

    /** Waits until the router leads to these hosts, by IPv4 and IPv6. */
    async function led(...hosts: readonly DockerHost[]): Promise<void> {
        await eventually(
            () => router.waysTo(anycast4),
            hosts.map(({ address }) => address),
            60,
        );
        await eventually(
            () => router.waysTo(anycast6),
            hosts.map((host) => (host === a ? join(11) : join(12)).ipv6),
            60,
        );
    }

    /** Gives B the images that A has built, as one does where there is no registry. */
    async function share(): Promise<void> {
        const built = await a.docker(
            "images",
            "--format",
            "{{.Repository}}:{{.Tag}}",
            "--filter",
            "dangling=false",
        );
        for (const [, reference = "", name = ""] of built.matchAll(
            /^(recursive-dns\/([a-z-]+):[0-9a-f]{16})$/gm,
        ))
            images[name === "service-address" ? "serviceAddress" : name] = reference;
        assert.equal(Object.keys(images).length, 6);
        const file = `${a.directory}/built.tar`;
        await a.docker("save", "--output", file, ...Object.values(images));
        await b.docker("load", "--input", file);
    }

    const component = async (host: DockerHost, name: string) =>
        (await host.docker("ps", "--quiet", "--filter", `label=recursive-dns.component=${name}`)).split("\n");

    /** Has what a site announces withdrawn, or announced again, as people do. */
    const drain = (verb: "drain" | "undrain", site: string) =>
        run(process.execPath, ["scripts/drain.mjs", verb, site, stack.name], {
            cwd: root,
            env: stack.environment,
        });

    /** A planned event costs no query; what is written of it. */
    async function planned(
        test: Mocha.Runnable,
        name: string,
        what: (mark: Moments["mark"]) => Promise<unknown>,
    ) {
        const { marks, mark } = moments();
        const report = await underLoad(target, () => what(mark));
        record({ group: "planned", name: `anycast: ${name}`, rate, report, marks });
        test.title += ` (${summary(report)})`;
    }

    /** What a failure costs: no more than what is asked of one of two sites within the bar. */
    async function failure(
        test: Mocha.Runnable,
        name: string,
        what: (mark: Moments["mark"]) => Promise<unknown>,
    ) {
        const { marks, mark } = moments();
        const tolerance = { lost: rate / 2, wrong: rate / 2, tcpLost: 20 };
        const report = await underLoad(target, () => what(mark), tolerance);
        record({ group: "failure", name: `anycast: ${name}`, rate, report, marks });
        test.title += ` (${summary(report)})`;
    }

    it("are announced while they answer, by IPv4 and IPv6", async () => {
        await stack.must(stack.up());
        await led(a);
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
        const [announcer = ""] = await component(a, "dns-a-anycast-announcer");
        const used = await a.docker("stats", "--no-stream", "--format", "{{.MemUsage}}", announcer);
        assert.match(used, /^\d+(\.\d+)?MiB \/ 32MiB$/);
    });

    it("have what is rendered accepted by BIRD", async () => {
        const [announcer = ""] = await component(a, "dns-a-anycast-announcer");
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
        await share();
        await planned(this.test!, "a site more", async (mark) => {
            stack.configure(settings());
            mark("begun");
            await stack.must(stack.up());
            await led(a, b);
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
            stack.configure(settings(changed));
            mark("begun");
            await stack.must(stack.up());
            mark("done");
            await led(a, b);
        });
        assert.match(await router.birdc("show", "route", "for", anycast4, "all"), /bgp_med: 2/);
    });

    it("are drained and come back", async function () {
        await planned(this.test!, "a site drained and back", async (mark) => {
            await drain("drain", "a");
            mark("drained");
            await led(b);
            await sleep(2000);
            await drain("undrain", "a");
            await led(a, b);
            mark("back");
        });
    });

    it("are withdrawn when dnsdist is killed", async function () {
        await failure(this.test!, "kill -9 of dnsdist", async (mark) => {
            await sleep(2000);
            const [frontend = ""] = await component(a, "dns-a-dnsdist-frontend");
            mark("killed");
            await a.docker("kill", frontend);
            await led(b);
            await a.docker("start", frontend);
            await led(a, b);
            mark("back");
        });
    });

    it("say what is wrong with a neighbor, and go on as before", async () => {
        stack.configure(settings({ ...changed, password: "another one" }));
        const { code, output } = await stack.up();
        assert.notEqual(code, 0, output);
        await led(a, b);
        const [steer = ""] = await component(a, "dns-a-address-steer");
        const said = await a.docker("exec", steer, "cat", "/run/site/anycast/diagnosis");
        assert.match(said, /anycast failed: a session with every neighbor/);
        assert.match(said, /neighbor 198\.18\.2\.2 down/);
        stack.configure(settings(changed));
        await stack.must(stack.up());
        await led(a, b);
    });

    if (!long) return;

    it("take other resolvers, one after the other", async function () {
        await planned(this.test!, "the resolvers changed at both sites", async (mark) => {
            stack.configure(settings({ ...changed, cacheMiB: 40 }));
            mark("begun");
            await stack.must(stack.up());
            mark("done");
            await led(a, b);
        });
    });

    it("are withdrawn when another site alone has a live resolver", async function () {
        const all = async (host: DockerHost, site: string) => [
            ...(await component(host, `dns-${site}-resolver-a-1`)),
            ...(await component(host, `dns-${site}-resolver-b-1`)),
        ];
        const ofA = await all(a, "a");
        await failure(this.test!, "all resolvers of a site killed", async (mark) => {
            await sleep(2000);
            mark("killed");
            await a.docker("kill", ...ofA);
            await led(b);
            await sleep(1000);
        });
        // When no other has one either, what is known is better than nothing.
        const ofB = await all(b, "b");
        await b.docker("kill", ...ofB);
        await led(a, b);
        await a.docker("start", ...ofA);
        await b.docker("start", ...ofB);
        await led(a, b);
    });

    it("are withdrawn when the host is frozen, and come back by the rise of the check", async function () {
        await failure(this.test!, "a host frozen", async (mark) => {
            await sleep(2000);
            mark("frozen");
            await docker("pause", a.name);
            await led(b);
            await sleep(3000);
            await docker("unpause", a.name);
            mark("thawed");
            await led(a, b);
            mark("back");
        });
    });

    it("are withdrawn when BIRD is killed, or hangs, and announced by another one", async function () {
        await failure(this.test!, "BIRD killed, then hung", async (mark) => {
            await sleep(2000);
            mark("killed");
            await a.shell("pkill -KILL -x bird");
            await sleep(5000);
            await led(a, b);
            mark("hung");
            await a.shell("pkill -STOP -x bird");
            await led(b);
            await led(a, b);
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
            await led(b);
            await sleep(3000);
            await a.shell("nft delete table inet cut");
            mark("mended");
            await led(a, b);
            mark("back");
        });
    });

    it("do not flap with a dnsdist that does", async () => {
        const [frontend = ""] = await component(a, "dns-a-dnsdist-frontend");
        const seen: boolean[] = [];
        for (let time = 0; time < 4; time++) {
            await a.docker("kill", frontend);
            await led(b);
            await a.docker("start", frontend);
            for (const end = Date.now() + 5000; Date.now() < end; await sleep(200))
                seen.push((await router.waysTo(anycast4)).includes(a.address));
        }
        assert.ok(seen.length > 20 && !seen.includes(true), "it came back in between");
        await led(a, b);
    });

    it("raise an alarm when BFD is not there", async () => {
        await a.shell(
            "nft 'table inet nobfd { chain in { type filter hook prerouting priority -400; udp dport 3784 drop; }; }'",
        );
        const health = async () => {
            const [announcer = ""] = await component(a, "dns-a-anycast-announcer");
            return a.docker("inspect", "--format", "{{json .State.Health}}", announcer);
        };
        await eventually(async () => /"Status":"unhealthy".*BFD is Down/.test(await health()), true);
        await a.shell("nft delete table inet nobfd");
        await eventually(async () => /"Status":"healthy"/.test(await health()), true);
        await led(a, b);
    });

    it("leave without a query lost", async function () {
        await planned(this.test!, "a site removed", async (mark) => {
            stack.configure(settings({}, { b: siteB() }));
            mark("begun");
            await stack.must(stack.up());
            await led(b);
            mark("gone");
        });
    });
});
