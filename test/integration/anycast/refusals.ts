import assert from "node:assert/strict";
import { fabric, routerAddresses, routerAsn } from "../../hosts/router";
import { type Changed, type TwoSites, port } from "../../hosts/two-sites";
import { load } from "../support/under-load";

/** What cannot work is said, and costs nobody an answer. */
export function refusalsOfSites(sites: TwoSites): void {
    const { a, b, stack } = sites;
    const [first, second] = routerAddresses;

    const neighbor = (address: string, asn = routerAsn) => ({ address, asn, bfd: true });
    const wrong: Record<string, { readonly changed: Changed; readonly said: RegExp }> = {
        "a router that has another password": {
            changed: { password: "another one" },
            said: /failed: a session with every neighbor[^]*neighbor 198\.18\.2\.2 down/,
        },
        "a router that is of another system": {
            changed: { neighbors: [neighbor(first, routerAsn + 1), neighbor(second)] },
            said: /neighbor 198\.18\.2\.2 down.*Bad peer AS/,
        },
        "a router that is not there": {
            changed: { neighbors: [first, second, `${fabric.subnet}.250`].map((each) => neighbor(each)) },
            said: /neighbor 198\.18\.2\.250 down/,
        },
    };
    for (const [what, { changed, said }] of Object.entries(wrong)) {
        it(`name ${what}, and go on as before`, async () => {
            const { udp } = await load(sites.announced, async () => {
                stack.configure(sites.byBgp(changed));
                const { code, output } = await stack.up();
                assert.notEqual(code, 0, output);
                await sites.led(a, b);
            });
            assert.equal(udp.lost, 0);
            const [steer = ""] = await sites.component(a, "address-steer");
            assert.match(await a.docker("exec", steer, "cat", "/run/site/announcement/diagnosis"), said);
            stack.configure(sites.byBgp());
            await stack.must(stack.up());
            await sites.led(a, b);
        });
    }

    const blocked = {
        "by TLS": {
            host: a,
            service: 2376,
            said: /sites\.a: nothing answers at tcp:\/\/198\.18\.2\.11:2376; .*docker\.host/,
        },
        "by ssh": { host: b, service: 22, said: /ssh:\/\/root@198\.18\.2\.12/ },
    };
    for (const [way, { host, service, said }] of Object.entries(blocked)) {
        it(`name a Docker host that is not reached ${way}`, async () => {
            await host.shell(
                `nft 'table inet cut { chain in { type filter hook input priority -400; tcp dport ${service} reject; }; }'`,
            );
            const { udp } = await load(sites.announced, async () => {
                stack.configure(sites.byBgp({ med: 5 }));
                const { code, output } = await stack.up();
                await host.shell("nft delete table inet cut");
                assert.notEqual(code, 0, output);
                assert.match(output, said);
            });
            assert.equal(udp.lost, 0);
            await stack.must(stack.up());
            stack.configure(sites.byBgp());
            await stack.must(stack.up());
            await sites.led(a, b);
        });
    }

    it("name a port that is in use", async () => {
        const address = "198.51.100.99";
        const listen = `IO::Socket::INET->new(LocalAddr => "${address}", LocalPort => ${port}, Listen => 1)`;
        await b.shell(
            `ip addr add ${address}/32 dev lo; perl -MIO::Socket -e '$s = ${listen} or die; sleep 600' >/dev/null 2>&1 &`,
        );
        const { udp } = await load(sites.announced, async () => {
            stack.configure(sites.byBgp({ more: [address] }));
            const { code, output } = await stack.up();
            assert.notEqual(code, 0, output);
        });
        assert.equal(udp.lost, 0);
        // What `npm run up` prints of it.
        const steering = "docker ps --all --quiet --filter label=recursive-dns.component=dns-b-address-steer";
        const said = await b.shell(`for each in $(${steering}); do docker logs $each 2>&1; done`);
        assert.match(said, /198\.51\.100\.99 port 5391 is in use on this host/);
        await b.shell(`pkill -x perl; ip addr del ${address}/32 dev lo`);
        stack.configure(sites.byBgp());
        await stack.must(stack.up());
        await sites.led(a, b);
    });
}
