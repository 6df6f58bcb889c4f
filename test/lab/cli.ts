/** The lab Internet by hand: node --import tsx test/lab/cli.ts start|stop|cut|mend|status */

import { labNetwork } from "./catalog.js";
import { labState, pauseLab, resumeLab, startLab, stopLab } from "./lab.js";

const commands: Record<string, () => Promise<void>> = {
    start: startLab,
    stop: stopLab,
    cut: pauseLab,
    mend: resumeLab,
    status: () => Promise.resolve(),
};

async function main(verb = ""): Promise<void> {
    const command = commands[verb];
    if (!command) {
        throw new Error(`Say what to do with the lab: ${Object.keys(commands).join(", ")}.`);
    }
    await command();
    console.log(`The lab is ${await labState()} (network ${labNetwork.name}).`);
}

main(process.argv[2]).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
