/**
 * What the same changes cost elsewhere: Docker Compose, restarts in place, and this program, under the same load on the
 * same lab Internet, one right after the other. Prints a line for each; in long mode (RECURSIVE_DNS_LONG) they are
 * recorded in docs/reliability.md, too.
 *
 *   node --import tsx bench/compare/main.ts [change...]
 */

import { setTimeout as sleep } from "node:timers/promises";
import { imageOf } from "../../test/integration/support/host";
import { load, rate, summary } from "../../test/integration/support/under-load";
import { labNetwork } from "../../test/lab/catalog";
import { docker } from "../../test/lab/docker";
import { labState } from "../../test/lab/control";
import { startLab, stopLab } from "../../test/lab/lab";
import { moments, record } from "../../test/report/rows";
import { Compose } from "./compose";
import type { Contender } from "./contender";
import { Ours } from "./ours";
import { Restart } from "./restart";
import { type Change, type Settings, changes, first, imageName, kinds } from "./settings";

/** Each row of the long mode takes a minute, so without a choice that one leaves out what is much like another. */
const usual = process.env.RECURSIVE_DNS_LONG
    ? ["a resolver setting", "a dnsdist setting", "everything"]
    : changes.map(({ name }) => name);

/**
 * An address of this host that is not a loopback one: only those does Docker forward by the kernel for a published port,
 * as it does for clients elsewhere.
 */
const address = labNetwork.gateway;

/** How long the load runs before a change begins, and goes on after it has ended. */
const [leadMilliseconds, trailMilliseconds] = [4000, 3000];

async function main(chosen: readonly string[]): Promise<void> {
    const names = chosen.length > 0 ? chosen : usual;
    const selected = changes.filter(({ name }) => names.includes(name));
    if (selected.length < names.length) {
        throw new Error(`The changes are: ${changes.map(({ name }) => name).join(", ")}.`);
    }
    const labWasThere = (await labState()) !== "stopped";
    await startLab();
    const ours = new Ours(address);
    const contenders: Contender[] = [new Compose(), new Restart(), ours];
    const started: Contender[] = [];
    const start = (contender: Contender) => {
        started.push(contender);
        return contender.start(first);
    };
    try {
        await start(ours);
        await makeImages(ours.stack.name);
        for (const contender of contenders.filter((other) => other !== ours)) await start(contender);
        let settings = first;
        for (const change of selected) {
            settings = change.make(settings);
            for (const contender of contenders) await compare(contender, change, settings);
        }
    } finally {
        for (const contender of started) await contender.remove().catch(complain);
        await removeImages().catch(complain);
        if (!labWasThere) await stopLab().catch(() => undefined); // others may use it by now
    }
}

/** One row: a contender makes a change under load. */
async function compare(contender: Contender, change: Change, settings: Settings): Promise<void> {
    const { marks, mark } = moments();
    const report = await load({ port: contender.port, udp: address, tcp: address }, async () => {
        await sleep(leadMilliseconds);
        mark("change begins");
        await contender.change(settings);
        mark("change ends");
        await sleep(trailMilliseconds);
    });
    const name = `${change.name}, ${contender.name}`;
    record({ group: "compared", name, rate, report, marks, replaced: change.replaces });
    const seconds = (marks[1]?.at ?? 0) - (marks[0]?.at ?? 0);
    console.log(`${name}: ${summary(report)}; took ${seconds.toFixed(1)} s`);
}

/** The images of all contenders: those of a running stack, and others to Docker that are the same in what they do. */
async function makeImages(stack: string): Promise<void> {
    const components = { resolver: /resolver-.-\d$/, dnsdist: /frontend$/, redis: /redis-server$/ };
    for (const kind of kinds) {
        const image = await imageOf(stack, components[kind]);
        await docker("tag", image, imageName(kind, 1));
        for (const version of [2, 3]) {
            const container = await docker("create", image);
            await docker("commit", "--message", String(version), container, imageName(kind, version));
            await docker("rm", container);
        }
    }
}

async function removeImages(): Promise<void> {
    const pattern = "reference=recursive-dns/compare-*";
    const names = await docker("images", "--filter", pattern, "--format", "{{.Repository}}:{{.Tag}}");
    for (const name of names.split(/\s+/)) if (name) await docker("image", "rm", name);
}

function complain(error: unknown): void {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
}

main(process.argv.slice(2)).catch(complain);
