import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "./json.mjs";
import { root } from "./paths.mjs";
import { capture } from "./processes.mjs";
import { configFile, copies, fileName } from "./stack-files.mjs";
import { Problem, say } from "./steps.mjs";

/**
 * The arguments that select a stack for the engine. A stack that is not there yet is made, if it has a file.
 *
 * @param {string} stack
 * @param {NodeJS.ProcessEnv} env
 */
export async function select(stack, env) {
    const copy = await configFile(stack);
    if (!(await exists(stack, env))) {
        if (!existsSync(join(root, fileName(stack)))) throw unknown(stack);
        say(`making the stack ${stack}`);
        const args = ["stack", "init", stack, "--no-select"];
        const { code, err } = await capture("pulumi", args, { env, cwd: copy ? copies : root });
        if (code !== 0)
            throw new Problem(`the stack ${stack} could not be made:\n${err.trimEnd()}`, "See above.");
    }
    return ["--stack", stack, ...(copy ? ["--config-file", copy] : [])];
}

/**
 * @param {string} stack
 * @param {NodeJS.ProcessEnv} env
 */
export async function exists(stack, env) {
    const { code, out, err } = await capture("pulumi", ["stack", "ls", "--json"], { env, cwd: root });
    if (code !== 0) {
        const next = "Look at PULUMI_BACKEND_URL and the login (npm run pulumi -- whoami -v).";
        throw new Problem(`Pulumi's state cannot be read:\n${err.trimEnd()}`, next);
    }
    const stacks = /** @type {{ name: string }[]} */ (parseJson(out));
    return stacks.some(({ name }) => name === stack || name.endsWith(`/${stack}`));
}

/** @param {string} stack */
function unknown(stack) {
    const known = readdirSync(root).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    return new Problem(
        `there is no stack ${stack}, and no file ${fileName(stack)} to make it from`,
        `Write that file (Pulumi.prod.yaml is an example), or choose one of: ${known.join(", ")}.`,
    );
}
