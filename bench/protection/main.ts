/** npm run bench -- protection: what it costs, and how neighbours fare under attacks; writes docs/protection-bench.md. */

import type { ProtectionSettings } from "../../config/protection";
import { Attacks, seconds, unsignedDomain } from "../../test/attack/attacks";
import { Stranger } from "../../test/attack/strangers";
import { running } from "../../test/integration/support/host";
import { TestStack } from "../../test/integration/support/stack";
import { labResolvers } from "../../test/lab/catalog";
import { startLab, stopLab } from "../../test/lab/lab";
import { askOnce } from "../../test/load/once";
import { type UdpReport, startUdpLoad } from "../../test/load/udp";
import { known } from "../cache/site";
import { type Speed, speed, tell } from "../dnsdist/speed";
import { machine } from "../machine";
import { pause, repeated } from "../measure";
import { type Attacked, control, write } from "./report";

const costRounds = 5;
const attackRounds = 3;
const questions = Array.from({ length: 400 }, () => known).flat();
const service = { address: "198.51.100.85", address6: "2001:db8::85", port: 5384, dot: 5383, doh: 5382 };

/** So high that nobody is limited, and everybody is looked at. */
const watching: ProtectionSettings = { queries: 1_000_000, prefixQueries: 1_000_000, kibibytes: 1_000_000 };
const settings = (protection: ProtectionSettings) => ({
    serviceAddress: { addresses: [service.address, service.address6], port: service.port },
    resolvers: { ...labResolvers, services: 2, instances: 1 },
    dnsdist: {
        protection,
        tls: { name: "dns.example.net", dot: { port: service.dot }, doh: { port: service.doh } },
    },
});

async function main(): Promise<void> {
    const surroundings = machine();
    const stack = new TestStack("bench-protection");
    await startLab();
    const [flooder, neighbour, other] = [
        await Stranger.start("flooder", 1),
        await Stranger.start("neighbour", 2),
        await Stranger.start("victim", 3),
    ];
    try {
        await stack.create(settings(watching));
        await stack.must(stack.up());
        const cost = await costs(stack, neighbour);
        stack.configure(settings({}));
        await stack.must(stack.up());
        await pause(45); // what the neighbour has just asked is far more than it may by these limits
        const attacked = await attacks(flooder, neighbour, other);
        console.log(`written: ${await write(surroundings, cost, attacked)}`);
    } finally {
        await stack.destroy();
        for (const stranger of [flooder, neighbour, other]) await stranger.stop();
        await stopLab();
    }
}

/** Cached answers with protection and without, which changes in place, of somebody who is not the host. */
async function costs(stack: TestStack, { network }: Stranger): Promise<Speed[][]> {
    const { address, port } = service;
    return repeated(costRounds, async (round) => {
        const both = [
            { what: "with protection", protection: watching },
            { what: "without", protection: { enabled: false } },
        ];
        const speeds: Speed[] = [];
        for (const { what, protection } of round % 2 === 0 ? both : both.reverse()) {
            stack.configure(settings(protection));
            await stack.must(stack.up());
            const [id = ""] = await running(stack.name, /dnsdist-frontend$/);
            await askOnce(address, known, { port, network });
            await pause(3);
            speeds.push(await speed({ what, address, port, id }, questions, { network }));
        }
        tell(round, speeds);
        return speeds;
    });
}

/** Each attack beside a neighbour who asks; and the same neighbour in peace just before. */
async function attacks(flooder: Stranger, neighbour: Stranger, other: Stranger): Promise<Attacked[]> {
    const all = new Attacks(flooder, service);
    const domain = unsignedDomain();
    const kinds: Record<string, () => Promise<unknown>> = {
        [control]: () => all.nowhere(),
        "10,000 queries a second of one client": () => all.flood(service.address),
        "the same over IPv6": () => all.flood(service.address6),
        "1,500 random names a second below a domain, from 190 addresses": () => all.randomNames(domain),
        "2,000 connections": () => all.connections(),
        "2,000 slow handshakes of TLS": () => all.handshakes(service.dot),
        "2,000 slow handshakes of HTTP/2": () => all.handshakes(service.doh),
        "3,000 queries a second in the name of somebody else": async () =>
            (await all.reflection(other)).factor,
        "350 answers of 4 kB a second over TCP": () => all.largeAnswers(),
    };
    const results: Attacked[] = Object.keys(kinds).map((what) => ({
        what,
        ratios: [],
        lost: 0,
        sent: 0,
        factors: [],
    }));
    const beside = async (what: () => Promise<unknown>): Promise<{ report: UdpReport; found: unknown }> => {
        const { address, port } = service;
        const asked = { address, port, network: neighbour.network, rate: 500, least: 500 * (seconds + 2) };
        const load = await startUdpLoad(asked);
        const found = await what();
        return { report: await load.stop(), found };
    };
    await repeated(attackRounds, async (round) => {
        for (const [index, [what, attack]] of Object.entries(kinds).entries()) {
            const calm = (await beside(() => pause(seconds))).report;
            const { report, found } = await beside(attack);
            const result = results[index]!;
            result.ratios.push(report.p99Seconds / calm.p99Seconds);
            result.lost += report.lost + report.wrong;
            result.sent += report.sent;
            if (typeof found === "number" && what.includes("in the name")) result.factors.push(found);
            console.log(
                `round ${round}: ${what}: p99 ${report.p99Seconds * 1000} ms, in peace ${calm.p99Seconds * 1000} ms; ${report.lost} lost, ${report.wrong} wrong of ${report.sent}`,
            );
            await pause(5); // the connections of the attack are gone, and who was held off may ask again
        }
    });
    return results;
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
