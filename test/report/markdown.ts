import type { Figures } from "./figures";
import type { Group } from "./rows";

const titles: Readonly<Record<Group, string>> = {
    planned: "Planned changes",
    bad: "Changes that fail",
    interrupted: "Changes that are interrupted",
    failure: "Failures",
    compared: "Compared in the same run",
};

const introductions: Partial<Record<Group, string>> = {
    bad: "The update fails, as it should. What ran before keeps answering.",
    compared:
        "The same changes, one after the other on the same machine under the same load, to equivalent services that are " +
        "run by Docker Compose, by restarts in place, and by this program. " +
        "[bench/compare](../bench/compare) says what each of them does.",
};

/** The rows whose plots the page itself shows. */
const shown: readonly RegExp[] = [/^everything/, /resolver setting/, /kill -9 of dnsdist/];

/** The page docs/reliability.md, from the rows in docs/reliability.json. */
export function render(json: string): string {
    const rows = JSON.parse(json) as Figures[];
    const groups = (Object.keys(titles) as Group[]).filter((name) =>
        rows.some(({ group }) => group === name),
    );
    const plots = rows.filter(({ name }) => shown.some((pattern) => pattern.test(name)));
    return `# What changes and failures cost

Written by the long tests, \`npm run test:long\`, row by row: each row holds the numbers of the run on its date, under load
in the [lab Internet](../test/lab), and its plot shows the answers per second meanwhile.

- **Lost** is a query without an answer within 2 s, without a retry by the client. **Wrong** is an answer other than
  NOERROR: every name that is asked exists.
- TCP is asked by 20 clients at the same time. **Cut** are connections that ended with a query in them; such a query
  counts as lost, too.
- At least 30 % of the queries are for names that were never asked before, or the packet cache would hide what happens
  behind it.
- None lost of 300,000 bounds the loss at 0.001 %, with 95 % confidence.
- **Took** is the time from the first mark in the plot to the last one, such as from the start of an update to its end.

${machines(rows)}
${groups.map((group) => section(group, rows)).join("")}
## Some of the plots

${plots.map(({ name, plot }) => `![Answers per second: ${name}](${plot})`).join("\n\n")}
`;
}

function section(name: Group, all: readonly Figures[]): string {
    const rows = all.filter(({ group }) => group === name);
    const notes = rows.filter(({ note }) => note).map(({ name: row, note }) => `- ${row}: ${note}\n`);
    return `
## ${titles[name]}

${introductions[name] ? `${introductions[name]}\n\n` : ""}${table(rows)}
${notes.length > 0 ? `\n${notes.join("")}` : ""}`;
}

const head = [
    ...["Change", "Replaced", "UDP sent", "a second", "UDP lost / wrong", "slowest s"],
    ...["TCP sent", "TCP lost", "cut", "took s", "Run", "Plot"],
];

function table(rows: readonly Figures[]): string {
    const cells = rows.map(({ name, replaced, rate, udp, tcp, seconds, date, plot }) => [
        ...[name, replaced ?? "", number(udp.sent), number(rate)],
        ...[`${number(udp.lost)} / ${number(udp.wrong)}`, udp.slowestSeconds.toFixed(3)],
        ...[number(tcp.sent), number(tcp.lost), number(tcp.broken), seconds.toFixed(1)],
        ...[date, `[plot](${plot})`],
    ]);
    const rules = head.map((title) =>
        ["Change", "Replaced", "Run", "Plot"].includes(title) ? "---" : "---:",
    );
    return [head, rules, ...cells].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function machines(rows: readonly Figures[]): string {
    const all = [...new Set(rows.map(({ machine }) => machine))];
    const dates = (machine: string) => rows.filter((row) => row.machine === machine).map(({ date }) => date);
    const lines = all.map((machine) => `- ${machine} (${[...new Set(dates(machine))].sort().join(", ")})\n`);
    return `Measured on:\n\n${lines.join("")}`;
}

const number = (value: number) => value.toLocaleString("en-US");
