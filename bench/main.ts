/** npm run bench: measures a stack of its own against the bars, and writes docs/bench.md. */

import { startLab } from "../test/lab/lab";
import { breakdown, idleBars } from "./idle-report";
import { usage } from "./idle";
import { askNewNames } from "./load";
import { daemons, machine } from "./machine";
import { type Measurement, pause, repeated, timed } from "./measure";
import { memory } from "./memory";
import { line, write } from "./report";
import { Site, server, stackName } from "./site";

/** How often what takes seconds is measured, and what takes minutes. */
const rounds = 5;
const longRounds = 3;
const settlingSeconds = 30;
const idleSeconds = 60;
const names = 20_000;

async function main(): Promise<void> {
    const surroundings = machine();
    const measurements: Measurement[] = [];
    const add = (...more: Measurement[]) => {
        measurements.push(...more);
        more.forEach((measurement) => console.log(line(measurement)));
    };
    await startLab();
    const site = new Site();
    try {
        await pause(settlingSeconds);
        const without = await usage(stackName, idleSeconds);

        const unchanged = "--expect-no-changes";
        add({
            what: "First `up`, images built",
            unit: "s",
            bar: 90,
            values: await timed(longRounds, site.up, () => site.fresh()),
        });
        add(...(await memory(stackName, "after the first `up`")));
        add({
            what: "`preview` without a change",
            unit: "s",
            bar: 15,
            values: await timed(rounds, () => site.preview(unchanged)),
        });
        add({
            what: "`up` without a change",
            unit: "s",
            bar: 20,
            values: await timed(rounds, () => site.up(unchanged)),
        });
        add({
            what: "`up` with a changed resolver setting",
            unit: "s",
            bar: 30,
            values: await timed(longRounds, site.up, (round) => site.change({ cacheMiB: 100 + round })),
        });

        await pause(settlingSeconds);
        const idle = await repeated(longRounds, () => usage(stackName, idleSeconds));
        add(...idleBars(idle, without));
        add(...(await memory(stackName, "after the changes")));
        const answered = await askNewNames(server, names);
        add(...(await memory(stackName, `after ${names} names more`)));

        surroundings.push(...(await daemons(stackName)));
        const notes = [`Of ${names} names that nobody had asked before, ${answered} were answered.`];
        const file = await write({ surroundings, measurements, idle: breakdown(idle, without), notes });
        console.log(`written: ${file}`);
    } finally {
        console.log("taking the stack down");
        await site.remove();
    }
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
