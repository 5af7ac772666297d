// Small comforts; every page works without them.
(function () {
	"use strict";
	var doc = document;

	// A theme or a language is chosen by a form; the page only reflects it.

	function typing(el) {
		return el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));
	}

	// Keys: / searches, j and k walk the rows, e goes to the progress note.
	// Nothing happens while a text is being typed or composed.
	doc.addEventListener("keydown", function (e) {
		if (e.ctrlKey && e.key === "Enter" && e.target.form && e.target.tagName === "TEXTAREA") {
			if (!e.isComposing) e.target.form.requestSubmit();
			return;
		}
		if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing || e.keyCode === 229 || typing(e.target)) return;
		if (e.key === "/") {
			var q = doc.getElementById("q");
			if (q && q.offsetParent) { e.preventDefault(); q.focus(); q.select(); }
		} else if (e.key === "j" || e.key === "k") {
			var links = Array.prototype.slice.call(doc.querySelectorAll("td.t a, .t > a, .card__t a"));
			var at = links.indexOf(doc.activeElement) + (e.key === "j" ? 1 : -1);
			if (links[at]) links[at].focus();
		} else if (e.key === "e") {
			var note = doc.getElementById("progress-text");
			if (note) { e.preventDefault(); note.focus(); }
		}
	});

	// A menu closes when one clicks elsewhere or presses Escape.
	function closeMenus(except) {
		doc.querySelectorAll("details.menu-of[open], details.card__mv[open]").forEach(function (d) {
			if (d !== except) d.removeAttribute("open");
		});
	}
	doc.addEventListener("click", function (e) { closeMenus(e.target.closest("details")); });
	doc.addEventListener("keydown", function (e) { if (e.key === "Escape") closeMenus(null); });

	// What the buttons without an address do.
	doc.addEventListener("click", function (e) {
		var b = e.target.closest("[data-do]");
		if (!b) return;
		switch (b.getAttribute("data-do")) {
		case "print":
			window.print();
			break;
		case "copy":
			if (navigator.clipboard) {
				navigator.clipboard.writeText(location.href).then(function () { say(b.getAttribute("data-done")); });
			}
			break;
		case "show-password":
			var field = doc.getElementById(b.getAttribute("data-for"));
			field.type = field.type === "password" ? "text" : "password";
			b.setAttribute("aria-pressed", String(field.type === "text"));
			break;
		}
	});
	doc.querySelectorAll("[data-do][hidden]").forEach(function (b) { b.hidden = false; });

	function say(words) {
		var toast = doc.getElementById("toast");
		if (!toast || !words) return;
		toast.textContent = words;
		setTimeout(function () { if (toast.textContent === words) toast.textContent = ""; }, 6000);
	}

	// A choice in a filter takes effect at once; without scripts its button does it.
	doc.addEventListener("change", function (e) {
		var form = e.target.form;
		if (form && form.hasAttribute("data-at-once")) form.requestSubmit();
	});

	// What was typed into a note is kept in this window until it is saved.
	doc.querySelectorAll("textarea[data-draft]").forEach(function (area) {
		var key = "draft:" + area.getAttribute("data-draft");
		try {
			if (!area.value && sessionStorage.getItem(key)) area.value = sessionStorage.getItem(key);
			area.addEventListener("input", function () { sessionStorage.setItem(key, area.value); });
			if (area.getAttribute("data-saved") === "true") sessionStorage.removeItem(key);
		} catch (err) { /* no storage: the page still works */ }
	});

	// A form is sent once, however often its button is pressed.
	doc.addEventListener("submit", function (e) {
		var form = e.target;
		if (form.method !== "post") return;
		if (form.getAttribute("data-sent")) { e.preventDefault(); return; }
		form.setAttribute("data-sent", "true");
		setTimeout(function () { form.removeAttribute("data-sent"); }, 8000);
	});

	// A summary of what is wrong takes the focus.
	var wrong = doc.querySelector("[data-focus]");
	if (wrong) wrong.focus();

	// The session ended while a form was filled in: say so, keep the text.
	doc.addEventListener("htmx:response:error", function (e) {
		var ctx = e.detail && e.detail.ctx;
		var bar = doc.getElementById("signed-out");
		if (bar && ctx && ctx.response && ctx.response.status === 401) bar.hidden = false;
	});
})();
