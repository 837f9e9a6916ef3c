// A picture that is uploaded, dropped, pasted or drawn.
import {element} from './server.js';

const SIDE = 512;
let active = null;

document.addEventListener('paste', event => {
  const file = [...(event.clipboardData?.files ?? [])].find(each => each.type.startsWith('image/'));
  if (file && active) {
    event.preventDefault();
    active.load(file);
  }
});

export class Pad {
  /** A pad for a mask has a see-through canvas over another picture; what is drawn is white. */
  constructor(label, {onChange = () => {}, mask = false} = {}) {
    this.onChange = onChange;
    this.mask = mask;
    this.filled = false;
    this.source = null;
    this.undoList = [];
    this.pen = {size: mask ? 40 : 8, colour: mask ? '#e0245e' : '#000000', down: false};
    this.cursor = null;
    this.canvas = element('canvas', {
      width: SIDE, height: SIDE, tabIndex: 0, role: 'img',
      'aria-label': `${label}: a canvas. Arrow keys move the pen, space puts it down or up.`,
    });
    this.context = this.canvas.getContext('2d', {willReadFrequently: true});
    this.hint = element('p', {textContent: mask ? 'Mark what is to be painted' : 'Draw here, drop or paste a picture, or upload one'});
    this.frame = element('div', {className: 'pad'}, this.canvas, this.hint);
    this.file = element('input', {type: 'file', accept: 'image/*', className: 'hidden-file'});
    const thick = element('input', {type: 'range', min: 1, max: 128, value: this.pen.size});
    thick.addEventListener('input', () => { this.pen.size = Number(thick.value); });
    this.colour = element('input', {type: 'color', value: '#000000'});
    this.colour.addEventListener('input', () => { this.pen.colour = this.colour.value; });
    const flood = element('button', {type: 'button', textContent: 'Fill'});
    flood.onclick = () => this.flood();
    const undo = element('button', {type: 'button', textContent: 'Undo'});
    undo.onclick = () => this.undo();
    const clear = element('button', {type: 'button', textContent: 'Clear'});
    clear.onclick = () => this.clear();
    this.element = element('div', {},
      this.frame,
      element('div', {className: 'row tools'},
        ...(mask ? [] : [element('label', {className: 'button'}, 'Upload … ', this.file),
          element('label', {className: 'button'}, 'Pen ', this.colour), flood]), undo, clear),
      element('label', {className: 'block'}, 'Pen size', thick));
    this.file.addEventListener('change', () => {
      if (this.file.files[0]) this.load(this.file.files[0]);
      this.file.value = '';
    });
    this.listen();
    this.clear();
  }

  listen() {
    const {canvas, frame} = this;
    this.element.addEventListener('focusin', () => { active = this; });
    this.element.addEventListener('pointerenter', () => { active = this; });
    active ??= this;
    frame.addEventListener('dragover', event => { event.preventDefault(); frame.classList.add('over'); });
    frame.addEventListener('dragleave', () => frame.classList.remove('over'));
    frame.addEventListener('drop', event => {
      event.preventDefault();
      frame.classList.remove('over');
      if (event.dataTransfer.files[0]) this.load(event.dataTransfer.files[0]);
    });
    let last = null;
    canvas.addEventListener('pointerdown', event => {
      event.preventDefault();
      canvas.focus({preventScroll: true});
      canvas.setPointerCapture(event.pointerId);
      this.remember();
      last = this.place(event);
      this.line(last, last);
    });
    canvas.addEventListener('pointermove', event => {
      if (!last) return;
      for (const each of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
        const next = this.place(each);
        this.line(last, next);
        last = next;
      }
    });
    const lift = () => {
      if (last) this.changed();
      last = null;
    };
    canvas.addEventListener('pointerup', lift);
    canvas.addEventListener('pointercancel', lift);
    canvas.addEventListener('keydown', event => this.key(event));
  }

  key(event) {
    const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    this.cursor ??= {x: this.canvas.width / 2, y: this.canvas.height / 2};
    if (event.key === ' ') {
      event.preventDefault();
      this.pen.down = !this.pen.down;
      if (this.pen.down) {
        this.remember();
        this.line(this.cursor, this.cursor);
      } else {
        this.changed();
      }
    } else if (moves[event.key]) {
      event.preventDefault();
      const far = event.shiftKey ? 2 : 12;
      const next = {
        x: Math.min(this.canvas.width, Math.max(0, this.cursor.x + far * moves[event.key][0])),
        y: Math.min(this.canvas.height, Math.max(0, this.cursor.y + far * moves[event.key][1])),
      };
      if (this.pen.down) this.line(this.cursor, next);
      this.cursor = next;
    } else if (event.key === 'z' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.undo();
    }
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: (event.clientX - box.left) * this.canvas.width / box.width,
      y: (event.clientY - box.top) * this.canvas.height / box.height,
    };
  }

  line(from, to) {
    const {context} = this;
    context.strokeStyle = this.pen.colour;
    context.lineWidth = this.pen.size * this.canvas.width / SIDE;
    context.lineCap = 'round';
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y);
    context.stroke();
    this.source = null;
    this.filled = true;
    this.hint.hidden = true;
  }

  /** Covers the canvas with the pen's colour. */
  flood() {
    this.remember();
    this.context.fillStyle = this.pen.colour;
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.source = null;
    this.filled = true;
    this.hint.hidden = true;
    this.changed();
  }

  remember() {
    this.undoList.push({
      pixels: this.context.getImageData(0, 0, this.canvas.width, this.canvas.height),
      filled: this.filled, source: this.source,
    });
    if (this.undoList.length > 12) this.undoList.shift();
  }

  undo() {
    const before = this.undoList.pop();
    if (!before) return;
    this.canvas.width = before.pixels.width;
    this.canvas.height = before.pixels.height;
    this.context.putImageData(before.pixels, 0, 0);
    this.filled = before.filled;
    this.source = before.source;
    this.hint.hidden = this.filled;
    this.changed();
  }

  clear() {
    this.canvas.width = SIDE;
    this.canvas.height = SIDE;
    if (!this.mask) {
      this.context.fillStyle = '#fff';
      this.context.fillRect(0, 0, SIDE, SIDE);
    } else if (this.under) {
      this.over(this.under);
    }
    this.undoList = [];
    this.filled = false;
    this.source = null;
    this.hint.hidden = false;
    this.changed();
  }

  async load(file) {
    const reader = new FileReader();
    const address = await new Promise((resolve, reject) => {
      reader.onload = () => resolve(reader.result);
      reader.onerror = reject;
      reader.readAsDataURL(file);
    });
    await this.show(address);
  }

  /** Shows a picture; the server gets its file as it is unless something is drawn on it. */
  async show(address) {
    const image = new Image();
    image.src = address;
    try {
      await image.decode();
    } catch {
      this.hint.hidden = false;
      this.hint.textContent = 'This is no picture that the browser can read.';
      return;
    }
    if (this.filled) this.remember();
    const scale = Math.min(1, 2048 / Math.max(image.naturalWidth, image.naturalHeight));
    this.canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    this.canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    this.context.drawImage(image, 0, 0, this.canvas.width, this.canvas.height);
    // What was made smaller is sent so: photographs are larger than any picture that is made of them.
    this.source = scale === 1 && /^data:image\/(png|jpeg|gif|bmp);/.test(address) ? address : null;
    this.filled = true;
    this.hint.hidden = true;
    this.changed();
  }

  /** Lays a mask's canvas over a picture. */
  over(pad) {
    this.under = pad;
    this.canvas.width = pad.canvas.width;
    this.canvas.height = pad.canvas.height;
    this.frame.style.backgroundImage = `url(${pad.canvas.toDataURL('image/jpeg', 0.8)})`;
    this.frame.style.backgroundSize = '100% 100%';
    this.filled = false;
    this.hint.hidden = false;
  }

  /** Marks what is white in a mask; to be called when the picture under it is there. */
  async mark(address) {
    const image = new Image();
    image.src = address;
    await image.decode();
    const {width, height} = this.canvas;
    const copy = element('canvas', {width, height}).getContext('2d');
    copy.drawImage(image, 0, 0, width, height);
    const pixels = copy.getImageData(0, 0, width, height);
    const [red, green, blue] = [1, 3, 5].map(i => parseInt(this.pen.colour.slice(i, i + 2), 16));
    for (let i = 0; i < pixels.data.length; i += 4) {
      pixels.data.set([red, green, blue, pixels.data[i] >= 128 ? 255 : 0], i);
    }
    this.context.putImageData(pixels, 0, 0);
    this.filled = true;
    this.hint.hidden = true;
  }

  /** What is drawn as white on black; null when nothing is. */
  maskAddress() {
    if (!this.filled) return null;
    const {width, height} = this.canvas;
    const copy = element('canvas', {width, height});
    const context = copy.getContext('2d');
    const pixels = this.context.getImageData(0, 0, width, height);
    for (let i = 0; i < pixels.data.length; i += 4) {
      const level = pixels.data[i + 3] >= 128 ? 255 : 0;
      pixels.data.set([level, level, level, 255], i);
    }
    context.putImageData(pixels, 0, 0);
    return copy.toDataURL('image/png');
  }

  changed() {
    this.onChange();
  }

  /** The picture as a data address; null when there is none. */
  address() {
    return this.filled ? this.source ?? this.canvas.toDataURL('image/png') : null;
  }
}
