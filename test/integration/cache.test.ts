import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../components";
import { labResolvers } from "../lab/catalog";
import { cutLab, mendLab } from "../lab/control";
import { docker } from "../lab/docker";
import type { Question } from "../lab/internet/expectation";
import { newNames, showcase, wildcards } from "../lab/internet/showcase";
import { startLab } from "../lab/lab";
import { askOnce } from "../load/once";
import { type Server, ask, assertAnswers, text } from "./support/dns";
import { crash, imageOf, logs, resolvers, running } from "./support/host";
import { ExternalCache } from "./support/external-cache";
import { injected } from "./support/injections";
import { tellOnFailure } from "./support/on-failure";
import { assertReplaced, parts, serving } from "./support/parts";
import { Insider, counters, settled, until } from "./support/shared-cache";
import { TestStack, root } from "./support/stack";
import { type Tolerance, summary, underLoad } from "./support/under-load";

const long = Boolean(process.env.RECURSIVE_DNS_LONG);
const seed = Number(process.env.RECURSIVE_DNS_SEED ?? 1);
const port = 5390;
const stack = new TestStack("test-cache");
const service: Server = { address: "127.0.0.1", port, transport: "udp" };
const settings: Settings = {
    serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
    resolvers: { ...labResolvers, cacheMiB: 100 },
};

describe("the shared cache", () => {
    before(async () => {
        await startLab();
        await stack.create(settings);
        await stack.must(stack.up());
    });
    after(async () => {
        await mendLab();
        await stack.destroy();
    });
    tellOnFailure(stack.name);

    const redis = async () => (await running(stack.name, parts.redis))[0] ?? "";
    const servers = async (): Promise<Server[]> =>
        (await resolvers(stack.name)).map(({ address }) => ({ address, port: 53, transport: "tcp" }));

    /** With the Internet cut, so that nothing but what is cached can be answered. */
    const cut = async (what: () => Promise<void>) => {
        await cutLab();
        await what().finally(mendLab);
    };

    it("has what one resolver learned answered by every other: each kind of answer", async () => {
        const [first, ...others] = await servers();
        for (const expectation of showcase) await assertAnswers(first!, expectation, 15_000);
        await settled(stack.name);
        const asked = Date.now();
        const learned = await Promise.all(showcase.map(({ question }) => answer(first!, question)));
        await sleep(1500);
        await cut(async () => {
            for (const [index, { question, rcode }] of showcase.entries()) {
                if (rcode === "SERVFAIL") continue; // nobody keeps what is bogus
                const one = learned[index]!;
                for (const other of others) {
                    const same = await answer(other, question);
                    const what = `${question.name} ${question.type} of ${other.address}`;
                    assert.deepEqual({ ...same, ttl: 0 }, { ...one, ttl: 0 }, what);
                    const passed = Math.floor((Date.now() - asked) / 1000);
                    assert.ok(
                        same.ttl <= one.ttl - 1 && same.ttl >= one.ttl - passed - 1,
                        `${what}: ${same.ttl} after ${one.ttl}`,
                    );
                }
            }
        });
    });

    it("fills resolvers that are replaced, at once, and outlives a restart of Redis and kill -9 of all", async function () {
        const names = newNames(`kept${seed}`, long ? 100_000 : 10_000);
        const known = async (event: string) => {
            await until(stack.name, ({ warm, connected }) => warm === 1 && connected === 1);
            const shares: number[] = [];
            await cut(async () => {
                for (const { address } of await resolvers(stack.name)) {
                    const { answered } = await askOnce(address, names);
                    shares.push(answered / names.length);
                }
            });
            assert.ok(Math.min(...shares) >= 0.99, `${event}: ${shares.join(", ")}`);
            return `${event} ${(Math.min(...shares) * 100).toFixed(2)} %`;
        };
        const { answered } = await askOnce(service.address, names, { port });
        assert.ok(answered >= names.length * 0.999, `${answered} of ${names.length} learned`);
        await settled(stack.name);

        const before = await serving(stack.name);
        stack.configure({ ...settings, resolvers: { ...settings.resolvers, cacheMiB: 101 } });
        await stack.must(stack.up());
        assertReplaced(before, await serving(stack.name), ["resolvers"]);
        for (const { id } of await resolvers(stack.name))
            assert.equal(counters(id).warm, 1, "healthy before it was warm");
        const outcomes = [await known("replaced")];
        const [{ warmed, warm_ms }] = (await until(stack.name, () => true)) as [ReturnType<typeof counters>];

        await docker("restart", await redis());
        for (const { id } of await resolvers(stack.name)) await docker("restart", "--time", "0", id);
        outcomes.push(await known("Redis and all restarted"));

        for (const { id } of await resolvers(stack.name)) crash(id, "kresd");
        outcomes.push(await known("kill -9 of all"));
        this.test!.title += ` (${names.length} names; ${outcomes.join(", ")}; ${warmed} entries in ${warm_ms} ms)`;
    });

    describe("while something is wrong with Redis, under load", () => {
        const seconds = long ? 30 : 5;
        let wellSeconds = NaN; // within which 99 of 100 answers come while nothing is wrong
        const faults: Record<string, () => Promise<unknown>> = {
            "is well": () => sleep(seconds * 1000),
            "is frozen": async () => {
                const frozen = await redis();
                await docker("pause", frozen);
                await sleep(seconds * 1000);
                await docker("unpause", frozen);
            },
            "is killed": async () => crash(await redis(), "cache-server"),
            "is emptied": async () => {
                const before = (await entriesInRedis()).length;
                await docker("exec", await redis(), "sh", "-c", "rm -rf /data/*");
                crash(await redis(), "cache-server");
                while ((await entriesInRedis().catch(() => [])).length < before * 0.9) await sleep(1000); // or the test is out of time
            },
            "is full": async () => {
                // With half as much again as it may hold.
                const insider = await Insider.of(stack.name, settings);
                for (let index = 0; index < 4000; index++)
                    await insider.redis.set(`cache:filler:${index}`, Buffer.alloc(100_000), "EX", 30);
                insider.redis.disconnect();
            },
        };
        for (const [what, happens] of Object.entries(faults)) {
            it(`costs no query, and all is shared again: Redis ${what}`, async function () {
                const before = await serving(stack.name);
                const report = await underLoad({ port }, async () => {
                    await sleep(2000);
                    await happens();
                    await sleep(4000);
                });
                assertReplaced(before, await serving(stack.name), []);
                const { p99Seconds } = report.udp;
                if (what === "is well") wellSeconds = p99Seconds;
                const ratio = (p99Seconds / wellSeconds).toFixed(2);
                this.test!.title += ` (${summary(report)}; p99 ${p99Seconds} s, ${ratio} of when it is well)`;

                // Whatever was learned meanwhile, by whomever, is in Redis, and known to all.
                await until(
                    stack.name,
                    ({ connected, queued, dropped }) => connected === 1 && queued === 0 && dropped === 0,
                );
                await sleep(1000);
                await assertShared(`again${Date.now()}`);
            });
        }
    });

    if (long)
        it("loses nothing for good of what was more than the queue could hold", async function () {
            const names = newNames(`over${seed}`, 200_000);
            const [first, ...others] = await resolvers(stack.name);
            const frozen = await redis();
            await docker("pause", frozen);
            await askOnce(first!.address, names);
            const { dropped, queued_bytes } = counters(first!.id);
            await docker("unpause", frozen);
            assert.ok(
                dropped > 10_000 && queued_bytes <= 16 * 2 ** 20,
                `${dropped} dropped, ${queued_bytes} bytes`,
            );
            await sleep(90_000); // it gives 5,000 a second
            await settled(stack.name);
            await cut(async () => {
                for (const { address } of others) {
                    const { answered } = await askOnce(address, names);
                    assert.ok(
                        answered >= names.length * 0.99,
                        `${answered} of ${names.length} by ${address}`,
                    );
                }
            });
            this.test!.title += ` (${dropped} of ${names.length} dropped)`;
        });

    it("forgets a name everywhere by `npm run cache -- clear`, and nothing else", async () => {
        const all = await servers();
        for (const server of all)
            for (const expectation of showcase) await assertAnswers(server, expectation, 15_000);
        await settled(stack.name);
        clear("example.com", stack.name);
        await cut(async () => {
            const rcodes = (name: string) =>
                Promise.all(
                    [...all, service].map((server) =>
                        // A resolver tries for 10 s; its client at the service address gets nothing by then.
                        answer(server, { name, type: "A" }).then(
                            ({ rcode }) => rcode,
                            () => "nothing",
                        ),
                    ),
                );
            const gone = await rcodes("www.example.com");
            assert.ok(
                gone.every((rcode) => ["SERVFAIL", "nothing"].includes(rcode)),
                gone.join(),
            );
            const kept = await rcodes("www.example.net");
            assert.ok(
                kept.every((rcode) => rcode === "NOERROR"),
                kept.join(),
            );
        });
        const names = (await entriesInRedis()).map(([name]) => name.toString("latin1"));
        assert.deepEqual(
            names.filter((name) => name.startsWith("com\0example\0")),
            [],
        );
        assert.ok(names.some((name) => name.startsWith("net\0example\0")));
    });

    it("lets nothing in that no resolver has signed, nor what is no entry", async function () {
        await askOnce(service.address, newNames(`signed${seed}`, 2000), { port });
        await settled(stack.name);
        const insider = await Insider.of(stack.name, settings);
        const expectation = showcase[0]!;
        const before = (await resolvers(stack.name)).map(({ id }) => counters(id));
        const starts = await serving(stack.name);
        try {
            const real = (await insider.entries()).slice(0, 2000);
            const injections = real.flatMap((_, index) => injected(insider, real, index, seed));
            for (const { name, sealed } of injections) await insider.inject(name, sealed);
            await sleep(1000);
            const after = (await resolvers(stack.name)).map(({ id }) => counters(id));
            for (const kind of ["forged", "malformed", "future"] as const) {
                const sent = injections.filter((injection) => injection.counts === kind).length;
                assert.ok(sent > 100, `${sent} ${kind}`);
                assert.deepEqual(
                    after.map((each, index) => each[kind] - before[index]![kind]),
                    after.map(() => sent),
                    kind,
                );
            }
            // And who reads all of Redis finds the same.
            const [victim] = await resolvers(stack.name);
            await docker("restart", "--time", "0", victim!.id);
            const [restarted] = await until(stack.name, ({ warm }) => warm === 1);
            assert.ok(restarted!.forged > 100 && restarted!.malformed > 100, JSON.stringify(restarted));
            for (const server of await servers()) await assertAnswers(server, expectation);
            assertReplaced(starts, await serving(stack.name), []);
            this.test!.title += ` (${injections.length} injected, seed ${seed})`;
        } finally {
            insider.redis.disconnect();
        }
    });

    it("is another Redis if that is wished, by TLS, but none that only says to be it", async () => {
        const external = await ExternalCache.start(await imageOf(stack.name, parts.redis));
        const change = (host: string, cachePassword = external.password) => {
            const cache = { external: { ...external.settings, host } };
            stack.configure({ ...settings, cache, cachePassword });
            return stack.must(stack.up());
        };
        /** The resolvers do without, and have said why, each once for each of its two connections. */
        const refused = async (why: RegExp) => {
            await sleep(3000);
            const all = await until(stack.name, ({ connected }) => connected === 0);
            assert.equal((await logs(stack.name)).match(why)?.length, all.length * 2);
            for (const server of await servers()) await assertAnswers(server, showcase[0]!);
        };
        try {
            await change(external.host);
            await assertShared(`external${Date.now()}`);
            await external.whileUnreachable(() => until(stack.name, ({ connected }) => connected === 0));
            await assertShared(`reached${Date.now()}`);
            // The right authority, and a certificate for another name.
            await change(await external.address());
            await refused(/certificate verify failed; trying again/g);
            await change(external.host, "not the password");
            await refused(/WRONGPASS .*; trying again/g);
        } finally {
            stack.configure(settings);
            await stack.must(stack.up());
            await external.remove();
        }
        await assertShared(`back${Date.now()}`);
    });

    it("is readable after kill -9 of resolvers that write, time and again", async function () {
        const rounds = long ? 20 : 4;
        const tolerance: Tolerance = { lost: 20 * rounds, wrong: 5 * rounds, tcpLost: 60 * rounds };
        const report = await underLoad(
            { port },
            async () => {
                for (let round = 0; round < rounds; round++) {
                    const all = await resolvers(stack.name);
                    crash(all[round % all.length]!.id, "kresd");
                    // Docker lets one that crashes again within 10 s wait, ever longer: soon nobody would be left.
                    await sleep(3000);
                    await until(stack.name, ({ warm }) => warm === 1);
                }
            },
            tolerance,
        );
        for (const each of await until(stack.name, ({ warm }) => warm === 1))
            assert.deepEqual(
                [each.forged > 0 ? "known" : "none", each.unreadable],
                [each.forged > 0 ? "known" : "none", 0],
            );
        for (const server of await servers())
            for (const expectation of showcase) await assertAnswers(server, expectation, 15_000);
        this.test!.title += ` (${rounds} rounds; ${summary(report)})`;
    });

    describe("on a volume that is kept", () => {
        it("outlives the stack if that is wished", async () => {
            const volume = `recursive-dns-${stack.name}-dns-redis-data`;
            const next = new TestStack(stack.name);
            try {
                const retaining = { ...settings, cache: { retain: true }, cacheKey: "k".repeat(32) };
                stack.configure(retaining);
                await stack.must(stack.up());
                const names = newNames(`retained${Date.now()}`, 2000);
                await askOnce(service.address, names, { port });
                await settled(stack.name);
                await stack.must(stack.destroy());
                await next.create(retaining);
                await next.must(next.up());
                for (const { warmed } of await until(stack.name, () => true))
                    assert.ok(warmed >= 1000, String(warmed));
            } finally {
                await next.destroy();
                await docker("volume", "rm", "--force", volume);
            }
        });
    });

    const clear = (...parameters: string[]) =>
        execFileSync(process.execPath, ["scripts/cache.mjs", "clear", ...parameters], {
            cwd: root,
            encoding: "utf8",
        });

    async function entriesInRedis() {
        const insider = await Insider.of(stack.name, settings);
        return insider.entries().finally(() => insider.redis.disconnect());
    }

    /** Asks one resolver a name that nobody has asked, and with the Internet cut, all others. */
    async function assertShared(label: string): Promise<void> {
        const [first, ...others] = await servers();
        const question: Question = { name: `${label}.${wildcards.unsigned.suffix}`, type: "A" };
        assert.equal((await answer(first!, question)).rcode, "NOERROR");
        await settled(stack.name);
        await sleep(200);
        await cut(async () => {
            for (const other of others)
                assert.equal((await answer(other, question)).rcode, "NOERROR", other.address);
        });
    }
});

/** What a resolver says, so that two can be compared. */
async function answer(server: Server, question: Question) {
    const reply = await ask(server, question, undefined, 15_000);
    const { answers = [], authorities = [] } = reply;
    const ttls = [...answers, ...authorities].map((record) => ("ttl" in record ? (record.ttl ?? 0) : 0));
    return {
        rcode: reply.rcode,
        authenticated: reply.flag_ad,
        answers: answers.map((record) => `${record.name} ${record.type} ${text(record)}`).sort(),
        ttl: Math.min(...ttls),
    };
}
