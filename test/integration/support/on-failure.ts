import { spawnSync } from "node:child_process";
import { containers } from "./host";

/** Prints what the containers of a stack have last said, after each test of a suite that fails: nobody can ask them later. */
export function tellOnFailure(stack: string): void {
    afterEach(async function () {
        if (this.currentTest?.state !== "failed") return;
        for (const { Id, Names, Status, State } of await containers(stack)) {
            if (State === "created") continue;
            const { stdout, stderr } = spawnSync("docker", ["logs", "--timestamps", "--tail", "25", Id], {
                encoding: "utf8",
            });
            console.log(`--- ${Names[0]} (${Id.slice(0, 12)}): ${Status}\n${stdout}${stderr}`);
        }
    });
}
