// Small comforts; every page works without them.
(function () {
	"use strict";
	var doc = document, $ = function (s, of) { return (of || doc).querySelector(s); };
	var all = function (s, of) { return Array.prototype.slice.call((of || doc).querySelectorAll(s)); };
	var store = function (of, key, value) { // private windows have none
		try {
			if (value === undefined) return of.getItem(key);
			if (value === null) of.removeItem(key); else of.setItem(key, value);
		} catch (err) { return null; }
	};

	function say(words) {
		var toast = $("#toast");
		if (!toast || !words) return;
		toast.textContent = words;
		setTimeout(function () { if (toast.textContent === words) toast.textContent = ""; }, 6000);
	}

	// Keys. Nothing happens while a text is being typed or composed: the Enter that
	// ends a pinyin word is not an Enter, though it may look like one.
	function composing(e) { return e.isComposing || e.keyCode === 229; }
	function typing(el) {
		return el.isContentEditable || /^(TEXTAREA|SELECT)$/.test(el.tagName) || el.tagName === "INPUT" && !/^(checkbox|radio)$/.test(el.type);
	}
	function rows() { return all("[data-item]").filter(function (r) { return r.getClientRects().length; }); }
	function rowOf(el) { return el && el.closest && el.closest("[data-item]"); }
	function step(by) {
		var list = rows(), at = list.indexOf(rowOf(doc.activeElement)), to = list[at < 0 ? (by > 0 ? 0 : -1) : at + by];
		if (to) $("td.t a, .t > a, .card__t a, a", to).focus();
	}
	var went = 0, places = { b: "/board", l: "/items", o: "/overdue", d: "/digests", n: "/notices" };
	doc.addEventListener("keydown", function (e) {
		var el = e.target, caps = el.type === "password" && e.getModifierState && $("[data-caps='" + el.id + "']");
		if (caps) caps.hidden = !e.getModifierState("CapsLock");
		if (e.key === "Escape") closeMenus(null);
		if (composing(e)) return;
		if (e.ctrlKey && e.key === "Enter" && el.tagName === "TEXTAREA" && el.form) { el.form.requestSubmit(); return; }
		if (e.ctrlKey || e.altKey || e.metaKey || typing(el)) return;
		var row = rowOf(doc.activeElement), note = $("#progress-text"), q = $("#q"), box = row && $("input[name=no]", row);
		if (went && Date.now() - went < 1500 && places[e.key]) {
			var link = $("a[href='" + places[e.key] + "']");
			if (link) location.href = link.href;
		} else if (e.key === "/" && q && q.getClientRects().length) {
			e.preventDefault();
			q.focus();
			q.select();
		} else if (e.key === "j") step(1);
		else if (e.key === "k") step(-1);
		else if (e.key === "x" && box) box.click();
		else if (e.key === "m" && row && $("summary", row)) { $("details", row).open = true; $(".menu a", row).focus(); }
		else if (e.key === "e" && note) { e.preventDefault(); note.focus(); }
		else if (e.key === "?") location.href = "/help/rules#keys";
		went = e.key === "g" ? Date.now() : 0;
	});
	// A menu closes when one clicks elsewhere or presses Escape.
	function closeMenus(except) {
		all("details.menu-of[open], details.card__mv[open]").forEach(function (d) {
			if (d === except) return;
			if (d.contains(doc.activeElement)) $("summary", d).focus();
			d.removeAttribute("open");
		});
	}
	doc.addEventListener("click", function (e) { closeMenus(e.target.closest("details")); });

	// What the buttons without an address do.
	doc.addEventListener("click", function (e) {
		var b = e.target.closest("[data-do]");
		switch (b && b.getAttribute("data-do")) {
		case "print":
			window.print();
			break;
		case "copy":
			copy(location.href).then(function () { say(b.getAttribute("data-done")); });
			break;
		case "show-password":
			var field = doc.getElementById(b.getAttribute("data-for"));
			field.type = field.type === "password" ? "text" : "password";
			b.setAttribute("aria-pressed", String(field.type === "text"));
			break;
		case "all":
			all("input[name=no]", b.form).forEach(function (box) { box.checked = b.checked; });
			chosen(b.form);
		}
	});
	// The clipboard is there only over https; many offices serve http.
	function copy(words) {
		if (navigator.clipboard) return navigator.clipboard.writeText(words);
		var area = doc.createElement("textarea");
		area.value = words;
		doc.body.appendChild(area);
		area.select();
		doc.execCommand("copy");
		area.remove();
		return Promise.resolve();
	}

	// Rows are chosen one by one, or with Shift from the last one to this; the bar
	// says how many, and whose.
	var last;
	function chosen(form) {
		var bar = form && $(".bulk", form), words = bar && $("[data-chosen]", bar), of = {};
		if (!bar) return;
		var boxes = all("input[name=no]:checked", form), head = $("[data-do=all]", form);
		all("tr[data-item]", form).forEach(function (r) {
			if ($("input[name=no]:checked", r)) r.setAttribute("aria-selected", "true"); else r.removeAttribute("aria-selected");
		});
		boxes.forEach(function (b) { var u = b.getAttribute("data-unit"); of[u] = (of[u] || 0) + 1; });
		words.textContent = words.getAttribute("data-chosen").replace("{n}", boxes.length)
			.replace("{units}", Object.keys(of).map(function (u) { return u + " " + of[u]; }).join(words.getAttribute("data-and")));
		bar.hidden = !boxes.length;
		if (head) head.checked = boxes.length > 0 && boxes.length === all("input[name=no]", form).length;
	}
	doc.addEventListener("click", function (e) {
		if (e.target.name !== "no" || e.target.type !== "checkbox") return;
		var boxes = all("input[name=no]", e.target.form), at = boxes.indexOf(e.target), from = boxes.indexOf(last);
		if (e.shiftKey && from >= 0) boxes.slice(Math.min(at, from), Math.max(at, from) + 1).forEach(function (b) { b.checked = e.target.checked; });
		last = e.target;
		chosen(e.target.form);
	});
	doc.addEventListener("reset", function (e) { setTimeout(chosen, 0, e.target); });

	// What is typed into a form is kept by the server until it is sent, theirs alone: it is back
	// on any machine. While it cannot be had, this window keeps it.
	var said = $("#draft-words"), me = doc.body.getAttribute("data-me");
	function words(name) { return said.getAttribute("data-" + name); }
	function placeOf(form) { return form.getAttribute("action"); }
	function drafted(form) { return said && form.method === "post" && form.hasAttribute("action") && form.closest("main") && $("textarea:not([readonly]), .plan__text", form); }
	function typedIn(form) {
		return all("input[name], textarea[name], select[name]", form).filter(function (f) { return !/^(hidden|password|file|submit|button|search)$/.test(f.type); });
	}
	function valuesOf(form) { // of what was changed
		var values = [];
		typedIn(form).forEach(function (f) {
			var box = /^(checkbox|radio)$/.test(f.type);
			var same = box ? f.checked === f.defaultChecked : f.tagName === "SELECT" ? all("option", f).every(function (o) { return o.selected === o.defaultSelected; }) || f.selectedIndex === 0 && !all("option", f).some(function (o) { return o.defaultSelected; }) : f.value === f.defaultValue;
			if (!same && (!box || f.checked)) values.push(["f." + f.name, f.value]);
		});
		return values;
	}
	function tokenOf(form) { var f = $("input[name=csrf]", form); return f ? f.value : ""; }
	function marked(form) { // so that what was kept of it goes when it is done
		var mark = doc.createElement("input");
		mark.type = "hidden";
		mark.name = "draft";
		mark.value = "1";
		if (!$("input[name=draft]", form)) form.appendChild(mark);
	}
	function noted(form, text, dropping) {
		var note = $("[data-draft-note]", form), drop;
		if (!note) {
			note = doc.createElement("p");
			note.className = "mut draft-note";
			note.setAttribute("data-draft-note", "");
			note.setAttribute("role", "status");
			form.appendChild(note);
		}
		note.textContent = text;
		if (!dropping) return;
		drop = doc.createElement("button");
		drop.type = "button";
		drop.className = "linkish";
		drop.textContent = words("drop");
		drop.onclick = function () {
			form.reset();
			keep(form);
			note.textContent = "";
		};
		note.append(" ", drop);
	}
	function keep(form) {
		var body = new URLSearchParams(valuesOf(form).concat([["place", placeOf(form)], ["csrf", tokenOf(form)]]));
		clearTimeout(form.keeping);
		form.keeping = null;
		store(sessionStorage, "draft:" + placeOf(form), JSON.stringify(valuesOf(form)));
		form.kept = fetch("/drafts", { method: "POST", body: body, keepalive: body.toString().length < 60000 }).then(function (a) {
			if (!a.ok) return;
			store(sessionStorage, "draft:" + placeOf(form), null);
			if (valuesOf(form).length) noted(form, words("kept"));
		}).catch(function () {});
		return form.kept;
	}
	doc.addEventListener("input", function (e) {
		var form = e.target.form;
		if (!form || !drafted(form) || form.going) return;
		clearTimeout(form.keeping);
		form.keeping = setTimeout(keep, 600, form);
	});
	window.addEventListener("pagehide", function () {
		all("form").forEach(function (form) { if (form.keeping && !form.going) keep(form); });
	});
	function putBack(form, fields, at) {
		var left = {}, done = false;
		if (valuesOf(form).length) return; // typed meanwhile
		Object.keys(fields).forEach(function (name) { left[name] = fields[name].slice(); });
		typedIn(form).forEach(function (f) {
			var these = left[f.name] || [], n;
			if (/^(checkbox|radio)$/.test(f.type)) {
				n = these.indexOf(f.value);
				if (n >= 0) { f.checked = true; these.splice(n, 1); done = true; }
			} else if (these.length && f.value !== these[0]) { f.value = these.shift(); done = true; }
		});
		if (!done) return;
		for (var up = form.parentElement; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
		noted(form, at ? words("back").replace("{at}", at) : words("kept"), true);
	}
	function comeBack() {
		var forms = all("form").filter(drafted), places = forms.map(placeOf);
		forms.forEach(marked);
		// A page that shows what was typed, and why it was not taken, has it already.
		if (!forms.length || $("main [role=alert]") || $("#restored")) return;
		fetch("/drafts?" + places.map(function (p) { return "place=" + encodeURIComponent(p); }).join("&")).then(function (a) { return a.ok ? a.json() : []; }).catch(function () { return []; }).then(function (drafts) {
			forms.forEach(function (form) {
				var own = {}, here = JSON.parse(store(sessionStorage, "draft:" + placeOf(form)) || "[]"), there = drafts.filter(function (d) { return d.place === placeOf(form); })[0];
				here.forEach(function (pair) { var name = pair[0].slice(2); (own[name] = own[name] || []).push(pair[1]); });
				if (here.length) { putBack(form, own, ""); keep(form); } else if (there) putBack(form, there.fields, there.at);
			});
			doc.documentElement.setAttribute("data-drafts", "there");
		});
	}

	// Before something typed or chosen is sent the page asks whose session it is. One that has
	// ended is begun anew beside, and then it is sent; a page of another session gets the token
	// of this one. What cannot be sent stays where it is.
	var pending = null;
	function signedOut(how) {
		$("#signed-out span").textContent = $("#signed-out").getAttribute("data-" + how);
		$("#signed-out").hidden = false;
	}
	function alive(form, then, failed) {
		fetch("/session", { headers: { "Accept": "application/json" } }).then(function (a) { return a.status === 401 ? null : a.json(); }).then(function (now) {
			if (now && me && String(now.me) !== me) { say(words("other")); return; }
			if (!now) {
				pending = function () { alive(form, then, failed); };
				signedOut("waits");
				$("#signed-out").scrollIntoView({ block: "nearest" });
				$("#signed-out a").focus();
				return;
			}
			pending = null;
			$("#signed-out").hidden = true;
			all("input[name=csrf]").forEach(function (f) { f.value = now.csrf; });
			then();
		}).catch(function () { if (failed) failed(); else say(words("unsent")); });
	}
	function backHere() { if (pending && !doc.hidden) pending(); }
	window.addEventListener("focus", backHere);
	doc.addEventListener("visibilitychange", backHere);
	if (window.BroadcastChannel) new BroadcastChannel("duban").onmessage = function () { if (pending) pending(); };
	if (window.BroadcastChannel && me) new BroadcastChannel("duban").postMessage("signed in");
	function worth(form) { return me && said && form.method === "post" && typedIn(form).concat(all("input[type=file]", form)).length > 0; }

	// Files: chosen, dropped or pasted, told what is wrong before they are sent, and sent
	// with a bar that says how far they are. What is refused leaves the page as it was.
	function fileSize(n) { return n < 1048576 ? Math.max(1, n >> 10) + " KB" : (n / 1048576).toFixed(1) + " MB"; }
	function filesForm(form) {
		var input = $("input[type=file]", form), list = $(".ev-chosen", form), bar = $(".ev-bar", form), words = $(".ev-say", form);
		var on = function (name) { return form.getAttribute("data-" + name); }, chosen = [], sending = null;
		if (!window.FormData || !window.DataTransfer || !input) return;
		var most = Number(on("mb")) * 1048576, endings = input.accept.split(",");
		$(".ev-drop", form).hidden = false;
		input.classList.add("vh");
		input.labels[0].classList.add("vh");
		function wrong(f) {
			var ending = (/\.[^.]*$/.exec(f.name) || [""])[0].toLowerCase();
			var key = endings.indexOf(ending) < 0 ? "ending" : f.size > most ? "large" : "";
			return key && on(key).replace("{name}", f.name).replace("{mb}", on("mb"));
		}
		function draw() {
			list.textContent = "";
			chosen.forEach(function (f) {
				var li = doc.createElement("li"), name = doc.createElement("span"), size = doc.createElement("small"), off = doc.createElement("button"), bad = wrong(f);
				name.textContent = bad || f.name;
				if (bad) name.className = "bad"; else size.textContent = fileSize(f.size);
				off.type = "button";
				off.className = "linkish";
				off.textContent = on("remove");
				off.setAttribute("aria-label", on("remove") + " " + f.name);
				off.onclick = function () { chosen.splice(chosen.indexOf(f), 1); draw(); };
				li.append(name, size, off);
				list.append(li);
			});
			if (chosen.length > Number(on("most"))) words.textContent = on("many").replace("{most}", on("most"));
			else if (!sending) words.textContent = "";
		}
		function add(files) {
			Array.prototype.forEach.call(files, function (f) {
				if (!chosen.some(function (c) { return c.name === f.name && c.size === f.size && c.lastModified === f.lastModified; })) chosen.push(f);
			});
			input.value = "";
			draw();
		}
		input.addEventListener("change", function () { add(input.files); });
		form.dropped = add;
		// A picture that is pasted has no name of its own: it gets the moment.
		form.pasted = function (files) {
			add(Array.prototype.map.call(files, function (f) {
				if (!/^image\.png$/.test(f.name)) return f;
				var at = new Date(), two = function (n) { return (n < 10 ? "0" : "") + n; };
				var name = on("pasted") + " " + at.getFullYear() + two(at.getMonth() + 1) + two(at.getDate()) + "-" + two(at.getHours()) + two(at.getMinutes()) + two(at.getSeconds()) + ".png";
				return new File([f], name, { type: f.type, lastModified: at.getTime() });
			}));
			form.scrollIntoView({ block: "nearest" });
		};
		form.addEventListener("submit", function (e) {
			if (!chosen.length && !sending) return; // words alone go the plain way
			e.stopImmediatePropagation();
			e.preventDefault();
			var bad = chosen.filter(wrong)[0];
			if (bad) words.textContent = wrong(bad);
			if (sending || bad || chosen.length > Number(on("most"))) return;
			alive(form, send, function () { words.textContent = on("broken"); });
		});
		function send() {
			if (sending) return;
			form.going = true;
			var data = new FormData(form);
			data.delete("files"); // the words first, as in the form, and the files after them
			chosen.forEach(function (f) { data.append("files", f, f.name); });
			sending = new XMLHttpRequest();
			sending.open("POST", form.action);
			sending.setRequestHeader("HX-Request", "true");
			sending.responseType = "document";
			sending.overrideMimeType("text/html"); // an answer without a page is no broken one
			bar.hidden = false;
			sending.upload.onprogress = function (p) {
				bar.value = p.total ? 100 * p.loaded / p.total : 0;
				words.textContent = on("sending").replace("{done}", fileSize(p.loaded)).replace("{all}", fileSize(p.total));
			};
			sending.upload.onload = function () { words.textContent = on("storing"); };
			var end = function (said) { sending = null; form.going = false; bar.hidden = true; words.textContent = said || ""; };
			sending.onerror = sending.onabort = sending.ontimeout = function () { end(on("broken")); };
			sending.onload = function () {
				var to = this.getResponseHeader("HX-Redirect"), page = this.response, fresh = page && $("#evidence", page);
				if (to) {
					if (to.split("#")[0] === location.pathname + location.search) location.reload();
					location.href = to;
					return;
				}
				end();
				if (this.status === 401) { alive(form, send); return; }
				if (!fresh) { words.textContent = page && $("[role=alert] p", page) ? $("[role=alert] p", page).textContent : on("broken"); return; }
				$("#evidence").replaceWith(doc.adoptNode(fresh));
				all("form[data-files]").forEach(filesForm);
				var alert = $("#evidence [data-focus]") || $("#evidence");
				alert.scrollIntoView({ block: "nearest" });
				alert.focus();
			};
			sending.send(data);
		}
	}
	// Wherever on the page files are dropped, they go to its form; else the browser would
	// open them in the page's place, and what was typed would be gone.
	["dragover", "dragleave", "drop"].forEach(function (kind) {
		doc.addEventListener(kind, function (e) {
			var form = $("form[data-files]"), held = e.dataTransfer;
			if (!form || !form.dropped || !held || Array.prototype.indexOf.call(held.types, "Files") < 0) return;
			e.preventDefault();
			form.classList.toggle("is-over", kind === "dragover");
			if (kind === "drop") form.dropped(held.files);
		});
	});
	doc.addEventListener("paste", function (e) {
		var form = $("form[data-files]"), files = e.clipboardData && e.clipboardData.files;
		if (form && form.pasted && files && files.length) { e.preventDefault(); form.pasted(files); }
	});
	all("form[data-files]").forEach(filesForm);

	// A ledger is sent with a bar and can be broken off; what comes back is the next page, or
	// the form again with what is wrong.
	function sentOff(form) {
		var way = $("[data-sending-off]", form), words = $("p", way), bar = $("progress", way), sending;
		var on = function (word) { return form.getAttribute("data-" + word); };
		$("button", way).addEventListener("click", function () { if (sending) sending.abort(); });
		form.addEventListener("submit", function (e) {
			e.preventDefault();
			e.stopImmediatePropagation();
			if (sending) return;
			alive(form, send, function () { way.hidden = false; words.textContent = on("broken"); });
		});
		function send() {
			if (sending) return;
			var end = function (said) { sending = null; bar.hidden = true; $("button", way).hidden = true; words.textContent = said; };
			sending = new XMLHttpRequest();
			sending.open("POST", form.action);
			sending.responseType = "document";
			way.hidden = bar.hidden = $("button", way).hidden = false;
			words.textContent = "";
			sending.upload.onprogress = function (p) {
				bar.value = p.total ? 100 * p.loaded / p.total : 0;
				words.textContent = on("sending").replace("{done}", fileSize(p.loaded)).replace("{all}", fileSize(p.total));
			};
			sending.upload.onload = function () { bar.removeAttribute("value"); words.textContent = on("reading"); };
			sending.onerror = sending.onabort = sending.ontimeout = function () { end(on("broken")); };
			sending.onload = function () {
				var main = this.response && $("main", this.response);
				if (this.status < 400 && this.responseURL) { location.href = this.responseURL; return; }
				if (this.status === 401) { end(""); alive(form, send); return; }
				if (!main) { end(on("broken")); return; }
				$("main").replaceWith(doc.adoptNode(main));
				all("form[data-sent-off]").forEach(sentOff);
				var wrong = $("[data-focus]") || $("[role=alert]");
				if (wrong) wrong.focus();
			};
			sending.send(new FormData(form));
		}
	}
	all("form[data-sent-off]").forEach(sentOff);

	// A page that waits for something looks again by itself, and goes on when it is over.
	(function again() {
		if (!$("[data-wait]")) return;
		setTimeout(function () {
			fetch(location.href, { headers: { "Accept": "text/html" } }).then(function (a) {
				return a.text().then(function (page) {
					var fresh = $("[data-wait]", new DOMParser().parseFromString(page, "text/html"));
					if (!a.ok || !fresh) { location.replace(a.ok ? a.url : location.href); return; }
					["[role=status]", "progress"].forEach(function (what) { $(what, $("[data-wait]")).replaceWith(doc.adoptNode($(what, fresh))); });
					again();
				});
			}).catch(again);
		}, 400);
	})();

	// A table that is pasted brings its merged cells along as HTML, which is sent beside its
	// text until the text is changed. More than the server takes is left out.
	doc.addEventListener("paste", function (e) {
		var box = e.target.closest && e.target.closest("[data-paste]");
		if (!box || !e.clipboardData) return;
		var html = e.clipboardData.getData("text/html"), words = $("[role=status]", box), area = $("textarea", box);
		var table = /<tr[\s>]/i.test(html) && html.length < 3e6;
		setTimeout(function () {
			$("[name=pasted_html]", box).value = table ? html : "";
			words.textContent = table ? words.getAttribute("data-words") : "";
			area.oninput = function () { $("[name=pasted_html]", box).value = words.textContent = ""; area.oninput = null; };
		});
	});

	// A form is sent once, however often its button is pressed.
	doc.addEventListener("submit", function (e) {
		var form = e.target;
		if (form.method !== "post") return;
		if (form.getAttribute("data-sent")) { e.preventDefault(); return; }
		if (worth(form) && !form.going) {
			var by = e.submitter;
			e.preventDefault();
			alive(form, function () {
				clearTimeout(form.keeping); // what is on its way goes first, what would come after is not kept
				form.keeping = null;
				form.going = true;
				Promise.resolve(form.kept).then(function () {
					store(sessionStorage, "draft:" + placeOf(form), null);
					form.requestSubmit(by || undefined);
				});
			});
			return;
		}
		form.setAttribute("data-sent", "true");
		setTimeout(function () { form.removeAttribute("data-sent"); form.going = false; }, 8000);
	});

	// A page that is new, and a list that was changed in its place.
	function dress() {
		all("[data-do][hidden]").forEach(function (b) { b.hidden = false; });
		all("form .bulk").forEach(function (b) { chosen(b.closest("form")); });
		all("details[data-lane]").forEach(function (d) {
			var key = "lane:" + d.getAttribute("data-lane");
			if (store(localStorage, key) === "shut") d.removeAttribute("open");
			d.ontoggle = function () { store(localStorage, key, d.open ? null : "shut"); };
		});
	}
	dress();
	comeBack();
	doc.addEventListener("htmx:after:swap", dress);
	var wrong = $("[data-focus]");
	if (wrong) wrong.focus();

	// The bell says how many notices are unread, as they come. Only the window that is
	// looked at keeps a line open: a browser has few of them for one server.
	var bell = $("[data-live]"), line;
	function ring(n) {
		var count = $(".count", bell);
		count.textContent = n;
		count.hidden = n === 0;
		bell.setAttribute("aria-label", bell.getAttribute("data-label").replace("{n}", n));
	}
	function listen() {
		if (doc.hidden || !bell || !window.EventSource) {
			if (line) line.close();
			line = null;
		} else if (!line || line.readyState === 2) {
			line = new EventSource(bell.getAttribute("data-live"));
			line.addEventListener("unread", function (e) { ring(Number(e.data)); });
		}
	}
	doc.addEventListener("visibilitychange", listen);
	window.addEventListener("pagehide", function () { if (line) line.close(); line = null; });
	window.addEventListener("pageshow", listen);

	// A list that cannot be had: the session has ended, or the answer is a page.
	function elsewhere(e) {
		var ctx = e.detail && e.detail.ctx, status = ctx && ctx.response && ctx.response.status;
		if (status && (status < 400 || status === 422)) return; // 422 is the form again, with what is wrong
		e.preventDefault();
		if (status === 401) signedOut("ended");
		else if (ctx) location.href = ctx.request.method === "GET" ? ctx.request.action : location.href;
	}
	doc.addEventListener("htmx:before:response", elsewhere);
	doc.addEventListener("htmx:error", elsewhere);
})();
