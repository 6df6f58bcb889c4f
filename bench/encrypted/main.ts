/** npm run bench -- encrypted: what DNS over TLS and HTTP/2 cost beside a bare dnsdist; writes docs/encrypted-bench.md. */

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { makeCertificate } from "../../test/integration/support/certificates";
import { running } from "../../test/integration/support/host";
import { docker } from "../../test/lab/docker";
import { startLab, stopLab } from "../../test/lab/lab";
import { askOnce } from "../../test/load/once";
import { Site, known } from "../cache/site";
import { plainBinds, startPlain } from "../dnsdist/contenders";
import { type Speed, speed, tell } from "../dnsdist/speed";
import { machine } from "../machine";
import { repeated } from "../measure";
import { shown, table, writeDocument } from "../report";

const rounds = 7;
const questions = Array.from({ length: 200 }, () => known).flat();
const ports = { dot: 5386, doh: 5387 };
const plainPorts = { dot: 5376, doh: 5377 };
const modes = ["dot", "doh"] as const;
const [stack, bare] = ["the stack", "bare dnsdist"];

async function main(): Promise<void> {
    const surroundings = machine();
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-bench-"));
    const files = makeCertificate(directory, "bench", "dns.example.net");
    for (const file of [files.certificate, files.key]) chmodSync(file, 0o644);
    await startLab();
    try {
        const site = await Site.up("encrypted", 5385, {
            resolvers: { services: 1, instances: 1 },
            dnsdist: {
                tls: {
                    name: "dns.example.net",
                    ...files,
                    dot: { port: ports.dot },
                    doh: { port: ports.doh },
                },
            },
        });
        try {
            const results = await measured(site, directory);
            console.log(`written: ${await write(surroundings, results)}`);
        } finally {
            await site.remove();
        }
    } finally {
        await stopLab();
        rmSync(directory, { recursive: true });
    }
}

async function measured(site: Site, directory: string): Promise<Record<string, Speed[][]>> {
    const certificates = [{ certificate: "/plain/bench.pem", key: "/plain/bench-key.pem" }];
    const tls = { tls: { certificates, minimum_version: "tls1.2" } };
    const plain = await startPlain(site, directory, [
        ...plainBinds(plainPorts.dot, { protocol: "DoT", ...tls }),
        ...plainBinds(plainPorts.doh, { protocol: "DoH", ...tls, doh: { paths: ["/dns-query"] } }),
    ]);
    const [frontend = ""] = await running(site.stack.name, /dnsdist-frontend$/);
    try {
        const results: Record<string, Speed[][]> = {};
        for (const mode of modes) {
            const contenders = [
                { what: stack, address: "127.0.0.1", port: ports[mode], id: frontend },
                { what: bare, address: "127.0.0.1", port: plainPorts[mode], id: plain },
            ];
            for (const { address, port } of contenders) await askOnce(address, known, { port, mode });
            results[mode] = await repeated(rounds, async (round) => {
                const order = round % 2 === 0 ? contenders : [...contenders].reverse();
                const speeds: Speed[] = [];
                for (const each of order) speeds.push(await speed(each, questions, { mode }));
                tell(round, speeds);
                return speeds;
            });
        }
        return results;
    } finally {
        await docker("rm", "--force", plain);
    }
}

function write(
    surroundings: readonly (readonly [string, string])[],
    results: Record<string, Speed[][]>,
): Promise<string> {
    const values = (mode: string, what: string, key: "perSecond" | "own") =>
        results[mode]!.map((round) => round.find((speed) => speed.what === what)![key]);
    const ratio = (mode: string, key: "perSecond" | "own") =>
        shown(values(mode, stack, key).map((value, round) => value / values(mode, bare, key)[round]!));
    const names = { dot: "DNS over TLS", doh: "DNS over HTTP/2" };
    return writeDocument(
        "docs/encrypted-bench.md",
        `# DNS over TLS and HTTP/2, measured

Written by \`npm run bench -- encrypted\`. Each figure is the median, with the least and the most; ratios are taken within a
round, in which both take turns. ${rounds} rounds of ${questions.length.toLocaleString("en")} questions for ${known.length.toLocaleString("en")} known names over 10 connections, as fast as
they are answered: the stack, asked at its service address; and the same program with the same threads, cache and
certificate, without any rule.

${table([["", ""], ...surroundings])}

${table([
    ["", "Answers a second", "CPU us of dnsdist"],
    ...modes.flatMap((mode) =>
        [stack, bare].map((what) => [
            `${names[mode]}, ${what}`,
            shown(values(mode, what, "perSecond")),
            shown(values(mode, what, "own")),
        ]),
    ),
])}

${table([
    ["The stack to bare dnsdist", "Bar", "Answers a second", "CPU of dnsdist"],
    ...modes.map((mode) => [names[mode], "0.95", ratio(mode, "perSecond"), ratio(mode, "own")]),
])}
`,
    );
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
