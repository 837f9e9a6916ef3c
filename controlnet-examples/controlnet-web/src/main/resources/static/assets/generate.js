// The page that generates.
import {call, element, shown, word} from './server.js';
import {Options, annotatorChoice} from './options.js';
import {Pad} from './pad.js';

const $ = id => document.getElementById(id);
let info;
let cards = [];
let initPad;
let maskPad;
let job = null;
let events = null;
const updates = [];
// What a request says and this page has no field for: it is sent along as it came.
let kept = {};

// What a slider cannot show, a scale of each step or one beyond its ends, stays until the slider is moved.
class Scale {
  constructor(input) {
    this.input = input;
    this.input.addEventListener('input', () => { this.schedule = null; });
  }

  get value() {
    return this.schedule ?? Number(this.input.value);
  }

  set value(scale) {
    this.input.value = Array.isArray(scale) ? scale[0] : Number.parseFloat(scale);
    this.schedule = Number(this.input.value) === scale ? null : scale;
  }
}

let guidance;

class Control {
  constructor(index, {name, annotator, hint}) {
    this.index = index;
    this.usual = annotator;
    this.pad = new Pad(name);
    this.use = element('input', {type: 'checkbox', checked: index === 0});
    this.annotator = annotatorChoice(info.annotators, annotator, true);
    this.optionFields = element('div', {className: 'fields'});
    this.description = element('p', {className: 'quiet'});
    this.options = new Options(info.annotators, this.optionFields, this.description);
    this.annotator.onchange = () => this.options.show(this.annotator.value);
    this.options.show(this.annotator.value);
    const range = (min, max, step, value) => element('input', {type: 'range', min, max, step, value});
    this.scale = range(0, 2, 0.01, 1);
    this.strength = new Scale(this.scale);
    this.start = range(0, 1, 0.01, 0);
    this.end = range(0, 1, 0.01, 1);
    const choice = words => {
      const select = element('select');
      for (const each of words) select.append(new Option(word(each), each));
      return select;
    };
    this.mode = choice(info.controlModes);
    this.resizeMode = choice(info.resizeModes);
    this.detect = element('input', {type: 'number', min: 64, max: 2048, step: 64, placeholder: 'as the picture'});
    const labelled = (text, input) => {
      const output = element('span', {className: 'value'});
      updates.push(shown(input, output));
      return element('label', {className: 'wide'}, text, output, input);
    };
    const body = element('div', {},
      ...(hint ? [element('p', {className: 'quiet', textContent: hint})] : []),
      this.pad.element,
      element('label', {className: 'block'}, 'Annotator', this.annotator),
      this.description, this.optionFields,
      element('div', {className: 'fields'}, labelled('Control strength', this.scale)),
      element('details', {}, element('summary', {textContent: 'More about this control'}),
        element('div', {className: 'fields'},
          labelled('Begins at', this.start), labelled('Ends at', this.end),
          element('label', {}, 'Mode', this.mode), element('label', {}, 'Other aspect', this.resizeMode),
          element('label', {className: 'wide'}, 'Annotator resolution', this.detect)),
        element('button', {
          type: 'button', textContent: 'One more picture for this control',
          onclick: () => oneMore(index).check(),
        })));
    const show = () => { body.hidden = !this.use.checked; };
    this.use.onchange = show;
    this.show = show;
    show();
    this.element = element('div', {className: 'control'},
      element('label', {className: 'check'}, this.use, ' ' + name), body);
  }

  check() {
    this.use.checked = true;
    this.show();
  }

  request() {
    const image = this.pad.address();
    // A map that came with its settings is still its annotator's unless something was drawn on it.
    const made = this.annotator.value === 'none' && this.made?.image === image ? this.made : {};
    // What was marked on another picture means nothing on this one.
    return {
      ...(this.kept?.image === image ? this.kept.fields : {}),
      model: this.index,
      image,
      annotator: this.annotator.value,
      annotatorOptions: this.options.values(),
      detectResolution: this.detect.value === '' ? null : Number(this.detect.value),
      scale: this.strength.value,
      start: Number(this.start.value),
      end: Number(this.end.value),
      mode: this.mode.value,
      resizeMode: this.resizeMode.value,
      mapAnnotator: made.annotator ?? null,
      mapOptions: made.options ?? null,
    };
  }

  async fill(control) {
    this.check();
    this.annotator.value = control.annotator ?? 'none';
    this.options.show(this.annotator.value, control.annotatorOptions ?? {});
    this.strength.value = control.scale ?? 1;
    this.start.value = control.start ?? 0;
    this.end.value = control.end ?? 1;
    this.mode.value = control.mode ?? 'balanced';
    this.resizeMode.value = control.resizeMode ?? 'stretch';
    this.detect.value = control.detectResolution ?? '';
    if (control.image) await this.pad.show(control.image);
    this.made = control.mapAnnotator
      ? {image: this.pad.address(), annotator: control.mapAnnotator, options: control.mapOptions} : null;
    const fields = without(control, CONTROL_FIELDS);
    this.kept = {image: this.pad.address(), fields};
    return fields;
  }
}

// Adds a card for one more picture of a control: its weights are loaded once, whatever their number.
function oneMore(index) {
  const last = cards.findLastIndex(card => card.index === index);
  const card = new Control(index, info.controls[index]);
  cards[last].element.after(card.element);
  cards.splice(last + 1, 0, card);
  return card;
}

const CONTROL_FIELDS = ['model', 'image', 'annotator', 'annotatorOptions', 'detectResolution', 'scale', 'start',
  'end', 'mode', 'resizeMode', 'mapAnnotator', 'mapOptions'];
const FIELDS = ['version', 'preset', 'prompt', 'addedPrompt', 'negativePrompt', 'promptSyntax', 'clipSkip', 'images',
  'imageResolution', 'width', 'height', 'steps', 'guidance', 'seed', 'eta', 'sampler', 'guessMode', 'init', 'controls'];

function without(object, names) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** Names what is unlike the usual, each with its value. */
function unusual(values, usual, path) {
  return Object.entries(values)
    .filter(([name, value]) => value != null && JSON.stringify(value) !== JSON.stringify(usual?.[name]))
    .map(([name, value]) => {
      const text = JSON.stringify(value);
      return path + name + (text.length > 60 ? '' : ': ' + text);
    });
}

function form() {
  const number = id => Number($(id).value);
  const request = {
    ...kept.fields,
    prompt: $('prompt').value,
    addedPrompt: $('added').value,
    negativePrompt: $('negative').value,
    promptSyntax: $('weighted').checked ? 'weighted' : 'literal',
    clipSkip: number('clip-skip'),
    images: number('images'),
    imageResolution: number('resolution'),
    preset: $('preset').value || null,
    steps: number('steps'),
    guidance: {...kept.guidance, scale: guidance.value},
    // As a text: a number of this language keeps 53 of its 64 bits.
    seed: kept.seeds ?? ($('seed').value === '' ? -1 : $('seed').value),
    eta: number('eta'),
    sampler: $('sampler').value,
    guessMode: $('guess').checked ? kept.guessMode ?? 'original' : 'off',
    init: init(),
    controls: cards.filter(card => card.use.checked && card.pad.filled).map(card => card.request()),
  };
  return request;
}

const preset = () => info.presets.find(each => each.name === $('preset').value);

// What a preset sets may be changed afterwards: what the form says wins.
function choosePreset() {
  const chosen = preset() ?? {...info.defaults, eta: 0};
  $('steps').value = chosen.steps;
  guidance.value = chosen.guidanceScale;
  $('eta').value = chosen.eta;
  $('sampler').value = chosen.sampler;
  updates.forEach(update => update());
  wants();
}

function wants() {
  $('preset-wants').textContent = preset()?.wants ?? '';
}

function init() {
  if (!$('init-use').checked) return null;
  if (!initPad.filled) {
    throw new Error('There is no picture to start from: upload, paste or draw one, or switch it off.');
  }
  const mask = $('mask-use').checked ? maskPad.maskAddress() : null;
  if ($('mask-use').checked && !mask) {
    throw new Error('Nothing is marked: mark what is to be painted, or switch the mask off.');
  }
  const start = {image: initPad.address(), strength: Number($('strength').value)};
  return mask === null ? start : {
    ...start, mask, maskBlur: Number($('mask-blur').value), padding: $('mask-only').checked ? padding : null,
    content: $('mask-content').value,
  };
}

let padding = 32;

function startFrom() {
  maskPad = new Pad('The mask', {mask: true});
  initPad = new Pad('The picture to start from', {
    onChange: () => {
      if (initPad?.filled) {
        $('init-use').checked = true;
        maskPad.over(initPad);
      }
    },
  });
  $('init-picture').append(initPad.element);
  $('mask-picture').append(maskPad.element);
  $('mask-use').onchange = () => {
    $('mask-area').hidden = !$('mask-use').checked;
    if (initPad.filled) maskPad.over(initPad);
  };
  updates.push(shown($('strength'), $('strength-value')));
}

async function fillInit(from) {
  $('init-use').checked = Boolean(from?.image);
  $('mask-use').checked = false;
  $('mask-area').hidden = true;
  $('strength').value = from?.strength ?? 0.75;
  $('mask-blur').value = from?.maskBlur ?? 4;
  $('mask-only').checked = from?.padding != null;
  padding = from?.padding ?? 32;
  $('mask-content').value = from?.content ?? 'original';
  if (from) $('init-section').open = true;
  if (!from?.image) return;
  await initPad.show(from.image);
  if (!from.mask) return;
  $('mask-use').checked = true;
  $('mask-area').hidden = false;
  await maskPad.mark(from.mask);
}

async function fill(request) {
  $('prompt').value = request.prompt ?? '';
  $('added').value = request.addedPrompt ?? '';
  $('negative').value = request.negativePrompt ?? '';
  $('weighted').checked = request.promptSyntax === 'weighted';
  $('clip-skip').value = request.clipSkip ?? 1;
  $('images').value = request.images ?? 1;
  const side = request.imageResolution ?? Math.min(request.width ?? 1e9, request.height ?? 1e9);
  if (side < 1e9) $('resolution').value = side;
  $('steps').value = request.steps ?? info.defaults.steps;
  guidance.value = request.guidance?.scale ?? info.defaults.guidanceScale;
  const seeds = Array.isArray(request.seed) ? request.seed : null;
  $('seed').value = (seeds ? seeds[0] : request.seed) ?? -1;
  kept = {
    fields: without(request, FIELDS), guidance: without(request.guidance ?? {}, ['scale']), seeds,
    guessMode: request.guessMode === 'diffusers' ? request.guessMode : null,
  };
  const more = [
    ...unusual(kept.fields, info.usual, ''), ...unusual(kept.guidance, info.usual.guidance, 'guidance.'),
    ...unusual({seed: seeds, guessMode: kept.guessMode}, {}, ''),
    ...unusual({'guidance.scale': guidance.schedule}, {}, ''),
  ];
  $('eta').value = request.eta ?? 0;
  $('sampler').value = request.sampler ?? info.defaults.sampler;
  $('guess').checked = (request.guessMode ?? 'off') !== 'off';
  $('preset').value = request.preset ?? '';
  wants();
  for (const card of cards) {
    card.use.checked = false;
    card.show();
  }
  for (const [i, control] of (request.controls ?? []).entries()) {
    const index = control.model ?? i;
    if (info.controls[index]) {
      const card = cards.find(each => each.index === index && !each.use.checked) ?? oneMore(index);
      more.push(...unusual(await card.fill(control), {}, `controls[${i}].`));
      more.push(...unusual({scale: card.strength.schedule}, {}, `controls[${i}].`));
    }
  }
  await fillInit(request.init);
  updates.forEach(update => update());
  $('kept').replaceChildren(...more.map(text => element('li', {textContent: 'Kept beside the form: ' + text})));
}

function usual() {
  return fill({
    addedPrompt: info.defaults.addedPrompt, negativePrompt: info.defaults.negativePrompt,
    imageResolution: info.defaults.imageResolution, controls: cards.length ? [{model: 0, annotator: cards[0].usual}] : [],
  });
}

function say(text, bad = false) {
  $('status').textContent = text;
  $('status').classList.toggle('bad', bad);
}

async function submit() {
  const missing = cards.some(card => card.use.checked && !card.pad.filled);
  try {
    if (missing) {
      throw new Error('A control that is in use has no picture: draw, upload or paste one, or switch the control off.');
    }
    $('run').disabled = true;
    say('Sending …');
    const snapshot = await call('api/jobs', form());
    history.replaceState(null, '', '#job=' + snapshot.id);
    follow(snapshot);
  } catch (problem) {
    say(problem.message, true);
  } finally {
    $('run').disabled = false;
  }
  if (matchMedia('(max-width: 52rem)').matches) $('results').scrollIntoView();
}

function follow(snapshot) {
  events?.close();
  job = snapshot.id;
  show(snapshot);
  if (isOver(snapshot)) return;
  const source = new EventSource(`api/jobs/${job}/events`);
  events = source;
  for (const name of ['queued', 'running', 'done', 'failed', 'cancelled']) {
    source.addEventListener(name, event => {
      const news = JSON.parse(event.data);
      show(news);
      if (isOver(news)) source.close();
    });
  }
  source.onerror = async () => {
    try {
      await call(`api/jobs/${snapshot.id}`);
    } catch (problem) {
      if (problem.status === 404) {
        source.close();
        $('working').hidden = true;
        say('The server no longer knows this generation.', true);
      }
    }
  };
}

const isOver = snapshot => !['QUEUED', 'RUNNING'].includes(snapshot.state);

function show(snapshot) {
  const over = isOver(snapshot);
  $('working').hidden = over;
  $('made').hidden = snapshot.state !== 'DONE';
  if (!over) $('gallery').replaceChildren();
  if (snapshot.state === 'QUEUED') {
    say(snapshot.position > 1 ? `Waiting: place ${snapshot.position} in the queue` : 'Waiting: next');
    $('progress').value = 0;
    $('previews').replaceChildren();
  } else if (snapshot.state === 'RUNNING') {
    say(snapshot.step === 0 ? 'Working …' : `Step ${snapshot.step} of ${snapshot.steps}`);
    $('progress').value = snapshot.step / snapshot.steps;
    $('previews').replaceChildren(...snapshot.previews.map((address, i) =>
      element('img', {src: address, alt: `Picture ${i + 1} on its way`, onload: sharpen})));
  } else if (snapshot.state === 'DONE') {
    done(snapshot);
  } else {
    say(snapshot.problem ?? word(snapshot.state.toLowerCase()), snapshot.state === 'FAILED');
    $('previews').replaceChildren();
  }
}

// A preview by a linear map has a pixel for eight; one by an autoencoder has them all.
function sharpen({target}) {
  target.classList.toggle('sharp', target.naturalWidth >= 256);
}

function done(snapshot) {
  say(`Done: ${snapshot.images} picture${snapshot.images === 1 ? '' : 's'} in ${snapshot.seconds.toFixed(1)} s, ${snapshot.width} × ${snapshot.height}`);
  $('previews').replaceChildren();
  const figures = [];
  for (let i = 0; i < snapshot.maps; i++) {
    figures.push(figure(`api/jobs/${snapshot.id}/maps/${i}.png`, 'Control map' + (snapshot.maps > 1 ? ' ' + (i + 1) : ''), `map-${i}.png`));
  }
  for (let i = 0; i < snapshot.images; i++) {
    figures.push(figure(`api/jobs/${snapshot.id}/images/${i}.png`, `Seed ${snapshot.seeds[i]}`, `${snapshot.seeds[i]}-${i}.png`));
  }
  $('gallery').replaceChildren(...figures);
  $('parameters').textContent = snapshot.parameters.join('\n\n');
  link(snapshot);
}

function figure(address, caption, file) {
  const image = element('img', {src: address, alt: caption});
  return element('figure', {}, element('a', {href: address, target: '_blank'}, image),
    element('figcaption', {}, element('span', {textContent: caption}),
      element('a', {href: address, download: file, textContent: 'Save'})));
}

/** The server keeps a generation for a while; afterwards the link still has all but the pictures. */
async function link(snapshot) {
  let request = null;
  try {
    request = await call(`api/jobs/${snapshot.id}/request`);
  } catch {
    $('made').hidden = false;
    return;
  }
  if (!Array.isArray(request.seed)) request.seed = snapshot.seeds[0];
  for (const control of request.controls ?? []) {
    for (const name of ['image', 'mask', 'inpaintMask']) delete control[name];
  }
  delete request.promptEmbeddings;
  if (request.init) request.init = {...request.init, image: undefined, mask: undefined};
  const address = new URL(location.href);
  address.hash = `job=${snapshot.id}&form=${encodeURIComponent(JSON.stringify(request))}`;
  $('again').href = address.href;
}

async function restore() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const id = hash.get('job');
  const kept = hash.get('form');
  if (id && /^[0-9a-f-]{36}$/.test(id)) {
    try {
      const snapshot = await call(`api/jobs/${id}`);
      const request = await call(`api/jobs/${id}/request`);
      if (kept) request.seed = JSON.parse(kept).seed;
      await fill(request);
      follow(snapshot);
      return;
    } catch (problem) {
      if (problem.status !== 404) say(problem.message, true);
    }
  }
  if (kept) {
    try {
      await fill(JSON.parse(kept));
      say('The server no longer has the pictures of this link; its settings are here. A saved picture holds everything: “Settings from a picture”.');
      return;
    } catch {
      say('This link is damaged.', true);
    }
  } else if (id) {
    say('The server no longer knows this generation. A saved picture holds everything: “Settings from a picture”.');
  }
  await usual();
}

async function recipe(file) {
  const reader = new FileReader();
  reader.onload = async () => {
    try {
      const answer = await call('api/recipes', {image: reader.result});
      await fill(answer.form);
      $('recipe-notes').replaceChildren(
        ...answer.models.map(text => element('li', {textContent: 'Made with ' + text})),
        ...answer.unmapped.map(text => element('li', {textContent: 'Not taken: ' + text})),
        ...answer.notes.map(text => element('li', {textContent: text})));
      say('The settings of the picture are in the form.');
    } catch (problem) {
      say(problem.message, true);
    }
  };
  reader.readAsDataURL(file);
}

async function start() {
  info = await call('api/info');
  $('model').textContent = `${info.base} · ${info.family}`;
  if (info.notice) {
    $('notice').textContent = info.notice;
    $('notice').hidden = false;
  }
  for (const each of info.samplers) $('sampler').append(new Option(each.title, each.name));
  for (const each of info.presets) $('preset').append(new Option(each.name, each.name));
  $('preset').onchange = choosePreset;
  for (const name of info.loras) $('lora').append(new Option(name, name));
  $('lora-field').hidden = $('lora-help').hidden = info.loras.length === 0;
  $('lora').onchange = () => {
    if (!$('lora').value) return;
    $('prompt').value = `${$('prompt').value} <lora:${$('lora').value}:1>`.trimStart();
    $('lora').value = '';
  };
  $('images').max = info.limits.maxImages;
  $('steps').max = info.limits.maxSteps;
  const side = info.nativeSize;
  $('resolution').min = Math.max(64, Math.round(side / 128) * 64);
  $('resolution').max = Math.min(info.limits.maxSide, Math.round(side * 1.5 / 64) * 64);
  for (const id of ['resolution', 'steps', 'guidance']) updates.push(shown($(id), $(id + '-value')));
  cards = info.controls.map((control, index) => new Control(index, control));
  $('controls').replaceChildren(...cards.map(card => card.element));
  $('control-section').hidden = cards.length === 0;
  startFrom();
  $('form').addEventListener('submit', event => { event.preventDefault(); submit(); });
  document.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      $('form').requestSubmit();
    }
  });
  // What still runs ends with an event, which may come before this answer: an answer that knows less is not shown.
  $('cancel').onclick = () => call(`api/jobs/${job}`, undefined, 'DELETE').then(
    news => { if (isOver(news)) show(news); },
    problem => say(problem.message, true));
  guidance = new Scale($('guidance'));
  $('dice').onclick = () => { $('seed').value = -1; kept.seeds = null; };
  $('seed').addEventListener('input', () => { kept.seeds = null; });
  $('reset').onclick = usual;
  $('recipe').onchange = () => {
    if ($('recipe').files[0]) recipe($('recipe').files[0]);
    $('recipe').value = '';
  };
  $('copy').onclick = async () => {
    try {
      await navigator.clipboard.writeText($('again').href);
      $('copy').textContent = 'Copied';
    } catch {
      $('copy').textContent = 'Copy it from the link';
    }
    setTimeout(() => { $('copy').textContent = 'Copy link'; }, 2000);
  };
  window.addEventListener('hashchange', restore);
  await restore();
  document.body.dataset.ready = 'true';
}

start().catch(problem => say(problem.message, true));
