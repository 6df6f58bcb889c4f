/** npm run bench -- cache: what the shared cache costs and what it is good for; writes docs/cache-bench.md. */

import { startLab, stopLab } from "../../test/lab/lab";
import { machine } from "../machine";
import { costs } from "./cost";
import { besideOthers } from "./others";
import { write } from "./report";
import { sharing } from "./sharing";
import { warmUps } from "./warm-up";

async function main(): Promise<void> {
    const surroundings = machine();
    await startLab();
    try {
        const file = await write(
            surroundings,
            await costs(),
            await warmUps(),
            await sharing(),
            await besideOthers(),
        );
        console.log(`written: ${file}`);
    } finally {
        await stopLab();
    }
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
