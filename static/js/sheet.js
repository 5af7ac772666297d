// The ledger as a sheet: cells are edited in their place. Every row is a form as well.
(function () {
	"use strict";
	var doc = document, $ = function (s, of) { return (of || doc).querySelector(s); };
	var all = function (s, of) { return Array.prototype.slice.call((of || doc).querySelectorAll(s)); };
	// One field, which moves: it lies unseen in the cell one is at, so that the first key,
	// or the first letter of a pinyin word, is typed into it, and shows once it is written in.
	var field = doc.createElement("textarea"), at = null, stood = "", anchor = null, mode = "", list = null, pick = -1, names = {}, sending = {}, last = null, timer = 0;
	field.className = "cellin";
	field.rows = 1;
	field.autocomplete = "off";

	function sheet() { return $("table[data-sheet]"); }
	function composing(e) { return e.isComposing || e.keyCode === 229; }
	function say(words, undo) {
		var toast = $("#toast");
		clearTimeout(timer);
		toast.textContent = words || "";
		if (undo) {
			var b = doc.createElement("button");
			b.type = "button";
			b.className = "btn btn--sm";
			b.textContent = sheet().getAttribute("data-undo");
			b.onclick = undone;
			toast.append(" ", b);
		}
		timer = setTimeout(function () { toast.textContent = ""; last = null; }, undo ? 10000 : 6000);
	}

	// Where things are: the columns that are edited, by their place, and the rows.
	function heads() { return all("thead th", sheet()); }
	function cellName(td) { var h = heads()[td.cellIndex]; return h ? h.getAttribute("data-cell") : null; }
	function rows() { return all("tr[data-item]", sheet()); }
	function next(td, down, right) {
		var list = rows(), r = list.indexOf(td.parentNode) + down, hs = heads(), c = td.cellIndex;
		if (right) {
			do c += right; while (hs[c] && !hs[c].getAttribute("data-cell"));
			if (!hs[c]) {
				r += right;
				c = right > 0 ? 0 : hs.length - 1;
				while (hs[c] && !hs[c].getAttribute("data-cell")) c += right;
			}
		}
		return list[r] && list[r].cells[c];
	}
	// What stands in a cell, as it is edited: the words, or the whole date.
	function valueOf(td) {
		if (td.hasAttribute("data-d")) return td.getAttribute("data-d");
		var a = $("a", td);
		return (td.classList.contains("t") && a ? a : td).innerText.trim();
	}

	// Going to a cell, and leaving it.
	function go(td, keep) {
		if (!td || !cellName(td)) return false;
		leave();
		at = td;
		stood = valueOf(td);
		if (!keep) anchor = td;
		mode = "";
		field.value = "";
		field.className = "cellin";
		var col = heads()[td.cellIndex], of = td.parentNode;
		field.setAttribute("aria-label", of.getAttribute("data-item") + " " + col.innerText.trim() + ": " + (stood || "-"));
		td.classList.add("cell--at");
		td.append(field);
		field.focus({ preventScroll: true });
		td.scrollIntoView({ block: "nearest", inline: "nearest" });
		mark();
		return true;
	}
	function leave() {
		closeList();
		all(".cell--at,.cell--in", sheet() || doc).forEach(function (td) { td.classList.remove("cell--at", "cell--in"); });
		if (field.parentNode) field.remove();
		at = null;
		mode = "";
	}
	function range() {
		if (!at || !anchor || !anchor.parentNode) return [];
		var list = rows(), a = list.indexOf(anchor.parentNode), z = list.indexOf(at.parentNode), from = Math.min(anchor.cellIndex, at.cellIndex), to = Math.max(anchor.cellIndex, at.cellIndex);
		return list.slice(Math.min(a, z), Math.max(a, z) + 1).map(function (r) {
			return Array.prototype.slice.call(r.cells, from, to + 1).filter(cellName);
		});
	}
	function mark() {
		all(".cell--of", sheet()).forEach(function (td) { td.classList.remove("cell--of"); });
		if (at !== anchor) range().forEach(function (r) { r.forEach(function (td) { td.classList.add("cell--of"); }); });
	}

	// Writing in a cell: with what stands there, or over it.
	function open(how) {
		if (!at || mode) return;
		if (!at.parentNode.hasAttribute("data-v")) { field.value = ""; say(sheet().getAttribute("data-shut")); return; }
		mode = how;
		at.classList.add("cell--in");
		field.classList.add("cellin--on");
		if (how === "edit") { field.value = stood; field.select(); }
		grow();
		offer();
	}
	function grow() { field.style.height = "auto"; field.style.height = Math.max(field.scrollHeight, at ? at.clientHeight : 0) + "px"; }
	function close() { var td = at; mode = ""; go(td); }

	// What a cell offers as one types: the beginning, any part, or the initials in pinyin.
	function offer() {
		var cell = cellName(at), row = at.parentNode, item = row.getAttribute("data-item");
		if (!/^(unit|tier|leader|owner|dept|cat)$/.test(cell)) return;
		var key = cell + " " + (/^(unit|tier|cat)$/.test(cell) ? "" : item), here = at;
		if (names[key]) { draw(names[key]); return; }
		fetch("/items/" + encodeURIComponent(item) + "/cells/" + cell + "/names", { headers: { "Accept": "application/json" } })
			.then(function (a) { return a.ok ? a.json() : []; })
			.then(function (all) { names[key] = all; if (at === here && mode) draw(all); }).catch(function () {});
	}
	function draw(words) {
		closeList();
		var typed = field.value.trim().toLowerCase(), touched = mode === "over" || typed !== stood.toLowerCase();
		var fits = words.filter(function (w) { return !touched || !typed || w[0].toLowerCase().indexOf(typed) >= 0 || w[1].indexOf(typed) === 0; }).slice(0, 8);
		if (!fits.length || fits.length === 1 && fits[0][0] === field.value.trim()) return;
		list = doc.createElement("ul");
		list.className = "celllist";
		list.id = "celllist";
		list.setAttribute("role", "listbox");
		list.words = words;
		fits.forEach(function (w, n) {
			var li = doc.createElement("li");
			li.id = "celllist-" + n;
			li.setAttribute("role", "option");
			li.textContent = w[0];
			li.onmousedown = function (e) { e.preventDefault(); field.value = w[0]; commit(0, 0); };
			list.append(li);
		});
		at.append(list);
		field.setAttribute("role", "combobox");
		field.setAttribute("aria-expanded", "true");
		field.setAttribute("aria-controls", "celllist");
		choose(mode === "over" && typed ? 0 : -1);
	}
	function choose(n) {
		pick = n;
		all("li", list).forEach(function (li, k) { li.setAttribute("aria-selected", String(k === n)); });
		if (n < 0) field.removeAttribute("aria-activedescendant"); else field.setAttribute("aria-activedescendant", "celllist-" + n);
	}
	function closeList() {
		if (list) list.remove();
		list = null;
		pick = -1;
		["role", "aria-expanded", "aria-controls", "aria-activedescendant"].forEach(function (a) { field.removeAttribute(a); });
	}

	// What was written goes to the server, one at a time of each row.
	function commit(down, right) {
		var td = at, was = stood, is = list && pick >= 0 ? all("li", list)[pick].textContent : field.value;
		var to = next(td, down, right) || td;
		mode = "";
		if (is.trim() === was.trim()) { go(to); return; }
		var form = new URLSearchParams();
		form.set(cellName(td), is);
		form.set("was_" + cellName(td), was);
		save(td, form);
		go(to);
	}
	function token() { var t = $("input[name=csrf]"); return t ? t.value : ""; }
	function wait(td, on) { td.classList.toggle("cell--wait", on); }
	function save(td, form) {
		var row = td.parentNode, item = row.getAttribute("data-item"), column = td.cellIndex;
		wait(td, true);
		sending[item] = (sending[item] || Promise.resolve()).then(function () {
			if (!form.get("version")) form.set("version", rowOf(item).getAttribute("data-v"));
			return send(item, "/cells", form, column);
		});
		return sending[item];
	}
	function rowOf(item) { return $("tr[data-item='" + item + "']", sheet()); }
	function send(item, to, form, column) {
		form.set("csrf", token());
		form.set("as", "row");
		form.set("from", sheet().getAttribute("data-sheet"));
		return fetch("/items/" + encodeURIComponent(item) + to, { method: "POST", body: form, headers: { "HX-Request": "true", "Accept": "text/html" } }).then(function (a) {
			return a.text().then(function (page) { answered(a.status, page, item, column); });
		}).catch(function () { failed(item, column); });
	}
	function failed(item, column) {
		var row = rowOf(item);
		if (row) wait(row.cells[column], false);
		say(sheet().getAttribute("data-broken"));
	}
	function answered(status, page, item, column) {
		var fresh = new DOMParser().parseFromString(page, "text/html"), old = rowOf(item), row = $("tr[data-item]", fresh), pop = $("form.cellpop", fresh);
		if (status === 401) { $("#signed-out").hidden = false; failed(item, column); return; }
		if (status === 200 && row) {
			var place = at && at.parentNode === old ? at.cellIndex : -1, typing = mode, words = field.value, held = anchor && anchor.parentNode === old ? anchor.cellIndex : -1;
			var box = $("input[name=no]", old);
			row = doc.adoptNode(row);
			$("input[name=no]", row).checked = box.checked;
			if (place >= 0) field.remove();
			old.replaceWith(row);
			if (held >= 0) anchor = row.cells[held];
			if (place >= 0) { // somebody writes on in the same row
				var keep = anchor;
				go(row.cells[place]);
				anchor = keep || at;
				if (typing) { open("over"); mode = typing; field.value = words; grow(); }
			}
			last = { item: item, column: column };
			say(sheet().getAttribute("data-saved"), true);
			return;
		}
		wait(old.cells[column], false);
		if (!pop) { failed(item, column); return; }
		show(doc.adoptNode(pop), item, column);
	}
	// Why a cell was not written stands at the cell, with what can be done about it.
	function show(pop, item, column) {
		var td = rowOf(item).cells[column];
		all(".cellpop").forEach(function (p) { p.remove(); });
		leave();
		td.append(pop);
		var way = $("input[name=reason]", pop) || $("button", pop);
		way.focus();
		pop.addEventListener("submit", function (e) {
			e.preventDefault();
			e.stopPropagation();
			var form = new URLSearchParams(new FormData(pop));
			pop.remove();
			save(td, form);
			go(td);
		});
		pop.addEventListener("click", function (e) {
			if (e.target.getAttribute("data-cell") === "leave") { pop.remove(); go(td); }
		});
		pop.addEventListener("keydown", function (e) {
			e.stopPropagation();
			if (e.key === "Escape") { pop.remove(); go(td); }
		});
	}
	function undone() {
		var of = last, row = of && rowOf(of.item), form = new URLSearchParams();
		if (!row) return;
		last = null;
		form.set("version", row.getAttribute("data-v"));
		sending[of.item] = (sending[of.item] || Promise.resolve()).then(function () { return send(of.item, "/cells/undoing", form, of.column); }).then(function () {
			if (last) { last = null; say(""); }
		});
	}

	// Keys. What they mean here they mean before the page's own.
	doc.addEventListener("keydown", function (e) {
		if (!sheet()) return;
		if (e.target !== field) {
			var row = e.target.closest && e.target.closest("tr[data-item]"), title = row && $("td.t", row);
			if (!row || !title || composing(e) || e.target.closest(".cellpop") || !heads().some(function (h) { return h.getAttribute("data-cell"); })) return;
			if (e.key === "F2" || e.key === "ArrowRight" || e.key === "ArrowDown" && e.target.tagName === "A") {
				e.preventDefault();
				e.stopImmediatePropagation();
				if (!go(title)) go(next(title, 0, 1));
				if (e.key === "F2") open("edit");
			}
			return;
		}
		e.stopImmediatePropagation();
		if (composing(e)) return;
		var arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key], ctrl = e.ctrlKey || e.metaKey;
		if (ctrl && /^z$/i.test(e.key) && !mode) { e.preventDefault(); undone(); return; }
		if (ctrl && /^d$/i.test(e.key) && !mode) { e.preventDefault(); fill(); return; }
		if (ctrl || e.altKey && e.key !== "Enter") return;
		if (e.key === "Escape") {
			e.preventDefault();
			if (list && mode && pick >= 0) closeList(); else if (mode) close(); else { var link = $("td.t a", at.parentNode); leave(); link.focus(); }
		} else if (e.key === "Enter" && e.altKey) {
			e.preventDefault();
			field.setRangeText("\n", field.selectionStart, field.selectionEnd, "end");
			grow();
		} else if (e.key === "Enter") {
			e.preventDefault();
			if (mode) commit(e.shiftKey ? -1 : 1, 0); else open("edit");
		} else if (e.key === "Tab") {
			var to = next(at, 0, e.shiftKey ? -1 : 1);
			if (mode) { e.preventDefault(); commit(0, e.shiftKey ? -1 : 1); }
			else if (to) { e.preventDefault(); go(to); }
		} else if (e.key === "F2") {
			e.preventDefault();
			open("edit");
		} else if (list && mode && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
			e.preventDefault();
			var most = all("li", list).length;
			choose(e.key === "ArrowDown" ? (pick + 1) % most : (Math.max(pick, 0) + most - 1) % most);
		} else if (arrows && (!mode || mode === "over")) {
			e.preventDefault();
			if (mode) commit(arrows[0], arrows[1]);
			else {
				var there = next(at, arrows[0], arrows[1]), from = anchor;
				if (there) { go(there, e.shiftKey); if (e.shiftKey) { anchor = from; mark(); } }
			}
		} else if ((e.key === "Delete" || e.key === "Backspace") && !mode) {
			e.preventDefault();
			open("over");
		}
	}, true);
	field.addEventListener("beforeinput", function (e) { // a break is written by Alt+Enter alone
		if (/^insert(LineBreak|Paragraph)$/.test(e.inputType)) e.preventDefault();
	});
	field.addEventListener("input", function () {
		if (!mode) { var typed = field.value; open("over"); if (mode) field.value = typed; }
		if (!mode) return;
		grow();
		if (list) draw(list.words); else offer();
	});
	field.addEventListener("compositionstart", function () { if (!mode) open("over"); });
	field.addEventListener("blur", function () {
		setTimeout(function () {
			if (!at || doc.activeElement === field || !doc.hasFocus()) return;
			if (mode && field.value.trim() !== stood.trim()) {
				var td = at, form = new URLSearchParams();
				form.set(cellName(td), field.value);
				form.set("was_" + cellName(td), stood);
				leave();
				save(td, form);
			} else leave();
		}, 0);
	});
	doc.addEventListener("mousedown", function (e) {
		var td = e.target.closest && e.target.closest("table[data-sheet] tr[data-item] td");
		if (!td || e.button !== 0 || e.target.closest("a, input, button, .cellpop, .celllist") || e.target === field || !cellName(td) || getComputedStyle(td).display !== "table-cell") return;
		e.preventDefault();
		if (mode) commit(0, 0);
		var from = anchor;
		go(td, e.shiftKey);
		if (e.shiftKey && from) { anchor = from; mark(); }
	});
	doc.addEventListener("dblclick", function (e) {
		if (at && at.contains(e.target)) open("edit");
	});

	// What is copied from a sheet has cells apart by tabs and rows by breaks; a cell with a
	// break in it stands in quotes.
	function cellsOf(words) {
		var block = [[""]], quoted = false, row = block[0];
		for (var n = 0; n < words.length; n++) {
			var c = words[n], fresh = row[row.length - 1] === "";
			if (quoted) {
				if (c !== '"') row[row.length - 1] += c;
				else if (words[n + 1] === '"') { row[row.length - 1] += c; n++; } else quoted = false;
			} else if (c === '"' && fresh) quoted = true;
			else if (c === "\t") row.push("");
			else if (c === "\n") block.push(row = [""]);
			else if (c !== "\r") row[row.length - 1] += c;
		}
		if (block.length > 1 && row.length === 1 && row[0] === "") block.pop();
		return block;
	}
	// A block goes to a page that says first what it would change.
	function sendBlock(block) {
		var list = rows(), top = list.indexOf(at.parentNode), left = at.cellIndex, skipped = {}, sent = { rows: [], over: Math.max(0, block.length - (list.length - top)) };
		block.slice(0, list.length - top).forEach(function (words, n) {
			var row = list[top + n], to = { no: row.getAttribute("data-item"), v: Number(row.getAttribute("data-v") || 0), cells: {} }, some = false;
			words.forEach(function (is, k) {
				var td = row.cells[left + k], cell = td && cellName(td);
				if (!cell) { skipped[k] = true; return; }
				to.cells[cell] = [td === at ? stood : valueOf(td), is];
				some = true;
			});
			if (some) sent.rows.push(to);
		});
		sent.skipped = Object.keys(skipped).length;
		var form = doc.createElement("form"), add = function (name, value) { var i = doc.createElement("input"); i.type = "hidden"; i.name = name; i.value = value; form.append(i); };
		form.method = "post";
		form.action = sheet().getAttribute("data-block");
		add("csrf", token());
		add("from", sheet().getAttribute("data-sheet"));
		add("block", JSON.stringify(sent));
		leave();
		doc.body.append(form);
		form.submit();
	}
	field.addEventListener("paste", function (e) {
		if (mode || !e.clipboardData) return;
		var words = e.clipboardData.getData("text/plain"), block = cellsOf(words);
		if (block.length === 1 && block[0].length === 1) return; // one cell is typed
		e.preventDefault();
		sendBlock(block);
	});
	field.addEventListener("copy", function (e) {
		if (mode || !e.clipboardData) return;
		e.preventDefault();
		e.clipboardData.setData("text/plain", range().map(function (r) { return r.map(function (td) { var w = td === at ? stood : valueOf(td); return /[\t\n"]/.test(w) ? '"' + w.replace(/"/g, '""') + '"' : w; }).join("\t"); }).join("\n"));
	});

	// Filling down: what stands in the first row of what is marked, or above, in all the rest.
	function fill() {
		var block = range(), top = block[0], from;
		if (block.length === 1) { from = next(at, -1, 0); top = top.map(function (td) { return from ? from.parentNode.cells[td.cellIndex] : td; }); } else block = block.slice(1);
		block.forEach(function (r) {
			r.forEach(function (td, n) {
				var is = valueOf(top[n]), was = valueOf(td), form = new URLSearchParams();
				if (is === was || !td.parentNode.hasAttribute("data-v")) return;
				form.set(cellName(td), is);
				form.set("was_" + cellName(td), was);
				save(td, form);
			});
		});
	}
})();
