import assert from "node:assert/strict";
import { encode } from "dns-packet";
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { classes } from "../differential/classes";
import type { Reply } from "../differential/compare";
import { type Comparison, compare } from "../differential/differential";
import { queries } from "../differential/queries";
import { type Reference, startReference } from "../differential/reference";
import { wrongVerdicts } from "../differential/verdicts";
import { labResolvers } from "../lab/catalog";
import { breakServers, cutLab, mendLab, queriesAsked } from "../lab/control";
import { docker } from "../lab/docker";
import { brokenDomains } from "../lab/internet/broken";
import { catalogue, lookup } from "../lab/internet/catalogue";
import { domains } from "../lab/internet/domains";
import { newNames, showcaseDomains, wildcards } from "../lab/internet/showcase";
import { startLab } from "../lab/lab";
import { mutated } from "../odd/mutate";
import { oddQuestions, rcodeOf } from "../odd/questions";
import { overTcp, overUdp } from "../odd/send";
import { type Server, ask, assertAnswers, ednsOptions, exchange } from "./support/dns";
import { containers, resolvers } from "./support/host";
import { TestStack, root } from "./support/stack";

const long = Boolean(process.env.RECURSIVE_DNS_LONG);
const seed = Number(process.env.RECURSIVE_DNS_SEED ?? 1);
const port = 5393;
const service: Server = { address: "127.0.0.1", port, transport: "udp" };

describe("resolution in the lab Internet", () => {
    const stack = new TestStack("test-resolution");
    const special = [...showcaseDomains, ...brokenDomains];
    const ordinary = domains();
    const expected = lookup(catalogue(true));

    before(async () => {
        await startLab();
        await stack.create({
            serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
            resolvers: { ...labResolvers, ipv6: true, services: 2, instances: 1 },
        });
        await stack.must(stack.up());
    });
    after(async () => {
        await stack.destroy();
    });

    /** Twenty questions for names that nobody knows yet. */
    const asked = (label: string) => newNames(label, 20).map((name) => ask(service, { name, type: "A" }));

    /** Each container of the stack, and whether it has been started more than once. */
    const starts = async () => {
        const ids = (await containers(stack.name)).map(({ Id }) => Id);
        return docker("inspect", "--format", "{{.Name}} {{.State.StartedAt}} {{.RestartCount}}", ...ids);
    };

    describe("of domains that are broken on purpose", () => {
        for (const expectation of special.flatMap((domain) => domain.expectations)) {
            const { name, type, checkingDisabled } = expectation.question;
            it(`answers ${name} ${type}${checkingDisabled ? " with CD" : ""} by ${expectation.rcode}`, async () => {
                for (const transport of ["udp", "tcp"] as const)
                    await assertAnswers({ ...service, transport }, expectation, 15_000);
            });
        }
    });

    describe("beside Unbound and BIND", () => {
        const others: Reference[] = [];
        before(async () => {
            for (const kind of ["unbound", "bind"] as const) others.push(await startReference(kind));
        });
        after(() => Promise.all(others.map((other) => other.remove())));

        it("differs from what they agree on in less than 0.5 %, and never in a verdict of DNSSEC", async function () {
            const all = queries(special, ordinary, long ? 24_000 : 3000, seed);
            const result = await compare(service, others as [Reference, Reference], all, (done) =>
                console.log(`      ${done} of ${all.length} queries compared`),
            );
            const wrong = wrongVerdicts(all, result.replies, expected);
            for (const { query, field, ours, theirs } of result.disagreements)
                console.log(
                    `      ${query.name} ${query.type} ${JSON.stringify(query.way)} ${query.transport}: ${field}\n        ours   ${shown(ours)}\n        theirs ${shown(theirs)}`,
                );
            const unexplained = result.disagreements.filter(
                ({ query, ours }) => !classes.some((each) => each.is(query, ours)),
            );
            assert.deepEqual(wrong, [], "verdicts");
            assert.deepEqual(unexplained, [], "disagreements that nobody has explained");
            assert.ok(result.disagreements.length <= result.asked * 0.005, summary(result));
            this.test!.title += ` (${summary(result)})`;
        });
    });

    describe("of odd questions", () => {
        for (const { what, message, may, repeated } of oddQuestions) {
            it(`has a sane answer to ${what}`, async () => {
                for (const transport of ["udp", "tcp"] as const) {
                    const answer = await exchange({ ...service, transport }, message, 3000).catch(
                        () => undefined,
                    );
                    const rcode = answer === undefined ? "none" : rcodeOf(answer);
                    assert.ok(may.includes(rcode), `${transport}: ${rcode}`);
                    if (answer === undefined) continue;
                    assert.equal(answer.readUInt16BE(0), message.readUInt16BE(0), "its id");
                    if (!repeated) continue;
                    const end = message.indexOf(0, 12) + 5;
                    assert.deepEqual(answer.subarray(12, end), message.subarray(12, end), "the question");
                }
            });
        }

        it("survives a hundred thousand messages that no client would send", async function () {
            const before = await starts();
            const real = [
                "www.example.com",
                "missing.example.com",
                "www.bogus.org",
                "www.example.net",
            ].flatMap((name) => [
                encode({ type: "query", id: 1, flags: 0x100, questions: [{ name, type: "A" }] }),
                ...oddQuestions.map((each) => each.message),
            ]);
            const messages = (from: number, count: number) =>
                Array.from({ length: count }, (_, index) => mutated(real, seed, from + index));
            const [first] = await resolvers(stack.name);
            const resolver = { address: first!.address, port: 53 };
            const outcomes = [
                await overUdp(service, messages(0, 60_000)),
                await overUdp(resolver, messages(60_000, 20_000)),
                await overTcp(service, messages(80_000, 10_000)),
                await overTcp(resolver, messages(90_000, 10_000)),
            ];
            const sent = outcomes.reduce((sum, outcome) => sum + outcome.sent, 0);
            const answered = outcomes.reduce((sum, outcome) => sum + outcome.answered, 0);
            assert.equal(sent, 100_000);
            assert.deepEqual(
                outcomes.flatMap((outcome) => outcome.insane),
                [],
                "answers to nothing",
            );
            assert.equal(await starts(), before, "nothing has restarted");
            for (const expectation of showcaseDomains[0]!.expectations)
                await assertAnswers(service, expectation);
            this.test!.title += ` (${answered} of ${sent} answered, seed ${seed})`;
        });
    });

    describe("with `npm run lab`", () => {
        const lab = (...parameters: string[]) =>
            execFileSync(process.execPath, ["--import", "tsx", "test/lab/cli.ts", ...parameters], {
                cwd: root,
                encoding: "utf8",
            });
        const fresh = async (key: string) => {
            const name = `${key}${Date.now()}.${wildcards.unsigned.suffix}`;
            return (await ask(service, { name, type: "A" })).rcode;
        };
        after(() => mendLab());

        it("has what a person breaks broken, until it is mended", async () => {
            assert.equal(await fresh("whole"), "NOERROR");
            assert.match(
                lab("break", "example.net", "refused"),
                /198\.18\.0\.30, 198\.18\.0\.31\) are refused/,
            );
            assert.equal(await fresh("broken"), "SERVFAIL");
            assert.match(lab("mend"), /The lab is answering/);
            assert.equal(await fresh("mended"), "NOERROR");
        });

        it("says what there is to break, and how", () => {
            assert.throws(() => lab("break", "nobodys.example"), /There is no domain nobodys\.example/);
            assert.throws(
                () => lab("break", "example.net", "tired"),
                /There is no fault tired\. There are slow, refused/,
            );
        });

        it("counts what its servers are asked", async () => {
            const before = await queriesAsked();
            await fresh("counted");
            assert.ok((await queriesAsked()).leaf > before.leaf);
        });
    });

    describe("while the Internet is cut", () => {
        const known = ordinary
            .flatMap(({ expectations }) =>
                expectations.filter(({ question }) => question.name.startsWith("short.")),
            )
            .slice(0, 40);

        before(async () => {
            for (const expectation of known) await assertAnswers(service, expectation);
            await sleep(6000); // they have expired, in every cache
            await cutLab();
        });
        after(() => mendLab());

        it("answers what has expired", async function () {
            // A resolver needs 2 s to see that nobody answers. What fails meanwhile is remembered for 5 s by dnsdist.
            const first = await Promise.allSettled(known.map(({ question }) => ask(service, question)));
            const early = first.filter(
                (one) => one.status === "fulfilled" && one.value.answers?.length === 1,
            );
            await sleep(6000);
            const answers = await Promise.all(known.map(({ question }) => ask(service, question)));
            for (const [index, { answers: records = [] }] of answers.entries()) {
                assert.equal(records.length, 1, known[index]!.question.name);
                assert.ok("ttl" in records[0]! && records[0].ttl! <= 30, "for a moment only");
            }
            this.test!.title += ` (${early.length} of ${known.length} at once, all after 6 s)`;
        });

        it("says of what it does not know that it does not", async () => {
            // From here on the resolvers look for somebody who answers; within a second they are sure that nobody does.
            await Promise.allSettled(asked("cut"));
            await sleep(1500);
            for (let round = 0; round < 5; round++)
                for (const answer of await Promise.all(asked(`cut${round}`))) {
                    assert.equal(answer.rcode, "SERVFAIL");
                    // A resolver says so, which serves: not dnsdist, for want of one.
                    assert.match(String(ednsOptions(answer, 15)), /OUTG/);
                }
        });

        it("answers all once it is mended", async () => {
            await mendLab();
            const deadline = Date.now() + 10_000;
            for (let index = 0; ; index++) {
                const name = `mended${index}.${wildcards.unsigned.suffix}`;
                const { rcode } = await ask(service, { name, type: "A" });
                if (rcode === "NOERROR") break;
                assert.ok(Date.now() < deadline, `still ${rcode}`);
                await sleep(200);
            }
        });
    });

    // Last: what was silent is remembered.
    describe("while most of the Internet is silent", () => {
        const serversOf = ({ zone }: (typeof ordinary)[number]) =>
            zone.servers.flatMap((one) => one.addresses);
        const live = showcaseDomains.flatMap(serversOf);
        const silent = ordinary
            .filter(({ zone, ipv6Only }) => !zone.signing && !ipv6Only)
            .filter((domain) => !serversOf(domain).some((one) => live.includes(one)))
            .slice(0, 120);

        before(async () => {
            // Whoever leads to them answers, and would end an outage: that is known by now.
            for (const { zone } of silent) await ask(service, { name: zone.origin, type: "SOA" });
            await breakServers([...new Set(silent.flatMap(serversOf))], "silent");
        });
        after(() => mendLab());

        it("takes that for no outage: what can be known is answered", async () => {
            for (const [index, { zone }] of silent.entries()) {
                void ask(service, { name: `no.${zone.origin}`, type: "A" }).catch(() => undefined);
                if (index % 10 === 9) await sleep(500);
            }
            for (const answer of await Promise.all(asked("beside"))) assert.equal(answer.rcode, "NOERROR");
        });
    });
});

const shown = ({ rcode, flags, answers }: Reply) => `${rcode} ${flags} ${answers.join(", ")}`.slice(0, 200);

const summary = ({ asked, undecided, disagreements }: Comparison) =>
    `${disagreements.length} of ${asked} differ, ${undecided} undecided, seed ${seed}`;
