import assert from "node:assert/strict";
import { labResolvers } from "../lab/catalog";
import { startLab } from "../lab/lab";
import { type Preview, plainWords } from "../../scripts/setup/change-summary.mjs";
import { parseJson } from "../../scripts/setup/json.mjs";
import { moments, record } from "../report/rows";
import { type Change, type StackSettings, addresses, plannedChanges, port } from "./changes/planned";
import { ExternalCache } from "./support/external-cache";
import { imageOf, restarted } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { type Part, assertReplaced, everything, parts, serving } from "./support/parts";
import { TestStack } from "./support/stack";
import { rate, summary, underLoad } from "./support/under-load";

const long = Boolean(process.env.RECURSIVE_DNS_LONG);

describe("a change under load", () => {
    const stack = new TestStack("test-changes");
    let external: ExternalCache;
    const base = {
        serviceAddress: addresses(),
        resolvers: { services: 2, instances: 1, cacheMiB: 96, ...labResolvers },
        // A new dnsdist takes over what is in the packet cache of the old before it serves: in the short tests, less.
        dnsdist: long ? {} : { packetCache: { entries: 20_000 } },
    };
    let settings: StackSettings = base;

    before(async () => {
        await startLab();
        await stack.create(settings);
        await stack.must(stack.up());
        external = await ExternalCache.start(await imageOf(stack.name, parts.redis));
    });
    after(async () => {
        await stack.destroy();
        await external.remove();
    });
    tellOnFailure(stack.name);

    const changes = plannedChanges(stack, () => external);
    for (const change of changes.filter(({ undoes, rare }) => (long ? !undoes : !rare))) {
        it(`costs no query: ${change.name}`, async function () {
            const start = merged(settings, change.from ?? {});
            const next = merged(start, (await change.settings?.()) ?? {});
            if (long && change.from) await update(start);
            if (!change.event) await assertPreview(next, change);
            const { marks, mark } = moments();
            const report = await underLoad({ port }, async () => {
                mark("begun");
                await (change.event?.() ?? update(next, change.replaces));
                mark("done");
                if (!long || change.event) return;
                mark("rolling back");
                await update(start, change.replaces);
                mark("rolled back");
            });
            if (!long) settings = next;
            else if (change.from) await update(settings);
            assert.deepEqual(await restarted(stack.name), [], "containers that Docker had to start again");
            const replaced = change.replaces.join(", ") || "nothing";
            record({ group: "planned", name: change.name, rate, report, marks, replaced });
            this.test!.title += ` (${summary(report)})`;
        });
    }

    if (!long)
        it("costs no query: all of it rolled back", async function () {
            const report = await underLoad({ port }, () => update(base, everything));
            this.test!.title += ` (${summary(report)})`;
        });

    /** Holds the preview to naming what will be replaced, and what changes in place. */
    async function assertPreview(next: StackSettings, { replaces, rules }: Change): Promise<void> {
        stack.configure(next);
        const { output } = await stack.must(stack.preview("--json"));
        const words = plainWords(parseJson(output) as Preview);
        const names = {
            resolvers: "resolvers",
            frontend: "dnsdist",
            address: "service address",
            redis: "Redis",
        };
        const there = await serving(stack.name);
        const replaced = everything.filter((part) =>
            words.some((sentence) => sentence.startsWith(`**${names[part]}** replaced`)),
        );
        assert.deepEqual(
            replaced,
            everything.filter((part) => replaces.includes(part) && there[part].length > 0),
        );
        const inPlace = words.some((sentence) =>
            sentence.startsWith("**dnsdist's rules or certificate** changed in place"),
        );
        assert.equal(inPlace, Boolean(rules), words.join("\n"));
    }

    async function update(next: StackSettings, replaces?: readonly Part[]): Promise<void> {
        const before = await serving(stack.name);
        stack.configure(next);
        await stack.must(stack.up());
        if (replaces) assertReplaced(before, await serving(stack.name), replaces);
    }
});

/** Settings with others laid over them, group by group. */
function merged(settings: StackSettings, others: StackSettings): StackSettings {
    const groups = Object.entries(others) as [keyof StackSettings, object | string][];
    const over = groups.map(([group, values]) => [
        group,
        typeof values === "string" ? values : { ...(settings[group] as object | undefined), ...values },
    ]);
    return { ...settings, ...(Object.fromEntries(over) as StackSettings) };
}
