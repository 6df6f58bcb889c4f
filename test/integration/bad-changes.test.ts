import assert from "node:assert/strict";
import type { Settings } from "../../components";
import { sweepFailures } from "../../scripts/leftovers.mjs";
import { labResolvers, rootHints } from "../lab/catalog";
import { startLab } from "../lab/lab";
import { moments, record } from "../report/rows";
import { containers, inside } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { assertReplaced, everything, parts, serving } from "./support/parts";
import { TestStack } from "./support/stack";
import { rate, summary, underLoad } from "./support/under-load";
import { variant } from "./support/variants";

const port = 5398;
/** The same again, with a refresh between: that clears Pulumi's memory of the failure. */
const tries = process.env.RECURSIVE_DNS_LONG
    ? (["up", "up", "refresh", "up"] as const)
    : (["up", "refresh", "up"] as const);
const diagnosis = "/run/site/admission/diagnosis";
const settings = {
    serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
    resolvers: { ...labResolvers, cacheMiB: 96, services: 2, instances: 1 },
    // What does not work is found not to work as soon as may be.
    rollout: { patienceSeconds: 15 },
} satisfies Settings;
const stack = new TestStack("test-bad");

interface BadChange {
    readonly name: string;
    readonly settings: () => Settings | Promise<Settings>;
    /** What the update has to say. */
    readonly says: RegExp;
    /** What the gate has found, where it is the gate that refuses. */
    readonly found?: RegExp;
    /** Run in the long tests alone: each of these waits for health as long as the rollout's patience, three times. */
    readonly long?: true;
}

const image = (part: "resolver" | "dnsdist" | "serviceAddress" | "redis", reference: string) => ({
    images: { [part]: reference },
});
const broken = async (part: keyof typeof parts, name: string, ...lines: string[]) =>
    variant(stack.name, parts[part], `broken-${name}`, ...lines);
const crash = 'ENTRYPOINT ["sh", "-c", "echo this one crashes >&2; exit 3"]';

/** Lua for a resolver that is well by its own account, and answers every other name with an address of its choice. */
const forging = [
    "modules.load('policy')",
    "local forged = policy.ANSWER({ [kres.type.A] = { rdata = kres.str2ip('192.0.2.66'), ttl = 300 } })",
    "local own = todname('resolver.recursive-dns.internal.')",
    "policy.add(function (request, query) if query:name() ~= own then return forged end end)",
].join("; ");

/** After a refresh Pulumi takes a container that crashes for one that is as it should be: then it is the gate that refuses. */
const notHealthy = /failed to be in healthy state|dns-rollout-gate creating .*error/;

const badChanges: readonly BadChange[] = [
    {
        name: "an image of the resolvers that does not exist",
        settings: () => image("resolver", "recursive-dns/nowhere:1"),
        says: /recursive-dns\/nowhere:1/,
    },
    {
        name: "an image of dnsdist that does not exist",
        settings: () => image("dnsdist", "recursive-dns/nowhere:1"),
        says: /recursive-dns\/nowhere:1/,
        long: true,
    },
    {
        name: "resolvers that crash",
        settings: async () => image("resolver", await broken("resolvers", "crash", crash)),
        says: notHealthy,
        long: true,
    },
    {
        name: "a dnsdist that crashes",
        settings: async () => image("dnsdist", await broken("frontend", "crash", crash)),
        says: notHealthy,
        long: true,
    },
    {
        name: "a service address that crashes",
        settings: async () => image("serviceAddress", await broken("address", "crash", crash)),
        says: notHealthy,
        long: true,
    },
    {
        name: "a trust anchor that Knot Resolver refuses",
        settings: () => ({
            resolvers: { ...settings.resolvers, trustAnchors: [". IN DNSKEY 257 3 13 ===="] },
        }),
        says: notHealthy,
        long: true,
    },
    {
        name: "resolvers that are never healthy",
        settings: async () =>
            image(
                "resolver",
                await broken("resolvers", "ill", "RUN ln -sf /bin/false /usr/local/bin/healthy"),
            ),
        says: notHealthy,
        long: true,
    },
    {
        name: "resolvers that are healthy and answer wrongly",
        settings: async () =>
            image(
                "resolver",
                await broken(
                    "resolvers",
                    "forging",
                    `RUN echo "${forging}" >/forging.lua && sed -i 's|/etc/knot-resolver/worker.lua|& -c /forging.lua|' /usr/local/bin/resolver`,
                ),
            ),
        says: /dns-rollout-gate creating .*error/,
        found: /backend \w+ says "NOERROR 192\.0\.2\.66" to localhost A/,
    },
    {
        name: "a dnsdist that is healthy and answers wrongly",
        settings: async () =>
            image(
                "dnsdist",
                await broken(
                    "frontend",
                    "forging",
                    'RUN sed -i \'/backends.reconcile/a if not forging then forging = true; addAction(QNameSuffixRule("invalid."), SpoofAction("192.0.2.66")); mvRuleToTop() end\' /usr/local/lib/recursive-dns/dnsdist.lua',
                ),
            ),
        says: /dns-rollout-gate creating .*error/,
        found: /frontend \w+ says "NOERROR 192\.0\.2\.66" to nothing\.invalid A/,
    },
    {
        // Found only once it has the service address, which then goes back to the one before.
        name: "a dnsdist that has its rules and answers by others",
        settings: async () =>
            image(
                "dnsdist",
                await broken(
                    "frontend",
                    "untrue",
                    "RUN sed -i 's/SpoofRawAction(text(version)/SpoofRawAction(text(\"others\")/' /usr/local/lib/recursive-dns/rules.lua",
                ),
            ),
        says: /dns-rollout-gate creating .*error/,
        found: /the rules to apply: not within/,
        long: true,
    },
];

describe("a change that does not work, under load", () => {
    before(async () => {
        await startLab();
        await stack.create(settings);
    });
    beforeEach(() => {
        stack.configure(settings);
        return stack.must(stack.up());
    });
    after(() => stack.destroy());
    tellOnFailure(stack.name);

    for (const { name, settings: bad, says, found, long } of badChanges) {
        if (long && !process.env.RECURSIVE_DNS_LONG) continue;
        it(`changes nothing: ${name}`, async function () {
            const good = await serving(stack.name);
            const [steer = ""] = good.address;
            stack.configure({ ...settings, ...(await bad()) });
            const { marks, mark } = moments();
            const report = await underLoad({ port }, async () => {
                for (const operation of tries) {
                    mark(operation);
                    const { code, output } = await stack[operation]();
                    assert.equal(code === 0, operation === "refresh", output);
                    if (operation === "up") assert.match(output, says);
                    if (operation === "up" && found) assert.match(inside(steer, "cat", diagnosis), found);
                    await sweepFailures(stack.name, stack.environment); // as `npm run up` does
                    assertStillServing(good, await serving(stack.name));
                }
                assert.ok(
                    Math.max(...(await perComponent()).values()) <= 2,
                    "at most one leftover a component",
                );

                mark("good again");
                stack.configure(settings);
                await stack.must(stack.up());
                mark("done");
            });
            const healed = await serving(stack.name);
            for (const part of everything) assert.equal(healed[part].length, good[part].length, part);
            assert.equal(Math.max(...(await perComponent()).values()), 1, "no leftover");
            record({ group: "bad", name, rate, report, marks, replaced: "nothing" });
            this.test!.title += ` (${summary(report)})`;
        });
    }

    it("admits resolvers that cannot reach the Internet: they may be all there is", async () => {
        const [server = ""] = Object.keys(rootHints);
        const lost = { ...settings.resolvers, rootHints: { [server]: ["198.18.0.99"] } };
        const before = await serving(stack.name);
        stack.configure({ ...settings, resolvers: lost });
        await stack.must(stack.up());
        assertReplaced(before, await serving(stack.name), ["resolvers"]);
    });
});

function assertStillServing(before: Awaited<ReturnType<typeof serving>>, now: typeof before): void {
    for (const part of everything)
        assert.ok(
            before[part].every((container) => now[part].includes(container)),
            `${part}: all that served goes on serving`,
        );
}

/** How many containers each component has. */
async function perComponent(): Promise<Map<string, number>> {
    const count = new Map<string, number>();
    for (const { Labels } of await containers(stack.name)) {
        const component = Labels["recursive-dns.component"] ?? "";
        count.set(component, (count.get(component) ?? 0) + 1);
    }
    return count;
}
