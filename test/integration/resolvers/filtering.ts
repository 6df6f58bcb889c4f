import assert from "node:assert/strict";
import * as path from "node:path";
import { domains } from "../../lab/internet/domains";
import type { RecordType } from "../../lab/internet/expectation";
import { docker } from "../../lab/docker";
import { moments, record } from "../../report/rows";
import { outcome, untilSaid } from "../support/dns";
import { resolvers } from "../support/host";
import { assertReplaced, serving } from "../support/parts";
import { rate, summary, underLoad } from "../support/under-load";
import { type ResolverStack, child, oldMachine, port, service } from "./resolver-stack";

/** What they answer by themselves, or otherwise than the Internet does. */
export function filteringOf(
    { stack, directory, change, refused, file, rpz }: ResolverStack,
    long: boolean,
): void {
    it("answer what they know themselves, and for some clients otherwise", async () => {
        await change({
            views: [
                { name: "children", subnets: ["127.0.0.64/28"], tags: ["children"] },
                { name: "old-machines", subnets: ["127.0.0.67/32"], dns64: false },
            ],
            localData: {
                addresses: { "printer.home.example": ["10.0.0.9"] },
                records: "home.example. MX 10 mx.home.example.",
                rules: [
                    { domains: ["www.example.com"], answer: "nxdomain", tags: ["children"] },
                    { domains: ["games.example"], answer: "address", addresses: ["192.0.2.9"] },
                ],
                rpz: [
                    { name: "blocked", file: rpz("www.example.net CNAME .", "*.wild.example.net CNAME .") },
                    {
                        name: "children",
                        file: file(
                            "children.rpz",
                            "$TTL 300\n@ SOA a. b. 1 1h 1h 1h 1h\nalias.example.com CNAME .\n",
                        ),
                        tags: ["children"],
                    },
                ],
            },
            dns64: {},
        });
        assert.equal(await outcome(service, "printer.home.example"), "NOERROR 10.0.0.9");
        assert.equal(
            await outcome(service, "9.0.0.10.in-addr.arpa", "PTR" as RecordType),
            "NOERROR printer.home.example",
        );
        assert.equal(await outcome(service, "home.example", "MX"), "NOERROR 10 mx.home.example");
        assert.equal(await outcome(service, "any.games.example"), "NOERROR 192.0.2.9");
        assert.equal(await outcome(service, "any.games.example", "TXT"), "NOERROR");
        assert.equal(await outcome(service, "www.example.net"), "NXDOMAIN");
        assert.equal(await outcome(service, "x.wild.example.net"), "NXDOMAIN");
        // Each client twice: what one is told, dnsdist keeps from the others.
        for (let round = 1; round <= 2; round++) {
            assert.equal(await outcome(service, "www.example.com"), "NOERROR 192.0.2.80");
            assert.equal(await outcome(child, "www.example.com"), "NXDOMAIN");
            assert.equal(await outcome(oldMachine, "www.example.com"), "NOERROR 192.0.2.80");
            assert.match(await outcome(service, "alias.example.com"), /^NOERROR/);
            assert.equal(await outcome(child, "alias.example.com"), "NXDOMAIN");
            const translated = "NOERROR 64:ff9b::c000:252";
            assert.equal(await outcome(service, "a.wild.example.com", "AAAA"), translated);
            assert.equal(await outcome(oldMachine, "a.wild.example.com", "AAAA"), "NOERROR");
        }
    });

    it("are replaced when a response policy zone changes, and nothing of the one before is kept", async function () {
        const local = (...rules: string[]) => ({
            localData: { rpz: [{ name: "blocked", file: rpz(...rules) }] },
        });
        await change(local("www.half-lame.net CNAME ."));
        assert.equal(await outcome(service, "www.half-lame.net"), "NXDOMAIN");
        assert.equal(await outcome(service, "intact.bogus.org"), "NOERROR 192.0.2.85");
        const before = await serving(stack.name);
        const { marks, mark } = moments();
        const report = await underLoad({ port }, async () => {
            mark("begun");
            await change(local("intact.bogus.org CNAME ."));
            mark("done");
        });
        assertReplaced(before, await serving(stack.name), ["resolvers"]);
        // Though both are in the packet cache, for minutes.
        await untilSaid(service, "intact.bogus.org", /^NXDOMAIN/);
        assert.match(await outcome(service, "www.half-lame.net"), /^NOERROR 1/);
        const name = "another response policy zone";
        record({ group: "planned", name, rate, report, marks, replaced: "resolvers" });
        this.test!.title += ` (${summary(report)})`;
    });

    it("are not replaced for what cannot be read", async () => {
        const broken = { localData: { rpz: [{ name: "blocked", file: rpz("www.example.net CNAME") }] } };
        assert.match(await refused(broken), /error parsing zone file `\/etc\/knot-resolver\/blocked-/);
        const script = { lua: { scripts: [file("own.lua", "x = = 1\n")] } };
        assert.match(await refused(script), /own-\w+\.lua:1: unexpected symbol near '='/);
        const nowhere = { localData: { rpz: [{ name: "x", file: path.join(directory, "nowhere.rpz") }] } };
        assert.match(
            await refused(nowhere),
            /resolvers\.localData\.rpz\[0\]\.file: .*nowhere\.rpz: must be a file/,
        );
        const failing = { lua: { scripts: [file("failing.lua", "error('of our own making')\n")] } };
        await refused(failing);
        assert.equal(await outcome(service, "intact.bogus.org"), "NXDOMAIN", "as before");
    });

    if (!long) return;

    it("have room for many names in a response policy zone, without a gap", async function () {
        const count = 1_000_000;
        const many = Array.from({ length: count }, (_, index) => `n${index}.blocked.example CNAME .`);
        const memory = async () => {
            const [resolver] = await resolvers(stack.name);
            return docker("stats", "--no-stream", "--format", "{{.MemUsage}}", resolver!.id);
        };
        const before = await memory();
        let seconds = NaN;
        const report = await underLoad({ port }, async () => {
            const begun = Date.now();
            await change({ localData: { rpz: [{ name: "blocked", file: rpz(many.join("\n")) }] } });
            seconds = (Date.now() - begun) / 1000;
        });
        assert.equal(await outcome(service, `n${count - 1}.blocked.example`), "NXDOMAIN");
        this.test!.title += ` (${count} in ${seconds} s, memory ${before} to ${await memory()}; ${summary(report)})`;
    });

    it("leave addresses of private networks out of answers, if they shall", async () => {
        const [name = ""] = domains()
            .flatMap(({ expectations }) => expectations)
            .filter(({ answers: [first] }) => first?.type === "A" && first.data.startsWith("10."))
            .map(({ question }) => question.name);
        assert.match(await outcome(service, name), /^NOERROR 10\./);
        await change({ rebindingProtection: true });
        await untilSaid(service, name, /^(REFUSED|SERVFAIL)/);
    });
}
