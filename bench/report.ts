import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { format, resolveConfig } from "prettier";
import { root } from "../test/integration/support/stack";
import { type Measurement, median, verdict } from "./measure";

export interface Report {
    readonly surroundings: readonly (readonly [string, string])[];
    readonly measurements: readonly Measurement[];

    /** Who uses the CPU while nobody asks anything. */
    readonly idle: readonly Measurement[];

    /** What a reader has to know to judge the figures. */
    readonly notes: readonly string[];
}

/** Writes `docs/bench.md`. */
export async function write(report: Report): Promise<string> {
    return writeDocument("docs/bench.md", markdown(report));
}

/** Writes a page of the docs, formatted as the checks want it. */
export async function writeDocument(name: string, text: string): Promise<string> {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
    return name;
}

/** The median, with the least and the most. */
export const shown = (values: readonly number[], unit = ""): string =>
    `${number(median(values))}${unit} (${spread(values)})`;

/** One measurement as a line for people who wait. */
export function line(measurement: Measurement): string {
    const { what, unit, bar, values } = measurement;
    const judged = bar === undefined ? "" : `, bar ${bar}: ${verdict(measurement).replaceAll("*", "")}`;
    return `${what}: ${shown(values, ` ${unit}`)}${judged}`;
}

function markdown({ surroundings, measurements, idle, notes }: Report): string {
    return `# Measurements

Written by \`npm run bench\`, which deploys a stack of its own in the lab Internet, measures it and takes it down again.
It needs about 10 minutes, root, and a machine with nothing else to do. No test asserts a time: these figures are for
people.

${table([["", ""], ...surroundings])}

## Bars

${table([
    ["What", "Bar", "Median", "Min–max", "Values", "Verdict"],
    ...measurements.map((measurement) => {
        const { what, unit, bar, values } = measurement;
        const limit = bar === undefined ? "" : `< ${bar} ${unit}`;
        const typical = `${number(median(values))} ${unit}`;
        return [what, limit, typical, spread(values), String(values.length), verdict(measurement)];
    }),
])}

${[...explanations, ...notes].map((note) => `- ${note}`).join("\n")}

## Who uses the CPU of an idle stack

${table([
    ["What", "Median", "Min–max"],
    ...idle.map(({ what, unit, values }) => [what, `${number(median(values))} ${unit}`, spread(values)]),
])}
`;
}

/** How the figures came about: what a reader would otherwise have to look up in the sources. */
const explanations = [
    "`up` and `preview` are Pulumi's own, as `npm run up` calls them: `up` without a preview before it. What our " +
        "commands check before that, on a machine that has everything, takes well below a second.",
    "The first `up` is a cold one: every round builds all images on a base image with a new layer, so that no " +
        "build cache has any part of them. Packages come over the network, from where the base image's apt finds them.",
    "Memory is anonymous memory of the container's control group. A resolver's cache is a file on a tmpfs, which is " +
        "not in it; dnsdist's packet cache lies on its heap, which is.",
    "Health checks run inside the containers and count there. Docker's own processes are its daemons, the shims and " +
        "what these start; a check ends as a child of its shim and so counts twice in the sum with Docker, which " +
        "is therefore an upper bound.",
];

export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
    return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const spread = (values: readonly number[]) => `${number(Math.min(...values))}–${number(Math.max(...values))}`;
export const number = (value: number) => value.toFixed(Math.abs(value) < 10 ? 2 : 1);
