import assert from "node:assert/strict";
import { type TcpReport, startTcpLoad } from "../../load/tcp";
import { type UdpReport, startUdpLoad } from "../../load/udp";

/** Enough to bound a loss at 0.01 % with 95 % confidence when none is lost; ten times that in the long tests. */
const leastQueries = process.env.RECURSIVE_DNS_LONG ? 300_000 : 30_000;

/** UDP queries a second. */
export const rate = process.env.RECURSIVE_DNS_LONG ? 5000 : 2000;

/** Where the clients ask. */
export interface Target {
    readonly port: number;
    /** @default "127.0.0.1" */
    readonly udp?: string;
    /** @default "::1" */
    readonly tcp?: string;
}

/** What came of the queries of one row. */
export interface LoadReport {
    readonly udp: UdpReport;
    readonly tcp: TcpReport;
}

/** What a row may cost. Of what is not named, nothing. */
export interface Tolerance {
    /** UDP queries without an answer in time. */
    readonly lost?: number;
    /** UDP answers that say SERVFAIL or the like. */
    readonly wrong?: number;
    /** TCP queries without an answer, connections cut with a query in them included. */
    readonly tcpLost?: number;
    /** How long an answer may take, in seconds. */
    readonly patience?: number;
}

/** Does something while clients ask, and tells what came of their queries. */
export async function load(target: Target, what: () => Promise<unknown>, patience = 2): Promise<LoadReport> {
    const { port, udp: udpAddress = "127.0.0.1", tcp: tcpAddress = "::1" } = target;
    const udp = await startUdpLoad({ address: udpAddress, port, rate, least: leastQueries, patience });
    const tcp = startTcpLoad({ address: tcpAddress, port, clients: 20, pause: 0.1, patience });
    const failure = await what().then(
        () => undefined,
        (error: Error) => error,
    );
    const report = { udp: await udp.stop(), tcp: await tcp.stop() }; // as long as it takes to have sent enough
    if (failure) throw failure;
    return report;
}

/**
 * Does something while clients ask, and holds it to costing no query, or no more than is tolerated.
 * What counts as lost: no answer within 2 s without a retry, anything but NOERROR, a connection cut with a query in it.
 */
export async function underLoad(
    target: Target,
    what: () => Promise<unknown>,
    { lost = 0, wrong = 0, tcpLost = 0, patience = 2 }: Tolerance = {},
): Promise<LoadReport> {
    const report = await load(target, what, patience);
    const { udp, tcp } = report;
    assert.ok(
        udp.sent >= leastQueries && tcp.sent >= 1000,
        `too little was sent: ${udp.sent} by UDP, ${tcp.sent} by TCP`,
    );
    assert.ok(udp.lost <= lost && udp.wrong <= wrong && tcp.lost <= tcpLost, summary(report));
    return report;
}

/** A report in a line, for the title of a test. */
export function summary({ udp, tcp }: LoadReport): string {
    const wrong = udp.wrong > 0 ? ` and ${udp.wrong} wrong` : "";
    const broken = tcp.broken > 0 ? ` and ${tcp.broken} cut` : "";
    return (
        `UDP: ${udp.lost} lost${wrong} of ${udp.sent}, slowest ${udp.slowestSeconds} s; ` +
        `TCP: ${tcp.lost} lost${broken} of ${tcp.sent}`
    );
}
