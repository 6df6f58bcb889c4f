/** What a right resolver says: the catalogue that tests hold resolvers to is made of these. */

export type RecordType =
    | "A"
    | "AAAA"
    | "CNAME"
    | "DNAME"
    | "DNSKEY"
    | "DS"
    | "HTTPS"
    | "MX"
    | "NS"
    | "SOA"
    | "SRV"
    | "SVCB"
    | "TXT";

export interface ResourceRecord {
    name: string;
    type: RecordType;
    data: string;
}

export interface Question {
    name: string;
    type: RecordType;
    /** The CD bit: the client wants the data even if it does not validate. */
    checkingDisabled?: true;
}

/** A question and the only right answer to it, whatever the transport. */
export interface Expectation {
    question: Question;
    rcode: "NOERROR" | "NXDOMAIN" | "SERVFAIL";
    /** The AD bit, for a client that asks with AD or DO. */
    authenticated: boolean;
    /** The answer section without signatures, in any order within an RRset. */
    answers: readonly ResourceRecord[];
    /** SERVFAIL is as good: docs/compat.md says why. */
    mayFail?: true;
    /** UDP gives a truncated answer (TC), TCP the whole one. */
    truncatedOverUdp?: true;
}
