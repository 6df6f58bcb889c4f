import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { redisAcl, resolverUser } from "../../../config/redis-conf";
import { labNetwork } from "../../lab/catalog";
import { docker } from "../../lab/docker";

const container = "recursive-dns-external-cache";

/** A Redis that no stack has made, with TLS and users, where the resolvers reach it as they reach the lab's servers. */
export class ExternalCache {
    readonly host = "redis.office.internal";
    readonly port = 6380;
    readonly user = resolverUser;
    readonly password = randomBytes(16).toString("hex");
    private readonly directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-external-"));

    /** @param image one of this project's Redis images */
    static async start(image: string): Promise<ExternalCache> {
        const cache = new ExternalCache();
        cache.certify();
        writeFileSync(
            path.join(cache.directory, "users.acl"),
            redisAcl(createHash("sha256").update(cache.password).digest("hex")),
        );
        const place = ["--network", labNetwork.name, "--network-alias", cache.host];
        const files = ["--volume", `${cache.directory}:/external:ro`, "--entrypoint", "cache-server"];
        await docker(
            ...["run", "--detach", "--name", container, ...place, ...files, image],
            ...["--port", "0", "--tls-port", String(cache.port), "--aclfile", "/external/users.acl"],
            ...["--tls-cert-file", "/external/server.pem", "--tls-key-file", "/external/server.key"],
            ...[
                "--tls-ca-cert-file",
                "/external/ca.pem",
                "--tls-auth-clients",
                "no",
                "--protected-mode",
                "no",
            ],
        );
        return cache;
    }

    /** What a stack has to be told of it, the password apart. */
    get settings() {
        const { host, port, user } = this;
        return { host, port, user, tlsAuthority: readFileSync(path.join(this.directory, "ca.pem"), "utf8") };
    }

    /** Nothing answers at its address meanwhile, not even that nothing is there. */
    async whileUnreachable(what: () => Promise<unknown>): Promise<void> {
        await docker("network", "disconnect", labNetwork.name, container);
        await what();
        await docker("network", "connect", "--alias", this.host, labNetwork.name, container);
    }

    async address(): Promise<string> {
        return docker(
            "inspect",
            "--format",
            `{{(index .NetworkSettings.Networks "${labNetwork.name}").IPAddress}}`,
            container,
        );
    }

    async remove(): Promise<void> {
        await docker("rm", "--force", "--volumes", container);
        rmSync(this.directory, { recursive: true });
    }

    /** A certificate authority of its own, and a certificate for the name of this server alone. */
    private certify(): void {
        const openssl = (...parameters: string[]) =>
            execFileSync("openssl", parameters, { cwd: this.directory, stdio: "pipe" });
        const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        const ca = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority of a test"];
        openssl("req", "-x509", ...key, ...ca, "-days", "2");
        const server = ["-keyout", "server.key", "-out", "server.pem", "-subj", `/CN=${this.host}`];
        const names = ["-addext", `subjectAltName=DNS:${this.host}`];
        openssl(
            "req",
            "-x509",
            ...key,
            ...server,
            ...names,
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-days",
            "2",
        );
        chmodSync(this.directory, 0o755);
        for (const file of ["server.key", "server.pem", "ca.pem"])
            chmodSync(path.join(this.directory, file), 0o644);
    }
}
