import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import puppeteer, { type Browser } from "puppeteer-core";
import { labResolvers } from "../lab/catalog";
import { newNames } from "../lab/internet/showcase";
import { startLab } from "../lab/lab";
import { askOnce } from "../load/once";
import { running } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { TestStack } from "./support/stack";

const port = 5388;

describe("dnsdist's web server", () => {
    const stack = new TestStack("test-dashboard");
    const settings = {
        serviceAddress: { addresses: ["127.0.0.1"], port },
        resolvers: { ...labResolvers, services: 2, instances: 1, cacheMiB: 32 },
    };
    let browser: Browser;
    let web: { dashboard: string; webPassword: string; apiKey: string };

    before(async () => {
        await startLab();
        await stack.create(settings);
        await stack.must(stack.up());
        web = await stack.outputs();
        browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
    });
    after(async () => {
        await browser.close();
        await stack.destroy();
    });
    tellOnFailure(stack.name);

    const get = (page: string, headers: Record<string, string> = {}) =>
        fetch(new URL(page, web.dashboard), { headers });

    it("says nothing to those who have neither password nor key", async () => {
        for (const page of ["/", "/metrics", "/jsonstat?command=stats", "/api/v1/servers/localhost"]) {
            const headers = { "X-API-Key": "guessed", Authorization: `Basic ${btoa("admin:guessed")}` };
            for (const each of [{}, headers]) {
                const { status } = await get(page, each);
                assert.equal(status, page === "/" ? status : 401, page);
            }
        }
    });

    it("tells Prometheus what the resolvers do", async () => {
        const metrics = await (await get("/metrics", { "X-API-Key": web.apiKey })).text();
        assert.equal(metrics.match(/^dnsdist_server_status\{.*\} 1$/gm)?.length, 2);
        assert.match(metrics, /^dnsdist_queries \d+$/m);
        assert.match(metrics, /^dnsdist_stale_answers 0$/m);
    });

    it("shows a dashboard in a browser", async () => {
        const names = Array.from({ length: 10 }, () => newNames("web", 500)).flat();
        const page = await browser.newPage();
        await page.setViewport({ width: 1600, height: 760 });
        await page.authenticate({ username: "anybody", password: web.webPassword });
        const errors: string[] = [];
        page.on("pageerror", (error) => errors.push(String(error)));
        await page.goto(web.dashboard);
        await askOnce("127.0.0.1", names, { port, rate: 1000 });
        await sleep(2000);
        const text = await page.evaluate(() => document.body.innerText);
        for (const resolver of await running(stack.name, /resolver-.-\d$/))
            assert.ok(text.includes(resolver.slice(0, 12)), text);
        assert.deepEqual(errors, []);
        const picture = process.env.RECURSIVE_DNS_SCREENSHOT;
        if (picture) await page.screenshot({ path: picture });
    });

    it("stays where it is when another generation takes over", async () => {
        stack.configure({ ...settings, dnsdist: { threads: 1 } });
        await stack.must(stack.up());
        const { status } = await get("/metrics", { "X-API-Key": web.apiKey });
        assert.equal(status, 200);
    });
});
