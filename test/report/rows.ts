import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { machine } from "../../bench/machine";
import { root } from "../integration/support/stack";
import type { LoadReport } from "../integration/support/under-load";
import { type Figures, figures, merge } from "./figures";
import { render } from "./markdown";
import { plot } from "./plot";

/** What kind of event a row is about, or that it sets contenders side by side. */
export type Group = "planned" | "bad" | "interrupted" | "failure" | "compared";

/** A moment that a plot shows. */
export interface Mark {
    readonly label: string;
    /** Seconds since the epoch. */
    readonly at: number;
}

/** Notes the moments of a row: `mark` adds one that is now. */
export function moments(): { marks: readonly Mark[]; mark: (label: string) => void } {
    const marks: Mark[] = [];
    return { marks, mark: (label) => void marks.push({ label, at: Date.now() / 1000 }) };
}

/** What happened to a stack under load, and what came of the queries meanwhile. */
export interface Row {
    readonly group: Group;
    /** Unique within its group. */
    readonly name: string;
    /** UDP queries a second. */
    readonly rate: number;
    readonly report: LoadReport;
    /** When the change began, ended, the old went, in any order. */
    readonly marks: readonly Mark[];
    /** Such as "resolvers, frontend", or "nothing". */
    readonly replaced?: string;
    readonly note?: string;
}

const docs = path.join(root, "docs");

/**
 * Puts a row into docs/reliability.md, with a plot of its own; the rows of other runs stay as they are.
 * Only the long tests send enough queries for the figures to be worth keeping: in others this does nothing.
 */
export function record(row: Row): void {
    if (!process.env.RECURSIVE_DNS_LONG) return;
    const json = path.join(docs, "reliability.json");
    const page = path.join(docs, "reliability.md");
    const before = existsSync(json) ? (JSON.parse(readFileSync(json, "utf8")) as Figures[]) : [];
    const after = figures(row, new Date().toISOString().slice(0, 10), surroundings());
    const text = JSON.stringify(merge(before, after), undefined, 2);

    mkdirSync(path.join(docs, path.dirname(after.plot)), { recursive: true });
    writeFileSync(path.join(docs, after.plot), plot(row));
    writeFileSync(json, text);
    writeFileSync(page, render(text));
    // Prettier's API can only be waited for, which a row's caller should not have to do.
    execFileSync(path.join(root, "node_modules/.bin/prettier"), ["--write", "--log-level=warn", json, page]);
}

/** What the figures were measured on, in a line. */
function surroundings(): string {
    const told = new Map(machine());
    return [told.get("Machine"), told.get("System"), `Docker ${told.get("Docker")}`].join("; ");
}
