/* A year at a site, through the client that @hey-api/openapi-ts makes: `node journey.js URL`, with CLIENT_ID and CLIENT_SECRET set. */

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { client } from './baseyear/client.gen.js';
import * as api from './baseyear/sdk.gen.js';
import type { ActivityIn, Problem } from './baseyear/types.gen.js';

const PATIENCE_MILLISECONDS = 60_000;

/** The answer that was hoped for; ends with the problem instead of it. */
function good<Answer>(result: { data: Answer | undefined; error: unknown }): Answer {
  if (result.data === undefined) {
    const problem = result.error as Problem;
    throw new Error(`${problem.code}: ${problem.detail}`);
  }
  return result.data;
}

function month(site: string, number: number, kilowattHours: string): ActivityIn {
  return {
    source_system: 'typescript-journey',
    external_id: `meter-${number}`,
    site_external_id: site,
    activity_type: 'electricity.grid',
    period: { start: `2021-0${number}-01`, end: `2021-0${number + 1}-01` },
    quantity: { value: kilowattHours, unit: 'kWh' },
    data_quality: 'measured',
  };
}

async function signIn(url: string, id: string, secret: string): Promise<void> {
  client.setConfig({ baseUrl: url });
  const body = { grant_type: 'client_credentials', client_id: id, client_secret: secret } as const;
  const token = good(await api.issueToken({ body }));
  client.setConfig({ baseUrl: url, auth: token.access_token });
}

async function makeGroup(): Promise<string> {
  const entity = good(await api.createEntity({ body: { external_id: 'typescript-company', name: 'A company', country: 'CN' } }));
  const body = { external_id: 'typescript-site', entity_external_id: entity.external_id, name: 'A site', region: 'CN-GD', timezone: 'Asia/Shanghai' };
  const made = await api.createSite({ body });
  const site = good(made);
  assert.equal(made.response?.headers.get('Location'), `/v1/sites/${site.id}`);
  assert.equal(site.tenure, 'owned');

  const path = { site_id: site.id };
  const tag = (await api.getSite({ path })).response?.headers.get('ETag') ?? '';
  const headers = { 'If-Match': tag };
  assert.equal(good(await api.changeSite({ path, headers, body: { name: 'The site' } })).name, 'The site');
  const late = await api.changeSite({ path, headers, body: { name: 'Another' } });
  assert.equal(late.error?.code, 'precondition_failed');
  return site.external_id;
}

/** A batch in which one record is wrong; each has its own outcome, and the wrong one says where. */
async function pushRecords(site: string): Promise<void> {
  good(await api.recordActivity({ body: month(site, 1, '1000.000') }));
  const items = [month(site, 1, '1000.000'), month(site, 2, '2000.500'), month('no-such-site', 3, '1')];
  const answer = good(await api.recordActivities({ body: { items } }));
  assert.deepEqual(
    answer.items.map((item) => [item.index, item.status, item.outcome]),
    [[0, 200, 'unchanged'], [1, 201, 'created'], [2, 422, 'refused']],
  );
  assert.equal(answer.items[2]?.problem?.errors[0]?.pointer, '/site_external_id');

  const created = answer.items[1];
  assert.ok(created?.id);
  const path = { activity_id: created.id };
  const trace = good(await api.getActivityCalculation({ path }));
  assert.equal(trace.factor.gases[0]?.gas, 'CO2');
  assert.deepEqual(trace.emissions, created.emissions);

  const tag = (await api.getActivity({ path })).response?.headers.get('ETag') ?? '';
  const patched = await api.changeActivity({ path, headers: { 'If-Match': tag }, body: { comment: 'Read twice.' } });
  assert.equal(good(patched).revision, 2);
}

/** The inventory's own totals, and the same in reporting, which hears of them moments later. */
async function compareTotals(): Promise<string> {
  const inventory = good(await api.createInventory({ body: { year: 2021, name: 'typescript', consolidation_approach: 'operational_control' } }));
  const path = { inventory_id: inventory.id };
  const own = good(await api.getInventoryTotals({ path, query: { group_by: ['month', 'site'] } }));
  const ours = own.items.filter((group) => group.site === 'typescript-site');
  assert.deepEqual(ours.map((group) => [group.month, group.records]), [['2021-01', 1], ['2021-02', 1]]);

  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const reported = await api.getEmissions({ query: { inventory_id: inventory.id, group_by: ['month,site'] } });
    if (JSON.stringify(reported.data?.items) === JSON.stringify(own.items)) return inventory.id;
    assert.ok(Date.now() < deadline, JSON.stringify(reported.data ?? reported.error));
    await pause(100);
  }
}

async function downloadReport(inventory: string): Promise<void> {
  let report = good(await api.issueReport({ body: { type: 'iso14064-1', year: 2021, inventory_id: inventory, formats: ['xlsx'] } }));
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  while (report.state !== 'ready') {
    assert.ok(report.state !== 'failed' && Date.now() < deadline, JSON.stringify(report));
    await pause(200);
    report = good(await api.getReport({ path: { report_id: report.id } }));
  }
  const name = report.files[0]?.name ?? '';
  const file = good(await api.getReportFile({ path: { report_id: report.id, name }, parseAs: 'blob' }));
  assert.equal(await file.slice(0, 2).text(), 'PK');
}

await signIn(process.argv[2] ?? '', process.env.CLIENT_ID ?? '', process.env.CLIENT_SECRET ?? '');
await pushRecords(await makeGroup());
await downloadReport(await compareTotals());
console.log('done');
