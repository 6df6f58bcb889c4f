import * as pulumi from "@pulumi/pulumi";
import { type ResolvedSite, resolveSites } from "./sites";

/** What is no setting, but a secret: it never gets among what may be shown. */
const secrets = ["cachePassword", "cacheKey", "tlsKey", "anycastPasswords"];

/** The secrets of this stack: `pulumi config set --secret cachePassword`, and the like. (Of `anycastPasswords`: `--path anycastPasswords["10.0.0.1"]`.) */
export function loadSecrets() {
    const config = new pulumi.Config();
    return {
        cachePassword: config.getSecret("cachePassword"),
        cacheKey: config.getSecret("cacheKey"),
        tlsKey: config.getSecret("tlsKey"),
        anycastPasswords: config.getSecretObject<Record<string, string>>("anycastPasswords"),
    };
}

/**
 * The sites of this stack by name, from its configuration (`Pulumi.<stack>.yaml`, `pulumi config set`).
 * @throws InvalidSettings naming every problem, before anything is changed
 */
export function loadSites(): Record<string, ResolvedSite> {
    const prefix = `${pulumi.getProject()}:`;
    const settings = Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix) && !secrets.includes(key.slice(prefix.length)))
            .map(([key, text]) => [key.slice(prefix.length), value(text)]),
    );
    return resolveSites(settings);
}

/** Pulumi hands over structured values as JSON, and strings as they are. */
function value(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
