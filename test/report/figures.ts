import type { ClientsReport } from "../load/clients";
import type { UdpReport } from "../load/udp";
import type { Row } from "./rows";

/** What is kept of a row: its numbers, without the course of its answers, which is in its plot. */
export interface Figures extends Pick<Row, "group" | "name" | "rate" | "replaced" | "note"> {
    readonly udp: Omit<UdpReport, "codes" | "timeline" | "p99Seconds">;
    readonly tcp: ClientsReport;
    /** How long it took, from the first mark to the last one. */
    readonly seconds: number;
    /** The plot's path, beside the page. */
    readonly plot: string;
    readonly date: string;
    readonly machine: string;
}

export function figures(row: Row, date: string, machine: string): Figures {
    const { group, name, rate, replaced, note, marks, report } = row;
    const { sent, lost, wrong, slowestSeconds } = report.udp;
    const times = marks.map(({ at }) => at);
    return {
        ...{ group, name, rate, replaced, note },
        udp: { sent, lost, wrong, slowestSeconds },
        tcp: report.tcp,
        seconds: times.length > 0 ? Number((Math.max(...times) - Math.min(...times)).toFixed(1)) : 0,
        plot: `reliability/${group}-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.svg`,
        ...{ date, machine },
    };
}

/** The rows with one more; a row of the same name in its group gives way to it and leaves it its place. */
export function merge(rows: readonly Figures[], row: Figures): Figures[] {
    const same = ({ group, name }: Figures) => group === row.group && name === row.name;
    return rows.some(same) ? rows.map((other) => (same(other) ? row : other)) : [...rows, row];
}
