import type { Mark, Row } from "./rows";

const width = 860;
const height = 390;
/** Where the answers are drawn. Above it stand the labels of the marks, in as many rows as they need. */
const area = { left: 70, right: width - 20, top: 122, bottom: height - 52 };
const labelRows = 5;
/** A character of a label, about; a plot cannot measure its text. */
const characterWidth = 6.4;

/** Answers per second over time, as SVG. White behind it, as it is shown on light and on dark pages. */
export function plot({ name, rate, report, marks }: Row): string {
    const { timeline } = report.udp;
    const start = marks.length > 0 ? Math.min(...marks.map(({ at }) => at)) : (timeline[0]?.at ?? 0);
    const seconds = [...timeline, ...marks].map(({ at }) => at - start);
    const [first, last] = [Math.min(0, ...seconds), Math.max(1, ...seconds)];
    const most = Math.max(rate, ...timeline.map(({ answersPerSecond }) => answersPerSecond)) * 1.05;
    const x = (second: number) =>
        round(area.left + ((second - first) / (last - first)) * (area.right - area.left));
    const y = (answers: number) => round(area.bottom - (answers / most) * (area.bottom - area.top));

    const points = timeline.map(({ at, answersPerSecond }) => `${x(at - start)},${y(answersPerSecond)}`);
    const lines = [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
        ` role="img" font-family="sans-serif" font-size="12" fill="#333">`,
        `<title>${escaped(name)}: answers per second</title>`,
        `<rect width="${width}" height="${height}" fill="#fff"/>`,
        text(area.left, 24, name, `font-size="16" font-weight="bold"`),
        ...ticks(first, last).flatMap((second) => [
            line(x(second), area.top, x(second), area.bottom, "#e4e4e4"),
            text(x(second), area.bottom + 18, String(second), `text-anchor="middle"`),
        ]),
        ...ticks(0, most).flatMap((answers) => [
            line(area.left, y(answers), area.right, y(answers), answers === 0 ? "#888" : "#e4e4e4"),
            text(area.left - 8, y(answers) + 4, answers.toLocaleString("en-US"), `text-anchor="end"`),
        ]),
        line(area.left, y(rate), area.right, y(rate), "#999", `stroke-dasharray="2 4"`),
        text(
            area.right,
            y(rate) + 14,
            `asked: ${rate.toLocaleString("en-US")}`,
            `text-anchor="end" fill="#777"`,
        ),
        `<polyline points="${points.join(" ")}" fill="none" stroke="#1565c0" stroke-width="1.4"/>`,
        ...marked(marks, (at) => x(at - start)),
        text((area.left + area.right) / 2, height - 12, "seconds", `text-anchor="middle"`),
        `<g transform="rotate(-90 16 ${(area.top + area.bottom) / 2})">`,
        text(16, (area.top + area.bottom) / 2, "answers per second", `text-anchor="middle"`),
        "</g>",
        "</svg>",
    ];
    return lines.join("\n") + "\n";
}

/** A vertical line for each mark, with its label above: in the first row where no earlier one is in the way. */
function marked(marks: readonly Mark[], x: (at: number) => number): string[] {
    const ends = Array.from({ length: labelRows }, () => -Infinity);
    return [...marks]
        .sort((a, b) => a.at - b.at)
        .flatMap(({ label, at }) => {
            const long = label.length * characterWidth;
            // A label begins at its line, or ends there if it would run out of the plot.
            const fits = x(at) + long < width;
            const from = fits ? x(at) : x(at) - long;
            const free = ends.findIndex((end) => end < from);
            const row = free < 0 ? labelRows - 1 : free;
            ends[row] = from + long + characterWidth;
            const top = area.top - 74 + row * 15;
            return [
                line(x(at), top - 10, x(at), area.bottom, "#c62828", `stroke-dasharray="5 3"`),
                text(
                    x(at) + (fits ? 4 : -4),
                    top,
                    label,
                    `fill="#c62828"${fits ? "" : ` text-anchor="end"`}`,
                ),
            ];
        });
}

/** Round numbers from one to another, at most about ten. */
function ticks(from: number, to: number): number[] {
    const rough = (to - from) / 8;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
    const all = [];
    for (let tick = Math.ceil(from / step); tick * step <= to; tick++)
        all.push(Number((tick * step).toFixed(6)));
    return all;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, more = ""): string {
    return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" ${more}/>`;
}

function text(x: number, y: number, content: string, more = ""): string {
    return `<text x="${x}" y="${y}" ${halo} ${more}>${escaped(content)}</text>`;
}

/** Keeps text readable where a line passes behind it. */
const halo = `stroke="#fff" stroke-width="3" paint-order="stroke"`;
const round = (value: number) => Number(value.toFixed(1));
const escaped = (content: string) =>
    content.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
