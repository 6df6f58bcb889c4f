import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { RecursiveDns } from "./components";
import { inTurn } from "./components/in-turn";
import type { DockerSettings } from "./config/docker-host";
import { loadSecrets, loadSites } from "./config/load";
import { preflightSites } from "./config/preflight";

/** The stack: its sites, one after the other, as the configuration says. What it returns are the stack's outputs. */
export = async () => {
    const sites = loadSites();
    await preflightSites(sites);
    const secrets = loadSecrets();
    const made = inTurn<RecursiveDns>(Object.keys(sites), (name, before) => {
        const { settings, docker: host } = sites[name]!;
        const options = { ...(host ? { provider: provider(name, host) } : {}), dependsOn: [...before] };
        return new RecursiveDns(host ? `dns-${name}` : name, { settings, ...secrets }, options);
    });
    const { dns } = made;
    if (dns && !sites.dns?.docker) return outputs(dns);
    return {
        endpoints: pulumi
            .all(Object.values(made).map(({ endpoints }) => endpoints))
            .apply((all) => [...new Set(all.flat())]),
        sites: Object.fromEntries(Object.entries(made).map(([name, site]) => [name, outputs(site)])),
    };
};

const outputs = ({ endpoints, dashboard, webPassword, apiKey }: RecursiveDns) => ({
    endpoints,
    dashboard,
    webPassword,
    apiKey,
});

const provider = (name: string, { host, certificates, sshOptions }: DockerSettings) =>
    new docker.Provider(name, {
        host,
        ...(certificates === undefined ? {} : { certPath: certificates }),
        ...(sshOptions ? { sshOpts: [...sshOptions] } : {}),
    });
