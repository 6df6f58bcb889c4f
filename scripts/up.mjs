// npm run up [-- stack [pulumi arguments...]]: deploys a stack, by default dev.
import { endpoints, operate, parse } from "./actions.mjs";
import { setUp } from "./setup/index.mjs";
import { main, say } from "./setup/steps.mjs";

await main(async () => {
    const { stack, rest } = parse(process.argv.slice(2));
    const env = await setUp({ docker: true });
    const code = await operate("up", stack, ["--yes", "--skip-preview", ...rest], env);
    if (code !== 0) return code;
    const servers = await endpoints(stack, env);
    if (servers.length > 0) say("the service answers. Try:");
    for (const server of servers) console.log(`    dig ${server} example.com`);
    if (servers.length > 0)
        say("without access to the Internet no name resolves; npm run lab has names of its own");
    return code;
});
