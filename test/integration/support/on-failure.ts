import { spawnSync } from "node:child_process";
import { containers } from "./host";

/**
 * Prints why a test of a suite has failed, at once, and what the containers of a stack have last said: nobody can ask
 * them later.
 */
export function tellOnFailure(stack: string): void {
    afterEach(async function () {
        if (this.currentTest?.state !== "failed") return;
        console.log(this.currentTest.err?.message);
        for (const { Id, Names, Status, State } of await containers(stack)) {
            if (State === "created") continue;
            const { stdout, stderr } = spawnSync("docker", ["logs", "--timestamps", "--tail", "25", Id], {
                encoding: "utf8",
            });
            console.log(`--- ${Names[0]} (${Id.slice(0, 12)}): ${Status}\n${stdout}${stderr}`);
        }
    });
}
