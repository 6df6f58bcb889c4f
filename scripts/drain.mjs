// npm run drain -- SITE [STACK], npm run undrain -- SITE [STACK]: withdraws what a site announces, and lets it again.
import { setTimeout as sleep } from "node:timers/promises";
import { runningContainer } from "./containers.mjs";
import { hostOf } from "./hosts.mjs";
import { setUp } from "./setup/index.mjs";
import { capture } from "./setup/processes.mjs";
import { Problem, main, say } from "./setup/steps.mjs";

const usage =
    "npm run drain -- SITE [STACK], npm run undrain -- SITE [STACK]     (the only site of a stack is dns)";
/** `/run/site/announcement/drained`, while it is there, keeps the announcer from announcing. */
const VERBS = { drain: "touch", undrain: "rm -f" };
const longestSeconds = 30;

await main(async () => {
    const [verb, site = "", stack = "dev", ...more] = process.argv.slice(2);
    if ((verb !== "drain" && verb !== "undrain") || !site || more.length > 0)
        throw new Problem("which site?", usage);
    const { env } = await hostOf(`${stack}:${site}`, await setUp({ docker: true }));
    const { id: announcer } = await runningContainer(stack, "announcer", env);
    if (!announcer)
        throw new Problem(
            `no announcer of the site ${site} runs on its Docker host`,
            `npm run up -- ${stack}`,
        );
    /** @param {string} command */
    const inside = async (command) => {
        const { code, out, err } = await capture("docker", ["exec", announcer, "sh", "-c", command], { env });
        if (code !== 0) throw new Problem(err.trim(), "docker logs says more");
        return out;
    };
    await inside(`${VERBS[verb]} /run/site/announcement/drained`);
    return await settled(verb, site, () => inside("cat /run/site/announcement/state"));
});

/**
 * Waits until the site has done it, and says what it announces now.
 *
 * @param {"drain" | "undrain"} verb
 * @param {string} site
 * @param {() => Promise<string>} state
 */
async function settled(verb, site, state) {
    for (const end = Date.now() + longestSeconds * 1000; ; await sleep(500)) {
        const lines = (await state()).split("\n").filter((line) => line.startsWith("address "));
        const drained = lines.filter((line) => line.endsWith("withdrawn: drained"));
        const done = drained.length === (verb === "drain" ? lines.length : 0);
        if (done || Date.now() > end) {
            for (const line of lines) say(`${site}: ${line.slice("address ".length)}`);
            return done ? 0 : 1;
        }
    }
}
