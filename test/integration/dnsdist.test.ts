import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DnsdistSettings } from "../../config/dnsdist";
import { labResolvers } from "../lab/catalog";
import { docker } from "../lab/docker";
import { domains } from "../lab/internet/domains";
import { wildcards } from "../lab/internet/showcase";
import { startLab } from "../lab/lab";
import { askOnce } from "../load/once";
import { type Server, ask, ednsOptions, leadingFrontend, outcome, text } from "./support/dns";
import { inside, onConsole, resolvers } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { OwnServer } from "./support/own-server";
import { assertReplaced, refusedUpdate, serving } from "./support/parts";
import { TestStack } from "./support/stack";
import { underLoad } from "./support/under-load";

const long = Boolean(process.env.RECURSIVE_DNS_LONG);
const port = 5389;
const service: Server = { address: "127.0.0.1", port, transport: "udp" };
const kid: Server = { ...service, from: "127.0.0.77" };

/** How long stale answers are given in these tests, and what they say of their time to live. */
const stale = { seconds: long ? 600 : 12, ttl: 7 };

describe("dnsdist while it runs", () => {
    const stack = new TestStack("test-dnsdist");
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-lists-"));
    let settings = {
        serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
        resolvers: {
            ...labResolvers,
            ipv6: true,
            services: 2,
            instances: 1,
            cacheMiB: 32,
            serveStale: { seconds: 0 },
        },
        dnsdist: {
            packetCache: { entries: 4000 },
            outageCache: stale,
            clients: { kids: { subnets: ["127.0.0.77/32"] } },
        } as DnsdistSettings,
    };

    before(async () => {
        await startLab();
        await stack.create(settings);
        await stack.must(stack.up());
    });
    after(async () => {
        await stack.destroy();
        rmSync(directory, { recursive: true });
    });
    tellOnFailure(stack.name);

    /** Changes settings of dnsdist while clients ask, which replaces nothing that answers, and costs nothing. */
    async function change(changes: DnsdistSettings) {
        settings = { ...settings, dnsdist: { ...settings.dnsdist, ...changes } };
        stack.configure(settings);
        const before = await serving(stack.name);
        await stack.must(stack.up());
        assertReplaced(before, await serving(stack.name), []);
    }

    /** Settings that are refused, and what is said of them; nothing has changed then. */
    const refused = (changes: DnsdistSettings) =>
        refusedUpdate(stack, { ...settings, dnsdist: { ...settings.dnsdist, ...changes } }).finally(() =>
            stack.configure(settings),
        );

    describe("its lists", () => {
        const file = path.join(directory, "ads.txt");

        it("answer what they have, in their order, for whom they are", async () => {
            writeFileSync(file, "# of somebody\nads.example.com\nWILD.example.com. # all of it\n");
            await change({
                lists: [
                    { name: "good", action: "allow", domains: ["good.wild.example.com"] },
                    { name: "ads", action: "nxdomain", file },
                    {
                        name: "evil",
                        action: "address",
                        addresses: ["192.0.2.1"],
                        domains: ["www.example.net"],
                    },
                    { name: "games", action: "refuse", domains: ["alias.example.com"], clients: ["kids"] },
                    { name: "silence", action: "drop", domains: ["big.example.com"], clients: ["kids"] },
                ],
            });
            assert.equal(
                await outcome(service, "x.good.wild.example.com"),
                `NOERROR ${wildcards.signed.address}`,
            );
            assert.equal(await outcome(service, "x.bad.wild.example.com"), "NXDOMAIN");
            assert.equal(await outcome(service, "wild.example.com"), "NXDOMAIN");
            assert.equal(await outcome(service, "www.example.net"), "NOERROR 192.0.2.1");
            assert.equal(await outcome(service, "www.example.net", "AAAA"), "NOERROR");
            assert.equal(await outcome(service, "www.example.net", "TXT"), "NOERROR");
            assert.match(await outcome(service, "alias.example.com"), /^NOERROR www.example.com 192/);
            assert.equal(await outcome(kid, "alias.example.com"), "REFUSED");
            await assert.rejects(outcome(kid, "big.example.com", "TXT", 1000), /no answer/);
            assert.equal(await outcome(kid, "www.example.com"), "NOERROR 192.0.2.80");
        });

        it("say so with an extended error", async () => {
            const [error] = ednsOptions(await ask(service, { name: "ads.example.com", type: "A" }), 15);
            assert.equal(error?.toString("latin1"), "\0\x0fads");
        });

        it("change while clients ask, also those of many names", async function () {
            const count = long ? 1_000_000 : 200_000;
            const names = Array.from({ length: count }, (_, index) => `n${index}.blocked.example\n`);
            writeFileSync(file, names.join(""));
            const report = await underLoad({ port }, () =>
                change({ lists: [{ name: "ads", action: "nxdomain", file }] }),
            );
            for (const index of [0, count >> 1, count - 1])
                assert.equal(await outcome(service, `www.n${index}.blocked.example`), "NXDOMAIN");
            assert.match(await outcome(service, "www.example.net"), /^NOERROR 192.0.2.81/);
            assert.equal(report.udp.lost, 0);
            this.test!.title += ` (${count})`;
        });

        it("that are no lists are refused, and nothing changes", async () => {
            const page = path.join(directory, "page.html");
            writeFileSync(page, "<html>\nads.example.com\n<p>404\n");
            const empty = path.join(directory, "empty.txt");
            writeFileSync(empty, "# nothing\n");
            const output = await refused({
                lists: [
                    { name: "page", action: "nxdomain", file: page },
                    { name: "empty", action: "nxdomain", file: empty },
                    { name: "nowhere", action: "nxdomain", file: "/nowhere.txt" },
                ],
            });
            assert.match(
                output,
                /dnsdist\.lists\[0\]\.file: .*page\.html: line 1: must be a domain name, but is "<html>"/,
            );
            assert.match(output, /dnsdist\.lists\[0\]\.file: .*page\.html: line 3: must be a domain name/);
            assert.match(output, /dnsdist\.lists\[1\]\.file: .*empty\.txt: must not be empty/);
            assert.match(output, /dnsdist\.lists\[2\]\.file: .*no such file/);
            assert.equal(await outcome(service, "n1.blocked.example"), "NXDOMAIN");
        });

        it("that are damaged on their way are refused by dnsdist, and the ones before stay", async () => {
            const frontend = await leadingFrontend(service);
            const script = [
                "cd /run/site/admission; version=$(sed -n 's/^rules //p' admitted)",
                "rm -rf rules/damaged; cp -r rules/$version rules/damaged",
                "for f in rules/damaged/*.cdb; do head -c 60000 $f >$f.cut; mv $f.cut $f; done",
                "sed 's/^rules .*/rules damaged/' admitted >candidate.new; mv candidate.new candidate",
            ].join("\n");
            execFileSync("docker", ["exec", "--user", "5304", frontend, "sh", "-ec", script]);
            await sleep(2500);
            const said = inside(frontend, "cat", `/run/site/frontends/${frontend}.rules`);
            assert.match(said, /^active [0-9a-f]{16}\nrefused damaged .*\.names has lost /);
            // And it would not start with them.
            const admit = "cd /run/site/admission; cp admitted kept; mv candidate admitted";
            execFileSync("docker", ["exec", "--user", "5304", frontend, "sh", "-ec", admit]);
            await sleep(1500);
            assert.equal(await outcome(service, "n1.blocked.example"), "NXDOMAIN");
            const check =
                "export INSTANCE=x PORT_BASE=20000; cd /run/dnsdist; dnsdist --check-config -C dnsdist.yml 2>&1 || true";
            assert.match(inside(frontend, "sh", "-c", check), /has lost/);
            const restore = "cd /run/site/admission; mv kept admitted; rm -r rules/damaged";
            execFileSync("docker", ["exec", "--user", "5304", frontend, "sh", "-ec", restore]);
        });
    });

    it("lets in whom its ACL lets in, from one moment to the next", async () => {
        await change({ lists: [], acl: ["192.0.2.0/24"] });
        // The host itself may always ask: so who may not is one that is not of the host.
        const frontend = await leadingFrontend(service);
        const admits = () => onConsole(frontend, "showACL()").trim().split("\n").sort();
        const wanted = ["127.0.0.0/8", "127.0.0.1/32", "192.0.2.0/24", "::1/128"];
        assert.deepEqual(admits(), wanted);
        // And when it has been started again, which takes its files, and not what it was told.
        await docker("restart", frontend);
        await until(() => leadingFrontend(service), /./);
        assert.deepEqual(admits(), wanted);
        await change({ acl: undefined });
    });

    it("asks others for their domains, and for their clients", async () => {
        const [corp, kids] = [await OwnServer.start("192.0.2.77"), await OwnServer.start("192.0.2.78")];
        try {
            await change({
                pools: [
                    { name: "corp", servers: [corp.server], domains: ["corp.example"] },
                    { name: "kids", servers: [kids.server], clients: ["kids"] },
                ],
                lists: [{ name: "ads", action: "nxdomain", domains: ["ads.corp.example"] }],
            });
            assert.equal(
                await until(() => outcome(service, "www.corp.example"), /^NOERROR/),
                "NOERROR 192.0.2.77",
            );
            assert.equal(await until(() => outcome(kid, "www.example.com"), /78$/), "NOERROR 192.0.2.78");
            assert.equal(await outcome(kid, "www.corp.example"), "NOERROR 192.0.2.77");
            assert.equal(await outcome(kid, "ads.corp.example"), "NXDOMAIN");
            assert.equal(await outcome(service, "www.example.com"), "NOERROR 192.0.2.80");
            await change({ pools: [], lists: [] });
            assert.equal(await outcome(service, "www2.corp.example"), "NXDOMAIN");
            assert.equal(await outcome(kid, "www.example.com"), "NOERROR 192.0.2.80");
        } finally {
            corp.stop();
            kids.stop();
        }
    });

    it("tells the resolvers who asks", async () => {
        const all = await resolvers(stack.name);
        const refuse = "modules.load('view') view:addr('127.0.0.77/32', policy.all(policy.REFUSE))";
        for (const { id } of all) inside(id, "control", refuse);
        const fresh = () => `client${Date.now()}.${wildcards.unsigned.suffix}`;
        assert.equal(await outcome(service, fresh()), `NOERROR ${wildcards.unsigned.address}`);
        assert.equal(
            await outcome({ ...service, transport: "tcp" }, fresh()),
            `NOERROR ${wildcards.unsigned.address}`,
        );
        assert.equal(await outcome(kid, fresh()), "REFUSED");
        for (const { id } of all) inside(id, "control", "modules.unload('view')");
    });

    it("takes what else dnsdist can do, and refuses at preview what it cannot", async () => {
        const problems = await refused({ extra: { console: { key: "mine" }, acl: ["0.0.0.0/0"] } });
        assert.match(
            problems,
            /dnsdist\.extra\.console\.key: must not be set, because this project does, but is "mine"/,
        );
        assert.match(problems, /dnsdist\.extra\.acl: must not be set/);
        assert.match(
            await refused({ extra: { ring_buffers: { sizes: 1 } } }),
            /dnsdist\.extra: dnsdist refuses it: .*sizes/,
        );
        const extra = {
            query_rules: [
                {
                    name: "mine",
                    selector: { type: "QName", qname: "mine.example." },
                    action: { type: "RCode", rcode: "NotImp" },
                },
            ],
        };
        settings = { ...settings, dnsdist: { ...settings.dnsdist, extra } };
        stack.configure(settings);
        await stack.must(stack.up());
        assert.equal(await outcome(service, "mine.example"), "NOTIMP");
        // Rules that change leave it where it is.
        await change({ lists: [{ name: "ads", action: "nxdomain", domains: ["ads.example"] }] });
        assert.equal(await outcome(service, "mine.example"), "NOTIMP");
        assert.equal(await outcome(service, "ads.example"), "NXDOMAIN");
    });

    describe("when every resolver is down", () => {
        /**
         * Names whose answers expire within seconds. Of a domain with many name servers kresd may ask for six addresses that
         * are not there first, and gives up then: its mitigation of NXNSAttack.
         */
        const names = domains()
            .filter(({ zone }) => zone.servers.length < 6)
            .flatMap(({ expectations }) => expectations)
            .filter(({ question }) => question.name.startsWith("short.") && question.type === "A")
            .slice(0, 40);
        const pause = async () => docker("pause", ...(await resolvers(stack.name)).map(({ id }) => id));
        const resume = async () => docker("unpause", ...(await resolvers(stack.name)).map(({ id }) => id));
        const unknown = () =>
            outcome(service, `unknown${Date.now()}.${wildcards.unsigned.suffix}`, "A", 5000);
        const metric = async (name: string) =>
            Number(new RegExp(`^${name} (\\d+)`, "m").exec(await metrics())?.[1] ?? 0);
        async function metrics() {
            const { apiKey } = await stack.outputs();
            const response = await fetch(`http://127.0.0.1:${port + 8030}/metrics`, {
                headers: { "X-API-Key": apiKey },
            });
            return response.text();
        }

        it("answers what it knows for as long as it shall, and the rest by SERVFAIL at once", async function () {
            assert.ok(names.length === 40);
            const denials = Array.from(
                { length: 12_000 },
                (_, index) => `flood${Date.now()}-${index}.unregistered.com`,
            );
            // What the tests before have left there would leave no room.
            onConsole(await leadingFrontend(service), 'getPool(""):getCache():expunge(0)');
            await askOnce("127.0.0.1", denials, { port });
            await sleep(1500);
            for (const { question, answers } of names)
                assert.equal(
                    await outcome(service, question.name),
                    ["NOERROR", ...answers.map(({ data }) => data)].join(" "),
                );
            // A generation that has only now taken over has what the one before had.
            settings = { ...settings, dnsdist: { ...settings.dnsdist, threads: 1 } };
            stack.configure(settings);
            await stack.must(stack.up());
            for (const { question } of names) await outcome(service, question.name);
            await pause();
            try {
                const began = Date.now();
                await until(unknown, /^SERVFAIL/, 100);
                const marked = (Date.now() - began) / 1000;
                // Now they have all expired, and none for longer than it may be.
                await sleep(Math.max(0, 7000 - (Date.now() - began)));
                assert.equal(await metric("dnsdist_stale_answers"), 0);
                for (const { question, answers } of names) {
                    const { answers: given = [] } = await ask(service, question);
                    assert.deepEqual(
                        given.map(text),
                        answers.map(({ data }) => data),
                        question.name,
                    );
                    assert.deepEqual(
                        given.map((record) => (record as { ttl: number }).ttl),
                        [stale.ttl],
                    );
                }
                assert.equal(await metric("dnsdist_stale_answers"), names.length);
                const asked = Date.now();
                assert.equal(await unknown(), "SERVFAIL");
                assert.ok(Date.now() - asked < 1000);
                await sleep(Math.max(0, (stale.seconds - 12) * 1000));
                assert.match(await outcome(service, names[0]!.question.name), /^NOERROR/);
                await sleep(14_000);
                for (const { question } of names)
                    assert.equal(await outcome(service, question.name), "SERVFAIL");
                this.test!.title += ` (${names.length} names of a cache that was flooded with denials; SERVFAIL for others after ${marked.toFixed(1)} s)`;
            } finally {
                await resume();
            }
            assert.equal(await until(unknown, /^NOERROR/), `NOERROR ${wildcards.unsigned.address}`);
        });
    });
});

/** Asks until the answer is as it should be, and returns that. */
async function until(attempt: () => Promise<string>, wanted: RegExp, tries = 40): Promise<string> {
    for (let left = tries; ; left--) {
        const answer = await attempt().catch((error: Error) => error.message);
        if (wanted.test(answer) || left === 0) return answer;
        await sleep(100);
    }
}
