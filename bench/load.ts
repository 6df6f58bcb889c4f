import { newNames } from "../test/lab/internet/showcase";
import { type Server, ask } from "../test/integration/support/dns";

/**
 * Asks for many names, each of them once, so that every cache takes in every one of them.
 * @returns how many were answered
 */
export async function askNewNames(server: Server, count: number): Promise<number> {
    const inFlight = 20;
    const names = newNames(Date.now(), count).values(); // all take from it
    let answered = 0;
    const askOn = async () => {
        for (const name of names) {
            await ask(server, { name, type: "A" }).then(
                () => answered++,
                () => undefined,
            );
        }
    };
    await Promise.all(Array.from({ length: inFlight }, askOn));
    return answered;
}
