// Checks that the engine's providers know every property that our code can give to the resources it uses: their
// npm packages' types are compared with the schema that the provider itself answers with.
//   npm test runs it with `pulumi` on PATH.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const OUR_CODE = ["index.ts", "components", "examples", "test/lab"];

/** The names of the resource classes of a package that our code makes: `new docker.Container(...)`. */
function used(alias) {
    const files = OUR_CODE.map((name) => join(root, name))
        .filter(existsSync)
        .flatMap((path) =>
            path.endsWith(".ts")
                ? [path]
                : readdirSync(path, { recursive: true }).map((name) => join(path, String(name))),
        )
        .filter((path) => path.endsWith(".ts"));
    const made = new RegExp(`new ${alias}\\.(\\w+)\\(`, "g");
    const found = files.flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(made)].map(([, name]) => name),
    );
    return [...new Set(found)].sort();
}

/** The properties of every interface and class in a declaration file, with the types that each names. */
function shapes(file) {
    const found = new Map();
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
    const visit = (node) => {
        if ((ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) && node.name) {
            const properties = node.members.filter(
                (member) =>
                    (ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) &&
                    !member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword),
            );
            const named = (member) =>
                [...(member.type?.getText() ?? "").matchAll(/\b(?:inputs|outputs)\.(\w+)/g)].map(
                    ([, type]) => type,
                );
            found.set(
                node.name.text,
                new Map(properties.map((member) => [member.name.getText(), named(member)])),
            );
        }
        ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
}

/** The properties of one package's used resources that its provider does not know. */
function check(name) {
    const directory = join(root, "node_modules", "@pulumi", name);
    const { version } = require(join(directory, "package.json"));
    const text = execFileSync("pulumi", ["package", "get-schema", `${name}@${version}`], {
        maxBuffer: 1 << 28,
    });
    const schema = JSON.parse(text);
    const last = (token) => token.split(":").pop();
    const byName = (entries) =>
        new Map(Object.entries(entries ?? {}).map(([token, value]) => [last(token), value]));
    const resources = byName(schema.resources).set("Provider", schema.provider);
    const types = byName(schema.types);
    const nested = new Map(
        ["input", "output"]
            .map((kind) => [kind, join(directory, "types", `${kind}.d.ts`)])
            .map(([kind, file]) => [kind, existsSync(file) ? shapes(file) : new Map()]),
    );
    const unknown = [];
    let count = 0;

    const compare = (what, offered, known, kind, seen) => {
        for (const [property, named] of offered) {
            count++;
            if (!(property in (known ?? {}))) unknown.push(`${what}.${property}`);
            for (const type of named.filter((type) => !seen.has(type))) {
                seen.add(type);
                const shape = nested.get(kind).get(type) ?? new Map();
                compare(type, shape, types.get(type)?.properties, kind, seen);
            }
        }
    };
    const all = used(name);
    for (const resource of all) {
        const file = join(directory, `${resource[0].toLowerCase()}${resource.slice(1)}.d.ts`);
        const found = shapes(file);
        const known = resources.get(resource);
        compare(
            `${resource} input`,
            found.get(`${resource}Args`),
            known?.inputProperties,
            "input",
            new Set(),
        );
        if (resource === "Provider") continue; // what it gives out is what it was given
        compare(`${resource} output`, found.get(resource), known?.properties, "output", new Set());
    }
    console.log(
        `@pulumi/${name} ${version}: ${count} names of ${all.join(", ") || "nothing"}, ${unknown.length} unknown`,
    );
    return unknown;
}

const unknown = ["docker", "random"].flatMap(check);
for (const name of unknown) console.error(`the provider does not know ${name}`);
process.exitCode = unknown.length > 0 ? 1 : 0;
