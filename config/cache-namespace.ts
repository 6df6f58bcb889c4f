import { createHash } from "node:crypto";
import { normalAddress } from "./fields";
import type { ResolvedResolvers } from "./resolvers";

/** How every key and channel in Redis begins that is ours. */
export const cacheKeys = "cache:";

/** The format of Knot Resolver's cache entries, which the module in `images/knot-resolver/shared-cache` knows. */
const format = 7;

/**
 * Whose answers a resolver takes over: those of resolvers with the same entries, that trust and ask the same, however
 * their settings spell it. It begins all keys in Redis, and is part of what is signed.
 */
export function cacheNamespace({ trustAnchors = [], rootHints = {} }: ResolvedResolvers): string {
    const anchors = trustAnchors.map((anchor) => anchor.replace(/\s+/g, " ").trim());
    const hints = Object.entries(rootHints).map(([name, addresses]) =>
        [name.toLowerCase().replace(/\.?$/, "."), ...addresses.map(normalAddress).sort()].join(" "),
    );
    const agreed = JSON.stringify([anchors.sort(), hints.sort()]);
    return `${cacheKeys}${format}-${createHash("sha256").update(agreed).digest("hex").slice(0, 16)}`;
}
