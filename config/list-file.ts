import { readFileSync } from "node:fs";
import { digestOf } from "./digest";
import { listedDomain, subnet } from "./fields";
import { shown } from "./resolve";

/** A list that was read, and found to hold nothing but what it should. */
export interface ListFile {
    /** Of the content: the same list has the same, wherever it stands. */
    readonly digest: string;
    readonly count: number;

    /** The first entry, one in the middle, and the last: whoever uses the list can see by them that it is all there. */
    readonly samples: readonly string[];
}

/** A file on the machine that runs Pulumi, and a digest of its content. */
export interface LocalFile {
    readonly source: string;
    readonly digest: string;
}

/** What a list can hold. */
export const kinds = {
    names: { schema: listedDomain, normal: (entry: string) => entry.toLowerCase().replace(/\.$/, "") },
    nets: { schema: subnet, normal: (entry: string) => entry },
} as const;

/** The most problems that are told of one file: it may be something else altogether. */
const fewProblems = 3;

/**
 * Reads a list, one entry a line; `#` begins a comment. (`images/service-address/deliver` reads it alike.)
 *
 * @param problems what is wrong with it is added here, each with its line
 */
export function readList(kind: keyof typeof kinds, file: string, problems: string[]): ListFile | undefined {
    let content: Buffer;
    try {
        content = readFileSync(file);
    } catch (error) {
        problems.push(`must be a file that can be read, but ${(error as Error).message}`);
        return undefined;
    }
    return checkList(kind, content, problems);
}

/** The same for a list that is there already. */
export function checkList(
    kind: keyof typeof kinds,
    content: Buffer | string,
    problems: string[],
): ListFile | undefined {
    const { schema, normal } = kinds[kind];
    const bad: string[] = [];
    const entries: string[] = [];
    const lines = content.toString().split("\n");
    for (const [index, line] of lines.entries()) {
        const entry = line.replace(/#.*/, "").trim();
        if (entry === "") continue;
        const { error } = schema.safeParse(entry);
        if (error) bad.push(`line ${index + 1}: ${error.issues[0]?.message}, but is ${shown(entry)}`);
        else entries.push(entry);
        if (bad.length > fewProblems) break;
    }
    if (bad.length === 0 && entries.length === 0) bad.push("must not be empty");
    if (bad.length > 0) {
        problems.push(...bad.slice(0, fewProblems), ...(bad.length > fewProblems ? ["and so on"] : []));
        return undefined;
    }
    const [first = "", middle = "", last = ""] = [0, entries.length >> 1, entries.length - 1].map(
        (index) => entries[index],
    );
    return {
        digest: digestOf(content),
        count: entries.length,
        samples: [...new Set([first, middle, last].map(normal))],
    };
}
