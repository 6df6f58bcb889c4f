import assert from "node:assert/strict";
import { running } from "./host";
import type { TestStack } from "./stack";

/** The parts of a site, by the names of their containers. */
export const parts = {
    resolvers: /resolver-.-\d$/,
    frontend: /dnsdist-(frontend|standby)$/,
    address: /address-steer$/,
    redis: /redis-server$/,
};
export type Part = keyof typeof parts;

export const everything = Object.keys(parts) as Part[];

/** The running containers of each part. */
export async function serving(stack: string): Promise<Record<Part, string[]>> {
    const found = everything.map(async (part) => [part, await running(stack, parts[part])] as const);
    return Object.fromEntries(await Promise.all(found)) as Record<Part, string[]>;
}

/** An update by settings that have to be refused, and what is said of them. What served before still does, all of it. */
export async function refusedUpdate(stack: TestStack, settings: object): Promise<string> {
    const before = await serving(stack.name);
    stack.configure(settings);
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assertReplaced(before, await serving(stack.name), []);
    return output;
}

/** Holds a change to having replaced all containers of these parts, and none of the others. */
export function assertReplaced(
    before: Record<Part, string[]>,
    after: Record<Part, string[]>,
    replaced: readonly Part[],
): void {
    for (const part of everything) {
        const kept = before[part].filter((container) => after[part].includes(container));
        const expected = replaced.includes(part) ? 0 : Math.min(before[part].length, after[part].length);
        assert.equal(kept.length, expected, `${part}: containers kept`);
    }
}
