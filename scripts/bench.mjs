// npm run bench: sets up what the measurements need, then makes them and writes docs/bench.md.
import { setUp } from "./setup/index.mjs";
import { root } from "./setup/paths.mjs";
import { attached } from "./setup/processes.mjs";
import { main, say } from "./setup/steps.mjs";

await main(async () => {
    const env = await setUp({ docker: true });
    say("measuring (about 10 minutes)");
    const { code } = await attached(process.execPath, ["--import", "tsx", "bench/main.ts"], {
        env,
        cwd: root,
    });
    return code;
});
