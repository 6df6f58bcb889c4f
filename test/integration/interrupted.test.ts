import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../components";
import { sweep } from "../../scripts/leftovers.mjs";
import { labResolvers } from "../lab/catalog";
import { startLab } from "../lab/lab";
import { moments, record } from "../report/rows";
import { leadingFrontend } from "./support/dns";
import { containers, eventually } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { assertReplaced, serving } from "./support/parts";
import { TestStack } from "./support/stack";
import { rate, summary, underLoad } from "./support/under-load";

const port = 5399;
const long = Boolean(process.env.RECURSIVE_DNS_LONG);
const stack = new TestStack("test-interrupted");
const server = { address: "127.0.0.1", port, transport: "udp" } as const;

/** The moments at which the engine is killed: each ends as soon as its moment has come. */
const interruptions: Record<string, (before: Awaited<ReturnType<typeof serving>>) => Promise<unknown>> = {
    "the creation of a resolver has begun": () =>
        eventually(stack.name, ({ action, component }) => action === "create" && /-a-1$/.test(component)),
    "a resolver has been created": () =>
        eventually(
            stack.name,
            ({ action, component }) => action === "health_status: healthy" && /-a-1$/.test(component),
        ),
    "the gate has begun": () =>
        eventually(stack.name, ({ action, component }) => action === "start" && /gate$/.test(component)),
    "the service address has been switched": async () => {
        const lead = await leadingFrontend(server);
        while ((await leadingFrontend(server)) === lead) await sleep(20);
    },
    "the deletion of the old has begun": ({ resolvers }) =>
        eventually(stack.name, ({ action, container }) => action === "kill" && resolvers.includes(container)),
};

describe("an update that is interrupted, under load", () => {
    const settings = (round: number): Settings => ({
        serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
        resolvers: { ...labResolvers, cacheMiB: 96 + (round % 2), services: 2, instances: 1 },
        // In the short tests a new dnsdist has less to take over from the packet cache of the old.
        dnsdist: { threads: 1 + (round % 2), ...(long ? {} : { packetCache: { entries: 20_000 } }) },
    });
    let round = 0;

    before(async () => {
        await startLab();
        await stack.create(settings(round));
        await stack.must(stack.up());
    });
    after(() => stack.destroy());
    tellOnFailure(stack.name);

    for (const [name, moment] of Object.entries(interruptions)) {
        it(`is healed by the next one, killed when ${name}`, async function () {
            const before = await serving(stack.name);
            stack.configure(settings(++round));
            const { marks, mark } = moments();
            const report = await underLoad({ port }, async () => {
                mark("begun");
                const come = moment(before);
                const update = stack.begin("up", "--yes", "--skip-preview");
                const early = update.ended.then(({ output }) => Promise.reject(new Error(output)));
                await Promise.race([come, early]);
                early.catch(() => undefined); // from now on it is meant to end
                update.kill();
                await update.ended;
                mark("killed");

                const locked = await stack.up();
                assert.notEqual(locked.code, 0);
                assert.match(locked.output, /currently locked/);
                await stack.must(stack.cancel());
                await stack.must(stack.up());
                await sweep(stack.name, stack.environment);
                mark("healed");
            });
            assertReplaced(before, await serving(stack.name), ["resolvers", "frontend"]);
            await assertNoLeftovers();
            record({ group: "interrupted", name, rate, report, marks, replaced: "resolvers, frontend" });
            this.test!.title += ` (${summary(report)})`;
        });
    }

    it("is refused while another one is at work, which goes on", async function () {
        const before = await serving(stack.name);
        stack.configure(settings(++round));
        const report = await underLoad({ port }, async () => {
            const begun = eventually(stack.name, ({ action }) => action === "create");
            const first = stack.begin("up", "--yes", "--skip-preview");
            await begun;
            const second = await stack.up();
            assert.notEqual(second.code, 0);
            assert.match(second.output, /currently locked/);
            await stack.must(first.ended);
        });
        assertReplaced(before, await serving(stack.name), ["resolvers", "frontend"]);
        await assertNoLeftovers();
        this.test!.title += ` (${summary(report)})`;
    });
});

async function assertNoLeftovers(): Promise<void> {
    const components = (await containers(stack.name)).map(({ Labels }) => Labels["recursive-dns.component"]);
    assert.equal(new Set(components).size, components.length, `leftovers among ${components.join(", ")}`);
}
