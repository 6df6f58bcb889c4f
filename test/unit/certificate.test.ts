import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type KeyPair, fingerprint, keyPairProblems } from "../../config/certificate";
import { digestOf, makeCertificate } from "../integration/support/certificates";

describe("a certificate and its key", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-certificates-"));
    after(() => rmSync(directory, { recursive: true }));
    const made = (label: string, name: string) => {
        const files = makeCertificate(directory, label, name);
        const pair: KeyPair = {
            certificate: readFileSync(files.certificate, "utf8"),
            key: readFileSync(files.key, "utf8"),
        };
        return { files, pair };
    };
    const good = made("good", "dns.example.net");
    const other = made("other", "*.example.net");

    it("are good for the certificate's names", () => {
        assert.deepEqual(keyPairProblems(good.pair, "dns.example.net"), []);
        assert.deepEqual(keyPairProblems(good.pair, "DNS.example.net."), []);
        assert.deepEqual(keyPairProblems(other.pair, "dns.example.net"), []);
    });

    it("are known by the certificate's digest", () =>
        assert.equal(fingerprint(good.pair.certificate), digestOf(good.files)));

    it("are refused with all that is wrong, and nothing of the key is repeated", () => {
        const wrong = { certificate: good.pair.certificate, key: other.pair.key };
        assert.deepEqual(keyPairProblems(wrong, "dns.example.org"), [
            "certificate: must be for dns.example.org, and is for DNS:dns.example.net",
            "key: must be the certificate's, and is another one",
        ]);
        assert.deepEqual(keyPairProblems({ certificate: "no", key: "secret" }, "dns.example.net"), [
            "certificate: must be one in PEM",
            "key: must be a private key in PEM, without a passphrase",
        ]);
    });

    it("are refused before their time, and after it", () => {
        const days = 86_400_000;
        const at = (time: number) => keyPairProblems(good.pair, "dns.example.net", Date.now() + time).join();
        assert.match(at(3 * days), /^certificate: must be valid, but was until /);
        assert.match(at(-days), /^certificate: must be valid, but is only from /);
    });
});
