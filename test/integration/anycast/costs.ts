import type { TwoSites } from "../../hosts/two-sites";
import { moments, record } from "../../report/rows";
import { type Target, type Tolerance, summary, underLoad } from "../support/under-load";

/** Two sites, the router and the load share this machine. */
export const long = Boolean(process.env.RECURSIVE_DNS_LONG);
export const rate = long ? 2000 : 1000;

/** What happens while clients ask. */
export type What = (mark: (label: string) => void) => Promise<unknown>;

export interface Event {
    readonly group: "planned" | "failure";
    readonly name: string;
    readonly target: Target;
    readonly tolerance?: Tolerance;
}

/** What an event costs who asks meanwhile: not more than is tolerated, which is written down. */
export async function costs(test: Mocha.Runnable, { group, name, target, tolerance }: Event, what: What) {
    const { marks, mark } = moments();
    const report = await underLoad(target, () => what(mark), tolerance);
    record({ group, name, rate, report, marks });
    test.title += ` (${summary(report)})`;
}

/** A planned event costs no query. */
export const planned = (sites: TwoSites, test: Mocha.Runnable, name: string, what: What) =>
    costs(test, { group: "planned", name: `anycast: ${name}`, target: sites.announced }, what);

/** A failure costs what is asked of one of two sites within so many seconds. */
export const failure = (sites: TwoSites, test: Mocha.Runnable, name: string, what: What, seconds = 1) =>
    costs(
        test,
        { group: "failure", name: `anycast: ${name}`, target: sites.announced, tolerance: outage(seconds) },
        what,
    );

const outage = (seconds: number): Tolerance => ({
    lost: (seconds * rate) / 2,
    wrong: (seconds * rate) / 2,
    tcpLost: 40 * Math.ceil(seconds),
});
