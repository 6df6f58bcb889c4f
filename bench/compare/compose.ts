import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { docker, ensureImage } from "../../test/lab/docker";
import type { Contender } from "./contender";
import { type Settings, variables } from "./settings";

/** Docker Compose: a change is an edit of `.env`, then `docker compose up`. See compose.yaml for what was chosen. */
export class Compose implements Contender {
    readonly name = "compose";
    readonly port = 5380;
    private directory = "";

    async start(settings: Settings): Promise<void> {
        this.directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-compare-"));
        copyFileSync(path.join(__dirname, "compose.yaml"), path.join(this.directory, "compose.yaml"));
        await this.change(settings);
    }

    async change(settings: Settings): Promise<void> {
        const lines = Object.entries(variables(settings, this.port, "198.18.80"));
        const text = lines.map(([name, value]) => `${name}='${value}'\n`).join("");
        writeFileSync(path.join(this.directory, ".env"), text);
        await this.compose("up", "--detach", "--wait");
    }

    async remove(): Promise<void> {
        await this.compose("down", "--volumes", "--timeout", "5");
        rmSync(this.directory, { recursive: true });
    }

    /** Runs Docker Compose from an image, as the host's distribution may have none that is of today. */
    private async compose(...command: string[]): Promise<void> {
        const image = await ensureImage("compose", path.join(__dirname, "tools"));
        const socket = "/var/run/docker.sock:/var/run/docker.sock";
        const project = ["--volume", `${this.directory}:${this.directory}`, "--workdir", this.directory];
        await docker("run", "--rm", "--volume", socket, ...project, image, ...command);
    }
}
