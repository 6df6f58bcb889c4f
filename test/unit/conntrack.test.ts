import assert from "node:assert/strict";
import { conntrackWarning } from "../../config/conntrack";
import { resolveSettings } from "../../config/settings";

describe("the budget of tracked connections", () => {
    const settings = resolveSettings({ resolvers: { services: 2, instances: 4 } });

    it("is enough on an ordinary host", () =>
        assert.equal(conntrackWarning(settings, { max: 262_144, udpSeconds: 30 }), undefined));

    it("is told of where it is too small, with what to do", () =>
        assert.equal(
            conntrackWarning(settings, { max: 65_536, udpSeconds: 30 }),
            "this host's kernel remembers 65536 connections for 30 s each, so 8 resolver instances can ask the Internet " +
                "2184 questions a second together, and what is more is dropped: set net.netfilter.nf_conntrack_max to 240000 (sysctl)",
        ));
});
