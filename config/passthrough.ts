import { z } from "zod";
import { InvalidSettings, shown } from "./resolve";

/** A daemon's own configuration, as its documentation has it. */
export type Passthrough = Readonly<Record<string, unknown>>;

export const passthroughSchema = z
    .record(z.string(), z.unknown(), "must be a group of the daemon's own settings")
    .default({});

/** A setting of ours that a passthrough would change. */
export class Conflict {
    constructor(
        readonly path: readonly string[],
        readonly value: unknown,
    ) {}
}

/**
 * Our configuration with somebody's own laid over it: groups are merged, lists get longer, and nothing of ours changes.
 *
 * @param conflicts where what would change is added to
 */
export function laidOver(
    ours: Passthrough,
    extra: Passthrough,
    conflicts: Conflict[] = [],
    path: readonly string[] = [],
): Passthrough {
    const merged: Record<string, unknown> = { ...ours };
    for (const [key, value] of Object.entries(extra)) {
        const own = ours[key];
        if (own === undefined) merged[key] = value;
        else if (Array.isArray(own) && Array.isArray(value))
            merged[key] = [...(own as unknown[]), ...(value as unknown[])];
        else if (isGroup(own) && isGroup(value))
            merged[key] = laidOver(own, value, conflicts, [...path, key]);
        else conflicts.push(new Conflict([...path, key], value));
    }
    return merged;
}

function isGroup(value: unknown): value is Passthrough {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws InvalidSettings when there are any in the passthrough of these settings */
export function refuseConflicts(settings: "dnsdist" | "resolvers", conflicts: readonly Conflict[]): void {
    if (conflicts.length === 0) return;
    throw new InvalidSettings(
        conflicts.map(
            ({ path, value }) =>
                `${settings}.extra.${path.join(".")}: must not be set, because this project does, but is ${shown(value)}`,
        ),
    );
}
