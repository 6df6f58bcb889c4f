import { readFileSync } from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { filePath, group } from "./fields";

/** A Docker host and how it is reached. */
export interface DockerSettings {
    /** `unix:///path`, `tcp://host:2376` with {@link certificates}, or `ssh://user@host`. */
    readonly host: string;

    /**
     * The directory, on the machine that runs Pulumi, with `ca.pem`, `cert.pem` and `key.pem`, as Docker's own client has
     * it in `DOCKER_CERT_PATH`.
     * @default none, which `tcp://` does not do without: who reaches Docker is root there
     */
    readonly certificates?: string;

    /**
     * Options for `ssh`, such as `["-i", "keys/resolvers"]`.
     * @default []
     */
    readonly sshOptions?: readonly string[];
}

export const dockerSchema = group({
    host: z
        .string("must be a Docker host")
        .regex(
            /^(unix:\/\/\/.+|tcp:\/\/[^/:]+(:\d+)?|tcp:\/\/\[[0-9a-f:]+\](:\d+)?|ssh:\/\/[^/]+)$/i,
            "must be unix:///path, tcp://host:port or ssh://user@host",
        ),
    certificates: filePath.optional(),
    sshOptions: z.array(z.string("must be an option of ssh")).optional(),
}).superRefine(({ host, certificates, sshOptions }, context) => {
    const problem = (key: string, message: string, input: unknown) =>
        context.addIssue({ code: "custom", path: [key], message, input });
    if (host?.startsWith("tcp:")) {
        if (certificates === undefined) problem("certificates", "must be set with tcp://", certificates);
        else if (certificateProblem(certificates))
            problem("certificates", "must be a directory with ca.pem, cert.pem and key.pem", certificates);
    }
    if (sshOptions && !host?.startsWith("ssh:"))
        problem("sshOptions", "must not be set but with ssh://", sshOptions);
});

function certificateProblem(directory: string): boolean {
    try {
        readCertificates(directory);
        return false;
    } catch {
        return true;
    }
}

/** What is in a directory of certificates. */
export function readCertificates(directory: string): { ca: Buffer; cert: Buffer; key: Buffer } {
    const read = (file: string) => readFileSync(path.join(directory, file));
    return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}
