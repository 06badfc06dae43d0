// Notes on the trends: written, seen, changed, deleted and brought back; who may; and the lines of
// the limits that a twin has.

import assert from 'node:assert/strict';
import { runCases, until } from './harness.mjs';
import { findings } from './console_checks.mjs';
import { Works, close, lamp, open, openBrowser, shot } from './console_works.mjs';

const works = new Works();
await works.start();
await works.claim();
const browser = await openBrowser();
const filter = 'bluewater/plant1/filtration/filter1';
const point = `${filter}/headloss`;
const address = `/trends?pens=${point}&from=now-1h&to=now`;

const notesOf = async () => (await works.get(`/api/v1/notes?point=${point}`)).items;
const write = (note, name) => works.ask('POST', '/api/v1/notes', note, name);
const ago = (minutes) => new Date(Date.now() - minutes * 60e3).toISOString();
const flag = (page, text) => page.getByRole('button', { name: new RegExp(`^Note: ${text}`) });

const cases = {
  async a_note_is_written_changed_deleted_and_brought_back() {
    const page = await open(works, browser, `${address}&tab=notes`, { as: 'otto' });
    await lamp(page, 'up');
    await page.getByTestId('chart').waitFor();
    await page.getByText('No notes in this window').waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'Add a note' });
    await dialog.waitFor();
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await dialog.getByText('Write what there is to note.').waitFor();
    await dialog.getByLabel('Note', { exact: true }).fill('Filter 1 washed by hand');
    await dialog.getByLabel('Tags').fill('wash');
    await page.keyboard.press('Enter');
    assert.deepEqual(await findings(page), []);
    await shot(page, 'trends-note');
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await dialog.waitFor({ state: 'detached' });
    const [kept] = await notesOf();
    assert.deepEqual([kept.text, kept.author, kept.points, kept.tags, kept.to],
      ['Filter 1 washed by hand', 'otto', [point], ['wash'], null]);
    await flag(page, 'Filter 1 washed').waitFor();

    const row = page.getByRole('row').filter({ hasText: 'Filter 1 washed' });
    await row.getByRole('button', { name: /^Change/ }).click();
    const editor = page.getByRole('dialog', { name: 'Change the note' });
    await editor.getByLabel('Note', { exact: true }).fill('Filter 1 washed twice');
    await page.keyboard.press('Control+Enter');
    await editor.waitFor({ state: 'detached' });
    await page.getByRole('row').filter({ hasText: 'washed twice' }).waitFor();
    assert.equal((await notesOf())[0].revision, 2);

    await page.getByRole('button', { name: /^Delete “/ }).click();
    await until(async () => (await notesOf()).length === 0, 'the note gone');
    await flag(page, 'Filter 1').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await flag(page, 'Filter 1 washed twice').waitFor();
    assert.equal((await notesOf())[0].author, 'otto');
    assert.deepEqual(await findings(page), []);
    await close(works, page);
  },

  async notes_of_the_place_and_the_site_show_and_others_do_not() {
    await write({ text: 'storm over all', from: ago(30) });
    await write({ text: 'plant on emergency power', from: ago(20), to: ago(10),
      paths: ['bluewater/plant1'] });
    await write({ text: 'of another place', from: ago(15), paths: ['bluewater/zone1'] });
    await write({ text: 'long ago', from: ago(600) });
    const page = await open(works, browser, `${address}&tab=notes`);
    await lamp(page, 'up');
    await flag(page, 'storm over all').waitFor();
    await flag(page, 'plant on emergency power').waitFor();
    assert.equal(await page.getByText(/of another place|long ago/).count(), 0);
    const wide = await flag(page, 'plant on').boundingBox();
    const narrow = await flag(page, 'storm').boundingBox();
    assert.ok(wide.width > narrow.width + 20, 'a range is as long as it was');
    // What was written is said to who points at it, and to who comes by key.
    await flag(page, 'plant on').focus();
    const tip = page.locator('[class*=tip]').filter({ hasText: 'plant on emergency power' });
    await tip.getByText('anna').waitFor();
    await page.keyboard.press('Escape');
    await tip.waitFor({ state: 'detached' });
    // Somebody else's note comes by itself.
    await write({ text: 'seen without a reload', from: ago(5), points: [point] });
    await flag(page, 'seen without a reload').waitFor();
    await shot(page, 'trends-notes');
    await close(works, page);
  },

  async viewers_read_and_write_nothing() {
    await write({ text: 'to be read', from: ago(2), points: [point] });
    const page = await open(works, browser, `${address}&tab=notes`, { as: 'vera' });
    await lamp(page, 'up');
    await page.getByRole('cell', { name: 'to be read' }).waitFor();
    await page.keyboard.press('n');
    assert.equal(await page.getByRole('dialog').count(), 0);
    assert.equal(await page.getByRole('button', { name: /Add a note|^Change “|^Delete “/ }).count(),
      0);
    await assert.rejects(write({ text: 'a' }, 'vera'), / 403 /);
    await close(works, page);
  },

  async others_notes_are_left_alone() {
    await write({ text: 'of the administrator', from: ago(1), points: [point] });
    const page = await open(works, browser, `${address}&tab=notes`, { as: 'otto' });
    const row = page.getByRole('row').filter({ hasText: 'of the administrator' });
    await row.waitFor();
    assert.equal(await row.getByRole('button', { name: /^Change|^Delete/ }).count(), 0);
    await close(works, page);
  },

  async the_limits_of_the_twin_can_be_switched_off() {
    const twin = await works.get(`/api/v1/twins/${encodeURIComponent(filter)}`);
    const limit = twin.properties.headlossLimit.value;
    assert.ok(limit > 0);
    const page = await open(works, browser, address);
    await lamp(page, 'up');
    await page.getByRole('button', { name: `Settings of ${point}` }).click();
    const box = page.getByRole('checkbox', { name: 'Limits of the twin' });
    await page.getByText(`${limit} m · Head loss at which it is washed`).waitFor();
    assert.ok(await box.isChecked());
    await box.click();
    await page.waitForURL(/headloss!nomodel/);
    await until(async () => !await box.isChecked(), 'the box without its mark');
    await close(works, page);
  },
};

const only = process.env.HEADWORKS_CASES?.split(',');
await runCases(only ? Object.fromEntries(only.map((name) => [name, cases[name]])) : cases);
await browser.close();
await works.close();
