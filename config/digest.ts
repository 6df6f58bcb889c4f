import { createHash } from "node:crypto";

/** A short name for a content: another content has another one. */
export const digestOf = (content: string | Buffer) =>
    createHash("sha256").update(content).digest("hex").slice(0, 16);
