import assert from "node:assert/strict";
import { labResolvers } from "../lab/catalog";
import { docker } from "../lab/docker";
import { startLab } from "../lab/lab";
import { imageOf, restarted, running } from "./support/host";
import { TestStack } from "./support/stack";
import { underLoad } from "./support/under-load";

const port = 5397;
const parts = {
    resolvers: /resolver-.-\d$/,
    frontend: /frontend$/,
    address: /steer$/,
    redis: /redis-server$/,
};
type Part = keyof typeof parts;

interface Change {
    readonly name: string;
    /** What the settings become. They stay so for the rows below. */
    readonly settings?: Record<string, object>;
    /** What happens to a running stack in place of an update. */
    readonly event?: (stack: TestStack) => Promise<unknown>;
    /** The parts whose containers are all replaced; of those that are not named, none is. */
    readonly replaces: readonly Part[];
}

/** An image that is another to Docker, and the same in what it does. */
async function likeness(stack: string, component: RegExp, name: string): Promise<string> {
    const image = `recursive-dns/${name}:likeness`;
    const container = await docker("create", await imageOf(stack, component));
    await docker("commit", container, image);
    await docker("rm", container);
    return image;
}

const one = { addresses: ["127.0.0.1", "::1"], port };
const two = { addresses: ["127.0.0.1", "::1", "198.51.100.97"], port };

/** Each change is made under load and may cost nothing. */
const changes: readonly Change[] = [
    { name: "a resolver setting", settings: { resolvers: { cacheMiB: 40 } }, replaces: ["resolvers"] },
    { name: "instances up", settings: { resolvers: { cacheMiB: 40, instances: 3 } }, replaces: [] },
    { name: "instances down", settings: { resolvers: { cacheMiB: 40, instances: 1 } }, replaces: [] },
    {
        name: "a service up",
        settings: { resolvers: { cacheMiB: 40, instances: 1, services: 3 } },
        replaces: [],
    },
    {
        name: "services down",
        settings: { resolvers: { cacheMiB: 40, instances: 1, services: 2 } },
        replaces: [],
    },
    { name: "a static setting of dnsdist", settings: { dnsdist: { threads: 1 } }, replaces: ["frontend"] },
    { name: "a setting of Redis", settings: { redis: { maxMemoryMiB: 64 } }, replaces: ["redis"] },
    { name: "another engine, Valkey", settings: { redis: { engine: "valkey" } }, replaces: ["redis"] },
    { name: "a service address more", settings: { serviceAddress: two }, replaces: ["address", "frontend"] },
    { name: "that address taken away", settings: { serviceAddress: one }, replaces: ["address", "frontend"] },
    {
        name: "everything in one update",
        settings: {
            resolvers: { cacheMiB: 48, instances: 2 },
            dnsdist: { threads: 2, outageCache: { seconds: 60 } },
            redis: { engine: "redis", eviction: "allkeys-lfu" },
            serviceAddress: two,
        },
        replaces: ["resolvers", "frontend", "address", "redis"],
    },
    {
        name: "all of it rolled back",
        settings: { resolvers: {}, dnsdist: {}, redis: {}, serviceAddress: one },
        replaces: ["resolvers", "frontend", "address", "redis"],
    },
    {
        name: "docker restart of a resolver",
        event: async ({ name }) => docker("restart", (await running(name, parts.resolvers))[0] ?? ""),
        replaces: [],
    },
    {
        name: "docker restart of the service address",
        event: async ({ name }) => docker("restart", (await running(name, parts.address))[0] ?? ""),
        replaces: [],
    },
];

describe("a change under load", () => {
    const stack = new TestStack("test-changes");
    let settings: Record<string, object> = { serviceAddress: one, resolvers: {} };
    const withLab = () => ({
        ...settings,
        resolvers: { cacheMiB: 32, ...settings.resolvers, ...labResolvers },
    });

    before(async () => {
        await startLab();
        await stack.create(withLab());
        await stack.must(stack.up());
    });
    after(() => stack.destroy());

    const containers = async () =>
        Object.fromEntries(
            await Promise.all(
                Object.entries(parts).map(
                    async ([part, component]) => [part, await running(stack.name, component)] as const,
                ),
            ),
        ) as Record<Part, string[]>;

    async function make({ settings: changed, event, replaces }: Change): Promise<string> {
        const before = await containers();
        settings = { ...settings, ...changed };
        stack.configure(withLab());
        const report = await underLoad(port, () => (event ? event(stack) : stack.must(stack.up())));
        const after = await containers();
        assert.deepEqual(
            await restarted(stack.name),
            [],
            "containers that ended by themselves and were started again",
        );
        for (const part of Object.keys(parts) as Part[]) {
            const kept = before[part].filter((container) => after[part].includes(container));
            const expected = replaces.includes(part) ? 0 : Math.min(before[part].length, after[part].length);
            assert.equal(kept.length, expected, `${part}: containers kept`);
        }
        return report;
    }

    for (const change of changes) {
        it(`costs no query: ${change.name}`, async function () {
            this.test!.title += ` (${await make(change)})`;
        });
    }

    it("costs no query: another image of everything", async function () {
        const images = {
            resolver: await likeness(stack.name, parts.resolvers, "resolver"),
            dnsdist: await likeness(stack.name, parts.frontend, "dnsdist"),
            serviceAddress: await likeness(stack.name, parts.address, "service-address"),
            redis: await likeness(stack.name, parts.redis, "redis"),
        };
        const change = { name: "images", settings: { images }, replaces: Object.keys(parts) as Part[] };
        this.test!.title += ` (${await make(change)})`;
    });
});
