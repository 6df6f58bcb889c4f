import assert from "node:assert/strict";
import { X509Certificate, createHash } from "node:crypto";
import { type Reference, startReference } from "../../differential/reference";
import { labNetwork } from "../../lab/catalog";
import { docker } from "../../lab/docker";
import { brokenDomains } from "../../lab/internet/broken";
import { captured } from "../support/capture";
import { ask, outcome } from "../support/dns";
import { type ResolverStack, service } from "./resolver-stack";

/** Whom they ask in place of the Internet's servers. */
export function forwardingOf({ change, file }: ResolverStack): void {
    describe("that ask another resolver, by TLS", () => {
        let unbound: Reference;
        let authority = "";
        before(async () => {
            unbound = await startReference("unbound", { TLS_NAME: "dns.example.net" });
            authority = await docker("exec", unbound.container, "cat", "/run/tls.pem");
        });
        after(() => unbound.remove());

        it("know it by its name or its key, and validate what it says", async () => {
            const named = {
                address: unbound.address,
                name: "dns.example.net",
                authority: file("ca.pem", authority),
            };
            await change({ forwards: [{ servers: [named] }] });
            const secured = await captured(labNetwork.name, `src host ${unbound.address}`, async () => {
                const answer = await ask(service, { name: "www.example.com", type: "A" });
                assert.ok(answer.flag_ad);
                assert.equal(await outcome(service, "www.bogus.org"), "SERVFAIL");
            });
            assert.ok(
                secured.some((line) => line.includes(".853 >")),
                secured.join("\n"),
            );
            assert.ok(!secured.some((line) => line.includes(".53 > 198.18.0.1")), secured.join("\n"));
            const key = new X509Certificate(authority).publicKey.export({ type: "spki", format: "der" });
            const pins = [createHash("sha256").update(key).digest("base64")];
            await change({ forwards: [{ servers: [{ address: unbound.address, pins }] }] });
            assert.equal(await outcome(service, "www.example.net"), "NOERROR 192.0.2.81");
        });

        it("do not ask somebody else in its place", async () => {
            const servers = [
                { address: unbound.address, name: "dns.example.org", authority: file("ca.pem", authority) },
            ];
            await change({ forwards: [{ servers }] });
            assert.equal(await outcome(service, "new.wild.example.net"), "SERVFAIL");
        });
    });

    it("ask other authorities for some domains", async () => {
        // Nobody vouches for its keys; who asks its servers without looking at that gets an answer.
        const forwards = [
            {
                domains: ["wrong-ds.com"],
                servers: serversOf("wrong-ds.com"),
                to: "authorities" as const,
                validate: false,
            },
        ];
        await change({ forwards });
        assert.match(await outcome(service, "www.wrong-ds.com"), /^NOERROR/);
        assert.equal(await outcome(service, "www.expired-signatures.com"), "SERVFAIL");
    });
}

const serversOf = (domain: string) =>
    brokenDomains
        .filter(({ zone }) => zone.origin === domain)
        .flatMap(({ zone }) => zone.servers.flatMap(({ addresses }) => addresses))
        .filter((address) => !address.includes(":"));
