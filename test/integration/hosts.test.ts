import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sweep } from "../../scripts/leftovers.mjs";
import { DockerHost } from "../hosts/docker-host";
import { labResolvers } from "../lab/catalog";
import { docker } from "../lab/docker";
import { showcase } from "../lab/internet/showcase";
import { startLab } from "../lab/lab";
import { loadImage } from "../load/load-image";
import { type UdpReport, startUdpLoad } from "../load/udp";
import { type Mark, record } from "../report/rows";
import { assertAnswers } from "./support/dns";
import { eventually } from "./support/eventually";
import { TestStack, root } from "./support/stack";
import { rate, summary, underLoad } from "./support/under-load";

const port = 5390;
/** A service address that the stack has to put on the host, beside the host's own. */
const given = "198.51.100.90";
const base = "debian:forky-slim";
const deadlineSeconds = 120;

describe("a Docker host that goes and comes back", () => {
    const host = new DockerHost("recursive-dns-test-host", "198.18.1");
    const stack = new TestStack("test-hosts");
    const target = { port, udp: host.address, tcp: host.address };
    const settings = (cacheMiB: number) => ({
        serviceAddress: { addresses: [host.address, given], port },
        dnsdist: {
            acl: ["198.18.1.0/24"],
            standby: true,
            clients: { load: { subnets: ["198.18.1.0/24"] } },
            protection: { exempt: ["load"] },
        },
        resolvers: { ...labResolvers, services: 2, instances: 1, cacheMiB },
    });

    before(async () => {
        await host.start();
        await host.load(base); // all the other images are built there, in some 20 seconds
        await host.instead(startLab);
        stack.variables = { DOCKER_HOST: host.socket };
        await stack.create(settings(32));
        await stack.must(stack.up());
    });
    after(async () => {
        await stack.destroy();
        await host.remove();
    });

    /** The stack's containers, as `component id` in order, of which these filters of `docker ps` hold. */
    async function containers(...filters: string[]): Promise<string[]> {
        const selected = ["label=recursive-dns.stack", ...filters].flatMap((filter) => ["--filter", filter]);
        const format = '{{.Label "recursive-dns.component"}} {{.ID}}';
        const lines = await host.docker("ps", "--all", "--no-trunc", ...selected, "--format", format);
        return lines.split("\n").filter(Boolean).sort();
    }

    /** Those that are to serve, however often the host goes. (The gate of the last update has nothing left to do.) */
    const serving = async (...filters: string[]) =>
        (await containers("status=running", ...filters)).filter((line) => !line.includes("-gate "));

    /** Waits until the stack answers; returns how many seconds that took. */
    async function untilAnswering(): Promise<number> {
        const start = Date.now();
        let answered: number | undefined;
        let problem: unknown;
        while (answered === undefined) {
            // The next question does not wait for this one: that it is lost is seen late.
            void assertAnswers({ address: host.address, port, transport: "udp" }, showcase[0]!).then(
                () => (answered ??= Date.now()),
                (error: unknown) => (problem = error),
            );
            assert.ok(Date.now() < start + deadlineSeconds * 1000, `no right answer: ${String(problem)}`);
            await sleep(50);
        }
        return (answered - start) / 1000;
    }

    /** What each dnsdist says of the resolvers: a line for each, such as `0123456789ab up`. */
    async function backends(): Promise<string[]> {
        const frontends = await containers("label=recursive-dns.component=dns-dnsdist-frontend");
        const standbys = await containers("label=recursive-dns.component=dns-dnsdist-standby");
        const read = async (id: string) =>
            host.docker("exec", id, "cat", `/run/site/frontends/${id.slice(0, 12)}.status`);
        return Promise.all([...frontends, ...standbys].map((line) => read(idOf(line))));
    }

    /** Everything is as it was before: the containers, healthy; the backends; the service addresses; the answers. */
    async function assertRestored(before: readonly string[]): Promise<void> {
        await host.ready();
        await eventually(() => serving("health=healthy"), before);
        const resolvers = before.filter((line) => /resolver-.-\d /.test(line)).map(idOf);
        const allUp = resolvers.map((id) => `${id.slice(0, 12)} up`).sort();
        await eventually(backends, [allUp.join("\n"), allUp.join("\n")]);
        for (const transport of ["udp", "tcp"] as const) {
            for (const expectation of showcase)
                await assertAnswers({ address: host.address, port, transport }, expectation);
        }
        const [steer = ""] = await containers("label=recursive-dns.component=dns-address-steer");
        const ask = ["kdig", "+short", `@${given}`, "-p", String(port), "www.example.com"];
        assert.equal(await host.docker("exec", idOf(steer), ...ask), "192.0.2.80");
    }

    /** Does something to the host under a light load from outside; tells what that cost, for the test's title. */
    async function outage(what: () => Promise<unknown>): Promise<string> {
        const before = await serving();
        const load = await startUdpLoad({ address: host.address, port, rate: 200, least: 0 });
        let seconds: number;
        let report: UdpReport;
        try {
            await sleep(1000); // until it asks
            await what();
            seconds = await untilAnswering();
            await assertRestored(before);
        } finally {
            report = await load.stop();
        }
        const { lost, wrong, sent } = report;
        return `first right answer after ${seconds} s; ${lost} lost and ${wrong} wrong of ${sent} at 200 a second`;
    }

    it("has a console from elsewhere", () => {
        const said = execFileSync(process.execPath, ["scripts/console.mjs", stack.name, "showRules()"], {
            cwd: root,
            env: stack.environment,
            encoding: "utf8",
        });
        assert.match(said, /client rate/);
    });

    it("takes a query with the first packet of a client that has been here before, where its kernel does", async () => {
        const opened = async () => {
            const [names = "", counts = ""] = (await host.shell("grep ^TcpExt: /proc/net/netstat")).split(
                "\n",
            );
            return Number(counts.split(" ")[names.split(" ").indexOf("TCPFastOpenPassive")]);
        };
        const image = await loadImage();
        const client = ["run", "--rm", "--network", "host", "--entrypoint", "kdig", image];
        const question = ["+tcp", "+fastopen", "+short", `@${host.address}`, "-p", String(port)];
        const ask = () => docker(...client, ...question, "www.example.com");
        await ask(); // and has a cookie now
        const before = await opened();
        assert.equal(await ask(), "192.0.2.80");
        assert.equal(await opened(), before + 1);
    });

    it("answers again after a reboot, without anyone doing anything", async function () {
        this.test!.title += ` (${await outage(host.reboot)})`;
    });

    it("is the same to Pulumi after the reboot", async () => {
        const before = await serving();
        await stack.must(stack.refresh());
        await stack.must(stack.up());
        assert.deepEqual(await serving(), before);
    });

    it("answers again in whatever order its containers start", async function () {
        const seed = Number(process.env.RECURSIVE_DNS_SEED ?? randomInt(1e6));
        const times: number[] = [];
        const before = await serving();
        const table = await host.shell("nft list tables | grep -o 'recursive_dns_[^ ]*'");
        const pool = await host.docker("network", "ls", "--filter", "name=-pool-", "--format", "{{.Name}}");
        // It may take an address that was a resolver's before.
        await host.docker("run", "--detach", "--name", "guest", "--network", pool, base, "sleep", "infinity");
        try {
            while (times.length < 3) {
                const order = shuffled([...before, "guest guest"], `${seed} ${times.length}`);
                await host.docker("kill", ...order.map(idOf));
                await host.shell(`nft delete table inet ${table}; ip addr del ${given}/32 dev lo`);
                for (const line of order) await host.docker("start", idOf(line));
                times.push(await untilAnswering());
                await assertRestored(before);
            }
        } finally {
            await host.docker("rm", "--force", "guest");
            this.test!.title += ` (seed ${seed}, seconds after the last start: ${times.join(", ")})`;
        }
    });

    it("answers again when Docker is restarted", async function () {
        this.test!.title += ` (${await outage(host.restartDocker)})`;
    });

    describe("with live-restore", () => {
        before(() => host.configureDocker({ "live-restore": true }));

        for (const [how, end] of Object.entries({ restarted: host.restartDocker, killed: host.killDocker })) {
            it(`costs no query when Docker is ${how}`, async function () {
                const before = await serving();
                const marks: Mark[] = [];
                const report = await underLoad(target, async () => {
                    await sleep(4000);
                    marks.push(now(how));
                    await end();
                    await host.ready();
                    marks.push(now("back"));
                });
                assert.deepEqual(await serving(), before);
                record({ group: "failure", name: `Docker ${how}, with live-restore`, rate, report, marks });
                this.test!.title += ` (${summary(report)})`;
            });
        }

        it("costs no query when Docker is restarted in an update, which the next one completes", async function () {
            const before = await containers();
            const marks: Mark[] = [];
            stack.configure(settings(40));
            const report = await underLoad(target, async () => {
                marks.push(now("begun"));
                let atWork = true;
                const update = stack.up().finally(() => (atWork = false));
                const made = () => containers("label=recursive-dns.component=dns-resolver-a-1");
                while (atWork && (await made()).length < 2) await sleep(50);
                marks.push(now("Docker restarted"));
                await host.restartDocker();
                const { code } = await update;
                this.test!.title += ` (the first ${code === 0 ? "succeeded" : "failed"}; `;
                await host.ready();
                await stack.must(stack.up());
                await sweep(stack.name, stack.environment);
                marks.push(now("completed"));
            });
            const after = await containers();
            const components = new Set(after.map(nameOf));
            assert.equal(components.size, after.length, `one container a component: ${after.join(", ")}`);
            const state = stack.state();
            const known = after.filter((line) => state.includes(idOf(line)));
            assert.deepEqual(known, after, "all are known to Pulumi");
            const kept = after.filter((line) => /resolver-.-\d /.test(line) && before.includes(line));
            assert.deepEqual(kept, [], "all resolvers are new");
            record({ group: "interrupted", name: "Docker restarted in an update", rate, report, marks });
            this.test!.title += `${summary(report)})`;
        });
    });
});

/** The parts of `component id`. */
const nameOf = (line: string) => line.split(" ")[0] ?? "";
const idOf = (line: string) => line.split(" ")[1] ?? "";

/** An order that is as good as random, and the same for the same seed. */
function shuffled(lines: readonly string[], seed: string): string[] {
    const key = (line: string) =>
        createHash("sha256")
            .update(`${seed} ${nameOf(line)}`)
            .digest("hex");
    return [...lines].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const now = (label: string): Mark => ({ label, at: Date.now() / 1000 });
