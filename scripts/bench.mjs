// npm run bench [-- compare [change...] | recursion | cache | dnsdist | encrypted | protection | resolvers]: sets up what the
// measurements need, then makes them. They write docs/bench.md; `compare` docs/reliability.md, `recursion` docs/recursion.md,
// and the others docs/WHAT-bench.md.
import { setUp } from "./setup/index.mjs";
import { root } from "./setup/paths.mjs";
import { attached } from "./setup/processes.mjs";
import { Problem, main, say } from "./setup/steps.mjs";

/** @type {Readonly<Record<string, string>>} */
const PROGRAMS = {
    compare: "bench/compare/main.ts",
    recursion: "bench/recursion/main.ts",
    cache: "bench/cache/main.ts",
    dnsdist: "bench/dnsdist/main.ts",
    encrypted: "bench/encrypted/main.ts",
    protection: "bench/protection/main.ts",
    resolvers: "bench/resolvers/main.ts",
};

await main(async () => {
    const [what, ...changes] = process.argv.slice(2);
    const program = what === undefined ? "bench/main.ts" : PROGRAMS[what];
    if (program === undefined) {
        const usage = Object.keys(PROGRAMS).map((each) => `npm run bench -- ${each}`);
        throw new Problem(`there is no measurement ${what}`, ["npm run bench", ...usage].join("\n"));
    }
    const env = await setUp({ docker: true });
    if (what === "compare") env["RECURSIVE_DNS_LONG"] = "1"; // enough queries for figures that are worth keeping
    say("measuring (about 10 minutes; the shared cache: 20)");
    const { code } = await attached(process.execPath, ["--import", "tsx", program, ...changes], {
        env,
        cwd: root,
    });
    return code;
});
