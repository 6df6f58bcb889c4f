import assert from "node:assert/strict";
import { labResolvers } from "../lab/catalog";
import { startLab } from "../lab/lab";
import { containers, imageOf, running } from "./support/host";
import { TestStack } from "./support/stack";
import { underLoad } from "./support/under-load";

const port = 5398;
const settings = {
    serviceAddress: { port },
    resolvers: { ...labResolvers, cacheMiB: 32 },
};
const serving = /(resolver-.-\d|frontend|steer|redis-server)$/;

describe("a change that does not work, under load", () => {
    const stack = new TestStack("test-bad");

    before(async () => {
        await startLab();
        await stack.create(settings);
        await stack.must(stack.up());
    });
    after(() => stack.destroy());

    /** Each one's images, made from those of the running stack. */
    const bad: Record<string, () => Promise<Record<string, string>>> = {
        "an image of the resolvers that does not exist": () =>
            Promise.resolve({ resolver: "recursive-dns/nowhere:1" }),
        "an image of dnsdist that does not exist": () =>
            Promise.resolve({ dnsdist: "recursive-dns/nowhere:1" }),
    };
    if (process.env.RECURSIVE_DNS_LONG) {
        // Each of these waits for health as long as the gate's patience lasts, several times over.
        bad["resolvers that crash"] = async () => ({ resolver: await imageOf(stack.name, /redis-server$/) });
        bad["a dnsdist that crashes"] = async () => ({ dnsdist: await imageOf(stack.name, /redis-server$/) });
        bad["a service address that crashes"] = async () => ({
            serviceAddress: await imageOf(stack.name, /redis-server$/),
        });
    }

    for (const [name, images] of Object.entries(bad)) {
        it(`changes nothing: ${name}`, async function () {
            const before = await running(stack.name, serving);
            stack.configure({ ...settings, images: await images() });
            const report = await underLoad(port, async () => {
                for (const operation of [stack.up, stack.up, stack.refresh, stack.up]) {
                    const { code, output } = await operation();
                    assert.equal(code === 0, operation === stack.refresh, output);
                    const after = await running(stack.name, serving);
                    assert.ok(
                        before.every((container) => after.includes(container)),
                        "all that served goes on serving",
                    );
                }
            });
            const perComponent = new Map<string, number>();
            for (const { Labels } of await containers(stack.name)) {
                const component = Labels["recursive-dns.component"] ?? "";
                perComponent.set(component, (perComponent.get(component) ?? 0) + 1);
            }
            assert.ok(Math.max(...perComponent.values()) <= 2, "at most one leftover a component");

            stack.configure(settings);
            const healed = await underLoad(port, () => stack.must(stack.up()));
            assert.deepEqual(await running(stack.name, serving), before, "a good configuration converges");
            assert.equal((await containers(stack.name)).length, perComponent.size, "no leftover");
            this.test!.title += ` (${report}; back: ${healed})`;
        });
    }
});
