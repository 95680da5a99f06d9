#!/usr/bin/env node
// Makes a coverage report of the links it is given, and saves the report as report.html.
//
//   export COVERAGEREPORT_URL=http://127.0.0.1:8000 COVERAGEREPORT_API_KEY=cr_live_…
//   node docs/examples/create_report.mjs https://news.example/one https://news.example/two
//
// It needs Node 18 or newer, and nothing else.
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const { COVERAGEREPORT_URL: url, COVERAGEREPORT_API_KEY: key } = process.env;
const links = process.argv.slice(2);

class Refused extends Error {}

// One request, sent again after as long as a 429 asks for. Throws the server's sentence on errors.
async function call(path, { method = "GET", json } = {}) {
  const headers = { "X-API-Key": key };
  if (json) headers["Content-Type"] = "application/json";
  for (;;) {
    const body = json && JSON.stringify(json);
    const answer = await fetch(`${url.replace(/\/$/, "")}/api/v1${path}`, { method, headers, body });
    if (answer.status !== 429) {
      if (answer.ok) return answer;
      throw new Refused(`${(await answer.json()).error} (status ${answer.status})`);
    }
    const seconds = Number(answer.headers.get("Retry-After") ?? 60);
    console.log(`The server asks to wait ${seconds} s …`);
    await sleep(seconds * 1000);
  }
}

async function main() {
  const { balance } = await (await call("/credits/balance")).json();
  console.log(`Credits: ${balance}`);

  const json = { urls: links, reportName: "My first report" };
  let report = await (await call("/reports", { method: "POST", json })).json();
  console.log(`Report ${report.id} of ${report.urlCount} links, for ${report.creditsUsed} credits`);

  while (report.status === "processing") {
    report = await (await call(`/reports/${report.id}`)).json();
    console.log(`Status: ${report.status}`);
    if (report.status === "processing") await sleep(2000);
  }

  if (report.status !== "completed") throw new Refused(report.error);
  console.log(`Screenshots: ${report.stats.screenshots} of ${report.stats.totalLinks}`);
  console.log(`To share: ${report.shareUrl}`);
  await writeFile("report.html", await (await call(`/reports/${report.id}/html`)).text());
  console.log("Saved as report.html");
}

if (!url || !key || links.length === 0) {
  console.error("Usage: COVERAGEREPORT_URL=… COVERAGEREPORT_API_KEY=… node create_report.mjs LINK…");
  process.exit(2);
}
try {
  await main();
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
