import assert from "node:assert/strict";
import type { Settings } from "../../components";
import { labResolvers } from "../lab/catalog";
import { docker } from "../lab/docker";
import { startLab } from "../lab/lab";
import { type Preview, plainWords } from "../../scripts/setup/change-summary.mjs";
import { parseJson } from "../../scripts/setup/json.mjs";
import { moments, record } from "../report/rows";
import { ExternalCache } from "./support/external-cache";
import { imageOf, restarted, running } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { type Part, assertReplaced, everything, parts, serving } from "./support/parts";
import { TestStack } from "./support/stack";
import { rate, summary, underLoad } from "./support/under-load";
import { variant } from "./support/variants";

const port = 5397;
const long = Boolean(process.env.RECURSIVE_DNS_LONG);
const stack = new TestStack("test-changes");
let external: ExternalCache;

/** What a stack's file says: secrets too. */
type StackSettings = Settings & { readonly cachePassword?: string };

interface Change {
    readonly name: string;
    /** What it begins from, where that matters. */
    readonly from?: StackSettings;
    /** What the settings become. In the short tests they stay so for the rows below; in the long ones they are rolled back. */
    readonly settings?: () => StackSettings | Promise<StackSettings>;
    /** What happens to a running stack in place of an update. */
    readonly event?: () => Promise<unknown>;
    /** The parts whose containers are all replaced; of those that are not named, none is. */
    readonly replaces: readonly Part[];
    /** Whether dnsdist's rules change, which is done in place. */
    readonly rules?: true;
    /** It undoes the row above: the long tests do that under the same load as the row itself. */
    readonly undoes?: true;
    /** For the long tests alone: what it takes is what other rows take. */
    readonly rare?: true;
}

const addresses = (...more: string[]) => ({ addresses: ["127.0.0.1", "::1", ...more], port });
const likeness = (part: Part) => variant(stack.name, parts[part], part);
const oneOf = async (part: Part) => (await running(stack.name, parts[part]))[0] ?? "";

/** Each change is made under load and may cost nothing. */
const changes: readonly Change[] = [
    {
        name: "a resolver setting",
        settings: () => ({ resolvers: { cacheMiB: 104 } }),
        replaces: ["resolvers"],
    },
    {
        name: "another image of the resolvers",
        settings: async () => ({ images: { resolver: await likeness("resolvers") } }),
        replaces: ["resolvers"],
    },
    { name: "an instance more", settings: () => ({ resolvers: { instances: 2 } }), replaces: [] },
    { name: "a service more", settings: () => ({ resolvers: { services: 3 } }), replaces: [] },
    {
        name: "an instance and a service less",
        settings: () => ({ resolvers: { services: 2, instances: 1 } }),
        replaces: [],
        undoes: true,
    },
    {
        name: "the resolvers' network",
        settings: () => ({ resolvers: { subnet: "198.18.40.0/24" } }),
        replaces: ["resolvers"],
    },
    { name: "a setting of dnsdist", settings: () => ({ dnsdist: { threads: 1 } }), replaces: ["frontend"] },
    {
        name: "another image of dnsdist",
        settings: async () => ({ images: { dnsdist: await likeness("frontend") } }),
        replaces: ["frontend"],
    },
    {
        name: "another console key",
        settings: () => ({ dnsdist: { consoleKeyRotation: "next" } }),
        replaces: ["frontend"],
        rare: true,
    },
    {
        name: "dnsdist's rules: who may ask, lists, pools, balancing",
        settings: () => ({
            dnsdist: {
                acl: ["10.0.0.0/8"],
                policy: "roundrobin",
                clients: { kids: { subnets: ["10.1.0.0/16"] } },
                lists: [
                    { name: "ads", action: "nxdomain", domains: ["ads.example"] },
                    { name: "games", action: "refuse", domains: ["games.example"], clients: ["kids"] },
                ],
                pools: [{ name: "corp", servers: ["127.0.0.1:9"], domains: ["corp.example"] }],
            },
        }),
        replaces: [],
        rules: true,
    },
    {
        name: "resolvers that are not told who asks",
        settings: () => ({ dnsdist: { proxyProtocol: false } }),
        replaces: ["frontend"],
        rare: true,
    },
    {
        name: "a standby",
        settings: () => ({ dnsdist: { standby: true } }),
        replaces: [],
        rare: true,
    },
    {
        name: "no standby any more",
        settings: () => ({ dnsdist: { standby: false } }),
        replaces: [],
        undoes: true,
        rare: true,
    },
    {
        name: "a service address more",
        settings: () => ({ serviceAddress: addresses("198.51.100.97") }),
        replaces: ["address"],
        rules: true,
    },
    {
        name: "that address moved",
        from: { serviceAddress: addresses("198.51.100.97") },
        settings: () => ({ serviceAddress: addresses("198.51.100.98") }),
        replaces: ["address"],
        rare: true,
        rules: true,
    },
    {
        name: "that address taken away",
        settings: () => ({ serviceAddress: addresses() }),
        replaces: ["address"],
        rules: true,
        undoes: true,
    },
    {
        name: "another image of the service address",
        settings: async () => ({ images: { serviceAddress: await likeness("address") } }),
        replaces: ["address"],
    },
    { name: "a setting of Redis", settings: () => ({ cache: { maxMemoryMiB: 64 } }), replaces: ["redis"] },
    {
        name: "another image of Redis",
        settings: async () => ({ images: { redis: await likeness("redis") } }),
        replaces: ["redis"],
        rare: true,
    },
    {
        name: "another password of Redis",
        settings: () => ({ cache: { passwordRotation: "next" } }),
        replaces: ["redis", "resolvers"],
    },
    {
        name: "another key of the shared cache beside the one before",
        settings: () => ({ cache: { signingKeys: ["2", "1"] } }),
        replaces: ["resolvers"],
        rare: true,
    },
    {
        name: "Valkey in place of Redis",
        settings: () => ({ cache: { engine: "valkey" }, images: { redis: undefined } }),
        replaces: ["redis"],
        rare: true,
    },
    {
        name: "Redis in place of Valkey",
        from: { cache: { engine: "valkey" } },
        settings: () => ({ cache: { engine: "redis" } }),
        replaces: ["redis"],
        rare: true,
        undoes: true,
    },
    {
        name: "another major version of Redis",
        settings: async () => ({
            images: { redis: await variant(stack.name, parts.redis, "redis-7", ...redis7) },
        }),
        replaces: ["redis"],
    },
    {
        name: "a Redis elsewhere, by TLS",
        settings: () => ({ cache: { external: external.settings }, cachePassword: external.password }),
        replaces: ["resolvers"],
        rare: true,
    },
    {
        name: "a cache that nobody shares",
        settings: () => ({ cache: { engine: "lmdb", external: undefined } }),
        replaces: ["resolvers"],
    },
    {
        name: "everything in one update, images too",
        // From images of their own back to those of this project, and another engine: Valkey.
        settings: () => ({
            resolvers: { cacheMiB: 112, instances: 2, subnet: "198.18.41.0/24" },
            dnsdist: { threads: 2, outageCache: { seconds: 60 } },
            cache: { engine: "valkey", eviction: "allkeys-lfu", maxMemoryMiB: 96 },
            serviceAddress: addresses("198.51.100.97"),
            images: { resolver: undefined, dnsdist: undefined, serviceAddress: undefined, redis: undefined },
        }),
        replaces: everything,
        rules: true,
    },
    { name: "docker restart of a resolver", event: () => restart("resolvers"), replaces: [] },
    {
        name: "docker restart of the service address",
        event: () => restart("address"),
        replaces: [],
        rare: true,
    },
    { name: "docker restart of Redis", event: () => restart("redis"), replaces: [], rare: true },
];

/** The one of an older Debian, which has other files on disk. */
const redis7 = [
    "WORKDIR /etc/apt",
    "RUN for f in $(find . -name '*.list' -o -name '*.sources'); do sed 's/forky/bookworm/g' $f >sources.list.d/older-${f##*/}; done",
    "RUN apt-get update && apt-get install -y --no-install-recommends --allow-downgrades redis-server=5:7.* redis-tools=5:7.*",
    "WORKDIR /data",
];

const restart = async (part: Part) => docker("restart", await oneOf(part));

describe("a change under load", () => {
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
