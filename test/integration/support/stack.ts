import { execFile } from "node:child_process";
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

/** A stack of this program on the real engine, with state and configuration in a temporary directory. */
export class TestStack {
    private readonly directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-test-"));
    private readonly file: string;
    private readonly environment: NodeJS.ProcessEnv = {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${this.directory}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    };

    /** @param program the directory of the Pulumi program */
    constructor(
        readonly name: string,
        readonly program: string = root,
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

    private operation(command: string, ...options: string[]): Promise<Run> {
        const selected = [
            "--stack",
            this.name,
            "--config-file",
            this.file,
            "--non-interactive",
            "--color=never",
        ];
        return this.run([command, ...selected, ...options], this.program);
    }

    private run(parameters: string[], cwd: string): Promise<Run> {
        const options = { cwd, env: { ...this.environment, ...this.variables }, maxBuffer: 64 * 1024 * 1024 };
        return new Promise((resolve) => {
            const [program = "", ...rest] = [...this.wrapper, "pulumi", ...parameters];
            execFile(program, rest, options, (error, stdout, stderr) => {
                resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
            });
        });
    }

    /** What runs the operations that follow, such as `unshare --net`. */
    wrapper: readonly string[] = [];

    /** Environment variables for the operations that follow. */
    variables: Readonly<Record<string, string>> = {};
}
