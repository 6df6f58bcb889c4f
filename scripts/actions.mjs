// What the commands do with a stack, once the machine is ready.
import { rmSync } from "node:fs";
import { explain } from "./explain.mjs";
import { hostsOf } from "./hosts.mjs";
import { sweep, sweepFailures } from "./leftovers.mjs";
import { parseJson } from "./setup/json.mjs";
import { root } from "./setup/paths.mjs";
import { attached, capture } from "./setup/processes.mjs";
import { configFile } from "./setup/stack-files.mjs";
import { exists, select } from "./setup/stacks.mjs";
import { Problem, say } from "./setup/steps.mjs";

/**
 * The stack and the arguments for Pulumi: `[stack] [pulumi arguments...]`.
 *
 * @param {readonly string[]} args
 * @returns {{ stack: string, rest: readonly string[] }}
 */
export function parse(args) {
    const [first, ...rest] = args;
    return first === undefined || first.startsWith("-")
        ? { stack: "dev", rest: args }
        : { stack: first, rest };
}

/**
 * Runs one of Pulumi's operations on a stack, and says the way out of what an interrupted one has left.
 *
 * @param {string} operation
 * @param {string} stack
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function operate(operation, stack, args, env) {
    const selection = await select(stack, env);
    const start = Date.now();
    const { code, err } = await attached("pulumi", [operation, ...selection, ...args], { env, cwd: root });
    if (code === 0) {
        if (operation === "up") for (const host of await hostsOf(stack, env)) await sweep(stack, host.env);
        return code;
    }
    if (/stack is currently locked/.test(err)) {
        throw new Problem(
            `the stack ${stack} is locked: another run is at work, or was killed`,
            `If none is at work, free it: npm run pulumi -- cancel --yes --stack ${stack}\nThen run this again.`,
        );
    }
    if (operation === "up") {
        for (const host of await hostsOf(stack, env)) {
            await explain(stack, start, host.env);
            await sweepFailures(stack, host.env);
        }
    }
    if (await interrupted(stack, env)) {
        say(
            `an earlier run on ${stack} was interrupted; what it was making may exist unknown to Pulumi. To forget it:`,
        );
        say(`npm run pulumi -- refresh --clear-pending-creates --yes --stack ${stack}`);
    }
    return code;
}

/**
 * @param {string} stack
 * @param {NodeJS.ProcessEnv} env
 */
async function interrupted(stack, env) {
    const { out } = await capture("pulumi", ["stack", "export", "--stack", stack], { env, cwd: root });
    return /"pending_operations": \[\s*\{/.test(out);
}

/**
 * The service addresses of a stack, as arguments for dig.
 *
 * @param {string} stack
 * @param {NodeJS.ProcessEnv} env
 */
export async function endpoints(stack, env) {
    const { code, out } = await capture("pulumi", ["stack", "output", "--json", "--stack", stack], {
        env,
        cwd: root,
    });
    if (code !== 0) return [];
    const outputs = /** @type {{ endpoints?: string[] }} */ (parseJson(out));
    return (outputs.endpoints ?? []).map(digArguments);
}

/** @param {string} endpoint address:port, an IPv6 address in brackets */
export function digArguments(endpoint) {
    const [, address = endpoint, port = "53"] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(endpoint) ?? [];
    return `@${address}${port === "53" ? "" : ` -p ${port}`}`;
}

/**
 * Destroys what a stack has made, and the stack.
 *
 * @param {string} stack
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function tearDown(stack, args, env) {
    if (!(await exists(stack, env))) {
        say(`there is no stack ${stack}: nothing to destroy`);
        return 0;
    }
    const code = await operate("destroy", stack, ["--yes", "--skip-preview", ...args], env);
    if (code !== 0) return code;
    const copy = await configFile(stack);
    const removal = ["stack", "rm", stack, "--yes", "--preserve-config"];
    const removed = await attached("pulumi", removal, { env, cwd: root });
    if (removed.code === 0 && copy) rmSync(copy);
    return removed.code;
}
