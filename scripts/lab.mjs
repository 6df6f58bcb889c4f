// npm run lab [-- VERB]: the stack `lab` with a signed Internet of its own, where names resolve offline, to play with.
import { endpoints, operate, tearDown } from "./actions.mjs";
import { setUp } from "./setup/index.mjs";
import { root } from "./setup/paths.mjs";
import { attached } from "./setup/processes.mjs";
import { main, say, Problem } from "./setup/steps.mjs";

/** What a person may do to the lab Internet while the stack is up: test/lab/cli.ts does it. */
const VERBS = {
    "break DOMAIN [FAULT]": "its name servers misbehave (silent, slow, lame, truncated, ...)",
    cut: "nothing reaches the Internet",
    mend: "all is well again",
    watch: "what is asked and answered, every second",
    stop: "destroys the stack and the lab",
};

/** Names of the lab Internet that show what the service does. */
const EXAMPLES = [
    ["www.example.com A +dnssec", "signed: answered with the flag ad"],
    ["www.example.net A", "not signed"],
    ["alias.example.com A", "an alias"],
    ["big.example.com TXT", "too long for UDP: asked again over TCP"],
    ["missing.example.com A", "NXDOMAIN"],
    ["www.bogus.org A", "its signature is broken: SERVFAIL"],
    ["www.slow.net A", "its name servers take their time"],
];

await main(async () => {
    const [action = "start", ...rest] = process.argv.slice(2);
    const verbs = Object.keys(VERBS).map((usage) => usage.replace(/ .*/, ""));
    if (!["start", ...verbs].includes(action)) {
        throw new Problem(`there is no action ${action}`, `npm run lab [-- ${verbs.join(" | ")}]`);
    }
    const env = await setUp({ docker: true });
    /** @param {readonly string[]} parameters */
    const internet = async (...parameters) => {
        const args = ["--import", "tsx", "test/lab/cli.ts", action, ...parameters];
        return (await attached(process.execPath, args, { env, cwd: root })).code;
    };
    if (action !== "start" && action !== "stop") return internet(...rest);
    if (action === "stop") return (await tearDown("lab", rest, env)) || (await internet());

    say("starting the lab Internet (about 2 minutes the first time)");
    const code =
        (await internet()) || (await operate("up", "lab", ["--yes", "--skip-preview", ...rest], env));
    if (code !== 0) return code;
    const [server = ""] = await endpoints("lab", env);
    say("the lab answers. Try:");
    for (const [question = "", why = ""] of EXAMPLES) {
        console.log(`    ${`dig ${server} ${question}`.padEnd(60)} ${why}`);
    }
    for (const [usage, why] of Object.entries(VERBS)) {
        console.log(`    ${`npm run lab -- ${usage}`.padEnd(60)} ${why}`);
    }
    return 0;
});
