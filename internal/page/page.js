'use strict';
(() => {
  const trace = JSON.parse(document.getElementById('trace').textContent);
  const steps = trace.Steps, last = steps.length - 1;
  const by = id => document.getElementById(id);
  let at = 0;

  // el makes an element of a tag with classes ("td.a.b") and children.
  function el(tag, ...children) {
    const [name, ...classes] = tag.split('.');
    const e = document.createElement(name);
    if (classes.length) e.className = classes.join(' ');
    e.append(...children.flat().filter(c => c !== null && c !== undefined && c !== ''));
    return e;
  }
  // ticked makes code elements of what stands between backticks.
  function ticked(text) {
    return (text || '').split('`').map((part, i) => i % 2 ? el('code', ...breakable(part)) : part);
  }
  // breakable lets a long name be broken between its words.
  const breakable = name => name.split(/(?<=_)|(?<=[a-z])(?=[A-Z])/).flatMap((part, i) => i ? [el('wbr'), part] : [part]);
  const list = xs => xs || [];

  // A drawing of one step: what it changed is marked.
  function draw(step, before) {
    const s = step.State;
    const changed = new Set(list(step.Changes).map(c => c.Key));
    const mark = (e, key, is = changed.has(key)) => {
      e.dataset.key = key;
      if (is) {
        e.classList.add('changed');
        e.append(el('span.off', ' (changed)'));
      }
      return e;
    };
    const panel = (title, ...content) => el('div.panel', el('h2', title), ...content);
    const was = name => list(before && before.State[name]);

    function pernetList() {
      const ops = list(s.List);
      const split = s.First ? ops.indexOf(s.First) : ops.length;
      const kinds = Object.fromEntries(list(s.Ops).map(o => [o.Name, o.Kind]));
      const box = name => mark(el('div.box.' + (kinds[name] || 'none'), el('b', name), el('small', kinds[name] === 'none' ? 'no kind yet' : kinds[name])),
        'linked.' + name, before && (!was('List').includes(name) || changed.has('kind.' + name)));
      const where = s.First ? (split < 0 ? s.First + ', which is not linked' : s.First) : 'the list head';
      const zone = (title, side, names) => el('div.zone.' + side, el('small', title), el('div.boxes', names.length ? names.map(box) : el('span.soft', 'none')));
      const cut = split < 0 ? ops.length : split;
      const p = panel('pernet_list', el('div.boxes.cut',
        zone('subsystems', 'left', ops.slice(0, cut)),
        mark(el('div.mark', el('small', 'first_device'), el('b', where)), 'firstDevice'),
        zone('devices', 'right', ops.slice(cut))));
      const off = list(s.Ops).filter(o => !ops.includes(o.Name));
      if (off.length) p.append(el('p.soft', 'Not linked: ', off.map((o, i) => [i ? ', ' : '', mark(el('span', o.Name + (o.Kind === 'none' ? '' : ', registered as ' + o.Kind)), 'unlinked.' + o.Name, before && was('List').includes(o.Name))]).flat()));
      return mark(p, 'pernetList', false);
    }

    function netBox(n) {
      const part = (key, text) => mark(el('small', text), key + '.' + n.Name);
      return mark(el('div.box.' + n.Phase, el('b', n.Name), part('phase', n.Phase), part('count', 'count ' + n.Count), part('use', s.Use + ' ' + n.Use)),
        'net.' + n.Name, false);
    }
    function netList() {
      const nets = Object.fromEntries(list(s.Nets).map(n => [n.Name, n]));
      const on = list(s.NetList), off = list(s.Nets).filter(n => !on.includes(n.Name));
      const boxes = on.map((n, i) => [i ? el('span.arrow', '→') : '', netBox(nets[n] || {Name: n, Phase: '?', Count: '?', Use: '?'})]).flat();
      const p = panel('net_namespace_list', mark(el('div.boxes', boxes.length ? boxes : el('span.soft', 'empty')), 'netList'));
      if (off.length) p.append(el('p.soft', 'Not on the list:'), el('div.boxes', off.map(netBox)));
      return p;
    }

    function lock(l) {
      const holders = list(l.Holders), waiting = list(l.Waiting).map(w => w.Mode ? w.Thread + ' (' + w.Mode + ')' : w.Thread);
      return [el('dt', el('code', l.Name)), mark(el('dd', holders.length ? ['held by ', el('b', holders.join(', ')), l.Mode && ' ' + l.Mode] : 'free',
        waiting.length ? el('span.waits', '; ' + waiting.join(', ') + (waiting.length > 1 ? ' wait for it' : ' waits for it')) : ''), l.Variable)];
    }
    const locks = () => panel('Locks', el('dl', ...list(s.Locks).flatMap(lock)));

    function queues() {
      const calls = list(s.Deferred);
      return panel('Still to run', el('dl',
        ...list(s.Lists).flatMap(l => [el('dt', l.Name), mark(el('dd', list(l.Items).length ? l.Items.join(' → ') : 'empty'), l.Variable)]),
        el('dt', 'deferred callbacks'), mark(el('dd', calls.length ? calls.join(', ') : 'none'), 'deferred')));
    }

    function thread(t) {
      const d = el('dl');
      const say = (name, ...value) => d.append(el('dt', name), el('dd', ...value));
      if (t.At !== 'Idle') {
        say('next in C', ...ticked(t.C || 'no row of the table'), ' ', t.Row ? el('span.badge', t.Row) : '');
        say('in the spec', ...ticked(t.Spec));
        if (t.Code) say('in the code', ...ticked(t.Code));
      }
      if (list(t.Locals).length) say('at hand', t.Locals.map(v => v.Name + ' ' + v.Value).join(', '));
      const ran = list(t.Ran), ranKey = 'ran.' + t.Name;
      if (ran.length || changed.has(ranKey)) d.append(el('dt', 'has run'), mark(el('dd', ran.join(', ') || 'nothing'), ranKey));
      if (list(t.Holds).length) say('holds', el('b', ...breakable(t.Holds.join(', '))));
      for (const w of list(t.WaitsFor)) say('waits for', el('span.waits', w));
      const e = el('div.thread' + (t.Name === step.Actor ? '.actor' : ''),
        el('h3', t.Name, ' ', t.Name === step.Actor ? el('span.badge', 'took this step') : ''),
        mark(el('span', t.At === 'Idle' ? 'outside any call' : t.At), 'thread.' + t.Name), d);
      e.dataset.thread = t.Name;
      return e;
    }
    const threads = () => {
      const p = panel('Threads, and the next step of each', el('div.threads', list(step.Threads).map(thread)));
      p.classList.add('wide');
      return p;
    };

    function balance() {
      const nets = list(s.Nets);
      return panel('Inits minus exits', el('table',
        el('thead', el('tr', el('th', ''), nets.map(n => el('th', n.Name)))),
        el('tbody', list(s.Ops).map(o => el('tr', el('th', o.Name), list(o.Balance).map((b, i) => mark(el('td', String(b)), 'balance.' + o.Name + '.' + nets[i].Name)))))));
    }
    function vars() {
      const p = panel(s.Drawn ? 'Other variables' : 'Variables', el('dl', list(s.Vars).map(v => [el('dt', v.Name), mark(el('dd', el('code', v.Value)), 'var.' + v.Name)]).flat()));
      p.classList.add('wide');
      return p;
    }
    return [
      ...(s.Drawn ? [pernetList(), netList()] : []),
      ...(s.Algorithm ? [locks(), queues(), threads(), balance()] : []),
      ...(list(s.Vars).length ? [vars()] : []),
    ];
  }

  // What happened, in words.
  function now(step, isLast) {
    const d = el('dl');
    if (step.Action) d.append(el('dt', 'in the spec'), el('dd', el('code', step.Action), step.Row ? [' ', el('span.badge', step.Row)] : ''));
    if (step.Note) d.append(el('dt', ''), el('dd.soft', step.Note));
    if (step.Code) d.append(el('dt', 'in the code'), el('dd', ...ticked(step.Code)));
    const out = [el('h2', number(at) + '. ', ...ticked(step.Words)), d];
    if (step.Action) {
      const changes = list(step.Changes);
      out.push(changes.length ? el('ul.changes', changes.map(c => el('li', c.Name + ': ' + c.From + ' → ' + c.To))) : el('p.soft', 'It changed nothing that is shown here.'));
    }
    if (isLast && trace.Problem) out.push(el('p.end', '✗ ' + trace.Problem));
    if (isLast && trace.Loops) out.push(el('p.end', '↺ From here it goes back', ...(trace.BackAction ? [', by ', el('code', trace.BackAction), ','] : []), ' to ' + trace.Unit.toLowerCase() + ' ' + number(trace.Back) + ', for ever.'));
    if (isLast && trace.Stutters) out.push(el('p.end', '■ From here on nothing happens any more, for ever.'));
    return out;
  }

  const number = i => i + trace.First;
  const items = [...document.querySelectorAll('#steps > ol > li')];

  function show(i, fromHash) {
    at = Math.max(0, Math.min(last, i));
    by('now').replaceChildren(...now(steps[at], at === last));
    by('state').replaceChildren(...draw(steps[at], steps[at - 1]));
    by('slider').value = at;
    const text = trace.Unit + ' ' + number(at) + ' of ' + number(last);
    by('where').textContent = text;
    by('slider').setAttribute('aria-valuetext', text);
    for (const id of ['first', 'back']) by(id).setAttribute('aria-disabled', at === 0);
    for (const id of ['last', 'forward']) by(id).setAttribute('aria-disabled', at === last);
    items.forEach((li, k) => k === at ? li.setAttribute('aria-current', 'step') : li.removeAttribute('aria-current'));
    const steps_ = by('steps'), li = items[at];
    if (steps_.scrollHeight > steps_.clientHeight + 1) steps_.scrollTop = li.offsetTop - steps_.offsetTop - steps_.clientHeight / 2;
    if (!fromHash) {
      try { history.replaceState(null, '', '#' + number(at)); } catch { /* the page is shown inside another */ }
    }
  }
  function fromHash() {
    const m = /^#(?:step-)?(\d+)$/.exec(location.hash);
    return m ? Number(m[1]) - trace.First : -1;
  }

  let typed = '', typedAt = 0;
  function digit(d) {
    const t = Date.now();
    typed = t - typedAt < 1000 ? typed + d : d;
    typedAt = t;
    if (Number(typed) > number(last)) typed = d;
    show(Number(typed) - trace.First);
  }
  const moves = {ArrowRight: () => at + 1, ArrowLeft: () => at - 1, Home: () => 0, End: () => last};
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    if (moves[e.key]) show(moves[e.key]());
    else if (/^[0-9]$/.test(e.key)) digit(e.key);
    else return;
    e.preventDefault();
  });
  by('first').onclick = () => show(0);
  by('back').onclick = () => show(at - 1);
  by('forward').onclick = () => show(at + 1);
  by('last').onclick = () => show(last);
  by('slider').max = last;
  by('slider').oninput = e => show(Number(e.target.value));
  items.forEach((li, k) => {
    li.querySelector('a.words').onclick = e => {
      e.preventDefault();
      show(k);
      if (matchMedia('(max-width: 64rem)').matches) by('bar').scrollIntoView();
    };
  });
  addEventListener('hashchange', () => { if (fromHash() >= 0) show(fromHash(), true); });

  document.documentElement.classList.add('js');
  for (const id of ['bar', 'now', 'state', 'keys']) by(id).hidden = false;
  const start = fromHash();
  show(start >= 0 ? start : 0, start >= 0);
})();
