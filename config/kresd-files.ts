import { readFileSync } from "node:fs";
import * as path from "node:path";
import { digestOf } from "./digest";
import type { LocalFile } from "./list-file";
import { InvalidSettings } from "./resolve";
import type { ResolvedResolvers } from "./resolvers";

/** Where the resolvers, and the converter of their configuration, find files of the machine that runs Pulumi. */
const directory = "/etc/knot-resolver";

/**
 * What the resolvers read beside their configuration, by name. A name has a digest of the content in it: where the content
 * changes, so does the configuration that names it.
 */
export type KresdFiles = Readonly<Record<string, LocalFile>>;

/** @throws InvalidSettings naming all files that cannot be read */
export function kresdFiles(settings: ResolvedResolvers): KresdFiles {
    const problems: string[] = [];
    const files = Object.fromEntries(
        sources(settings).flatMap(([setting, source]) => {
            try {
                const content = readFileSync(source);
                const digest = digestOf(content);
                if (content.length === 0) problems.push(`${setting}: ${source}: must not be empty`);
                return [[nameOf(source, digest), { source, digest }] as const];
            } catch (error) {
                problems.push(
                    `${setting}: ${source}: must be a file that can be read, but ${(error as Error).message}`,
                );
                return [];
            }
        }),
    );
    if (problems.length > 0) throw new InvalidSettings(problems);
    return files;
}

/** Where a file will be: for the renderers, which read none. */
export const placesOf = (files: KresdFiles) => (source: string) => {
    const [name] = Object.entries(files).find(([, file]) => file.source === source) ?? [];
    return `${directory}/${name ?? path.basename(source)}`;
};

const nameOf = (source: string, digest: string) =>
    `${path.basename(source, path.extname(source)).replace(/[^\w-]/g, "_")}-${digest}${path.extname(source)}`;

function sources({ localData, forwards, lua }: ResolvedResolvers): (readonly [string, string])[] {
    return [
        ...localData.rpz.map(({ file }, index) => [`resolvers.localData.rpz[${index}].file`, file] as const),
        ...forwards.flatMap(({ servers }, index) =>
            servers.flatMap((server, at) =>
                typeof server === "string" || server.authority === undefined
                    ? []
                    : [[`resolvers.forwards[${index}].servers[${at}].authority`, server.authority] as const],
            ),
        ),
        ...Object.entries(lua.modules).map(
            ([name, source]) => [`resolvers.lua.modules.${name}`, source] as const,
        ),
        ...lua.scripts.map((source, index) => [`resolvers.lua.scripts[${index}]`, source] as const),
    ];
}
