// npm run preview [-- stack [pulumi arguments...]]: what `npm run up` would change, by default in dev.
import { operate, parse } from "./actions.mjs";
import { plainWords } from "./setup/change-summary.mjs";
import { setUp } from "./setup/index.mjs";
import { parseJson } from "./setup/json.mjs";
import { root } from "./setup/paths.mjs";
import { capture } from "./setup/processes.mjs";
import { select } from "./setup/stacks.mjs";
import { main, say } from "./setup/steps.mjs";

await main(async () => {
    const { stack, rest } = parse(process.argv.slice(2));
    const env = await setUp({ docker: true });
    const code = await operate("preview", stack, rest, env);
    if (code !== 0) return code;
    const args = ["preview", ...(await select(stack, env)), "--json", ...rest];
    const { out } = await capture("pulumi", args, { env, cwd: root });
    const words = plainWords(/** @type {import("./setup/change-summary.mjs").Preview} */ (parseJson(out)));
    say(words.length > 0 ? "that is:" : "nothing would change");
    for (const sentence of words) console.log(`    ${sentence.replaceAll("**", "")}`);
    return code;
});
