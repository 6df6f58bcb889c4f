import type { Resource } from "@pulumi/pulumi";

/**
 * Makes resources in turn: each is to depend on the one before it, so that they come, and go, one at a time.
 *
 * That is gentle on a busy host, and Docker 20.10 needs it: it can lock up for good when containers of one network end
 * at the same moment (its `processEndpointDelete` and `getSvcRecords` take the same two locks in opposite order).
 */
export function inTurn<T extends Resource>(
    names: readonly string[],
    make: (name: string, before: readonly T[], index: number) => T,
): Record<string, T> {
    const made: Record<string, T> = {};
    let before: T[] = [];
    for (const [index, name] of names.entries()) {
        made[name] = make(name, before, index);
        before = [made[name]];
    }
    return made;
}
