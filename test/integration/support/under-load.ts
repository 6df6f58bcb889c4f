import assert from "node:assert/strict";
import { type ClientsReport, startClients } from "../../load/clients";
import { overHttps } from "../../load/doh";
import { overTcp, overTls } from "../../load/tcp";
import { type UdpReport, startUdpLoad } from "../../load/udp";

/** Enough to bound a loss at 0.01 % with 95 % confidence when none is lost; ten times that in the long tests. */
const leastQueries = process.env.RECURSIVE_DNS_LONG ? 300_000 : 30_000;

/** UDP queries a second: as many as two cores bear that run the load, all that answers it, and twice that in an update. */
export const rate = process.env.RECURSIVE_DNS_LONG ? 3000 : 2000;

/** Where the clients ask. */
export interface Target {
    readonly port: number;
    /** @default "127.0.0.1" */
    readonly udp?: string;
    /** @default "::1" */
    readonly tcp?: string;
    /**
     * UDP queries a second.
     * @default {@link rate}
     */
    readonly rate?: number;
    /**
     * The ports of encrypted DNS, asked at the address of {@link tcp}.
     * @default none
     */
    readonly encrypted?: { readonly dot: number; readonly doh: number };
    /**
     * How often clients of connections ask once more: routers may lead a connection elsewhere.
     * @default 0
     */
    readonly retries?: number;
}

/** What came of the queries of one row. */
export interface LoadReport {
    readonly udp: UdpReport;
    readonly tcp: ClientsReport;
    readonly dot?: ClientsReport;
    readonly doh?: ClientsReport;
}

/** What a row may cost. Of what is not named, nothing. */
export interface Tolerance {
    /** UDP queries without an answer in time. */
    readonly lost?: number;
    /** UDP answers that say SERVFAIL or the like. */
    readonly wrong?: number;
    /** Queries by TCP, TLS and HTTP/2, of each, without an answer; connections cut with a query in them included. */
    readonly tcpLost?: number;
    /** How long an answer may take, in seconds. */
    readonly patience?: number;
}

/** Does something while clients ask, and tells what came of their queries. */
export async function load(target: Target, what: () => Promise<unknown>, patience = 2): Promise<LoadReport> {
    const { port, udp: udpAddress = "127.0.0.1", tcp: tcpAddress = "::1", rate: udpRate = rate } = target;
    const udp = await startUdpLoad({
        address: udpAddress,
        port,
        rate: udpRate,
        least: leastQueries,
        patience,
    });
    const { encrypted, retries = 0 } = target;
    const clients = { clients: 20, pause: 0.1, patience, retries };
    const tcp = startClients(overTcp(tcpAddress, port), clients);
    const dot = encrypted && startClients(overTls(tcpAddress, encrypted.dot), clients);
    const doh = encrypted && startClients(overHttps(tcpAddress, encrypted.doh), clients);
    const failure = await what().then(
        () => undefined,
        (error: Error) => error,
    );
    const queries = udp.stop(); // as long as it takes to have sent enough
    await queries.catch(() => undefined); // whatever came of it, the others end too
    const report = {
        tcp: await tcp.stop(),
        ...(dot && doh ? { dot: await dot.stop(), doh: await doh.stop() } : {}),
    };
    if (failure) throw failure;
    return { udp: await queries, ...report };
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
    const { udp, tcp, dot, doh } = report;
    const connections = [tcp, ...(dot ? [dot] : []), ...(doh ? [doh] : [])];
    assert.ok(
        udp.sent >= leastQueries && connections.every(({ sent }) => sent >= 1000),
        `too little was sent: ${summary(report)}`,
    );
    assert.ok(
        udp.lost <= lost && udp.wrong <= wrong && connections.every((each) => each.lost <= tcpLost),
        summary(report),
    );
    return report;
}

/** A report in a line, for the title of a test. */
export function summary({ udp, tcp, dot, doh }: LoadReport): string {
    const wrong = udp.wrong > 0 ? ` and ${udp.wrong} wrong (${udp.codes})` : "";
    const connections = { TCP: tcp, ...(dot ? { DoT: dot } : {}), ...(doh ? { DoH: doh } : {}) };
    return [
        `UDP: ${udp.lost} lost${wrong} of ${udp.sent}, slowest ${udp.slowestSeconds} s`,
        ...Object.entries(connections).map(([kind, { sent, lost, broken }]) => {
            const cut = broken > 0 ? ` and ${broken} cut` : "";
            return `${kind}: ${lost} lost${cut} of ${sent}`;
        }),
    ].join("; ");
}
