import { readFileSync } from "node:fs";

/**
 * @param {string} text
 * @returns {unknown} for the caller to say what it expects, where `JSON.parse` would let anything pass
 */
export function parseJson(text) {
    return JSON.parse(text);
}

/** @param {string} file */
export function readJson(file) {
    return parseJson(readFileSync(file, "utf8"));
}
