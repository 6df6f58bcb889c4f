import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { type KeyPair, fingerprint, keyPairProblems } from "../config/certificate";
import { Refusal } from "../config/refusal";
import { InvalidSettings } from "../config/resolve";
import type { ResolvedTls } from "../config/tls";

/** A certificate to deliver. */
export interface Certificate {
    /** In PEM, with those between it and its authority. */
    readonly certificate: pulumi.Output<string>;

    /** Its private key in PEM, a secret. */
    readonly key: pulumi.Output<string>;

    /** By which it is known. */
    readonly fingerprint: pulumi.Output<string>;
}

/** What is given beside the settings. */
export interface GivenCertificate {
    readonly tlsCertificate?: pulumi.Input<string>;
    readonly tlsKey?: pulumi.Input<string>;
}

/**
 * The certificate that is given, or that the settings name; undefined where each dnsdist makes its own.
 * @throws InvalidSettings if a file cannot be read, or there is one without the other
 * @throws Refusal, when the texts are known, if they are no certificate for the name with its key
 */
export function certificateOf(
    tls: ResolvedTls | undefined,
    given: GivenCertificate,
): Certificate | undefined {
    if (!tls) return undefined;
    const problems: string[] = [];
    const certificate = given.tlsCertificate ?? read("certificate", tls.certificate, problems);
    const key = given.tlsKey ?? read("key", tls.key, problems);
    if (problems.length === 0 && (certificate === undefined) !== (key === undefined)) {
        const missing = key === undefined ? "key" : "certificate";
        problems.push(`dnsdist.tls.${missing}: must be there when the other is: a certificate and its key`);
    }
    if (problems.length > 0) throw new InvalidSettings(problems);
    if (certificate === undefined || key === undefined) return undefined;
    const pair = pulumi.all([certificate, pulumi.secret(key)]).apply(([first, second]) => {
        return checked({ certificate: first, key: second }, tls.name);
    });
    // It is what everybody is shown; only the key is a secret.
    const shown = pulumi.unsecret(pair.certificate);
    return { certificate: shown, key: pulumi.secret(pair.key), fingerprint: shown.apply(fingerprint) };
}

function checked(pair: KeyPair, name: string): KeyPair {
    const problems = keyPairProblems(pair, name);
    if (problems.length === 0) return pair;
    throw new Refusal(problems.map((problem) => `dnsdist.tls.${problem}`).join("\n"));
}

function read(what: "certificate" | "key", file: string | undefined, problems: string[]): string | undefined {
    if (file === undefined) return undefined;
    try {
        return readFileSync(file, "utf8");
    } catch (error) {
        problems.push(`dnsdist.tls.${what}: ${file}: ${(error as Error).message}`);
        return undefined;
    }
}
