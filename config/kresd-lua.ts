import { z } from "zod";
import { distinct, filePath, group } from "./fields";

/**
 * Code of your own in every resolver, and modules of Knot Resolver that nothing else here loads.
 * https://www.knot-resolver.cz/documentation/stable/modules.html
 */
export interface LuaSettings {
    /**
     * Modules of Knot Resolver by name, such as `edns_keepalive`.
     * @default none
     */
    readonly load?: readonly string[];

    /**
     * Modules of your own: Lua files on the machine that runs Pulumi, by the name that they are loaded by. They come before
     * {@link scripts}.
     * @default none
     */
    readonly modules?: Readonly<Record<string, string>>;

    /**
     * Lua files on the machine that runs Pulumi, which run when a resolver starts, after everything else.
     * @default none
     */
    readonly scripts?: readonly string[];
}

const moduleName = z
    .string("must be a module's name")
    .regex(/^[a-z][a-z0-9_]*$/, "must be a module's name: lower-case letters, digits and _");

export const luaSchema = group({
    load: distinct(moduleName).default([]),
    modules: z.record(moduleName, filePath).default({}),
    scripts: distinct(filePath).default([]),
}).prefault({});

/** The lines that load all that. `file` says where a file of the machine that runs Pulumi will be. */
export function ownLua(
    { load, modules, scripts }: z.output<typeof luaSchema>,
    file: (source: string) => string,
): string[] {
    const quoted = (text: string) => JSON.stringify(text);
    return [
        ...load.map((name) => `modules.load(${quoted(name)})`),
        ...Object.entries(modules).flatMap(([name, source]) => [
            `package.preload['kres_modules.${name}'] = function() return dofile(${quoted(file(source))}) end`,
            `modules.load(${quoted(name)})`,
        ]),
        ...scripts.map((source) => `dofile(${quoted(file(source))})`),
    ];
}
