import { X509Certificate, createHash, createPrivateKey } from "node:crypto";

/** A certificate with those between it and its authority, and its private key; both in PEM. */
export interface KeyPair {
    readonly certificate: string;
    readonly key: string;
}

/** Why a service of this name cannot use them now; nothing of the key is repeated. */
export function keyPairProblems(
    { certificate, key }: KeyPair,
    name: string,
    now: number = Date.now(),
): string[] {
    const own = parsed(() => new X509Certificate(certificate));
    const secret = parsed(() => createPrivateKey(key));
    return [
        ...(own ? certificateProblems(own, name, now) : ["certificate: must be one in PEM"]),
        ...(secret ? [] : ["key: must be a private key in PEM, without a passphrase"]),
        ...(own && secret && !own.checkPrivateKey(secret)
            ? ["key: must be the certificate's, and is another one"]
            : []),
    ];
}

function certificateProblems(certificate: X509Certificate, name: string, now: number): string[] {
    const host = name.replace(/\.$/, "");
    const time = (text: string) => new Date(text).getTime();
    return [
        ...(certificate.checkHost(host)
            ? []
            : [`certificate: must be for ${host}, and is for ${certificate.subjectAltName ?? "no name"}`]),
        ...(time(certificate.validFrom) > now
            ? [`certificate: must be valid, but is only from ${certificate.validFrom} on`]
            : []),
        ...(time(certificate.validTo) < now
            ? [`certificate: must be valid, but was until ${certificate.validTo}`]
            : []),
    ];
}

function parsed<T>(parse: () => T): T | undefined {
    try {
        return parse();
    } catch {
        return undefined;
    }
}

/** The SHA-256 digest of the certificate itself, as the rollout finds it in what dnsdist serves. */
export const fingerprint = (certificate: string) =>
    createHash("sha256").update(new X509Certificate(certificate).raw).digest("hex");
