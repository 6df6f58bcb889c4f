import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Lets a Docker host be reached by TLS: `client/` in its directory is what `DOCKER_CERT_PATH` is to be. */
export async function tlsKeys(directory: string, address: string): Promise<void> {
    const tls = path.join(directory, "tls");
    const client = path.join(directory, "client");
    await mkdir(tls);
    await mkdir(client);
    const openssl = (...args: string[]) => run("openssl", args, { cwd: tls });
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    await openssl(
        "req",
        "-x509",
        ...newKey,
        "-subj",
        "/CN=authority",
        "-keyout",
        "ca-key.pem",
        "-out",
        "ca.pem",
    );
    const sign = (name: string, extension: string) =>
        openssl(
            ...["req", "-x509", ...newKey, "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-subj", `/CN=${name}`],
            ...["-addext", extension, "-addext", "basicConstraints=critical,CA:FALSE"],
            ...["-keyout", `${name}-key.pem`, "-out", `${name}.pem`],
        );
    await sign("server", `subjectAltName=IP:${address}`);
    await sign("client", "extendedKeyUsage=clientAuth");
    const files = { "ca.pem": "ca.pem", "client.pem": "cert.pem", "client-key.pem": "key.pem" };
    for (const [from, to] of Object.entries(files))
        await writeFile(path.join(client, to), await readFile(path.join(tls, from)), { mode: 0o600 });
}

/** Lets a Docker host be reached by ssh; returns nothing: {@link sshOptions} are what ssh needs. */
export async function sshKeys(directory: string, address: string): Promise<void> {
    const ssh = path.join(directory, "ssh");
    await mkdir(ssh);
    for (const key of ["key", "host_key"])
        await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(ssh, key)]);
    const text = (file: string) => readFile(path.join(ssh, file), "utf8");
    await writeFile(path.join(ssh, "authorized_keys"), await text("key.pub"));
    await writeFile(path.join(ssh, "known_hosts"), `${address} ${await text("host_key.pub")}`);
}

export const sshOptions = (directory: string) => [
    ...["-i", path.join(directory, "ssh", "key"), "-o", "StrictHostKeyChecking=yes"],
    ...["-o", `UserKnownHostsFile=${path.join(directory, "ssh", "known_hosts")}`],
];
