/** npm run bench -- resolvers: what they cost, what they hold, what their network costs; writes docs/resolvers-bench.md. */

import { startLab, stopLab } from "../../test/lab/lab";
import { warmUps } from "../cache/warm-up";
import { machine } from "../machine";
import { besideBareKresd } from "./answers";
import { egress } from "./egress";
import { write } from "./report";

async function main(): Promise<void> {
    const surroundings = machine();
    await startLab();
    try {
        console.log(
            `written: ${await write(surroundings, await besideBareKresd(), await egress(), await warmUps())}`,
        );
    } finally {
        await stopLab();
    }
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
