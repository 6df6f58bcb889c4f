// npm run lab [-- stop]: the stack `lab` with a small signed Internet of its own, where names resolve offline.
import { endpoints, operate, tearDown } from "./actions.mjs";
import { setUp } from "./setup/index.mjs";
import { root } from "./setup/paths.mjs";
import { attached } from "./setup/processes.mjs";
import { main, say, Problem } from "./setup/steps.mjs";

/** Names of the lab Internet that show what the service does. */
const EXAMPLES = [
    ["www.example.com A +dnssec", "signed: answered with the flag ad"],
    ["www.example.net A", "not signed"],
    ["alias.example.com A", "an alias"],
    ["big.example.com TXT", "too long for UDP: asked again over TCP"],
    ["missing.example.com A", "NXDOMAIN"],
    ["www.bogus.org A", "its signature is broken: SERVFAIL"],
];

await main(async () => {
    const [action = "start", ...rest] = process.argv.slice(2);
    if (!["start", "stop"].includes(action)) {
        throw new Problem(`there is no action ${action}`, "npm run lab, or npm run lab -- stop");
    }
    const env = await setUp({ docker: true });
    const internet = async () => {
        const args = ["--import", "tsx", "test/lab/cli.ts", action];
        return (await attached(process.execPath, args, { env, cwd: root })).code;
    };
    if (action === "stop") return (await tearDown("lab", rest, env)) || (await internet());

    say("starting the lab Internet (about 1 minute the first time)");
    const code =
        (await internet()) || (await operate("up", "lab", ["--yes", "--skip-preview", ...rest], env));
    if (code !== 0) return code;
    const [server = ""] = await endpoints("lab", env);
    say("the lab answers. Try:");
    for (const [question = "", why = ""] of EXAMPLES) {
        console.log(`    ${`dig ${server} ${question}`.padEnd(60)} ${why}`);
    }
    console.log("    npm run lab -- stop");
    return 0;
});
