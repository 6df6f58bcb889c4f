import { setTimeout as sleep } from "node:timers/promises";
import { RECURSION_DESIRED, encode } from "dns-packet";
import { wildcards } from "../lab/internet/showcase";

/** What clients have sent over connections of one kind, and what came of it. */
export interface ClientsReport {
    readonly sent: number;
    /** Without an answer within the clients' patience, or cut off: nothing is asked twice. */
    readonly lost: number;
    /** Connections that ended with a query in flight. */
    readonly broken: number;
    /** Connections that the server ended between queries, as it may. */
    readonly ended: number;
}

/** `again`: the server has said that it has not taken the query in, and never will. */
export type Outcome = "answered" | "late" | "broken" | "again";

/** A connection to a server, on which one query is in flight at a time. */
export interface Connection {
    ask(query: Buffer, patience: number): Promise<Outcome>;
    /** Whether another query may be asked. */
    readonly open: boolean;
    close(): void;
}

export interface ClientsOptions {
    readonly clients: number;
    /** Of each client between its queries, in seconds. */
    readonly pause: number;
    /**
     * How long an answer may take, in seconds.
     * @default 2
     */
    readonly patience?: number;
    /**
     * How many of them keep their connection for as long as the server does; the others make one for every query.
     * @default half of them
     */
    readonly persistent?: number;
    /**
     * How often a query that was cut off or not answered is asked once more, as real clients do.
     * @default 0
     */
    readonly retries?: number;
}

/**
 * Says that an answer is late. What has come while this process was busy otherwise is taken in first: those who wait for it
 * were slow, and not the server.
 */
export const whenLate = (patience: number, late: () => void) =>
    setTimeout(() => setImmediate(late), patience * 1000);

let series = Date.now() % 1_000_000;

/**
 * Honest clients, each with one query in flight. They ask until they are stopped, each time for a name that was never asked
 * before.
 */
export function startClients(
    connect: () => Promise<Connection>,
    { clients, pause, patience = 2, persistent: keeping = clients / 2, retries = 0 }: ClientsOptions,
) {
    const report = { sent: 0, lost: 0, broken: 0, ended: 0 };
    const run = ++series;
    let stopped = false;

    const client = async (persistent: boolean) => {
        let connection: Connection | undefined;
        while (!stopped) {
            const query = question(`t${run}-${++report.sent}.${wildcards.unsigned.suffix}`);
            let outcome: Outcome;
            let left = retries;
            let more: boolean;
            do {
                connection = connection?.open ? connection : await connect();
                outcome = await connection.ask(query, patience);
                if (outcome === "again") report.ended += 1;
                if (outcome === "broken") report.broken += 1;
                if (outcome === "late" || outcome === "broken") connection.close();
                more = outcome === "again" || (outcome !== "answered" && left-- > 0);
            } while (more);
            if (outcome !== "answered") report.lost += 1;
            if (!persistent || outcome !== "answered") connection.close();
            await sleep(pause * 1000);
            if (persistent && outcome === "answered" && !connection.open) report.ended += 1;
        }
        connection?.close();
    };
    const all = Array.from({ length: clients }, (_, index) => client(index < keeping));

    return {
        async stop(): Promise<ClientsReport> {
            stopped = true;
            await Promise.all(all);
            return report;
        },
    };
}

const question = (name: string) =>
    encode({ type: "query", id: 1, flags: RECURSION_DESIRED, questions: [{ name, type: "A" }] });

/** Whether a message is what the clients ask for: NOERROR. */
export const isRight = (message: Buffer) => message.length >= 12 && ((message[3] ?? 15) & 15) === 0;
