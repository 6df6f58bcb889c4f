import { createHash } from "node:crypto";

/** As good as random, and always the same for the same seed and key: a whole number from 0 to below `limit`. */
export function random(limit: number, ...key: readonly (string | number)[]): number {
    const digest = createHash("sha256")
        .update(["lab", ...key].join(" "))
        .digest();
    return digest.readUIntBE(0, 6) % limit;
}

/** One of these, as good as random. */
export const pick = <T>(from: readonly T[], ...key: readonly (string | number)[]): T =>
    from[random(from.length, ...key)]!;
