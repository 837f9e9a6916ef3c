// Talks to the server; what goes wrong becomes an Error with the server's sentence.

export async function call(path, body, method) {
  let response;
  try {
    response = await fetch(path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: body === undefined ? {} : {'Content-Type': 'application/json'},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error('The server cannot be reached.');
  }
  if (response.status === 401 && path !== 'api/session') {
    await askForKey();
    return call(path, body, method);
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    // an error page of something in between
  }
  if (!response.ok) {
    const problem = new Error(answer?.detail ?? `The server answers ${response.status}.`);
    problem.status = response.status;
    throw problem;
  }
  return answer;
}

let asking = null;

function askForKey() {
  asking ??= new Promise(resolve => {
    const dialog = document.getElementById('key-dialog');
    const problem = document.getElementById('key-problem');
    document.getElementById('key-form').onsubmit = async event => {
      event.preventDefault();
      try {
        await call('api/session', {key: document.getElementById('key').value});
        dialog.close();
        asking = null;
        resolve();
      } catch {
        problem.textContent = 'This is not the key.';
      }
    };
    dialog.oncancel = event => event.preventDefault();
    dialog.showModal();
  });
  return asking;
}

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes('-') || key === 'for' || key === 'role') {
      made.setAttribute(key, value);
    } else {
      made[key] = value;
    }
  }
  made.append(...children);
  return made;
}

export function word(text) {
  const spaced = text.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** Shows a slider's value beside it. */
export function shown(input, output) {
  const update = () => {
    output.textContent = input.value;
  };
  input.addEventListener('input', update);
  update();
  return update;
}
