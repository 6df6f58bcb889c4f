import { execFileSync } from "node:child_process";
import { X509Certificate, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import tls from "node:tls";

/** A certificate in a file, and its key. */
export interface CertificateFiles {
    readonly certificate: string;
    readonly key: string;
}

/** Makes a certificate that signs itself, good for two days. */
export function makeCertificate(directory: string, label: string, name: string): CertificateFiles {
    const files = {
        certificate: path.join(directory, `${label}.pem`),
        key: path.join(directory, `${label}-key.pem`),
    };
    execFileSync(
        "openssl",
        [
            ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
            ...["-days", "2", "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`],
            ...["-keyout", files.key, "-out", files.certificate],
        ],
        { stdio: "pipe" },
    );
    return files;
}

export const digestOf = ({ certificate }: CertificateFiles) =>
    digest(new X509Certificate(readFileSync(certificate)).raw);

/** What a TLS server shows and takes. */
export interface Handshake {
    /** Of its certificate. */
    readonly digest: string;
    readonly version: string | null;
    readonly protocol: string | false | null;
}

/** Makes a TLS connection, without looking whose certificate it is. */
export function handshake(
    address: string,
    port: number,
    options: tls.ConnectionOptions = {},
): Promise<Handshake> {
    return new Promise((resolve, reject) => {
        const socket = tls.connect({ host: address, port, rejectUnauthorized: false, ...options }, () => {
            resolve({
                digest: digest(socket.getPeerCertificate().raw),
                version: socket.getProtocol(),
                protocol: socket.alpnProtocol,
            });
            socket.destroy();
        });
        socket.once("error", reject);
    });
}

const digest = (raw: Buffer) => createHash("sha256").update(raw).digest("hex");
