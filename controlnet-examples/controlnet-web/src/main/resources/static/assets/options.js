// An annotator's options as fields, made from what the server tells of them.
import {element, word} from './server.js';

export class Options {
  constructor(annotators, place, description) {
    this.annotators = annotators;
    this.place = place;
    this.description = description;
    this.fields = new Map();
  }

  show(name, values = {}) {
    const annotator = this.annotators.find(each => each.name === name);
    this.fields.clear();
    this.place.replaceChildren();
    if (this.description) {
      this.description.textContent = annotator?.description ?? 'The picture is a control map already.';
    }
    for (const option of annotator?.options ?? []) {
      const value = values[option.name] ?? option.defaultValue;
      const flag = option.type === 'boolean';
      const choice = option.type === 'choice';
      const input = choice
        ? element('select', {title: option.description}, ...option.choices.map(each => new Option(each, each)))
        : element('input', {type: flag ? 'checkbox' : 'number', title: option.description});
      if (flag) {
        input.checked = value === 'true';
      } else if (choice) {
        input.value = value;
      } else {
        input.min = option.minimum;
        input.max = option.maximum;
        input.step = option.type === 'integer' ? 1 : 'any';
        input.value = value;
      }
      this.fields.set(option.name, input);
      this.place.append(flag
        ? element('label', {className: 'check', title: option.description}, input, ' ' + word(option.name))
        : element('label', {title: option.description}, word(option.name), input));
    }
  }

  values() {
    const values = {};
    for (const [name, input] of this.fields) {
      values[name] = input.type === 'checkbox' ? String(input.checked) : input.value;
    }
    return values;
  }
}

export function annotatorChoice(annotators, chosen, withNone) {
  const select = element('select');
  if (withNone) select.append(new Option('none: it is a map already', 'none'));
  for (const each of annotators) {
    const option = new Option(word(each.name), each.name);
    option.title = each.description;
    select.append(option);
  }
  select.value = chosen;
  return select;
}
