/** A value as Lua writes it: tables, strings, numbers and booleans. What is undefined is left out. */
export function toLua(value: unknown, indent = ""): string {
    if (typeof value !== "object" || value === null) return scalar(value);
    const inner = `${indent}  `;
    const items = Array.isArray(value)
        ? value.map((item) => toLua(item, inner))
        : Object.entries(value)
              .filter(([, item]) => item !== undefined)
              .map(([key, item]) => `${keyOf(key)} = ${toLua(item, inner)}`);
    if (items.length === 0) return "{}";
    return `{\n${items.map((item) => `${inner}${item},\n`).join("")}${indent}}`;
}

function scalar(value: unknown): string {
    if (typeof value === "string") return quoted(value);
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    throw new TypeError(`Lua has nothing for ${String(value)}`);
}

const keyOf = (key: string) => (/^[A-Za-z_]\w*$/.test(key) ? key : `[${quoted(key)}]`);

/** Lua knows no \u: what JSON would write so is written as bytes. */
const quoted = (text: string) =>
    `"${text.replace(/[^ !#-[\]-~]/gu, (character) =>
        [...Buffer.from(character)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join(""),
    )}"`;
