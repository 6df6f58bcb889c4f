// npm run bench [-- compare [change...]]: sets up what the measurements need, then makes them. They write docs/bench.md;
// those that set this program beside others write docs/reliability.md.
import { setUp } from "./setup/index.mjs";
import { root } from "./setup/paths.mjs";
import { attached } from "./setup/processes.mjs";
import { Problem, main, say } from "./setup/steps.mjs";

await main(async () => {
    const [what, ...changes] = process.argv.slice(2);
    if (what !== undefined && what !== "compare") {
        throw new Problem(`there is no measurement ${what}`, "npm run bench, or npm run bench -- compare");
    }
    const env = await setUp({ docker: true });
    if (what) env["RECURSIVE_DNS_LONG"] = "1"; // enough queries for figures that are worth keeping
    say("measuring (about 10 minutes)");
    const program = what ? "bench/compare/main.ts" : "bench/main.ts";
    const { code } = await attached(process.execPath, ["--import", "tsx", program, ...changes], {
        env,
        cwd: root,
    });
    return code;
});
