import assert from "node:assert/strict";
import { resolveSites } from "../../config/sites";
import { problemsOf } from "./problems";

const host = (name: string) => ({ host: `ssh://root@${name}.example.net` });
const anycast = { asn: 65000, neighbors: [{ address: "192.0.2.1", asn: 64512 }] };

const problems = (configuration: Readonly<Record<string, unknown>>) =>
    problemsOf(() => resolveSites(configuration));

describe("sites", () => {
    it("are one, without a host of its own, unless the configuration names them", () => {
        const { dns, ...others } = resolveSites({ serviceAddress: { port: 53 } });
        assert.deepEqual(others, {});
        assert.equal(dns?.docker, undefined);
        assert.equal(dns?.settings.serviceAddress.port, 53);
    });

    it("have what the stack has, but for what is theirs; a list takes the place of a list", () => {
        const { ams, fra } = resolveSites({
            serviceAddress: { port: 53 },
            dnsdist: { threads: 4, acl: ["10.0.0.0/8"] },
            sites: {
                ams: { docker: host("ams") },
                fra: { docker: host("fra"), dnsdist: { acl: ["10.1.0.0/16"] } },
            },
        });
        assert.deepEqual(ams?.settings.dnsdist.acl, ["10.0.0.0/8"]);
        assert.deepEqual(fra?.settings.dnsdist.acl, ["10.1.0.0/16"]);
        assert.equal(fra?.settings.dnsdist.threads, 4);
        assert.equal(fra?.settings.serviceAddress.port, 53);
    });

    it("are asked at an address of their own, which is not announced, by the others", () => {
        const { ams, fra } = resolveSites({
            serviceAddress: { addresses: ["198.51.100.53"], port: 53 },
            anycast,
            sites: {
                ams: { docker: host("ams"), address: "192.0.2.11", anycast: { asn: 65001 } },
                fra: { docker: host("fra"), address: "192.0.2.12" },
            },
        });
        assert.deepEqual(ams?.settings.serviceAddress.addresses, ["198.51.100.53", "192.0.2.11"]);
        assert.deepEqual(ams?.settings.anycast?.addresses, ["198.51.100.53"]);
        assert.deepEqual(ams?.settings.anycast?.peers, ["192.0.2.12"]);
        assert.deepEqual(fra?.settings.anycast?.peers, ["192.0.2.11"]);
        assert.deepEqual([ams?.settings.anycast?.asn, fra?.settings.anycast?.asn], [65001, 65000]);
    });

    it("that hold an address in turn tell each other, at those that stay", () => {
        const vrrp = { id: 51, interface: "eth0", unicast: true };
        const { ams, fra } = resolveSites({
            serviceAddress: { addresses: ["192.0.2.53"], port: 53 },
            vrrp,
            sites: {
                ams: { docker: host("ams"), address: "192.0.2.11", vrrp: { priority: 150 } },
                fra: { docker: host("fra"), address: "192.0.2.12" },
            },
        });
        assert.deepEqual(ams?.settings.vrrp?.peers, ["192.0.2.12"]);
        assert.deepEqual(fra?.settings.vrrp?.peers, ["192.0.2.11"]);
        assert.deepEqual(fra?.settings.vrrp?.addresses, ["192.0.2.53"]);
        assert.deepEqual([ams?.settings.vrrp?.priority, fra?.settings.vrrp?.priority], [150, 100]);
    });

    it("have their problems told once when all have them, and else by site", () => {
        const sites = {
            ams: { docker: host("ams"), resolvers: { instances: 99 } },
            fra: { docker: host("fra") },
        };
        assert.deepEqual(problems({ sites, dnsdist: { threads: 0 } }), [
            "dnsdist.threads: must be from 1 to 64, but is 0",
            "sites.ams.resolvers.instances: must be from 1 to 16, but is 99",
        ]);
    });

    const bad: [string, unknown, string][] = [
        ["none", {}, "sites: must have a site; leave it out if there is but one, but is {}"],
        [
            "a name that is none",
            { Ams: { docker: host("ams") } },
            'sites.Ams: must be a name of at most 16 lower-case letters, digits and hyphens, but is "Ams"',
        ],
        ["no Docker host", { ams: {} }, "sites.ams.docker: must be a group of settings, but is not there"],
        [
            "Docker without a lock",
            { ams: { docker: { host: "tcp://192.0.2.11:2376" } } },
            "sites.ams.docker.certificates: must be set with tcp://, but is not there",
        ],
        [
            "certificates that are not there",
            { ams: { docker: { host: "tcp://192.0.2.11:2376", certificates: "nowhere" } } },
            'sites.ams.docker.certificates: must be a directory with ca.pem, cert.pem and key.pem, but is "nowhere"',
        ],
        [
            "a host that is none",
            { ams: { docker: { host: "192.0.2.11" } } },
            'sites.ams.docker.host: must be unix:///path, tcp://host:port or ssh://user@host, but is "192.0.2.11"',
        ],
        [
            "one host for two",
            { ams: { docker: host("ams") }, fra: { docker: host("ams") } },
            'sites.fra.docker.host: must not be that of sites.ams as well, but is "ssh://root@ams.example.net"',
        ],
    ];
    for (const [what, sites, message] of bad)
        it(`refuse ${what}`, () => assert.deepEqual(problems({ sites }), [message]));
});
