// npm run console [-- STACK[:SITE] [LUA]]: opens the console of the dnsdist that serves, or has it do one thing and prints that.
import { consoleClient, onConsole, runningContainer } from "./containers.mjs";
import { hostOf } from "./hosts.mjs";
import { setUp } from "./setup/index.mjs";
import { attached, capture } from "./setup/processes.mjs";
import { Problem, main, say } from "./setup/steps.mjs";

await main(async () => {
    const [where = "dev", lua, ...more] = process.argv.slice(2);
    if (more.length > 0) throw new Problem(`unexpected: ${more.join(" ")}`, "npm run console -- STACK 'LUA'");
    const { stack, env } = await hostOf(where, await setUp({ docker: true }));
    const frontend = await leading(stack, env);
    if (lua !== undefined) {
        const { code, out, err } = await onConsole(frontend, lua, env);
        process.stdout.write(out);
        process.stderr.write(err);
        // dnsdist's own exit code says nothing of what it was told to do.
        return code === 0 && /^Error|^Command returned an error/m.test(out + err) ? 1 : code;
    }
    say(`dnsdist ${frontend} of the stack ${stack}: help() lists the commands, Ctrl-D leaves`);
    const terminal = process.stdin.isTTY ? ["--tty"] : [];
    return (
        await attached("docker", ["exec", "--interactive", ...terminal, frontend, ...consoleClient], { env })
    ).code;
});

/**
 * The generation that the service address leads to.
 *
 * @param {string} stack
 * @param {NodeJS.ProcessEnv} env
 */
async function leading(stack, env) {
    const { id: steer, err } = await runningContainer(stack, "steer", env);
    if (!steer) {
        const next = `npm run up -- ${stack}${err ? `\n${err.trim()}` : ""}`;
        throw new Problem(`no service address of the stack ${stack} runs on its Docker host`, next);
    }
    const { out: lead } = await capture("docker", ["exec", steer, "cat", "/run/site/steering/frontend"], {
        env,
    });
    if (!lead.trim())
        throw new Problem("the service address leads to no dnsdist yet", "docker logs says why");
    return lead.trim();
}
