import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import type { Settings } from "../../../components";

/** The checkout: the program under test. */
export const root = path.join(__dirname, "../../..");

/** How a command ended and all it said. */
export interface Run {
    readonly code: number;
    readonly output: string;
}

/** A command that is at work. */
export interface Work {
    readonly ended: Promise<Run>;
    /** Ends it, and all that it has started, as a power failure would. */
    kill(): void;
}

/** A stack of this program on the real engine, with state and configuration in a temporary directory. */
export class TestStack {
    private readonly directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-test-"));
    private readonly file: string;
    private readonly own: NodeJS.ProcessEnv = {
        PULUMI_BACKEND_URL: `file://${this.directory}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    };

    /** @param program the directory of the Pulumi program; another release of it may take the stack over */
    constructor(
        readonly name: string,
        public program: string = root,
    ) {
        this.file = path.join(this.directory, `Pulumi.${name}.yaml`);
    }

    /** Makes the stack with these settings. */
    async create(settings: Settings): Promise<this> {
        // The engine writes its salt beside the Pulumi.yaml that it finds: not into the checkout.
        writeFileSync(
            path.join(this.directory, "Pulumi.yaml"),
            readFileSync(path.join(this.program, "Pulumi.yaml")),
        );
        await this.must(this.run(["stack", "init", this.name, "--no-select"], this.directory));
        this.configure(settings);
        return this;
    }

    /** Replaces the settings. */
    configure(settings: object): void {
        const salt = /^encryptionsalt:.*$/m.exec(readFileSync(this.file, "utf8"))?.[0] ?? "";
        const config = Object.fromEntries(
            Object.entries(settings).map(([key, value]) => [`recursive-dns:${key}`, value as unknown]),
        );
        writeFileSync(this.file, `${salt}\n${stringify({ config })}`);
    }

    up = (...options: string[]) => this.operation("up", "--yes", "--skip-preview", ...options);
    preview = (...options: string[]) => this.operation("preview", ...options);
    refresh = (...options: string[]) => this.operation("refresh", "--yes", "--skip-preview", ...options);

    /** What it gives those who use it, secrets too. */
    async outputs(): Promise<{ dashboard: string; webPassword: string; apiKey: string }> {
        const shown = ["stack", "output", "--json", "--show-secrets", "--stack", this.name];
        const { output } = await this.must(this.run(shown, this.program));
        return JSON.parse(output) as { dashboard: string; webPassword: string; apiKey: string };
    }

    /** Destroys what is there and forgets the stack. Does nothing the second time. */
    async destroy(): Promise<Run> {
        const run = await this.operation("destroy", "--yes", "--skip-preview");
        if (run.code === 0) rmSync(this.directory, { recursive: true, force: true });
        return run;
    }

    /** The stack's state as it lies on disk. */
    state = () =>
        readFileSync(path.join(this.directory, `.pulumi/stacks/recursive-dns/${this.name}.json`), "utf8");

    /** An operation that has to succeed: else its output is the error. */
    async must(run: Promise<Run>): Promise<Run> {
        const { code, output } = await run;
        if (code !== 0) throw new Error(`exit code ${code}:\n${output}`);
        return { code, output };
    }

    /** Begins an operation, for a test that interferes with it. */
    begin(command: string, ...options: string[]): Work {
        const selected = [
            "--stack",
            this.name,
            "--config-file",
            this.file,
            "--non-interactive",
            "--color=never",
        ];
        return this.start([command, ...selected, ...options], this.program);
    }

    /** Frees the stack that an operation which was killed has left locked. */
    cancel = () => this.run(["cancel", "--yes", "--stack", this.name], this.program);

    private operation(command: string, ...options: string[]): Promise<Run> {
        return this.begin(command, ...options).ended;
    }

    private run(parameters: string[], cwd: string): Promise<Run> {
        return this.start(parameters, cwd).ended;
    }

    private start(parameters: string[], cwd: string): Work {
        const [program = "", ...rest] = [...this.wrapper, "pulumi", ...parameters];
        const child = spawn(program, rest, { cwd, env: this.environment, detached: true });
        let output = "";
        child.stdout.on("data", (text) => (output += String(text)));
        child.stderr.on("data", (text) => (output += String(text)));
        return {
            ended: new Promise((resolve) =>
                child.once("close", (code) => resolve({ code: code ?? 1, output })),
            ),
            kill: () => process.kill(-(child.pid ?? NaN), "SIGKILL"),
        };
    }

    /** What runs the operations that follow, such as `unshare --net`. */
    wrapper: readonly string[] = [];

    /** Environment variables for the operations that follow. */
    variables: Readonly<Record<string, string>> = {};

    /** The environment of the operations that follow. */
    get environment(): NodeJS.ProcessEnv {
        return { ...process.env, ...this.own, ...this.variables };
    }
}
