#!/usr/bin/env node
// Pulumi's engine starts this program to run a Node.js or TypeScript stack:
//   pulumi-language-nodejs ENGINE_ADDRESS      (its own port goes to stdout)
// It answers the LanguageRuntime service with the protocol files of the SDK that
// the stack itself has installed, so it needs no package of its own.
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

const from = (directory) => createRequire(path.join(directory, "index.js"));
const sdk = createRequire(from(process.cwd()).resolve("@pulumi/pulumi/package.json"));
const grpc = sdk("@grpc/grpc-js");
const language = sdk("./proto/language_pb.js");
const plugin = sdk("./proto/plugin_pb.js");
const { LanguageRuntimeService } = sdk("./proto/language_grpc_pb.js");
const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb.js");

/** The SDK's runner exits with this code once it has told the user itself what is wrong. */
const TOLD = 32;

let engine = process.argv.slice(2).findLast((argument) => !argument.startsWith("-")) ?? "";
const programs = new Set();

/** The fields of a protocol message, from `{ name: value }`. */
function fill(message, values) {
    for (const [name, value] of Object.entries(values)) {
        message[`set${name[0].toUpperCase()}${name.slice(1)}`](value);
    }
    return message;
}

function handshake({ request }) {
    engine = request.getEngineAddress();
    return new language.LanguageHandshakeResponse();
}

async function run({ request }) {
    const info = request.getInfo();
    const options = info.getOptions()?.toJavaScript() ?? {};
    const flags = {
        monitor: request.getMonitorAddress(),
        engine,
        organization: request.getOrganization(),
        project: request.getProject(),
        "root-directory": info.getRootDirectory(),
        stack: request.getStack(),
        pwd: info.getProgramDirectory(),
        parallel: String(request.getParallel()),
    };
    const end = await execute(
        [
            ...(options.nodeargs ?? "").split(/\s+/).filter(Boolean),
            from(info.getProgramDirectory()).resolve("@pulumi/pulumi/cmd/run"),
            ...Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
            ...(request.getDryrun() ? ["--dry-run"] : []),
            info.getEntryPoint(),
            ...request.getArgsList(),
        ],
        {
            PULUMI_CONFIG: JSON.stringify(configuration(request)),
            PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
            ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
            ...(options.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
        },
    );
    const answer = new language.RunResponse();
    if (end === TOLD) return fill(answer, { bail: true });
    return end === 0 ? answer : fill(answer, { error: `the program ended with ${end}` });
}

/** The stack's configuration under the names that the SDK looks up: `project:config:key`. */
function configuration(request) {
    const entries = [...request.getConfigMap().entries()];
    return Object.fromEntries(entries.map(([key, value]) => [key.replace(":", ":config:"), value]));
}

/** Runs node to its end; resolves to its exit code, or to the signal that ended it. */
function execute(args, environment) {
    return new Promise((resolve, reject) => {
        const program = spawn(process.execPath, args, {
            stdio: ["ignore", "inherit", "inherit"],
            env: { ...process.env, ...environment },
        });
        programs.add(program);
        program.on("error", reject);
        program.on("close", (code, signal) => {
            programs.delete(program);
            resolve(code ?? signal);
        });
    });
}

function cancel() {
    for (const program of programs) program.kill("SIGINT");
    return new Empty();
}

/** The package.json of all that is installed in a directory and, as Node looks it up, in those above it. */
function* packages(directory, seen = new Set()) {
    yield* installed(path.join(directory, "node_modules"), seen);
    const above = path.dirname(directory);
    if (above !== directory) yield* packages(above, seen);
}

function* installed(directory, seen) {
    if (!fs.existsSync(directory)) return;
    for (const name of fs.readdirSync(directory).filter((entry) => !entry.startsWith("."))) {
        const at = path.join(directory, name);
        if (name.startsWith("@")) {
            yield* installed(at, seen);
            continue;
        }
        const real = fs.realpathSync(at);
        const file = path.join(real, "package.json");
        if (seen.has(real) || !fs.existsSync(file)) continue;
        seen.add(real);
        yield JSON.parse(fs.readFileSync(file, "utf8"));
        yield* installed(path.join(real, "node_modules"), seen);
    }
}

/** The providers that the installed packages need, so that the engine can get their plugins first. */
function requiredPackages({ request }) {
    const found = new Map();
    for (const { name, version, pulumi } of packages(request.getInfo().getProgramDirectory())) {
        if (!pulumi?.resource) continue;
        const dependency = fill(new plugin.PackageDependency(), {
            name: pulumi.name ?? name.replace(/^@pulumi\//, ""),
            kind: "resource",
            version: `v${(pulumi.version ?? version).replace(/^v/, "")}`,
            server: pulumi.server ?? "",
        });
        if (pulumi.parameterization) {
            const { name, version, value } = pulumi.parameterization;
            const parameter = fill(new plugin.PackageParameterization(), { name, version, value });
            dependency.setParameterization(parameter);
        }
        found.set(`${dependency.getName()}@${dependency.getVersion()}`, dependency);
    }
    return fill(new language.GetRequiredPackagesResponse(), { packagesList: [...found.values()] });
}

function dependencies({ request }) {
    const directory = request.getInfo().getProgramDirectory();
    const own = JSON.parse(fs.readFileSync(path.join(directory, "package.json"), "utf8"));
    const direct = { ...own.dependencies, ...own.devDependencies };
    const wanted = ({ name, version }) => version && (request.getTransitivedependencies() || name in direct);
    const found = [...packages(directory)].filter(wanted);
    return fill(new language.GetProgramDependenciesResponse(), {
        dependenciesList: found.map(({ name, version }) =>
            fill(new language.DependencyInfo(), { name, version }),
        ),
    });
}

/** A gRPC handler from a function that returns, or resolves to, the answer. */
const unary = (answer) => async (call, reply) => {
    try {
        reply(null, await answer(call));
    } catch (error) {
        reply({ code: grpc.status.UNKNOWN, message: error.message });
    }
};

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, {
    handshake: unary(handshake),
    getRequiredPackages: unary(requiredPackages),
    run: unary(run),
    cancel: unary(cancel),
    getProgramDependencies: unary(dependencies),
    getPluginInfo: unary(() => fill(new plugin.PluginInfo(), { version: sdk("./package.json").version })),
    about: unary(() =>
        fill(new language.AboutResponse(), { executable: process.execPath, version: process.version }),
    ),
    runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
    template: unary(() => new language.TemplateResponse()),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
});
process.on("SIGINT", () => process.exit(0));
