/** The lab Internet by hand: `npm run lab -- VERB [...]`, which calls this for all but its start and its end. */

import { labNetwork } from "./catalog";
import { breakServers, cutLab, labState, mendLab } from "./control";
import { type Fault, faulty } from "./internet/addresses";
import { catalogue } from "./internet/catalogue";
import { hosters } from "./internet/top";
import { startLab, stopLab } from "./lab";
import { watch } from "./watch";

const faults = Object.keys(faulty).join(", ");

/** Where the stack of Pulumi.lab.yaml answers. */
const service = { address: "127.0.0.1", port: 5301, transport: "udp" } as const;

const commands: Readonly<Record<string, (...parameters: string[]) => Promise<void>>> = {
    start: startLab,
    stop: stopLab,
    cut: cutLab,
    mend: mendLab,
    break: async (domain = "", fault = "silent") => {
        if (!(fault in faulty)) throw new Error(`There is no fault ${fault}. There are ${faults}.`);
        const addresses = addressesOf(domain);
        await breakServers(addresses, fault as Fault);
        console.log(`The servers of ${domain} (${addresses.join(", ")}) are ${fault}.`);
    },
    watch: () => watch(service),
    status: () => Promise.resolve(),
};

function addressesOf(domain: string): string[] {
    const zones = [...catalogue(true).map((each) => each.zone), ...hosters.map((hoster) => hoster.zone)];
    const zone = zones.find(({ origin }) => origin === domain);
    if (!zone) {
        throw new Error(
            `There is no domain ${domain || "without a name"} in the lab: break example.com [${faults}].`,
        );
    }
    return zone.servers.flatMap((server) => server.addresses);
}

async function main([verb = "", ...parameters]: readonly string[]): Promise<void> {
    const command = commands[verb];
    if (!command) {
        throw new Error(`Say what to do with the lab: ${Object.keys(commands).join(", ")}.`);
    }
    await command(...parameters);
    console.log(`The lab is ${await labState()} (network ${labNetwork.name}).`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
