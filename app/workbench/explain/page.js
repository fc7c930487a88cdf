// SPDX-License-Identifier: MIT
// What the page can do beside being read: open what a link leads to, open and close all boxes, and draw the rounds of
// AES and SHA-256 one by one, from the tables that are on the page anyway.
'use strict';
(function () {
  var all = function (selector, from) {
    return Array.prototype.slice.call((from || document).querySelectorAll(selector));
  };

  // --- Boxes ---------------------------------------------------------------------------------------------------------

  function openUpTo(element) {
    for (var e = element; e; e = e.parentElement) {
      if (e.tagName === 'DETAILS') { e.open = true; }
    }
  }

  function follow() {
    var target = document.getElementById(location.hash.slice(1)); // no id has anything that a link would encode
    if (!target) { return; }
    openUpTo(target);
    target.scrollIntoView({ block: target.tagName === 'DETAILS' ? 'center' : 'start' });
    var focus = target.tagName === 'DETAILS' ? target.querySelector('summary') : null;
    if (focus) { focus.focus({ preventScroll: true }); }
  }
  window.addEventListener('hashchange', follow);

  // A link to where one is already leads there again.
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[href^="#"]');
    if (link && link.getAttribute('href') === location.hash) { follow(); }
  });

  // Never those that hold somebody's secret: these are opened by hand.
  function setAll(open) {
    all('details').forEach(function (d) {
      if (!d.classList.contains('hidden-secret')) { d.open = open || d.classList.contains('group'); }
    });
  }
  document.getElementById('open-all').addEventListener('click', function () { setAll(true); });
  document.getElementById('close-all').addEventListener('click', function () { setAll(false); });
  all('.tools').forEach(function (tools) { tools.hidden = false; });

  // On paper everything is open, and afterwards as it was.
  var openBefore = [];
  window.addEventListener('beforeprint', function () {
    openBefore = all('details').map(function (d) { return d.open; });
    setAll(true);
    all('.hidden-secret').forEach(function (d) { d.open = false; });
  });
  window.addEventListener('afterprint', function () {
    all('details').forEach(function (d, i) { d.open = openBefore[i]; });
  });

  // --- Steps ---------------------------------------------------------------------------------------------------------

  function rowsOf(table) {
    return all('tbody tr', table).map(function (row) {
      return Array.prototype.map.call(row.cells, function (cell) { return cell.textContent; });
    });
  }

  // The controls of a stage: draw(i) is called for each step that is gone to, and jumps are the steps of the list.
  function Stage(element, draw) {
    var slider = element.querySelector('input'), list = element.querySelector('.controls select');
    var buttons = all('button[data-go]', element), stage = { at: 0, count: 0 };
    stage.go = function (to) {
      stage.at = Math.max(0, Math.min(stage.count - 1, to));
      slider.value = stage.at;
      buttons.forEach(function (b) {
        var forward = b.dataset.go === 'on' || b.dataset.go === 'last';
        b.setAttribute('aria-disabled', stage.at === (forward ? stage.count - 1 : 0));
      });
      all('option', list).forEach(function (o) { if (Number(o.value) <= stage.at) { list.value = o.value; } });
      slider.setAttribute('aria-valuetext', draw(stage.at));
    };
    stage.set = function (count, jumps) {
      stage.count = count;
      slider.max = count - 1;
      list.replaceChildren.apply(list, jumps.map(function (j) { return new Option(j.name, j.step); }));
      stage.go(Math.min(stage.at, count - 1));
    };
    var where = { first: function () { return 0; }, back: function () { return stage.at - 1; },
                  on: function () { return stage.at + 1; }, last: function () { return stage.count - 1; } };
    buttons.forEach(function (b) { b.addEventListener('click', function () { stage.go(where[b.dataset.go]()); }); });
    slider.addEventListener('input', function () { stage.go(Number(slider.value)); });
    list.addEventListener('change', function () { stage.go(Number(list.value)); });
    element.hidden = false;
    return stage;
  }

  // --- AES -----------------------------------------------------------------------------------------------------------

  // Byte i of a block stands in row i % 4 and column i / 4; a grid is filled row by row.
  var byteAt = function (cell) { return (cell % 4) * 4 + Math.floor(cell / 4); };

  // Which bytes of the state before, byte i of the state after is made of.
  function origins(name, i) {
    var row = i % 4, column = Math.floor(i / 4);
    if (name === 'ShiftRows') { return [((column + row) % 4) * 4 + row]; }
    if (name === 'MixColumns') { return [0, 1, 2, 3].map(function (r) { return column * 4 + r; }); }
    return name === 'plaintext' ? [] : [i];
  }

  function sum(step, i) {
    var from = origins(step.name, i).map(function (b) { return step.before[b]; });
    if (step.name === 'MixColumns') {
      var factor = function (r) { return ['02', '03', '01', '01'][(r - i % 4 + 4) % 4]; };
      return from.map(function (b, r) { return factor(r) + '\u00b7' + b; }).join(' \u2295 ') + ' = ' + step.after[i];
    }
    if (step.name === 'SubBytes') { return 'S-box(' + from[0] + ') = ' + step.after[i]; }
    if (step.with.length > 0) { return from[0] + ' \u2295 ' + step.with[i] + ' = ' + step.after[i]; }
    return from.length > 0 ? from[0] + ' moves here' : step.after[i];
  }

  function aes(element) {
    var bytes = function (text) { return text === '' ? [] : text.split(' '); };
    var rows = rowsOf(document.getElementById('aes-table'));
    var words = {}, grids = {}, step, now = element.querySelector('.now'), origin = element.querySelector('.origin');
    all('#aes-words dt').forEach(function (dt) { words[dt.textContent] = dt.nextElementSibling.textContent; });
    all('[data-grid]', element).forEach(function (g) { grids[g.dataset.grid] = g; });

    function clear() {
      all('.source, .looked', element).forEach(function (c) { c.classList.remove('source', 'looked'); });
      origin.textContent = '';
    }
    function look(cell) {
      clear();
      var i = byteAt(cell), from = origins(step.name, i);
      grids.after.children[cell].classList.add('looked');
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].forEach(function (c) {
        if (step.before.length > 0 && from.indexOf(byteAt(c)) >= 0) {
          grids.before.children[c].classList.add('source');
        }
      });
      if (step.with.length > 0) { grids.with.children[cell].classList.add('source'); }
      origin.textContent = sum(step, i);
    }
    function fill(grid, values, tag, changed) {
      grid.replaceChildren();
      for (var c = 0; c < 16 && values.length > 0; c++) {
        var cell = document.createElement(tag);
        cell.textContent = values[byteAt(c)];
        if (changed && changed.length > 0 && changed[byteAt(c)] !== values[byteAt(c)]) { cell.className = 'changed'; }
        grid.appendChild(cell);
      }
    }
    function watch(cell, c) {
      var show = function () { look(c); };
      cell.type = 'button';
      cell.tabIndex = c === 0 ? 0 : -1;
      cell.setAttribute('aria-label', 'row ' + (c >> 2) + ', column ' + c % 4 + ': ' + cell.textContent);
      ['mouseenter', 'focus', 'click'].forEach(function (e) { cell.addEventListener(e, show); });
      cell.addEventListener('mouseleave', function () { if (document.activeElement !== cell) { clear(); } });
      cell.addEventListener('blur', clear);
      cell.addEventListener('keydown', function (event) {
        var by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -4, ArrowDown: 4 }[event.key];
        if (by === undefined) { return; }
        event.preventDefault();
        var to = grids.after.children[(c + by + 16) % 16];
        cell.tabIndex = -1;
        to.tabIndex = 0;
        to.focus();
      });
    }
    function draw(i) {
      step = { round: rows[i][1], name: rows[i][2], with: bytes(rows[i][3]), after: bytes(rows[i][4]),
               before: i > 0 ? bytes(rows[i - 1][4]) : [] };
      clear();
      fill(grids.before, step.before, 'span');
      fill(grids.with, step.with, 'span');
      fill(grids.after, step.after, 'button', step.before);
      all('button', grids.after).forEach(watch);
      grids.before.parentElement.classList.toggle('absent', step.before.length === 0);
      grids.with.parentElement.classList.toggle('absent', step.with.length === 0);
      var title = 'Step ' + i + ', round ' + step.round + ': ' + step.name + '. ';
      now.textContent = title + words[step.name];
      return title;
    }
    var stage = Stage(element, draw), jumps = [];
    rows.forEach(function (row, i) {
      if (i === 0 || rows[i - 1][1] !== row[1]) { jumps.push({ name: row[1], step: i }); }
    });
    stage.set(rows.length, jumps);
  }

  // --- SHA-256 -------------------------------------------------------------------------------------------------------

  function sha(element) {
    var tables = all('.sha-table'), block = document.getElementById('sha-block'), rows = [];
    var now = element.querySelector('.now'), places = {}, registers = 8, first = 5; // columns before a
    all('[data-word]', element).forEach(function (e) { places[e.dataset.word] = e; });

    function draw(i) {
      var row = rows[i], before = i > 0 ? rows[i - 1] : row, ends = i === 0 || i === rows.length - 1;
      for (var r = 0; r < registers; r++) {
        places['before' + r].textContent = before[first + r];
        places['after' + r].textContent = row[first + r];
        places['after' + r].parentElement.classList.toggle('changed', !ends && (r === 0 || r === 4));
      }
      ['W', 'K', 'T1', 'T2'].forEach(function (name, c) { places[name].textContent = row[1 + c] || '\u2013'; });
      element.querySelector('.edges').toggleAttribute('hidden', ends);
      var title = i === 0 ? 'The state before this block.'
                : ends ? 'The block is done: what came out is added to the state before it.'
                : 'Round t = ' + row[0] + '.';
      now.textContent = title + (ends ? '' : ' Each word moves down by one; a and e are new.');
      return title;
    }
    var stage = Stage(element, draw);
    block.replaceChildren.apply(block, tables.map(function (t, i) { return new Option(t.caption.textContent, i); }));
    function choose() {
      rows = rowsOf(tables[Number(block.value)]);
      stage.set(rows.length, rows.map(function (row, i) { return { name: row[0], step: i }; }));
    }
    block.addEventListener('change', choose);
    choose();
  }

  var aesStage = document.getElementById('aes-stage'), shaStage = document.getElementById('sha-stage');
  if (aesStage) { aes(aesStage); }
  if (shaStage) { sha(shaStage); }
  follow();
}());
