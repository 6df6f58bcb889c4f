import assert from "node:assert/strict";
import { startTcpLoad } from "../../load/tcp";
import { startUdpLoad } from "../../load/udp";

/** Enough to bound a loss at 0.01 % with 95 % confidence when none is lost; ten times that in the long tests. */
const [leastQueries, rate] = process.env.RECURSIVE_DNS_LONG ? [300_000, 5000] : [30_000, 1500];

/**
 * Does something while clients ask a stack's service addresses, and holds it to costing no query.
 * What counts as lost: no answer within 2 s without a retry, anything but NOERROR, a connection cut with a query in it.
 *
 * @returns what was sent, for the test's title
 */
export async function underLoad(port: number, what: () => Promise<unknown>): Promise<string> {
    const udp = await startUdpLoad("127.0.0.1", port, rate, leastQueries);
    const tcp = startTcpLoad("::1", port, 20, 100);
    const failure = await what().then(
        () => undefined,
        (error: Error) => error,
    );
    const u = await udp.stop(); // takes as long as it must to have sent enough
    const t = await tcp.stop();
    if (failure) throw failure;

    assert.ok(u.sent >= leastQueries && t.sent >= 1000, `too little was sent: ${u.sent}, ${t.sent}`);
    assert.deepEqual({ lost: u.lost, wrong: u.wrong }, { lost: 0, wrong: 0 }, `UDP, of ${u.sent}`);
    assert.deepEqual({ lost: t.lost, broken: t.broken }, { lost: 0, broken: 0 }, `TCP, of ${t.sent}`);
    return `0 lost of ${u.sent} by UDP, ${t.sent} by TCP; slowest ${u.slowestSeconds} s`;
}
