// Makes a machine ready to run the stacks: installs what is missing, says what it does, and is quick when nothing is.
import { baseImage } from "./base-image.mjs";
import { docker } from "./docker.mjs";
import { engine } from "./engine.mjs";
import { packages } from "./packages.mjs";
import { state } from "./state.mjs";
import { Problem } from "./steps.mjs";

/**
 * @param {{ docker: boolean }} needs whether containers will be run
 * @returns {Promise<NodeJS.ProcessEnv>} the environment for the engine and for all that uses it
 */
export async function setUp(needs) {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    if (major < 20 || (major === 20 && minor < 19)) {
        throw new Problem(
            `Node.js is ${process.version}, 20.19 or newer is needed`,
            "Install it (nodejs.org).",
        );
    }
    await packages();
    const selected = await engine();
    const environment = { ...process.env, ...selected, ...state(selected) };
    if (!needs.docker) return environment;
    Object.assign(environment, await docker());
    await baseImage(environment);
    return environment;
}
