import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { RECURSION_DESIRED, decode, encode } from "dns-packet";
import { neededMiB } from "../../config/dnsdist-memory";
import { resolveSettings } from "../../config/settings";
import type { TlsSettings } from "../../config/tls";
import { type Preview, plainWords } from "../../scripts/setup/change-summary.mjs";
import { parseJson } from "../../scripts/setup/json.mjs";
import { labResolvers } from "../lab/catalog";
import { docker } from "../lab/docker";
import { startLab } from "../lab/lab";
import { type Connection, startClients } from "../load/clients";
import { overHttps } from "../load/doh";
import { overTcp, overTls } from "../load/tcp";
import { moments, record } from "../report/rows";
import { digestOf, handshake, makeCertificate } from "./support/certificates";
import { type Server, ask, outcome, text } from "./support/dns";
import { inside, inspections, logs, onConsole } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { assertReplaced, everything, refusedUpdate, serving } from "./support/parts";
import { TestStack } from "./support/stack";
import { summary, underLoad } from "./support/under-load";

const name = "dns.example.net";
const port = 5385;
const encrypted = { dot: 5386, doh: 5387 };
const proxied = 5388;
/** Handshakes are dear: 40 clients make one for every other query, on the same cores. */
const rate = 2000;
const target = { port, encrypted, rate };
const query = encode({
    type: "query",
    id: 1,
    flags: RECURSION_DESIRED,
    questions: [{ name: "www.example.com", type: "A" }],
});

describe("encrypted DNS", () => {
    const stack = new TestStack("test-encrypted");
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-certificates-"));
    const first = makeCertificate(directory, "first", name);
    const second = makeCertificate(directory, "second", name);
    const tls: TlsSettings = {
        name,
        dot: { port: encrypted.dot },
        doh: {
            port: encrypted.doh,
            behindProxy: { proxies: ["127.0.0.1/32"], port: proxied },
        },
    };
    const settings = (changes: Partial<TlsSettings> = {}, more: object = {}) => ({
        serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
        resolvers: { ...labResolvers, ipv6: true, services: 2, instances: 1, cacheMiB: 32 },
        dnsdist: {
            tls: { ...tls, ...first, ...changes },
            // All clients of the load are one to dnsdist.
            protection: { connections: { newPerSecond: 10_000, handshakesPerSecond: 10_000 } },
            ...more,
        },
    });

    before(async () => {
        await startLab();
        await stack.create(settings());
        await stack.must(stack.up());
    });
    after(async () => {
        await stack.destroy();
        rmSync(directory, { recursive: true });
    });
    tellOnFailure(stack.name);

    /** Settings that are refused before anything is changed, and what is said of them. */
    const refused = (changed: object) =>
        refusedUpdate(stack, changed).finally(() => stack.configure(settings()));

    for (const address of ["127.0.0.1", "::1"]) {
        it(`answers over TLS and over HTTP/2 at ${address}`, async () => {
            for (const connect of [overTls(address, encrypted.dot), overHttps(address, encrypted.doh)]) {
                const connection = await connect();
                assert.equal(await connection.ask(query, 5), "answered");
                assert.equal(await connection.ask(query, 5), "answered");
                connection.close();
            }
        });

        it(`shows its certificate, and speaks no TLS older than 1.2, at ${address}`, async () => {
            const dot = await handshake(address, encrypted.dot, { ALPNProtocols: ["dot"] });
            assert.deepEqual(dot, { digest: digestOf(first), version: "TLSv1.3", protocol: "dot" });
            const doh = await handshake(address, encrypted.doh, { ALPNProtocols: ["h2"] });
            assert.deepEqual(doh, { digest: digestOf(first), version: "TLSv1.3", protocol: "h2" });
            for (const one of Object.values(encrypted)) {
                const { version } = await handshake(address, one, { maxVersion: "TLSv1.2" });
                assert.equal(version, "TLSv1.2");
                const old = {
                    minVersion: "TLSv1",
                    maxVersion: "TLSv1.1",
                    ciphers: "ALL:@SECLEVEL=0",
                } as const;
                await assert.rejects(handshake(address, one, old), /protocol/i);
            }
        });
    }

    it("is found by clients, as RFC 9462 has it", async () => {
        const server: Server = { address: "127.0.0.1", port, transport: "udp" };
        const { answers = [] } = await ask(server, { name: "_dns.resolver.arpa", type: "SVCB" });
        const offers = answers.map((answer) => Buffer.from(text(answer).split(" ").at(-1) ?? "", "hex"));
        assert.equal(offers.length, 2);
        const [dot = Buffer.alloc(0), doh = Buffer.alloc(0)] = offers;
        const parameter = (key: number, value: Buffer) =>
            Buffer.concat([Buffer.from([0, key, 0, value.length]), value]);
        const number = (value: number) => Buffer.from([value >> 8, value & 255]);
        const wireName = encodeName(name);
        assert.ok(dot.subarray(2).equals(Buffer.concat([wireName, dot.subarray(2 + wireName.length)])));
        for (const part of [parameter(1, Buffer.from("\x03dot")), parameter(3, number(encrypted.dot))])
            assert.ok(dot.includes(part), dot.toString("hex"));
        for (const part of [
            parameter(1, Buffer.from("\x02h2")),
            parameter(3, number(encrypted.doh)),
            parameter(4, Buffer.from([127, 0, 0, 1])),
            parameter(7, Buffer.from("/dns-query{?dns}")),
        ])
            assert.ok(doh.includes(part), doh.toString("hex"));
        assert.equal(await outcome(server, "_dns.resolver.arpa", "A"), "NOERROR");
    });

    it("believes a proxy who the client is, and nobody else", async () => {
        const status = (from: string, client: string) => viaProxy("127.0.0.1", proxied, from, client);
        assert.equal(await status("127.0.0.1", "10.1.2.3"), 200);
        assert.equal(await status("127.0.0.1", "203.0.113.7"), 403, "the client may not ask");
        assert.equal(await status("127.0.0.1", "10.9.9.9, 203.0.113.7"), 403, "only the last one counts");
        await assert.rejects(status("127.0.0.5", "10.1.2.3"), /ECONNREFUSED/);
    });

    it("keeps the key to dnsdist", async () => {
        const key = "PRIVATE KEY";
        const { address, resolvers } = await serving(stack.name);
        assert.ok(!stack.state().includes(key), "state");
        assert.ok(!(await inspections(stack.name)).includes(key), "environment");
        assert.ok(!(await logs(stack.name)).includes(key), "logs");
        const files = `/run/site/admission/certificates/${digestOf(first)}/key.pem`;
        for (const container of [...resolvers, ...address])
            assert.throws(() => inside(container, "cat", files), /Permission denied/);
    });

    it("refuses what is no certificate for it with its key, before anything is changed", async () => {
        const other = makeCertificate(directory, "other", "dns.example.org");
        const said = await refused(settings({ certificate: other.certificate, key: first.key }));
        assert.match(said, /dnsdist\.tls\.certificate: must be for dns\.example\.net, and is for DNS:dns/);
        assert.match(said, /dnsdist\.tls\.key: must be the certificate's, and is another one/);
        const lacking = { certificate: first.certificate, key: undefined };
        assert.match(await refused(settings(lacking)), /dnsdist\.tls\.key: must be there/);
        const nowhere = { certificate: path.join(directory, "nowhere.pem") };
        assert.match(await refused(settings(nowhere)), /dnsdist\.tls\.certificate: .*nowhere\.pem: ENOENT/);
    });

    it("is no worse for a certificate that is damaged on its way: the one before stays", async () => {
        const { frontend } = await serving(stack.name);
        const [container = ""] = frontend;
        const damage =
            "cp /run/dnsdist/tls/key.pem /tmp/key 2>/dev/null; echo nothing >/run/dnsdist/tls/key.pem";
        inside(container, "sh", "-c", damage);
        onConsole(container, "reloadAllCertificates()");
        const { digest } = await handshake("127.0.0.1", encrypted.dot);
        assert.equal(digest, digestOf(first));
    });

    const rows: { name: string; replaces: Parameters<typeof assertReplaced>[2]; change: () => unknown }[] = [
        {
            name: "another certificate",
            replaces: [],
            change: async () => {
                stack.configure(settings(second));
                const { output } = await stack.must(stack.preview("--json"));
                const [first = ""] = plainWords(parseJson(output) as Preview);
                assert.match(first, /^\*\*dnsdist's rules or certificate\*\* changed in place/);
            },
        },
        {
            name: "another generation of dnsdist, under DoT and DoH",
            replaces: ["frontend"],
            change: () => stack.configure(settings(second, { threads: 1 })),
        },
        {
            name: "everything but Redis, under DoT and DoH",
            replaces: ["frontend", "resolvers", "address"],
            change: () => {
                const all = settings(first, { threads: 2 });
                stack.configure({
                    ...all,
                    serviceAddress: { ...all.serviceAddress, addresses: ["127.0.0.1", "::1", "127.0.0.9"] },
                    resolvers: { ...all.resolvers, cacheMiB: 36 },
                });
            },
        },
    ];
    for (const { name: what, replaces, change } of rows) {
        it(`costs no query: ${what}`, async function () {
            const before = await serving(stack.name);
            const { marks, mark } = moments();
            const report = await underLoad(target, async () => {
                mark("begun");
                await change();
                await stack.must(stack.up());
                mark("done");
            });
            assertReplaced(before, await serving(stack.name), replaces);
            const replaced = everything.filter((part) => replaces.includes(part)).join(", ") || "nothing";
            record({ group: "planned", name: what, rate, report, marks, replaced });
            this.test!.title += ` (${summary(report)})`;
        });
    }

    it("lets clients go that are never silent, when another generation takes over", async function () {
        const busy = { clients: 10, persistent: 10, pause: 0.002 };
        const dot = startClients(overTls("127.0.0.1", encrypted.dot), busy);
        const doh = startClients(overHttps("127.0.0.1", encrypted.doh), busy);
        stack.configure(settings(first, { threads: 1 }));
        const { code, output } = await stack.up();
        const reports = { DoT: await dot.stop(), DoH: await doh.stop() };
        assert.equal(code, 0, output);
        for (const [kind, { sent, lost, broken, ended }] of Object.entries(reports)) {
            assert.equal(lost, 0, `${kind}: ${lost} lost of ${sent}, ${broken} of them cut off`);
            assert.ok(ended >= busy.clients, `${kind}: ${ended} connections ended between queries`);
            this.test!.title += ` (${kind}: 0 lost of ${sent}, ${ended} connections ended)`;
        }
    });

    it("costs no query: other keys for session tickets", async function () {
        const report = await underLoad(target, async () => {
            const { frontend } = await serving(stack.name);
            for (const container of frontend) {
                onConsole(
                    container,
                    "getTLSFrontend(0):rotateTicketsKey() getTLSFrontend(1):rotateTicketsKey()",
                );
                onConsole(
                    container,
                    "getDOHFrontend(0):rotateTicketsKey() getDOHFrontend(1):rotateTicketsKey()",
                );
            }
        });
        this.test!.title += ` (${summary(report)})`;
    });

    if (process.env.RECURSIVE_DNS_LONG)
        it("holds all the connections that it allows within its memory", async function () {
            const allowed = 2000; // the default, for each of these
            const all = 100_000; // nobody is limited, or let go, before all are there
            const connections = {
                perClient: all,
                newPerSecond: all,
                handshakesPerSecond: all,
                idleSeconds: 600,
            };
            stack.configure(settings(first, { protection: { connections } }));
            await stack.must(stack.up());
            const [frontend = ""] = (await serving(stack.name)).frontend;
            const held: Connection[] = [];
            for (const address of ["127.0.0.1", "::1"])
                for (const connect of [
                    overTcp(address, port),
                    overTls(address, encrypted.dot),
                    overHttps(address, encrypted.doh),
                ])
                    held.push(...(await answered(connect, allowed - 1)));
            assert.ok(held.every(({ open }) => open));
            const used = await docker("stats", "--no-stream", "--format", "{{.MemUsage}}", frontend);
            const { dnsdist } = resolveSettings(settings(first));
            const answers = dnsdist.packetCache.entries / 2048; // which are not there
            assert.ok(Number.parseFloat(used) < neededMiB(dnsdist, 2) - answers, used);
            held.forEach((connection) => connection.close());
            assert.deepEqual((await serving(stack.name)).frontend, [frontend]);
            assert.equal(await docker("inspect", "--format", "{{.RestartCount}}", frontend), "0");
            this.test!.title += ` (${held.length} connections, ${used})`;
        });

    it("has a certificate of its own making where none is given", async () => {
        stack.configure(settings({ certificate: undefined, key: undefined }));
        await stack.must(stack.up());
        const { digest } = await handshake("127.0.0.1", encrypted.dot);
        assert.ok(![digestOf(first), digestOf(second)].includes(digest));
        const connection = await overHttps("::1", encrypted.doh)();
        assert.equal(await connection.ask(query, 5), "answered");
        connection.close();
    });
});

/** So many connections, each of which has had an answer. */
async function answered(connect: () => Promise<Connection>, count: number): Promise<Connection[]> {
    const made: Connection[] = [];
    while (made.length < count) {
        const some = Array.from({ length: Math.min(20, count - made.length) }, async () => {
            const connection = await connect();
            assert.equal(await connection.ask(query, 10), "answered");
            return connection;
        });
        made.push(...(await Promise.all(some)));
    }
    return made;
}

/** The status of a query that a reverse proxy brings, in plain HTTP/2. */
function viaProxy(address: string, to: number, from: string, client: string): Promise<number> {
    return new Promise((resolve, reject) => {
        const session = http2.connect(`http://${address}:${to}`, { localAddress: from } as object);
        session.once("error", reject);
        const request = session.request({
            ":method": "POST",
            ":path": "/dns-query",
            "content-type": "application/dns-message",
            "x-forwarded-for": client,
        });
        let status = 0;
        const parts: Buffer[] = [];
        request.on("response", (headers) => (status = headers[":status"] ?? 0));
        request.on("data", (part: Buffer) => parts.push(part));
        request.on("error", reject);
        request.on("end", () => {
            if (status === 200) decode(Buffer.concat(parts));
            resolve(status);
            session.close();
        });
        request.end(query);
    });
}

const encodeName = (of: string) =>
    Buffer.concat([
        ...of.split(".").map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
        Buffer.from([0]),
    ]);
