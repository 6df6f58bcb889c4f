/** The method of respdiff: where others agree with one another, and the one under test with none of them, it may be wrong. */

import type { DecodedPacket } from "dns-packet";
import { type Server, ask, text } from "../integration/support/dns";
import type { Query } from "./queries";

/** What of an answer is compared, in this order. */
export interface Reply {
    /** Or why there is none. */
    readonly rcode: string;
    readonly flags: string;
    /** The answer section: `name type data`, sorted. */
    readonly answers: readonly string[];
}

export type Field = keyof Reply;

/** Asks one of the servers, and waits as long as a slow domain takes. */
export async function reply(server: Server, { name, type, way, transport }: Query): Promise<Reply> {
    let packet: DecodedPacket & { rcode?: string };
    try {
        packet = await ask({ ...server, transport }, { name, type }, way, 15_000);
        // As every client does.
        if (packet.flag_tc) packet = await ask({ ...server, transport: "tcp" }, { name, type }, way, 15_000);
    } catch (error) {
        return {
            rcode: error instanceof Error && /no answer/.test(error.message) ? "timeout" : String(error),
            flags: "",
            answers: [],
        };
    }
    const answers = (packet.answers ?? []).map(
        (record) => `${record.name.toLowerCase()} ${record.type} ${text(record).toLowerCase()}`,
    );
    return {
        rcode: packet.rcode ?? "",
        flags: [packet.flag_ad && "ad", packet.flag_cd && "cd", packet.flag_aa && "aa"]
            .filter(Boolean)
            .join(" "),
        answers: answers.sort(),
    };
}

/** The first field in which two replies differ. */
export function difference(one: Reply, other: Reply): Field | undefined {
    if (one.rcode !== other.rcode) return "rcode";
    if (one.flags !== other.flags) return "flags";
    return one.answers.join("\n") === other.answers.join("\n") ? undefined : "answers";
}
