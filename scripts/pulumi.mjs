// npm run pulumi -- <any pulumi command>: the same engine, state and stack files as `npm run up` uses.
import { setUp } from "./setup/index.mjs";
import { attached, capture } from "./setup/processes.mjs";
import { configFile } from "./setup/stack-files.mjs";
import { main } from "./setup/steps.mjs";

/** The commands that run a stack, and may write to its file. `config` is not one: there, the file is the point. */
const OPERATIONS = ["up", "update", "preview", "pre", "refresh", "destroy", "import", "watch"];

await main(async () => {
    const args = process.argv.slice(2);
    const operation = OPERATIONS.includes(args.find((argument) => !argument.startsWith("-")) ?? "");
    const env = await setUp({ docker: operation });
    if (operation && !args.some((argument) => /^--(config-file|help)\b/.test(argument))) {
        const copy = await configFile(named(args) ?? (await selected(env)));
        if (copy) args.push("--config-file", copy);
    }
    return (await attached("pulumi", args, { env })).code;
});

/** @param {readonly string[]} args */
function named(args) {
    const at = args.findIndex((argument) => argument === "-s" || argument === "--stack");
    return at >= 0 ? args[at + 1] : args.find((argument) => argument.startsWith("--stack="))?.slice(8);
}

/** @param {NodeJS.ProcessEnv} env */
async function selected(env) {
    return (await capture("pulumi", ["stack", "--show-name"], { env })).out.trim();
}
