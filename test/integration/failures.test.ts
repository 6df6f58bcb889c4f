import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../components";
import { labResolvers } from "../lab/catalog";
import { docker } from "../lab/docker";
import { startLab } from "../lab/lab";
import { moments, record } from "../report/rows";
import { leadingFrontend } from "./support/dns";
import { crash, exhaustMemory, running } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { type Part, assertReplaced, parts, serving } from "./support/parts";
import { TestStack } from "./support/stack";
import { type Tolerance, rate, summary, underLoad } from "./support/under-load";

const port = 5395;
const stack = new TestStack("test-failures");
const server = { address: "127.0.0.1", port, transport: "udp" } as const;

interface Failure {
    readonly name: string;
    /** What fails, of a stack that has a standby, or none. */
    readonly standby?: true;
    readonly happens: () => Promise<unknown>;
    /** What is asked meanwhile may cost this much. A failure is never free for what is in its hands. */
    readonly costs?: Tolerance;
    readonly long?: true;
}

/** The daemon of each part. */
const daemons: Record<Part, string> = {
    resolvers: "kresd",
    frontend: "dnsdist",
    address: "steer",
    redis: "cache-server",
};

const all = (part: Part) => running(stack.name, parts[part]);
const one = async (part: Part) => (await all(part))[0] ?? "";
/** The frontend that serves: the one whose failure is felt. */
const victim = async (part: Part) => (part === "frontend" ? leadingFrontend(server) : one(part));
const kill = async (part: Part) => crash(await victim(part), daemons[part]);
const starve = async (part: Part) => exhaustMemory(await victim(part), daemons[part]);
const freeze = async (...containers: string[]) => {
    await docker("pause", ...containers);
    await sleep(5000);
    await docker("unpause", ...containers);
};
const serviceA = () => running(stack.name, /resolver-a-\d$/);

/** A frontend takes with it what it has been asked, and the connections of its clients. */
const outage = (seconds: number): Tolerance => ({ lost: seconds * rate, wrong: 50, tcpLost: 200 });

/**
 * Until a resolver's death is noticed (at most 4 s), what is asked by TCP and handed to it is tried three times, for a
 * second each, and cut: at most two queries of each of the 20 clients.
 */
const onceNoticed = 40;

const failures: readonly Failure[] = [
    {
        name: "kill -9 of a resolver",
        happens: () => kill("resolvers"),
        costs: { lost: 10, tcpLost: onceNoticed },
    },
    {
        name: "a resolver frozen for 5 s",
        happens: async () => freeze(await one("resolvers")),
        costs: { tcpLost: 10 },
    },
    {
        name: "a resolver out of memory",
        happens: () => starve("resolvers"),
        costs: { lost: 10, tcpLost: onceNoticed },
        long: true,
    },
    {
        name: "kill -9 of all resolvers of a service",
        happens: async () => (await serviceA()).forEach((container) => crash(container, daemons.resolvers)),
        costs: { lost: 20, tcpLost: onceNoticed },
    },
    {
        name: "all resolvers of a service frozen for 5 s",
        happens: async () => freeze(...(await serviceA())),
        costs: { lost: 20, tcpLost: onceNoticed },
        long: true,
    },
    { name: "kill -9 of the service address", happens: () => kill("address") },
    {
        name: "the service address frozen for 5 s",
        happens: async () => freeze(await one("address")),
        long: true,
    },
    { name: "the service address out of memory", happens: () => starve("address"), long: true },
    { name: "kill -9 of Redis", happens: () => kill("redis") },
    { name: "Redis frozen for 5 s", happens: async () => freeze(await one("redis")), long: true },
    { name: "Redis out of memory", happens: () => starve("redis"), long: true },
    { name: "kill -9 of dnsdist, no standby", happens: () => kill("frontend"), costs: outage(1.5) },
    {
        name: "dnsdist out of memory, no standby",
        happens: () => starve("frontend"),
        costs: outage(1.5),
        long: true,
    },
    { name: "kill -9 of dnsdist", standby: true, happens: () => kill("frontend"), costs: outage(0.5) },
    {
        name: "dnsdist frozen for 5 s",
        standby: true,
        happens: async () => freeze(await victim("frontend")),
        costs: outage(0.5),
    },
    {
        name: "dnsdist out of memory",
        standby: true,
        happens: () => starve("frontend"),
        costs: outage(0.5),
        long: true,
    },
];

describe("a failure under load", () => {
    const settings = (standby: boolean): Settings => ({
        serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
        resolvers: { ...labResolvers, cacheMiB: 96 },
        dnsdist: { standby, memoryMiB: 192, packetCache: { entries: 50_000 } },
        cache: { maxMemoryMiB: 16 },
    });

    before(async () => {
        await startLab();
        await stack.create(settings(false));
        await stack.must(stack.up());
    });
    after(() => stack.destroy());
    tellOnFailure(stack.name);

    let standing = false;
    for (const { name, standby = false, happens, costs, long } of failures) {
        if (long && !process.env.RECURSIVE_DNS_LONG) continue;
        it(`heals: ${name}`, async function () {
            if (standby !== standing) {
                stack.configure(settings(standby));
                await stack.must(stack.up());
                standing = standby;
            }
            const before = await serving(stack.name);
            const { marks, mark } = moments();
            // "Never answered" is without an answer within 5 s: a resolver that hangs is noticed after one.
            const report = await underLoad(
                { port },
                async () => {
                    await sleep(4000);
                    mark("failure");
                    await happens();
                    mark("its end");
                    await sleep(6000);
                },
                { patience: 5, ...costs },
            );
            assertReplaced(before, await serving(stack.name), []);
            record({ group: "failure", name, rate, report, marks });
            this.test!.title += ` (${summary(report)})`;
        });
    }
});
