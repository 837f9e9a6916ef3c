// The page that annotates.
import {call, element, shown} from './server.js';
import {Options, annotatorChoice} from './options.js';
import {Pad} from './pad.js';

const $ = id => document.getElementById(id);

function say(text, bad = false) {
  $('status').textContent = text;
  $('status').classList.toggle('bad', bad);
}

function figure(address, caption, file) {
  return element('figure', {}, element('img', {src: address, alt: caption}),
    element('figcaption', {}, element('span', {textContent: caption}),
      element('a', {href: address, download: file, textContent: 'Save'})));
}

async function start() {
  const info = await call('api/info');
  $('model').textContent = `${info.annotators.length} annotators`;
  const pad = new Pad('The picture');
  $('picture').append(pad.element);
  const select = annotatorChoice(info.annotators, info.defaults.annotator, false);
  select.id = 'annotator';
  $('annotator').replaceWith(select);
  const options = new Options(info.annotators, $('options'), $('description'));
  const choose = () => options.show(select.value);
  select.onchange = choose;
  choose();
  $('resolution').value = info.defaults.imageResolution;
  shown($('resolution'), $('resolution-value'));
  $('form').addEventListener('submit', async event => {
    event.preventDefault();
    if (!pad.filled) {
      say('There is no picture yet: draw, upload or paste one.', true);
      return;
    }
    $('run').disabled = true;
    say('Working …');
    try {
      const answer = await call('api/annotations', {
        image: pad.address(), annotator: select.value, options: options.values(),
        resolution: Number($('resolution').value),
      });
      const figures = [figure(answer.map, 'Map, as the control gets it', `${select.value}.png`)];
      if (answer.preview !== answer.map) {
        figures.push(figure(answer.preview, 'To look at', `${select.value}-preview.png`));
      }
      $('gallery').replaceChildren(...figures);
      say(`Done: ${answer.width} × ${answer.height}`);
    } catch (problem) {
      say(problem.message, true);
    } finally {
      $('run').disabled = false;
    }
  });
  document.body.dataset.ready = 'true';
}

start().catch(problem => say(problem.message, true));
