import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { docker } from "../lab/docker";
import { wildcards } from "../lab/internet/showcase";
import { loadImage } from "./load-image";

/** What a load has sent, and what came back. */
export interface UdpReport {
    readonly sent: number;
    /** Without an answer within the load's patience; nothing is asked twice. */
    readonly lost: number;
    /** Answered, but not by NOERROR; and by what, such as `SERVFAIL 2`. */
    readonly wrong: number;
    readonly codes: string;
    readonly slowestSeconds: number;
    /** Within this time 99 of 100 answers came. */
    readonly p99Seconds: number;
    /** Answers a second, every tenth of a second. */
    readonly timeline: readonly Moment[];
}

export interface Moment {
    /** Seconds since the epoch. */
    readonly at: number;
    readonly answersPerSecond: number;
}

export interface UdpLoadOptions {
    readonly address: string;
    readonly port: number;
    /** Queries a second. */
    readonly rate: number;
    /** How many queries it sends before it may be stopped. */
    readonly least: number;
    /**
     * How long an answer may take, in seconds.
     * @default 2
     */
    readonly patience?: number;
    /**
     * The Docker network that it asks from.
     * @default "host"
     */
    readonly network?: string;
}

/** A load of UDP queries that runs until it is stopped. */
export interface UdpLoad {
    /** Ends the load, once it has sent at least as many as it was to. */
    stop(): Promise<UdpReport>;
}

/** Every load asks names that no load has asked before, or the packet cache would hide dead resolvers. */
let series = Date.now() % 1_000_000;

/** Whatever happens to the test, no load lasts longer. */
const longestSeconds = 600;

/** Runs dnsperf: a third of its queries are for names that were never asked before. */
export async function startUdpLoad(options: UdpLoadOptions): Promise<UdpLoad> {
    const { address, port, rate, least, patience = 2, network = "host" } = options;
    const image = await loadImage();
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-load-"));
    const run = ++series;
    writeFileSync(path.join(directory, "queries"), questions(run, rate * 180));

    const name = `recursive-dns-load-${process.pid}-${run}`;
    const child = spawn("docker", [
        ...["run", "--rm", "--name", name, "--network", network, "--volume", `${directory}:/load:ro`],
        ...[
            image,
            "-s",
            address,
            "-p",
            String(port),
            "-d",
            "/load/queries",
            "-S",
            "0.1",
            "-O",
            "latency-histogram",
        ],
        // Without room for all that may be outstanding it would stop asking while nobody answers.
        ...[
            "-l",
            String(longestSeconds),
            "-t",
            String(patience),
            "-c",
            "50",
            "-Q",
            String(rate),
            "-q",
            "60000",
        ],
    ]);
    let output = "";
    child.stdout.on("data", (text) => (output += String(text)));
    child.stderr.on("data", (text) => (output += String(text)));
    const ended = new Promise((resolve) => child.once("close", resolve));
    // Its container takes its time to start: what is sent counts from the first line.
    let started: number | undefined;
    child.stdout.once("data", () => (started = Date.now()));

    return {
        async stop() {
            const left = () => (least / rate) * 1000 - (started ? Date.now() - started : 0) + 1500;
            while (child.exitCode === null && left() > 0) await sleep(Math.min(left(), 1000));
            await docker("kill", "--signal", "INT", name).catch(() => undefined); // it may have ended by itself
            await ended;
            rmSync(directory, { recursive: true });
            return parseReport(output);
        },
    };
}

/** The questions of one load: names that it alone asks, each once, among names that everybody asks. */
function questions(run: number, count: number): string {
    const known = ["www.example.com A", "alias.example.com A", "www.example.net A", "www.example.com AAAA"];
    const lines = Array.from({ length: count }, (_, index) =>
        index % 3 === 0 ? `l${run}-${index}.${wildcards.unsigned.suffix} A` : known[index % known.length],
    );
    return lines.join("\n") + "\n";
}

/** Of dnsperf's histogram, `FROM - TO: COUNT` in order, the time within which such a part of the answers has come. */
function percentile(output: string, part: number): number {
    const buckets = [...output.matchAll(/^ +[\d.]+ - ([\d.]+): +(\d+)$/gm)].map(([, to, count]) => ({
        to: Number(to),
        count: Number(count),
    }));
    let left = part * buckets.reduce((sum, { count }) => sum + count, 0);
    return buckets.find(({ count }) => (left -= count) <= 0)?.to ?? 0;
}

/** Reads what dnsperf says meanwhile and at its end. */
export function parseReport(output: string): UdpReport {
    const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? NaN);
    const answered = number(/Queries completed: +(\d+)/);
    const right = Number(/Response codes:.*?NOERROR (\d+)/.exec(output)?.[1] ?? 0);
    const report = {
        sent: number(/Queries sent: +(\d+)/),
        lost: number(/Queries lost: +(\d+)/),
        wrong: answered - right,
        slowestSeconds: number(/Average Latency \(s\):.*max ([\d.]+)/),
        p99Seconds: percentile(output, 0.99),
    };
    if (Object.values(report).some(Number.isNaN)) throw new Error(`dnsperf did not report:\n${output}`);
    const codes = [...(/Response codes:(.*)/.exec(output)?.[1] ?? "").matchAll(/(\w+) (\d+) \(/g)]
        .filter(([, code]) => code !== "NOERROR")
        .map(([, code, count]) => `${code} ${count}`)
        .join(", ");
    const timeline = [...output.matchAll(/^(\d+\.\d+): ([\d.]+)$/gm)].map(([, at, rate]) => ({
        at: Number(at),
        answersPerSecond: Number(rate),
    }));
    return { ...report, codes, timeline };
}
